using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tandem.Bench.Load;

/// <summary>What a caller who keeps calling saw.</summary>
/// <param name="Carried">Answered and ended.</param>
/// <param name="Refused">Answered with a final refusal.</param>
/// <param name="Silent">Never answered to the end.</param>
/// <param name="RefusalMillis">INVITE to refusal, ascending.</param>
/// <param name="LastTrouble">Start of the last call that was not carried, in seconds from the first; 0: none.</param>
internal sealed record OverloadRun(int Carried, int Refused, int Silent, double[] RefusalMillis, double LastTrouble);

/// <summary>
/// Calls at a rate whatever becomes of them, one thread, with a clock of microseconds: INVITE, ACK, BYE; what is not answered in half a second is sent again and again, as a real
/// caller does (RFC 3261 §17.1.1.2), which is what makes an overload worse.
/// </summary>
internal sealed class OverloadCaller : IDisposable
{
    private const int AgainMillis = 500, MostAgain = 4;

    private static readonly byte[] Sdp = Encoding.ASCII.GetBytes("v=0\r\no=load 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n");

    private enum Stands : byte { Calling, Heard, Leaving, Carried, Refused }

    private struct Placed
    {
        public long Began;
        public Stands Stands;
        public byte Again;
        public string? Target;
        public string? To;
    }

    private readonly Socket _socket;
    private readonly IPEndPoint _server;
    private readonly string[] _numbers;
    private readonly string _us;
    private readonly byte[] _in = new byte[8192];
    private readonly byte[] _out = new byte[8192];
    private int _runs;

