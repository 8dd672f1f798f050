using System.Globalization;
using System.Runtime.InteropServices;
using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.DeckSheets;

/// <summary>What a row says of a code.</summary>
internal enum OfferKind : byte { Offered, Blocked, Deleted }

/// <summary>One code of a row.</summary>
/// <param name="Code">The prefix.</param>
/// <param name="Kind">What is said of it.</param>
/// <param name="Area">In words; empty: the row has none.</param>
/// <param name="Tariff">The price; of no meaning where <paramref name="Priced"/> is false, as it may be of a blocked or deleted code.</param>
/// <param name="Priced">The row has a rate.</param>
/// <param name="From">From when; default: at once.</param>
/// <param name="Until">Until when; default: for good.</param>
/// <param name="Row">Of the file.</param>
internal readonly record struct SheetOffer(DialString Code, OfferKind Kind, string Area, Tariff Tariff, bool Priced, Instant From, Instant Until, int Row);

/// <summary>What is wrong with a row.</summary>
public readonly record struct SheetFault(int Row, string Says);

/// <summary>How a file is to be read; what is empty is found out from it, or the template says it.</summary>
/// <param name="Deck">The deck it is for.</param>
/// <param name="Currency">Its currency.</param>
public sealed record SheetOrder(string Deck, Currency Currency)
{
    public string Template { get; init; } = "";
    public string Sheet { get; init; } = "";
    public string Decimal { get; init; } = "";
    public string Dates { get; init; } = "";
    public string Codes { get; init; } = "";
    public string Rows { get; init; } = "";

    /// <summary>From when rows without a date hold; default: at once.</summary>
    public Instant From { get; init; }
}

/// <summary>A file as it was read.</summary>
internal sealed record SheetRead
{
    public required string Kind { get; init; }
    public required SheetLayout Layout { get; init; }
    public required SheetHabits Habits { get; init; }
    /// <summary>Codes it does not name are no longer offered.</summary>
    public required bool IsWhole { get; init; }
    public required List<SheetOffer> Offers { get; init; }
    public required int Rows { get; init; }
    /// <summary>The first <see cref="SheetReader.MostFaults"/>.</summary>
    public required List<SheetFault> Faults { get; init; }
    public required int FaultCount { get; init; }
    /// <summary>Codes of rows that have a fault, where they could be read: nothing is known of them.</summary>
    public required HashSet<DialString> Unknown { get; init; }
    /// <summary>The same line twice.</summary>
    public required int Repeated { get; init; }
    /// <summary>Amounts with more than nine decimals.</summary>
    public required int Rounded { get; init; }
}

/// <summary>Reads a carrier's table of rates (docs/deck-import.md): finds the headings, finds out how amounts and dates are written, and reads every row; what is wrong with a row costs that row alone.</summary>
internal sealed class SheetReader
{
    public const int MostFaults = 200;
    public const int MostCodes = 5_000_000;
    private const int Sampled = 20_000;

    private static readonly HashSet<string> BlockedWords = [.. "blocked block barred bar suspended locked lock true yes 1 gesperrt bloque bloqueado bloccato заблокирован заблокировано закрыт 锁定 禁用 kapali".Split(' ')];
    private static readonly HashSet<string> DeletedWords = [.. "deleted delete del closed close removed remove discontinued discontinue withdrawn withdraw notoffered nolongeroffered cancelled canceled terminated na geloscht geschlossen supprime eliminado removido eliminato удален удалено удалена 删除 silindi".Split(' ')];
    private static readonly HashSet<string> OtherWords =
    [
        .. "new newcode newrate added add open opened active available enabled unblocked unlocked unlock false no 0 increase increased rateincrease priceincrease up decrease decreased ratedecrease pricedecrease down unchanged nochange same current change changed amended update updated pending i d n c u".Split(' '),
        .. "neu erhohung senkung unverandert nouveau hausse baisse inchange nuevo aumento disminucion sincambio sincambios novo reducao semalteracao nuovo diminuzione invariato новыи новая повышение понижение безизменении 新增 上调 下调 不变 yeni artis dusus ayni".Split(' '),
        "",
    ];

    private readonly SheetRows _rows;
    private readonly SheetOrder _order;
    private readonly SheetLayout _layout;
    private readonly DeckTemplateConfig _template;
    private readonly bool _lenientStatus;
    private SheetHabits _habits = null!;

