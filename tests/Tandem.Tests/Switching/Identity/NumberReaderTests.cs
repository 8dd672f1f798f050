using System.Text;
using Tandem.Sip.Messages;
using Tandem.Switching.Identity;

namespace Tandem.Tests.Switching.Identity;

public sealed class NumberReaderTests
{
    [Theory]
    [InlineData("<sip:442079460123@host>", "442079460123")]
    [InlineData("<sip:+442079460123@host;user=phone>", "442079460123")]
    [InlineData("<sip:%2b44-20-7946(0123)@host>", "442079460123")]
    [InlineData("<sip:442079460123;isub=1411;postd=pp22;phone-context=+44@host;user=phone>", "442079460123")]
    [InlineData("<sip:442079460123:secret@host>", "442079460123")]
    [InlineData("<tel:+44-20-7946-0123>", "442079460123")]
    [InlineData("<tel:(020)7946.0123;phone-context=+44;isub=12>", "02079460123")]
    [InlineData("tel:+442079460123;phone-context=example.com", "442079460123")]
    [InlineData("\"0800, 12\" <sips:*21%23@[2001:db8::1]:5061>;tag=x", "*21#")]
    [InlineData("<sip:john.doe@host>", "john.doe")]
    [InlineData("<sip:host>", "")]
    [InlineData("<tel:+>", "")]
    [InlineData("<mailto:442079460123@host>", "")]
    [InlineData("<sip:44%00207@host>", "")]
    [InlineData("<sip:44%0d%0a207@host>", "")]
    [InlineData("<sip:012345678901234567890123456789012@host>", "")]
    public void A_number_is_read_out_of_every_kind_of_address(string address, string number)
    {
        Assert.Equal(number.Length > 0, NumberReader.TryNumberOf(Encoding.UTF8.GetBytes(address), out var read));
        Assert.Equal(number, read.ToString());
    }

    [Theory]
    [InlineData(CallerSource.From, "", CallerSource.From, "100")]
    [InlineData(CallerSource.RemotePartyId, "Remote-Party-ID: <sip:200@x>;party=called, <sip:201@x>;party=calling;screen=yes\r\n", CallerSource.RemotePartyId, "201")]
    [InlineData(CallerSource.RemotePartyId, "Remote-Party-ID: \"me, myself\" <sip:202@x>\r\n", CallerSource.RemotePartyId, "202")]
    [InlineData(CallerSource.RemotePartyId, "Remote-Party-ID: <sip:200@x>;party=called\r\n", CallerSource.From, "100")]
    [InlineData(CallerSource.PAssertedIdentity, "P-Asserted-Identity: \"Alice\" <sip:alice@x>, <tel:+49-30-1>\r\n", CallerSource.PAssertedIdentity, "49301")]
    [InlineData(CallerSource.PAssertedIdentity, "P-Asserted-Identity: <sip:alice@x>\r\nP-Asserted-Identity: tel:+49302\r\n", CallerSource.PAssertedIdentity, "49302")]
    [InlineData(CallerSource.PAssertedIdentity, "P-Asserted-Identity: <sip:alice@x>\r\n", CallerSource.PAssertedIdentity, "alice")]
    [InlineData(CallerSource.PAssertedIdentity, "P-Asserted-Identity: <sip:x>, garbage <\r\nP-Preferred-Identity: <sip:303@x>\r\n", CallerSource.From, "100")]
    [InlineData(CallerSource.PPreferredIdentity, "p-preferred-identity: <sip:303@x>\r\n", CallerSource.PPreferredIdentity, "303")]
    [InlineData(CallerSource.Display, "", CallerSource.Display, "4930123456")]
    public void The_caller_is_read_where_the_operator_says_and_else_from_From(CallerSource wanted, string headers, CallerSource taken, string number)
    {
        Assert.Equal(taken, NumberReader.ReadCaller(Invite(headers, "\"+49 (30) 123-456\" <sip:100@x>;tag=1"), wanted, out var read));
        Assert.Equal(number, read.ToString());
    }

    [Theory]
    [InlineData("\"Alice 12\" <sip:100@x>")]
    [InlineData("<sip:100@x>")]
    [InlineData("\"\" <sip:100@x>")]
    [InlineData("\"++\" <sip:100@x>")]
    [InlineData("\"01234567890123456789012345678901234\" <sip:100@x>")]
    public void A_display_name_that_is_no_number_is_not_taken_for_one(string from)
    {
        Assert.Equal(CallerSource.From, NumberReader.ReadCaller(Invite("", from + ";tag=1"), CallerSource.Display, out var read));
        Assert.Equal("100", read.ToString());
    }

    [Theory]
    [InlineData(CalleeSource.RequestUri, "", CalleeSource.RequestUri, "900")]
    [InlineData(CalleeSource.To, "", CalleeSource.To, "800")]
    [InlineData(CalleeSource.Diversion, "Diversion: <sip:702@x>;reason=user-busy\r\nDiversion: <tel:+701>;reason=unconditional\r\n", CalleeSource.Diversion, "701")]
    [InlineData(CalleeSource.Diversion, "Diversion: <sip:702@x>;reason=user-busy, <sip:703@x>\r\n", CalleeSource.Diversion, "703")]
    [InlineData(CalleeSource.Diversion, "History-Info: <sip:601@x>;index=1, <sip:602@x>;index=1.1\r\n", CalleeSource.Diversion, "601")]
    [InlineData(CalleeSource.Diversion, "", CalleeSource.RequestUri, "900")]
    [InlineData(CalleeSource.Diversion, "Diversion: nonsense\r\n", CalleeSource.RequestUri, "900")]
    public void The_callee_is_read_where_the_operator_says_and_else_from_the_request_line(CalleeSource wanted, string headers, CalleeSource taken, string number)
    {
        Assert.Equal(taken, NumberReader.ReadCallee(Invite(headers), wanted, out var read));
        Assert.Equal(number, read.ToString());
    }

    [Theory]
    [InlineData("Privacy: id\r\n", true)]
    [InlineData("Privacy: critical; ID\r\n", true)]
    [InlineData("Privacy: session\r\nPrivacy: user\r\n", true)]
    [InlineData("Privacy: none\r\n", false)]
    [InlineData("Privacy: identity\r\n", false)]
    [InlineData("Remote-Party-ID: <sip:1@x>;privacy=full\r\n", true)]
    [InlineData("Remote-Party-ID: <sip:1@x>;privacy=off\r\n", false)]
    [InlineData("", false)]
    public void A_caller_asks_to_stay_unknown_by_Privacy_or_Remote_Party_ID(string headers, bool hidden) =>
        Assert.Equal(hidden, PrivacyWish.IsIn(Invite(headers)));

    [Fact]
    public void An_anonymous_From_is_a_wish_to_stay_unknown() =>
        Assert.True(PrivacyWish.IsIn(Invite("", "Anonymous <sip:anonymous@Anonymous.invalid>;tag=1")));

    private static SipMessage Invite(string headers, string from = "<sip:100@x>;tag=1")
    {
        byte[] bytes = Encoding.UTF8.GetBytes(
            $"INVITE sip:900@y SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: {from}\r\nTo: <sip:800@y>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n{headers}Content-Length: 0\r\n\r\n");
        SipMessage message = new();
        Assert.Equal(SipDefect.None, message.Parse(bytes, 0, bytes.Length));
        return message;
    }
}
