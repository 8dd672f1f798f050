using System.Globalization;
using Tandem.Bench.Load;
using Tandem.Media.Srtp;

namespace Tandem.Bench.Media;

/// <summary>Two-way calls of G.711 through the switch and through rtpengine, in turns within one run: CPU per relayed packet, added delay and jitter, loss, memory.</summary>
internal static class MediaBench
{
    private const int Rounds = 3;

    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(8);

    private sealed record Round(RtpHeard Heard, double CpuMicrosPerPacket);

    /// <param name="args">"srtp" or "gcm": callers are encrypted; "g711": callers speak A-law, called ends mu-law; how many calls, 500 where nothing is said.</param>
    /// <param name="stop">Ctrl-C.</param>
    public static async Task Run(string[] args, CancellationToken stop)
    {
        SrtpSuite? suite = args.FirstOrDefault() switch { "srtp" => SrtpSuite.AesCm128HmacSha1Tag80, "gcm" => SrtpSuite.AeadAes128Gcm, _ => null };
        bool transcodes = args.FirstOrDefault() == "g711";
        if (suite is not null || transcodes) args = args[1..];
        string special = suite is not null ? "+srtp" : transcodes ? "+g711" : "";
        int calls = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out int given) && given is > 0 and <= 2_000 ? given : 500;
        string folder = Directory.CreateTempSubdirectory("tandem-bench-").FullName;
        var relays = new List<IRelay>();
        var streams = new List<RtpStreams>();
        var memory = new List<double>();
        var rounds = new List<List<Round>>();
        try
        {
            relays.Add(new NoRelay());
            relays.Add(await TandemRelay.Start("Tandem, io_uring", "best" + special, Path.Combine(folder, "uring"), stop));
            relays.Add(await TandemRelay.Start("Tandem, epoll", "epoll" + special, Path.Combine(folder, "epoll"), stop));
            relays.Add(await RtpengineRelay.Start(folder, stop));
            foreach (IRelay relay in relays)
            {
                Report.Progress($"{relay.Name}: {calls} calls are set up");
                var ends = new RtpStreams(calls, relay is NoRelay ? null : suite, transcodes ? MediaSdp.Mulaw : MediaSdp.Alaw);
                streams.Add(ends);
                long before = ProcFs.PssBytes(relay.Pids);
                relay.Open(ends, stop);
                await ends.Run(TimeSpan.FromSeconds(2), static () => { }, static () => { }, stop); // warms it up
                memory.Add((ProcFs.PssBytes(relay.Pids) - before) / 1024.0 / calls);
                rounds.Add([]);
            }
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < relays.Count; i++)
                {
                    Report.Progress($"round {round + 1} of {Rounds}: {relays[i].Name}, {RoundTime.TotalSeconds:F0} s");
                    rounds[i].Add(await Measure(relays[i], streams[i], stop));
                }
            }
            Write(calls, suite, transcodes, relays, rounds, memory);
        }
        finally
        {
            foreach (IRelay relay in relays) relay.Dispose();
            foreach (RtpStreams ends in streams) ends.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Round> Measure(IRelay relay, RtpStreams streams, CancellationToken stop)
    {
        double cpu = 0;
        IReadOnlyList<int> pids = relay.Pids;
        RtpHeard heard = await streams.Run(RoundTime, () => cpu = ProcFs.CpuSeconds(pids), () => cpu = ProcFs.CpuSeconds(pids) - cpu, stop);
        return new Round(heard, cpu * 1e6 / Math.Max(1, heard.Received));
    }

    private static void Write(int calls, SrtpSuite? suite, bool transcodes, List<IRelay> relays, List<List<Round>> rounds, List<double> memory)
    {
        var report = new Report(suite is not null ? $"media-{suite}" : transcodes ? "media-g711" : "media");
        report.Line($"{calls} two-way calls of G.711 (172 bytes every 20 ms each way, {calls * 100} packets/s) on loopback; medians of {Rounds} rounds of {RoundTime.TotalSeconds:F0} s, relays in turns");
        report.Line("Tandem: the whole switch, calls set up over SIP; latching, checks, counters, RTCP ports. rtpengine: user space, 2 threads, calls set up over ng");
        if (suite is { } encrypted) report.Line($"Callers speak SRTP ({encrypted}), called ends RTP: each packet is opened or sealed once; delay is of the direction out of SRTP");
        if (transcodes) report.Line("Callers speak A-law, called ends mu-law: each packet is transcoded");
        report.Line();
        report.Line($"{"",-20}{"CPU µs/packet",15}{"of rtpengine",14}{"delay p50 µs",14}{"p99 µs",10}{"jitter µs",11}{"lost of 1000",14}{"KB a call",11}");
        double peer = Report.Median(rounds[^1].Select(static r => r.CpuMicrosPerPacket));
        for (int i = 0; i < relays.Count; i++)
        {
            List<Round> all = rounds[i];
            double cpu = Report.Median(all.Select(static r => r.CpuMicrosPerPacket));
            bool relayed = relays[i].Pids.Count > 0;
            report.Line(string.Create(CultureInfo.InvariantCulture, $"{relays[i].Name,-20}{(relayed ? cpu.ToString("F2", CultureInfo.InvariantCulture) : "-"),15}{(relayed ? (cpu / peer).ToString("F2", CultureInfo.InvariantCulture) : "-"),14}{Report.Median(all.Select(static r => r.Heard.Percentile(0.5))),14:F0}{Report.Median(all.Select(static r => r.Heard.Percentile(0.99))),10:F0}{Report.Median(all.Select(static r => r.Heard.JitterMicros)),11:F0}{Report.Median(all.Select(static r => r.Heard.LostOf1000)),14:F2}{(relayed ? memory[i].ToString("F1", CultureInfo.InvariantCulture) : "-"),11}"));
        }
        report.Save();
    }
}
