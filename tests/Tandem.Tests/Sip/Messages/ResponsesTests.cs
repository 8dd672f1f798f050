using Tandem.Primitives;
using Tandem.Sip.Messages;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Messages;

public sealed class ResponsesTests
{
    private static readonly NetAddress Source = NetAddress.Parse("192.0.2.10:5070");
    private static readonly NetAddress BehindNat = NetAddress.Parse("203.0.113.9:40312");

    [Fact]
    public void A_response_copies_vias_from_to_call_id_and_cseq_and_adds_the_tag()
    {
        string expected = Crlf(
            """
            SIP/2.0 180 Ringing
            Via: SIP/2.0/UDP 192.0.2.10:5070;rport=5070;branch=z9hG4bK-524287-1---7b3c1d0f;received=192.0.2.10
            Via: SIP/2.0/UDP 10.0.0.4;branch=z9hG4bKa1,SIP/2.0/TCP 10.0.0.5:5060;branch=z9hG4bKa2
            From: "Rao, Anita" <sip:+14045550100@carrier.example.net>;tag=4fd31a7c
            To: <sip:+442079460123@198.51.100.7>;tag=t1
            Call-ID: 81d4f2c0-77aa-4bd1@192.0.2.10
            CSeq: 314159 INVITE
            Content-Length: 0


            """);
        Assert.Equal(expected, Answer(InviteWithOffer, Source, 180, "t1"));
    }

    [Theory]
    [InlineData("SIP/2.0/UDP 192.0.2.10:5070;branch=z9hG4bKx", "SIP/2.0/UDP 192.0.2.10:5070;branch=z9hG4bKx")]
    [InlineData("SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx;received=8.8.8.8", "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx")]
    [InlineData("SIP/2.0/UDP gw.example.net;branch=z9hG4bKx", "SIP/2.0/UDP gw.example.net;branch=z9hG4bKx;received=192.0.2.10")]
    [InlineData("SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bKx;received=8.8.8.8", "SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bKx;received=192.0.2.10")]
    [InlineData("SIP / 2.0 / UDP 10.1.1.1 ; branch = z9hG4bKx ;; RPORT=9", "SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKx;RPORT=5070;received=192.0.2.10")]
    [InlineData("SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx, SIP/2.0/UDP 10.9.9.9", "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx, SIP/2.0/UDP 10.9.9.9")]
    public void The_top_via_says_where_the_request_came_from_and_no_other_does(string received, string answered)
    {
        string text = Answer(Options(received), Source, 200, "t1");
        Assert.Equal("Via: " + answered, text.Split("\r\n")[1]);
    }

    [Theory]
    [InlineData("SIP/2.0/UDP 10.1.1.1:5066;branch=z9hG4bKx;rport", "203.0.113.9:40312")]
    [InlineData("SIP/2.0/UDP 10.1.1.1:5066;branch=z9hG4bKx", "203.0.113.9:5066")]
    [InlineData("SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKx", "203.0.113.9:5060")]
    [InlineData("SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKx;maddr=198.51.100.66;received=198.51.100.67", "203.0.113.9:5060")]
    public void A_response_goes_back_to_its_source_whatever_the_via_claims(string via, string expected) =>
        Assert.Equal(NetAddress.Parse(expected), Responses.Destination(Parse(Options(via)), BehindNat));

    [Fact]
    public void A_tag_that_is_there_is_kept_and_a_100_gets_none_but_the_timestamp()
    {
        string withTag = Options("SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx").Replace("To: <sip:b@example.net>", "To: <sip:b@example.net>;tag=there");
        Assert.Contains("\r\nTo: <sip:b@example.net>;tag=there\r\n", Answer(withTag, Source, 200, "new"));
        string trying = Answer(Options("SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx"), Source, 100, "");
        Assert.Contains("\r\nTo: <sip:b@example.net>\r\n", trying);
        Assert.Contains("\r\nTimestamp: 54.21\r\n", trying);
        Assert.DoesNotContain("Timestamp", Answer(Options("SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx"), Source, 200, "t"));
    }

    [Fact]
    public void An_IPv6_source_is_written_into_received_without_brackets()
    {
        string text = Answer(Options("SIP/2.0/UDP host.example.net;branch=z9hG4bKx"), NetAddress.Parse("[2001:db8::7]:5060"), 200, "t");
        Assert.Contains(";received=2001:db8::7\r\n", text);
        Assert.DoesNotContain("received", Answer(Options("SIP/2.0/UDP [2001:db8::7]:5060;branch=z9hG4bKx"), NetAddress.Parse("[2001:db8::7]:5060"), 200, "t"));
    }

    private static string Options(string via) => Crlf(
        $"""
        OPTIONS sip:b@example.net SIP/2.0
        Via: {via}
        From: <sip:a@example.net>;tag=1
        To: <sip:b@example.net>
        Call-ID: r1
        CSeq: 7 OPTIONS
        Timestamp: 54.21
        Content-Length: 0


        """);

    private static string Answer(string request, NetAddress source, int status, string tag)
    {
        var writer = new SipWriter(new byte[4096]);
        Responses.Write(ref writer, Parse(request), source, status, default, Bytes(tag));
        writer.End();
        Assert.False(writer.Overflowed);
        return Text(writer.Written);
    }
}
