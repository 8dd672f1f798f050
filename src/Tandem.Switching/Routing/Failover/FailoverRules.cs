namespace Tandem.Switching.Routing.Failover;

/// <summary>
/// A gateway's own word on whether the next is tried after it; null: as the system's setting says. True permits what the system would stop, false
/// stops what the system would permit.
/// </summary>
public sealed record FailoverRules
{
    public static readonly FailoverRules System = new();

    /// <summary>After it rang.</summary>
    public bool? Ring { get; init; }

    /// <summary>After it sent SDP.</summary>
    public bool? Sdp { get; init; }

    /// <summary>After its media came.</summary>
    public bool? Rtp { get; init; }

    /// <summary>After it said that the called party is busy (486).</summary>
    public bool? Busy { get; init; }

    /// <summary>After it said any other final status.</summary>
    public bool? ErrorCode { get; init; }

    /// <summary>Statuses after which no other is tried.</summary>
    public SwitchCodes Stop { get; init; } = SwitchCodes.None;

    /// <summary>Statuses after which the next is tried, whatever the rules of statuses say.</summary>
    public SwitchCodes Next { get; init; } = SwitchCodes.None;
}
