using System.Globalization;
using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Server.Configuration;

/// <summary>The fields of a deck's line beside prefix, area, rate, connect fee, intervals and lock, as documents and deck files write them (docs/decks.md).</summary>
public static class RateText
{
    /// <summary>By name; the name of the CSV column is the same without regard to capitals and underscores.</summary>
    public static readonly string[] Fields =
        ["areaCode", "type", "fee", "cycle", "firstFee", "sections", "minimum", "minimumSeconds", "graceSeconds", "taxPercent", "ivrFee", "ivrCycle", "from", "until", "periods"];

    /// <summary>Reads them into a rate that has the rest.</summary>
    /// <param name="field">What is written under a name; empty for nothing. Lists have ; between.</param>
    /// <param name="rate">Gets them.</param>
    /// <param name="wrong">Told the field and what is wrong with it.</param>
    public static void Read(Func<string, string> field, ref Rate rate, Action<string, string> wrong)
    {
        Tariff tariff = rate.Tariff;
        TariffTerms terms = TariffTerms.None;
        if (field("fee") is { Length: > 0 } fee)
        {
            long nanos = Amount("fee", fee, wrong);
            int cycle = field("cycle") is { Length: > 0 } ? Seconds("cycle", field("cycle"), wrong) : tariff.NextSeconds;
            tariff = tariff with { RatePerMinuteNanos = Tariff.PerMinute(nanos, cycle), NextSeconds = cycle, FirstSeconds = tariff.FirstSeconds > 1 ? tariff.FirstSeconds : cycle };
            terms = terms with { CycleFeeNanos = nanos };
        }
        else if (field("cycle").Length > 0)
        {
            wrong("cycle", "it belongs to a fee, and there is none");
        }
        if (field("firstFee") is { Length: > 0 } first) terms = terms with { FirstFeeNanos = Amount("firstFee", first, wrong) };
        if (field("minimum") is { Length: > 0 } least) terms = terms with { MinimumNanos = Amount("minimum", least, wrong) };
        if (field("minimumSeconds") is { Length: > 0 } shortest) terms = terms with { MinimumSeconds = Seconds("minimumSeconds", shortest, wrong) };
        if (field("graceSeconds") is { Length: > 0 } grace) terms = terms with { GraceSeconds = Seconds("graceSeconds", grace, wrong) };
        if (field("taxPercent") is { Length: > 0 } percent)
        {
            if (Money.TryParseNanos(percent.TrimEnd('%', ' '), out long tax) && tax >= 0 && tax % 100_000 == 0 && tax <= 90 * Money.NanosPerUnit) terms = terms with { TaxMillionths = (int)(tax / 100_000) };
            else wrong("taxPercent", $"'{percent}' is no tax: 0 to 90 with at most four decimals");
        }
        if (field("sections") is { Length: > 0 } sections)
        {
            List<TariffStage> stages = [];
            foreach (string one in sections.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (TryReadSection(one, out TariffStage stage)) stages.Add(stage);
                else wrong("sections", $"'{one}' is no section: '300: 0.02/60' is 0.02 a minute in cycles of 60 s after 300 s, '300: fee 0.002/6' is 0.002 for each 6 s");
            }
            terms = terms with { Stages = [.. stages] };
        }
        RateDetails details = RateDetails.None with { AreaCode = field("areaCode") };
        if (field("type") is { Length: > 0 } type)
        {
            CallLevel? level = type.ToLowerInvariant() switch { "net" or "1" => CallLevel.Net, "local" or "2" => CallLevel.Local, "national" or "4" or "3" => CallLevel.National, "international" or "5" => CallLevel.International, _ => null };
            if (level is null) wrong("type", $"'{type}' is none of net (1), local (2), national (4) and international (5)");
            else details = details with { Level = level.Value };
        }
        if (field("ivrFee") is { Length: > 0 } ivr) details = details with { IvrFeeNanos = Amount("ivrFee", ivr, wrong), IvrSeconds = 60 };
        if (field("ivrCycle") is { Length: > 0 } announced) details = details with { IvrSeconds = Seconds("ivrCycle", announced, wrong) };
        rate = rate with { From = Date("from", field("from"), wrong), Until = Date("until", field("until"), wrong), Tariff = tariff with { Terms = terms.OrNull() } };
        if (field("periods") is { Length: > 0 } periods)
        {
            List<RatePeriod> all = [];
            foreach (string one in periods.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (TryReadPeriod(one, rate.Tariff, out RatePeriod period, out string error)) all.Add(period);
                else wrong("periods", error);
            }
            details = details with { Periods = [.. all] };
        }
        rate = rate with { Details = details.OrNull() };
    }

