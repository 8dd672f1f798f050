using System.Collections.Immutable;

namespace Tandem.Server.Alarms;

/// <summary>How bad it is. The operators' numbers.</summary>
public enum AlarmLevel { General = 0, Minor = 1, Major = 2, Critical = 3 }

/// <summary>What can be wrong. The operators' numbers where they have one; from 21000 on our own.</summary>
public enum AlarmKind
{
    DiskSpace = 20005,
    CdrsWaiting = 20006,
    MediaPorts = 21000,
    Journal = 21001,
    Trunk = 21002,
    Books = 21003,
    CdrConsumer = 21004,
    /// <summary>Raised by a program (docs/webapi.md, CreateAlarm).</summary>
    Stated = 21010,
}

/// <summary>The kinds with their level and meaning, once.</summary>
public static class AlarmKinds
{
    public static ImmutableArray<(AlarmKind Kind, AlarmLevel Level, string Says)> All { get; } =
    [
        (AlarmKind.DiskSpace, AlarmLevel.Major, "little room is left on the disk of the data folder"),
        (AlarmKind.CdrsWaiting, AlarmLevel.Minor, "CDRs wait for the database or the files"),
        (AlarmKind.MediaPorts, AlarmLevel.Major, "calls are refused, or soon will be, since no media port is free"),
        (AlarmKind.Journal, AlarmLevel.Critical, "the journal cannot be written: no new call and no payment is taken"),
        (AlarmKind.Trunk, AlarmLevel.Major, "we are not registered at a carrier"),
        (AlarmKind.Books, AlarmLevel.Critical, "balances or reservations are not what the journal says"),
        (AlarmKind.CdrConsumer, AlarmLevel.Major, "a place CDRs go to does not take them"),
        (AlarmKind.Stated, AlarmLevel.General, "raised by a program"),
    ];

    public static AlarmLevel LevelOf(AlarmKind kind) => All.First(k => k.Kind == kind).Level;
}
