using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tandem.Bench.Load;

namespace Tandem.Bench.Streams;

/// <summary>What TLS and TCP cost: handshakes beside openssl's own server with the same key, calls over TCP beside calls over UDP through the same switch.</summary>
internal static class StreamBench
{
    private const int Clients = 8, Rounds = 3, Rate = 100;

    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(15);

    private sealed record Handshakes(double PerSecond, double CpuMicros);

    private sealed record Calls(double CpuPer1000, double Failed, double Retransmissions);

    public static async Task Run(CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("tandem-bench-").FullName;
        try
        {
            var report = new Report("tls");
            await MeasureHandshakes(report, folder, stop);
            report.Line();
            await MeasureCalls(report, folder, stop);
            report.Save();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureHandshakes(Report report, string folder, CancellationToken stop)
    {
        int port = Sipp.FreePort(), peerPort = Sipp.FreePort();
        using var probe = new DelayProbe();
        using TandemPeer tandem = await TandemPeer.Start(port, Sipp.FreePort(), Sipp.FreePort(), probe, folder, stop, streams: "udp");
        string certificates = Path.Combine(folder, "tandem", "tls");
        using var openssl = new Child("openssl s_server", "openssl", ["s_server", "-accept", $"127.0.0.1:{peerPort}", "-cert", Path.Combine(certificates, "self-made.pem"), "-key", Path.Combine(certificates, "self-made.key"), "-quiet", "-no_cache"], folder);
        await Task.Delay(500, stop);
        openssl.MustRun();
        List<Handshakes> ours = [], theirs = [];
        await Shake(port + 1, TimeSpan.FromSeconds(3), [], stop); // compiled and warm
        for (int i = 0; i < Rounds; i++)
        {
            Report.Progress($"round {i + 1} of {Rounds}: handshakes, {HandshakeTime.TotalSeconds:F0} s each");
            ours.Add(await Shake(port + 1, HandshakeTime, tandem.Pids, stop));
            theirs.Add(await Shake(peerPort, HandshakeTime, [openssl.Pid], stop));
        }
        report.Line($"TLS 1.3 handshakes without resumption, P-256 certificate, {Clients} clients at once on the same two cores; a connection each, closed after it; medians of {Rounds}");
        report.Line($"{"",-34}{"Tandem",12}{"s_server",12}{"ratio",8}");
        Compare(report, "handshakes/s, clients included", ours, theirs, static h => h.PerSecond);
        Compare(report, "CPU per handshake, server, µs", ours, theirs, static h => h.CpuMicros);
        report.Line($"(openssl s_server does nothing else, one at a time; the arithmetic alone, a signature and a key agreement of P-256, takes {Arithmetic():F0} µs here)");
    }

    private static async Task<Handshakes> Shake(int port, TimeSpan time, IReadOnlyList<int> server, CancellationToken stop)
    {
        double cpu = ProcFs.CpuSeconds(server);
        long began = Stopwatch.GetTimestamp(), done = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(began) < time && !stop.IsCancellationRequested)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, stop);
                await using var tls = new SslStream(new NetworkStream(socket));
#pragma warning disable CA5359 // the certificate is of our own making, and the handshake is what is measured
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "bench", AllowTlsResume = false, RemoteCertificateValidationCallback = static (_, _, _, _) => true }, stop);
#pragma warning restore CA5359
                Interlocked.Increment(ref done);
            }
        }, stop)));
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new Handshakes(done / seconds, (ProcFs.CpuSeconds(server) - cpu) * 1e6 / Math.Max(1, done));
    }

    private static double Arithmetic()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var mine = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        byte[] hash = new byte[32];
        const int Times = 2000;
        long began = 0;
        for (int i = 0; i < 2 * Times; i++)
        {
            if (i == Times) began = Stopwatch.GetTimestamp();
            key.SignHash(hash);
            mine.DeriveRawSecretAgreement(other.PublicKey);
        }
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / Times;
    }

    private static async Task MeasureCalls(Report report, string folder, CancellationToken stop)
    {
        var results = new Dictionary<string, List<Calls>>(StringComparer.Ordinal) { ["UDP"] = [], ["TCP"] = [] };
        for (int i = 0; i < Rounds; i++)
        {
            foreach ((string name, string mode) in ((string, string)[])[("UDP", "u1"), ("TCP", "t1")]) results[name].Add(await Call(name, mode, Path.Combine(folder, $"{name}-{i}"), stop));
        }
        report.Line($"sipp -> switch -> sipp on loopback, {Rate} calls/s for {CallTime.TotalSeconds:F0} s, no hold, both legs of one transport; a fresh switch each round, warmed for 5 s; medians of {Rounds}");
        report.Line($"{"",-34}{"TCP",12}{"UDP",12}{"ratio",8}");
        Compare(report, "CPU s per 1,000 calls", results["TCP"], results["UDP"], static c => c.CpuPer1000, "F3");
        Compare(report, "calls failed of 1,000", results["TCP"], results["UDP"], static c => c.Failed, "F2");
        Compare(report, "retransmissions of 1,000 calls", results["TCP"], results["UDP"], static c => c.Retransmissions, "F2");
    }

    private static async Task<Calls> Call(string name, string mode, string folder, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        int port = Sipp.FreePort(), caller = Sipp.FreePort(), calledPort = Sipp.FreePort();
        using var probe = new DelayProbe();
        using TandemPeer tandem = await TandemPeer.Start(port, caller, calledPort, probe, folder, stop, streams: name == "TCP" ? "tcp" : "udp");
        using Child called = Sipp.Called(calledPort, folder, mode);
        await Task.Delay(500, stop);
        called.MustRun();
        Report.Progress($"calls over {name}");
        await Sipp.Call(caller, port, Rate, Rate * 5, TimeSpan.Zero, folder, stop, transport: mode);
        double cpu = ProcFs.CpuSeconds(tandem.Pids);
        int calls = (int)(Rate * CallTime.TotalSeconds);
        SippRun run = await Sipp.Call(caller, port, Rate, calls, TimeSpan.Zero, folder, stop, transport: mode);
        return new Calls((ProcFs.CpuSeconds(tandem.Pids) - cpu) * 1000 / calls, 1000.0 * run.Failed / calls, 1000.0 * run.Retransmissions / calls);
    }

    private static void Compare<T>(Report report, string what, List<T> ours, List<T> theirs, Func<T, double> value, string format = "F0")
    {
        double a = Report.Median(ours.Select(value)), b = Report.Median(theirs.Select(value));
        report.Line($"{what,-34}{a.ToString(format),12}{b.ToString(format),12}{(b > 0 ? (a / b).ToString("F2") : ""),8}");
    }
}
