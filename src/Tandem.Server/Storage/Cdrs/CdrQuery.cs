using System.Globalization;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>Which CDRs to show. Times are of the end of the call; the newest come first.</summary>
public sealed record CdrQuery
{
    public const int DefaultLimit = 100;

    /// <summary>From this instant on; null: one day before <see cref="Until"/>.</summary>
    public Instant? Since { get; init; }

    /// <summary>Before this instant; null: up to now.</summary>
    public Instant? Until { get; init; }

    /// <summary>Number of the account that paid or was cleared.</summary>
    public string? Account { get; init; }

    /// <summary>Mapping or routing gateway.</summary>
    public string? Gateway { get; init; }

    /// <summary>How the billed caller number begins.</summary>
    public string? CallerPrefix { get; init; }

    /// <summary>How the billed called number begins.</summary>
    public string? CalleePrefix { get; init; }

    /// <summary>Mapping gateway.</summary>
    public string? CallerGateway { get; init; }

    /// <summary>Routing gateway.</summary>
    public string? CalleeGateway { get; init; }

    public bool? Answered { get; init; }

    public EndDirection? EndDirection { get; init; }

    /// <summary>Talked at least so long.</summary>
    public int? MinSeconds { get; init; }

    /// <summary>Talked at most so long; parts of a second count as none.</summary>
    public int? MaxSeconds { get; init; }

    /// <summary>The payer was charged at least this, nanos of his currency.</summary>
    public long? MinAmountNanos { get; init; }

    public long? MaxAmountNanos { get; init; }

    public int? EndReason { get; init; }

    /// <summary>At most this many; null: <see cref="DefaultLimit"/>.</summary>
    public int? Limit { get; init; }

    /// <summary>Goes on after the last one of the page before (<see cref="CdrPage.Next"/>).</summary>
    public CdrCursor? After { get; init; }

    /// <summary>The range asked for, with its ends filled in.</summary>
    public (Instant Since, Instant Until) Range(Instant now)
    {
        Instant until = Until ?? now + TimeSpan.FromSeconds(1);
        return (Since ?? until - TimeSpan.FromDays(1), until);
    }

    /// <summary>Why CDRs cannot be asked for at this hour; null: they can.</summary>
    public string? Denied(QuerySettings limits, Instant now, TimeZoneInfo zone)
    {
        DateTime local = TimeZoneInfo.ConvertTimeFromUtc(now.ToUtc(), zone);
        return limits.DenyHours.Contains(local.Hour) ? $"CDRs cannot be queried in the hours {limits.DenyHours} (SERVER_QUERY_CDR_DENY_TIME); it is {local:HH:mm} now" : null;
    }

    /// <summary>What the settings do not allow, in words; empty when it may be asked.</summary>
    public IReadOnlyList<FieldFault> Faults(QuerySettings limits, Instant now)
    {
        var faults = new List<FieldFault>();
        (Instant since, Instant until) = Range(now);
        if (until <= since)
            faults.Add(new FieldFault(0, "until", "must be later than 'since'"));
        else if (until - since > TimeSpan.FromDays(limits.MaxDayInterval) + TimeSpan.FromSeconds(1))
            faults.Add(new FieldFault(0, "since", $"the range may be at most {limits.MaxDayInterval} days (SERVER_QUERY_CDR_MAX_DAY_INTERVAL)"));
        if (Limit is { } limit && (limit < 1 || limit > limits.OnePageSize))
            faults.Add(new FieldFault(0, "limit", $"must be 1 to {limits.OnePageSize} (SERVER_QUERY_ONE_PAGE_SIZE)"));
        return faults;
    }
}

/// <summary>The place of one CDR in the order of all: by end of the call, then by call.</summary>
public readonly record struct CdrCursor(Instant Stop, CallId Call)
{
    public override string ToString() => $"{Stop.Micros.ToString(CultureInfo.InvariantCulture)}.{Call}";

    public static bool TryParse(string text, out CdrCursor cursor)
    {
        cursor = default;
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0) return false;
        if (!long.TryParse(text.AsSpan(0, dot), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long micros)) return false;
        if (!CallId.TryParse(text.AsSpan(dot + 1), out CallId call)) return false;
        cursor = new CdrCursor(new Instant(micros), call);
        return true;
    }
}

/// <param name="Cdrs">Newest first.</param>
/// <param name="Next">Where the next page begins; null when there is none.</param>
public sealed record CdrPage(IReadOnlyList<Cdr> Cdrs, CdrCursor? Next);
