using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Tandem.Bench.Registrations;

/// <summary>
/// Any number of phones on one socket, each a REGISTER (and the answer to its challenge) in turn, so many at a time. They
/// keep no nonce: a refresh that is challenged costs two requests, as with phones that begin each refresh anew.
/// </summary>
internal sealed class Phones : IDisposable
{
    private const int AtATime = 64;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly IPEndPoint _to;
    private readonly int _count;
    private readonly int _port;
    private readonly int[] _cseq;
    private readonly byte[] _out = new byte[2048];
    private readonly byte[] _in = new byte[4096];

    public Phones(int count, int port)
    {
        _count = count;
        _cseq = new int[count];
        _to = new IPEndPoint(IPAddress.Loopback, port);
        _socket.ReceiveBufferSize = 4 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        _socket.ReceiveTimeout = 1000;
    }

    /// <summary>All of them once. Returns the seconds it took and how many requests were sent.</summary>
    public (double Seconds, int Requests) RegisterAll(CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        int next = 0, done = 0, requests = 0, silent = 0;
        var open = new HashSet<int>();
        while (done < _count)
        {
            stop.ThrowIfCancellationRequested();
            while (next < _count && open.Count < AtATime)
            {
                Send(next, null);
                open.Add(next++);
                requests++;
            }
            int length;
            try
            {
                length = _socket.Receive(_in);
                silent = 0;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                if (++silent > 20) throw new BenchException("the switch answers no REGISTER any more.");
                foreach (int phone in open) Send(phone, null); // lost: begun anew
                continue;
            }
            ReadOnlySpan<byte> answer = _in.AsSpan(0, length);
            int at = answer.IndexOf("Call-ID: b"u8);
            if (at < 0 || !int.TryParse(answer.Slice(at + 10, 7), NumberStyles.None, CultureInfo.InvariantCulture, out int number)) continue;
            int who = number - RegistrarUnderLoad.FirstNumber;
            if (!open.Contains(who)) continue;
            int cseq = answer.IndexOf("CSeq: "u8) + 6;
            if (int.Parse(answer.Slice(cseq, answer[cseq..].IndexOf((byte)' ')), CultureInfo.InvariantCulture) != _cseq[who]) continue;
            if (answer.StartsWith("SIP/2.0 200"u8))
            {
                open.Remove(who);
                done++;
            }
            else if (answer.StartsWith("SIP/2.0 401"u8))
            {
                int nonce = answer.IndexOf(" nonce=\""u8) + 8;
                Send(who, Encoding.ASCII.GetString(answer.Slice(nonce, answer[nonce..].IndexOf((byte)'"'))));
                requests++;
            }
            else
            {
                throw new BenchException($"a REGISTER was answered with {Encoding.ASCII.GetString(answer[..Math.Min(length, 40)])}");
            }
        }
        return (Stopwatch.GetElapsedTime(began).TotalSeconds, requests);
    }

    public void Dispose() => _socket.Dispose();

    private void Send(int phone, string? nonce)
    {
        int number = RegistrarUnderLoad.FirstNumber + phone;
        int cseq = ++_cseq[phone];
        string proof = "";
        if (nonce is not null)
        {
            string uri = $"sip:127.0.0.1:{_to.Port}";
            string response = Md5($"{Md5($"{number}:tandem:{RegistrarUnderLoad.Password}")}:{nonce}:00000001:c0ffee:auth:{Md5($"REGISTER:{uri}")}");
            proof = $"Authorization: Digest username=\"{number}\", realm=\"tandem\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", algorithm=MD5, cnonce=\"c0ffee\", qop=auth, nc=00000001\r\n";
        }
        string request = $"REGISTER sip:127.0.0.1:{_to.Port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{_port};branch=z9hG4bKb{number}x{cseq};rport\r\nMax-Forwards: 70\r\nFrom: <sip:{number}@127.0.0.1>;tag=b{number}\r\nTo: <sip:{number}@127.0.0.1>\r\n"
            + $"Call-ID: b{number}@bench\r\nCSeq: {cseq} REGISTER\r\nContact: <sip:{number}@127.0.0.1:{_port}>\r\nExpires: 3600\r\nUser-Agent: bench phone\r\n{proof}Content-Length: 0\r\n\r\n";
        int length = Encoding.ASCII.GetBytes(request, _out);
        _socket.SendTo(_out.AsSpan(0, length), _to);
    }

    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(text)));
}
