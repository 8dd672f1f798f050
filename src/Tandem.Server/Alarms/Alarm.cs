using Tandem.Primitives;

namespace Tandem.Server.Alarms;

/// <summary>Something that is wrong now, as whoever watches sees it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Name">Of what: a gateway, a consumer; empty where there is only one.</param>
/// <param name="Says">In a sentence.</param>
/// <param name="Value">What was measured; null: nothing is.</param>
/// <param name="Upper">The value that is too high; null: none is.</param>
/// <param name="Lower">The value that is too low; null: none is.</param>
public sealed record AlarmCondition(AlarmKind Kind, string Name, string Says, double? Value = null, double? Upper = null, double? Lower = null);

/// <summary>A condition with its history: raised, perhaps confirmed by somebody, and cleared.</summary>
public sealed record Alarm
{
    /// <summary>From 1, never used again.</summary>
    public required int Id { get; init; }
    public required AlarmKind Kind { get; init; }
    public required AlarmLevel Level { get; init; }
    public required string Name { get; init; }
    public required string Says { get; init; }
    public double? Value { get; init; }
    public double? Upper { get; init; }
    public double? Lower { get; init; }
    public required Instant Raised { get; init; }
    /// <summary>Null: it stands.</summary>
    public Instant? Cleared { get; init; }
    /// <summary>Who has seen it; empty: nobody has said so.</summary>
    public string ConfirmedBy { get; init; } = "";
    public Instant? Confirmed { get; init; }
}
