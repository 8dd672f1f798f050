using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;

namespace Tandem.Tests.Server.Hosting;

/// <summary>How settings were, what differs, and back again (docs/settings-history.md).</summary>
public sealed class SettingsInTimeTests : IAsyncLifetime
{
    private const string Invite = "SS_SIP_TIMEOUT_INVITE", Trying = "SS_SIP_TIMEOUT_TRYING";

    private readonly string _folder = Directory.CreateTempSubdirectory("tandem-settings-").FullName;
    private SwitchHost _host = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_setting_is_shown_as_it_was_at_a_time_also_after_a_restart()
    {
        Instant first = await SetAsync(Invite, "11"), second = await SetAsync(Invite, "12");
        await _host.DisposeAsync();
        await StartAsync();
        Assert.Equal(("11", "12", "12"), (await ValueAsync(Invite, first), await ValueAsync(Invite, second), await ValueAsync(Invite, null)));
        SettingsView all = (await _host.Control.SettingsAsync(first, Stop)).Value!;
        Assert.Equal("11", all.Settings.Single(static s => s.Name == Invite).Value);
        Assert.Equal("20", all.Settings.Single(static s => s.Name == Trying).Value);
        Assert.Equal("11", await ValueAsync("SS_SIP_INVITE_TIMEOUT", first)); // its alias
    }

    [Fact]
    public async Task A_setting_says_who_changed_it_last_and_when()
    {
        Assert.Null((await _host.Control.SettingAsync(Trying, null, Stop)).Value!.ChangedBy);
        Instant at = await SetAsync(Invite, "11");
        SettingView setting = (await _host.Control.SettingAsync(Invite, null, Stop)).Value!;
        Assert.Equal(("ann", at, "s"), (setting.ChangedBy!, setting.ChangedAt!.Value, setting.Unit));
    }

    [Fact]
    public async Task Before_anything_was_configured_there_is_nothing_to_show()
    {
        await SetAsync(Invite, "11");
        Answer<SettingView> answer = await _host.Control.SettingAsync(Invite, new Instant(1), Stop);
        Assert.Equal(FaultKind.Conflict, answer.Fault?.Kind);
        Assert.Contains("nothing was configured yet", answer.Fault!.Says, StringComparison.Ordinal);
        Assert.Equal(FaultKind.NotFound, (await _host.Control.SettingAsync("SS_NONE", new Instant(1), Stop)).Fault?.Kind);
    }

    [Fact]
    public async Task What_differs_between_two_times_is_told_with_both_values()
    {
        Instant first = await SetAsync(Invite, "11"), second = await SetAsync(Trying, "21");
        await SetAsync(Invite, "12");
        Assert.Equal([(Trying, "20", "21")], await DifferenceAsync(first, second));
        Assert.Equal([(Invite, "11", "12"), (Trying, "20", "21")], await DifferenceAsync(first, null));
        Assert.Equal([(Trying, "21", "20")], await DifferenceAsync(second, first));
        Assert.Empty(await DifferenceAsync(first, first));
    }

    [Fact]
    public async Task One_setting_gets_the_value_of_a_time_back_and_the_others_stay()
    {
        Instant first = await SetAsync(Invite, "11");
        await SetAsync(Invite, "12");
        await SetAsync(Trying, "21");
        Answer<ApplyView> dry = await _host.Control.RevertSettingsAsync(Invite, first, dryRun: true, "bob", Stop);
        Assert.Equal("12 → 11", Assert.Single(dry.Value!.Changes).Says);
        Assert.Equal("12", await ValueAsync(Invite, null));

        Answer<ApplyView> done = await _host.Control.RevertSettingsAsync(Invite, first, dryRun: false, "bob", Stop);
        Assert.Equal(4, done.Value!.Revision);
        Assert.Equal(("11", "21"), (await ValueAsync(Invite, null), await ValueAsync(Trying, null)));
        Assert.Equal("bob", (await _host.Control.SettingAsync(Invite, null, Stop)).Value!.ChangedBy);
        Assert.Equal(TimeSpan.FromSeconds(11), _host.Tables.Current.Settings.Sip.TimeoutInvite); // in force, not only said
    }

    [Fact]
    public async Task All_settings_go_back_at_once_and_accounts_and_gateways_stay_as_they_are()
    {
        Instant first = await SetAsync(Invite, "11");
        await ApplyAsync("""{"accounts":[{"account":"1","name":"A","currency":"USD"}],"settings":{"SS_SIP_TIMEOUT_INVITE":"12","SS_SIP_TIMEOUT_TRYING":"21"}}""");
        Answer<ApplyView> done = await _host.Control.RevertSettingsAsync(null, first, dryRun: false, "bob", Stop);
        Assert.Equal(2, done.Value!.Changes.Count);
        Assert.Equal(("11", "20"), (await ValueAsync(Invite, null), await ValueAsync(Trying, null)));
        Assert.True(_host.Configuration.Current.Configuration.Accounts.ContainsKey("1"));
        Assert.Empty((await _host.Control.RevertSettingsAsync(null, first, dryRun: false, "bob", Stop)).Value!.Changes); // nothing is left to do
    }

    private async Task StartAsync() => _host = await SwitchHost.Start(new SwitchOptions { DataFolder = _folder, Sip = [NetAddress.Parse("127.0.0.1:0")] }, static _ => { });

    private async Task<Instant> SetAsync(string name, string value)
    {
        Answer<SettingView> set = await _host.Control.SetSettingAsync(name, value, "ann", Stop);
        Assert.Null(set.Fault);
        return _host.Configuration.Audit[^1].At;
    }

    private async Task ApplyAsync(string document) => Assert.Null((await _host.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "ann", Stop)).Fault);

    private async Task<string> ValueAsync(string name, Instant? at) => (await _host.Control.SettingAsync(name, at, Stop)).Value!.Value;

    private async Task<(string, string, string)[]> DifferenceAsync(Instant from, Instant? to) =>
        [.. (await _host.Control.SettingDifferenceAsync(from, to, Stop)).Value!.Changes.Select(static c => (c.Name, c.From, c.To)).Order()];
}
