using System.Diagnostics;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;

namespace Tandem.Tests.Sip;

/// <summary>
/// No input costs more than its length: what is four times as long takes about four times as long, not sixteen. Compared are the best of
/// many rounds of the same work at two sizes, so that a busy machine changes nothing.
/// </summary>
public sealed class GrowthTests
{
    private static readonly NetAddress Source = NetAddress.Parse("192.0.2.9:5999");

    private static readonly Dictionary<string, Action<byte[]>> Readers = new(StringComparer.Ordinal)
    {
        ["message"] = static input =>
        {
            var message = new SipMessage();
            message.Parse(input, 0, input.Length);
            foreach (SipMessage.HeaderSlot header in message.Headers)
            {
                foreach (ReadOnlySpan<byte> value in message.Values(header.Name))
                {
                    if (NameAddress.TryParse(value, out NameAddress address)) address.TryGetParam("none"u8, out _);
                }
            }
            if (!message.CanBeAnswered) return;
            var writer = new SipWriter(new byte[4 * input.Length]);
            Responses.Write(ref writer, message, Source, 400, default, "t"u8);
        },
        ["call-id"] = static input => CallIdScan.Find(input),
        ["sdp"] = static input =>
        {
            var session = new SessionDescription();
            if (session.Parse(input, 0, input.Length) != SdpDefect.None) return;
            OfferAnswer.Check(session, session);
            var writer = new ByteWriter(new byte[4 * input.Length]);
            SdpWriter.Relay(ref writer, session, 1, 1, Source, Sdp.SdpLines.From(4000));
        },
        ["digest"] = static input =>
        {
            _ = DigestCredentials.TryParse(input, out _);
            _ = DigestChallenge.TryParse(input, out _);
        },
        ["uri"] = static input =>
        {
            if (SipUri.TryParse(input, out SipUri uri)) uri.TryGetDialString(out _);
            if (uri.Scheme != UriScheme.Other) uri.TryGetParam("none"u8, out _);
        },
        ["address"] = static input =>
        {
            if (NameAddress.TryParse(input, out NameAddress address)) address.TryGetParam("none"u8, out _);
        },
        ["via"] = static input =>
        {
            if (ViaParm.TryParse(input, out ViaParm via)) via.TryGetParam("none"u8, out _);
        },
    };

    private const string Head = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n";

