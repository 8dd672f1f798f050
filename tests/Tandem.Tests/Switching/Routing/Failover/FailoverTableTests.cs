using Tandem.Server.Settings;
using Tandem.Switching.Routing.Failover;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Routing.Failover;

public sealed class FailoverTableTests
{
    // Columns as in the manual: defaults, until connect, busy Off, SDP Off, SDP and RTP Off, OLC On, trunk On, limit 0, all true, all false, stop 404 5xx, next 486 503 6xx. n = next, - = stop.
    [Theory]
    [InlineData("503", "nnnnnnn-n--n")]
    [InlineData("404", "nnnnnnn-n--n")]
    [InlineData("486", "--n-----n--n")]
    [InlineData("603", "-----------n")]
    [InlineData("no answer at all", "nnnnnnn-nnnn")]
    [InlineData("a trunk says nothing", "nnnnnn--nnnn")]
    [InlineData("rang, then 503", "-n------n--n")]
    [InlineData("SDP, then 503", "-n-nn---n--n")]
    [InlineData("SDP and media, then 503", "-n--n---n--n")]
    [InlineData("logical channel, then 503", "nnnnn-n-n--n")]
    [InlineData("rang, then 486", "--------n--n")]
    [InlineData("the caller has agreed, then 503", "------------")]
    [InlineData("503, and no target is left", "------------")]
    public void Each_row_of_the_table_is_as_the_manual_says(string happened, string expected)
    {
        FailoverFacts facts = Assert.Single(FailoverManual.Events, e => e.Says == happened).Facts;
        Assert.Equal(expected, string.Concat(FailoverManual.Rules.Select(r => FailoverTable.Decide(r.With(facts)).Next ? 'n' : '-')));
    }

    [Fact]
    public void No_event_and_no_step_is_left_out_of_the_manual()
    {
        Assert.Equal(13, FailoverManual.Events.Length);
        Assert.Equal(Enum.GetValues<FailoverStep>().Order(), FailoverManual.Order.Order());
    }

    [Fact]
    public void Every_line_of_the_table_can_be_the_one_that_decides()
    {
        HashSet<FailoverStep> met = [];
        foreach ((_, FailoverFacts facts) in FailoverManual.Events)
        {
            foreach ((_, Func<FailoverFacts, FailoverFacts> with) in FailoverManual.Rules) met.Add(FailoverTable.Decide(with(facts)).Step);
        }
        met.Add(FailoverTable.Decide(new FailoverFacts { Settings = Until(stopAfterBusy: false), Status = 486 }).Step);
        met.Add(FailoverTable.Decide(new FailoverFacts { Settings = new SwitchSettings(), Status = 503, SawRtp = true, Gateway = new FailoverRules { Rtp = false } }).Step);
        Assert.Equal(Enum.GetValues<FailoverStep>().Order(), met.Order());
    }

    [Theory]
    [InlineData("ring", true)]
    [InlineData("sdp", true)]
    [InlineData("rtp", true)]
    [InlineData("ring", false)]
    [InlineData("sdp", false)]
    [InlineData("rtp", false)]
    public void What_a_gateway_says_of_itself_outweighs_the_system(string what, bool allows)
    {
        FailoverRules own = new() { Ring = what == "ring" ? allows : null, Sdp = what == "sdp" ? allows : null, Rtp = what == "rtp" ? allows : null };
        FailoverFacts heard = new() { Settings = allows ? new SwitchSettings() : Until(stopAfterBusy: true), Gateway = own, Status = 500, SawRinging = what == "ring", SawSdp = what == "sdp", SawRtp = what == "rtp" };
        Assert.Equal(allows, FailoverTable.Decide(heard).Next);
    }

    [Theory]
    [InlineData("404", true)]
    [InlineData("4xx", true)]
    [InlineData("6XX", true)]
    [InlineData("200", false)]
    [InlineData("4x4", false)]
    [InlineData("40", false)]
    [InlineData("700", false)]
    [InlineData("", false)]
    public void A_code_is_a_final_status_or_a_class(string entry, bool good) => Assert.Equal(good, SwitchCodes.Wrong(entry) is null);

    [Fact]
    public void A_class_has_its_hundred_statuses_and_no_other()
    {
        SwitchCodes codes = SwitchCodes.Of(["5xx", "404"]);
        Assert.Equal([404, .. Enumerable.Range(500, 100)], Enumerable.Range(-5, 1000).Where(codes.Has));
        Assert.False(SwitchCodes.None.Has(0));
    }

    private static SwitchSettings Until(bool stopAfterBusy) => new() { Calls = new CallSettings { SwitchUntilConnect = true, SwitchStopAfterUserBusy = stopAfterBusy } };
}
