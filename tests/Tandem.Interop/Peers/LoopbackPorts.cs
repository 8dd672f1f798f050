using System.Net;
using System.Net.Sockets;

namespace Tandem.Interop.Peers;

/// <summary>Ports of 127.0.0.1 that were free a moment ago for UDP and TCP, and the next one for TCP (phones take it for TLS), above the range media is relayed on.</summary>
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
                if (port > AboveMedia && IsFree(port) && IsFree(port + 1) && Given.Add(port)) ports.Add(port);
            }
            return [.. ports];
        }
        finally
        {
            foreach (Socket socket in held) socket.Dispose();
        }
    }

    private static bool IsFree(int port)
    {
        if (port > IPEndPoint.MaxPort) return false;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
