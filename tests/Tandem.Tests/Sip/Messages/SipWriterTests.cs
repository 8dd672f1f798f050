using CsCheck;
using Tandem.Primitives;
using Tandem.Sip.Messages;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Messages;

public sealed class SipWriterTests
{
    [Fact]
    public void A_request_in_canonical_form()
    {
        var w = new SipWriter(new byte[1000]);
        w.Request(SipMethod.Invite, "sip:4420@192.0.2.1"u8);
        w.OpenHeader(HeaderName.Via);
        w.Text("SIP/2.0/UDP "u8);
        w.HostPort(NetAddress.Parse("[2001:db8::1]:5060"));
        w.Text(";branch=z9hG4bK"u8);
        w.Decimal(77);
        w.CloseHeader();
        w.Header(HeaderName.MaxForwards, 70);
        w.Header("X-Trunk"u8, "a"u8);
        w.Header("not a token"u8, "b"u8);
        w.Body("application/sdp"u8, "v=0\r\n"u8);
        Assert.False(w.Overflowed);
        Assert.Equal(
            "INVITE sip:4420@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK77\r\nMax-Forwards: 70\r\nX-Trunk: a\r\n"
            + "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n",
            Text(w.Written));
    }

    [Theory]
    [InlineData("a\r\n b", "a b")]
    [InlineData("a \r\n\t b", "a b")]
    [InlineData("a\r\nEvil: yes", "a Evil: yes")]
    [InlineData("a\nb\rc\0d", "a b c d")]
    [InlineData("a\r\n", "a ")]
    [InlineData("a \0 \r b", "a b")]
    public void A_value_cannot_start_a_header_of_its_own(string value, string expected)
    {
        var w = new SipWriter(new byte[200]);
        w.Header(HeaderName.Subject, Bytes(value));
        Assert.Equal($"Subject: {expected}\r\n", Text(w.Written));
    }

    [Fact]
    public void White_space_in_a_Request_URI_is_escaped_and_a_phrase_kept_on_its_line()
    {
        var w = new SipWriter(new byte[200]);
        w.Request("ODD"u8, "sip:a b\r\n@c"u8);
        w.Status(499, "no\r\nVia: x"u8);
        w.Status(486, default);
        Assert.Equal("ODD sip:a%20b%20%20@c SIP/2.0\r\nSIP/2.0 499 no Via: x\r\nSIP/2.0 486 Busy Here\r\n", Text(w.Written));
    }

    [Fact]
    public void What_does_not_fit_is_said_and_not_written()
    {
        byte[] room = new byte[40];
        var w = new SipWriter(room.AsSpan(0, 32));
        w.Request(SipMethod.Bye, "sip:a@example.net"u8);
        w.Header(HeaderName.CallId, "0123456789"u8);
        w.End();
        Assert.True(w.Overflowed);
        Assert.True(w.Length <= 32);
        Assert.All(room[32..], static b => Assert.Equal(0, b));
    }

    [Fact]
    public void Whatever_bytes_a_value_has_exactly_one_line_comes_out() =>
        Gen.Byte.Array[0, 60].Sample(static value =>
        {
            var w = new SipWriter(new byte[400]);
            w.Header(HeaderName.Subject, value);
            ReadOnlySpan<byte> line = w.Written;
            return !w.Overflowed && line.EndsWith("\r\n"u8) && !line[..^2].ContainsAny((byte)'\r', (byte)'\n', (byte)0);
        }, iter: 5_000);

    [Fact]
    public void A_copy_of_every_header_parses_to_the_same_values()
    {
        SipMessage first = Parse(InviteWithOffer);
        var w = new SipWriter(new byte[4096]);
        w.Request(first.Method, first.RequestUri);
        foreach (SipMessage.HeaderSlot header in first.Headers)
        {
            if (header.Name is not (HeaderName.ContentLength or HeaderName.ContentType)) w.Header(header.Name, header.Value);
        }
        w.Body(first.ContentType, first.Body);
        Assert.Equal(InviteWithOffer, Text(w.Written));
    }
}
