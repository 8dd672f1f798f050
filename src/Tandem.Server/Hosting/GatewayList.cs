using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Sip.Locating;
using Tandem.Switching.Admission;
using Tandem.Switching.Configuration;
using Tandem.Switching.Probing;
using Tandem.Switching.Routing;

namespace Tandem.Server.Hosting;

/// <summary>The gateways as they stand: what was said, where names lead, what is in use. Reads what shards write; waits for nobody.</summary>
internal static class GatewayList
{
    public static GatewaysView Of(SwitchTables tables, SwitchConfiguration said, Instant now) =>
        new([.. tables.Routes.Gateways.Select(g => View(g, said, now))], [.. tables.MappingGateways.Select(g => View(g, said, now))]);

    private static GatewayView View(RoutingGateway gateway, SwitchConfiguration said, Instant now)
    {
        ResolvedName? name = gateway.Target.IsNumeric ? null : gateway.State.Name;
        return new GatewayView
        {
            Name = gateway.Name,
            RemoteIp = said.RoutingGateways.TryGetValue(gateway.Name, out RoutingGatewayConfig? config) ? config.RemoteIp : "",
            Addresses = [.. gateway.Hops.Choices.Select(static c => $"{c.Hop.Transport.ToString().ToLowerInvariant()} {c.Hop.Address}")],
            ResolvedSince = name?.At,
            AgeSeconds = name is null ? null : Age(name, now),
            LookedUpAgain = name?.Until,
            Stale = name?.Stale ?? false,
            CurrentCalls = gateway.State.CurrentCalls,
            PublishedCalls = Holding(gateway.AllowPublish, gateway.State, now)?.Calls,
            PublishedUntil = Holding(gateway.AllowPublish, gateway.State, now)?.Until,
            Capacity = gateway.Capacity,
            History = gateway.State.History,
            Locked = gateway.Locked,
            SipOptions = gateway.State.Probe.ToString(),
            SipOptionsSince = gateway.State.Probe == ProbeState.Unknown ? null : gateway.State.ProbeSince,
            RetryAfter = Math.Max(0, (long)(gateway.State.RestsUntil - now).TotalMilliseconds),
            Trouble = gateway.Hops.Count == 0 ? gateway.Unresolved + "." : "",
        };
    }

    private static MappingGatewayView View(MappingGateway gateway, SwitchConfiguration said, Instant now)
    {
        string[] stated = said.MappingGateways.TryGetValue(gateway.Name, out MappingGatewayConfig? config) ? [.. config.RemoteIps] : [];
        ResolvedName[] names = [.. gateway.HostNames.Select(n => gateway.State.Sources.GetValueOrDefault(n)).OfType<ResolvedName>()];
        return new MappingGatewayView
        {
            Name = gateway.Name,
            RemoteIps = stated,
            Addresses =
            [
                .. stated.SelectMany(text => !HostName.TryParse(text, out string host, out int port) ? [text]
                    : gateway.State.Sources.TryGetValue(host, out ResolvedName? led) ? led.Hops.Choices.Select(c => port == 0 ? c.Hop.Address.HostString() : c.Hop.Address.WithPort(port).ToString())
                    : []),
            ],
            ResolvedSince = names.Length == 0 ? null : names.Max(static n => n.At),
            AgeSeconds = names.Length == 0 ? null : names.Max(n => Age(n, now)),
            LookedUpAgain = names.Length == 0 ? null : names.Min(static n => n.Until),
            Stale = names.Any(static n => n.Stale),
            CurrentCalls = gateway.State.CurrentCalls,
            PublishedCalls = Holding(gateway.AllowPublish, gateway.State, now)?.Calls,
            PublishedUntil = Holding(gateway.AllowPublish, gateway.State, now)?.Until,
            Capacity = gateway.Capacity,
            Locked = gateway.Locked,
            Trouble = string.Join(" ", names.Where(static n => n.Trouble.Length > 0).Select(static n => n.Trouble + ".")),
        };
    }

    private static Publication? Holding(bool mayPublish, GatewayState state, Instant now) => mayPublish && state.Published is { } published && published.Until > now ? published : null;

    private static long Age(ResolvedName name, Instant now) => (long)Math.Max(0, (now - name.Checked).TotalSeconds);
}
