using Tandem.Primitives;
using Tandem.Sip.Messages;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Messages;

public sealed class NameAddressTests
{
    [Theory]
    [InlineData("\"A \\\"q\\\" <b>\" <sip:a@b;lr>;tag=1", "A \\\"q\\\" <b>", "sip:a@b;lr", ";tag=1")]
    [InlineData("Alice Bell<sip:a@b> ; x", "Alice Bell", "sip:a@b", "; x")]
    [InlineData("<sip:a@b>", "", "sip:a@b", "")]
    [InlineData("sip:a@b;tag=1;x=\"<y>\"", "", "sip:a@b", ";tag=1;x=\"<y>\"")]
    [InlineData("  < sip:a@b > ", "", "sip:a@b", "")]
    [InlineData("\"\"<sip:a@b>", "", "sip:a@b", "")]
    public void An_address_in_either_form(string text, string display, string uri, string parameters)
    {
        Assert.True(NameAddress.TryParse(Bytes(text), out NameAddress address));
        Assert.Equal(display, Text(address.DisplayName));
        Assert.Equal(uri, Text(address.Uri));
        Assert.Equal(parameters, Text(address.Params));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\"open <sip:a@b>")]
    [InlineData("\"name\" sip:a@b")]
    [InlineData("\"name\"")]
    [InlineData("<sip:a@b")]
    [InlineData("sip:a@b>")]
    [InlineData("<>")]
    [InlineData(";tag=1")]
    [InlineData("<sip:a@b> tag=1")]
    [InlineData("<<sip:a@b>>")]
    [InlineData("na\"me <sip:a@b>")]
    [InlineData("<sip:a@b>;x=\"open")]
    [InlineData("sip:a@b;x=\"\";y=\"open")]
    public void No_address(string text) => Assert.False(NameAddress.TryParse(Bytes(text), out _));

    [Fact]
    public void Parameters_are_found_among_empty_quoted_and_folded_ones()
    {
        byte[] text = Bytes(";;a;b=\"x;c=no\";\r\n c = yes ;d=");
        Assert.True(Parameters.TryGet(text, "C"u8, out ReadOnlySpan<byte> c));
        Assert.Equal("yes", Text(c));
        Assert.True(Parameters.TryGet(text, "b"u8, out ReadOnlySpan<byte> b));
        Assert.Equal("\"x;c=no\"", Text(b));
        Assert.True(Parameters.TryGet(text, "a"u8, out ReadOnlySpan<byte> a) && a.IsEmpty);
        Assert.True(Parameters.TryGet(text, "d"u8, out ReadOnlySpan<byte> d) && d.IsEmpty);
        Assert.False(Parameters.TryGet(text, "e"u8, out _));
        Assert.False(Parameters.TryGet(";x=\"open;e=1"u8, "e"u8, out _));
        var names = new List<string>();
        foreach (Parameters one in new Parameters(text)) names.Add(Text(one.Name));
        Assert.Equal(["a", "b", "c", "d"], names);
    }

    [Fact]
    public void A_via_is_taken_apart()
    {
        Assert.True(ViaParm.TryParse("SIP/2.0/TLS [2001:db8::9]:5061;branch=z9hG4bK7;received=1.2.3.4"u8, out ViaParm via));
        Assert.Equal("TLS", Text(via.Transport));
        Assert.Equal("[2001:db8::9]:5061", Text(via.SentBy));
        Assert.Equal("[2001:db8::9]", Text(via.Host));
        Assert.Equal(5061, via.Port);
        Assert.True(via.TryGetParam("received"u8, out ReadOnlySpan<byte> received));
        Assert.Equal("1.2.3.4", Text(received));
        Assert.True(via.IsSentBy(NetAddress.Parse("[2001:db8::9]:9")));
        Assert.False(via.IsSentBy(NetAddress.Parse("192.0.2.1:5061")));
    }

    [Theory]
    [InlineData("OPTIONS sip:a SIP/2.0\r\nCall-ID: one\r\ni: two\r\n\r\n", "one")]
    [InlineData("OPTIONS sip:a SIP/2.0\r\nInfo: x\r\nI\t:  two  \r\n\r\n", "two")]
    [InlineData("\r\n\r\nOPTIONS sip:a SIP/2.0\ncall-id:three\n\n", "three")]
    [InlineData("OPTIONS sip:a SIP/2.0\r\nCall-ID:\r\n four\r\n\r\n", "four")]
    [InlineData("OPTIONS sip:a SIP/2.0\r\nX: y\r\n\r\nCall-ID: in the body\r\n", "")]
    [InlineData("OPTIONS sip:a SIP/2.0\r\nCall-ID: cut", "")]
    [InlineData("", "")]
    public void The_dispatcher_finds_the_Call_ID_and_nothing_else(string text, string expected) => Assert.Equal(expected, Text(CallIdScan.Find(Bytes(text))));
}
