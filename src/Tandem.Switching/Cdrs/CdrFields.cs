using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Switching.Cdrs;

/// <summary>Every field of the CDR, in the order databases and exports have them.</summary>
public static class CdrFields
{
    private const int HiddenDigits = 4;

    public static ImmutableArray<CdrField> All { get; } =
    [
        new("id", "id", CdrType.Text, static c => c.Call.ToString(), "The call: thirteen characters, sorts by time"),
        Number("callerE164", "caller_e164", 1, static c => c.CallerE164, "The calling number as billed: after the dial plan of the way in"),
        Number("calleeE164", "callee_e164", 2, static c => c.CalleeE164, "The called number as billed"),
        Number("callerAccessE164", "caller_access_e164", 12, static c => c.CallerAccessE164, "The calling number as received"),
        Number("calleeAccessE164", "callee_access_e164", 13, static c => c.CalleeAccessE164, "The called number as received"),
        Number("callerToGatewayE164", "caller_to_gateway_e164", 14, static c => c.CallerToGatewayE164, "The calling number as sent to the gateway or phone called"),
        Number("calleeToGatewayE164", "callee_to_gateway_e164", 15, static c => c.CalleeToGatewayE164, "The called number as sent to the gateway or phone called"),
        new("callerAreaCode", "caller_area_code", CdrType.Text, static c => c.CallerAreaCode, "Area code of the caller's number by the area table ([numbers.md](numbers.md)); empty: none is known"),
        new("calleeAreaCode", "callee_area_code", CdrType.Text, static c => c.CalleeAreaCode, "Area code of the called number"),
        new("start", "start_time", CdrType.Time, static c => c.Start, "When it arrived") { TextColumn = 3 },
        new("answered", "answer_time", CdrType.Time, static c => c.Answered, "When it was answered; null if it was not"),
        new("stop", "stop_time", CdrType.Time, static c => c.Stop, "When it was over") { TextColumn = 4 },
        new("holdMillis", "hold_millis", CdrType.Integer, static c => Math.Max(0, c.HoldTime.Ticks / TimeSpan.TicksPerMillisecond), "Talk time in milliseconds; 0 if it was not answered") { TextColumn = 5 },
        new("endReason", "end_reason", CdrType.Integer, static c => (long)c.EndReason, "SIP status as received (200 = normal), or our own negative reason ([refusals.md](refusals.md))") { TextColumn = 6 },
        new("endDirection", "end_direction", CdrType.Integer, static c => (long)c.EndDirection, "0 caller, 1 callee, 2 server ended it; the API says it in words") { TextColumn = 7 },
        new("refused.refusal", "refusal", CdrType.Text, static c => c.Refusal == Refusal.None ? CdrValue.None : c.Refusal.ToString(), "The refusal behind a negative reason; null when the switch neither refused nor ended the call"),
        new("callerGateway", "caller_gateway", CdrType.Text, static c => c.CallerGateway, "Mapping gateway; empty for a phone") { TextColumn = 8 },
        new("calleeGateway", "callee_gateway", CdrType.Text, static c => c.CalleeGateway, "Routing gateway; empty for a phone, or when nothing was dialled") { TextColumn = 9 },
        Address("callerAddress", "caller_address", 10, static c => c.CallerAddress, "The caller's signalling address; the text line has it without port"),
        Address("calleeAddress", "callee_address", 11, static c => c.CalleeAddress, "The called end's signalling address; the text line has it without port"),
        new("calleeBilling", "callee_billing", CdrType.Integer, static c => (long)c.CalleeBilling, "0 caller pays, 1 callee pays, 2 external billing; the API says it in words") { TextColumn = 16 },
        new("billingMode", "billing_mode", CdrType.Integer, static c => (long)c.BillingMode, "-1 not billed, 0 phone, 1 mapping gateway, 2 bound number, 3 phone card; the API says it in words") { TextColumn = 17 },
        new("callerPddMillis", "caller_pdd_millis", CdrType.Integer, static c => (long)c.CallerPddMillis, "From the caller's INVITE to the first ringing or answer passed to it") { TextColumn = 18 },
        new("calleePddMillis", "callee_pdd_millis", CdrType.Integer, static c => (long)c.CalleePddMillis, "From the INVITE sent to the gateway that took the call to its first ringing or answer") { TextColumn = 19 },
        new("attempts", "attempts", CdrType.Integer, static c => (long)c.Attempts, "Gateways tried"),
        new("tried", "tried", CdrType.List, static c => Tried(c.Tried, mask: false), $"Each attempt in order: to whom, the number and address it was sent to, when, milliseconds to its first ringing or answer, final status (0: none), and why the switch gave it up where it did; {CdrAttempt.MostListed} are listed at most") { Masked = static c => Tried(c.Tried, mask: true) },
        new("revision", "revision", CdrType.Integer, static c => (long)c.Revision, "Revision of the tables that decided"),
        new("recording", "recording", CdrType.Text, static c => c.Recording.Length == 0 ? CdrValue.None : c.Recording, "File of the recording in the folder of recordings ([recording.md](recording.md)); null: it was not recorded"),
        .. Media("caller", static c => c.CallerMedia),
        .. Media("callee", static c => c.CalleeMedia),
        .. Charge("sale", static c => c.Sale, "the payer"),
        .. Charge("cost", static c => c.Cost, "the carrier's clearing account"),
        new("agents", "agents", CdrType.List, static c => Agents(c.Further), "The agents above the payer who are charged by decks of their own, from below: account, amount, currency, income ([billing.md](billing.md))"),
        new("agentIncome", "agent_nanos", CdrType.Decimal, static c => c.Sale is null ? CdrValue.None : c.Further.Sum(static a => a.IncomeNanos), "What they keep of the sale together; null when nobody was charged; the column has billionths") { Decimals = 9 },
    ];

