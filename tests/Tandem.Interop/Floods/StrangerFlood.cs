using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Interop.Floods;

/// <summary>REGISTER, INVITE and OPTIONS of strangers from thirty networks (127.X.0.1), some thousands a second, until it is disposed of.</summary>
internal sealed class StrangerFlood : IAsyncDisposable
{
    private const int Burst = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _sending;

    public StrangerFlood(NetAddress to)
    {
        for (int i = 0; i < 30; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse($"127.{i + 2}.0.1"), 0));
            socket.Connect(to.ToIPEndPoint());
            _sockets.Add(socket);
        }
        _sending = Task.Run(() => SendAsync(to));
    }

    public int Sent { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        foreach (Socket socket in _sockets) socket.Dispose();
        _stop.Dispose();
    }

    private async Task SendAsync(NetAddress to)
    {
        using var timer = new PeriodicTimer(Pause);
        string[] methods = ["REGISTER", "INVITE", "OPTIONS"];
        byte[] answer = new byte[4096];
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                for (int i = 0; i < Burst; i++, Sent++)
                {
                    Socket socket = _sockets[Sent % _sockets.Count];
                    string method = methods[Sent % methods.Length];
                    socket.Send(Encoding.ASCII.GetBytes($"{method} sip:{Sent}@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {socket.LocalEndPoint};branch=z9hG4bKs{Sent};rport\r\nMax-Forwards: 70\r\nFrom: <sip:{Sent}@x>;tag=s\r\nTo: <sip:{Sent}@x>\r\nCall-ID: s{Sent}\r\nCSeq: 1 {method}\r\nContact: <sip:s@x>\r\nContent-Length: 0\r\n\r\n"));
                    while (socket.Available > 0) socket.Receive(answer);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // enough
        }
    }
}
