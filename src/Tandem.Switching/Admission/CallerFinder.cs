using Tandem.Primitives;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Admission;

/// <summary>Which mapping gateway a call is of, by where it comes from and whom it calls: the most exact stated source, then where it registered, then networks (docs/callers.md).</summary>
public static class CallerFinder
{
    /// <param name="tables">In force.</param>
    /// <param name="locations">Where gateways registered.</param>
    /// <param name="source">Where the call comes from.</param>
    /// <param name="called">The number it calls.</param>
    /// <param name="now">Which registrations hold.</param>
    /// <param name="id">Who it is.</param>
    /// <param name="owesPassword">The address is one of a gateway that must show its password.</param>
    public static bool TryFind<TCalled>(SwitchTables tables, LocationBook locations, in NetAddress source, in TCalled called, Instant now, out CallerId id, out bool owesPassword)
        where TCalled : ICalledNumber, allows ref struct
    {
        bool stated = tables.Sources.TryFind(source, called, out MappingGateway? gateway, out CallerRule rule, out int length);
        if ((!stated || rule == CallerRule.Network) && FindRegistered(tables, locations, source, called, now) is { } registered)
        {
            owesPassword = registered.ByDigest;
            id = owesPassword ? default : new CallerId(registered, null, CallerRule.Registered);
            return !owesPassword;
        }
        id = stated ? new CallerId(gateway, null, rule, null, length) : default;
        owesPassword = !stated && tables.Sources.TryFind(source, out MappingGateway? owing) && owing.ByDigest;
        return stated;
    }

    // Of several behind one address, the one whose port it is, then the one whose callPrefix is the longest.
    private static MappingGateway? FindRegistered<TCalled>(SwitchTables tables, LocationBook locations, in NetAddress source, in TCalled called, Instant now)
        where TCalled : ICalledNumber, allows ref struct
    {
        MappingGateway? best = null;
        bool bestPort = false;
        foreach (DialString user in locations.GatewaysAt(source))
        {
            if (!tables.TryFindUser(user, out MappingGateway? gateway) || !gateway.IsDynamic || !locations.TryFind(user, now, out Binding? binding) || !binding.Source.SameHost(source)) continue;
            bool port = binding.Source == source;
            if ((gateway.PortCounts && !port) || !gateway.Calls(called)) continue;
            if (best is not null && (bestPort, best.CallPrefix.Length).CompareTo((port, gateway.CallPrefix.Length)) >= 0) continue;
            (best, bestPort) = (gateway, port);
        }
        return best;
    }
}
