using System.Text;
using Tandem.Sip.Messages;
using Tandem.Switching.Identity;

namespace Tandem.Tests.Switching.Identity;

public sealed class OwnedHeadersTests
{
    [Theory]
    [InlineData("Via")]
    [InlineData("via")]
    [InlineData("ROUTE")]
    [InlineData("Record-Route")]
    [InlineData("Contact")]
    [InlineData("Call-ID")]
    [InlineData("From")]
    [InlineData("To")]
    [InlineData("CSeq")]
    [InlineData("Max-Forwards")]
    [InlineData("Content-Length")]
    [InlineData("Content-Type")]
    [InlineData("Authorization")]
    [InlineData("Proxy-Authorization")]
    [InlineData("WWW-Authenticate")]
    [InlineData("User-Agent")]
    [InlineData("Server")]
    [InlineData("Warning")]
    [InlineData("Reason")]
    [InlineData("Retry-After")]
    [InlineData("Require")]
    [InlineData("Supported")]
    [InlineData("P-Asserted-Identity")]
    [InlineData("Privacy")]
    [InlineData("Diversion")]
    [InlineData("History-Info")]
    [InlineData("Path")]
    [InlineData("in-reply-to")]
    [InlineData("session-id")]
    [InlineData("content-disposition")]
    public void What_the_switch_owns_never_passes_and_is_refused_in_configuration(string name)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(name);
        Assert.False(OwnedHeaders.MayPass(HeaderNames.Of(bytes), bytes));
        Assert.Contains("never passes", OwnedHeaders.WhyNever(name), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("v")]
    [InlineData("j")]
    [InlineData("")]
    [InlineData("X Y")]
    [InlineData("X:Y")]
    [InlineData("X\r\nVia")]
    public void A_compact_form_or_no_token_is_no_name_to_list(string name) => Assert.NotNull(OwnedHeaders.WhyNever(name));

    [Theory]
    [InlineData("X-Customer")]
    [InlineData("P-Charging-Vector")]
    [InlineData("User-to-User")]
    [InlineData("Identity")]
    [InlineData("Subject")]
    [InlineData("Date")]
    [InlineData("Alert-Info")]
    public void What_is_nothing_but_words_for_the_far_end_may_pass(string name)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(name);
        Assert.True(OwnedHeaders.MayPass(HeaderNames.Of(bytes), bytes));
        Assert.Null(OwnedHeaders.WhyNever(name));
    }

    [Fact]
    public void The_manual_names_every_header_field_that_never_passes()
    {
        string page = File.ReadAllText(Checkout.Path("docs", "identity.md"));
        for (int i = 1; i < HeaderNames.Count; i++)
        {
            string name = Encoding.ASCII.GetString(((HeaderName)i).Spelling());
            if (OwnedHeaders.WhyNever(name) is not null) Assert.Contains($"`{name}`", page, StringComparison.Ordinal);
        }
        foreach ((string why, string[] names) in OwnedHeaders.Further)
        {
            Assert.Contains(why, page, StringComparison.Ordinal);
            Assert.All(names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
        }
        Assert.All(SipMessage.GivenOnceOnly, name => Assert.Contains($"`{Encoding.ASCII.GetString(name.Spelling())}`", page, StringComparison.Ordinal));
    }
}
