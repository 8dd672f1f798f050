using System.Net;
using System.Net.Sockets;
using Tandem.Primitives;

namespace Tandem.Tests.Server.Network;

/// <summary>A plain loopback UDP socket of the far end. Receiving waits at most ten seconds and then throws.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[65_536];

    public Peer(bool v6 = false)
    {
        _socket = new Socket(v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000, ReceiveBufferSize = 4 << 20 };
        _socket.Bind(new IPEndPoint(v6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0));
        Address = NetAddress.From((IPEndPoint)_socket.LocalEndPoint!);
    }

    public NetAddress Address { get; }

    public NetAddress LastSource { get; private set; }

    public void Send(in NetAddress to, ReadOnlySpan<byte> bytes) => Assert.Equal(bytes.Length, _socket.SendTo(bytes, to.ToIPEndPoint()));

    public byte[] Receive()
    {
        EndPoint from = new IPEndPoint(Address.IsV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        int n = _socket.ReceiveFrom(_buffer, ref from);
        LastSource = NetAddress.From((IPEndPoint)from);
        return _buffer[..n];
    }

    /// <summary>True when nothing is waiting now.</summary>
    public bool IsSilent => !_socket.Poll(0, SelectMode.SelectRead);

    public void Dispose() => _socket.Dispose();
}
