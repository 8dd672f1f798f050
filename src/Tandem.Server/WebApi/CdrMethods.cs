using System.Globalization;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Server.WebApi;

/// <summary>GetCdr.</summary>
internal sealed class CdrMethods(ApiParts parts, WebConfiguration configuration)
{
    public IEnumerable<(string, WebHandler)> All => [("GetCdr", GetCdrAsync)];

    private async Task<WebReply> GetCdrAsync(WebRequest request, CancellationToken stop)
    {
        if (Days(request, out Instant since, out Instant until) is { } wrong) return wrong;
        QuerySettings limits = parts.QueryLimits();
        if (until - since > TimeSpan.FromDays(limits.MaxDayInterval)) return WebReply.Refuse(WebCode.IntervalTooLong, $"beginTime to endTime is longer than {limits.MaxDayInterval} days (SERVER_QUERY_CDR_MAX_DAY_INTERVAL)");
        if (new CdrQuery().Denied(limits, parts.Now(), TimeZoneInfo.Local) is { } denied) return WebReply.Refuse(WebCode.Unavailable, denied);
        string? callerGateway = request.Wanted("callerGateway"), calleeGateway = request.Wanted("calleeGateway");
        List<Cdr> found = [];
        foreach (string? account in request.Names("accounts")?.Distinct(StringComparer.Ordinal) ?? [null])
        {
            CdrQuery query = new()
            {
                Since = since,
                Until = until,
                Account = account,
                CallerGateway = callerGateway,
                CalleeGateway = calleeGateway,
                CallerPrefix = request.Wanted("callerE164"),
                CalleePrefix = request.Wanted("calleeE164"),
            };
            await foreach (Cdr cdr in parts.Cdrs.AllAsync(query, parts.Now(), limits.MaxSize + 1L - found.Count, stop))
            {
                if (account is null || cdr.Sale?.AccountNumber == account) found.Add(cdr);
            }
            if (found.Count > limits.MaxSize) return WebReply.Refuse(WebCode.IntervalTooLong, $"that are more than {limits.MaxSize} calls (SERVER_QUERY_MAX_SIZE); ask for fewer days at a time");
        }
        SwitchConfiguration names = configuration.Current;
        return WebReply.With(to =>
        {
            to.WriteStartArray("infoCdrs");
            foreach (Cdr cdr in found) Write(to, cdr, names);
            to.WriteEndArray();
        });
    }

    /// <summary>beginTime and endTime, yyyyMMdd in the server's time zone; both days whole.</summary>
    internal static WebReply? Days(WebRequest request, out Instant since, out Instant until)
    {
        until = default;
        return Day(request, "beginTime", 0, out since) ?? Day(request, "endTime", 1, out until)
            ?? (until <= since ? WebReply.Refuse(WebCode.WrongParameter, "endTime is before beginTime") : null);
    }

    private static WebReply? Day(WebRequest request, string name, int add, out Instant at)
    {
        at = default;
        string text = request.Text(name)!;
        if (!DateTime.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime day))
            return WebReply.Refuse(WebCode.WrongParameter, $"{name}: '{text}' is not a day such as 20260131");
        at = Midnight(day.AddDays(add));
        return null;
    }

    /// <summary>When a day begins in the server's time zone.</summary>
    internal static Instant Midnight(DateTime day) =>
        new((new DateTimeOffset(day, TimeZoneInfo.Local.GetUtcOffset(day)) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    private static void Write(Utf8JsonWriter to, Cdr cdr, SwitchConfiguration names)
    {
        CallCharge? sale = cdr.Sale;
        string account = sale?.AccountNumber ?? "";
        to.WriteStartObject();
        to.WriteString("callerE164", cdr.CallerE164);
        to.WriteString("callerAccessE164", cdr.CallerAccessE164);
        to.WriteString("callerProductId", "");
        to.WriteString("callerToGatewayE164", cdr.CallerToGatewayE164);
        to.WriteString("callerGateway", cdr.CallerGateway);
        to.WriteString("callerip", Host(cdr.CallerAddress));
        to.WriteString("calleeE164", cdr.CalleeE164);
        to.WriteString("calleeAccessE164", cdr.CalleeAccessE164);
        to.WriteString("calleeProductId", "");
        to.WriteString("calleeToGatewayE164", cdr.CalleeToGatewayE164);
        to.WriteString("calleeGateway", cdr.CalleeGateway);
        to.WriteString("calleeip", Host(cdr.CalleeAddress));
        WebJson.Time(to, "start", cdr.Start);
        WebJson.Time(to, "stop", cdr.Stop);
        to.WriteNumber("holdTime", (long)cdr.HoldTime.TotalSeconds);
        to.WriteNumber("feeTime", sale?.BilledSeconds ?? 0);
        WebJson.Amount(to, "fee", sale?.Nanos ?? 0);
        to.WriteString("feePrefix", sale?.RatePrefix ?? "");
        WebJson.Amount(to, "suiteFee", sale?.GiftNanos ?? 0);
        to.WriteNumber("suiteFeeTime", sale?.GiftSeconds ?? 0);
        CallCharge? agent = cdr.Further.Count == 0 ? null : cdr.Further[0];
        WebJson.Amount(to, "agentFee", agent?.Nanos ?? 0);
        to.WriteNumber("agentFeeTime", agent?.BilledSeconds ?? 0);
        to.WriteString("agentFeePrefix", agent?.RatePrefix ?? "");
        WebJson.Amount(to, "agentSuiteFee", agent?.GiftNanos ?? 0);
        to.WriteNumber("agentSuiteFeeTime", agent?.GiftSeconds ?? 0);
        to.WriteNumber("callLevel", (int)ReportMethods.Level(names, cdr));
        to.WriteString("account", account);
        to.WriteString("accountName", names.Accounts.GetValueOrDefault(account)?.Name ?? "");
        string agentAccount = agent?.AccountNumber ?? names.Accounts.GetValueOrDefault(account)?.Agent ?? "";
        to.WriteString("agentAccount", agentAccount);
        to.WriteString("agentName", names.Accounts.GetValueOrDefault(agentAccount)?.Name ?? "");
        to.WriteNumber("endDirection", (int)cdr.EndDirection);
        to.WriteNumber("endReason", cdr.EndReason);
        to.WriteNumber("calleeBilling", (int)cdr.CalleeBilling);
        to.WriteNumber("billingMode", (int)cdr.BillingMode);
        to.WriteNumber("flowNo", cdr.Call.Value);
        to.WriteEndObject();
    }

    private static string Host(in NetAddress address) => address.IsNone ? "" : address.ToIPAddress().ToString();
}
