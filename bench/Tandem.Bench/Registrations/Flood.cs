using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tandem.Bench.Registrations;

/// <summary>REGISTERs of strangers as fast as one thread sends them, from 64 networks (127.X.0.1), each another request.</summary>
internal sealed class Flood : IDisposable
{
    private readonly List<(Socket Socket, byte[] Request)> _sources = [];
    private readonly IPEndPoint _to;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private long _sent;

    public Flood(int port)
    {
        _to = new IPEndPoint(IPAddress.Loopback, port);
        for (int i = 0; i < 64; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var address = IPAddress.Parse($"127.{i + 2}.0.1");
            socket.Bind(new IPEndPoint(address, 0));
            socket.Connect(_to);
            _sources.Add((socket, Encoding.ASCII.GetBytes(
                $"REGISTER sip:127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {address}:5060;branch=z9hG4bKflood00000000;rport\r\nMax-Forwards: 70\r\nFrom: <sip:1000001@127.0.0.1>;tag=flood\r\nTo: <sip:1000001@127.0.0.1>\r\nCall-ID: flood00000000@bench\r\nCSeq: 1 REGISTER\r\nContact: <sip:1000001@{address}>\r\nUser-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n")));
        }
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public long Sent => Volatile.Read(ref _sent);

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        foreach ((Socket socket, _) in _sources) socket.Dispose();
    }

    private void Run()
    {
        long sent = 0;
        byte[] nothing = new byte[2048];
        int[] branches = [.. _sources.Select(static s => s.Request.AsSpan().IndexOf("flood00000000"u8))];
        int[] ids = [.. _sources.Select(static s => s.Request.AsSpan().LastIndexOf("flood00000000"u8))];
        for (int i = 0; !_stopping; i = (i + 1) % _sources.Count)
        {
            (Socket socket, byte[] request) = _sources[i];
            sent++;
            sent.TryFormat(request.AsSpan(branches[i] + 5, 8), out _, "D8");
            sent.TryFormat(request.AsSpan(ids[i] + 5, 8), out _, "D8");
            try
            {
                socket.Send(request);
                if ((sent & 0xff) == 0 && socket.Available > 0) socket.Receive(nothing);
            }
            catch (SocketException)
            {
                // no room just now
            }
            Volatile.Write(ref _sent, sent);
        }
    }
}
