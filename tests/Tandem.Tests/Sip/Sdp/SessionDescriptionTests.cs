using Tandem.Primitives;
using Tandem.Sip.Sdp;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Sdp;

public sealed class SessionDescriptionTests
{
    [Fact]
    public void A_media_line_with_a_tab_is_none() => // its formats would lose their end on the way through
        ParseSdp("v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP \t0 8\n", SdpDefect.BadMedia);

    private const string Head = "v=0\no=- 5 6 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";

    [Fact]
    public void An_offer_is_read_part_by_part()
    {
        SessionDescription s = ParseSdp(
            """
            v=0
            o=edge 20518 7 IN IP4 192.0.2.10
            s=call
            c=IN IP4 192.0.2.44
            t=0 0
            a=sendonly
            m=audio 18200 RTP/AVP 8 0  101
            a=rtpmap:101 telephone-event/8000
            a=ptime:30
            a=rtcp:18300 IN IP4 192.0.2.45
            a=rtcp-mux
            m=video 0 RTP/AVP 31
            m=audio 9000/2 RTP/SAVP 18
            c=IN IP6 2001:db8::9
            a=inactive
            m=image 7000 udptl t38
            m=bundle 7002 x y

            """);
        Assert.Equal("20518", Text(s.OriginId));
        Assert.Equal("7", Text(s.OriginVersion));
        Assert.Equal(5, s.MediaCount);
        MediaDescription audio = s.Media(0);
        Assert.Equal(MediaKind.Audio, audio.Kind);
        Assert.Equal(18200, audio.Port);
        Assert.Equal("RTP/AVP", Text(audio.Protocol));
        Assert.Equal(NetAddress.Parse("192.0.2.44:18200"), audio.Remote);
        Assert.Equal(MediaDirection.SendOnly, audio.Direction);
        Assert.True(audio.OnHold);
        Assert.Equal(30, audio.Ptime);
        Assert.Equal(18300, audio.RtcpPort);
        Assert.True(audio.RtcpMux);
        Assert.True(audio.HasFormat("101"u8) && audio.HasFormat("0"u8));
        Assert.False(audio.HasFormat("1"u8));
        Assert.Equal("telephone-event/8000", Text(audio.RtpMap("101"u8)));
        Assert.True(audio.RtpMap("10"u8).IsEmpty);
        var formats = new List<string>();
        foreach (ReadOnlySpan<byte> format in audio.Formats) formats.Add(Text(format));
        Assert.Equal(["8", "0", "101"], formats);
        var attributes = new List<string>();
        foreach (ReadOnlySpan<byte> attribute in audio.Attributes) attributes.Add(Text(attribute));
        Assert.Equal(["rtpmap:101 telephone-event/8000", "ptime:30", "rtcp:18300 IN IP4 192.0.2.45", "rtcp-mux"], attributes);
        Assert.True(s.Media(1).Rejected);
        Assert.Equal(MediaDirection.SendOnly, s.Media(1).Direction);
        Assert.Equal(2, s.Media(2).PortCount);
        Assert.Equal(NetAddress.Parse("[2001:db8::9]:9000"), s.Media(2).Remote);
        Assert.Equal(MediaDirection.Inactive, s.Media(2).Direction);
        Assert.Equal(MediaKind.Image, s.Media(3).Kind);
        Assert.Equal(MediaKind.Other, s.Media(4).Kind);
        Assert.Equal("bundle", Text(s.Media(4).Name));
        Assert.Equal(0, s.FirstUsableAudio());
    }

    [Fact]
    public void A_remote_of_zeros_is_a_hold_and_a_host_name_is_no_address()
    {
        Assert.True(ParseSdp(Head.Replace("c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0") + "m=audio 4000 RTP/AVP 0\n").Media(0).OnHold);
        Assert.True(ParseSdp(Head.Replace("c=IN IP4 192.0.2.1", "c=IN IP4 media.example.net") + "m=audio 4000 RTP/AVP 0\n").Media(0).Remote.IsNone);
        Assert.Equal(NetAddress.Parse("224.2.1.1:4000"), ParseSdp(Head.Replace("c=IN IP4 192.0.2.1", "c=IN IP4 224.2.1.1/127/3") + "m=audio 4000 RTP/AVP 0\n").Media(0).Remote);
    }

