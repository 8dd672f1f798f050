using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;
using Tandem.Switching.Settings;

namespace Tandem.Server.WebApi;

/// <summary>What accounts, phones and areas were charged, in pieces of days or months, summed from CDRs.</summary>
internal sealed class ReportMethods(ApiParts parts, WebConfiguration configuration)
{
    private const int Monthly = -2;

    public IEnumerable<(string, WebHandler)> All =>
    [
        ("GetReportCustomerFee", CustomersAsync), ("GetReportPhoneFee", PhonesAsync), ("GetReportCustomerLocationFee", AreasAsync),
    ];

    private Task<WebReply> CustomersAsync(WebRequest request, CancellationToken stop) => ReportAsync(request, request.Names("accounts"), static _ => "", (to, row, names) =>
    {
        Account(to, row, names);
        Totals(to, row);
        Levels(to, row);
    }, stop);

    private Task<WebReply> PhonesAsync(WebRequest request, CancellationToken stop)
    {
        IReadOnlyList<string>? phones = request.Names("e164s");
        return ReportAsync(request, [request.Text("account")!], cdr => PhoneOf(cdr) is { } phone && phones?.Contains(phone) != false ? $"{phone}/{(int)cdr.CalleeBilling}" : null, (to, row, names) =>
        {
            string[] key = row.Key.Split('/');
            to.WriteString("e164", key[0]);
            to.WriteNumber("calleeBilling", int.Parse(key[1], System.Globalization.CultureInfo.InvariantCulture));
            Account(to, row, names);
            to.WriteString("agentAccount", names.Accounts.GetValueOrDefault(row.Account)?.Agent ?? "");
            Totals(to, row);
            Levels(to, row);
        }, stop);
    }

    private Task<WebReply> AreasAsync(WebRequest request, CancellationToken stop)
    {
        string? area = request.Wanted("areaCode");
        return ReportAsync(request, [request.Text("account")!], cdr => area is null || cdr.CalleeAreaCode == area ? cdr.CalleeAreaCode : null, (to, row, names) =>
        {
            to.WriteString("areaCode", row.Key);
            to.WriteString("areaName", names.Areas.GetValueOrDefault(row.Key)?.AreaName ?? "");
            Account(to, row, names);
            to.WriteString("agentAccount", names.Accounts.GetValueOrDefault(row.Account)?.Agent ?? "");
            Totals(to, row);
        }, stop);
    }

    /// <param name="request">beginTime, endTime and period.</param>
    /// <param name="accounts">Null: all.</param>
    /// <param name="keyOf">What rows are kept apart by beside account and time; null: the call is not counted.</param>
    /// <param name="write">The fields of a row after its times.</param>
    /// <param name="stop">Whoever asks is gone.</param>
    private async Task<WebReply> ReportAsync(WebRequest request, IReadOnlyList<string>? accounts, Func<Cdr, string?> keyOf, Action<Utf8JsonWriter, Row, SwitchConfiguration> write, CancellationToken stop)
    {
        if (CdrMethods.Days(request, out Instant since, out Instant until) is { } wrong) return wrong;
        int period = request.Integer("period")!.Value;
        if (period is not Monthly and < 1) return WebReply.Refuse(WebCode.WrongParameter, $"period: '{period}' is neither a number of days nor -2, a month");
        QuerySettings limits = parts.QueryLimits();
        if (until - since > TimeSpan.FromDays(limits.MaxDayInterval)) return WebReply.Refuse(WebCode.IntervalTooLong, $"beginTime to endTime is longer than {limits.MaxDayInterval} days (SERVER_QUERY_CDR_MAX_DAY_INTERVAL)");
        if (new CdrQuery().Denied(limits, parts.Now(), TimeZoneInfo.Local) is { } denied) return WebReply.Refuse(WebCode.Unavailable, denied);
        SwitchConfiguration names = configuration.Current;
        List<Instant> begins = Begins(since, until, period);
        SortedDictionary<(int Piece, string Account, string Key), Row> rows = [];
        foreach (string? account in accounts?.Distinct(StringComparer.Ordinal) ?? [null])
        {
            await foreach (Cdr cdr in parts.Cdrs.AllAsync(new CdrQuery { Since = since, Until = until, Account = account }, parts.Now(), long.MaxValue, stop))
            {
                if (cdr.Sale is not { } sale || (account is not null && sale.AccountNumber != account) || keyOf(cdr) is not { } key) continue;
                int piece = begins.FindLastIndex(b => b <= cdr.Start);
                if (piece < 0) continue;
                if (!rows.TryGetValue((piece, sale.AccountNumber, key), out Row? row)) rows[(piece, sale.AccountNumber, key)] = row = new Row(sale.AccountNumber, key);
                row.Add(sale, Level(names, cdr));
            }
        }
        return WebReply.List(WebMethods.Find(request.Method)!.Reply.Fields[0].Name, rows, (to, entry) =>
        {
            int piece = entry.Key.Piece;
            WebJson.Time(to, "beginTime", begins[piece]);
            WebJson.Time(to, "endTime", piece + 1 < begins.Count ? begins[piece + 1] : until);
            write(to, entry.Value, names);
        });
    }

