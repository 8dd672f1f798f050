using Tandem.Primitives;
using Tandem.Sip.Locating;

namespace Tandem.Tests.Sip.Locating;

public sealed class DnsCacheTests
{
    private static Instant After(double seconds) => Zone.Start + TimeSpan.FromSeconds(seconds);

    [Fact]
    public void An_answer_is_asked_again_when_its_time_is_over()
    {
        var zone = new Zone("a.example 60 A 192.0.2.1");
        zone.Locate("a.example:5060", reach: Reach.Udp4);
        zone.Locate("a.example:5060", After(59), reach: Reach.Udp4);
        Assert.Single(zone.Asked);
        zone.Locate("a.example:5060", After(60), reach: Reach.Udp4);
        Assert.Equal(2, zone.Asked.Count);
    }

    [Fact]
    public void A_name_that_does_not_exist_is_not_asked_for_every_call()
    {
        var zone = new Zone();
        zone.Locate("a.example:5060", reach: Reach.Udp4);
        zone.Locate("a.example:5060", After(59), reach: Reach.Udp4);
        Assert.Single(zone.Asked);
        Assert.Equal("a.example did not resolve: NXDOMAIN since 2026-03-01 03:12 UTC", zone.Locate("a.example:5060", After(600), reach: Reach.Udp4).Trouble);
        Assert.Equal(2, zone.Asked.Count);
    }

    [Fact]
    public void While_no_name_server_answers_the_last_answer_is_used_for_a_day()
    {
        var zone = new Zone("a.example 60 A 192.0.2.1");
        zone.Locate("a.example:5060", reach: Reach.Udp4);
        zone.Silent = true;
        Location stale = zone.Locate("a.example:5060", After(100), reach: Reach.Udp4);
        Assert.Equal("udp 192.0.2.1:5060", Zone.Show(stale));
        Assert.True(stale.Stale);
        Assert.Equal(After(100) + DnsCache.AskAgain, stale.Until);
        zone.Silent = false;
        Assert.False(zone.Locate("a.example:5060", After(120), reach: Reach.Udp4).Stale);
        zone.Silent = true;
        Location gone = zone.Locate("a.example:5060", After(120 + 60 + 86_401), reach: Reach.Udp4);
        Assert.Contains("no name server answers", gone.Trouble);
        Assert.Equal(0, gone.Hops.Count);
    }

    [Fact]
    public void The_cache_is_bounded()
    {
        var cache = new DnsCache(static () => TimeSpan.FromHours(1));
        for (int i = 0; i <= DnsCache.MaxEntries; i++) cache.Put(new DnsQuestion($"n{i}.example", DnsType.A), new DnsAnswer { Outcome = DnsOutcome.NoData, Ttl = TimeSpan.FromSeconds(60 + (i % 7)) }, After(i));
        Assert.Equal(DnsCache.MaxEntries, cache.Count);
        Assert.False(cache.TryGet(new DnsQuestion("n0.example", DnsType.A), After(1), out _));
        Assert.True(cache.TryGet(new DnsQuestion("n1.example", DnsType.A), After(1), out _));
    }
}
