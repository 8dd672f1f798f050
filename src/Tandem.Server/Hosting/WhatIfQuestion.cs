using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Server.Storage.Cdrs;
using Tandem.Server.Storage.Decks;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;
using Tandem.Switching.WhatIf;

namespace Tandem.Server.Hosting;

/// <summary>
/// "What if this document, or this deck, had been in force?" It is applied to a copy, and the calls of the last days are made again twice, by the configuration in force and by the
/// copy (docs/what-if.md). Nothing is changed, stored or reserved.
/// </summary>
internal sealed class WhatIfQuestion
{
    public const int MostDays = 366;

    // Calls are read by the hour of their end: never more in memory than one hour has.
    private static readonly TimeSpan Slice = TimeSpan.FromHours(1);

    private const int PageSize = 2_000;
    private const int MostChangesShown = 1_000;

    private readonly SwitchHost _host;
    private readonly ApplyResult _prepared;
    private readonly SwitchTables _before;
    private readonly SwitchTables _after;
    private readonly int _revision;
    private readonly Instant _since;
    private readonly Instant _until;

    private WhatIfQuestion(SwitchHost host, ApplyResult prepared, SwitchTables before, SwitchTables after, int revision, int days)
    {
        _host = host;
        _prepared = prepared;
        _before = before;
        _after = after;
        _revision = revision;
        _until = host.Clock.Now();
        _since = _until - TimeSpan.FromDays(days);
    }

    /// <summary>Reads the document or deck onto a copy and compiles both worlds. While no change is under way.</summary>
    public static Answer<WhatIfQuestion> Prepare(SwitchHost host, WhatIfOrder order, string by)
    {
        if (order.Days is < 1 or > MostDays) return new Fault(FaultKind.Invalid, $"days must be 1 to {MostDays}", [new FieldFault(0, "days", $"must be 1 to {MostDays}")]);
        Deck? deck = null;
        if (order.Deck is { } named)
        {
            DeckCsvResult read = DeckCsv.Read(new StringReader(order.Csv ?? ""), named.Name, named.Currency);
            if (read.Deck is null) return new Fault(FaultKind.Invalid, $"The deck has {read.ErrorCount} errors.", [.. read.Errors.Select(static e => new FieldFault(e.Line, "", e.Says))]);
            deck = read.Deck;
        }
        (SwitchConfiguration current, int revision) = host.Configuration.Current;
        var copy = new ConfigurationBook(new Shelf(host.Shelf, deck));
        if (!copy.TryRestore(host.Configuration.ToSnapshot(), out string error)) throw new InvalidOperationException(error);
        Instant now = host.Clock.Now();
        ApplyResult prepared = deck is null ? copy.Prepare((order.Document ?? ReadOnlyMemory<byte>.Empty).Span, by, now) : copy.PrepareDeck(new DeckRef(deck.Name, deck.Currency, deck.Version), by, now);
        if (!prepared.Succeeded) return new Fault(FaultKind.Invalid, $"{prepared.Errors.Count} {(prepared.Errors.Count == 1 ? "error" : "errors")}; nothing can be supposed.", prepared.Errors);

        Dictionary<string, Deck> brought = prepared.Decks.Concat(deck is null ? [] : [deck]).DistinctBy(static d => d.Version).ToDictionary(static d => d.Version, StringComparer.Ordinal);
        RateTable Rates(string version) => brought.TryGetValue(version, out Deck? new_) ? new RateTable(new_, now) : host.Shelf.Rates(version, now);
        var ids = new Dictionary<string, AccountId>(StringComparer.Ordinal);
        AccountId IdOf(string number) => ids.TryGetValue(number, out AccountId id) ? id : ids[number] = new AccountId(ids.Count + 1);
        try
        {
            SwitchTables before = TableCompiler.Compile(current, revision, Rates, IdOf, new GatewayStates { Zone = TimeZoneInfo.Local }, now);
            SwitchTables after = TableCompiler.Compile(prepared.Configuration, revision + 1, Rates, IdOf, new GatewayStates { Zone = TimeZoneInfo.Local }, now);
            return new WhatIfQuestion(host, prepared, before, after, revision, order.Days);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or DataFolderException)
        {
            return new Fault(FaultKind.Conflict, $"It cannot be supposed: {e.Message}");
        }
    }

    public async Task<object> AnswerAsync(JobProgress progress, CancellationToken stop)
    {
        await _host.Projector.CaughtUpAsync(TimeSpan.FromSeconds(10), stop);
        var sums = new WhatIfSums();
        var before = new ReplayWorld(_before);
        var after = new ReplayWorld(_after);
        for (Instant at = _since; at < _until; at += Slice)
        {
            foreach (Cdr cdr in await ReadAsync(at, Instant.Min(at + Slice, _until), stop))
            {
                if (WasACall(cdr)) sums.Add(cdr, before.Replay(cdr), after.Replay(cdr));
            }
            progress.Say((at - _since) / (_until - _since), $"{sums.Calls} calls made again, up to {at}");
        }
        return WhatIfAnswer.Of(sums, _since, _until, _revision, [.. _prepared.Changes.Take(MostChangesShown).Select(SwitchControl.View)]);
    }

    // What reached admission: an illegal call was nobody's.
    private static bool WasACall(Cdr cdr) => cdr.Refusal is not (Refusal.UnknownSource or Refusal.AuthenticationFailed) && cdr.CalleeAccessE164.Length > 0;

    private async Task<List<Cdr>> ReadAsync(Instant since, Instant until, CancellationToken stop)
    {
        List<Cdr> calls = [];
        CdrCursor? after = null;
        do
        {
            stop.ThrowIfCancellationRequested();
            CdrPage page = await _host.Cdrs.QueryAsync(new CdrQuery { Since = since, Until = until, Limit = PageSize, After = after }, until, stop);
            foreach (Cdr cdr in page.Cdrs)
            {
                cdr.DecisionLog = []; // the largest part, and not needed
                calls.Add(cdr);
            }
            after = page.Next;
        }
        while (after is not null);
        calls.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.Call.Value.CompareTo(b.Call.Value));
        return calls;
    }

    /// <summary>The stored decks and one that is only supposed.</summary>
    private sealed class Shelf(IDeckShelf stored, Deck? supposed) : IDeckShelf
    {
        public bool TryFind(string version, out Currency currency)
        {
            if (supposed?.Version != version) return stored.TryFind(version, out currency);
            currency = supposed.Currency;
            return true;
        }

        public Deck? ReadFile(string file, string name, Currency currency, string zone, out IReadOnlyList<FieldFault> faults) => stored.ReadFile(file, name, currency, zone, out faults);
    }
}
