using Tandem.Primitives;
using Tandem.Sip.Messages;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Messages;

public sealed class SipUriTests
{
    [Fact]
    public void A_URI_is_taken_apart()
    {
        Assert.True(SipUri.TryParse("SIPS:+1-404;phone-context=x:secret@Gw.Example.net:5071;transport=udp;lr;maddr=1.2.3.4?Subject=a&To=b"u8, out SipUri uri));
        Assert.Equal(UriScheme.Sips, uri.Scheme);
        Assert.Equal("+1-404", Text(uri.User));
        Assert.Equal("phone-context=x", Text(uri.UserParams));
        Assert.Equal("Gw.Example.net", Text(uri.Host));
        Assert.Equal(5071, uri.Port);
        Assert.Equal(";transport=udp;lr;maddr=1.2.3.4", Text(uri.Params));
        Assert.Equal("Subject=a&To=b", Text(uri.Headers));
        Assert.True(uri.TryGetParam("LR"u8, out ReadOnlySpan<byte> lr));
        Assert.True(lr.IsEmpty);
        Assert.True(uri.TryGetParam("transport"u8, out ReadOnlySpan<byte> transport));
        Assert.Equal("udp", Text(transport));
        Assert.False(uri.TryGetParam("port"u8, out _));
    }

    [Theory]
    [InlineData("sip:192.0.2.1", "", "192.0.2.1", 0)]
    [InlineData("sip:alice@[2001:db8::1]:5060", "alice", "[2001:db8::1]", 5060)]
    [InlineData("sip:a?b@under_score.example.net", "a?b", "under_score.example.net", 0)]
    [InlineData("sip:user:pass;word@host", "user", "host", 0)]
    [InlineData("tel:+44-20-7946;ext=3", "+44-20-7946", "", 0)]
    public void User_host_and_port_of(string text, string user, string host, int port)
    {
        Assert.True(SipUri.TryParse(Bytes(text), out SipUri uri));
        Assert.Equal(user, Text(uri.User));
        Assert.Equal(host, Text(uri.Host));
        Assert.Equal(port, uri.Port);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sip:")]
    [InlineData(":host")]
    [InlineData("442079460123")]
    [InlineData("sip:@host")]
    [InlineData("sip:user@")]
    [InlineData("sip:user@ho st")]
    [InlineData("sip:user@host@proxy")]
    [InlineData("sip:user@host:0")]
    [InlineData("sip:user@host:65536")]
    [InlineData("sip:user@host:50a")]
    [InlineData("sip:user@host:")]
    [InlineData("sip:user@[2001:db8::1")]
    [InlineData("sip:user@[zz::1]")]
    [InlineData("sip:;ext=3@host")]
    [InlineData("sip::secret@host")]
    [InlineData("tel:44@host")]
    [InlineData("tel:")]
    [InlineData("1sip:user@host")]
    [InlineData("<sip:user@host>")]
    public void No_URI(string text) => Assert.False(SipUri.TryParse(Bytes(text), out _));

    [Theory]
    [InlineData("sip:+442079460123@h", "442079460123")]
    [InlineData("sip:%2B442079460123@h", "442079460123")]
    [InlineData("tel:+44-(20)-7946.0123", "442079460123")]
    [InlineData("sip:44.20.7946@h", "44207946")]
    [InlineData("sip:*21%23@h", "*21#")]
    [InlineData("sip:alice.b-c@h", "alice.b-c")]
    [InlineData("sip:00442079460123;npdi@h", "00442079460123")]
    public void The_number_dialled(string text, string expected)
    {
        Assert.True(SipUri.TryParse(Bytes(text), out SipUri uri));
        Assert.True(uri.TryGetDialString(out DialString number));
        Assert.Equal(expected, number.ToString());
    }

    [Theory]
    [InlineData("sip:h")]
    [InlineData("sip:+@h")]
    [InlineData("sip:a%20b@h")]
    [InlineData("sip:a%2@h")]
    [InlineData("sip:a%zz@h")]
    [InlineData("sip:a%00@h")]
    [InlineData("sip:a!b@h")]
    [InlineData("sip:123456789012345678901234567890123@h")]
    [InlineData("sip:12345678901234567890123456789012345678901234567890123456789012345678901234567890@h")]
    public void No_number_dialled(string text)
    {
        Assert.True(SipUri.TryParse(Bytes(text), out SipUri uri));
        Assert.False(uri.TryGetDialString(out _));
    }
}
