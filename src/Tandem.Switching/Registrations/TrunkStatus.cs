using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Switching.Registrations;

/// <summary>Our registration at a carrier as it stands; immutable, published by one write.</summary>
public sealed record TrunkStatus
{
    public required TrunkState State { get; init; }

    /// <summary>Registered now: calls go and come. Goes false at the second the registration runs out.</summary>
    public required bool IsUp { get; init; }

    /// <summary>Since when it is up, or not.</summary>
    public required Instant Since { get; init; }

    /// <summary>When it runs out unless it is refreshed; never: it is not up.</summary>
    public Instant Expires { get; init; } = Instant.Never;

    /// <summary>When a REGISTER is sent next; never: nothing is planned.</summary>
    public Instant Next { get; init; } = Instant.Never;

    /// <summary>Where it was granted; none while it never was.</summary>
    public Hop Registrar { get; init; }

    /// <summary>RFC 3608: the routes of requests over it, each a whole name-addr.</summary>
    public ImmutableArray<byte[]> ServiceRoutes { get; init; } = [];

    /// <summary>Where the first of those is, if it is stated by address; none: at the registrar.</summary>
    public Hop ServiceHop { get; init; }

    /// <summary>What went wrong last, without full stop; empty: nothing since it was granted.</summary>
    public string LastError { get; init; } = "";

    public Instant LastErrorAt { get; init; }
}
