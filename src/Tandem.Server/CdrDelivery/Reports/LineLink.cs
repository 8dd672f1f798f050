using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery.Reports;

/// <summary>
/// The text line over TCP (docs/cdr.md "Real-time reports"): the server answers each line, in order, with a line that begins with OK; anything else refuses it.
/// At most <see cref="InFlight"/> lines wait for their answers, so that neither side's buffers can fill up.
/// </summary>
internal sealed class LineLink(NetAddress server, TimeZoneInfo zone, TimeSpan patience) : IReportLink
{
    private const int InFlight = 500;
    private const int LongestAnswer = 512;

    private readonly byte[] _answers = new byte[4096];
    private byte[] _lines = new byte[64 * 1024];
    private volatile Socket? _socket;
    private volatile bool _brokenOff;

    public void Send(ReadOnlySpan<Cdr> cdrs, Action<int> acknowledged)
    {
        try
        {
            Socket socket = _socket ?? Connect();
            while (cdrs.Length > 0)
            {
                ReadOnlySpan<Cdr> some = cdrs[..Math.Min(InFlight, cdrs.Length)];
                ReadOnlySpan<byte> lines = Lines(some);
                while (lines.Length > 0) lines = lines[socket.Send(lines)..];
                Await(socket, some.Length, acknowledged);
                cdrs = cdrs[some.Length..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            Close();
            throw e is IOException ? e : new IOException(Says(e), e);
        }
    }

    public void Dispose()
    {
        _brokenOff = true;
        Close();
    }

    private Socket Connect()
    {
        var socket = new Socket(server.IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var timer = new CancellationTokenSource(patience);
            socket.ConnectAsync(server.ToIPEndPoint(), timer.Token).AsTask().GetAwaiter().GetResult();
            socket.SendTimeout = socket.ReceiveTimeout = (int)patience.TotalMilliseconds;
            _socket = socket;
            if (_brokenOff) throw new OperationCanceledException();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Await(Socket socket, int lines, Action<int> acknowledged)
    {
        int have = 0;
        while (lines > 0)
        {
            int read = socket.Receive(_answers.AsSpan(have));
            if (read == 0) throw new IOException($"{server} closed the connection before it had acknowledged everything");
            have += read;
            ReadOnlySpan<byte> rest = _answers.AsSpan(0, have);
            int taken = 0;
            for (int end; lines > 0 && (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                if (!rest.StartsWith("OK"u8))
                {
                    if (taken > 0) acknowledged(taken);
                    throw new IOException($"{server} refused a line: {Encoding.ASCII.GetString(rest[..end]).Trim()}");
                }
                lines--;
                taken++;
            }
            if (taken > 0) acknowledged(taken);
            if (rest.Length > LongestAnswer) throw new IOException($"{server} answers with lines longer than {LongestAnswer} bytes");
            if (lines == 0 && rest.Length > 0) throw new IOException($"{server} acknowledged more lines than it was sent");
            rest.CopyTo(_answers);
            have = rest.Length;
        }
    }

    private ReadOnlySpan<byte> Lines(ReadOnlySpan<Cdr> cdrs)
    {
        while (true)
        {
            var writer = new ByteWriter(_lines);
            foreach (Cdr cdr in cdrs) CdrText.Write(ref writer, cdr, zone);
            if (!writer.Overflowed) return _lines.AsSpan(0, writer.Length);
            _lines = new byte[_lines.Length * 2];
        }
    }

    private string Says(Exception e) => e switch
    {
        OperationCanceledException => $"{server} did not take the connection within {patience.TotalSeconds:0.###} s",
        SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock } => $"{server} did not acknowledge anything for {patience.TotalSeconds:0.###} s",
        ObjectDisposedException => "broken off",
        _ => $"{server}: {e.Message}",
    };

    private void Close()
    {
        Socket? socket = Interlocked.Exchange(ref _socket, null);
        socket?.Dispose();
    }
}
