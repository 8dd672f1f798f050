using System.Collections.Immutable;

namespace Tandem.Switching.Configuration;

/// <summary>A customer's equipment that calls in, known by the address it calls from; as the operator states it.</summary>
public sealed record MappingGatewayConfig
{
    public required string Name { get; init; }

    /// <summary>Each "192.0.2.1", "192.0.2.1:5060", "[2001:db8::1]:5060" or "192.0.2.0/24".</summary>
    public required ImmutableArray<string> RemoteIps { get; init; }

    /// <summary>Number of the account that pays; null: none, and its calls are refused.</summary>
    public string? Account { get; init; }

    /// <summary>Lines; 0 = no limit.</summary>
    public int Capacity { get; init; }

    public bool Locked { get; init; }

    /// <summary>Groups of routing gateways its calls may (or may not) use; none named: every gateway.</summary>
    public ImmutableArray<string> RoutingGatewayGroups { get; init; } = [];

    /// <summary>True: only those groups. False: all but those.</summary>
    public bool RoutingGatewayGroupsAllow { get; init; } = true;

    /// <summary>Dial plan of the called number as the call comes in ("out" as the gateway sees it).</summary>
    public string RewriteRulesOutCallee { get; init; } = "";

    /// <summary>Dial plan of the calling number as the call comes in.</summary>
    public string RewriteRulesOutCaller { get; init; } = "";

    public string Memo { get; init; } = "";
}
