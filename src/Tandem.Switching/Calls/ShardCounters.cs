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

    /// <summary>Of the registrations, those granted without a challenge (SS_SIP_REGISTRATION_LIGTHWEIGHT).</summary>
    public long LightRefreshes;

    /// <summary>PUBLISH granted: begun, refreshed, changed or taken back.</summary>
    public long Publications;
    public long AttemptsStarted;
    public long ProbesSent;
    public long IllegalCdrsSuppressed;
    public int CallsOpen;

    /// <summary>Datagrams of unknown sources beyond their rates.</summary>
    public long StrangersDropped;

    /// <summary>The same of what looked like parts of dialogs.</summary>
    public long DialogShareDropped;

    /// <summary>Requests of blocked addresses, and tries for blocked phones.</summary>
    public long BlockedDropped;

    /// <summary>New work of known sources refused with 503 while the shard was behind.</summary>
    public long OverloadRefused;

    /// <summary>Requests of unknown sources dropped while the shard was behind.</summary>
    public long OverloadDropped;
}
