using CsCheck;
using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Admission;

public sealed class SourceTableTests
{
    [Theory]
    [InlineData("192.0.2.1:5060", "port")]
    [InlineData("192.0.2.1:5061", "host")]
    [InlineData("192.0.2.2:5060", "net28")]
    [InlineData("192.0.2.99:1", "net24")]
    [InlineData("192.0.3.1:1", "all4")]
    [InlineData("[2001:db8::1]:5060", "host6")]
    [InlineData("[2001:db8:0:1::7]:5060", "net6")]
    [InlineData("[2001:db9::1]:5060", null)]
    [InlineData("[::ffff:192.0.2.2]:9", "net28")]
    public void The_most_exact_source_wins(string source, string? expected)
    {
        SourceTable table = new();
        foreach ((string name, string pattern) in new[] { ("all4", "0.0.0.0/0"), ("net24", "192.0.2.0/24"), ("port", "192.0.2.1:5060"), ("host", "192.0.2.1"), ("net28", "192.0.2.0/28"), ("host6", "2001:db8::1"), ("net6", "2001:db8::/32") })
            Assert.True(table.TryAdd(Pattern(pattern), Gateway(name)));
        Assert.Equal(expected, table.TryFind(NetAddress.Parse(source), out MappingGateway? found) ? found.Name : null);
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("192.0.2.1:5060")]
    [InlineData("192.0.2.0/24")]
    [InlineData("2001:db8::/32")]
    public void A_source_has_one_gateway(string pattern)
    {
        SourceTable table = new();
        Assert.True(table.TryAdd(Pattern(pattern), Gateway("a")));
        Assert.False(table.TryAdd(Pattern(pattern), Gateway("b")));
    }

    [Theory]
    [InlineData("carrier.example", "'carrier.example' is no source: 192.0.2.1, 192.0.2.1:5060, 192.0.2.0/24 or a host name is needed")]
    [InlineData("192.0.2.1/33", "'192.0.2.1/33': the length after '/' must be 0 to 32")]
    [InlineData("2001:db8::/129", "'2001:db8::/129': the length after '/' must be 0 to 128")]
    [InlineData("192.0.2.1/24", "'192.0.2.1/24' has bits beyond its length; '192.0.2.0/24' is the network")]
    [InlineData("192.0.2.0:5060/24", "'192.0.2.0:5060/24' is no source: 192.0.2.1, 192.0.2.1:5060, 192.0.2.0/24 or a host name is needed")]
    [InlineData("0.0.0.0", "'0.0.0.0' is nobody's address; for every source write 0.0.0.0/0")]
    [InlineData("", "'' is no source: 192.0.2.1, 192.0.2.1:5060, 192.0.2.0/24 or a host name is needed")]
    public void What_is_no_source_is_refused_in_a_sentence(string text, string says)
    {
        Assert.False(SourcePattern.TryParse(text, out _, out string error));
        Assert.Equal(says, error);
    }

    [Fact]
    public void Masks_as_bit_by_bit() =>
        Gen.Select(Gen.Byte.Array[16], Gen.Int[0, 128]).Sample(static (bytes, length) =>
        {
            bytes[0] = 0x20; // never an IPv4 address in IPv6's clothes
            byte[] expected = [.. bytes.Select((b, i) => (byte)Enumerable.Range(0, 8).Where(bit => (i * 8) + bit < length).Sum(bit => b & (0x80 >> bit)))];
            byte[] actual = new byte[16];
            SourcePattern.Mask(NetAddress.V6(bytes, 7), length).WriteAddressBytes(actual);
            return expected.SequenceEqual(actual);
        });

    private static SourcePattern Pattern(string text)
    {
        Assert.True(SourcePattern.TryParse(text, out SourcePattern pattern, out string error), error);
        return pattern;
    }

    private static MappingGateway Gateway(string name) => new()
    {
        Name = name,
        Account = null,
        Capacity = 0,
        Locked = false,
        CalleeRules = DialPlan.Empty,
        CallerRules = DialPlan.Empty,
        Groups = default,
        GroupsAllow = true,
        State = new GatewayState(),
    };
}