    private readonly List<SheetOffer> _offers = [];
    private readonly List<SheetFault> _faults = [];
    private readonly HashSet<DialString> _unknown = [];
    private readonly Dictionary<DialString, int> _last = [];
    private readonly Dictionary<string, string> _areas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string? Wrong, Instant At)> _dates = new(StringComparer.Ordinal);
    private readonly List<DialString> _codes = [];
    private readonly HashSet<string> _blocked, _deleted;
    private int _count, _faultCount, _repeated, _rounded;

    private SheetReader(SheetRows rows, SheetOrder order, IReadOnlyList<DeckTemplateConfig> templates)
    {
        (_rows, _order) = (rows, order);
        _layout = SheetLayout.Find(rows, templates, order.Template);
        _template = templates.FirstOrDefault(t => t.Name == (order.Template.Length > 0 ? order.Template : _layout.Template)) ?? new DeckTemplateConfig { Name = "" };
        _blocked = [.. BlockedWords, .. _template.Blocked.Select(SheetHeadings.Plain)];
        _deleted = [.. DeletedWords, .. _template.Deleted.Select(SheetHeadings.Plain)];
        _lenientStatus = _layout.Has(SheetColumn.Status) && SheetHeadings.Plain(_layout.Headings[_layout.At[(int)SheetColumn.Status]]) is var heading && (heading.StartsWith("comment", StringComparison.Ordinal) || heading.StartsWith("remark", StringComparison.Ordinal));
    }

    /// <summary>Reads a file to its end.</summary>
    /// <param name="file">Can seek.</param>
    /// <param name="order">For which deck, and how.</param>
    /// <param name="templates">The operator's.</param>
    /// <param name="progress">Told the share that is read, and the rows.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="SheetException">It cannot be read at all; one sentence.</exception>
    public static SheetRead Read(Stream file, SheetOrder order, IReadOnlyList<DeckTemplateConfig> templates, Action<double, int>? progress = null, CancellationToken stop = default)
    {
        if (order.Template.Length > 0 && !templates.Any(t => t.Name == order.Template) && !SheetHeadings.BuiltIn.Any(b => b.Name == order.Template))
            throw new SheetException(0, $"there is no template '{order.Template}'; there are {string.Join(", ", templates.Select(static t => t.Name).Concat(SheetHeadings.BuiltIn.Select(static b => b.Name)))}");
        string sheet = order.Sheet.Length > 0 ? order.Sheet : templates.FirstOrDefault(t => t.Name == order.Template)?.Sheet ?? "";
        using SheetRows rows = SheetRows.Open(file, sheet);
        return new SheetReader(rows, order, templates).Run(progress, stop);
    }

    private SheetRead Run(Action<double, int>? progress, CancellationToken stop)
    {
        // The first rows say how all are written.
        List<string[]> sample = [];
        List<int> at = [];
        while (sample.Count < Sampled && Next())
        {
            sample.Add([.. _rows.Cells]);
            at.Add(_rows.Row);
        }
        string Said(string order, string template) => order.Length > 0 ? order : template;
        _habits = SheetHabits.Of(_layout, sample, Said(_order.Decimal, _template.Decimal), Said(_order.Dates, _template.Dates), Said(_order.Codes, _template.Codes)) with { Is1904 = _rows is XlsxRows { Is1904: true } };
        for (int i = 0; i < sample.Count; i++) Take(sample[i], at[i]);
        sample.Clear();
        while (Next())
        {
            if (_count % 10_000 == 0)
            {
                stop.ThrowIfCancellationRequested();
                progress?.Invoke(_rows.Done, _count);
            }
            if (_offers.Count > MostCodes) throw new SheetException(_rows.Row, $"the file has more than {MostCodes:N0} codes");
            Take(CollectionsMarshal.AsSpan(_rows.Cells), _rows.Row);
        }
        stop.ThrowIfCancellationRequested();
        if (_offers.Count == 0 && _faultCount == 0) throw new SheetException(_layout.HeadingRow, "there is no row behind the headings");
        return new SheetRead
        {
            Kind = _rows.Kind, Layout = _layout, Habits = _habits, IsWhole = Said(_order.Rows, _template.Rows) != "changes", Offers = _offers, Rows = _count, Faults = _faults, FaultCount = _faultCount,
            Unknown = _unknown, Repeated = _repeated, Rounded = _rounded,
        };
    }

    // A row that cannot be separated into cells is a fault like any other.
    private bool Next()
    {
        while (true)
        {
            try
            {
                if (!_rows.Read()) return false;
                _count++;
                return true;
            }
            catch (SheetException e) when (_rows is CsvRows && e.Row > 0)
            {
                Wrong(e.Row, e.Message);
                if (_faultCount > 100_000) throw new SheetException(e.Row, "more than 100,000 rows are wrong; the file is another than it seems");
            }
        }
    }

    private void Take(ReadOnlySpan<string> cells, int row)
    {
        string codeText = Cell(cells, SheetColumn.Code), rateText = Cell(cells, SheetColumn.Rate), feeText = Cell(cells, SheetColumn.Fee), country = _habits.Split ? Cell(cells, SheetColumn.CountryCode) : "";
        if (codeText.Length == 0 && (country.Length == 0 || (rateText.Length == 0 && feeText.Length == 0)))
        {
            if (rateText.Length > 0 && rateText.AsSpan().IndexOfAnyInRange('0', '9') >= 0) Wrong(row, "there is a rate and no code");
            return; // a title, a note, an empty row
        }
        _codes.Clear();
        string? wrong = CodeCell.Read(country, codeText, _codes);
        if (wrong is not null)
        {
            Wrong(row, rateText.Length == 0 && feeText.Length == 0 ? $"{wrong}, and there is no rate" : wrong);
            return;
        }
        if (ReadRow(cells, row, rateText, feeText) is not { } offer)
        {
            foreach (DialString code in _codes) _unknown.Add(code);
            return;
        }
        foreach (DialString code in _codes) Add(offer with { Code = code });
    }

    private void Add(in SheetOffer offer)
    {
        ref int last = ref CollectionsMarshal.GetValueRefOrAddDefault(_last, offer.Code, out bool known);
        if (known)
        {
            SheetOffer before = _offers[last];
            if (before with { Row = 0 } == offer with { Row = 0 })
            {
                _repeated++;
                return;
            }
            if (before.From == offer.From && before.Until == offer.Until)
            {
                Wrong(offer.Row, $"code {offer.Code} is on row {before.Row} too, with something else said of it");
                _unknown.Add(offer.Code);
                return;
            }
        }
        last = _offers.Count;
        _offers.Add(offer);
    }

    private SheetOffer? ReadRow(ReadOnlySpan<string> cells, int row, string rateText, string feeText)
    {
        string status = SheetHeadings.Plain(Cell(cells, SheetColumn.Status)), rateWord = SheetHeadings.Plain(rateText);
        OfferKind kind = _deleted.Contains(status) || (rateText.Length > 0 && _deleted.Contains(rateWord)) ? OfferKind.Deleted
            : _blocked.Contains(status) || (rateWord.Length > 1 && !char.IsAsciiDigit(rateWord[0]) && _blocked.Contains(rateWord)) ? OfferKind.Blocked
            : OfferKind.Offered;
        if (kind == OfferKind.Offered && !_lenientStatus && !OtherWords.Contains(status)) return Wrong(row, $"the status '{SheetRows.Shown(Cell(cells, SheetColumn.Status))}' is not known: a template may say which words mean blocked and deleted");
        if (rateWord.Length > 0 && !char.IsAsciiDigit(rateWord[0]) && kind != OfferKind.Offered && (_deleted.Contains(rateWord) || _blocked.Contains(rateWord))) rateText = "";

        string area = Cell(cells, SheetColumn.Area), land = Cell(cells, SheetColumn.Country);
        if (land.Length > 0 && area.Length > 0 && !area.StartsWith(land, StringComparison.OrdinalIgnoreCase)) area = $"{land} {area}";
        else if (area.Length == 0) area = land;
        if (area.Length > Deck.MaxAreaLength) return Wrong(row, $"the destination is longer than {Deck.MaxAreaLength} characters");
        if (area.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0) return Wrong(row, "the destination has a control character");
        ref string? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_areas, area, out _);
        area = known ??= area;

        if (Cell(cells, SheetColumn.Currency) is { Length: > 0 } currency && !currency.Equals(_order.Currency.ToString(), StringComparison.OrdinalIgnoreCase)) return Wrong(row, $"the row is in {SheetRows.Shown(currency)}, the deck in {_order.Currency}");
        if (DateOf(Cell(cells, SheetColumn.From), out Instant from) is { } late) return Wrong(row, late);
        if (DateOf(Cell(cells, SheetColumn.Until), out Instant until) is { } later) return Wrong(row, later);
        if (from == default) from = _order.From;
        if (until != default && until <= from) return Wrong(row, "it ceases to hold before it begins to");

        bool priced = rateText.Length > 0 || feeText.Length > 0;
        if (!priced && kind == OfferKind.Offered) return Wrong(row, "there is no rate");
        Tariff tariff = default;
        if (priced && PriceOf(cells, rateText, feeText, out tariff) is { } wrong)
        {
            if (kind != OfferKind.Deleted) return Wrong(row, wrong);
            priced = false;
        }
        return new SheetOffer(default, kind, area, tariff, priced, from, until, row);
    }

    private string? PriceOf(ReadOnlySpan<string> cells, string rateText, string feeText, out Tariff tariff)
    {
        tariff = default;
        bool byFee = rateText.Length == 0;
        if (_habits.Amount(byFee ? feeText : rateText, _order.Currency, out long nanos, out bool rounded) is { } wrong) return $"the {(byFee ? "fee" : "rate")} {wrong}";
        long connect = 0;
        if (Cell(cells, SheetColumn.ConnectFee) is { Length: > 0 } connectText && _habits.Amount(connectText, _order.Currency, out connect, out bool also) is var bad)
        {
            if (bad is not null) return $"the connect fee {bad}";
            rounded |= also;
        }
        if (rounded) _rounded++;
        int first = _template.FirstInterval, next = _template.NextInterval;
        if (Cell(cells, SheetColumn.Increment) is { Length: > 0 } increment)
        {
            string[] parts = increment.Split(['/', '+', '-', ':', '|'], StringSplitOptions.TrimEntries);
            if (parts.Length > 3 || !Seconds(parts[0], out first) || !Seconds(parts[^1], out next)) return $"the increment '{SheetRows.Shown(increment)}' is none: 60/60 or 1/1 is needed";
        }
        if (Cell(cells, SheetColumn.First) is { Length: > 0 } firstText && !Seconds(firstText, out first)) return $"the first interval '{SheetRows.Shown(firstText)}' is not 1 to {Pricing.MaxIntervalSeconds} seconds";
        if (Cell(cells, SheetColumn.Next) is { Length: > 0 } nextText && !Seconds(nextText, out next)) return $"the next interval '{SheetRows.Shown(nextText)}' is not 1 to {Pricing.MaxIntervalSeconds} seconds";
        if (byFee)
        {
            int cycle = 60;
            if (Cell(cells, SheetColumn.Cycle) is { Length: > 0 } cycleText && !Seconds(cycleText, out cycle)) return $"the cycle '{SheetRows.Shown(cycleText)}' is not 1 to {Pricing.MaxIntervalSeconds} seconds";
            tariff = Tariff.PerCycle(nanos, cycle, _order.Currency) with { ConnectFeeNanos = connect };
            return Pricing.Fault(tariff);
        }
        if (_template.Unit == "second") nanos *= 60;
        tariff = new Tariff(nanos, connect, first, next, _order.Currency);
        return Pricing.Fault(tariff);
    }

    private string? DateOf(string text, out Instant at)
    {
        at = default;
        if (text.Length == 0) return null;
        if (!_dates.TryGetValue(text, out (string? Wrong, Instant At) known))
        {
            known.Wrong = _habits.Date(text, out known.At);
            if (_dates.Count < 10_000) _dates[text] = known;
        }
        at = known.At;
        return known.Wrong;
    }

    // "60", "60s", "60 sec", "60.0" of a workbook.
    private static bool Seconds(string text, out int seconds)
    {
        ReadOnlySpan<char> digits = text.AsSpan().Trim();
        int end = digits.IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> rest = end < 0 ? "" : digits[end..].Trim();
        seconds = 0;
        return (rest.IsEmpty || rest is "s" or "sec" or "secs" or "second" or "seconds" or ".0" or "\"") && int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds is >= 1 and <= Pricing.MaxIntervalSeconds;
    }

    private string Cell(ReadOnlySpan<string> cells, SheetColumn column) => _layout.At[(int)column] is >= 0 and var at && at < cells.Length ? cells[at] : "";

    private SheetOffer? Wrong(int row, string says)
    {
        if (_faultCount++ < MostFaults) _faults.Add(new SheetFault(row, says));
        return null;
    }
}
