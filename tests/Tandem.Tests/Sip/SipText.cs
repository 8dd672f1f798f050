using System.Text;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;

namespace Tandem.Tests.Sip;

/// <summary>Messages as tests write them: lines joined by CRLF, parsed, read back as text.</summary>
internal static class SipText
{
    public const string Invite =
        """
        INVITE sip:+442079460123@198.51.100.7:5060;user=phone SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.10:5070;rport;branch=z9hG4bK-524287-1---7b3c1d0f
        Via: SIP/2.0/UDP 10.0.0.4;branch=z9hG4bKa1,SIP/2.0/TCP 10.0.0.5:5060;branch=z9hG4bKa2
        Max-Forwards: 69
        From: "Rao, Anita" <sip:+14045550100@carrier.example.net>;tag=4fd31a7c
        To: <sip:+442079460123@198.51.100.7>
        Call-ID: 81d4f2c0-77aa-4bd1@192.0.2.10
        CSeq: 314159 INVITE
        Contact: <sip:gw7@192.0.2.10:5070;transport=udp>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE
        Supported: timer, 100rel
        User-Agent: EdgeGate 4.2
        Content-Type: application/sdp
        Content-Length: {0}


        """;

    public const string Offer =
        """
        v=0
        o=edge 20518 1 IN IP4 192.0.2.10
        s=call
        c=IN IP4 192.0.2.44
        t=0 0
        m=audio 18200 RTP/AVP 8 0 101
        a=rtpmap:8 PCMA/8000
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-16
        a=ptime:20
        a=sendrecv

        """;

    public static string InviteWithOffer => Crlf(Invite).Replace("{0}", Crlf(Offer).Length.ToString()) + Crlf(Offer);

    public static string Crlf(string text) => text.ReplaceLineEndings("\r\n");

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    public static SipMessage Parse(string text, SipDefect expected = SipDefect.None)
    {
        var message = new SipMessage();
        byte[] bytes = Bytes(text);
        Assert.Equal(expected, message.Parse(bytes, 0, bytes.Length));
        Assert.Equal(expected, message.Defect);
        return message;
    }

    public static SessionDescription ParseSdp(string text, SdpDefect expected = SdpDefect.None)
    {
        var session = new SessionDescription();
        byte[] bytes = Bytes(Crlf(text));
        Assert.Equal(expected, session.Parse(bytes, 0, bytes.Length));
        return session;
    }
}
