using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage.Cdrs;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Server.CdrDelivery;

public sealed class JournalledCallsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Calls_closed_in_the_ledger_reach_database_and_files_once_while_the_journal_grows_and_after_a_restart()
    {
        using (JournalFile journal = JournalFile.Open(_folder["journal"]))
        {
            var ledger = new Ledger(journal);
            using var calls = new JournalledCalls(_folder["journal"], () => journal.DurablePosition);
            using CdrStore store = OpenStore(journal);
            var files = new CdrTextFiles(_folder["cdr"], CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => new CdrSettings { RecordToFile = true }), 0, _said.Add);
            using var projector = new CdrProjector(calls, [store, files], new HandClock(), _said.Add);
            ledger.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 0, false, CdrSamples.Midnight, out _);
            Close(journal, ledger, 1, 2);
            projector.Turn();
            Assert.Equal(journal.DurablePosition, store.Position);
            Close(journal, ledger, 3);
            projector.Turn();
            Close(journal, ledger, 4);
        }
        using (JournalFile journal = JournalFile.Open(_folder["journal"]))
        {
            using var calls = new JournalledCalls(_folder["journal"], () => journal.DurablePosition);
            using CdrStore store = OpenStore(journal);
            var files = new CdrTextFiles(_folder["cdr"], CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => new CdrSettings { RecordToFile = true }), journal.DurablePosition, _said.Add);
            using var projector = new CdrProjector(calls, [store, files], new HandClock(), _said.Add);
            projector.Turn();
            projector.Turn();
            CdrPage page = await store.QueryAsync(new CdrQuery(), CdrSamples.Midnight + TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
            Assert.Equal(4, page.Cdrs.Count);
            Assert.Equal(4, (await File.ReadAllLinesAsync(Path.Combine(_folder["cdr"], "2026042600.txt"), TestContext.Current.CancellationToken)).Length);
        }
        Assert.Empty(_said);
    }

    [Fact]
    public void A_lost_database_is_built_again_from_the_beginning()
    {
        using JournalFile journal = JournalFile.Open(_folder["journal"]);
        Close(journal, new Ledger(journal), 1, 2, 3);
        using var calls = new JournalledCalls(_folder["journal"], () => journal.DurablePosition);
        var into = new List<Cdr>();
        long half = calls.Read(0, 2, into);
        Assert.Equal(2, into.Count);
        Assert.Equal(journal.DurablePosition, calls.Read(half, 10, into));
        Assert.Equal(3, into.Count);
        into.Clear();
        calls.Read(0, 10, into);
        Assert.Equal(CdrSamples.Call(1).CallerE164, into[0].CallerE164);
        Assert.Equal(3, into.Count);
    }

    private CdrStore OpenStore(JournalFile journal) => CdrStore.Open(_folder["cdr.db"], journal.DurablePosition, new HandClock(), _said.Add);

    private static void Close(JournalFile journal, Ledger ledger, params int[] numbers)
    {
        foreach (int n in numbers)
            Assert.Equal(LedgerOutcome.Done, ledger.CloseCall(CdrSamples.Call(n, c => { c.Sale = null; c.Cost = null; c.BillingMode = BillingMode.NotBilled; }), CdrSamples.Call(n).Stop));
        Assert.True(journal.WriteOut());
        Assert.True(journal.WaitDurable(journal.Position, TimeSpan.FromSeconds(30)));
    }
}
