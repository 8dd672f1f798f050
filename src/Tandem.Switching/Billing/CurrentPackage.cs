using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>Talk time a package gives away: to numbers that begin so, at these hours.</summary>
/// <param name="Prefixes">Beginnings of called numbers; an empty one is every number.</param>
/// <param name="FromSecond">Of the day (UTC), from here.</param>
/// <param name="UntilSecond">To before here; not above <paramref name="FromSecond"/>: over midnight. 0 to 86400 is the whole day.</param>
/// <param name="Seconds">Given in each period.</param>
/// <param name="Cycle">Taken in full steps of so many seconds; at least 1.</param>
public sealed record GiftTime(IReadOnlyList<string> Prefixes, int FromSecond, int UntilSecond, int Seconds, int Cycle)
{
    public bool Fits(string number, Instant now)
    {
        int second = (int)(now.Micros / 1_000_000 % 86_400);
        bool inTime = FromSecond < UntilSecond ? second >= FromSecond && second < UntilSecond : second >= FromSecond || second < UntilSecond;
        if (!inTime) return false;
        foreach (string prefix in Prefixes)
        {
            if (number.StartsWith(prefix, StringComparison.Ordinal)) return true;
        }
        return false;
    }
}

/// <summary>What a package gives and asks in one period; amounts are nanos of the account's currency.</summary>
public sealed record PackageTerms
{
    public required string Name { get; init; }

    public long RentNanos { get; init; }

    /// <summary>What is spent below this is charged when the period ends.</summary>
    public long MinConsumptionNanos { get; init; }

    /// <summary>So much must have been spent before gifts apply.</summary>
    public long LowerConsumptionNanos { get; init; }

    public long GiftNanos { get; init; }

    public IReadOnlyList<GiftTime> GiftTimes { get; init; } = [];
}

/// <summary>A package an account has now: its period, and what is left of its gifts. The ledger's; read it on its loop only.</summary>
public sealed class CurrentPackage
{
    internal CurrentPackage(in PackageBegun begun)
    {
        Id = begun.Package;
        Account = begun.Account;
        Order = begun.Order;
        Priority = begun.Priority;
        From = begun.From;
        Until = begun.Until;
        Terms = begun.Terms;
        GiftNanosLeft = begun.Terms.GiftNanos;
        SecondsLeft = [.. begun.Terms.GiftTimes.Select(static g => g.Seconds)];
    }

    /// <summary>From 1, by the ledger; never used again.</summary>
    public int Id { get; }

    public AccountId Account { get; }

    /// <summary>The order it came from.</summary>
    public string Order { get; }

    /// <summary>Lower ones are used first.</summary>
    public int Priority { get; }

    public Instant From { get; }

    public Instant Until { get; }

    public PackageTerms Terms { get; }

    /// <summary>Not yet held or used.</summary>
    public long GiftNanosLeft { get; internal set; }

    /// <summary>Of each gift time: not yet held or used.</summary>
    public int[] SecondsLeft { get; }

    /// <summary>What the account paid for calls from its balance in this period.</summary>
    public long ConsumedNanos { get; internal set; }

    /// <summary>Whether its gifts may be taken: the spending that comes first was done.</summary>
    public bool GivesGifts => ConsumedNanos >= Terms.LowerConsumptionNanos;
}
