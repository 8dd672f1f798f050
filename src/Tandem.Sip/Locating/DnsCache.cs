using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;

namespace Tandem.Sip.Locating;

/// <summary>What is known of a question.</summary>
/// <param name="Answer">The answer; an older one when <paramref name="Stale"/>.</param>
/// <param name="Since">Since when the outcome is this one.</param>
/// <param name="Until">When it is to be asked again.</param>
/// <param name="Stale">The answer's time is over, and no name server gave a newer one.</param>
public readonly record struct DnsKnown(DnsAnswer Answer, Instant Since, Instant Until, bool Stale);

/// <summary>
/// Answers of name servers, kept as long as they say, within bounds: a time to live of zero would ask without end, one of a week would
/// outlive any move. Negative answers are kept too (RFC 2308). While the name servers are silent, what was true last is used on (RFC 8767).
/// </summary>
/// <param name="longest">The upper bound of any time to live.</param>
public sealed class DnsCache(Func<TimeSpan> longest)
{
    /// <summary>Beyond this the entry to be asked again first is dropped.</summary>
    public const int MaxEntries = 10_000;

    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongestNegative = TimeSpan.FromMinutes(5);

    /// <summary>How soon silent name servers are asked again.</summary>
    public static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    /// <summary>So long after its time an answer may stand in for silent name servers (RFC 8767 §5 recommends one to three days).</summary>
    public static readonly TimeSpan StaleAtMost = TimeSpan.FromDays(1);

    private readonly Dictionary<DnsQuestion, Entry> _entries = [];

    public int Count => _entries.Count;

    /// <summary>Notes an answer, or that there was none.</summary>
    public void Put(in DnsQuestion question, DnsAnswer answer, Instant now)
    {
        bool known = _entries.TryGetValue(question, out Entry? entry);
        if (!known || entry is null)
        {
            if (_entries.Count >= MaxEntries) DropOne();
            _entries[question] = entry = new Entry { Answer = answer, Since = now };
        }
        if (answer.Outcome == DnsOutcome.Unanswered)
        {
            bool usable = entry.Answer.Outcome == DnsOutcome.Found && now - entry.GoodUntil <= StaleAtMost;
            if (!usable && entry.Answer.Outcome != DnsOutcome.Unanswered) (entry.Answer, entry.Since) = (answer, now);
            entry.Stale = usable;
            entry.Until = now + AskAgain;
            return;
        }
        if (entry.Answer.Outcome != answer.Outcome) entry.Since = now;
        entry.Answer = answer;
        entry.Stale = false;
        entry.Until = entry.GoodUntil = now + Bounded(answer);
    }

    /// <summary>False when the question was never asked, or is to be asked again.</summary>
    public bool TryGet(in DnsQuestion question, Instant now, [NotNullWhen(true)] out DnsKnown? known)
    {
        known = null;
        if (!_entries.TryGetValue(question, out Entry? entry) || entry.Until <= now) return false;
        known = new DnsKnown(entry.Answer, entry.Since, entry.Until, entry.Stale);
        return true;
    }

    private TimeSpan Bounded(DnsAnswer answer)
    {
        TimeSpan most = longest();
        if (answer.Outcome != DnsOutcome.Found && LongestNegative < most) most = LongestNegative;
        return answer.Ttl < Shortest ? Shortest : answer.Ttl > most ? most : answer.Ttl;
    }

    private void DropOne()
    {
        DnsQuestion first = default;
        Instant earliest = Instant.Never;
        foreach ((DnsQuestion question, Entry entry) in _entries)
        {
            if (entry.Until >= earliest) continue;
            earliest = entry.Until;
            first = question;
        }
        _entries.Remove(first);
    }

    private sealed class Entry
    {
        public required DnsAnswer Answer;
        public Instant Since;
        public Instant Until;
        public Instant GoodUntil;
        public bool Stale;
    }
}
