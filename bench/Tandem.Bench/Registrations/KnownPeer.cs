using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tandem.Bench.Registrations;

/// <summary>A known gateway that asks OPTIONS a hundred times a second and notes how long each answer takes.</summary>
internal sealed class KnownPeer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly IPEndPoint _to;
    private int _asked;

    public KnownPeer(int own, int port)
    {
        _to = new IPEndPoint(IPAddress.Loopback, port);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, own));
        _socket.ReceiveTimeout = 500; // T1: then it would be sent again
    }

    /// <summary>Milliseconds of each answer, sorted; and how many had none within T1.</summary>
    public (double[] Millis, int Lost) Ask(TimeSpan length, CancellationToken stop)
    {
        var millis = new List<double>();
        int lost = 0;
        byte[] answer = new byte[4096];
        long until = Environment.TickCount64 + (long)length.TotalMilliseconds;
        while (Environment.TickCount64 < until)
        {
            stop.ThrowIfCancellationRequested();
            string branch = $"z9hG4bKknown{++_asked}x";
            byte[] request = Encoding.ASCII.GetBytes($"OPTIONS sip:{_to} SIP/2.0\r\nVia: SIP/2.0/UDP {_socket.LocalEndPoint};branch={branch};rport\r\nMax-Forwards: 70\r\nFrom: <sip:k@127.0.0.1>;tag=k\r\nTo: <sip:{_to}>\r\nCall-ID: known{_asked}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
            long began = Stopwatch.GetTimestamp();
            _socket.SendTo(request, _to);
            try
            {
                int length1;
                do length1 = _socket.Receive(answer);
                while (!Encoding.ASCII.GetString(answer, 0, length1).Contains(branch, StringComparison.Ordinal));
                millis.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            catch (SocketException)
            {
                lost++;
            }
            Thread.Sleep(10);
        }
        millis.Sort();
        return ([.. millis], lost);
    }

    public void Dispose() => _socket.Dispose();
}
