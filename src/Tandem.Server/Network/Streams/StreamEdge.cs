using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Server.Network.Streams;

/// <summary>
/// The stream transports of the switch: listens for TCP and TLS, opens connections, and keeps the table of those that are open. Async and outside
/// the loops (docs/decisions/0005); the shards see messages in, messages out, and the news that a connection is gone.
/// </summary>
public sealed class StreamEdge : IDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly IStreamUser _user;
    private readonly TlsPolicy? _tls;
    private readonly Action<string> _say;
    private readonly Func<bool> _closeByReset;
    private readonly byte _trafficClass;
    private readonly List<(Socket Socket, int Listener, SipTransport Transport, NetAddress Local)> _listeners = [];
    private readonly ConcurrentDictionary<(int Listener, NetAddress Peer), StreamConnection> _connections = new();
    private readonly ConcurrentDictionary<NetAddress, string> _expected = new();
    private readonly ConcurrentDictionary<NetAddress, long> _complained = new();
    private readonly ConcurrentQueue<(int Listener, NetAddress Peer, bool WasOpen)> _untold = new();
    private readonly Dictionary<NetAddress, int> _perSource = [];
    private readonly Lock _counting = new();
    private readonly Timer _clock;
    private int _count;
    private int _handshakes;
    private volatile bool _stopped;

    /// <param name="user">The shards.</param>
    /// <param name="limits">What a peer may cost.</param>
    /// <param name="tls">Null: there is no TLS listener.</param>
    /// <param name="trafficClass">The TOS / traffic class byte of packets (SS_QOS_SIGNAL); 0 leaves them unmarked.</param>
    /// <param name="closeByReset">SS_TCP_CLOSE_RESET, asked at each close.</param>
    /// <param name="say">Told of certificates that do not do, in sentences.</param>
    public StreamEdge(IStreamUser user, StreamLimits limits, TlsPolicy? tls, byte trafficClass, Func<bool> closeByReset, Action<string> say)
    {
        _user = user;
        Limits = limits;
        _tls = tls;
        _trafficClass = trafficClass;
        _closeByReset = closeByReset;
        _say = say;
        _clock = new Timer(static edge => ((StreamEdge)edge!).CheckClocks(), this, limits.CheckEvery, limits.CheckEvery);
    }

    public StreamCounters Counters { get; } = new();

    /// <summary>Connections there are, those being opened included.</summary>
    public int Count => Volatile.Read(ref _count);

    internal StreamLimits Limits { get; }

    internal bool CloseByReset => _closeByReset();

    /// <summary>Opens a port. Returns where, the port as the kernel gave it; nothing is accepted before <see cref="Start"/>.</summary>
    /// <exception cref="PortUnavailableException">The port is taken, forbidden, or not of this machine.</exception>
    public NetAddress Listen(int listener, SipTransport transport, in NetAddress bind)
    {
        var socket = new Socket(bind.IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (bind.IsV6) socket.DualMode = false;
            socket.Bind(bind.ToIPEndPoint());
            socket.Listen(512);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw PortUnavailableException.For(transport == SipTransport.Tls ? "the SIP port for TLS" : "the SIP port for TCP", bind, e.NativeErrorCode);
        }
        NetAddress local = NetAddress.From((IPEndPoint)socket.LocalEndPoint!);
        _listeners.Add((socket, listener, transport, local));
        return local;
    }

    public void Start()
    {
        foreach ((Socket socket, int listener, SipTransport transport, _) in _listeners) _ = AcceptAllAsync(socket, listener, transport);
    }

    /// <summary>True while a connection is open to exactly this address.</summary>
    public bool IsConnected(int listener, in NetAddress peer) => _connections.TryGetValue((listener, peer), out StreamConnection? connection) && connection.IsOpen;

    /// <summary>Whom a certificate must name, should a connection of TLS be opened to there.</summary>
    public void Expect(in NetAddress at, string serverName)
    {
        if (_expected.TryGetValue(at, out string? known) && known == serverName) return;
        if (_expected.Count > 65_536) _expected.Clear(); // told again with the next call
        _expected[at] = serverName;
    }

    /// <summary>On the open connection to the address, else on one opened for it. Never waits; what cannot be sent is told through <see cref="IStreamUser.TryTellBroken"/>.</summary>
    public void Send(int listener, in NetAddress to, ReadOnlySpan<byte> message) => Queue(listener, to, message)?.Push();

    /// <summary>The same, but it leaves with the next <see cref="StreamConnection.Push"/>; null when there is nothing to push.</summary>
    internal StreamConnection? Queue(int listener, in NetAddress to, ReadOnlySpan<byte> message)
    {
        for (int tries = 0; tries < 2; tries++)
        {
            if (!_connections.TryGetValue((listener, to), out StreamConnection? connection))
            {
                connection = Connect(listener, to, message);
                if (connection is null) return null;
            }
            if (connection.TryQueue(message))
            {
                Interlocked.Increment(ref Counters.MessagesOut);
                return connection;
            }
        }
        return null;
    }

    public void Dispose()
    {
        if (_stopped) return;
        // The farewells of the last turn are on their way: a moment for them.
        long until = Environment.TickCount64 + (long)LastWords.TotalMilliseconds;
        while (Environment.TickCount64 < until && _connections.Values.Any(static c => !c.HasWritten)) Thread.Sleep(5);
        _stopped = true;
        _clock.Dispose();
        foreach ((Socket socket, _, _, _) in _listeners) socket.Dispose();
        foreach (StreamConnection connection in _connections.Values) connection.Close();
    }

    /// <summary>A message for the shard that owns its call.</summary>
    internal bool TryDeliver(StreamConnection from, ReadOnlySpan<byte> message) => _user.TryDeliver(from.Listener, from.Peer, message);

    /// <summary>Of a connection that closed.</summary>
    internal void Forget(StreamConnection connection, bool tell, bool wasOpen)
    {
        _connections.TryRemove(new((connection.Listener, connection.Peer), connection));
        Release(connection);
        if (!tell || _stopped || _user.TryTellBroken(connection.Listener, connection.Peer, wasOpen)) return;
        _untold.Enqueue((connection.Listener, connection.Peer, wasOpen));
    }

    private async Task AcceptAllAsync(Socket socket, int listener, SipTransport transport)
    {
        while (!_stopped)
        {
            try
            {
                Socket accepted = await socket.AcceptAsync();
                Accept(accepted, listener, transport);
            }
            catch (SocketException) when (!_stopped)
            {
                await Task.Delay(50); // out of descriptors, or the peer was gone before it was accepted
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private void Accept(Socket socket, int listener, SipTransport transport)
    {
        if (socket.RemoteEndPoint is not IPEndPoint remote)
        {
            socket.Dispose();
            return;
        }
        NetAddress peer = NetAddress.From(remote);
        var connection = new StreamConnection(this, listener, transport, peer, isOutgoing: false, socket) { CountsAsHandshake = transport == SipTransport.Tls };
        if (!TryCount(connection, _user.IsKnown(peer)))
        {
            Interlocked.Increment(ref Counters.Refused);
            socket.Dispose();
            return;
        }
        Interlocked.Increment(ref Counters.Accepted);
        // Same peer, same port, again: the kernel says the old connection is gone.
        if (_connections.TryGetValue((listener, peer), out StreamConnection? old)) old.Close();
        if (!_connections.TryAdd((listener, peer), connection))
        {
            connection.Dispose();
            return;
        }
        _ = ServeAsync(connection, socket);
    }

    private async Task ServeAsync(StreamConnection connection, Socket socket)
    {
        await Task.Yield(); // the handshake's arithmetic does not hold up the next accept
        try
        {
            Prepare(socket, connection.Peer.IsV6);
            Stream stream = new NetworkStream(socket, ownsSocket: false);
            if (connection.Transport == SipTransport.Tls) stream = await _tls!.ReceiveAsync(stream);
            EndHandshake(connection);
            if (connection.Transport == SipTransport.Tls) Interlocked.Increment(ref Counters.Handshakes);
            await connection.RunAsync(stream);
        }
#pragma warning disable CA1031 // a stranger's handshake may fail in any way; it ends here
        catch (Exception)
#pragma warning restore CA1031
        {
            connection.Close(ref Counters.HandshakesFailed);
        }
        connection.Dispose();
    }

    private StreamConnection? Connect(int listener, NetAddress to, ReadOnlySpan<byte> first)
    {
        bool isRequest = !first.StartsWith("SIP/"u8);
        SipTransport transport = _listeners.Find(l => l.Listener == listener).Transport;
        var connection = new StreamConnection(this, listener, transport, to, isOutgoing: true, null);
        // A response to a stranger whose connection broke counts against the stranger.
        if (_stopped || !TryCount(connection, isRequest || _user.IsKnown(to)))
        {
            Interlocked.Increment(ref Counters.Refused);
            if (isRequest && !_user.TryTellBroken(listener, to, wasOpen: false)) _untold.Enqueue((listener, to, false));
            return null;
        }
        StreamConnection taken = _connections.GetOrAdd((listener, to), connection);
        if (!ReferenceEquals(taken, connection))
        {
            Release(connection);
            return taken; // another shard was quicker
        }
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Edge.ConnectAsync(work.Connection), (Edge: this, Connection: connection), preferLocal: false);
        return connection;
    }

    private async Task ConnectAsync(StreamConnection connection)
    {
        bool connected = false;
        try
        {
            var socket = new Socket(connection.Peer.IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            connection.Adopt(socket);
            Prepare(socket, connection.Peer.IsV6);
            NetAddress local = _listeners.Find(l => l.Listener == connection.Listener).Local;
            if (!local.IsAny) socket.Bind(local.WithPort(0).ToIPEndPoint());
            await socket.ConnectAsync(connection.Peer.ToIPEndPoint());
            connected = true;
            Stream stream = new NetworkStream(socket, ownsSocket: false);
            if (connection.Transport == SipTransport.Tls)
            {
                stream = await _tls!.CallAsync(stream, connection.Peer, _expected.GetValueOrDefault(connection.Peer));
                Interlocked.Increment(ref Counters.Handshakes);
            }
            Interlocked.Increment(ref Counters.Opened);
            await connection.RunAsync(stream);
        }
#pragma warning disable CA1031 // whatever it was, the shards learn that there is no connection
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (connected) Complain(connection.Peer, e);
            connection.Close(ref connected ? ref Counters.HandshakesFailed : ref Counters.ConnectsFailed);
        }
        connection.Dispose();
    }

    // A handshake that fails is an operator's affair, once a minute and peer.
    private void Complain(NetAddress peer, Exception why)
    {
        long now = Environment.TickCount64;
        if (_complained.TryGetValue(peer, out long last) && now - last < 60_000) return;
        if (_complained.Count > 4096) _complained.Clear();
        _complained[peer] = now;
        if (why is TlsRefusedException or System.Security.Authentication.AuthenticationException) _say($"TLS to {peer} was not established: {why.Message}");
    }

    private void Prepare(Socket socket, bool isV6)
    {
        socket.NoDelay = true;
        if (_trafficClass == 0) return;
        try
        {
            if (isV6) socket.SetRawSocketOption(LibC.IPPROTO_IPV6, LibC.IPV6_TCLASS, BitConverter.GetBytes((int)_trafficClass));
            else socket.SetRawSocketOption(LibC.IPPROTO_IP, LibC.IP_TOS, BitConverter.GetBytes((int)_trafficClass));
        }
        catch (SocketException)
        {
            // A network that forbids marking still carries the call.
        }
    }

    private bool TryCount(StreamConnection connection, bool known)
    {
        lock (_counting)
        {
            if (_count >= (known ? Limits.Connections : Limits.Connections - (Limits.Connections / 8))) return false;
            if (connection.CountsAsHandshake && !known && _handshakes >= Limits.Handshakes) return false;
            NetAddress host = connection.Peer.WithPort(0);
            int mine = _perSource.GetValueOrDefault(host);
            if (mine >= (known ? Limits.PerKnownPeer : Limits.PerStranger)) return false;
            _perSource[host] = mine + 1;
            Volatile.Write(ref _count, _count + 1);
            connection.CountsAsHandshake &= !known;
            if (connection.CountsAsHandshake) _handshakes++;
            return true;
        }
    }

    private void Release(StreamConnection connection)
    {
        lock (_counting)
        {
            NetAddress host = connection.Peer.WithPort(0);
            if (_perSource.GetValueOrDefault(host) <= 1) _perSource.Remove(host);
            else _perSource[host]--;
            Volatile.Write(ref _count, _count - 1);
            if (connection.CountsAsHandshake) _handshakes--;
            connection.CountsAsHandshake = false;
        }
    }

    private void EndHandshake(StreamConnection connection)
    {
        lock (_counting)
        {
            if (connection.CountsAsHandshake) _handshakes--;
            connection.CountsAsHandshake = false;
        }
    }

    private void CheckClocks()
    {
        long now = Environment.TickCount64;
        foreach (StreamConnection connection in _connections.Values) connection.CheckClocks(now);
        for (int left = _untold.Count; left > 0 && _untold.TryDequeue(out (int Listener, NetAddress Peer, bool WasOpen) gone); left--)
        {
            if (!_user.TryTellBroken(gone.Listener, gone.Peer, gone.WasOpen)) _untold.Enqueue(gone);
        }
    }
}
