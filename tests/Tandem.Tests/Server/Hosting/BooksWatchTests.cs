using System.Text;
using Tandem.Primitives;
using Tandem.Server.Alarms;
using Tandem.Server.Hosting;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Server.Hosting;

/// <summary>The running check: a ledger that is not what its journal says is found, told, and not made a snapshot.</summary>
public sealed class BooksWatchTests : HostedSwitch
{
    [Fact]
    public async Task The_books_are_held_against_the_journal_before_each_snapshot()
    {
        SwitchHost host = await StartAsync();
        await Pay(host, "p1");
        host.TakeSnapshotNow();
        await Pay(host, "p2");
        host.TakeSnapshotNow();
        Assert.Null(host.BooksWrong);
        Assert.Empty(BooksAlarms(host));
        Assert.Equal(2, Snapshots());
    }

    [Theory]
    [InlineData(1, 0, "account 1001: expected balance 10.00 USD, found 10.000000001 USD")]
    [InlineData(0, 5, "account 1001: expected reserved 0.00 USD, found 0.000000005 USD, and 1 more")]
    public async Task A_nano_too_much_raises_an_alarm_and_is_not_kept_and_its_correction_ends_it(long balance, long reserved, string says)
    {
        SwitchHost host = await StartAsync();
        await Pay(host, "p1");
        host.TakeSnapshotNow();
        await Pay(host, "p2");
        await Spoil(host, balance, reserved);
        host.TakeSnapshotNow();
        Alarm alarm = Assert.Single(BooksAlarms(host));
        Assert.Equal((AlarmLevel.Critical, $"The books do not follow from the journal: {says}. No snapshot was taken; a restart goes by the journal."), (alarm.Level, alarm.Says));
        Assert.Equal(1, Snapshots());
        await Spoil(host, -balance, -reserved);
        host.TakeSnapshotNow();
        Assert.Empty(BooksAlarms(host));
        Assert.Equal(2, Snapshots());
    }

    [Fact]
    public async Task A_restart_goes_by_the_journal()
    {
        SwitchHost host = await StartAsync();
        await Pay(host, "p1");
        await Spoil(host, 7, 0);
        await host.DisposeAsync();
        host = await StartAsync();
        Assert.True(host.Books.Ledger.TryFindAccount("1001", out LedgerAccount? account));
        Assert.Equal(5 * Money.NanosPerUnit, account.BalanceNanos);
        Assert.True((await host.Control.CheckAsync(Stop)).Passed);
    }

    private static Task<bool> Spoil(SwitchHost host, long balance, long reserved) => host.Control.OnLedger((ledger, _) =>
    {
        bool found = ledger.TryFindAccount("1001", out LedgerAccount? account);
        Add(nameof(LedgerAccount.BalanceNanos), balance);
        Add(nameof(LedgerAccount.ReservedNanos), reserved);
        return found;

        // Past every verb, as a mistake of ours would.
        void Add(string amount, long nanos) => typeof(LedgerAccount).GetProperty(amount)!.SetValue(account, (long)typeof(LedgerAccount).GetProperty(amount)!.GetValue(account)! + nanos);
    });

    private static async Task Pay(SwitchHost host, string id) =>
        Assert.Equal(LedgerOutcome.Done, await host.Control.OnLedger((ledger, now) => ledger.Pay(id, new AccountId(1), 5 * Money.NanosPerUnit, "", "op", now)));

    private static Alarm[] BooksAlarms(SwitchHost host)
    {
        host.AlarmWatch!.Look();
        return [.. host.Alarms.Standing.Where(static a => a.Kind == AlarmKind.Books)];
    }

    private int Snapshots() => Directory.GetFiles(Path.Combine(_folder, "snapshots"), "*.snapshot").Length;

    private async Task<SwitchHost> StartAsync()
    {
        await HostAsync();
        await _host!.Control.ApplyAsync(Encoding.UTF8.GetBytes("""{"accounts":[{"account":"1001","currency":"USD"}]}"""), dryRun: false, "op", Stop);
        return _host;
    }
}
