using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

/// <summary>Tariffs as operators write them and some as nobody would, drawn from a seed.</summary>
internal sealed class RandomTariffs(ulong seed)
{
    private readonly SeededEntropy _entropy = new(seed);

    public int Below(int most) => _entropy.Below(most);

    public Tariff Next()
    {
        int next = Pick(1, 6, 60, 30, 1 + _entropy.Below(200)), first = _entropy.Below(3) == 0 ? 1 + _entropy.Below(300) : next;
        long rate = Amount(Pricing.MaxRateNanos), connect = _entropy.Below(2) == 0 ? 0 : Amount(Pricing.MaxFeeNanos);
        TariffTerms terms = new()
        {
            MinimumNanos = _entropy.Below(4) == 0 ? Amount(Pricing.MaxFeeNanos) : 0,
            MinimumSeconds = _entropy.Below(4) == 0 ? _entropy.Below(400) : 0,
            GraceSeconds = _entropy.Below(4) == 0 ? _entropy.Below(40) : 0,
            TaxMillionths = _entropy.Below(3) == 0 ? Pick(190_000, 75_000, 1, 900_000, _entropy.Below(900_001)) : 0,
            Exchange = _entropy.Below(4) == 0 ? new Exchange(Currency.Usd, Pick(920_000_000, 1, 25_400 * Money.NanosPerUnit, 1 + _entropy.Below(2_000_000_000)), default) : null,
        };
        if (_entropy.Below(3) == 0)
        {
            if (_entropy.Below(2) == 0) terms = terms with { FirstFeeNanos = Amount(Pricing.MaxFeeNanos) };
            else first = next * (1 + _entropy.Below(5));
            long fee = Fee(next);
            terms = terms with { CycleFeeNanos = fee };
            rate = Tariff.PerMinute(fee, next);
        }
        List<TariffStage> stages = [];
        int begins = first, cycle = next;
        for (int i = _entropy.Below(2) == 0 ? _entropy.Below(4) : 0; i > 0; i--)
        {
            begins += cycle * (_entropy.Below(20) + (stages.Count > 0 ? 1 : 0));
            cycle = Pick(1, 6, 60, 1 + _entropy.Below(100), 15);
            bool exact = _entropy.Below(2) == 0;
            long fee = Fee(cycle);
            stages.Add(exact ? new TariffStage(begins, cycle, Tariff.PerMinute(fee, cycle), fee) : new TariffStage(begins, cycle, Amount(Pricing.MaxRateNanos)));
        }
        terms = terms with { Stages = [.. stages] };
        return new Tariff(rate, connect, first, next, terms.Exchange is null ? Currency.Usd : Currency.Parse("EUR"), terms.OrNull());
    }

    /// <summary>Mostly as calls last; sometimes about the edges of things.</summary>
    public int Seconds(in Tariff tariff)
    {
        int edge = tariff.Terms is { Stages.Length: > 0 } t ? t.Stages[_entropy.Below(t.Stages.Length)].AfterSeconds : tariff.FirstSeconds;
        return _entropy.Below(4) switch { 0 => Math.Max(0, edge - 1 + _entropy.Below(3)), 1 => _entropy.Below(90), 2 => _entropy.Below(5_000), _ => _entropy.Below(700) };
    }

    private long Fee(int cycle) => Math.Min(Amount(Pricing.MaxFeeNanos), Pricing.MaxRateNanos / 60 * cycle);

    private long Amount(long most) => _entropy.Below(4) switch
    {
        0 => _entropy.Below(1_000),
        1 => _entropy.Below(1_000_000) * 1_000_000L / (1 + _entropy.Below(3)),
        2 => _entropy.Below(2_000_000_000),
        _ => Math.Min(most, ((long)_entropy.Below(int.MaxValue) << 17) + _entropy.Below(100_000)),
    };

    private T Pick<T>(params ReadOnlySpan<T> of) => of[_entropy.Below(of.Length)];
}