    // Beginnings of the pieces, at midnights of the server's time zone.
    private static List<Instant> Begins(Instant since, Instant until, int period)
    {
        List<Instant> begins = [];
        DateTime day = TimeZoneInfo.ConvertTimeFromUtc(DateTime.UnixEpoch.AddMicroseconds(since.Micros), TimeZoneInfo.Local).Date;
        for (Instant at = since; at < until; at = CdrMethods.Midnight(day))
        {
            begins.Add(at);
            day = period == Monthly ? new DateTime(day.Year, day.Month, 1).AddMonths(1) : day.AddDays(period);
        }
        return begins;
    }

    // The phone whose account paid.
    private static string? PhoneOf(Cdr cdr) => cdr.Sale!.Phone.Length > 0 ? cdr.Sale.Phone
        : cdr.BillingMode != BillingMode.Phone ? null
        : cdr.CalleeBilling == CalleeBilling.CalleePays ? cdr.CalleeE164 : cdr.CallerE164;

    internal static CallLevel Level(SwitchConfiguration names, Cdr cdr) => cdr is { CalleeGateway.Length: 0, Attempts: > 0 } ? CallLevel.Net : names.Areas.GetValueOrDefault(cdr.CalleeAreaCode)?.Level ?? CallLevel.International;

    private static void Account(Utf8JsonWriter to, Row row, SwitchConfiguration names)
    {
        to.WriteString("account", row.Account);
        to.WriteString("accountName", names.Accounts.GetValueOrDefault(row.Account)?.Name ?? "");
    }

    private static void Totals(Utf8JsonWriter to, Row row)
    {
        to.WriteNumber("cdrCount", row.Count);
        WebJson.Amount(to, "totalFee", row.Nanos);
        to.WriteNumber("totalTime", row.Seconds);
        WebJson.Amount(to, "totalSuiteFee", row.GiftNanos);
        to.WriteNumber("totalSuiteFeeTime", row.GiftSeconds);
    }

    private static void Levels(Utf8JsonWriter to, Row row)
    {
        foreach ((string name, CallLevel level) in (ReadOnlySpan<(string, CallLevel)>)[("net", CallLevel.Net), ("local", CallLevel.Local), ("domestic", CallLevel.National), ("international", CallLevel.International)])
        {
            (long nanos, long seconds, int count) = row.Of(level);
            WebJson.Amount(to, name + "Fee", nanos);
            to.WriteNumber(name + "Time", seconds);
            to.WriteNumber(name + "Count", count);
        }
    }

    private sealed class Row(string account, string key)
    {
        private readonly Dictionary<CallLevel, (long Nanos, long Seconds, int Count)> _levels = [];

        public string Account => account;

        public string Key => key;

        public long Count { get; private set; }

        public long Nanos { get; private set; }

        public long Seconds { get; private set; }

        public long GiftNanos { get; private set; }

        public long GiftSeconds { get; private set; }

        public (long Nanos, long Seconds, int Count) Of(CallLevel level) => _levels.GetValueOrDefault(level);

        public void Add(CallCharge sale, CallLevel level)
        {
            Count++;
            Nanos += sale.Nanos;
            Seconds += sale.BilledSeconds;
            GiftNanos += sale.GiftNanos;
            GiftSeconds += sale.GiftSeconds;
            (long nanos, long seconds, int count) = _levels.GetValueOrDefault(level);
            _levels[level] = (nanos + sale.Nanos, seconds + sale.BilledSeconds, count + 1);
        }
    }
}
