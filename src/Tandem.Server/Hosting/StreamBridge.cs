using Tandem.Primitives;
using Tandem.Server.Network.Streams;
using Tandem.Switching.Routing;

namespace Tandem.Server.Hosting;

/// <summary>Between the stream transports and the shards: messages go to the shard that owns their call, news of a broken connection to all.</summary>
internal sealed class StreamBridge(TableBook tables) : IStreamUser
{
    private SwitchWork[] _works = [];
    private volatile Peers _peers = new(null, [], []);

    /// <summary>Once, before the streams are started.</summary>
    public void Connect(SwitchWork[] works) => _works = works;

    public bool TryDeliver(int listener, in NetAddress source, ReadOnlySpan<byte> message) => _works[0].TryHandIn(listener, source, message);

    public bool TryTellBroken(int listener, in NetAddress peer, bool wasOpen)
    {
        bool all = true;
        foreach (SwitchWork work in _works) all &= work.TryTellBroken(listener, peer, wasOpen);
        return all;
    }

    public bool IsKnown(in NetAddress address) => tables.Current.TryIdentify(address, out _) || PeersNow().Hosts.Contains(address.WithPort(0));

    /// <summary>The one certificate an operator trusts at a gateway's address; empty: none such.</summary>
    public byte[] FingerprintOf(NetAddress address) => PeersNow().Fingerprints.GetValueOrDefault(address) ?? [];

    private Peers PeersNow()
    {
        SwitchTables now = tables.Current;
        if (ReferenceEquals(_peers.Of, now)) return _peers;
        IReadOnlyList<RoutingGateway> gateways = now.Routes.Gateways;
        var fingerprints = new Dictionary<NetAddress, byte[]>();
        foreach (RoutingGateway gateway in gateways)
        {
            if (gateway.TlsFingerprint.Length > 0) fingerprints[gateway.Hop.Address] = gateway.TlsFingerprint;
        }
        return _peers = new Peers(now, [.. gateways.Select(static g => g.Hop.Address.WithPort(0))], fingerprints);
    }

    private sealed record Peers(SwitchTables? Of, HashSet<NetAddress> Hosts, Dictionary<NetAddress, byte[]> Fingerprints);
}
