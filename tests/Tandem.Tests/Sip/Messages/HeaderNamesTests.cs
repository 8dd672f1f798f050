using Tandem.Sip.Messages;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Messages;

public sealed class HeaderNamesTests
{
    [Fact]
    public void Every_name_is_found_by_its_spelling_in_any_case()
    {
        for (var name = HeaderName.Via; (int)name < HeaderNames.Count; name++)
        {
            string spelling = Text(name.Spelling());
            Assert.Equal(name, HeaderNames.Of(Bytes(spelling)));
            Assert.Equal(name, HeaderNames.Of(Bytes(spelling.ToUpperInvariant())));
            Assert.Equal(name, HeaderNames.Of(Bytes(spelling.ToLowerInvariant())));
            Assert.Equal(HeaderName.Other, HeaderNames.Of(Bytes(spelling + "x")));
            Assert.Equal(HeaderName.Other, HeaderNames.Of(Bytes("x" + spelling)));
        }
    }

    [Theory]
    [InlineData("v", HeaderName.Via)]
    [InlineData("F", HeaderName.From)]
    [InlineData("t", HeaderName.To)]
    [InlineData("I", HeaderName.CallId)]
    [InlineData("m", HeaderName.Contact)]
    [InlineData("l", HeaderName.ContentLength)]
    [InlineData("c", HeaderName.ContentType)]
    [InlineData("e", HeaderName.ContentEncoding)]
    [InlineData("k", HeaderName.Supported)]
    [InlineData("s", HeaderName.Subject)]
    [InlineData("x", HeaderName.SessionExpires)]
    [InlineData("o", HeaderName.Event)]
    [InlineData("r", HeaderName.ReferTo)]
    [InlineData("b", HeaderName.ReferredBy)]
    [InlineData("z", HeaderName.Other)]
    [InlineData("", HeaderName.Other)]
    [InlineData("X-Custom", HeaderName.Other)]
    public void Compact_forms_are_the_full_ones(string text, HeaderName expected) => Assert.Equal(expected, HeaderNames.Of(Bytes(text)));

    [Fact]
    public void Every_method_is_found_by_its_token_and_only_in_capitals()
    {
        for (var method = SipMethod.Invite; method <= SipMethod.Publish; method++)
        {
            Assert.Equal(method, SipMethods.Of(method.Token()));
            Assert.Equal(SipMethod.Unknown, SipMethods.Of(Bytes(Text(method.Token()).ToLowerInvariant())));
        }
        Assert.Equal(SipMethod.Unknown, SipMethods.Of("INVITES"u8));
        Assert.Equal(SipMethod.Unknown, SipMethods.Of(""u8));
    }

    [Fact]
    public void Every_defect_has_words_and_a_status_of_its_class()
    {
        foreach (SipDefect defect in Enum.GetValues<SipDefect>())
        {
            Assert.NotEmpty(defect.ReasonText());
            Assert.Equal(defect.ReasonText(), Text(defect.ReasonBytes()));
            Assert.Contains(defect.AnswerStatus(), new[] { 0, 400, 414, 416, 505 });
        }
    }

    [Fact]
    public void Every_status_has_a_phrase_without_line_ends()
    {
        for (int status = 100; status < 700; status++) Assert.True(ReasonPhrases.Of(status).Length > 1 && !ReasonPhrases.Of(status).ContainsAny((byte)'\r', (byte)'\n'));
        Assert.Equal("Call/Transaction Does Not Exist", Text(ReasonPhrases.Of(481)));
        Assert.Equal("Request Failure", Text(ReasonPhrases.Of(499)));
    }
}
