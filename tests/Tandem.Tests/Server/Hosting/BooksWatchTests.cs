using System.Text;
using Microsoft.Data.Sqlite;
using Tandem.Primitives;
using Tandem.Server.Alarms;
using Tandem.Server.Api;
using Tandem.Server.Hosting;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.Hosting;

/// <summary>The running check: a ledger that is not what its journal says is found, told, and not made a snapshot.</summary>
public sealed class BooksWatchTests : HostedSwitch
{
    [Fact]
    public async Task The_books_are_held_against_the_journal_before_each_snapshot()
    {
        SwitchHost host = await StartAsync();
        await Pay(host, "p1");
        await host.BooksWatch.TakeSnapshotAsync(Stop);
        await Pay(host, "p2");
        await host.BooksWatch.TakeSnapshotAsync(Stop);
        Assert.Empty(host.BooksWatch.Wrong);
        Assert.Empty(BooksAlarms(host));
        Assert.Equal(2, Snapshots());
    }

    [Theory]
    [InlineData(1, 0, "account 1001: expected balance 10.00 USD, found 10.000000001 USD")]
    [InlineData(0, 5, "account 1001: expected reserved 0.00 USD, found 0.000000005 USD")]
    public async Task A_nano_too_much_raises_an_alarm_and_is_not_kept_and_its_correction_ends_it(long balance, long reserved, string says)
    {
        SwitchHost host = await StartAsync();
        await Pay(host, "p1");
        await host.BooksWatch.TakeSnapshotAsync(Stop);
        await Pay(host, "p2");
        await Spoil(host, balance, reserved);
        await host.BooksWatch.TakeSnapshotAsync(Stop);
        Alarm alarm = Assert.Single(BooksAlarms(host));
        Assert.Equal((AlarmLevel.Critical, $"The books do not follow from the journal: {says}. No snapshot was taken; a restart goes by the journal."), (alarm.Level, alarm.Says));
        Assert.Equal(1, Snapshots());
        await Spoil(host, -balance, -reserved);
        await host.BooksWatch.TakeSnapshotAsync(Stop);
        Assert.Empty(BooksAlarms(host));
        Assert.Equal(2, Snapshots());
    }

