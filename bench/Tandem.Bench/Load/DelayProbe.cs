using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Bench.Load;

/// <summary>
/// Post-dial delay by a clock of microseconds (sipp's has milliseconds): one thread is caller and called of a few calls a second beside the
/// load. A call's delay is INVITE sent to INVITE received, and 180 sent to 180 received; the called end then refuses (486), so that
/// no dialog is needed. What a server adds is the delay with it less the delay without.
/// </summary>
internal sealed class DelayProbe : IDisposable
{
    /// <summary>Numbers that go to the probe.</summary>
    public const string Prefix = "29099";

    private const int PatienceMillis = 1_000;

    private readonly Socket _caller = Open();
    private readonly Socket _called = Open();
    private readonly SipMessage _heard = new();
    private readonly byte[] _in = new byte[8192];
    private readonly byte[] _out = new byte[8192];
    private readonly string _run = Guid.NewGuid().ToString("N")[..12];
    private int _number;

    public int CallerPort => Port(_caller);

    public int CalledPort => Port(_called);

    /// <summary>So many calls at a steady pace; their delays in ms, those that got through.</summary>
    public Task<List<double>> Run(int server, int calls, TimeSpan every, CancellationToken stop) => Task.Factory.StartNew(
        () =>
        {
            var delays = new List<double>();
            long next = Stopwatch.GetTimestamp();
            for (int i = 0; i < calls; i++)
            {
                if (One(new IPEndPoint(IPAddress.Loopback, server)) is { } delay) delays.Add(delay.TotalMilliseconds);
                next += (long)(every.TotalSeconds * Stopwatch.Frequency);
                TimeSpan rest = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next);
                if (stop.WaitHandle.WaitOne(rest > TimeSpan.Zero ? rest : TimeSpan.Zero)) break;
            }
            return delays;
        },
        stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        _caller.Dispose();
        _called.Dispose();
    }

    private TimeSpan? One(IPEndPoint server)
    {
        Drain(_caller);
        Drain(_called);
        string call = $"{_run}{++_number}";
        const string Sdp = "v=0\r\no=probe 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6002 RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n";
        string Head(string method, string to) =>
            $"{method} sip:{Prefix}100@127.0.0.1:{server.Port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{CallerPort};branch=z9hG4bK{call}\r\nMax-Forwards: 70\r\nFrom: <sip:493012345@127.0.0.1:{CallerPort}>;tag={call}\r\n" +
            $"To: {to}\r\nCall-ID: {call}@127.0.0.1\r\nCSeq: 1 {method}\r\n";
        byte[] invite = Encoding.ASCII.GetBytes(Head("INVITE", $"<sip:{Prefix}100@127.0.0.1:{server.Port}>") + $"Contact: <sip:493012345@127.0.0.1:{CallerPort}>\r\nContent-Type: application/sdp\r\nContent-Length: {Sdp.Length}\r\n\r\n{Sdp}");

        long began = Stopwatch.GetTimestamp();
        _caller.SendTo(invite, server);
        EndPoint from = new IPEndPoint(IPAddress.Loopback, 0);
        if (!Hear(_called, ref from, static m => m is { IsRequest: true, Method: SipMethod.Invite })) return null;
        TimeSpan there = Stopwatch.GetElapsedTime(began);
        Write(180, out int ringing);
        byte[] ring = _out[..ringing];
        Write(486, out int refusal);
        began = Stopwatch.GetTimestamp();
        _called.SendTo(ring, from);
        EndPoint any = new IPEndPoint(IPAddress.Loopback, 0);
        if (!Hear(_caller, ref any, static m => !m.IsRequest && m.Status == 180)) return null;
        TimeSpan back = Stopwatch.GetElapsedTime(began);
        _called.SendTo(_out.AsSpan(0, refusal), SocketFlags.None, from);
        if (Hear(_caller, ref any, static m => !m.IsRequest && m.Status >= 300)) _caller.SendTo(Encoding.ASCII.GetBytes(Head("ACK", Encoding.UTF8.GetString(_heard.To)) + "Content-Length: 0\r\n\r\n"), server);
        return there + back;
    }

    private void Write(int status, out int length)
    {
        var w = new SipWriter(_out);
        Responses.Write(ref w, _heard, NetAddress.Parse("127.0.0.1:5060"), status, [], "probe"u8);
        w.End();
        length = w.Length;
    }

    private bool Hear(Socket socket, ref EndPoint from, Func<SipMessage, bool> wanted)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalMilliseconds < PatienceMillis)
        {
            try
            {
                int length = socket.ReceiveFrom(_in, ref from);
                if (_heard.Parse(_in, 0, length) == SipDefect.None && wanted(_heard)) return true;
            }
            catch (SocketException)
            {
                return false; // nothing came in time
            }
        }
        return false;
    }

    private void Drain(Socket socket)
    {
        while (socket.Available > 0) socket.Receive(_in);
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = PatienceMillis };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