    /// <summary>Reader, what stands before, what is repeated, what stands behind.</summary>
    public static readonly TheoryData<string, string, string, string> Cases = new()
    {
        { "message", "", "\n", "" },
        { "message", "", "\r\n", "x" },
        { "message", "", "A", "" },
        { "message", "A", " ", " SIP/2.0\r\n\r\n" },
        { "message", "A sip:", " SIP/", "\r\n\r\n" },
        { "message", Head, "X: 1\r\n", "\r\n" },
        { "message", Head, "x\r\n", "\r\n" },
        { "message", Head, "\r", "\r\n" },
        { "message", Head + "Contact: ", "\r\n ", "\r\n\r\n" },
        { "message", Head + "Contact: <sip:a@b>\r\n\r\n", "\0", "" },
        { "message", Head + "X: ", "\0", "\r\n\r\n" },
        { "message", Head + "Contact: ", ",", "\r\n\r\n" },
        { "message", Head + "Contact: ", "<", "\r\n\r\n" },
        { "message", Head + "Contact: ", "\"", "\r\n\r\n" },
        { "message", Head + "Contact: \"", "\\\"", "\r\n\r\n" },
        { "message", Head + "Contact: <sip:a@b>", ";", "\r\n\r\n" },
        { "message", Head, "Contact: \",\r\n", "\r\n" },
        { "message", Head, "Via: SIP/2.0/UDP h,\r\n", "\r\n" },
        { "message", Head + "Via: ", "SIP/2.0/UDP h,", "\r\n\r\n" },
        { "message", Head + "Content-Length: ", "0", "\r\n\r\n" },
        { "message", Head + "Content-Type: multipart/mixed;boundary=b\r\n\r\n", "\n--b x", "" },
        { "message", Head + "Content-Type: multipart/mixed;boundary=b\r\n\r\n", "\n--b\r\n", "" },
        { "message", Head + "Content-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\n", "-", "" },
        { "call-id", "", "\n", "" },
        { "call-id", "", "\r\n", "" },
        { "call-id", "a", "\n", "" },
        { "call-id", "a\r\n", "i\r\n", "" },
        { "call-id", "a\r\n", "i ", "\r\n" },
        { "call-id", "a\r\n", "Call-ID\n", "\r\n" },
        { "call-id", "a\r\ni:", "\n", "" },
        { "sdp", "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\n", "\r\n", "" },
        { "sdp", "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nm=audio 1 RTP/AVP", " 0", "\r\n" },
        { "sdp", "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nm=audio 1 RTP/AVP", " ", "0\r\n" },
        { "sdp", "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nc=IN IP4 1.2.3.4\r\nm=audio 1 RTP/AVP 0\r\n", "a=rtpmap:0 x/8000\r\n", "" },
        { "sdp", "v=0\r\no=", " ", "\r\n" },
        { "digest", "Digest ", ",", "" },
        { "digest", "Digest ", "a=b,", "" },
        { "digest", "Digest a=\"", "\\", "" },
        { "digest", "Digest ", "\"\"", "" },
        { "digest", "Digest realm=\"r\", nonce=\"n\", qop=\"", ",", "\"" },
        { "uri", "", ":", "" },
        { "uri", "sip:", "@", "" },
        { "uri", "sip:a@b", ";", "" },
        { "uri", "sip:a@b", ";x=\"", "" },
        { "uri", "sip:", "%41", "@b" },
        { "uri", "tel:1", ";", "" },
        { "address", "", "\"", "" },
        { "address", "", "<", "" },
        { "address", "", "a ", "<sip:a@b>" },
        { "address", "<sip:a@b>", ";\"\"", "" },
        { "address", "<sip:a@b>", ";a", "" },
        { "via", "SIP", " ", "/2.0/UDP h" },
        { "via", "SIP/2.0/UDP h", ";", "" },
        { "via", "SIP/2.0/UDP h;x=", "\"\"", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_four_times_as_long_takes_about_four_times_as_long(string reader, string before, string repeated, string behind)
    {
        byte[] small = Build(before, repeated, behind, 16_000), large = Build(before, repeated, behind, 64_000);
        double growth = Settled(9, () => Best(Readers[reader], large) / Best(Readers[reader], small));
        Assert.True(growth < 9, $"four times as long took {growth:0.0} times as long");
    }

    [Fact]
    public void Formats_that_match_none_of_the_offers_cost_formats_times_lines_and_no_more()
    {
        // Four times the formats in four times the lines: sixteen times the work, where formats times formats times lines would be sixty-four.
        Action<byte[]> few = Compare(formats: 16, lines: 100), many = Compare(formats: 64, lines: 400);
        double growth = Settled(32, () => Best(many, []) / Best(few, []));
        Assert.True(growth < 32, $"sixteen times the work took {growth:0.0} times as long");

        static Action<byte[]> Compare(int formats, int lines)
        {
            SessionDescription offer = Described(96, formats, string.Concat(Enumerable.Repeat("a=rtpmap:95 b/8000\n", lines)));
            SessionDescription answer = Described(200, formats, string.Concat(Enumerable.Range(200, formats).Select(static f => $"a=rtpmap:{f} c/8000\n")));
            return _ => Assert.Equal(OfferAnswer.Mismatch.NoCommonFormat, OfferAnswer.Check(offer, answer));
        }

        static SessionDescription Described(int first, int formats, string attributes) =>
            SipText.ParseSdp($"v=0\no=- 1 1 IN IP4 1.2.3.4\nc=IN IP4 1.2.3.4\nm=audio 1 RTP/AVP {string.Join(' ', Enumerable.Range(first, formats))}\n{attributes}");
    }

    private static byte[] Build(string before, string repeated, string behind, int length) =>
        SipText.Bytes(before + string.Concat(Enumerable.Repeat(repeated, (length - before.Length - behind.Length) / repeated.Length)) + behind);

    // Looked at again while it is too much: the first look sees code that is not yet compiled for speed, any look a machine that was
    // busy in every round. What grows too fast does so in each.
    private static double Settled(double most, Func<double> growth)
    {
        double least = double.PositiveInfinity;
        for (int look = 0; look < 6 && least >= most; look++) least = Math.Min(least, growth());
        return least;
    }

    // Nanoseconds of the best round. Short work is repeated within a round, so that the clock's own grain does not count.
    private static double Best(Action<byte[]> read, byte[] input)
    {
        long one = Math.Max(1, Ticks(read, input, 1));
        int times = (int)Math.Clamp(Stopwatch.Frequency / 5_000 / one, 1, 200); // 0.2 ms a round
        long best = long.MaxValue;
        for (int round = 0; round < 12; round++) best = Math.Min(best, Ticks(read, input, times));
        return best * 1e9 / Stopwatch.Frequency / times;
    }

    private static long Ticks(Action<byte[]> read, byte[] input, int times)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++) read(input);
        return Stopwatch.GetTimestamp() - start;
    }
}
