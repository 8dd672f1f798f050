using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Messages;
using Tandem.Sip.Transports;

namespace Tandem.Tests.Sip.Dialogs;

public class DialogTests
{
    private const ulong OurTag = 0x0123456789abcdef;

    private static readonly NetAddress Source = NetAddress.Parse("192.0.2.10:5070");
    private static readonly NetAddress Us = NetAddress.Parse("198.51.100.7:5060");

    private static readonly SipListeners Listeners = new([new(Us), new(Us, SipTransport.Tcp), new(NetAddress.Parse("[2001:db8::7]:5060")), new(NetAddress.Parse("198.51.100.7:5061"), SipTransport.Tls)]);

    private readonly BytePool _pool = new();

    [Fact]
    public void A_callees_dialog_turns_From_and_To_round_and_puts_our_tag_on_From()
    {
        var dialog = new Dialog(_pool, Listeners);
        Assert.True(dialog.TryOpenAsServer(SipText.Parse(SipText.InviteWithOffer), OurTag, Source, 0));
        string bye = Request(dialog, SipMethod.Bye, 1);
        Assert.StartsWith("BYE sip:gw7@192.0.2.10:5070;transport=udp SIP/2.0\r\n", bye);
        Assert.Contains($"From: <sip:+442079460123@198.51.100.7>;tag={Tag()}\r\n", bye);
        Assert.Contains("To: \"Rao, Anita\" <sip:+14045550100@carrier.example.net>;tag=4fd31a7c\r\n", bye);
        Assert.Contains("Call-ID: 81d4f2c0-77aa-4bd1@192.0.2.10\r\nCSeq: 1 BYE\r\n", bye);
        Assert.Equal((314159u, 314159u), (dialog.RemoteCSeq, dialog.InviteCSeq));
        dialog.Release();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void A_request_is_the_dialogs_only_with_their_tag_and_the_Call_ID()
    {
        var dialog = new Dialog(_pool, Listeners);
        string invite = SipText.InviteWithOffer;
        dialog.TryOpenAsServer(SipText.Parse(invite), OurTag, Source, 0);
        Assert.True(dialog.Matches(SipText.Parse(invite)));
        Assert.False(dialog.Matches(SipText.Parse(invite.Replace("tag=4fd31a7c", "tag=4fd31a7d"))));
        Assert.False(dialog.Matches(SipText.Parse(invite.Replace(";tag=4fd31a7c", ""))));
        Assert.False(dialog.Matches(SipText.Parse(invite.Replace("Call-ID: 81", "Call-ID: 82"))));
        dialog.Release();
        Assert.False(dialog.Matches(SipText.Parse(invite)));
    }

    [Fact]
    public void Without_a_contact_there_is_no_dialog()
    {
        var dialog = new Dialog(_pool, Listeners);
        Assert.False(dialog.TryOpenAsServer(SipText.Parse(SipText.InviteWithOffer.Replace("Contact: ", "X-Contact: ")), OurTag, Source, 0));
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void What_a_provisional_response_gave_is_replaced_by_the_answer()
    {
        Dialog dialog = OpenAsClient();
        dialog.Establish(Response("180 Ringing", "early", "<sip:one@203.0.113.5>", "Record-Route: <sip:203.0.113.8;lr>\r\n"), Source);
        Assert.Equal(NetAddress.Parse("203.0.113.8:5060"), dialog.Peer);
        dialog.Establish(Response("200 OK", "final", "<sip:two@203.0.113.6:5090>", ""), Source);
        Assert.Equal(("final", "sip:two@203.0.113.6:5090"), (SipText.Text(dialog.RemoteTag), SipText.Text(dialog.Target)));
        Assert.Equal(NetAddress.Parse("203.0.113.6:5090"), dialog.Peer);
        Assert.DoesNotContain("Route:", Request(dialog, SipMethod.Ack, 1));
        dialog.Release();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Theory]
    [InlineData("<sip:x@203.0.113.6:5090>", "203.0.113.6:5090")] // reachable: there
    [InlineData("<sip:x@10.0.0.9:5090>", "192.0.2.10:5070")] // private: where it spoke from
    [InlineData("<sip:x@100.64.1.1>", "192.0.2.10:5070")]
    [InlineData("<sip:x@gateway.example:5090>", "192.0.2.10:5070")] // a name is not resolved
    [InlineData("<sip:x@192.0.2.10:6000>", "192.0.2.10:6000")] // the same host, another port
    [InlineData("<sip:x@0.0.0.0>", "192.0.2.10:5070")]
    [InlineData("<sip:x@[2001:db8::1]>", "[2001:db8::1]:5060")] // another family, and we have a listener for it
    public void Requests_go_to_the_contact_where_it_can_be_reached(string contact, string peer)
    {
        Dialog dialog = OpenAsClient();
        dialog.Establish(Response("200 OK", "t", contact, ""), Source);
        Assert.Equal(NetAddress.Parse(peer), dialog.Peer);
        dialog.Release();
    }

    [Fact]
    public void A_response_too_large_to_be_kept_leaves_the_dialog_as_it_was()
    {
        Dialog dialog = OpenAsClient();
        dialog.Establish(Response("180 Ringing", "early", "<sip:one@203.0.113.5>", ""), Source);
        dialog.Establish(Response("200 OK", "final", "<sip:two@203.0.113.6>", string.Concat(Enumerable.Repeat("Record-Route: <sip:203.0.113.8;lr>\r\n", 17))), Source);
        Assert.Equal("early", SipText.Text(dialog.RemoteTag));
        dialog.Release();
    }

    [Fact]
    public void Many_long_routes_are_kept_whole_and_in_order()
    {
        Dialog dialog = OpenAsClient();
        string[] routes = [.. Enumerable.Range(0, 16).Select(static i => $"<sip:203.0.113.{i};lr;x={new string('r', 300)}>")];
        dialog.Establish(Response("200 OK", "t", "<sip:two@203.0.113.99>", string.Concat(routes.Select(static r => $"Record-Route: {r}\r\n"))), Source);
        string[] written = [.. Request(dialog, SipMethod.Bye, 2).Split("\r\n").Where(static l => l.StartsWith("Route: ", StringComparison.Ordinal)).Select(static l => l[7..])];
        Assert.Equal(routes.Reverse(), written);
        dialog.Release();
        Assert.Equal(0, _pool.Outstanding);
    }

    private static string Tag()
    {
        Span<byte> tag = stackalloc byte[Base32.Length];
        Base32.Write(OurTag, tag);
        return SipText.Text(tag);
    }

    [Theory]
    [InlineData("<sip:two@203.0.113.6:5090;transport=TCP>", 1, "203.0.113.6:5090")]
    [InlineData("<sip:two@203.0.113.6;transport=tls>", 3, "203.0.113.6:5061")]
    [InlineData("<sips:two@203.0.113.6>", 3, "203.0.113.6:5061")]
    [InlineData("<sip:two@[2001:db8::99]:5070>", 2, "[2001:db8::99]:5070")]
    [InlineData("<sip:two@203.0.113.6:5090;transport=sctp>", 0, "203.0.113.99:5060")]
    [InlineData("<sip:two@[2001:db8::99]:5070;transport=tcp>", 0, "203.0.113.99:5060")]
    public void Requests_follow_the_contacts_transport_and_family_as_far_as_there_is_a_listener(string contact, int listener, string peer)
    {
        Dialog dialog = OpenAsClient();
        dialog.Establish(Response("200 OK", "t", contact, ""), NetAddress.Parse("203.0.113.99:5060"));
        Assert.Equal((listener, NetAddress.Parse(peer)), (dialog.Listener, dialog.Peer));
        Assert.Equal(NetAddress.Parse("203.0.113.99:5060"), dialog.Flow);
        string token = System.Text.Encoding.ASCII.GetString(Listeners[listener].Transport.Token());
        Assert.Contains($"Via: SIP/2.0/{token} {Listeners[listener].Known};branch=", Request(dialog, SipMethod.Bye, 1));
    }

    [Fact]
    public void A_contact_without_a_transport_is_spoken_to_as_the_peer_speaks()
    {
        var dialog = new Dialog(_pool, Listeners);
        dialog.TryOpenAsServer(SipText.Parse(SipText.InviteWithOffer.Replace(";transport=udp", "")), OurTag, Source, 1);
        Assert.Equal((1, NetAddress.Parse("192.0.2.10:5070")), (dialog.Listener, dialog.Peer));
    }

    private static SipMessage Response(string status, string tag, string contact, string extra) => SipText.Parse(
        $"SIP/2.0 {status}\r\nVia: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bKb\r\n{extra}From: <sip:a@198.51.100.7>;tag=x\r\nTo: <sip:b@203.0.113.5>;tag={tag}\r\nCall-ID: ours\r\nCSeq: 1 INVITE\r\nContact: {contact}\r\nContent-Length: 0\r\n\r\n");

    private static string Request(Dialog dialog, SipMethod method, uint cseq)
    {
        var w = new SipWriter(new byte[16_384]);
        dialog.WriteRequest(ref w, method, "z9hG4bKtest"u8, cseq, 70);
        w.End();
        Assert.False(w.Overflowed);
        return SipText.Text(w.Written);
    }

    private Dialog OpenAsClient()
    {
        var dialog = new Dialog(_pool, Listeners);
        dialog.OpenAsClient("ours"u8, "<sip:a@198.51.100.7>"u8, "<sip:b@203.0.113.5>"u8, "sip:b@203.0.113.5"u8, OurTag, NetAddress.Parse("203.0.113.5:5060"), 0);
        return dialog;
    }
}
