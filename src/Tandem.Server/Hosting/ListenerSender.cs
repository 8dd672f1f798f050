using Tandem.Primitives;
using Tandem.Server.Network;
using Tandem.Sip.Transactions;

namespace Tandem.Server.Hosting;

/// <summary>Sends a shard's messages through its loop's own sockets; they leave in batches at the end of the turn.</summary>
public sealed class ListenerSender(UdpListener[] listeners) : ISipSender
{
    public void Send(int listener, in NetAddress to, ReadOnlySpan<byte> message) => listeners[listener].Send(to, message);
}
