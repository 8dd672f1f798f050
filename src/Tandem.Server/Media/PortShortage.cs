using Tandem.Primitives;

namespace Tandem.Server.Media;

/// <summary>
/// Attempts refused because no media port was free. The operator is told once an episode, not once a call: it lasts until none was refused for a
/// minute. Any thread.
/// </summary>
/// <param name="ports">The range, in words.</param>
/// <param name="say">Told the sentence.</param>
internal sealed class PortShortage(string ports, Action<string>? say)
{
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(1);

    private long _refused;
    private long _last = Instant.Never.Micros;

    /// <summary>Since the start.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public void Refuse(int lent, Instant now)
    {
        Interlocked.Increment(ref _refused);
        long before = Interlocked.Exchange(ref _last, now.Micros);
        if (!Lasts(before, now)) say?.Invoke(Sentence(lent));
    }

    /// <summary>What an operator should know while the episode lasts; null when there is none.</summary>
    public string? Warning(int lent, Instant now) => Lasts(Volatile.Read(ref _last), now) ? Sentence(lent) : null;

    private string Sentence(int lent) => $"No media port is free ({lent} of {ports} are lent): relayed calls are refused. Widen SS_MEDIA_PROXY_PORT_RANGE, or let media go from end to end (SS_MEDIA_PROXY_MODE).";

    private static bool Lasts(long last, Instant now) => last != Instant.Never.Micros && now < new Instant(last) + Calm;
}
