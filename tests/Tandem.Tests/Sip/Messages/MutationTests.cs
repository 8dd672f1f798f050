using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;

namespace Tandem.Tests.Sip.Messages;

/// <summary>Valid messages, damaged at random from a fixed seed: whatever comes, nothing throws, and what is answered is sound.</summary>
public sealed class MutationTests
{
    private const int Mutations = 200_000;

    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", "\r\n ", "\0", "\"", "<", ">", ";", ",", ":", "=", "@", "%", "[", "]", "\\", " ", "\t", "SIP/2.0", "99999999999999999999", "-1",
        "Via: ", "v:", ";tag=", ";branch=", ";rport", "Content-Length: 70000\r\n", "\r\n\r\n", "m=audio 1 RTP/AVP 0\r\n", "c=IN IP6 ::\r\n", "\xff\xfe",
    ];

    [Fact]
    public void Two_hundred_thousand_damaged_messages_neither_throw_nor_break_an_answer()
    {
        byte[][] seeds = [SipText.Bytes(SipText.InviteWithOffer), .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Sip", "Torture"), "*.sip")
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Where(static b => b.Length < 2048)];
        byte[][] pieces = [.. Pieces.Select(System.Text.Encoding.Latin1.GetBytes)];
        var random = new SeededEntropy(20_475);
        byte[] buffer = new byte[8192];
        byte[] answer = new byte[65_536];
        var reader = new Reader();
        int answered = 0, whole = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] seed = i % 2 == 0 ? seeds[0] : seeds[random.Below(seeds.Length)];
            seed.CopyTo(buffer, 0);
            int length = seed.Length;
            for (int edits = 1 + random.Below(4); edits > 0; edits--) length = Damage(random, buffer, length, pieces);
            if (!reader.Read(buffer, length)) continue;
            whole++;
            if (reader.Answer(answer)) answered++;
        }
        // The damage must leave enough alive to have tested something, and kill enough to have tested the rest.
        Assert.InRange(whole, Mutations / 20, Mutations * 19 / 20);
        Assert.InRange(answered, Mutations / 20, Mutations);
    }

    [Fact]
    public void Noise_is_never_a_message()
    {
        var random = new SeededEntropy(7);
        byte[] noise = new byte[600];
        var message = new SipMessage();
        for (int i = 0; i < 2_000; i++)
        {
            random.Fill(noise);
            Assert.NotEqual(SipDefect.None, message.Parse(noise, 0, 1 + random.Below(noise.Length)));
            Assert.False(message.CanBeAnswered);
        }
    }

    private static int Damage(SeededEntropy random, byte[] buffer, int length, byte[][] pieces)
    {
        if (length == 0) return 0;
        int at = random.Below(length);
        switch (random.Below(5))
        {
            case 0: // another byte
                buffer[at] = (byte)random.Below(256);
                return length;
            case 1: // cut
                return random.Below(4) == 0 ? at : length;
            case 2: // a run lost
                int lost = Math.Min(1 + random.Below(20), length - at);
                buffer.AsSpan(at + lost, length - at - lost).CopyTo(buffer.AsSpan(at));
                return length - lost;
            case 3: // a run twice
                int run = Math.Min(1 + random.Below(60), length - at);
                if (length + run > buffer.Length) return length;
                buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + run));
                return length + run;
            default: // a piece of grammar where it does not belong
                byte[] piece = pieces[random.Below(pieces.Length)];
                if (length + piece.Length > buffer.Length) return length;
                buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + piece.Length));
                piece.CopyTo(buffer, at);
                return length + piece.Length;
        }
    }

    /// <summary>Asks a message everything there is to ask.</summary>
    private sealed class Reader
    {
        private readonly SipMessage _message = new();
        private readonly SipMessage _answer = new();
        private readonly SessionDescription _session = new();
        private int _sum;

        // A description fits itself, but for one that offers nothing to talk with.
        private static readonly OfferAnswer.Mismatch[] SameWithItself =
            [OfferAnswer.Mismatch.None, OfferAnswer.Mismatch.NoCommonFormat, OfferAnswer.Mismatch.NothingAccepted];

        /// <summary>True when the message had no defect.</summary>
        public bool Read(byte[] buffer, int length)
        {
            SipDefect defect = _message.Parse(buffer, 0, length);
            foreach (SipMessage.HeaderSlot header in _message.Headers)
            {
                _sum += header.Value.Length + header.NameBytes.Length;
                if (DigestCredentials.TryParse(header.Value, out _)) _sum++;
                if (DigestChallenge.TryParse(header.Value, out _)) _sum++;
                if (header.Name == HeaderName.Other) continue;
                foreach (ReadOnlySpan<byte> value in _message.Values(header.Name))
                {
                    if (ViaParm.TryParse(value, out _)) _sum++;
                    if (!NameAddress.TryParse(value, out NameAddress address)) continue;
                    if (address.TryGetParam("nothing"u8, out _)) _sum++;
                    if (SipUri.TryParse(address.Uri, out SipUri uri) && uri.TryGetDialString(out _)) _sum++;
                }
            }
            if (SipUri.TryParse(_message.RequestUri, out SipUri target) && target.TryGetDialString(out _)) _sum++;
            _sum += CallIdScan.Find(buffer.AsSpan(0, length)).Length + _message.Contact.Length + _message.ReasonPhrase.Length;
            if (_session.Parse(_message) == SdpDefect.None)
            {
                Span<byte> room = stackalloc byte[1024];
                var writer = new ByteWriter(room);
                SdpWriter.Relay(ref writer, _session, 1, 1, NetAddress.Parse("192.0.2.1:4000"), Sdp.SdpLines.From(4000));
                Assert.Contains(OfferAnswer.Check(_session, _session), SameWithItself);
            }
            return defect == SipDefect.None;
        }

        /// <summary>Writes the answer; true when there is one and it has no fault but one it had to copy.</summary>
        public bool Answer(byte[] room)
        {
            if (!_message.CanBeAnswered) return false;
            var writer = new SipWriter(room);
            Responses.Write(ref writer, _message, NetAddress.Parse("192.0.2.9:5999"), 200, default, "tt"u8);
            writer.End();
            Assert.False(writer.Overflowed);
            int length = writer.Length;
            SipDefect defect = _answer.Parse(room, 0, length);
            if (defect != SipDefect.None) Assert.Fail($"{defect} in the answer\n{SipText.Text(room.AsSpan(0, length))}\nto\n{SipText.Text(_message.Bytes)}");
            if (!_answer.ViaBranch.SequenceEqual(_message.ViaBranch)) Assert.Fail($"another branch in the answer\n{SipText.Text(room.AsSpan(0, length))}\nto\n{SipText.Text(_message.Bytes)}");
            return true;
        }
    }
}
