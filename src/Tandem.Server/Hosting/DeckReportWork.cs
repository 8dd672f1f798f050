using System.Security.Cryptography;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.DeckSheets;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Server.Hosting;

/// <summary>Reads a carrier's file, lays it over the deck and tells what would change and what is at stake (docs/deck-import.md). Nothing is changed: the report is kept with the deck it would make.</summary>
internal sealed class DeckReportWork(SwitchHost host, DeckReports reports, DeckReportOrder order, FileStream file, string by)
{
    private const int MostLines = 1_000;

    public async Task<object> RunAsync(JobProgress progress, CancellationToken stop)
    {
        await using FileStream upload = file;
        SwitchConfiguration configuration = host.Configuration.Current.Configuration;
        Instant now = host.Clock.Now();
        SheetRead sheet;
        try
        {
            sheet = SheetReader.Read(upload, order.Sheet, [.. configuration.DeckTemplates.Values], (done, rows) => progress.Say(0.5 * done, $"{rows:N0} rows read"), stop);
        }
        catch (SheetException e)
        {
            throw new InvalidOperationException(e.Row > 0 ? $"row {e.Row}: {e.Message}" : e.Message, e);
        }
        progress.Say(0.5, $"{sheet.Offers.Count:N0} codes are compared");
        Deck? before = host.Control.Deck(order.Sheet.Deck);
        if (!Deck.TryCreate(order.Sheet.Deck, order.Sheet.Currency, before?.Zone ?? "", DeckMerge.Lay(before, sheet, order.Sheet.From, now), out Deck? after, out string? error)) throw new InvalidOperationException(error);
        stop.ThrowIfCancellationRequested();
        List<DeckChangeLine> changes = DeckRisk.Compare(before, after, now);
        stop.ThrowIfCancellationRequested();

        Instant settled = after.Rates.Aggregate(now, static (last, r) => Instant.Max(Instant.Max(last, r.From), r.Until));
        RateTable then = new(after, settled);
        IReadOnlyList<SoldNotBoughtView> unbought = SoldNotBought(configuration, changes, then, now);
        DeckStakes? stakes = null;
        DeckStakeView? stake = null;
        if (before is not null && order.StakeDays > 0)
        {
            progress.Say(0.7, "calls of the last days are priced both ways");
            await host.Projector.CaughtUpAsync(TimeSpan.FromSeconds(10), stop);
            SwitchTables tables = host.Tables.Current;
            string[] prefixes = [.. tables.Routes.Gateways.Select(static g => g.RatePrefix).Append(tables.Settings.Billing.ForwardPrefix).Append("").Distinct().OrderByDescending(static p => p.Length)];
            stakes = new DeckStakes(order.Sheet.Deck, order.Sheet.Currency, new RateTable(before, now), then, prefixes);
            stake = await stakes.RunAsync(host.Cdrs, order.StakeDays, now, seen => progress.Say(0.7 + (0.28 * seen / DeckStakes.MostCalls), $"{seen:N0} calls priced both ways"), stop);
        }
        DeckReportView report = Make(sheet, before, after, changes, unbought, stakes, stake, now);
        stop.ThrowIfCancellationRequested();
        progress.Say(0.99, "the report is kept");
        reports.Save(report, after);
        return report;
    }

