using Tandem.Primitives;
using Tandem.Server.Alarms;

namespace Tandem.Server.Api;

public sealed record AlarmsView(IReadOnlyList<AlarmView> Standing, IReadOnlyList<AlarmView> Cleared, string? Next = null);

/// <summary>One alarm; docs/alarms.md.</summary>
public sealed record AlarmView
{
    public required int Id { get; init; }
    /// <summary>DiskSpace, CdrsWaiting, MediaPorts, Journal, Trunk, Books, CdrConsumer or Stated.</summary>
    public required string Kind { get; init; }
    /// <summary>The operators' number of the kind.</summary>
    public required int Code { get; init; }
    /// <summary>General, Minor, Major or Critical.</summary>
    public required string Level { get; init; }
    public required string Name { get; init; }
    public required string Says { get; init; }
    public required double? Value { get; init; }
    public required double? Upper { get; init; }
    public required double? Lower { get; init; }
    public required Instant Raised { get; init; }
    /// <summary>Null: it stands.</summary>
    public required Instant? Cleared { get; init; }
    /// <summary>Empty: nobody has said that it was seen.</summary>
    public required string ConfirmedBy { get; init; }
    public required Instant? Confirmed { get; init; }

    internal static AlarmView Of(Alarm alarm) => new()
    {
        Id = alarm.Id, Kind = alarm.Kind.ToString(), Code = (int)alarm.Kind, Level = alarm.Level.ToString(), Name = alarm.Name, Says = alarm.Says, Value = alarm.Value, Upper = alarm.Upper, Lower = alarm.Lower,
        Raised = alarm.Raised, Cleared = alarm.Cleared, ConfirmedBy = alarm.ConfirmedBy, Confirmed = alarm.Confirmed,
    };
}
