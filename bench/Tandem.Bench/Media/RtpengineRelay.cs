using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Bench.Load;
using Tandem.Primitives;

namespace Tandem.Bench.Media;

/// <summary>rtpengine in user space, told of its calls by its own ng protocol.</summary>
internal sealed class RtpengineRelay : IRelay
{
    private readonly Child _child;
    private readonly Socket _ng = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2_000 };
    private readonly IPEndPoint _control;
    private int _cookie;

    private RtpengineRelay(Child child, int port)
    {
        _child = child;
        _control = new IPEndPoint(IPAddress.Loopback, port);
    }

    public string Name => "rtpengine";

    public IReadOnlyList<int> Pids => ProcFs.Tree(_child.Pid);

    public static async Task<RtpengineRelay> Start(string folder, CancellationToken stop)
    {
        int port = Sipp.FreePort();
        var child = new Child("rtpengine", "rtpengine", ["--interface=127.0.0.1", $"--listen-ng=127.0.0.1:{port}", "--foreground", "--log-stderr", "--log-level=3", "--table=-1", "--num-threads=2", "--port-min=40000", "--port-max=59999", $"--pidfile={Path.Combine(folder, "rtpengine.pid")}"], folder);
        await Task.Delay(TimeSpan.FromSeconds(2), stop);
        child.MustRun();
        return new RtpengineRelay(child, port);
    }

    public void Open(RtpStreams streams, CancellationToken stop)
    {
        for (int i = 0; i < streams.Calls; i++)
        {
            stop.ThrowIfCancellationRequested();
            string call = $"bench-{i}";
            streams.Send((2 * i) + 1, Ask($"7:call-id{Text(call)}{Codec(streams.CalledFormat)}7:command5:offer8:from-tag1:a3:sdp{Text(streams.Key is { } key ? MediaSdp.At(streams.Local(2 * i), key) : MediaSdp.At(streams.Local(2 * i)))}18:transport-protocol7:RTP/AVP"));
            streams.Send(2 * i, Ask($"7:call-id{Text(call)}7:command6:answer8:from-tag1:a3:sdp{Text(MediaSdp.At(streams.Local((2 * i) + 1), streams.CalledFormat))}6:to-tag1:b"));
        }
    }

    public void Dispose()
    {
        _child.Dispose();
        _ng.Dispose();
    }

    private NetAddress Ask(string dictionary)
    {
        _ng.SendTo(Encoding.ASCII.GetBytes($"c{++_cookie} d{dictionary}e"), _control);
        byte[] answer = new byte[8192];
        string text = Encoding.ASCII.GetString(answer, 0, _ng.Receive(answer));
        NetAddress media = MediaSdp.Read(text);
        if (media.IsNone) throw new BenchException($"rtpengine answered: {text}");
        return media;
    }

    // Offer mu-law in place of A-law: then it transcodes.
    private static string Codec(int calledFormat) => calledFormat == MediaSdp.Alaw ? "" : "5:codecd4:maskl4:PCMAe9:transcodel4:PCMUee";

    private static string Text(string text) => $"{text.Length}:{text}";
}
