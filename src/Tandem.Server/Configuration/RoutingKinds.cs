using Tandem.Switching.Configuration;
using Tandem.Switching.Routing.Failover;

namespace Tandem.Server.Configuration;

/// <summary>What is said of route selection beside a gateway's address and prefixes (docs/routing.md, docs/failover.md).</summary>
internal static class RoutingKinds
{
    private const int MostCodes = 100;

    private static readonly (string, int, bool?)[] SystemOrOwn = [("system", -1, null), ("false", 0, false), ("true", 1, true)];

    public static Field<RoutingGatewayConfig>[] Failover() =>
    [
        Field<RoutingGatewayConfig>.Word("switchAllowRing", static g => g.SwitchAllowRing, static (g, v) => g with { SwitchAllowRing = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.Word("switchAllowSdp", static g => g.SwitchAllowSdp, static (g, v) => g with { SwitchAllowSdp = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.Word("switchAllowRtp", static g => g.SwitchAllowRtp, static (g, v) => g with { SwitchAllowRtp = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.Word("switchAllowBusy", static g => g.SwitchAllowBusy, static (g, v) => g with { SwitchAllowBusy = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.Word("switchAllowErrorCode", static g => g.SwitchAllowErrorCode, static (g, v) => g with { SwitchAllowErrorCode = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.List("switchStopCodes", static g => g.SwitchStopCodes, static (g, v) => g with { SwitchStopCodes = v }, 0, MostCodes, SwitchCodes.Wrong),
        Field<RoutingGatewayConfig>.List("switchNextCodes", static g => g.SwitchNextCodes, static (g, v) => g with { SwitchNextCodes = v }, 0, MostCodes, SwitchCodes.Wrong),
    ];
}
