using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tandem.Bench.Load;

namespace Tandem.Bench.Registrations;

/// <summary>The verb <c>registrations</c>: 100,000 phones register, refresh and are found after a restart; then a flood of strangers.</summary>
internal static class RegistrationBench
{
    private const int PhoneCount = 100_000;

    public static async Task Run(string[] args, CancellationToken stop)
    {
        int floodSeconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20;
        var report = new Report("registrations");
        string folder = Directory.CreateTempSubdirectory("tandem-bench-").FullName;
        int port = FreePort(), gateway = FreePort();
        try
        {
            using var phones = new Phones(PhoneCount, port);
            long configured;
            using (Server server = await Server.Start(folder, port, gateway, PhoneCount, stop))
            {
                await server.Ask("set SS_STRANGER_RATE 1000000");
                await server.Ask("set SS_STRANGER_RATE_PREFIX 1000000");
                configured = await server.Pss();
                Report.Progress("registering");
                (double seconds, int requests, double cpu) = await Measure(server, () => phones.RegisterAll(stop));
                report.Line(Inv($"{PhoneCount:N0} phones register: {PhoneCount / seconds:N0}/s with the phones on the same two cores, {requests:N0} requests, {cpu / PhoneCount * 1e6:F1} µs of CPU in the switch each"));
                await Task.Delay(TimeSpan.FromSeconds(35), stop); // their transactions are over
                long full = await server.Pss();
                report.Line(Inv($"memory: {configured / 1048576.0:F0} MB with the phones configured, {full / 1048576.0:F0} MB with all registered: {(full - configured) / (double)PhoneCount:F0} B each"));

                Report.Progress("refreshing, each with its password");
                (double proven, requests, double provenCpu) = await Measure(server, () => phones.RegisterAll(stop));
                report.Line(Inv($"refresh, LIGTHWEIGHT Off: {PhoneCount / proven:N0}/s, {requests:N0} requests, {provenCpu / PhoneCount * 1e6:F1} µs of CPU in the switch each: one core sustains {PhoneCount / provenCpu:N0}/s"));
                await server.Ask("set SS_SIP_REGISTRATION_LIGTHWEIGHT On");
                Report.Progress("refreshing lightly");
                (double light, requests, double lightCpu) = await Measure(server, () => phones.RegisterAll(stop));
                report.Line(Inv($"refresh, LIGTHWEIGHT On:  {PhoneCount / light:N0}/s, {requests:N0} requests, {lightCpu / PhoneCount * 1e6:F1} µs of CPU in the switch each: one core sustains {PhoneCount / lightCpu:N0}/s"));
                report.Line(Inv($"ratio: {provenCpu / lightCpu:F1} times the CPU, {proven / light:F1} times the time"));
            }
            using (Server server = await Server.Start(folder, port, gateway, 0, stop))
            {
                report.Line(Inv($"restart with {server.Registrations:N0} registrations: up in {server.StartMillis} ms, {ProcFs.CpuSeconds([server.Pid]):F1} s of CPU (nearly all of it the configuration of {PhoneCount:N0} phones)"));
                await server.Ask("set SS_STRANGER_RATE 2000");
                await server.Ask("set SS_STRANGER_RATE_PREFIX 100");
                using var known = new KnownPeer(gateway, port);
                known.Ask(TimeSpan.FromSeconds(1), stop);
                Report.Progress("a known gateway, without the flood");
                Say(report, "without the flood", known.Ask(TimeSpan.FromSeconds(10), stop));
                long before = await server.Pss();
                Report.Progress($"the same with a flood of REGISTERs, {floodSeconds} s");
                string[] first = await server.Ask("status");
                double cpu = ProcFs.CpuSeconds([server.Pid]);
                (double[] Millis, int Lost) answers;
                double flooded;
                long sent, most = before;
                using (var flood = new Flood(port))
                {
                    long began = Stopwatch.GetTimestamp();
                    answers = known.Ask(TimeSpan.FromSeconds(floodSeconds), stop);
                    flooded = Stopwatch.GetElapsedTime(began).TotalSeconds;
                    most = Math.Max(most, await server.Pss(collect: false));
                    sent = flood.Sent;
                }
                cpu = ProcFs.CpuSeconds([server.Pid]) - cpu;
                string[] last = await server.Ask("status");
                report.Line(Inv($"flood: {sent / flooded:N0} REGISTERs/s sent from 64 networks for {flooded:F0} s; {Count(2):N0} reached the switch, {Count(3):N0} were dropped by the kernel, {Count(4):N0} by the rates, {Count(5):N0} challenged; {cpu / Math.Max(1, Count(2)) * 1e6:F1} µs of CPU a datagram"));
                Say(report, "with the flood   ", answers);
                report.Line(Inv($"memory: {before / 1048576.0:F1} MB before, {most / 1048576.0:F1} MB at the flood's end"));

                long Count(int i) => long.Parse(last[i], CultureInfo.InvariantCulture) - long.Parse(first[i], CultureInfo.InvariantCulture);
            }
            report.Save();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Say(Report report, string when, (double[] Millis, int Lost) answers) => report.Line(Inv(
        $"known gateway, OPTIONS 100/s, {when}: p50 {Report.Percentile(answers.Millis, 0.5):F2} ms, p99 {Report.Percentile(answers.Millis, 0.99):F2} ms, longest {Report.Percentile(answers.Millis, 1):F2} ms; {answers.Lost} of {answers.Millis.Length + answers.Lost} without an answer in 500 ms"));

    private static async Task<(double Seconds, int Requests, double Cpu)> Measure(Server server, Func<(double Seconds, int Requests)> work)
    {
        double cpu = ProcFs.CpuSeconds([server.Pid]);
        (double seconds, int requests) = await Task.Run(work);
        return (seconds, requests, ProcFs.CpuSeconds([server.Pid]) - cpu);
    }

    private static string Inv(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private sealed class Server : IDisposable
    {
        private readonly Child _child;

        private Server(Child child) => _child = child;

        public int Pid => _child.Pid;

        public long StartMillis { get; private set; }

        public int Registrations { get; private set; }

        public static async Task<Server> Start(string folder, int port, int gateway, int phones, CancellationToken stop)
        {
            var server = new Server(new Child("the switch", Environment.ProcessPath!, [.. Own(), "serve-registrations", Path.Combine(folder, "data"), $"{port}", $"{gateway}", $"{phones}"], folder, keepOutput: true));
            string[] ready = (await server._child.Output.ReadLineAsync(stop) ?? throw new BenchException($"the switch did not start: {server._child.LastWords}")).Split(' ');
            (server.StartMillis, server.Registrations) = (long.Parse(ready[1], CultureInfo.InvariantCulture), int.Parse(ready[2], CultureInfo.InvariantCulture));
            return server;
        }

        public async Task<string[]> Ask(string what)
        {
            _child.MustRun();
            await _child.Input.WriteLineAsync(what);
            await _child.Input.FlushAsync();
            return (await _child.Output.ReadLineAsync() ?? throw new BenchException($"the switch ended: {_child.LastWords}")).Split(' ');
        }

        public async Task<long> Pss(bool collect = true)
        {
            await Ask(collect ? "collect" : "status");
            return ProcFs.PssBytes([Pid]);
        }

        // Its input ends, and it stops as an operator's switch does: registrations written.
        public void Dispose()
        {
            try
            {
                _child.Input.Close();
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                _child.Ended(patience.Token).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
                // ended by its id below
            }
            _child.Dispose();
        }

        private static IEnumerable<string> Own() =>
            Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Path.Combine(AppContext.BaseDirectory, "Tandem.Bench.dll")] : [];
    }
}
