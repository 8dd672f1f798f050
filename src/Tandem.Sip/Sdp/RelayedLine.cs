namespace Tandem.Sip.Sdp;

/// <summary>What one m-line of a relayed description is told of us.</summary>
public readonly record struct RelayedLine
{
    /// <summary>Ours; 0 rejects the line.</summary>
    public int Port { get; init; }

    /// <summary>The line is RTP/SAVP, not RTP/AVP.</summary>
    public bool Secure { get; init; }

    /// <summary>Its a=crypto lines, whole and ended; null for none.</summary>
    public byte[]? Crypto { get; init; }
}
