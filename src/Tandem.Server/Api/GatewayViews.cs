using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>A routing gateway as it stands now: where calls go.</summary>
public sealed record GatewayView
{
    public required string Name { get; init; }

    /// <summary>As the operator stated it.</summary>
    public required string RemoteIp { get; init; }

    /// <summary>Where calls go: "udp 203.0.113.5:5060". Of a host name what the DNS said last, in its order.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Since when a host name leads to these addresses; null for an address stated.</summary>
    public Instant? ResolvedSince { get; init; }

    /// <summary>How long ago the DNS was looked at.</summary>
    public long? AgeSeconds { get; init; }

    /// <summary>When it is looked at again.</summary>
    public Instant? LookedUpAgain { get; init; }

    /// <summary>No name server answers; these are the last addresses known.</summary>
    public bool Stale { get; init; }

    public required int CurrentCalls { get; init; }

    /// <summary>Calls it carries outside this switch, as it published; they count against its lines. Null: none that hold.</summary>
    public int? PublishedCalls { get; init; }

    /// <summary>Until when they count, if it does not publish again.</summary>
    public Instant? PublishedUntil { get; init; }

    /// <summary>0: no limit.</summary>
    public required int Capacity { get; init; }

    /// <summary>Calls sent since the start.</summary>
    public required long History { get; init; }

    public required bool Locked { get; init; }

    /// <summary>Unknown (not asked, or not yet), Up, Suspect or Down.</summary>
    public required string SipOptions { get; init; }

    /// <summary>Since when; of one that is suspect or down, the first OPTIONS it did not answer.</summary>
    public Instant? SipOptionsSince { get; init; }

    /// <summary>Milliseconds for which no call is sent to it because it answered with Retry-After; 0: calls are sent.</summary>
    public required long RetryAfter { get; init; }

    /// <summary>Why its host name has no address, in a sentence; empty: it has, or needs none.</summary>
    public required string Trouble { get; init; }
}

/// <summary>A mapping gateway as it stands now: where calls come from.</summary>
public sealed record MappingGatewayView
{
    public required string Name { get; init; }

    /// <summary>As the operator stated them.</summary>
    public required IReadOnlyList<string> RemoteIps { get; init; }

    /// <summary>The same with host names replaced by what they lead to.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Since when its host names lead there; null when it has none.</summary>
    public Instant? ResolvedSince { get; init; }

    public long? AgeSeconds { get; init; }

    public Instant? LookedUpAgain { get; init; }

    public bool Stale { get; init; }

    public required int CurrentCalls { get; init; }

    /// <summary>Calls it carries outside this switch, as it published; they count against its lines. Null: none that hold.</summary>
    public int? PublishedCalls { get; init; }

    /// <summary>Until when they count, if it does not publish again.</summary>
    public Instant? PublishedUntil { get; init; }

    /// <summary>0: no limit.</summary>
    public required int Capacity { get; init; }

    public required bool Locked { get; init; }

    /// <summary>Which of its host names have no address, and why; empty: none.</summary>
    public required string Trouble { get; init; }
}

public sealed record GatewaysView(IReadOnlyList<GatewayView> RoutingGateways, IReadOnlyList<MappingGatewayView> MappingGateways, string? Next = null);
