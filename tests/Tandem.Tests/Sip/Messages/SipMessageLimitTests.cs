using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Messages;

public sealed class SipMessageLimitTests
{
    [Fact]
    public void A_message_beyond_the_largest_datagram_is_not_looked_at()
    {
        byte[] bytes = new byte[SipLimits.MessageBytes + 1];
        Assert.Equal(SipDefect.MessageTooLarge, new SipMessage().Parse(bytes, 0, bytes.Length));
        Assert.Equal(SipDefect.Empty, new SipMessage().Parse(Bytes("\r\n"), 0, 0));
    }

    [Fact]
    public void The_largest_datagram_is_read_to_its_last_byte()
    {
        string head = Crlf(InviteWithOffer[..InviteWithOffer.IndexOf("Content-Type", StringComparison.Ordinal)]) + "Content-Type: a/b\r\n\r\n";
        byte[] bytes = new byte[SipLimits.MessageBytes];
        bytes.AsSpan().Fill((byte)'b');
        Bytes(head).CopyTo(bytes, 0);
        var message = new SipMessage();
        Assert.Equal(SipDefect.None, message.Parse(bytes, 0, bytes.Length));
        Assert.Equal(bytes.Length - head.Length, message.Body.Length);
    }

    [Fact]
    public void A_message_is_read_where_it_lies_in_a_larger_buffer()
    {
        byte[] text = Bytes(InviteWithOffer);
        byte[] buffer = [.. new byte[37], .. text, .. "garbage"u8];
        var message = new SipMessage();
        Assert.Equal(SipDefect.None, message.Parse(buffer, 37, text.Length));
        Assert.Equal(InviteWithOffer, Text(message.Bytes));
        Assert.Equal("4fd31a7c", Text(message.FromTag));
        var session = new SessionDescription();
        Assert.Equal(SdpDefect.None, session.Parse(message));
        Assert.Equal(NetAddress.Parse("192.0.2.44:18200"), session.Media(0).Remote);
    }

    [Fact]
    public void A_parse_leaves_nothing_of_the_one_before()
    {
        var message = new SipMessage();
        byte[] invite = Bytes(InviteWithOffer), junk = "junk\r\n\r\n"u8.ToArray();
        message.Parse(invite, 0, invite.Length);
        Assert.Equal(SipDefect.NotSip, message.Parse(junk, 0, junk.Length));
        Assert.False(message.CanBeAnswered);
        Assert.False(message.IsRequest);
        Assert.True(message.CallId.IsEmpty && message.From.IsEmpty && message.FromTag.IsEmpty && message.ViaBranch.IsEmpty && message.Body.IsEmpty && message.Contact.IsEmpty);
        Assert.Equal(-1, message.MaxForwards);
        Assert.Equal(0u, message.CSeqNumber);
        foreach (SipMessage.HeaderSlot _ in message.Headers) Assert.Fail("a header survived");
    }

    [Fact]
    public void Headers_come_in_order_with_their_names_as_received()
    {
        SipMessage message = Parse("OPTIONS sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h\r\nF : <sip:a@b>;tag=1\r\nX-New:\r\nt: <sip:a@b>\r\ni: 1\r\ncseq: 1 OPTIONS\r\nx-new: two\r\n\r\n");
        var seen = new List<string>();
        foreach (SipMessage.HeaderSlot header in message.Headers) seen.Add($"{header.Name}|{Text(header.NameBytes)}|{Text(header.Value)}");
        Assert.Equal(["Via|v|SIP/2.0/UDP h", "From|F|<sip:a@b>;tag=1", "Other|X-New|", "To|t|<sip:a@b>", "CallId|i|1", "CSeq|cseq|1 OPTIONS", "Other|x-new|two"], seen);
    }

    [Fact]
    public void Parse_and_answer_allocate_nothing()
    {
        byte[] bytes = Bytes(InviteWithOffer);
        byte[] room = new byte[4096];
        var message = new SipMessage();
        RelayedLine[] lines = Sdp.SdpLines.From(4000);
        var session = new SessionDescription();
        NetAddress source = NetAddress.Parse("192.0.2.10:5070"), ours = NetAddress.Parse("198.51.100.7:40000");
        int written = 0;
        void Once()
        {
            message.Parse(bytes, 0, bytes.Length);
            var writer = new SipWriter(room);
            Responses.Write(ref writer, message, source, 183, default, "tag1"u8);
            writer.Header(HeaderName.Contact, "<sip:198.51.100.7>"u8);
            session.Parse(message);
            Span<byte> sdp = stackalloc byte[1024];
            var body = new Tandem.Primitives.Bytes.ByteWriter(sdp);
            SdpWriter.Relay(ref body, session, 1, 1, ours, lines);
            writer.Body("application/sdp"u8, body.Written);
            foreach (ReadOnlySpan<byte> via in message.Values(HeaderName.Via)) written += via.Length;
            written += writer.Written.Length;
        }
        Once();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++) Once();
        }));
        Assert.True(written > 0);
    }
}
