using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>A registration of ours at a carrier.</summary>
public sealed record TrunkView
{
    /// <summary>The routing gateway.</summary>
    public required string Gateway { get; init; }

    /// <summary>The name we are registered by.</summary>
    public required string RegisterName { get; init; }

    /// <summary>Calls go and come.</summary>
    public required bool Up { get; init; }

    /// <summary>idle, registering, registered, refreshing, waiting (after a failure) or leaving.</summary>
    public required string State { get; init; }

    /// <summary>Since when it is up, or not.</summary>
    public Instant? Since { get; init; }

    /// <summary>When it runs out unless it is refreshed; null: it is not up.</summary>
    public Instant? Expires { get; init; }

    /// <summary>When a REGISTER is sent next.</summary>
    public Instant? Next { get; init; }

    /// <summary>"udp 203.0.113.5:5060": where it was granted last; empty while it never was.</summary>
    public required string Registrar { get; init; }

    /// <summary>What went wrong last; empty: nothing since it was granted.</summary>
    public required string LastError { get; init; }

    public Instant? LastErrorAt { get; init; }
}

public sealed record TrunksView(IReadOnlyList<TrunkView> Trunks, string? Next = null);
