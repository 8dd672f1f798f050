using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Sip.Transports;

namespace Tandem.Tests.Sip.Locating;

public sealed class HopSetTests
{
    private static HopChoice Choice(int host, int group, int weight, int? server = null) =>
        new(new Hop(NetAddress.V4(0xc0000200u + (uint)host, 5060), SipTransport.Udp), group, server ?? host, weight);

    private static string Draw(HopSet set, EntropySource entropy)
    {
        Span<byte> order = stackalloc byte[HopSet.MaxHops];
        set.Draw(entropy, order);
        return string.Join(' ', order[..set.Count].ToArray().Select(i => set[i].Address.V4Bits & 0xff));
    }

    [Fact]
    public void A_single_hop_and_groups_without_weights_stand_in_their_order()
    {
        var entropy = new SeededEntropy(1);
        Assert.Equal("7", Draw(new HopSet(new Hop(NetAddress.Parse("192.0.2.7:5060"), SipTransport.Udp)), entropy));
        Assert.Equal("1 2 3", Draw(new HopSet([Choice(1, 0, 5), Choice(2, 1, 5), Choice(3, 2, 5)]), entropy));
    }

    [Fact]
    public void Weights_share_the_first_place_and_every_hop_comes_once()
    {
        var set = new HopSet([Choice(1, 0, 60), Choice(2, 0, 20), Choice(3, 0, 20), Choice(4, 0, 0), Choice(5, 1, 1)]);
        var entropy = new SeededEntropy(7);
        var first = new Dictionary<string, int>();
        for (int i = 0; i < 10_000; i++)
        {
            string[] order = Draw(set, entropy).Split(' ');
            Assert.Equal(["1", "2", "3", "4", "5"], order.Order(StringComparer.Ordinal));
            Assert.Equal("5", order[4]);
            first[order[0]] = first.GetValueOrDefault(order[0]) + 1;
        }
        Assert.InRange(first["1"], 5_700, 6_200);
        Assert.InRange(first["2"], 1_800, 2_200);
        Assert.InRange(first["3"], 1_800, 2_200);
        Assert.InRange(first["4"], 50, 160); // weight zero: a very small chance (RFC 2782), here 1 in 101
    }

    [Fact]
    public void The_addresses_of_one_server_stay_together()
    {
        var set = new HopSet([Choice(1, 0, 1, server: 9), Choice(2, 0, 1, server: 9), Choice(3, 0, 1)]);
        var entropy = new SeededEntropy(3);
        var seen = new HashSet<string>();
        for (int i = 0; i < 100; i++) seen.Add(Draw(set, entropy));
        Assert.Equal(["1 2 3", "3 1 2"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Drawing_allocates_nothing()
    {
        var set = new HopSet([Choice(1, 0, 60), Choice(2, 0, 20), Choice(3, 1, 0), Choice(4, 1, 0)]);
        var entropy = new SeededEntropy(3);
        Span<byte> order = stackalloc byte[HopSet.MaxHops];
        set.Draw(entropy, order);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) set.Draw(entropy, order);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
