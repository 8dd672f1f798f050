using Tandem.Sip.Messages;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Messages;

public sealed class SipMessageTests
{
    [Fact]
    public void An_invite_is_read_part_by_part()
    {
        SipMessage m = Parse(InviteWithOffer);
        Assert.True(m.IsRequest);
        Assert.True(m.CanBeAnswered);
        Assert.Equal(SipMethod.Invite, m.Method);
        Assert.Equal("INVITE", Text(m.MethodToken));
        Assert.Equal("sip:+442079460123@198.51.100.7:5060;user=phone", Text(m.RequestUri));
        Assert.Equal("81d4f2c0-77aa-4bd1@192.0.2.10", Text(m.CallId));
        Assert.Equal("\"Rao, Anita\" <sip:+14045550100@carrier.example.net>;tag=4fd31a7c", Text(m.From));
        Assert.Equal("4fd31a7c", Text(m.FromTag));
        Assert.Equal("<sip:+442079460123@198.51.100.7>", Text(m.To));
        Assert.True(m.ToTag.IsEmpty);
        Assert.Equal("SIP/2.0/UDP 192.0.2.10:5070;rport;branch=z9hG4bK-524287-1---7b3c1d0f", Text(m.TopVia));
        Assert.Equal("z9hG4bK-524287-1---7b3c1d0f", Text(m.ViaBranch));
        Assert.True(m.HasUniqueBranch);
        Assert.Equal("192.0.2.10:5070", Text(m.ViaSentBy));
        Assert.Equal(314159u, m.CSeqNumber);
        Assert.Equal(SipMethod.Invite, m.CSeqMethod);
        Assert.Equal(69, m.MaxForwards);
        Assert.Equal("<sip:gw7@192.0.2.10:5070;transport=udp>", Text(m.Contact));
        Assert.Equal("application/sdp", Text(m.ContentType));
        Assert.Equal(Crlf(Offer), Text(m.Body));
        Assert.Equal(InviteWithOffer, Text(m.Bytes));
        Assert.Equal("EdgeGate 4.2", Text(m.Header(HeaderName.UserAgent)));
        Assert.True(m.Header(HeaderName.Route).IsEmpty);
        Assert.False(m.Has(HeaderName.Route));
    }

    [Fact]
    public void Comma_lists_are_split_and_lines_of_one_name_joined_in_order()
    {
        SipMessage m = Parse(InviteWithOffer);
        var vias = new List<string>();
        foreach (ReadOnlySpan<byte> via in m.Values(HeaderName.Via)) vias.Add(Text(via));
        Assert.Equal(
            ["SIP/2.0/UDP 192.0.2.10:5070;rport;branch=z9hG4bK-524287-1---7b3c1d0f", "SIP/2.0/UDP 10.0.0.4;branch=z9hG4bKa1", "SIP/2.0/TCP 10.0.0.5:5060;branch=z9hG4bKa2"],
            vias);
        Assert.True(m.Lists(HeaderName.Supported, "100REL"u8));
        Assert.False(m.Lists(HeaderName.Supported, "replaces"u8));
        Assert.False(m.Lists(HeaderName.Require, "timer"u8));
    }
}
