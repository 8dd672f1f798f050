using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;

namespace Tandem.Switching.Admission;

/// <summary>
/// Who calls, by source address: the exact address and port first, then the address with any port, then the longest network; of several gateways
/// with one source the longest callPrefix the called number begins with. What does not fit by its prefix gives way to the next less exact source.
/// No allocation; one hash look-up, and one more for each network length in use.
/// </summary>
public sealed class SourceTable
{
    private const int MostMisses = 8;

    private readonly Dictionary<NetAddress, ImmutableArray<MappingGateway>> _exact = [];
    private readonly Dictionary<NetAddress, ImmutableArray<MappingGateway>> _hosts = [];
    private readonly Dictionary<NetAddress, ImmutableArray<MappingGateway>> _ports = []; // those of _exact by their address alone
    private readonly List<Network> _networks = []; // longest first

    /// <summary>False when another gateway has exactly this source with the same callPrefix already.</summary>
    public bool TryAdd(in SourcePattern source, MappingGateway gateway)
    {
        if (source.PrefixLength < 0)
        {
            if (!TryAdd(source.Address.Port == 0 ? _hosts : _exact, source.Address, gateway)) return false;
            if (source.Address.Port != 0) Note(_ports, source.Address.WithPort(0), gateway);
            return true;
        }
        SourcePattern pattern = source;
        Network? network = _networks.Find(n => n.Length == pattern.PrefixLength && n.IsV6 == pattern.Address.IsV6);
        if (network is null)
        {
            network = new Network(source.PrefixLength, source.Address.IsV6);
            _networks.Add(network);
            _networks.Sort(static (a, b) => b.Length.CompareTo(a.Length));
        }
        return TryAdd(network.Gateways, source.Address, gateway);
    }

    /// <summary>Some gateway's source, whatever is called.</summary>
    public bool IsKnown(in NetAddress source) => Gateways(source, 0, out _, out _, out _);

    /// <summary>The gateway a request that calls nobody is taken to be of: the most exact source, and of several there the one without callPrefix, or the last.</summary>
    public bool TryFind(in NetAddress source, [NotNullWhen(true)] out MappingGateway? gateway)
    {
        gateway = Gateways(source, 0, out ImmutableArray<MappingGateway> found, out _, out _) ? found[^1] : null;
        return gateway is not null;
    }

    /// <summary>The gateway a call is of, and by which of its sources. One that must show its password is never found here.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="called">The number it calls.</param>
    /// <param name="gateway">The gateway; null: none.</param>
    /// <param name="rule">Address and port, address, or network.</param>
    /// <param name="length">Of a network.</param>
    public bool TryFind<TCalled>(in NetAddress source, in TCalled called, [NotNullWhen(true)] out MappingGateway? gateway, out CallerRule rule, out int length)
        where TCalled : ICalledNumber, allows ref struct
    {
        gateway = null;
        for (int skip = 0; Gateways(source, skip, out ImmutableArray<MappingGateway> found, out rule, out length); skip = Next(rule, length, source.IsV6))
        {
            foreach (MappingGateway one in found)
            {
                if (one.ByDigest || !one.Calls(called)) continue;
                gateway = one;
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether the source is one of this gateway's.</summary>
    public bool Has(in NetAddress source, string name)
    {
        for (int skip = 0; Gateways(source, skip, out ImmutableArray<MappingGateway> found, out CallerRule rule, out int length); skip = Next(rule, length, source.IsV6))
        {
            foreach (MappingGateway one in found)
            {
                if (one.Name == name) return true;
            }
        }
        return false;
    }

    /// <summary>Gateways that share the address and are not the one that was found: what the story tells of them. At most eight; for the edges, it makes a list.</summary>
    public IReadOnlyList<NearMiss> NearMisses<TCalled>(in NetAddress source, in TCalled called, MappingGateway? found)
        where TCalled : ICalledNumber, allows ref struct
    {
        List<NearMiss> misses = [];
        for (int skip = 0; Gateways(source, skip, out ImmutableArray<MappingGateway> at, out CallerRule rule, out int length); skip = Next(rule, length, source.IsV6))
        {
            foreach (MappingGateway one in at) Add(one, !one.Calls(called) ? NearMissKind.OtherPrefix : one.ByDigest ? NearMissKind.NoPassword : NearMissKind.LessExact);
        }
        if (_ports.TryGetValue(source.WithPort(0), out ImmutableArray<MappingGateway> others))
        {
            foreach (MappingGateway one in others) Add(one, NearMissKind.OtherPort);
        }
        return misses;

        void Add(MappingGateway gateway, NearMissKind kind)
        {
            if (misses.Count < MostMisses && gateway.Name != found?.Name && !misses.Exists(m => m.Gateway.Name == gateway.Name)) misses.Add(new NearMiss(gateway, kind));
        }
    }

    /// <summary>Whether other gateways than one share the address, so that a story of near misses is worth its while.</summary>
    public bool IsShared(in NetAddress source)
    {
        NetAddress host = source.WithPort(0);
        int here = (_hosts.TryGetValue(host, out ImmutableArray<MappingGateway> hosts) ? hosts.Length : 0) + (_ports.TryGetValue(host, out ImmutableArray<MappingGateway> ports) ? ports.Length : 0);
        return here > 1;
    }

    // Skips the sources more exact than the one numbered: 0 address and port, 1 address, then the networks in order.
    private bool Gateways(in NetAddress source, int skip, out ImmutableArray<MappingGateway> gateways, out CallerRule rule, out int length)
    {
        length = 0;
        rule = CallerRule.AddressAndPort;
        if (skip < 1 && _exact.TryGetValue(source, out gateways)) return true;
        rule = CallerRule.Address;
        NetAddress host = source.WithPort(0);
        if (skip < 2 && _hosts.TryGetValue(host, out gateways)) return true;
        rule = CallerRule.Network;
        for (int i = Math.Max(0, skip - 2); i < _networks.Count; i++)
        {
            Network network = _networks[i];
            length = network.Length;
            if (network.IsV6 == source.IsV6 && network.Gateways.TryGetValue(SourcePattern.Mask(host, length), out gateways)) return true;
        }
        gateways = [];
        return false;
    }

    private int Next(CallerRule rule, int length, bool isV6) =>
        rule == CallerRule.AddressAndPort ? 1 : rule == CallerRule.Address ? 2 : 3 + _networks.FindIndex(n => n.Length == length && n.IsV6 == isV6);

    // The longest callPrefix first.
    private static bool TryAdd(Dictionary<NetAddress, ImmutableArray<MappingGateway>> table, in NetAddress source, MappingGateway gateway)
    {
        ImmutableArray<MappingGateway> there = table.GetValueOrDefault(source, []);
        int at = 0;
        for (; at < there.Length && there[at].CallPrefix.Length >= gateway.CallPrefix.Length; at++)
        {
            if (there[at].CallPrefix == gateway.CallPrefix) return false;
        }
        table[source] = there.Insert(at, gateway);
        return true;
    }

    private static void Note(Dictionary<NetAddress, ImmutableArray<MappingGateway>> table, in NetAddress source, MappingGateway gateway) =>
        table[source] = table.GetValueOrDefault(source, []).Add(gateway);

    private sealed class Network(int length, bool isV6)
    {
        public int Length { get; } = length;

        public bool IsV6 { get; } = isV6;

        public Dictionary<NetAddress, ImmutableArray<MappingGateway>> Gateways { get; } = [];
    }
}
