using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Network.Streams;
using Tandem.Sip.Transports;

namespace Tandem.Tests.Server.Network.Streams;

/// <summary>The stream transports with nobody above them but a list, and sockets of the test's around them.</summary>
internal sealed class StreamBench : IStreamUser, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<IDisposable> _owned = [];

    public StreamBench(StreamLimits? limits = null, TlsOptions? tls = null, byte trafficClass = 0, bool closeByReset = false, string bind = "127.0.0.1:0")
    {
        if (tls is not null) Tls = new TlsPolicy(tls, at => Fingerprints.GetValueOrDefault(at) ?? [], Said.Add);
        Edge = new StreamEdge(this, (limits ?? new StreamLimits()) with { CheckEvery = TimeSpan.FromMilliseconds(20) }, Tls, trafficClass, () => closeByReset, Said.Add);
        Tcp = Edge.Listen(0, SipTransport.Tcp, NetAddress.Parse(bind));
        if (tls is not null) TlsAt = Edge.Listen(1, SipTransport.Tls, NetAddress.Parse(bind));
        Edge.Start();
    }

    public StreamEdge Edge { get; }

    public TlsPolicy? Tls { get; }

    public NetAddress Tcp { get; }

    public NetAddress TlsAt { get; }

    public BlockingCollection<(int Listener, NetAddress Source, string Text)> Messages { get; } = [];

    public BlockingCollection<(int Listener, NetAddress Peer)> Broken { get; } = [];

    /// <summary>Whether the last one that broke had been open.</summary>
    public bool LastWasOpen { get; private set; }

    public List<string> Said { get; } = [];

    public Dictionary<NetAddress, byte[]> Fingerprints { get; } = [];

    public HashSet<NetAddress> Known { get; } = [];

    /// <summary>Messages that find no room first.</summary>
    public int NoRoomFor { get; set; }

    public bool TryDeliver(int listener, in NetAddress source, ReadOnlySpan<byte> message)
    {
        if (NoRoomFor-- > 0) return false;
        Messages.Add((listener, source, Encoding.UTF8.GetString(message)));
        return true;
    }

    public bool TryTellBroken(int listener, in NetAddress peer, bool wasOpen)
    {
        Broken.Add((listener, peer));
        LastWasOpen = wasOpen;
        return true;
    }

    public bool IsKnown(in NetAddress address) => Known.Contains(address.WithPort(0));

    public static string Request(string method = "OPTIONS", string body = "") =>
        $"{method} sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKx\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    public (int Listener, NetAddress Source, string Text) Next() =>
        Messages.TryTake(out (int, NetAddress, string) message, Patience) ? message : throw new InvalidOperationException("no message came");

    public (int Listener, NetAddress Peer) NextBroken() =>
        Broken.TryTake(out (int, NetAddress) peer, Patience) ? peer : throw new InvalidOperationException("nothing broke");

    /// <summary>A plain client socket.</summary>
    public Socket Connect(NetAddress to)
    {
        var socket = Own(new Socket(to.IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000, NoDelay = true });
        socket.Connect(to.ToIPEndPoint());
        return socket;
    }

    public Socket ListenOn(string address = "127.0.0.1")
    {
        IPAddress ip = IPAddress.Parse(address);
        Socket socket = Own(new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(new IPEndPoint(ip, 0));
        socket.Listen(16);
        return socket;
    }

    public Socket Accept(Socket listener)
    {
        listener.Blocking = true;
        Socket accepted = Own(listener.Accept());
        accepted.ReceiveTimeout = 10_000;
        return accepted;
    }

    public static string Receive(Socket socket)
    {
        byte[] buffer = new byte[65_536];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }

    /// <summary>True when the peer ends the connection, whatever it had still to say.</summary>
    public static bool Ends(Socket socket)
    {
        try
        {
            byte[] buffer = new byte[65_536];
            while (socket.Receive(buffer) > 0)
            {
                // what was under way
            }
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    /// <summary>Waits for what other threads do.</summary>
    public static void Until(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, Patience), "it did not come to hold");

    public T Own<T>(T thing) where T : IDisposable
    {
        _owned.Add(thing);
        return thing;
    }

    public void Dispose()
    {
        foreach (IDisposable thing in _owned) thing.Dispose();
        Edge.Dispose();
        Tls?.Dispose();
        Messages.Dispose();
        Broken.Dispose();
    }
}