    [Theory]
    [InlineData("", SdpDefect.Empty)]
    [InlineData("\n", SdpDefect.Empty)]
    [InlineData("o=- 1 1 IN IP4 192.0.2.1\n", SdpDefect.BadVersion)]
    [InlineData("v=1\no=- 1 1 IN IP4 192.0.2.1\n", SdpDefect.BadVersion)]
    [InlineData("v=0\ns=-\n", SdpDefect.MissingOrigin)]
    [InlineData("v=0\no=- 1 IN IP4 192.0.2.1\n", SdpDefect.BadOrigin)]
    [InlineData("v=0\no=- 1 1 IN IP4 192.0.2.1 more\n", SdpDefect.BadOrigin)]
    [InlineData("v=0\no=- one 1 IN IP4 192.0.2.1\n", SdpDefect.BadOrigin)]
    [InlineData(Head + "bad\n", SdpDefect.BadLine)]
    [InlineData(Head + "m =audio 1 RTP/AVP 0\n", SdpDefect.BadLine)]
    [InlineData(Head + "A=upper\n", SdpDefect.BadLine)]
    [InlineData(Head + "a=x\ry\n", SdpDefect.BadLine)]
    [InlineData(Head + "a=x\0\n", SdpDefect.BadLine)]
    [InlineData(Head + "\na=after an empty line\n", SdpDefect.BadLine)]
    [InlineData("v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP5 192.0.2.1\n", SdpDefect.BadConnection)]
    [InlineData("v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 \n", SdpDefect.BadConnection)]
    [InlineData("v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 2001:db8::1\n", SdpDefect.BadConnection)]
    [InlineData("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\n", SdpDefect.MissingConnection)]
    [InlineData(Head + "m=audio 4000 RTP/AVP\n", SdpDefect.BadMedia)]
    [InlineData(Head + "m=\n", SdpDefect.BadMedia)]
    [InlineData(Head + "m=audio 65536 RTP/AVP 0\n", SdpDefect.BadPort)]
    [InlineData(Head + "m=audio -1 RTP/AVP 0\n", SdpDefect.BadPort)]
    [InlineData(Head + "m=audio 4000/0 RTP/AVP 0\n", SdpDefect.BadPort)]
    [InlineData(Head + "m=audio 4000 RTP/AVP 0\na=rtcp:99999\n", SdpDefect.BadPort)]
    public void A_broken_description_is_refused_with_its_reason(string text, SdpDefect expected)
    {
        Assert.Equal(0, ParseSdp(text, expected).MediaCount);
        Assert.NotEmpty(expected.ReasonText());
    }

    [Fact]
    public void Each_limit_holds_at_its_edge()
    {
        string media = "m=audio 4000 RTP/AVP 0\n";
        Assert.Equal(SdpLimits.Media, ParseSdp(Head + string.Concat(Enumerable.Repeat(media, SdpLimits.Media))).MediaCount);
        ParseSdp(Head + string.Concat(Enumerable.Repeat(media, SdpLimits.Media + 1)), SdpDefect.TooManyMedia);
        ParseSdp(Head + "m=audio 4000 RTP/AVP" + string.Concat(Enumerable.Range(0, SdpLimits.Formats).Select(static i => $" {i}")) + "\n");
        ParseSdp(Head + "m=audio 4000 RTP/AVP" + string.Concat(Enumerable.Range(0, SdpLimits.Formats + 1).Select(static i => $" {i}")) + "\n", SdpDefect.TooManyFormats);
        ParseSdp(Head + string.Concat(Enumerable.Repeat("a=x\n", SdpLimits.Lines - 5)));
        ParseSdp(Head + string.Concat(Enumerable.Repeat("a=x\n", SdpLimits.Lines - 4)), SdpDefect.TooManyLines);
        ParseSdp(Head + "a=" + new string('x', SdpLimits.Bytes), SdpDefect.TooLarge);
    }

    [Fact]
    public void An_m_line_beyond_the_last_is_our_own_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => ParseSdp(Head).Media(0));
}
