using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Sdp;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Sdp;

public sealed class SdpWriterTests
{
    private static readonly NetAddress Ours = NetAddress.Parse("198.51.100.7:40000");

    [Fact]
    public void An_offer_is_relayed_with_our_addresses_and_its_codecs()
    {
        Assert.Equal(Crlf(
            """
            v=0
            o=- 42 3 IN IP4 198.51.100.7
            s=-
            c=IN IP4 198.51.100.7
            t=0 0
            m=audio 40000 RTP/AVP 8 0 101
            a=rtpmap:8 PCMA/8000
            a=rtpmap:101 telephone-event/8000
            a=fmtp:101 0-16
            a=ptime:20
            a=sendrecv

            """), Relay(Offer, Ours));
    }

    [Fact]
    public void Nothing_that_shows_the_other_leg_gets_through()
    {
        string relayed = Relay(
            """
            v=0
            o=alice 77 88 IN IP4 10.20.30.40
            s=secret subject
            i=about 10.20.30.40
            u=http://10.20.30.40/
            e=alice@10.20.30.40
            p=+1 617 555 6011
            c=IN IP4 10.20.30.40
            b=AS:64
            t=0 0
            a=tool:box-10.20.30.40
            m=audio 18200 RTP/AVP 0 96
            i=10.20.30.40
            b=TIAS:64000
            a=rtpmap:96 opus/48000/2
            a=rtpmap:97 AMR/8000
            a=rtcp:18201 IN IP4 10.20.30.40
            a=rtcp-mux
            a=candidate:1 1 UDP 2130706431 10.20.30.40 18200 typ host
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc
            a=ice-ufrag:F7gI
            a=maxptime:40
            a=x-unknown:10.20.30.40

            """, Ours);
        Assert.DoesNotContain("10.20.30.40", relayed);
        Assert.EndsWith("m=audio 40000 RTP/AVP 0 96\r\na=rtpmap:96 opus/48000/2\r\na=maxptime:40\r\n", relayed);
    }

    [Fact]
    public void Each_line_is_relayed_at_its_own_port_and_what_cannot_be_keeps_its_place_rejected()
    {
        string relayed = Relay(
            """
            v=0
            o=- 1 1 IN IP4 192.0.2.1
            s=-
            c=IN IP4 192.0.2.1
            t=0 0
            m=video 5000 RTP/AVP 31 34
            a=rtpmap:34 H263/90000
            a=rtcp-fb:34 ccm fir
            a=rtcp-mux
            m=audio 0 RTP/AVP 8
            m=audio 6000 RTP/SAVP 8
            m=audio 7000/2 RTP/AVP 18
            m=audio 8000 RTP/AVP 0
            m=image 9000 udptl t38
            a=T38FaxVersion:0
            a=candidate:1 1 UDP 2130706431 10.20.30.40 9000 typ host
            m=application 9002 RTP/AVP 100
            a=rtpmap:100 H224/4800
            m=application 9004 UDP/DTLS/SCTP webrtc-datachannel
            a=sctp-port:5000
            m=application 9006 TCP/BFCP *
            m=text 9008 RTP/AVP 98
            a=rtpmap:98 t140/1000
            m=message 9010 TCP/MSRP *
            m=video 9012 UDP/TLS/RTP/SAVPF 96

            """, Ours);
        Assert.EndsWith(Crlf(
            """
            m=video 40000 RTP/AVP 31 34
            a=rtpmap:34 H263/90000
            a=rtcp-fb:34 ccm fir
            m=audio 0 RTP/AVP 8
            m=audio 40004 RTP/AVP 8
            m=audio 40006 RTP/AVP 18
            m=audio 40008 RTP/AVP 0
            m=image 40010 udptl t38
            a=T38FaxVersion:0
            m=application 40012 RTP/AVP 100
            a=rtpmap:100 H224/4800
            m=application 0 UDP/DTLS/SCTP webrtc-datachannel
            m=application 0 TCP/BFCP *
            m=text 40018 RTP/AVP 98
            a=rtpmap:98 t140/1000
            m=message 0 TCP/MSRP *
            m=video 0 UDP/TLS/RTP/SAVPF 96

            """), "\r\n" + relayed[(relayed.IndexOf("t=0 0\r\n", StringComparison.Ordinal) + 7)..]);
    }

    [Theory]
    [InlineData("192.0.2.1", "", "")]
    [InlineData("192.0.2.1", "a=sendonly", "a=sendonly")]
    [InlineData("192.0.2.1", "a=inactive", "a=inactive")]
    [InlineData("0.0.0.0", "", "a=sendonly")]
    [InlineData("0.0.0.0", "a=sendrecv", "a=sendonly")]
    [InlineData("0.0.0.0", "a=recvonly", "a=inactive")]
    public void A_hold_of_either_kind_is_said_by_direction(string connection, string direction, string expected)
    {
        string sdp = $"v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 {connection}\nt=0 0\nm=audio 6000 RTP/AVP 8\n{direction}".TrimEnd('\n') + "\n";
        Assert.EndsWith("m=audio 40000 RTP/AVP 8\r\n" + (expected.Length > 0 ? expected + "\r\n" : ""), Relay(sdp, Ours));
    }

    [Fact]
    public void A_direction_said_for_the_session_is_said_for_the_audio() =>
        Assert.EndsWith("RTP/AVP 8\r\na=recvonly\r\n", Relay("v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\na=recvonly\nm=audio 6000 RTP/AVP 8\n", Ours));

    [Fact]
    public void An_IPv6_relay_writes_IP6_and_port_zero_rejects_everything()
    {
        string relayed = Relay(Offer, NetAddress.Parse("[2001:db8::5]:0"));
        Assert.Contains("o=- 42 3 IN IP6 2001:db8::5\r\n", relayed);
        Assert.Contains("\r\nc=IN IP6 2001:db8::5\r\n", relayed);
        Assert.EndsWith("m=audio 0 RTP/AVP 8 0 101\r\n", relayed);
    }

    [Fact]
    public void What_is_relayed_parses_again_and_a_second_relay_changes_nothing()
    {
        string once = Relay(Offer, Ours);
        Assert.Equal(once, Relay(once, Ours));
    }

    [Fact]
    public void Too_little_room_is_said_and_nothing_is_written_beyond_it()
    {
        byte[] room = new byte[70];
        var writer = new ByteWriter(room.AsSpan(0, 64));
        SdpWriter.Relay(ref writer, ParseSdp(Offer), 1, 1, Ours, SdpLines.From(Ours.Port));
        Assert.True(writer.Overflowed);
        Assert.All(room[64..], static b => Assert.Equal(0, b));
    }

    private static string Relay(string sdp, NetAddress ours)
    {
        var writer = new ByteWriter(new byte[4096]);
        SdpWriter.Relay(ref writer, ParseSdp(sdp), 42, 3, ours, SdpLines.From(ours.Port));
        Assert.False(writer.Overflowed);
        return Text(writer.Written);
    }
}
