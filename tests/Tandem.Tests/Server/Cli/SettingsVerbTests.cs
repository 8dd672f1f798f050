using Tandem.Server.Cli;
using Tandem.Server.Hosting;
using Tandem.Tests.Server.WebApi;

namespace Tandem.Tests.Server.Cli;

/// <summary><c>tandem settings</c> in time, against a switch (docs/settings-history.md).</summary>
public sealed class SettingsVerbTests : IAsyncLifetime
{
    private const string Setting = "SS_SIP_TIMEOUT_INVITE";

    private WebApiSwitch _switch = null!;

    public async ValueTask InitializeAsync() => _switch = await WebApiSwitch.StartAsync();

    public async ValueTask DisposeAsync() => await _switch.DisposeAsync();

    [Fact]
    public async Task A_setting_is_shown_as_it_was_and_the_past_is_not_changed()
    {
        string before = Now();
        await AskAsync(0, Setting, "15");
        Assert.Contains("value: 15\n", await AskAsync(0, Setting), StringComparison.Ordinal);
        Assert.Contains("value: 10\n", await AskAsync(0, Setting, "--at", before), StringComparison.Ordinal);
        Assert.Matches($"{Setting} +10 +10 ", await AskAsync(0, "--at", before));
        Assert.Matches($"{Setting} +15 +10 ", await AskAsync(0));
        Assert.Equal("tandem: the past cannot be changed: --at goes without a value\n", await AskAsync(1, Setting, "16", "--at", before));
        Assert.Equal("tandem: at: 'once' is no time: 2026-04-26T12:00:00Z is needed\n", await AskAsync(1, Setting, "--at", "once"));
        Assert.StartsWith("tandem: ", await AskAsync(1, Setting, "--at", "2019-01-01"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_differ_between_two_times_are_listed()
    {
        string first = Now();
        Assert.Equal("no setting differs\n", await AskAsync(0, "diff", first));
        await AskAsync(0, Setting, "15");
        string second = Now();
        await AskAsync(0, Setting, "20");
        Assert.Matches($"{Setting} +10 +20", await AskAsync(0, "diff", first));
        Assert.Matches($"{Setting} +10 +15", await AskAsync(0, "diff", first, second));
        Assert.Matches($"{Setting} +15 +20", await AskAsync(0, "diff", second));
        Assert.Equal("tandem: from: 'once' is no time: 2026-04-26T12:00:00Z is needed\n", await AskAsync(1, "diff", "once"));
    }

    [Fact]
    public async Task The_values_of_a_time_come_back_for_one_setting_or_all_and_a_dry_run_only_says_so()
    {
        string before = Now();
        await AskAsync(0, Setting, "15");
        await AskAsync(0, "SS_CDR_RECORD_TO_FILE", "On");
        string said = await AskAsync(0, "revert", before, "--dry-run");
        Assert.Contains(Setting, said, StringComparison.Ordinal);
        Assert.Contains("SS_CDR_RECORD_TO_FILE", said, StringComparison.Ordinal);
        Assert.EndsWith("nothing was changed (--dry-run)\n", said, StringComparison.Ordinal);
        Assert.Contains("value: 15\n", await AskAsync(0, Setting), StringComparison.Ordinal);

        string one = await AskAsync(0, "revert", before, Setting);
        Assert.DoesNotContain("SS_CDR_RECORD_TO_FILE", one, StringComparison.Ordinal);
        Assert.Matches("revision [0-9]+\n$", one);
        Assert.Contains("value: 10\n", await AskAsync(0, Setting), StringComparison.Ordinal);
        Assert.Contains("value: On\n", await AskAsync(0, "SS_CDR_RECORD_TO_FILE"), StringComparison.Ordinal);

        Assert.Contains("SS_CDR_RECORD_TO_FILE", await AskAsync(0, "revert", before), StringComparison.Ordinal);
        Assert.Contains("value: Off\n", await AskAsync(0, "SS_CDR_RECORD_TO_FILE"), StringComparison.Ordinal);
        Assert.StartsWith("nothing differs\n", await AskAsync(0, "revert", before, "--dry-run"), StringComparison.Ordinal);
        Assert.StartsWith("tandem: ", await AskAsync(1, "revert", before, "NO_SUCH_SETTING"), StringComparison.Ordinal);
        Assert.Equal("tandem: at: 'once' is no time: 2026-04-26T12:00:00Z is needed\n", await AskAsync(1, "revert", "once"));
    }

    private string Now() => _switch.Host.Clock.Now().ToString();

    /// <summary>What it said: of success on the output, of failure on the error output.</summary>
    private async Task<string> AskAsync(int code, params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        Assert.Equal(code, await CommandLine.RunAsync(["settings", .. args, "--data", _switch.Folder], HostVerbs.All, output, error, TestContext.Current.CancellationToken));
        return (code == 0 ? output : error).ToString();
    }
}