    public OverloadCaller(int port, int server, string[] numbers)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = 8 << 20 };
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _server = new IPEndPoint(IPAddress.Loopback, server);
        _numbers = numbers;
        _us = $"127.0.0.1:{port}";
    }

    public void Dispose() => _socket.Dispose();

    public Task<OverloadRun> Run(int rate, double seconds, CancellationToken stop) => Task.Factory.StartNew(() => Calls(rate, seconds, stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private OverloadRun Calls(int rate, double seconds, CancellationToken stop)
    {
        string run = $"r{Environment.ProcessId}x{++_runs}";
        var calls = new Placed[(int)(rate * seconds)];
        var refusals = new List<double>();
        var again = new Queue<(int Call, long At)>();
        long began = Stopwatch.GetTimestamp();
        int placed = 0, over = 0;
        while (over < calls.Length)
        {
            stop.ThrowIfCancellationRequested();
            long now = Stopwatch.GetTimestamp();
            double passed = Stopwatch.GetElapsedTime(began, now).TotalSeconds;
            if (passed > seconds + 10) break;
            int due = (int)Math.Min(calls.Length, passed * rate);
            bool idle = placed >= due;
            for (int burst = 0; placed < due && burst < 32; burst++, placed++)
            {
                calls[placed].Began = now;
                Say(run, placed, ref calls[placed]);
                again.Enqueue((placed, now));
            }
            while (again.TryPeek(out (int Call, long At) first) && Stopwatch.GetElapsedTime(first.At, now).TotalMilliseconds >= AgainMillis)
            {
                again.Dequeue();
                ref Placed call = ref calls[first.Call];
                if (call.Stands is not (Stands.Calling or Stands.Leaving) || ++call.Again > MostAgain) continue;
                Say(run, first.Call, ref call);
                again.Enqueue((first.Call, now));
            }
            for (int heard = 0; heard < 256 && _socket.Available > 0; heard++)
            {
                idle = false;
                if (Hear(run, calls, again, refusals)) over++;
            }
            if (idle) Thread.Sleep(1);
        }
        int carried = calls.Count(static c => c.Stands == Stands.Carried), refused = calls.Count(static c => c.Stands == Stands.Refused);
        int last = Array.FindLastIndex(calls, static c => c.Stands != Stands.Carried);
        refusals.Sort();
        return new OverloadRun(carried, refused, calls.Length - carried - refused, [.. refusals], last < 0 ? 0 : (last + 1.0) / rate);
    }

    // True: a call is over by what came.
    private bool Hear(string run, Placed[] calls, Queue<(int, long)> again, List<double> refusals)
    {
        int length;
        try
        {
            length = _socket.Receive(_in);
        }
        catch (SocketException)
        {
            return false;
        }
        string said = Encoding.ASCII.GetString(_in, 0, length);
        if (!said.StartsWith("SIP/2.0 ", StringComparison.Ordinal) || Field(said, "Call-ID:") is not { } id || !id.StartsWith(run + "-", StringComparison.Ordinal)) return false;
        int status = int.Parse(said.AsSpan(8, 3), CultureInfo.InvariantCulture), number = int.Parse(id.AsSpan(run.Length + 1), CultureInfo.InvariantCulture);
        bool toBye = Field(said, "CSeq:")!.EndsWith("BYE", StringComparison.Ordinal);
        ref Placed call = ref calls[number];
        if (toBye)
        {
            if (call.Stands != Stands.Leaving || status < 200) return false;
            call.Stands = Stands.Carried;
            return true;
        }
        if (status < 200)
        {
            if (call.Stands == Stands.Calling) call.Stands = Stands.Heard;
            return false;
        }
        call.To = Field(said, "To:")!;
        if (status >= 300)
        {
            Send(Request("ACK", "i", run, number, 1, $"sip:{_numbers[number % _numbers.Length]}@{_server}", call.To));
            if (call.Stands >= Stands.Leaving) return false;
            call.Stands = Stands.Refused;
            refusals.Add(Stopwatch.GetElapsedTime(call.Began).TotalMilliseconds);
            return true;
        }
        string contact = Field(said, "Contact:")!;
        call.Target = contact[(contact.IndexOf('<') + 1)..contact.IndexOf('>')];
        Send(Request("ACK", "a", run, number, 1, call.Target, call.To));
        if (call.Stands >= Stands.Leaving) return false;
        call.Stands = Stands.Leaving;
        call.Again = 0;
        Say(run, number, ref call);
        again.Enqueue((number, Stopwatch.GetTimestamp()));
        return false;
    }

    // What the call is waiting for an answer to.
    private void Say(string run, int number, ref Placed call)
    {
        string target = $"sip:{_numbers[number % _numbers.Length]}@{_server}";
        if (call.Stands == Stands.Leaving) Send(Request("BYE", "b", run, number, 2, call.Target!, call.To!));
        else Send(Request("INVITE", "i", run, number, 1, target, $"<{target}>"), Sdp);
    }

    private string Request(string method, string branch, string run, int number, int sequence, string target, string to) => string.Create(CultureInfo.InvariantCulture,
        $"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {_us};branch=z9hG4bK{run}-{number}{branch}\r\nMax-Forwards: 70\r\nFrom: <sip:493012345@{_us}>;tag={number}\r\nTo: {to}\r\nCall-ID: {run}-{number}\r\nCSeq: {sequence} {method}\r\nContact: <sip:493012345@{_us}>\r\n");

    private void Send(string head, byte[]? body = null)
    {
        int length = Encoding.ASCII.GetBytes($"{head}{(body is null ? "" : "Content-Type: application/sdp\r\n")}Content-Length: {body?.Length ?? 0}\r\n\r\n", _out);
        body?.CopyTo(_out, length);
        try
        {
            _socket.SendTo(_out.AsSpan(0, length + (body?.Length ?? 0)), SocketFlags.None, _server);
        }
        catch (SocketException)
        {
            // the kernel's queue is full: lost, as on a wire
        }
    }

    private static string? Field(string message, string name)
    {
        int at = message.IndexOf("\r\n" + name, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        at += 2 + name.Length;
        return message[at..message.IndexOf("\r\n", at, StringComparison.Ordinal)].Trim();
    }
}
