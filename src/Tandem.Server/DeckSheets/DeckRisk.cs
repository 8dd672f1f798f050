using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.DeckSheets;

/// <summary>How a code fares.</summary>
public enum DeckChangeKind { Increase, Decrease, Terms, New, Deleted, Blocked, Unblocked, Renamed }

/// <summary>What a file changes of one code.</summary>
/// <param name="Code">The prefix.</param>
/// <param name="Area">In words.</param>
/// <param name="Kind">How.</param>
/// <param name="From">From when; default: at once.</param>
/// <param name="Before">The line before; of a new code the one of the longest shorter code, which priced it until now. Null: calls there had no rate.</param>
/// <param name="After">The line then; of a deleted code the one of the longest shorter code. Null: calls there have no rate any more.</param>
internal readonly record struct DeckChangeLine(DialString Code, string Area, DeckChangeKind Kind, Instant From, Rate? Before, Rate? After)
{
    /// <summary>The rate a minute before; null: there was no line, or a locked one.</summary>
    public Money? RateBefore => RateOf(Before);

    /// <summary>And then.</summary>
    public Money? RateAfter => RateOf(After);

    /// <summary>The rate a minute rises by so many percent; null where there is none to compare.</summary>
    public double? Percent => Before is { Locked: false } b && After is { Locked: false } a && b.Tariff.RatePerMinuteNanos > 0 ? 100.0 * (a.Tariff.RatePerMinuteNanos - b.Tariff.RatePerMinuteNanos) / b.Tariff.RatePerMinuteNanos : null;

    /// <summary>Calls there become dearer, whatever it is called.</summary>
    public bool IsDearer => After is { Locked: false } a && Before is { Locked: false } b && Weight(a) > Weight(b);

    private static Money? RateOf(Rate? rate) => rate is { Locked: false } r ? new Money(r.Tariff.RatePerMinuteNanos, r.Tariff.Currency) : null;

    /// <summary>What calls of 30 and of 180 seconds come to together: intervals and connect fees weigh as they do in practice.</summary>
    public static Int128 Weight(in Rate rate) => (Int128)Pricing.Price(rate.Tariff, 30).Nanos + Pricing.Price(rate.Tariff, 180).Nanos;
}

/// <summary>What becomes of a deck, code by code.</summary>
internal static class DeckRisk
{
    /// <summary>Every code whose line is another at some time from now on; as many as differ.</summary>
    /// <param name="before">The deck; null: none.</param>
    /// <param name="after">As it would be.</param>
    /// <param name="now">From then on they are compared.</param>
    public static List<DeckChangeLine> Compare(Deck? before, Deck after, Instant now)
    {
        Lines old = new(before?.Rates ?? [], now), next = new(after.Rates, now);
        List<DeckChangeLine> changes = [];
        foreach ((DialString code, Rate held) in next.First)
        {
            Rate then = next.Last[code];
            Rate? was = old.First.TryGetValue(code, out Rate known) ? known : null;
            if (was is { } stood && Same(old.Last[code], then) && Same(stood, held)) continue;
            bool isGone = then.Until != default && then.From <= now;
            Instant from = isGone ? then.Until : then.From;
            if (isGone)
            {
                if (was is not null) changes.Add(new DeckChangeLine(code, then.Area, DeckChangeKind.Deleted, from, was, next.Cover(code)));
                continue;
            }
            if (was is null) changes.Add(new DeckChangeLine(code, then.Area, DeckChangeKind.New, from, old.Cover(code), then));
            else changes.Add(new DeckChangeLine(code, then.Area, KindOf(was.Value, then), from, was, then));
        }
        foreach ((DialString code, Rate held) in old.First)
        {
            if (!next.First.ContainsKey(code)) changes.Add(new DeckChangeLine(code, held.Area, DeckChangeKind.Deleted, default, held, next.Cover(code)));
        }
        return changes;
    }

    private static bool Same(in Rate a, in Rate b) => a with { From = default } == b with { From = default };

    private static DeckChangeKind KindOf(in Rate before, in Rate after)
    {
        if (after.Locked && !before.Locked) return DeckChangeKind.Blocked;
        if (before.Locked && !after.Locked) return DeckChangeKind.Unblocked;
        Int128 was = DeckChangeLine.Weight(before), then = DeckChangeLine.Weight(after);
        return then > was ? DeckChangeKind.Increase : then < was ? DeckChangeKind.Decrease : before.Tariff != after.Tariff || before.Details != after.Details ? DeckChangeKind.Terms : DeckChangeKind.Renamed;
    }

    /// <summary>The lines of a deck by code: the one that holds at a time (or the first after it), and the last there will be.</summary>
    private sealed class Lines
    {
        public Dictionary<DialString, Rate> First { get; }
        public Dictionary<DialString, Rate> Last { get; }

        public Lines(IReadOnlyList<Rate> rates, Instant now)
        {
            First = new(rates.Count);
            Last = new(rates.Count);
            foreach (Rate rate in rates)
            {
                if (rate.Until != default && rate.Until <= now) continue;
                First.TryAdd(rate.Prefix, rate);
                Last[rate.Prefix] = rate;
            }
        }

        /// <summary>The last line of the longest shorter code; null: there is none.</summary>
        public Rate? Cover(in DialString code)
        {
            for (int length = code.Length - 1; length > 0; length--)
            {
                if (DialString.TryParse(code.Bytes[..length], out DialString shorter) && Last.TryGetValue(shorter, out Rate rate) && rate.Until == default) return rate;
            }
            return null;
        }
    }
}
