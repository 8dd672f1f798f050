using System.Net;
using System.Net.Sockets;

namespace Tandem.Interop.Peers;

/// <summary>UDP ports of 127.0.0.1 that were free a moment ago, above the range media is relayed on.</summary>
internal static class LoopbackPorts
{
    private const int AboveMedia = 40_000;

    private static readonly HashSet<int> Given = [];

    public static int Take() => Take(1)[0];

    public static int[] Take(int count)
    {
        var held = new List<Socket>();
        var ports = new List<int>();
        try
        {
            while (ports.Count < count)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                held.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
                if (port > AboveMedia && Given.Add(port)) ports.Add(port);
            }
            return [.. ports];
        }
        finally
        {
            foreach (Socket socket in held) socket.Dispose();
        }
    }
}