    [Fact]
    public async Task The_journals_positions_are_told_with_the_snapshots_and_the_consumers()
    {
        SwitchHost host = await StartAsync();
        await Pay(host, "p1");
        await host.BooksWatch.TakeSnapshotAsync(Stop);
        long snapshot = (await host.Control.JournalAsync(Stop)).Snapshot;
        await Pay(host, "p2");
        JournalView journal = await host.Control.JournalAsync(Stop);
        Assert.Equal(snapshot, journal.Snapshot);
        Assert.InRange(journal.Snapshot, 1, journal.Position - 1);
        Assert.True(journal.Durable <= journal.Written && journal.Written <= journal.Position && journal.SealedTo <= journal.Position);
        Assert.Equal(journal.SealedTo == 0, journal.Head.Length == 0);
        Assert.True(journal.AcceptsNewWork);
        Assert.Equal(["the CDR database", "the CDR text files", "the CDR files by interval", "the report of CDRs"], journal.Consumers.Select(static c => c.Name));
        Assert.All(journal.Consumers, c => Assert.InRange(c.Position, 0, journal.Position));
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

    [Fact]
    public async Task A_ledger_of_many_accounts_is_held_against_the_journal_part_by_part_and_the_last_nano_of_the_last_account_is_found()
    {
        SwitchHost host = await StartAsync();
        Assert.Equal(LedgerOutcome.Done, await host.Control.OnLedger(static (ledger, now) =>
        {
            for (int i = 0; i < 9_000; i++) ledger.OpenAccount($"many-{i}", Currency.Usd, AccountKind.Ordinary, 0, locked: false, now, out _);
            return LedgerOutcome.Done;
        }));
        await host.BooksWatch.TakeSnapshotAsync(Stop);
        Assert.Empty(host.BooksWatch.Wrong);
        Assert.Equal(1, Snapshots());
        await Spoil(host, 1, 0, "many-8999");
        await Pay(host, "p1");
        await host.BooksWatch.TakeSnapshotAsync(Stop);
        Assert.Contains("account many-8999: expected balance 0.00 USD, found 0.000000001 USD. No snapshot", Assert.Single(host.BooksWatch.Wrong).Says, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_open_in_the_ledger_that_nobody_carries_is_told_at_the_second_look()
    {
        SwitchHost host = await StartAsync();
        var forgotten = new Cdr { Call = new CallId(77), Start = host.Clock.Now() };
        await host.Control.OnLedger((ledger, now) => ledger.OpenCall(forgotten, AccountId.None, 0, now));
        await host.BooksWatch.LookAtCallsAsync();
        Assert.Empty(BooksAlarms(host));
        await host.BooksWatch.LookAtCallsAsync();
        Assert.Equal($"Calls in progress do not agree: call {forgotten.Call} is open in the ledger, and nobody carries it: its money stays held. Let somebody look; a restart settles every call.", Assert.Single(BooksAlarms(host)).Says);
        await host.Control.OnLedger((ledger, now) => ledger.CloseCall(forgotten, now));
        await host.BooksWatch.LookAtCallsAsync();
        Assert.Empty(BooksAlarms(host));
    }

    [Fact]
    public async Task A_media_session_that_no_call_holds_is_told_at_the_second_look()
    {
        SwitchHost host = await StartAsync();
        NetAddress end = NetAddress.Parse("127.0.0.1:5060");
        Assert.True(host.Media.TryLend(new CallId(78), end, end, out MediaLease lease));
        await host.BooksWatch.LookAtCallsAsync();
        await host.BooksWatch.LookAtCallsAsync();
        Assert.Contains($"1 media session lent to call {new CallId(78)}, which nobody carries", Assert.Single(BooksAlarms(host)).Says, StringComparison.Ordinal);
        host.Media.Return(lease);
        await host.BooksWatch.LookAtCallsAsync();
        Assert.Empty(BooksAlarms(host));
    }

    [Fact]
    public async Task A_call_that_ended_and_is_not_in_the_database_is_told_until_it_is()
    {
        SwitchHost host = await StartAsync();
        Cdr[] ended = [.. Enumerable.Range(1, 3).Select(i => new Cdr { Call = new CallId(100 + i), Start = host.Clock.Now(), Stop = host.Clock.Now(), Hidden = i == 2 ? HiddenFrom.Database : HiddenFrom.Nobody })];
        foreach (Cdr cdr in ended) await Close(host, cdr);
        await host.BooksWatch.LookAtCdrsAsync();
        Assert.Empty(BooksAlarms(host));

        Cdr lost = new() { Call = new CallId(200), Start = host.Clock.Now(), Stop = host.Clock.Now() };
        await Close(host, lost);
        Database($"DELETE FROM {CdrSchema.TableOf(lost.Stop)} WHERE call = 200");
        await host.BooksWatch.LookAtCdrsAsync();
        await host.BooksWatch.LookAtCdrsAsync();
        Assert.Equal($"Calls that ended have no CDR in the database: call {lost.Call}. The journal has them, and the database can be built again from it (docs/cdr.md).", Assert.Single(BooksAlarms(host)).Says);
    }

    private static async Task Close(SwitchHost host, Cdr cdr)
    {
        long position = await host.Control.OnLedger((ledger, now) => ledger.CloseCall(cdr, now) == LedgerOutcome.Done ? host.Books.Journal.Position : 0);
        Assert.True(await host.Books.Journal.WhenDurable(position));
        Assert.True(await host.Projector.CaughtUpAsync(TimeSpan.FromSeconds(30), Stop));
    }

    private void Database(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "cdr.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private static Task<bool> Spoil(SwitchHost host, long balance, long reserved, string number = "1001") => host.Control.OnLedger((ledger, _) =>
    {
        bool found = ledger.TryFindAccount(number, out LedgerAccount? account);
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
