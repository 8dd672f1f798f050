using System.Text;
using Tandem.Sip.Messages;

namespace Tandem.Tests.Sip.Messages;

public sealed class MultipartBodyTests
{
    private const string Isup = "--b\r\nContent-Type: application/ISUP;version=nxv3;base=etsi121\r\nContent-Disposition: signal;handling=optional\r\n\r\n\u0001\u0000I\r\n--x\r\n";

    [Theory]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n" + Isup + "--b--\r\n", "v=0\r\n")]
    [InlineData("Multipart/Related; Boundary=\"b\"", Isup + "--b \r\nc: Application/SDP ;charset=x\r\nContent-Disposition: session;handling=required\r\n\r\nv=0\r\n\r\n--b--", "v=0\r\n")]
    [InlineData("multipart/mixed;boundary=b", "preamble\n--b\nContent-Type: application/sdp\n\nv=0\n\n--b--\nepilogue", "v=0\n")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--bb\r\na=--b\r\n\r\n--b--", "v=0\r\n--bb\r\na=--b\r\n")]
    public void The_session_description_is_taken_and_the_rest_dropped(string type, string body, string sdp)
    {
        SipMessage message = Parse(type, body);
        Assert.Equal(sdp, Encoding.UTF8.GetString(message.Body));
        Assert.StartsWith("application/sdp", Encoding.UTF8.GetString(message.ContentType), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("multipart/mixed", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--")]
    [InlineData("multipart/mixed;boundary=", "--\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n----")]
    [InlineData("multipart/mixed;boundary=b", Isup + "--b--")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=1\r\n--b--")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\nContent-Type: text/plain\r\n\r\nv=0\r\n--b--")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\nContent-Disposition: early-session\r\n\r\nv=0\r\n--b--")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: base64\r\n\r\ndj0w\r\n--b--")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n--c\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--c--\r\n--b--")]
    public void Without_exactly_one_the_body_stays_what_it_is(string type, string body)
    {
        SipMessage message = Parse(type, body);
        Assert.Equal(body, Encoding.UTF8.GetString(message.Body));
        Assert.Equal(type, Encoding.UTF8.GetString(message.ContentType));
    }

    [Fact]
    public void Sixteen_parts_are_looked_at_and_no_more()
    {
        string Many(int before) => string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", before)) + "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--";
        Assert.Equal("v=0", Encoding.UTF8.GetString(Parse("multipart/mixed;boundary=b", Many(15)).Body));
        Assert.Equal(Many(16), Encoding.UTF8.GetString(Parse("multipart/mixed;boundary=b", Many(16), SipDefect.TooManyParts).Body));
    }

    private static SipMessage Parse(string type, string body, SipDefect expected = SipDefect.None)
    {
        byte[] bytes = Encoding.UTF8.GetBytes($"INVITE sip:1@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:1@x>;tag=1\r\nTo: <sip:1@x>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        SipMessage message = new();
        Assert.Equal(expected, message.Parse(bytes, 0, bytes.Length));
        Assert.Equal(bytes.Length, message.Bytes.Length);
        return message;
    }
}
