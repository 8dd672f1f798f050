using Tandem.Primitives;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;
using Tandem.Sip.Transactions;

namespace Tandem.Server.Hosting;

/// <summary>Sends a shard's messages by its loop's own sockets and the switch's streams; they leave at the end of the turn.</summary>
/// <param name="datagrams">By listener number; null where the listener is a stream's.</param>
/// <param name="streams">Null when there is none.</param>
public sealed class ListenerSender(UdpListener?[] datagrams, StreamOutbox? streams) : ISipSender
{
    public void Send(int listener, in NetAddress to, ReadOnlySpan<byte> message)
    {
        if (datagrams[listener] is { } udp) udp.Send(to, message);
        else streams!.Send(listener, to, message);
    }

    public bool IsConnected(int listener, in NetAddress to) => datagrams[listener] is null && streams!.Edge.IsConnected(listener, to);

    public void Expect(in NetAddress at, string serverName) => streams?.Edge.Expect(at, serverName);
}
