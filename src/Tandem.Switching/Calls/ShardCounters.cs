namespace Tandem.Switching.Calls;

/// <summary>Counts of one shard, written by its thread alone.</summary>
public sealed class ShardCounters
{
    public long CallsArrived;
    public long CallsAnswered;
    public long CallsSettled;
    public long CallsRefused;
    public long UnknownSources;
    public long Challenges;
    public long AuthenticationFailures;
    public long Registrations;
    public long RegistrationsRefused;
    public long AttemptsStarted;
    public long IllegalCdrsSuppressed;
    public int CallsOpen;
}