    /// <summary>Those of the text line, in its order.</summary>
    public static ImmutableArray<CdrField> Line { get; } = [.. All.Where(static f => f.TextColumn > 0).OrderBy(static f => f.TextColumn)];

    /// <summary>The last four characters of a number become stars; a shorter one is stars alone.</summary>
    public static string Mask(string number) => string.Concat(number.AsSpan(0, Math.Max(0, number.Length - HiddenDigits)), new string('*', Math.Min(number.Length, HiddenDigits)));

    private static CdrField Number(string name, string column, int place, Func<Cdr, string> of, string says) =>
        new(name, column, CdrType.Text, c => of(c), says) { TextColumn = place, Masked = c => Mask(of(c)) };

    private static CdrField Address(string name, string column, int place, Func<Cdr, NetAddress> of, string says) =>
        new(name, column, CdrType.Text, c => of(c) is { IsNone: false } address ? address.ToString() : "", says) { TextColumn = place, Line = c => of(c) is { IsNone: false } address ? address.HostString() : "" };

    private static CdrValue Tried(IReadOnlyList<CdrAttempt> tried, bool mask)
    {
        if (tried.Count == 0) return CdrValue.None;
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[512]);
        for (int i = 0; i < tried.Count; i++)
        {
            CdrAttempt t = tried[i];
            if (i > 0) text.AppendLiteral("; ");
            text.AppendLiteral(mask && t.To.All(char.IsAsciiDigit) ? Mask(t.To) : t.To);
            text.AppendLiteral(" ");
            text.AppendLiteral(mask ? Mask(t.Number) : t.Number);
            text.AppendLiteral(" ");
            text.AppendFormatted(t.Address);
            text.AppendLiteral(" ");
            text.AppendFormatted(t.Start);
            text.AppendLiteral(" ");
            text.AppendFormatted(t.PddMillis);
            text.AppendLiteral(" ");
            text.AppendFormatted(t.Status);
            if (t.Refusal != Refusal.None) text.AppendLiteral($" {t.Refusal}");
        }
        return text.ToStringAndClear();
    }

    private static CdrValue Agents(IReadOnlyList<CallCharge> agents) => agents.Count == 0 ? CdrValue.None : string.Join("; ", agents.Select(static a =>
        $"{a.AccountNumber} {new Money(a.Nanos, a.Tariff.Currency)} {a.Tariff.Currency} {new Money(a.IncomeNanos, a.Tariff.Currency)}"));

    private static IEnumerable<CdrField> Media(string side, Func<Cdr, LegMedia> of)
    {
        yield return new($"{side}Packets", $"{side}_packets", CdrType.Integer, c => of(c).Packets, $"RTP packets taken from the {side}");
        CdrField Field(string name, string column, CdrType type, Func<LegMedia, CdrValue> value, string says) =>
            new($"{side}Media.{name}", $"{side}_{column}", type, c => of(c) is { Packets: 0, RtcpPackets: 0 } ? CdrValue.None : value(of(c)), says);
        yield return Field("bytes", "bytes", CdrType.Integer, static m => m.Bytes, "Their bytes, RTP headers included; null with all of this object when nothing was heard ([media.md](media.md))");
        yield return Field("rtcpPackets", "rtcp_packets", CdrType.Integer, static m => m.RtcpPackets, "RTCP packets");
        yield return Field("first", "first_rtp", CdrType.Time, static m => m.First, "When the first RTP packet came");
        yield return Field("last", "last_rtp", CdrType.Time, static m => m.Last, "When the last RTP packet came");
        yield return Field("lost", "lost", CdrType.Integer, static m => m.Lost, "Packets that were sent and never came");
        yield return Field("late", "late", CdrType.Integer, static m => m.Late, "Packets that came after their successors, or twice");
        yield return Field("jitterMillis", "jitter_micros", CdrType.Decimal, static m => (long)m.JitterMicros, "Jitter; the column has microseconds") with { Decimals = 3 };
        yield return Field("roundTripMillis", "round_trip_micros", CdrType.Decimal, static m => m.RoundTripMicros == 0 ? CdrValue.None : (long)m.RoundTripMicros, "Round trip by RTCP; the column has microseconds; null where it could not be measured") with { Decimals = 3 };
        yield return Field("mos", "mos_hundredths", CdrType.Decimal, static m => m.MosHundredths == 0 ? CdrValue.None : (long)m.MosHundredths, "Estimated mean opinion score, 1 to 4.5; the column has hundredths; null: no estimate") with { Decimals = 2 };
    }

    private static IEnumerable<CdrField> Charge(string side, Func<Cdr, CallCharge?> of, string whom)
    {
        CdrField Field(string name, string column, CdrType type, Func<CallCharge, CdrValue> value, string says) =>
            new($"{side}.{name}", $"{side}_{column}", type, c => of(c) is { } charge ? value(charge) : CdrValue.None, says);
        yield return Field("account", "account", CdrType.Text, static c => c.AccountNumber, $"Account of {whom}; null with all of this object when nobody was charged ([billing.md](billing.md))");
        yield return Field("currency", "currency", CdrType.Text, static c => c.Tariff.Currency.ToString(), "Currency of the charge");
        yield return Field("amount", "nanos", CdrType.Decimal, static c => c.Nanos, "What was charged; the column has billionths") with { Decimals = 9 };
        yield return Field("billedSeconds", "billed_seconds", CdrType.Integer, static c => (long)c.BilledSeconds, "Seconds charged, after rounding up to the tariff's intervals");
        yield return Field("giftSeconds", "gift_seconds", CdrType.Integer, static c => (long)c.GiftSeconds, "Talk seconds that packages gave, not in the seconds charged ([packages.md](packages.md))");
        yield return Field("giftAmount", "gift_nanos", CdrType.Decimal, static c => c.GiftNanos, "What packages' gift money paid, not in the amount; the column has billionths") with { Decimals = 9 };
        yield return Field("deckVersion", "deck_version", CdrType.Text, static c => c.DeckVersion, "Content address of the deck version that priced it");
        yield return Field("rate.deck", "deck", CdrType.Text, static c => c.Deck, "Name of the deck");
        yield return Field("rate.prefix", "rate_prefix", CdrType.Text, static c => c.RatePrefix, "Prefix of the rate");
        yield return Field("rate.area", "rate_area", CdrType.Text, static c => c.Area, "Area of the rate");
        yield return Field("rate.type", "rate_type", CdrType.Integer, static c => (long)c.Level, "Its type: 1 net, 2 local, 4 national, 5 international; 0: the deck does not say ([decks.md](decks.md))");
        yield return Field("rate.period", "rate_period", CdrType.Text, static c => c.Period, "The part of the week its price is of; empty: it holds always");
        yield return Field("rate.currency", "rate_currency", CdrType.Text, static c => c.Tariff.RateCurrency.ToString(), "Currency of the deck");
        yield return Field("exchangeRate", "exchange_nanos", CdrType.Decimal, static c => c.Tariff.Terms?.Exchange?.RateNanos ?? Money.NanosPerUnit, "What one unit of it was in the currency of the charge ([currencies.md](currencies.md))") with { Decimals = 9 };
        yield return Field("tax", "tax_nanos", CdrType.Decimal, static c => Pricing.TaxOf(c.Tariff, c.Nanos), "How much of the amount is tax") with { Decimals = 9 };
    }
}
