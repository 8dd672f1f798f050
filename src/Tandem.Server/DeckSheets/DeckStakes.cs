using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;

namespace Tandem.Server.DeckSheets;

/// <summary>Prices the calls of the last days by a deck as it is and as it would be, and adds up what differs by code. Gifts and corrections are passed over: it is the price list that is weighed.</summary>
/// <param name="deck">Charges by this deck count.</param>
/// <param name="currency">Its currency.</param>
/// <param name="before">As it is.</param>
/// <param name="after">As it would be, once all dates are past.</param>
/// <param name="prefixes">What may stand before the called number for rating; the empty one included.</param>
internal sealed class DeckStakes(string deck, Currency currency, RateTable before, RateTable after, IReadOnlyList<string> prefixes)
{
    /// <summary>Newest first: where there are more, the older ones are not looked at, and the report says how far back it goes.</summary>
    public const int MostCalls = 200_000;

    private readonly Dictionary<DialString, (long Calls, long Seconds, long Nanos)> _byCode = [];
    private long _calls, _seconds, _before, _after, _lost, _lostNanos;

    /// <summary>What the calls that a code prices otherwise would come to more.</summary>
    public (long Calls, long Seconds, long Nanos) Of(in DialString code) => _byCode.GetValueOrDefault(code);

    public async Task<DeckStakeView> RunAsync(ICdrStore cdrs, int days, Instant now, Action<int> progress, CancellationToken stop)
    {
        Instant since = now - TimeSpan.FromDays(days), back = since;
        int seen = 0;
        await foreach (Cdr cdr in cdrs.AllAsync(new CdrQuery { Since = since, Until = now, Answered = true }, now, MostCalls, stop))
        {
            Take(cdr);
            if (++seen % 5_000 == 0) progress(seen);
            if (seen == MostCalls) back = cdr.Stop;
        }
        Money Of(long nanos) => new(nanos, currency);
        return new DeckStakeView(days, back, _calls, _seconds, Of(_before), Of(_after), Of(_after - _before), _lost, Of(_lostNanos));
    }

    /// <summary>Weighs one call.</summary>
    public void Take(Cdr cdr)
    {
        if (cdr.Sale is { } sale) Take(cdr, sale);
        foreach (CallCharge further in cdr.Further) Take(cdr, further);
        if (cdr.Cost is { } cost) Take(cdr, cost);
    }

    private void Take(Cdr cdr, CallCharge charge)
    {
        if (charge.Deck != deck || !cdr.WasAnswered) return;
        if (!Rerating.TryNumber(cdr, charge, prefixes, out DialString number) || !before.TryFind(number, out Rate was)) return;
        int seconds = (cdr.Rules ?? BillingRules.Plain).Billable(cdr.HoldTime);
        long old = Pricing.Price(was.Tariff, seconds).Nanos;
        if (!after.TryFind(number, out Rate then))
        {
            _lost++;
            _lostNanos = checked(_lostNanos + old);
            Add(was.Prefix, seconds, -old);
            return;
        }
        long next = Pricing.Price(then.Tariff, seconds).Nanos;
        (_calls, _seconds, _before, _after) = (_calls + 1, _seconds + seconds, checked(_before + old), checked(_after + next));
        if (next != old) Add(then.Prefix.Length >= was.Prefix.Length ? then.Prefix : was.Prefix, seconds, next - old);
    }

    private void Add(in DialString code, int seconds, long nanos)
    {
        (long calls, long talked, long sum) = _byCode.GetValueOrDefault(code);
        _byCode[code] = (calls + 1, talked + seconds, checked(sum + nanos));
    }
}
