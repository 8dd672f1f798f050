using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Bench.Load;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Bench.Media;

/// <summary>The whole switch: each pair of streams is a call set up over SIP, routed, its money reserved.</summary>
internal sealed class TandemRelay : IRelay
{
    private const int PatienceMillis = 2_000;

    private readonly Socket _caller;
    private readonly Socket _called;
    private readonly DelayProbe _probe = new();
    private readonly SipMessage _heard = new();
    private readonly byte[] _in = new byte[8192];
    private TandemPeer _switch = null!;

    private TandemRelay(string name)
    {
        Name = name;
        _caller = Bound();
        _called = Bound();
    }

    public string Name { get; }

    public IReadOnlyList<int> Pids => _switch.Pids;

    public static async Task<TandemRelay> Start(string name, string pump, string folder, CancellationToken stop)
    {
        var relay = new TandemRelay(name);
        Directory.CreateDirectory(folder);
        relay._switch = await TandemPeer.Start(Sipp.FreePort(), Port(relay._caller), Port(relay._called), relay._probe, folder, stop, pump);
        return relay;
    }

    public void Open(RtpStreams streams, CancellationToken stop)
    {
        for (int i = 0; i < streams.Calls; i++)
        {
            stop.ThrowIfCancellationRequested();
            SetUp(i, streams);
        }
    }

    public void Dispose()
    {
        _switch?.Dispose();
        _probe.Dispose();
        _caller.Dispose();
        _called.Dispose();
    }

    private void SetUp(int i, RtpStreams streams)
    {
        string us = $"127.0.0.1:{Port(_caller)}", to = $"sip:4930123{i:D6}@127.0.0.1:{_switch.Port}";
        var server = new IPEndPoint(IPAddress.Loopback, _switch.Port);
        string Head(string method, string toValue, string branch) =>
            $"{method} {to} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bK{branch}{i}\r\nMax-Forwards: 70\r\nFrom: <sip:4940{i:D6}@{us}>;tag=f{i}\r\nTo: {toValue}\r\nCall-ID: media-{i}@{us}\r\nCSeq: 1 {method}\r\n";
        string offer = streams.Key is { } key ? MediaSdp.At(streams.Local(2 * i), key) : MediaSdp.At(streams.Local(2 * i));
        _caller.SendTo(Encoding.ASCII.GetBytes($"{Head("INVITE", $"<{to}>", "i")}Contact: <sip:{us}>\r\nContent-Type: application/sdp\r\nContent-Length: {offer.Length}\r\n\r\n{offer}"), server);

        Hear(_called, i, static m => m is { IsRequest: true, Method: SipMethod.Invite });
        streams.Send((2 * i) + 1, MediaOf(_heard));
        string answer = MediaSdp.At(streams.Local((2 * i) + 1), streams.CalledFormat);
        byte[] head = new byte[8192];
        var w = new SipWriter(head);
        Responses.Write(ref w, _heard, NetAddress.From((IPEndPoint)_from), 200, [], Encoding.ASCII.GetBytes($"t{i}"));
        w.Header(HeaderName.Contact, Encoding.ASCII.GetBytes($"<sip:127.0.0.1:{Port(_called)}>"));
        w.Body("application/sdp"u8, Encoding.ASCII.GetBytes(answer));
        _called.SendTo(head.AsSpan(0, w.Length), SocketFlags.None, _from);

        Hear(_caller, i, static m => !m.IsRequest && m.Status == 200);
        streams.Send(2 * i, MediaOf(_heard));
        _caller.SendTo(Encoding.ASCII.GetBytes($"{Head("ACK", Encoding.ASCII.GetString(_heard.To), "a")}Content-Length: 0\r\n\r\n"), server);
        Hear(_called, i, static m => m is { IsRequest: true, Method: SipMethod.Ack });
    }

    private EndPoint _from = new IPEndPoint(IPAddress.Loopback, 0);

    private void Hear(Socket socket, int call, Func<SipMessage, bool> wanted)
    {
        for (int i = 0; i < 50; i++)
        {
            int length;
            try
            {
                length = socket.ReceiveFrom(_in, ref _from);
            }
            catch (SocketException)
            {
                throw new BenchException($"call {call} was not set up: the switch said nothing for {PatienceMillis} ms");
            }
            if (_heard.Parse(_in, 0, length) != SipDefect.None) continue;
            if (wanted(_heard)) return;
            if (!_heard.IsRequest && _heard.Status >= 300) throw new BenchException($"call {call} was refused with {_heard.Status}");
        }
    }

    private static NetAddress MediaOf(SipMessage message)
    {
        NetAddress media = MediaSdp.Read(Encoding.ASCII.GetString(message.Body));
        return media.IsNone ? throw new BenchException("a message without media where there must be some") : media;
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = PatienceMillis };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
