using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Switching.Billing;

/// <summary>
/// A deck as text, of which its version is the digest. In the second form each line has, before the area, one field of parts that are not the usual ones, each
/// <c>key=value</c> with <c>;</c> between and in this order: <c>t</c> terms, <c>a</c> area code, <c>l</c> type, <c>i</c> announced fee/seconds, <c>f</c> from and
/// <c>u</c> until in microseconds since 1970, <c>p</c> a period <c>when|rate/connect/first/next|terms</c>, once for each. Terms are
/// <c>first fee/cycle fee/minimum/minimum seconds/grace seconds/tax/sections</c>, sections <c>after:cycle:rate:fee</c> with <c>+</c> between; what is not stated is empty.
/// </summary>
internal static class DeckText
{
    public static byte[] Write(Currency currency, string zone, ReadOnlySpan<Rate> rates, bool plain)
    {
        StringBuilder text = new((rates.Length * 48) + 64);
        text.Append(plain ? "tandem-deck,1," : "tandem-deck,2,").Append(currency).Append(',').Append(rates.Length);
        if (!plain) text.Append(',').Append(zone);
        text.Append('\n');
        foreach (ref readonly Rate rate in rates)
        {
            text.Append(rate.Prefix).Append(',').Append(rate.Tariff.RatePerMinuteNanos).Append(',').Append(rate.Tariff.ConnectFeeNanos).Append(',')
                .Append(rate.Tariff.FirstSeconds).Append(',').Append(rate.Tariff.NextSeconds).Append(',').Append(rate.Locked ? '1' : '0').Append(',');
            if (!plain) WriteMore(text, rate).Append(',');
            text.Append(rate.Area).Append('\n');
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static bool TryRead(ReadOnlySpan<byte> canonical, out Currency currency, out string zone, out Rate[] rates, [NotNullWhen(false)] out string? error)
    {
        (currency, zone, rates) = (default, "", []);
        string[] lines = Encoding.UTF8.GetString(canonical).Split('\n');
        string[] head = lines[0].Split(',');
        bool plain = head is [_, "1", _, _];
        if (head.Length < 4 || head[0] != "tandem-deck" || !(plain || head is [_, "2", _, _, _]) || !Currency.TryParse(head[2], out currency)
            || !int.TryParse(head[3], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || lines.Length != count + 2 || lines[^1].Length > 0)
        {
            error = "line 1: this is no deck, or it is cut short";
            return false;
        }
        if (!plain) zone = head[4];
        int fixedFields = plain ? 7 : 8;
        rates = new Rate[count];
        for (int i = 0; i < count; i++)
        {
            string[] fields = lines[i + 1].Split(',', fixedFields);
            if (fields.Length != fixedFields || !DialString.TryParse(fields[0].AsSpan(), out DialString prefix) || !Whole(fields[1], out long rate)
                || !Whole(fields[2], out long fee) || !Whole(fields[3], out long first) || !Whole(fields[4], out long next)
                || first > int.MaxValue || next > int.MaxValue || fields[5] is not ("0" or "1"))
            {
                error = $"line {i + 2}: this is no rate";
                return false;
            }
            rates[i] = new Rate(prefix, fields[^1], new Tariff(rate, fee, (int)first, (int)next, currency), fields[5] == "1");
            if (!plain && !ReadMore(fields[6], ref rates[i]))
            {
                error = $"line {i + 2}: '{fields[6]}' is no list of terms";
                return false;
            }
        }
        error = null;
        return true;
    }

    private static StringBuilder WriteMore(StringBuilder to, in Rate rate)
    {
        int start = to.Length;
        if (rate.Tariff.Terms is { } terms) WriteTerms(Key("t"), terms);
        if (rate.Details is { } details)
        {
            if (details.AreaCode.Length > 0) Key("a").Append(details.AreaCode);
            if (details.Level != 0) Key("l").Append((int)details.Level);
            if (details.IvrFeeNanos != 0 || details.IvrSeconds != 0) Key("i").Append(details.IvrFeeNanos).Append('/').Append(details.IvrSeconds);
        }
        if (rate.From != default) Key("f").Append(rate.From.Micros);
        if (rate.Until != default) Key("u").Append(rate.Until.Micros);
        foreach ((WeekPeriod when, Tariff tariff) in rate.Details?.Periods ?? [])
        {
            Key("p").Append(when.Text).Append('|').Append(tariff.RatePerMinuteNanos).Append('/').Append(tariff.ConnectFeeNanos).Append('/').Append(tariff.FirstSeconds).Append('/').Append(tariff.NextSeconds).Append('|');
            if (tariff.Terms is { } own) WriteTerms(to, own);
        }
        return to;

        StringBuilder Key(string key) => (to.Length > start ? to.Append(';') : to).Append(key).Append('=');
    }

    private static void WriteTerms(StringBuilder to, TariffTerms terms)
    {
        to.Append(terms.FirstFeeNanos).Append('/').Append(terms.CycleFeeNanos).Append('/').Append(terms.MinimumNanos).Append('/').Append(terms.MinimumSeconds).Append('/')
            .Append(terms.GraceSeconds).Append('/').Append(terms.TaxMillionths).Append('/');
        for (int i = 0; i < terms.Stages.Length; i++)
        {
            TariffStage stage = terms.Stages[i];
            if (i > 0) to.Append('+');
            to.Append(stage.AfterSeconds).Append(':').Append(stage.CycleSeconds).Append(':').Append(stage.RatePerMinuteNanos).Append(':').Append(stage.CycleFeeNanos);
        }
    }

    private static bool ReadMore(string text, ref Rate rate)
    {
        if (text.Length == 0) return true;
        RateDetails details = RateDetails.None;
        List<RatePeriod> periods = [];
        foreach (string part in text.Split(';'))
        {
            if (part.Length < 2 || part[1] != '=') return false;
            string value = part[2..];
            long number;
            switch (part[0])
            {
                case 't' when ReadTerms(value, out TariffTerms? terms):
                    rate = rate with { Tariff = rate.Tariff with { Terms = terms } };
                    break;
                case 'a':
                    details = details with { AreaCode = value };
                    break;
                case 'l' when Whole(value, out number) && number <= byte.MaxValue:
                    details = details with { Level = (CallLevel)number };
                    break;
                case 'i' when value.Split('/') is [var fee, var seconds] && Whole(fee, out long ivr) && Whole(seconds, out number) && number <= int.MaxValue:
                    details = details with { IvrFeeNanos = ivr, IvrSeconds = (int)number };
                    break;
                case 'f' when Whole(value, out number):
                    rate = rate with { From = new Instant(number) };
                    break;
                case 'u' when Whole(value, out number):
                    rate = rate with { Until = new Instant(number) };
                    break;
                case 'p' when ReadPeriod(value, rate.Tariff.Currency, out RatePeriod period):
                    periods.Add(period);
                    break;
                default:
                    return false;
            }
        }
        rate = rate with { Details = (details with { Periods = [.. periods] }).OrNull() };
        return true;
    }

    private static bool ReadPeriod(string text, Currency currency, out RatePeriod period)
    {
        period = default;
        if (text.Split('|') is not [var when, var price, var more] || !WeekPeriod.TryParse(when, out WeekPeriod? covers, out _) || price.Split('/') is not [var a, var b, var c, var d]) return false;
        if (!Whole(a, out long rate) || !Whole(b, out long connect) || !Whole(c, out long first) || !Whole(d, out long next) || first > int.MaxValue || next > int.MaxValue) return false;
        TariffTerms? terms = null;
        if (more.Length > 0 && !ReadTerms(more, out terms)) return false;
        period = new RatePeriod(covers, new Tariff(rate, connect, (int)first, (int)next, currency, terms));
        return true;
    }

    private static bool ReadTerms(string text, [NotNullWhen(true)] out TariffTerms? terms)
    {
        terms = null;
        if (text.Split('/') is not [var first, var cycle, var minimum, var minimumSeconds, var grace, var tax, var sections]) return false;
        if (!Optional(first, out long? firstFee) || !Optional(cycle, out long? cycleFee) || !Whole(minimum, out long least) || !Count(minimumSeconds, out int shortest) || !Count(grace, out int free) || !Count(tax, out int percent)) return false;
        List<TariffStage> stages = [];
        foreach (string section in sections.Length == 0 ? [] : sections.Split('+'))
        {
            if (section.Split(':') is not [var after, var length, var rate, var fee] || !Count(after, out int begins) || !Count(length, out int seconds) || !Whole(rate, out long perMinute) || !Optional(fee, out long? exact)) return false;
            stages.Add(new TariffStage(begins, seconds, perMinute, exact));
        }
        terms = new TariffTerms { FirstFeeNanos = firstFee, CycleFeeNanos = cycleFee, MinimumNanos = least, MinimumSeconds = shortest, GraceSeconds = free, TaxMillionths = percent, Stages = [.. stages] };
        return true;
    }

    private static bool Optional(string text, out long? value)
    {
        bool ok = Whole(text, out long number) || text.Length == 0;
        value = text.Length == 0 ? null : number;
        return ok;
    }

    private static bool Count(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool Whole(string text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
