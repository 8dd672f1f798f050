using System.Buffers.Text;
using Tandem.Media.Srtp;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Sdp;
using Tandem.Switching.MediaProxy;

namespace Tandem.Switching.Calls;

/// <summary>
/// What one leg of a call has agreed on about keys, line by line (RFC 4568, RFC 8643). Legs whose device has <c>srtp</c> off have none. Our keys are drawn once for each suite
/// and line and are this leg's alone: who takes its place is given others.
/// </summary>
internal sealed class LegSrtp(SrtpPolicy policy, EntropySource entropy)
{
    private readonly List<Line> _lines = new(1);

    internal SrtpPolicy Policy { get; } = policy;

    /// <summary>Whether a line of the leg's description can be relayed: with keys we can use, or without any where that is permitted.</summary>
    internal bool Permits(MediaDescription media) => TryChoose(media, out _, out _) || (Policy != SrtpPolicy.Required && !media.IsSecure);

    /// <summary>The leg said what it wants, as offer or answer.</summary>
    internal void Hear(SessionDescription said)
    {
        for (int i = 0; i < said.MediaCount; i++)
        {
            MediaDescription media = said.Media(i);
            if (media.Rejected || media.IsUdptl) continue;
            Line line = At(i);
            line.Heard = true;
            line.Profile = media.IsSecure;
            line.Theirs = TryChoose(media, out SrtpKey? key, out int tag) ? key : null;
            line.Tag = tag;
        }
    }

    /// <summary>The keys of a line: what we send with, and what we receive with; null where it is not encrypted.</summary>
    internal (SrtpKey? Send, SrtpKey? Receive) KeysOf(int index)
    {
        Line line = At(index);
        return line.Theirs is { } theirs ? (Ours(line, theirs.Suite), theirs) : default;
    }

    /// <summary>
    /// The line as the leg is told it: what it agreed to or asked for once it has said so, else an offer of all we can. Optional offers keep the profile
    /// RTP/AVP (RFC 8643 §3.1), which those who know nothing of it take for what it is.
    /// </summary>
    internal RelayedLine Tell(int index, int port)
    {
        Line line = At(index);
        if (line.Heard && line.Theirs is null) return new RelayedLine { Port = port };
        Span<byte> room = stackalloc byte[640];
        var w = new ByteWriter(room);
        if (line.Theirs is { } theirs) WriteCrypto(ref w, line.Tag, Ours(line, theirs.Suite));
        else
        {
            int tag = 0;
            foreach (SrtpSuite suite in SrtpSuites.Offered) WriteCrypto(ref w, ++tag, Ours(line, suite));
        }
        return new RelayedLine { Port = port, Secure = line.Heard ? line.Profile : Policy == SrtpPolicy.Required, Crypto = w.Written.ToArray() };
    }

    // The first of the offerer's that we have (RFC 4568 §5.1.2); an answer has one.
    private static bool TryChoose(MediaDescription media, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SrtpKey? key, out int tag)
    {
        Span<byte> bytes = stackalloc byte[SrtpSuites.MostKeyBytes + 4];
        foreach (ReadOnlySpan<byte> attribute in media.Attributes)
        {
            if (!CryptoAttribute.TryParse(attribute, out CryptoAttribute crypto) || !SrtpSuites.TryParse(crypto.Suite, out SrtpSuite suite)) continue;
            if (Base64.DecodeFromUtf8(crypto.Key, bytes, out int read, out int length) != System.Buffers.OperationStatus.Done || read != crypto.Key.Length) continue;
            if (length != suite.KeyBytes() + suite.SaltBytes()) continue;
            key = new SrtpKey(suite, bytes[..length]);
            tag = crypto.Tag;
            return true;
        }
        key = null;
        tag = 0;
        return false;
    }

    private SrtpKey Ours(Line line, SrtpSuite suite)
    {
        if (line.Ours[(int)suite] is { } drawn) return drawn;
        Span<byte> bytes = stackalloc byte[SrtpSuites.MostKeyBytes];
        bytes = bytes[..(suite.KeyBytes() + suite.SaltBytes())];
        entropy.Fill(bytes);
        return line.Ours[(int)suite] = new SrtpKey(suite, bytes);
    }

    private static void WriteCrypto(ref ByteWriter w, int tag, SrtpKey key)
    {
        Span<byte> text = stackalloc byte[64];
        Base64.EncodeToUtf8(key.Bytes, text, out _, out int length);
        w.Text("a=crypto:"u8);
        w.Decimal(tag);
        w.Text((byte)' ');
        w.Text(key.Suite.Name());
        w.Text(" inline:"u8);
        w.Text(text[..length]);
        w.Text("\r\n"u8);
    }

    private Line At(int index)
    {
        while (_lines.Count <= index) _lines.Add(new Line());
        return _lines[index];
    }

    private sealed class Line
    {
        public readonly SrtpKey?[] Ours = new SrtpKey?[SrtpSuites.Offered.Length];
        public SrtpKey? Theirs;
        public int Tag;
        public bool Heard;
        public bool Profile;
    }
}
