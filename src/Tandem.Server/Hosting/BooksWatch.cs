using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Snapshots;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Hosting;

/// <summary>
/// The running check of the books (docs/billing.md): the ledger against its journal, open calls against the calls and media sessions there are, ended calls against the CDR database. It also takes the
/// snapshots, so that the next start reads little: they are made of the journal, and none is taken while the ledger is not what the journal says.
/// </summary>
internal sealed class BooksWatch : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);
    private const int LooksASnapshot = 10;

    // What the ledger's loop copies in one turn: a third of a millisecond.
    private const int AccountsAtOnce = 4_096;
    private const int CdrsAtOnce = 1_000;

    // Days are dropped when they are over: a call that ended so long ago may be gone again.
    private static readonly TimeSpan SurelyKept = TimeSpan.FromHours(12);

    private readonly SwitchHost _host;
    private readonly Action<string> _say;
    private readonly OpenCallsCheck _calls = new();
    private readonly JournalledCalls _ended;
    private readonly CancellationTokenSource _stop = new();
    private readonly PeriodicTimer _timer = new(LookEvery);
    private Task _run = Task.CompletedTask;
    private long _snapshotPosition;
    private long _cdrsSeen;
    private Cdr[] _missing = [];
    private volatile string? _ledgerWrong;
    private volatile string? _callsWrong;
    private volatile string? _cdrsWrong;

    public BooksWatch(SwitchHost host, Action<string> say)
    {
        (_host, _say) = (host, say);
        _snapshotPosition = _cdrsSeen = host.Books.Journal.Position;
        _ended = new JournalledCalls(Path.Combine(host.Options.DataFolder, Books.JournalFolder), () => host.Books.Journal.DurablePosition);
    }

    /// <summary>What the last looks found, in sentences; none: all agrees.</summary>
    public IEnumerable<(string Of, string Says)> Wrong
    {
        get
        {
            if (_ledgerWrong is { } ledger) yield return ("ledger", ledger);
            if (_callsWrong is { } calls) yield return ("calls", calls);
            if (_cdrsWrong is { } cdrs) yield return ("cdrs", cdrs);
        }
    }

    public void Start() => _run = RunAsync();

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        _timer.Dispose();
        await _run;
        _ended.Dispose();
    }

    private async Task RunAsync()
    {
        for (int look = 1; await _timer.WaitForNextTickAsync(); look++)
        {
            await LookAtCallsAsync();
            await LookAtCdrsAsync();
            if (look % LooksASnapshot == 0) await TakeSnapshotAsync(_stop.Token);
        }
    }

    /// <summary>
    /// The ledger must be what the last snapshot and the journal since then give; then what they give is the next snapshot. Where it is not, none is taken: the next start goes by the journal.
    /// </summary>
    public Task TakeSnapshotAsync(CancellationToken stop = default) => TryAsync("No snapshot could be written", "nothing is lost, the next start reads more of the journal", async () =>
    {
        if (_host.Books.Journal.Position == _snapshotPosition) return;
        using BooksFold fold = _host.Books.FoldFromSnapshot();
        if (await HoldAsync(fold, stop) is null) return; // what was found before still stands
        (long position, Instant at, byte[] configuration) = await _host.Control.SaveConfigurationAsync();
        if (!await _host.Books.Journal.WhenDurable(position)) return;
        fold.ReadTo(position);
        BooksReport report = fold.Report();
        _ledgerWrong = Sentence("The books do not follow from the journal", [.. report.Faults, .. report.Differences], "No snapshot was taken; a restart goes by the journal.");
        if (_ledgerWrong is null && _host.Books.TakeSnapshot(position, at, fold.Save(), new Dictionary<string, byte[]>(StringComparer.Ordinal) { [SwitchHost.ConfigurationState] = configuration })) _snapshotPosition = position;
    });

    /// <summary>Holds the whole live ledger against a fold, some accounts at a time, so that its loop never waits. Null: the journal does not become durable, nothing can be said.</summary>
    /// <returns>The position up to which both are the same, or not.</returns>
    public async Task<long?> HoldAsync(BooksFold fold, CancellationToken stop)
    {
        for (int from = 0; ;)
        {
            int first = from;
            (long position, LedgerSlice slice) = await _host.Control.OnLedger((ledger, _) => (_host.Books.Journal.Position, ledger.Slice(first, AccountsAtOnce))).WaitAsync(stop);
            if (!await _host.Books.Journal.WhenDurable(position).WaitAsync(stop)) return null;
            await Task.Run(() =>
            {
                fold.ReadTo(position);
                fold.Hold(slice);
            }, stop);
            if (slice.IsLast) return position;
            from = slice.Next;
        }
    }

    /// <summary>Calls open in the ledger are the calls there are, and their media sessions those the relay lends.</summary>
    internal Task LookAtCallsAsync() => TryAsync("The calls could not be looked at", "they are at the next look", async () =>
    {
        CallId[] open = await _host.Control.OnLedger(static (ledger, _) => ledger.OpenCallIds());
        List<CarriedCall> carried = [];
        for (int i = 0; i < _host.Shards.Length; i++) carried.AddRange(await _host.Control.OnShard(i, static (shard, _) => shard.CarriedCalls()));
        _callsWrong = Sentence("Calls in progress do not agree", _calls.Look(open, carried, _host.Media.LentTo()), "Let somebody look; a restart settles every call.");
    });

    /// <summary>Each call the journal closed has its CDR in the database, as far as that has come.</summary>
    internal Task LookAtCdrsAsync() => TryAsync("The CDR database could not be looked at", "it is at the next look", async () =>
    {
        long until = Math.Min(_host.Cdrs.Position, _host.Books.Journal.DurablePosition);
        _missing = await StillMissingAsync(_missing);
        List<Cdr> batch = [];
        while (_cdrsSeen < until)
        {
            batch.Clear();
            long next = _ended.Read(_cdrsSeen, CdrsAtOnce, batch, until);
            if (next <= _cdrsSeen) break;
            _missing = [.. _missing, .. (await StillMissingAsync(batch)).Take(CdrsAtOnce - _missing.Length)];
            _cdrsSeen = next;
        }
        _cdrsWrong = Sentence("Calls that ended have no CDR in the database", [.. _missing.Select(static c => $"call {c.Call}")], "The journal has them, and the database can be built again from it (docs/cdr.md).");
    });

    private async Task<Cdr[]> StillMissingAsync(IReadOnlyList<Cdr> cdrs)
    {
        Instant since = _host.Clock.Now() - SurelyKept;
        Cdr[] due = [.. cdrs.Where(c => (c.Hidden & HiddenFrom.Database) == 0 && c.Stop > since)];
        if (due.Length == 0) return [];
        HashSet<CallId> missing = [.. await _host.Cdrs.MissingAsync(due, _stop.Token)];
        return [.. due.Where(c => missing.Contains(c.Call))];
    }

    private string? Sentence(string what, IReadOnlyList<string> found, string remedy)
    {
        if (found.Count == 0) return null;
        string says = $"{what}: {found[0]}{(found.Count > 1 ? $", and {found.Count - 1} more" : "")}. {remedy}";
        _say(says);
        return says;
    }

    private async Task TryAsync(string failed, string consequence, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (OperationCanceledException)
        {
            // The switch stops.
        }
        catch (JournalCorruptException e)
        {
            _ledgerWrong = $"The books cannot be checked: {e.Message}";
            _say(_ledgerWrong);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UnavailableException)
        {
            _say($"{failed} ({e.Message}); {consequence}.");
        }
    }
}