    /// <summary>What <see cref="Read"/> reads, field by field; empty for what the line does not say.</summary>
    public static string Write(string field, in Rate rate)
    {
        TariffTerms terms = rate.Tariff.Terms ?? TariffTerms.None;
        RateDetails details = rate.Details ?? RateDetails.None;
        return field switch
        {
            "areaCode" => details.AreaCode,
            "type" => details.Level == 0 ? "" : details.Level.ToString().ToLowerInvariant(),
            "fee" => Shown(terms.CycleFeeNanos),
            "cycle" => terms.CycleFeeNanos is null ? "" : Text(rate.Tariff.NextSeconds),
            "firstFee" => Shown(terms.FirstFeeNanos),
            "sections" => string.Join("; ", terms.Stages.Select(static s => $"{s.AfterSeconds}: {(s.CycleFeeNanos is { } fee ? "fee " + Shown(fee) : Shown(s.RatePerMinuteNanos))}/{s.CycleSeconds}")),
            "minimum" => terms.MinimumNanos == 0 ? "" : Shown(terms.MinimumNanos),
            "minimumSeconds" => terms.MinimumSeconds == 0 ? "" : Text(terms.MinimumSeconds),
            "graceSeconds" => terms.GraceSeconds == 0 ? "" : Text(terms.GraceSeconds),
            "taxPercent" => terms.TaxMillionths == 0 ? "" : Percent(terms.TaxMillionths),
            "ivrFee" => details.IvrSeconds == 0 ? "" : Shown(details.IvrFeeNanos),
            "ivrCycle" => details.IvrSeconds == 0 ? "" : Text(details.IvrSeconds),
            "from" => Date(rate.From),
            "until" => Date(rate.Until),
            "periods" => string.Join("; ", details.Periods.Select(static p => $"{p.When.Text} = {Price(p.Tariff)}")),
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, "no field"),
        };
    }

    /// <summary>"19" of 190,000 millionths.</summary>
    public static string Percent(int millionths) => (millionths / 10_000m).ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>"2026-12-01" (midnight, UTC) or "2026-12-01T06:00:00Z", or with an offset.</summary>
    public static bool TryReadDate(string text, out Instant at)
    {
        bool ok = DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd' 'HH:mm:ss", "yyyy-MM-dd' 'HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset date);
        at = ok ? Instant.FromUtc(date.UtcDateTime) : default;
        return ok && at.Micros > 0;
    }

    public static string Date(Instant at) => at == default ? "" : at.ToUtc().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static bool TryReadSection(string text, out TariffStage stage)
    {
        stage = default;
        string[] parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
        if (parts.Length != 2 || !Whole(parts[0], out int after) || !TryReadPrice(parts[1], out long? fee, out long rate, out int[] seconds) || seconds.Length != 1) return false;
        stage = new TariffStage(after, seconds[0], fee is { } exact ? Tariff.PerMinute(exact, seconds[0]) : rate, fee);
        return true;
    }

    // What a period does not say is the line's: connect fee, minimum, grace, tax. Its sections are its own, and it has none.
    private static bool TryReadPeriod(string text, in Tariff line, out RatePeriod period, out string error)
    {
        period = default;
        int equals = text.IndexOf('=');
        if (equals < 0 || !TryReadPrice(text[(equals + 1)..].Trim(), out long? fee, out long rate, out int[] seconds) || seconds.Length > 2 || (fee is not null && seconds.Length != 1) || (fee is null && seconds.Length == 1))
        {
            error = $"'{text}' is no period: 'mon-fri 18:00-24:00 = 0.005' has a rate a minute, '… = 0.005/30/6' intervals of its own, '… = fee 0.001/6' a fee for each 6 s";
            return false;
        }
        if (!WeekPeriod.TryParse(text[..equals], out WeekPeriod? when, out error)) return false;
        TariffTerms terms = (line.Terms ?? TariffTerms.None) with { Stages = [], FirstFeeNanos = null, CycleFeeNanos = fee };
        int first = seconds.Length > 0 ? seconds[0] : line.FirstSeconds, next = seconds.Length > 0 ? seconds[^1] : line.NextSeconds;
        period = new RatePeriod(when, new Tariff(fee is { } exact ? Tariff.PerMinute(exact, next) : rate, line.ConnectFeeNanos, first, next, line.Currency, terms.OrNull()));
        return true;
    }

    // "0.02", "0.02/60", "0.02/30/6", "fee 0.002/6".
    private static bool TryReadPrice(string text, out long? fee, out long rate, out int[] seconds)
    {
        bool exact = text.StartsWith("fee ", StringComparison.Ordinal);
        string[] parts = (exact ? text[4..] : text).Split('/', StringSplitOptions.TrimEntries);
        seconds = new int[parts.Length - 1];
        bool ok = Money.TryParseNanos(parts[0], out rate) && rate >= 0;
        for (int i = 1; i < parts.Length; i++) ok &= Whole(parts[i], out seconds[i - 1]);
        fee = exact ? rate : null;
        return ok;
    }

    private static string Price(in Tariff tariff) => tariff.Terms?.CycleFeeNanos is { } fee ? $"fee {Shown(fee)}/{tariff.NextSeconds}" : $"{Shown(tariff.RatePerMinuteNanos)}/{tariff.FirstSeconds}/{tariff.NextSeconds}";

    private static long Amount(string field, string text, Action<string, string> wrong)
    {
        if (Money.TryParseNanos(text, out long nanos) && nanos >= 0) return nanos;
        wrong(field, $"'{text}' is no amount: digits with a point and at most nine decimals");
        return 0;
    }

    private static int Seconds(string field, string text, Action<string, string> wrong)
    {
        if (Whole(text, out int seconds) && seconds <= Pricing.MaxIntervalSeconds) return Math.Max(1, seconds);
        wrong(field, $"'{text}' is not 1 to {Pricing.MaxIntervalSeconds} seconds");
        return 1;
    }

    private static Instant Date(string field, string text, Action<string, string> wrong)
    {
        if (text.Length > 0 && !TryReadDate(text, out _)) wrong(field, $"'{text}' is no date: 2026-12-01 or 2026-12-01T06:00:00Z");
        return TryReadDate(text, out Instant at) ? at : default;
    }

    private static bool Whole(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Shown(long? nanos) => nanos is { } n ? new Money(n, default).ToDecimalString() : "";
}
