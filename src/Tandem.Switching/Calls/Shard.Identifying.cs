using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Switching.Admission;
using Tandem.Switching.Identity;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Identifying: which mapping gateway a request is of, by where it comes from and whom it calls (docs/callers.md).
public sealed partial class Shard
{
    /// <summary>The mapping gateway by its address: the most exact source, then where it registered, then networks.</summary>
    /// <param name="tables">In force.</param>
    /// <param name="request">What came.</param>
    /// <param name="source">From where.</param>
    /// <param name="now">Which registrations hold.</param>
    /// <param name="id">Who it is.</param>
    /// <param name="owesPassword">The address is one of a gateway that must show its password.</param>
    private bool Identify(SwitchTables tables, SipMessage request, in NetAddress source, Instant now, out CallerId id, out bool owesPassword)
    {
        owesPassword = false;
        id = default;
        bool calls = request.Method is SipMethod.Invite or SipMethod.Message;
        CallerRule rule = CallerRule.Address;
        int length = 0;
        bool stated = calls ? tables.Sources.TryFind(source, new CalledBy(request), out MappingGateway? gateway, out rule, out length) : tables.Sources.TryFind(source, out gateway);
        if (!calls && gateway is { ByDigest: true }) stated = false;
        if ((!stated || rule == CallerRule.Network) && FindRegistered(tables, request, calls, source, now) is { } registered)
        {
            owesPassword = registered.ByDigest;
            if (!owesPassword) id = new CallerId(registered, null, CallerRule.Registered);
            return !owesPassword;
        }
        if (stated) id = new CallerId(gateway, null, rule, null, length);
        else owesPassword = tables.Sources.TryFind(source, out MappingGateway? owing) && owing.ByDigest;
        return stated;
    }

    // Of several behind one address, the one whose port it is, then the one whose callPrefix is the longest.
    private MappingGateway? FindRegistered(SwitchTables tables, SipMessage request, bool calls, in NetAddress source, Instant now)
    {
        MappingGateway? best = null;
        bool bestPort = false;
        foreach (DialString user in _locations.GatewaysAt(source))
        {
            if (!tables.TryFindUser(user, out MappingGateway? gateway) || !gateway.IsDynamic || !_locations.TryFind(user, now, out Binding? binding) || !binding.Source.SameHost(source)) continue;
            bool port = binding.Source == source;
            if (gateway.PortCounts && !port) continue;
            if (calls && !gateway.CallPrefix.IsEmpty && !new CalledBy(request).At(gateway.CalleeFrom).Bytes.StartsWith(gateway.CallPrefix.Bytes)) continue;
            if (best is not null && (bestPort, best.CallPrefix.Length).CompareTo((port, gateway.CallPrefix.Length)) >= 0) continue;
            (best, bestPort) = (gateway, port);
        }
        return best;
    }

    // Where addresses are stated for a gateway that shows its password, it must come from one of them. Its callPrefix holds too.
    private static bool MayProveFrom(SwitchTables tables, MappingGateway gateway, SipMessage request, in NetAddress source)
    {
        if (request.Method == SipMethod.Register) return gateway.IsDynamic;
        if (!gateway.ByDigest || (gateway.HasSources && !tables.Sources.Has(source, gateway.Name))) return false;
        return request.Method is not (SipMethod.Invite or SipMethod.Message) || gateway.CallPrefix.IsEmpty || new CalledBy(request).At(gateway.CalleeFrom).Bytes.StartsWith(gateway.CallPrefix.Bytes);
    }

    /// <summary>The called number of a request.</summary>
    private readonly struct CalledBy(SipMessage request) : ICalledNumber
    {
        public DialString At(CalleeSource place)
        {
            NumberReader.ReadCallee(request, place, out DialString number);
            return number;
        }
    }
}
