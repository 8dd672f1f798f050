using System.Text;
using Tandem.Sip.Messages;

namespace Tandem.Tests.Sip.Messages;

public sealed class DuplicateHeaderTests
{
    public static TheoryData<HeaderName> Single => [.. SipMessage.GivenOnceOnly];

    [Theory]
    [MemberData(nameof(Single))]
    public void A_field_that_may_stand_once_is_refused_twice_in_any_spelling(HeaderName name)
    {
        string spelling = Encoding.ASCII.GetString(name.Spelling()), value = ValueOf(name);
        foreach (string again in (string[])[spelling, spelling.ToLowerInvariant(), spelling.ToUpperInvariant() + " "])
        {
            foreach (string other in (string[])[value, ValueOf(name, second: true)])
            {
                SipMessage message = Parse($"{spelling}: {value}\r\n{again}: {other}\r\n", name, out SipDefect defect);
                Assert.Equal((SipDefect.DuplicateHeader, 400), (defect, defect.AnswerStatus()));
                Assert.True(message.CanBeAnswered);
            }
        }
        Parse($"{spelling}: {value}\r\n", name, out SipDefect once);
        Assert.Equal(SipDefect.None, once);
    }

    [Theory]
    [InlineData("l: 0\r\nContent-Length: 0\r\n")]
    [InlineData("c: application/sdp\r\nContent-Type: text/plain\r\n")]
    [InlineData("x: 90\r\nSession-Expires: 1800\r\n")]
    [InlineData("r: <sip:a@b>\r\nRefer-To: <sip:c@d>\r\n")]
    [InlineData("b: <sip:a@b>\r\nReferred-By: <sip:c@d>\r\n")]
    [InlineData("o: dialog\r\nEvent: refer\r\n")]
    public void A_compact_form_and_its_full_name_are_the_same_field(string headers)
    {
        Parse(headers, HeaderName.Other, out SipDefect defect);
        Assert.Equal(SipDefect.DuplicateHeader, defect);
    }

    [Fact]
    public void Fields_that_are_lists_may_stand_as_often_as_they_like()
    {
        Parse("Contact: <sip:a@b>\r\nContact: <sip:c@d>\r\nSupported: a\r\nk: b\r\nRoute: <sip:a;lr>\r\nRoute: <sip:b;lr>\r\nX-One: 1\r\nX-One: 2\r\nVia: SIP/2.0/UDP y\r\n", HeaderName.Other, out SipDefect defect);
        Assert.Equal(SipDefect.None, defect);
    }

    private static string ValueOf(HeaderName name, bool second = false) => name switch
    {
        HeaderName.From or HeaderName.To or HeaderName.ReferTo or HeaderName.ReferredBy => second ? "<sip:other@x>" : "<sip:one@x>",
        HeaderName.CSeq => second ? "2 INVITE" : "1 INVITE",
        HeaderName.ContentLength => "0",
        HeaderName.RAck => "1 1 INVITE",
        HeaderName.ContentType => second ? "text/plain" : "application/sdp",
        _ => second ? "71" : "70",
    };

    private static SipMessage Parse(string headers, HeaderName given, out SipDefect defect)
    {
        string Unless(HeaderName name, string line) => given == name ? "" : line + "\r\n";
        byte[] bytes = Encoding.ASCII.GetBytes("INVITE sip:1@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n" + Unless(HeaderName.From, "From: <sip:1@x>;tag=1") + Unless(HeaderName.To, "To: <sip:1@x>")
            + Unless(HeaderName.CallId, "Call-ID: 1") + Unless(HeaderName.CSeq, "CSeq: 1 INVITE") + headers + "\r\n");
        SipMessage message = new();
        defect = message.Parse(bytes, 0, bytes.Length);
        return message;
    }
}
