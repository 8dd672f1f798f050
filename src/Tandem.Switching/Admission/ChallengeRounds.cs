using Tandem.Primitives;

namespace Tandem.Switching.Admission;

/// <summary>
/// How often a request was challenged and never answered rightly (SS_SIP_AUTHENTICATION_RETRY). Fixed memory: requests whose keys meet
/// forget each other, which only ever grants a round more.
/// </summary>
public sealed class ChallengeRounds
{
    // A request that still goes on after this is counted anew.
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    private readonly Entry[] _entries = new Entry[4096];

    /// <summary>One more round; false when there have been <paramref name="most"/>.</summary>
    public bool TryBegin(ulong request, int most, Instant now)
    {
        ref Entry entry = ref At(request);
        if (entry.Request != request || now - entry.Began > Remembered) entry = new Entry(request, now, 0);
        if (entry.Rounds >= most) return false;
        entry = entry with { Rounds = entry.Rounds + 1 };
        return true;
    }

    /// <summary>The request was answered rightly.</summary>
    public void Forget(ulong request)
    {
        ref Entry entry = ref At(request);
        if (entry.Request == request) entry = default;
    }

    private ref Entry At(ulong request) => ref _entries[(int)(request & (ulong)(_entries.Length - 1))];

    private readonly record struct Entry(ulong Request, Instant Began, int Rounds);
}
