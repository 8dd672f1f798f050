using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Server.CdrDelivery;

public sealed class CdrRebuildTests : IDisposable
{
    private static readonly Instant Later = CdrSamples.Midnight + TimeSpan.FromDays(1);

    private readonly TemporaryFolder _folder = new();
    private readonly CdrFilePlan _plan = CdrFilePlan.Hourly(TimeZoneInfo.Utc, static () => new CdrSettings { RecordToFile = true });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lost_files_are_written_again_byte_for_byte_and_what_came_late_stands_in_the_one_file()
    {
        Journal(1, 2, 3700);
        var calls = new CallsInMemory();
        calls.Calls.AddRange([Call(1), Call(2), Call(3700)]);
        var files = new CdrTextFiles(_folder["cdr"], _plan, 0, static says => Assert.Fail(says));
        files.Take(calls.Calls, 3);
        files.Turn(Later, caughtUp: true);
        IEnumerable<string> before = Directory.GetFiles(_folder["cdr"], "*.txt").Order().Select(File.ReadAllText).ToList();
        File.Delete(Path.Combine(_folder["cdr"], "2026042601.txt"));
        File.WriteAllText(Path.Combine(_folder["cdr"], "2026042600-2.txt"), "what came late\n");

        CdrRebuilt done = Run();
        Assert.Equal((2, 3L), (done.Files, done.Lines));
        Assert.Equal(before, Directory.GetFiles(_folder["cdr"], "*.txt").Order().Select(File.ReadAllText));
    }

    [Fact]
    public void Hours_that_are_not_over_or_whose_file_grows_are_left_alone()
    {
        Journal(1, 3700, 7300);
        Directory.CreateDirectory(_folder["cdr"]);
        File.WriteAllText(Path.Combine(_folder["cdr"], "2026042601.part"), "grows\n");
        CdrRebuilt done = Run(now: CdrSamples.Midnight + TimeSpan.FromHours(3));
        Assert.Equal((1, 1L), (done.Files, done.Lines));
        Assert.Equal(["2026042601"], done.Growing);
        Assert.Equal(["2026042600.txt", "2026042601.part"], Directory.GetFiles(_folder["cdr"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Only_the_hours_asked_for_are_written_and_given_up_it_leaves_nothing()
    {
        Journal(1, 3700, 7300);
        Assert.Equal(1, Run(("2026042601", "2026042601")).Files);
        Assert.Equal(["2026042601.txt"], Directory.GetFiles(_folder["cdr"]).Select(Path.GetFileName));
        using var given = new CancellationTokenSource();
        given.Cancel();
        Assert.Throws<OperationCanceledException>(() => Run(stop: given.Token));
        Assert.Equal(["2026042601.txt"], Directory.GetFiles(_folder["cdr"]).Select(Path.GetFileName));
    }

    private CdrRebuilt Run((string, string)? hours = null, Instant? now = null, CancellationToken? stop = null)
    {
        using JournalReader reader = JournalReader.Offline(_folder["journal"]);
        return CdrRebuild.Run(reader, _folder["cdr"], _plan, hours, now ?? Later, static _ => { }, stop ?? TestContext.Current.CancellationToken);
    }

    private void Journal(params int[] numbers)
    {
        using JournalFile journal = JournalFile.Open(_folder["journal"]);
        var ledger = new Ledger(journal);
        foreach (int n in numbers) Assert.Equal(LedgerOutcome.Done, ledger.CloseCall(Call(n), Call(n).Stop));
        Assert.True(journal.WriteOut());
        Assert.True(journal.WaitDurable(journal.Position, TimeSpan.FromSeconds(30)));
    }

    private static Cdr Call(int n) => CdrSamples.Call(n, static c =>
    {
        c.Sale = null;
        c.Cost = null;
        c.BillingMode = BillingMode.NotBilled;
    });
}
