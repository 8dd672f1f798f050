using Tandem.Primitives;
using Tandem.Server.Network.Streams;
using Tandem.Switching.Routing;

namespace Tandem.Server.Hosting;

/// <summary>Between the stream transports and the shards: messages go to the shard that owns their call, news of a broken connection to all.</summary>
internal sealed class StreamBridge(TableBook tables) : IStreamUser
{
    private SwitchWork[] _works = [];

    /// <summary>Once, before the streams are started.</summary>
    public void Connect(SwitchWork[] works) => _works = works;

    public bool TryDeliver(int listener, in NetAddress source, ReadOnlySpan<byte> message) => _works[0].TryHandIn(listener, source, message);

    public bool TryTellBroken(int listener, in NetAddress peer, bool wasOpen)
    {
        bool all = true;
        foreach (SwitchWork work in _works) all &= work.TryTellBroken(listener, peer, wasOpen);
        return all;
    }

    public bool IsKnown(in NetAddress address) => tables.Current.IsStated(address);

    /// <summary>The one certificate an operator trusts at a gateway's address; empty: none such. Asked once a connection.</summary>
    public byte[] FingerprintOf(NetAddress address)
    {
        foreach (RoutingGateway gateway in tables.Current.Routes.Gateways)
        {
            if (gateway.TlsFingerprint.Length > 0 && gateway.Hops.Choices.Any(c => c.Hop.Address == address)) return gateway.TlsFingerprint;
        }
        return [];
    }
}
