namespace Tandem.Sip.Sdp;

/// <summary>What one m-line of a relayed description is told of us.</summary>
public readonly record struct RelayedLine
{
    /// <summary>Ours; 0 rejects the line.</summary>
    public int Port { get; init; }
}
