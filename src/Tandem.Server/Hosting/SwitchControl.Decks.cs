using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Hosting;

// Versions of decks: which there were, which there will be, and what differs between two.
public sealed partial class SwitchControl
{
    private const int MostLinesShown = 1_000;

    public Task<Answer<DeckVersionsView>> DeckVersionsAsync(string name, CancellationToken stop)
    {
        if (!host.Configuration.Current.Configuration.Decks.TryGetValue(name, out DeckRef? deck)) return Task.FromResult<Answer<DeckVersionsView>>(new Fault(FaultKind.NotFound, $"There is no deck {name}."));
        Instant now = host.Clock.Now();
        // What each revision said, one after the other, on one line of time; the last that spoke of a moment is right about it.
        List<(Instant From, string Version, int Revision, string By)> line = [];
        foreach (AuditEntry entry in host.Configuration.Audit)
        {
            if (entry.What != $"decks[{name}]" || entry.To?.Split(", from ") is not [var first, .. var dated] || first.Split(' ') is not [_, var version]) continue;
            DeckChange[] changes = [.. dated.Select(static d => d.Split(' ')).Where(static d => d.Length == 2).Select(static d => new DeckChange(RateText.TryReadDate(d[0], out Instant at) ? at : default, d[1]))];
            DeckRef said = deck with { Version = version, Timeline = [.. changes] };
            line.RemoveAll(p => p.From >= entry.At);
            Add(entry.At, said.VersionAt(entry.At));
            foreach (DeckChange change in changes.Where(c => c.From > entry.At)) Add(change.From, change.Version);

            void Add(Instant at, string held)
            {
                if (line.Count == 0 || line[^1].Version != held) line.Add((at, held, entry.Revision, entry.By));
            }
        }
        if (line.Count == 0) line.Add((default, deck.VersionAt(now), host.Configuration.Revision, "")); // said before what is kept of the audit
        List<DeckVersionView> versions = [];
        for (int i = 0; i < line.Count; i++)
        {
            Instant? until = i + 1 < line.Count ? line[i + 1].From : null;
            string state = line[i].From > now ? "future" : until is { } end && end <= now ? "past" : "current";
            versions.Add(new DeckVersionView(line[i].Version, line[i].From, until, state, line[i].Revision, line[i].By, host.Shelf.Deck(line[i].Version).Rates.Count));
        }
        versions.Reverse();
        return Task.FromResult<Answer<DeckVersionsView>>(new DeckVersionsView(name, versions));
    }

    public Task<Answer<DeckDifferenceView>> DeckDifferenceAsync(string from, string to, CancellationToken stop) => Task.Run<Answer<DeckDifferenceView>>(() =>
    {
        if (host.Shelf.Named(from) is not { } before) return NoVersion(from);
        if (host.Shelf.Named(to) is not { } after) return NoVersion(to);
        if (before.Currency != after.Currency) return new Fault(FaultKind.Conflict, $"The first is in {before.Currency}, the second in {after.Currency}; prices in two currencies are not compared.");
        var old = before.Rates.ToDictionary(static r => (r.Prefix, r.From));
        List<DeckLineView> lines = [];
        foreach (Rate rate in after.Rates)
        {
            bool was = old.Remove((rate.Prefix, rate.From), out Rate known);
            if (was && known == rate) continue;
            long before_ = known.Tariff.RatePerMinuteNanos, now = rate.Tariff.RatePerMinuteNanos;
            lines.Add(new DeckLineView(rate.Prefix.ToString(), rate.Area, !was ? "added" : now > before_ ? "dearer" : now < before_ ? "cheaper" : "changed", was ? new Money(before_, before.Currency) : null, new Money(now, after.Currency)));
        }
        lines.AddRange(old.Values.Select(r => new DeckLineView(r.Prefix.ToString(), r.Area, "removed", new Money(r.Tariff.RatePerMinuteNanos, before.Currency), null)));
        int Count(string change) => lines.Count(l => l.Change == change);
        return new DeckDifferenceView(before.Version, after.Version, Count("added"), Count("removed"), Count("dearer"), Count("cheaper"), Count("changed"),
            [.. lines.OrderBy(static l => l.Prefix, StringComparer.Ordinal).Take(MostLinesShown)]);
    }, stop);

    public Task<Answer<JobView>> RerateAsync(RerateOrder order, string by, CancellationToken stop)
    {
        if (RerateWork.Refuse(host, ref order) is { } fault) return Task.FromResult<Answer<JobView>>(fault);
        return Task.FromResult<Answer<JobView>>(host.Jobs.Start(order.Apply ? "rerate" : "rerate dry run", by, new RerateWork(host, order, by).RunAsync));
    }

    public async Task<IReadOnlyList<CdrView>> WithCorrectionsAsync(IReadOnlyList<Cdr> cdrs, CancellationToken stop)
    {
        (long? Sale, long? Cost)[] corrected = await OnLedger((ledger, _) => cdrs.Select(c => (Of(ledger, c.Call, 0, c.Sale), Of(ledger, c.Call, Ledger.CostRole, c.Cost))).ToArray()).WaitAsync(stop);
        return [.. cdrs.Select((c, i) => CdrView.Of(c, corrected[i].Sale, corrected[i].Cost))];

        static long? Of(Ledger ledger, CallId call, int role, CallCharge? charge) => charge is not null && ledger.ChargeOf(call, role, charge.Nanos) is var stands && stands != charge.Nanos ? stands : null;
    }

    private static Fault NoVersion(string version) => new(FaultKind.NotFound, $"'{DocumentNode.Printable(version)}' is no stored deck version, nor the beginning of exactly one.");
}
