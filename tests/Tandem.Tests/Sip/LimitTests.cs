using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transports;

namespace Tandem.Tests.Sip;

/// <summary>Every limit of docs/limits.md: as much as it says is read, one more is refused as it says.</summary>
public sealed class LimitTests
{
    private const string Head = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n";
    private const string Session = "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nc=IN IP4 1.2.3.4\r\n";

    private static readonly Dictionary<string, Func<int, string>> Messages = new(StringComparer.Ordinal)
    {
        ["message"] = static n => Head + "\r\n" + new string('b', n - Head.Length - 2),
        ["line"] = static n => $"{Head}X: {new string('x', n - 3)}\r\n\r\n",
        ["headers"] = static n => Head + Repeat("Y: 1\r\n", n - 5) + "\r\n",
        ["uri"] = static n => Head.Replace("sip:a@b S", $"sip:{new string('a', n - 6)}@b S") + "\r\n",
        ["vias"] = static n => Head + "Via: " + Repeat("SIP/2.0/UDP h,", n - 2) + "SIP/2.0/UDP h\r\n\r\n",
        ["routes"] = static n => Head + Repeat("Record-Route: <sip:p;lr>\r\n", n - 1) + "Record-Route: <sip:q;lr>\r\n\r\n",
        ["parts"] = static n => Head + "Content-Type: multipart/mixed;boundary=b\r\n\r\n" + Repeat("--b\r\n\r\nx\r\n", n) + "--b--\r\n",
        ["partHead"] = static n => $"{Head}Content-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\nX: {new string('x', n - 7)}\r\n\r\nx\r\n--b--\r\n",
        ["parameters"] = static n => Head + "Contact: <sip:a@b>" + Repeat(";p", n) + "\r\n\r\n",
    };

    private static readonly Dictionary<string, Func<int, string>> Sessions = new(StringComparer.Ordinal)
    {
        ["sdpBytes"] = static n => Session + "a=" + new string('x', n - Session.Length - 4) + "\r\n",
        ["sdpLines"] = static n => Session + Repeat("a=x\r\n", n - 3),
        ["sdpMedia"] = static n => Session + Repeat("m=audio 1 RTP/AVP 0\r\n", n),
        ["sdpFormats"] = static n => Session + "m=audio 1 RTP/AVP" + Repeat(" 0", n) + "\r\n",
    };

    public static TheoryData<string> MessageLimits => [.. Messages.Keys];

    public static TheoryData<string> SessionLimits => [.. Sessions.Keys];

    [Theory]
    [MemberData(nameof(MessageLimits))]
    public void A_message_at_its_limit_is_read_and_one_beyond_it_is_refused(string name)
    {
        SipLimit limit = SipLimit.All.Single(l => l.Name == name);
        SipText.Parse(Messages[name](limit.Value));
        SipMessage beyond = SipText.Parse(Messages[name](limit.Value + 1), limit.Message);
        string answer = limit.Message.AnswerStatus() == 0 ? "silence" : limit.Message.AnswerStatus().ToString();
        Assert.Equal(answer, limit.Answer.Split(';')[0]);
        Assert.Equal(answer != "silence", beyond.CanBeAnswered);
    }

    [Theory]
    [MemberData(nameof(SessionLimits))]
    public void A_session_description_at_its_limit_is_read_and_one_beyond_it_is_refused_and_counted(string name)
    {
        SipLimit limit = SipLimit.All.Single(l => l.Name == name);
        SipText.ParseSdp(Sessions[name](limit.Value));
        Assert.Equal(1, SipText.ParseSdp(Sessions[name](limit.Value + 1), limit.Session).Defects[(int)limit.Session]);
    }

    [Fact]
    public void A_response_with_too_many_routes_is_left_to_its_dialog()
    {
        string routes = Messages["routes"](SipLimits.Routes + 1);
        SipText.Parse(routes.Replace("OPTIONS sip:a@b SIP/2.0", "SIP/2.0 200 OK"));
    }

    [Theory]
    [InlineData("streamHead")]
    [InlineData("streamBody")]
    public void A_stream_at_its_limit_is_read_and_one_beyond_it_is_broken(string name)
    {
        int most = SipLimit.All.Single(l => l.Name == name).Value;
        Assert.Equal(Frame.Message, Next(most));
        Assert.Equal(Frame.Broken, Next(most + 1));

        Frame Next(int size)
        {
            string stream = name == "streamHead"
                ? $"OPTIONS sip:a SIP/2.0\r\nX: {new string('x', size - 30)}\r\n\r\n"
                : $"OPTIONS sip:a SIP/2.0\r\nl: {size}\r\n\r\n{new string('b', size)}";
            Assert.True(name != "streamHead" || stream.Length == size);
            return new StreamFramer().Next(SipText.Bytes(stream), out _, out _);
        }
    }

    [Fact]
    public void Every_limit_is_tested_at_its_boundary() => // "answer" beside the transactions: TransactionLayerTests
        Assert.Equal(SipLimit.All.Select(static l => l.Name).Order(StringComparer.Ordinal), Messages.Keys.Concat(Sessions.Keys).Concat(["answer", "streamHead", "streamBody"]).Order(StringComparer.Ordinal));

    private static string Repeat(string piece, int times) => string.Concat(Enumerable.Repeat(piece, times));
}
