using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Interop.Floods;

/// <summary>
/// A customer's gateway that sends thousands of INVITEs before it reads the first answer. It does what RFC 3261 asks of it: sends
/// again what is not answered, acknowledges each final response, and says BYE when told to.
/// </summary>
internal sealed class InviteFlood : IDisposable
{
    private static readonly TimeSpan SendAgainAfter = TimeSpan.FromMilliseconds(1_000);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly IPEndPoint _to;
    private readonly int _port;
    private readonly int[] _status;
    private readonly bool[] _heard;
    private readonly string[] _remote;
    private readonly string[] _target;
    private readonly bool[] _byeAnswered;

    public InviteFlood(int port, NetAddress to, int calls)
    {
        _port = port;
        _to = to.ToIPEndPoint();
        _socket.ReceiveBufferSize = 16 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _status = new int[calls];
        _heard = new bool[calls];
        _remote = new string[calls];
        _target = new string[calls];
        _byeAnswered = new bool[calls];
    }

    /// <summary>The final status of each call.</summary>
    public IReadOnlyList<int> Statuses => _status;

    /// <summary>All INVITEs in one go; returns when each has its final response.</summary>
    /// <exception cref="OperationCanceledException">Some had none in time.</exception>
    public async Task CallAllAsync(CancellationToken stop)
    {
        for (int i = 0; i < _status.Length; i++) await SendAsync(Invite(i), stop);
        int left = _status.Length;
        byte[] buffer = new byte[65_536];
        while (left > 0)
        {
            string? message = await ReceiveAsync(buffer, SendAgainAfter, stop);
            if (message is null)
            {
                for (int i = 0; i < _status.Length; i++)
                {
                    if (!_heard[i]) await SendAsync(Invite(i), stop);
                }
                continue;
            }
            if (!TryReadResponse(message, out int call, out int status, out string method) || method != "INVITE") continue;
            _heard[call] = true;
            if (status < 200) continue;
            if (_status[call] == 0)
            {
                _status[call] = status;
                _remote[call] = Header(message, "To");
                _target[call] = status < 300 ? Header(message, "Contact").Trim('<', '>') : Uri(call);
                left--;
            }
            await SendAsync(Request(call, "ACK", 1, _target[call], _remote[call], ""), stop);
        }
    }

    /// <summary>Says BYE in every call that was answered; returns when each BYE is.</summary>
    /// <exception cref="OperationCanceledException">Some were not in time.</exception>
    public async Task HangUpAllAsync(CancellationToken stop)
    {
        byte[] buffer = new byte[65_536];
        while (true)
        {
            int left = 0;
            for (int i = 0; i < _status.Length; i++)
            {
                if (_status[i] != 200 || _byeAnswered[i]) continue;
                left++;
                await SendAsync(Request(i, "BYE", 2, _target[i], _remote[i], ""), stop);
            }
            if (left == 0) return;
            while (left > 0 && await ReceiveAsync(buffer, SendAgainAfter, stop) is { } message)
            {
                if (!TryReadResponse(message, out int call, out int status, out string method) || method != "BYE" || status < 200 || _byeAnswered[call]) continue;
                _byeAnswered[call] = true;
                left--;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string?> ReceiveAsync(byte[] buffer, TimeSpan patience, CancellationToken stop)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop);
        waiting.CancelAfter(patience);
        try
        {
            SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, _to, waiting.Token);
            return Encoding.ASCII.GetString(buffer, 0, received.ReceivedBytes);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private ValueTask<int> SendAsync(string message, CancellationToken stop) => _socket.SendToAsync(Encoding.ASCII.GetBytes(message), SocketFlags.None, _to, stop);

    private string Uri(int call) => string.Create(CultureInfo.InvariantCulture, $"sip:4930{call:D6}@{_to}");

    private string Invite(int call) => Request(call, "INVITE", 1, Uri(call), $"<{Uri(call)}>", $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {_port} RTP/AVP 8\r\n");

    private string Request(int call, string method, int cseq, string target, string to, string body)
    {
        string type = body.Length > 0 ? "Content-Type: application/sdp\r\n" : "";
        string branch = method == "ACK" && _status[call] < 300 ? "ack" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{_port};branch=z9hG4bK{call}x{cseq}{branch}\r\nMax-Forwards: 70\r\nFrom: <sip:4915@127.0.0.1>;tag=f{call}\r\nTo: {to}\r\nCall-ID: {call}@flood\r\nCSeq: {cseq} {method}\r\nContact: <sip:127.0.0.1:{_port}>\r\n{type}Content-Length: {body.Length}\r\n\r\n{body}");
    }

    private bool TryReadResponse(string message, out int call, out int status, out string method)
    {
        call = status = 0;
        method = "";
        if (!message.StartsWith("SIP/2.0 ", StringComparison.Ordinal)) return false;
        status = int.Parse(message.AsSpan(8, 3), CultureInfo.InvariantCulture);
        method = Header(message, "CSeq").Split(' ')[^1];
        return int.TryParse(Header(message, "Call-ID").Split('@')[0], out call) && call < _status.Length;
    }

    private static string Header(string message, string name)
    {
        int at = message.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return "";
        at += name.Length + 4;
        return message[at..message.IndexOf('\r', at)];
    }
}
