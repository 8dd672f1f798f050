using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Server.Settings;
using Tandem.Server.WebApi;
using Tandem.Sip.Messages;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Server.Settings;

public sealed class ManualTests
{
    [Fact]
    public void The_page_of_settings_is_what_is_declared() => Checkout.HoldPage("docs/settings.md", SettingsManual.Write());

    [Fact]
    public void The_page_of_refusals_is_the_table() => Checkout.HoldPage("docs/refusals.md", RefusalsManual.Write());

    [Fact]
    public void The_page_of_the_web_api_is_its_tables() => Checkout.HoldPage("docs/webapi.md", WebApiManual.Write());

    [Fact]
    public void The_page_of_the_door_is_the_table() => Checkout.HoldPage("docs/door.md", DoorManual.Write());

    [Fact]
    public void The_page_of_failover_is_the_table() => Checkout.HoldPage("docs/failover.md", FailoverManual.Write());

    [Fact]
    public void The_page_of_limits_is_the_table() => Checkout.HoldPage("docs/limits.md", LimitsManual.Write());

    [Fact]
    public void The_tables_of_the_page_of_cdrs_are_the_list_of_fields()
    {
        Checkout.HoldPart("docs/cdr.md", "fields", CdrManual.Fields());
        Checkout.HoldPart("docs/cdr.md", "line", CdrManual.Line());
    }

    [Fact]
    public void Every_setting_says_something_and_ends_as_a_sentence() =>
        Assert.All(SwitchSettings.Catalogue.All, static (Setting s) => Assert.EndsWith(".", s.Says));

    [Fact]
    public void Each_refusal_stands_at_its_own_place_with_an_end_reason_of_its_own()
    {
        for (int i = 0; i < Refusals.All.Count; i++) Assert.Equal((Refusal)i, Refusals.All[i].Refusal);
        Assert.Equal(Enum.GetValues<Refusal>().Length, Refusals.All.Count);
        Assert.Equal(Refusals.All.Count, Refusals.All.Select(static m => m.EndReason).Distinct().Count());
        Assert.All(Refusals.All, static m => Assert.Contains(CauseNames.All, c => c.Cause == m.Q850 || m.Q850 == 0));
        Assert.All(Refusals.All.Skip(1), static m => Assert.True(m.EndReason < 0 && m.SipStatus is >= 400 and < 700, m.Refusal.ToString()));
    }
}