    private DeckReportView Make(SheetRead sheet, Deck? before, Deck after, List<DeckChangeLine> changes, IReadOnlyList<SoldNotBoughtView> unbought, DeckStakes? stakes, DeckStakeView? stake, Instant now)
    {
        Instant notice = now + TimeSpan.FromDays(order.NoticeDays);
        bool TooEarly(in DeckChangeLine c) => c.IsDearer && (c.From == default || c.From < notice);
        long Stake(in DeckChangeLine c) => stakes is null ? 0 : Math.Abs(stakes.Of(c.Code).Nanos);
        int Count(DeckChangeKind kind) => changes.Count(c => c.Kind == kind);
        int known = before?.Rates.Select(static r => r.Prefix).Distinct().Count() ?? 0;
        return new DeckReportView
        {
            Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{order.Sheet.Deck} {before?.Version} {after.Version} {order.FileName} {order.NoticeDays} {order.StakeDays}")))[..12],
            Deck = order.Sheet.Deck,
            Currency = order.Sheet.Currency,
            FileName = order.FileName,
            By = by,
            At = now,
            ReadAs = ReadAs(sheet),
            PassedOver = [.. sheet.Layout.PassedOver.Take(SheetRows.MostColumns)],
            IsWhole = sheet.IsWhole,
            Before = before?.Version,
            After = after.Version,
            Rows = sheet.Rows,
            Codes = sheet.Offers.Count,
            Rates = after.Rates.Count,
            Increases = Count(DeckChangeKind.Increase),
            Decreases = Count(DeckChangeKind.Decrease),
            Terms = Count(DeckChangeKind.Terms),
            New = Count(DeckChangeKind.New),
            Deleted = Count(DeckChangeKind.Deleted),
            Blocked = Count(DeckChangeKind.Blocked),
            Unblocked = Count(DeckChangeKind.Unblocked),
            Renamed = Count(DeckChangeKind.Renamed),
            Unchanged = known - changes.Count(static c => c.Kind != DeckChangeKind.New),
            TooEarly = changes.Count(c => TooEarly(c)),
            NoticeDays = order.NoticeDays,
            Invalid = sheet.FaultCount,
            Repeated = sheet.Repeated,
            Rounded = sheet.Rounded,
            SoldNotBought = unbought.Count,
            Stake = stake,
            Faults = [.. sheet.Faults.OrderBy(static f => f.Row).Select(static f => new SheetFaultView(f.Row, f.Says))],
            Lines = [.. changes.OrderByDescending(c => Stake(c)).ThenByDescending(static c => c.Percent ?? double.MinValue).ThenBy(static c => c.Code.ToString(), StringComparer.Ordinal).Take(MostLines).Select(Line)],
            SoldNotBoughtCodes = [.. unbought.Take(MostLines)],
        };

        DeckReportLineView Line(DeckChangeLine c)
        {
            (long calls, long seconds, long nanos) = stakes?.Of(c.Code) ?? default;
            return new DeckReportLineView(c.Code.ToString(), c.Area, c.Kind, c.From == default ? null : c.From, c.RateBefore, c.RateAfter, c.Percent is { } percent ? Math.Round(percent, 2) : null, calls, seconds, new Money(nanos, order.Sheet.Currency), TooEarly(c));
        }
    }

    private static string ReadAs(SheetRead sheet)
    {
        List<string> said = [sheet.Kind, $"headings of row {sheet.Layout.HeadingRow} by template '{sheet.Layout.Template}'", $"a decimal {(sheet.Habits.Decimal == '.' ? "point" : "comma")}"];
        if (sheet.Layout.Has(SheetColumn.From)) said.Add($"dates {sheet.Habits.Dates}");
        if (sheet.Habits.Split) said.Add("the country's code before each code");
        said.Add(sheet.IsWhole ? "the whole list" : "changes only");
        return string.Join("; ", said);
    }

    // Only of a deck a carrier is paid by: what it no longer carries, no other carrier does, and some customer may still call.
    private List<SoldNotBoughtView> SoldNotBought(SwitchConfiguration configuration, List<DeckChangeLine> changes, RateTable then, Instant now)
    {
        HashSet<string> clearing = [.. configuration.RoutingGateways.Values.Select(static g => g.ClearingAccount).OfType<string>()];
        string[] Decks(Func<AccountConfig, bool> of) => [.. configuration.Accounts.Values.Where(of).Select(static a => a.Deck).OfType<string>().Distinct().Where(configuration.Decks.ContainsKey).Order(StringComparer.Ordinal)];
        string[] bought = Decks(a => clearing.Contains(a.Number));
        if (!bought.Contains(order.Sheet.Deck)) return [];
        RateTable Table(string deck) => deck == order.Sheet.Deck ? then : host.Shelf.Rates(configuration.Decks[deck].VersionAt(now), now);
        RateTable[] buyers = [.. bought.Select(Table)];
        (string Name, RateTable Table)[] sellers = [.. Decks(a => !clearing.Contains(a.Number)).Select(d => (d, Table(d)))];
        List<SoldNotBoughtView> found = [];
        foreach (DeckChangeLine change in changes)
        {
            if (change.Kind is not (DeckChangeKind.Deleted or DeckChangeKind.Blocked) || buyers.Any(b => b.TryFind(change.Code, out _))) continue;
            string[] soldBy = [.. sellers.Where(s => s.Table.TryFind(change.Code, out _)).Select(static s => s.Name)];
            if (soldBy.Length > 0) found.Add(new SoldNotBoughtView(change.Code.ToString(), change.Area, soldBy));
        }
        return found;
    }
}
