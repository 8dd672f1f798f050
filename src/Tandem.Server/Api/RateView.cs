using Tandem.Primitives;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Api;

/// <summary>The rate a call is or was charged by (docs/decks.md).</summary>
public sealed record RateView
{
    public required string Deck { get; init; }
    public required string Prefix { get; init; }
    public required string Area { get; init; }
    public required Money RatePerMinute { get; init; }
    public required Money ConnectFee { get; init; }
    public required int FirstSeconds { get; init; }
    public required int NextSeconds { get; init; }
    /// <summary>The deck's.</summary>
    public required Currency Currency { get; init; }
    /// <summary>1 net, 2 local, 4 national, 5 international; 0: the deck does not say.</summary>
    public int Type { get; init; }
    /// <summary>The part of the week the price is of; empty: it holds always.</summary>
    public string Period { get; init; } = "";
    /// <summary>What else makes the price, a phrase each.</summary>
    public IReadOnlyList<string> Terms { get; init; } = [];

    public static RateView Of(CallCharge charge) => new()
    {
        Deck = charge.Deck,
        Prefix = charge.RatePrefix,
        Area = charge.Area,
        RatePerMinute = new Money(charge.Tariff.RatePerMinuteNanos, charge.Tariff.RateCurrency),
        ConnectFee = new Money(charge.Tariff.ConnectFeeNanos, charge.Tariff.RateCurrency),
        FirstSeconds = charge.Tariff.FirstSeconds,
        NextSeconds = charge.Tariff.NextSeconds,
        Currency = charge.Tariff.RateCurrency,
        Type = (int)charge.Level,
        Period = charge.Period,
        Terms = Words(charge.Tariff),
    };

    /// <summary>A tariff's rarer terms in words.</summary>
    public static IReadOnlyList<string> Words(in Tariff tariff)
    {
        if (tariff.Terms is not { } terms) return [];
        Currency currency = tariff.RateCurrency;
        List<string> words = [];
        if (terms.FirstFeeNanos is { } first) words.Add($"the first {tariff.FirstSeconds} s for {Amount(first)}");
        if (terms.CycleFeeNanos is { } cycle) words.Add($"each {tariff.NextSeconds} s for {Amount(cycle)}");
        foreach (TariffStage stage in terms.Stages)
            words.Add($"after {stage.AfterSeconds} s {(stage.CycleFeeNanos is { } fee ? $"each {stage.CycleSeconds} s for {Amount(fee)}" : $"{Amount(stage.RatePerMinuteNanos)} a minute in steps of {stage.CycleSeconds} s")}");
        if (terms.MinimumSeconds > 0) words.Add($"at least {terms.MinimumSeconds} s");
        if (terms.MinimumNanos > 0) words.Add($"at least {Amount(terms.MinimumNanos)}");
        if (terms.GraceSeconds > 0) words.Add($"nothing below {terms.GraceSeconds} s");
        if (terms.TaxMillionths > 0) words.Add($"{RateText.Percent(terms.TaxMillionths)} % tax");
        if (terms.Exchange is { } exchange) words.Add($"1 {exchange.From} = {new Money(exchange.RateNanos, default).ToDecimalString()} {tariff.Currency} since {exchange.Date.ToUtc():yyyy-MM-dd'T'HH:mm:ss'Z'}");
        return words;

        string Amount(long nanos) => new Money(nanos, currency).ToString();
    }
}
