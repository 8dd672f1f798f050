using System.Globalization;

namespace Tandem.Bench.Load;

/// <summary>
/// The load kit: calls of sipp through the whole switch, beside Kamailio and whoever else is named, in turns within one run. It is made of parts that take less than four minutes
/// each and keep their figures (<see cref="Samples"/>), so that it can be run whole or piece by piece; <see cref="LoadReport"/> writes tables and plots of all that is there.
/// </summary>
internal sealed class LoadKit
{
    private const int SlowRate = 200, Rounds = 3;

    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(7), SettleTime = TimeSpan.FromSeconds(3);

    private readonly Samples _samples = new(LoadReport.Folder);
    private readonly List<Sample> _taken = [];
    private readonly List<(string Name, string Command)> _others = [];
    private readonly List<string> _only = [];
    private readonly CancellationToken _stop;
    private string _part = "";

    private LoadKit(CancellationToken stop) => _stop = stop;

    /// <param name="args">Names of parts (none: all of them), --peer NAME=COMMAND, --only NAME for some of the servers.</param>
    /// <param name="stop">Ctrl-C.</param>
    public static async Task Run(string[] args, CancellationToken stop)
    {
        var kit = new LoadKit(stop);
        var parts = new Dictionary<string, Func<Task>>(StringComparer.Ordinal)
        {
            ["slow"] = kit.Slow, ["peak"] = kit.Peak, ["high"] = kit.High, ["half"] = kit.Half, ["memory"] = kit.Memory, ["pauses"] = kit.Pauses, ["share"] = kit.Share, ["start"] = kit.Start,
            ["curve-rate"] = kit.CurveOfRate, ["curve-open"] = kit.CurveOfOpenCalls, ["curve-accounts"] = kit.CurveOfAccounts, ["curve-rates"] = kit.CurveOfRates,
        };
        var wanted = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            if (args[i] is "--peer" && value.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } command]) kit._others.Add((name, command));
            else if (args[i] is "--only" && value.Length > 0) kit._only.Add(value);
            else if (parts.ContainsKey(args[i]) || args[i] == "report")
            {
                wanted.Add(args[i]);
                continue;
            }
            else throw new BenchException($"'{args[i]}' is no part of the load kit; there are: {string.Join(' ', parts.Keys)} report; and --peer NAME=COMMAND, --only NAME.");
            i++;
        }
        foreach (string part in wanted.Count == 0 ? [.. parts.Keys] : wanted.Where(static w => w != "report"))
        {
            Report.Progress($"part {part}");
            kit._part = part;
            kit._taken.Clear();
            await parts[part]();
            kit._samples.Replace(part, kit._taken);
        }
        LoadReport.Write(kit._samples);
    }

    private IEnumerable<Func<Stage, Task<IPeer>>> Everyone(SwitchSize? size = null)
    {
        if (Wants("Tandem")) yield return async s => await s.Tandem(size ?? SwitchSize.Whole, _stop);
        if (Wants("Kamailio")) yield return s => s.Kamailio(dialogs: false, _stop);
        if (Wants("Kamailio, dialog")) yield return s => s.Kamailio(dialogs: true, _stop);
        foreach ((string name, string command) in _others)
        {
            if (Wants(name)) yield return s => s.Other(name, command, _stop);
        }
    }

    private bool Wants(string name) => _only.Count == 0 || _only.Contains(name);

    private async Task Warm(Stage stage, int rate, int seconds)
    {
        foreach (IPeer peer in stage.Peers)
        {
            Report.Progress($"warming {peer.Name} up, {seconds} s");
            await stage.Call(peer, rate, rate * seconds, TimeSpan.Zero, _stop);
        }
    }

    private async Task Slow()
    {
        using Stage stage = await Stage.Open(Everyone(), _stop);
        await Warm(stage, SlowRate * 5, 12); // a switch that has been up for a day has compiled what it runs,
        Report.Progress("resting, 50 s");
        await Task.Delay(TimeSpan.FromSeconds(50), _stop); // and has looked through the books of its first minute
        await InTurns(stage, _ => SlowRate, TimeSpan.FromSeconds(12));
    }

    /// <summary>Bounded: up by half until it fails, half the way back, then it must hold for the whole time.</summary>
    private async Task Peak()
    {
        using Stage stage = await Stage.Open(Everyone(), _stop);
        foreach (IPeer peer in stage.Peers)
        {
            int good = 0, bad = 0, rate = 1_000;
            await stage.Call(peer, 1_000, 5_000, TimeSpan.Zero, _stop);
            for (int step = 0; step < 6 && (bad == 0 || bad - good > bad / 10); step++)
            {
                Round tried = await Step(stage, peer, rate, StepTime);
                if (tried.Held) good = rate;
                else bad = rate;
                rate = bad == 0 ? rate * 3 / 2 : good == 0 ? rate * 3 / 4 : (good + bad) / 2;
            }
            bool held = false;
            for (int step = 0; step < 5 && good > 0 && !held; step++)
            {
                held = (await Step(stage, peer, good, HoldTime)).Held;
                if (!held) good = good * 9 / 10;
            }
            Take(peer, good, "highest rate held, calls/s", held ? good : 0);
            _samples.Replace(_part, _taken);
        }
    }

    private async Task<Round> Step(Stage stage, IPeer peer, int rate, TimeSpan time)
    {
        await Task.Delay(SettleTime, _stop); // what a failed step left is over
        Round round = await stage.Measure(peer, rate, time, _stop);
        Report.Progress(string.Create(CultureInfo.InvariantCulture, $"{peer.Name} at {rate} calls/s for {time.TotalSeconds:F0} s: {round.Run.Failed} failed, {round.Run.Retransmissions} sent again, {round.Run.Seconds:F1} s, {round.CpuPer1000:F3} CPU s per 1,000: {(round.Held ? "held" : "not held")}"));
        return round;
    }

    private int Highest(string peer) => _samples.Median("peak", peer, "highest rate held, calls/s") is double found and > 0 ? (int)found : throw new BenchException($"the highest rate of {peer} is not known yet: './dev bench load peak' first.");

    private async Task High()
    {
        using Stage stage = await Stage.Open(Everyone(), _stop);
        await Warm(stage, 1_000, 4);
        await InTurns(stage, peer => Highest(peer.Name), TimeSpan.FromSeconds(8));
    }

    private async Task Half()
    {
        using Stage stage = await Stage.Open(Everyone(), _stop);
        await Warm(stage, 1_000, 4);
        await InTurns(stage, peer => Highest(peer.Name) / 2, TimeSpan.FromSeconds(8), probes: 50);
    }

    private async Task InTurns(Stage stage, Func<IPeer, int> rateOf, TimeSpan time, int probes = 10)
    {
        int first = rateOf(stage.Peers[0]);
        IPeer nothing = stage.Nothing;
        for (int round = 0; round < Rounds; round++)
        {
            foreach (IPeer peer in (IPeer[])[nothing, .. stage.Peers])
            {
                int rate = peer == nothing ? first : rateOf(peer);
                Round seen = await stage.Measure(peer, rate, time, _stop, probes);
                Report.Progress(string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {Rounds}: {peer.Name} at {rate} calls/s: {seen.CpuPer1000:F3} CPU s per 1,000, p99 {Report.Percentile(seen.DelaysMillis, 0.99):F2} ms, {seen.Run.Failed} failed"));
                Take(peer, rate, seen);
            }
            _samples.Replace(_part, _taken); // a run that is cut off keeps its whole rounds
        }
    }

    /// <summary>A call that stands, servers fresh: PSS with thousands open less PSS before, both after a collection. Signalling alone, and with media ports lent.</summary>
    private async Task Memory()
    {
        const int Cps = 250, Calls = 4_500;
        TimeSpan up = TimeSpan.FromSeconds(Calls / (double)Cps), hold = up + TimeSpan.FromSeconds(8);
        using Stage stage = await Stage.Open([.. Everyone(), async s => await s.Tandem(SwitchSize.Whole with { Relays = false }, _stop, "Tandem, media direct")], _stop);
        foreach (IPeer peer in stage.Peers)
        {
            Report.Progress($"{peer.Name} with {Calls} calls open, {(up + hold).TotalSeconds:F0} s");
            var tandem = peer as TandemPeer;
            await stage.Call(peer, 100, 200, TimeSpan.Zero, _stop);
            SwitchSays? before = tandem is null ? null : await tandem.Ask(_stop, collect: true);
            long pss = ProcFs.PssBytes(peer.Pids);
            await stage.Call(peer, Cps, Calls, hold, _stop, async () =>
            {
                await Task.Delay(up + TimeSpan.FromSeconds(3), _stop);
                SwitchSays? open = tandem is null ? null : await tandem.Ask(_stop, collect: true);
                Take(peer, Calls, "memory per open call, KB", (ProcFs.PssBytes(peer.Pids) - pss) / 1024.0 / Calls);
                if (open is null) return;
                Take(peer, Calls, "of it on the managed heap, KB", (open.HeapBytes - before!.HeapBytes) / 1024.0 / Calls);
                Take(peer, Calls, "calls it counted open", open.OpenCalls);
            });
            _samples.Replace(_part, _taken);
        }
    }

    /// <summary>1,000 calls a second, each open for 5 s; signalling alone, as 5,000 relayed calls need more file handles than many machines give.</summary>
    private async Task Pauses()
    {
        const int Rate = 1_000;
        using Stage stage = await Stage.Open([async s => await s.Tandem(SwitchSize.Whole with { Relays = false }, _stop)], _stop);
        var tandem = (TandemPeer)stage.Peers[0];
        await stage.Call(tandem, Rate, Rate * 5, TimeSpan.FromSeconds(1), _stop);
        for (int round = 0; round < Rounds; round++)
        {
            SwitchSays before = await tandem.Ask(_stop);
            SippRun run = await stage.Call(tandem, Rate, Rate * 25, TimeSpan.FromSeconds(5), _stop, async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(15), _stop);
                Take(tandem, Rate, "calls open", (await tandem.Ask(_stop)).OpenCalls);
            });
            SwitchSays after = await tandem.Ask(_stop);
            Take(tandem, Rate, "failed of 1,000", 1000.0 * run.Failed / run.Calls);
            Take(tandem, Rate, "garbage per call, bytes", (after.AllocatedBytes - before.AllocatedBytes) / (double)run.Calls);
            Take(tandem, Rate, "longest GC pause, ms", after.PausesMillis is [.., double longest] ? longest : 0);
            Take(tandem, Rate, "collections", after.Collections0 - before.Collections0);
            Take(tandem, Rate, "of them of the old", after.Collections2 - before.Collections2);
            Report.Progress(string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {Rounds}: {run.Failed} failed, {(after.AllocatedBytes - before.AllocatedBytes) / run.Calls} bytes a call, {after.Collections0 - before.Collections0} collections, longest pause {(after.PausesMillis is [.., double most] ? most : 0):F2} ms"));
        }
    }

    /// <summary>Which part of a call's CPU routing, money, decision log, journal and CDR take, by profile.</summary>
    private async Task Share()
    {
        using Stage stage = await Stage.Open([async s => await s.Tandem(SwitchSize.Whole, _stop, perfMap: true)], _stop);
        IPeer peer = stage.Peers[0];
        await Warm(stage, 1_000, 15);
        foreach (int rate in (int[])[SlowRate, Highest("Tandem") / 2])
        {
            Report.Progress($"profile at {rate} calls/s, 20 s");
            IReadOnlyDictionary<string, double> shares = new Dictionary<string, double>();
            await stage.Call(peer, rate, rate * 24, TimeSpan.Zero, _stop, async () =>
            {
                await Task.Delay(2_000, _stop);
                shares = await CallProfile.Take(peer.Pids[0], seconds: 20, stage.Folder, _stop);
            });
            foreach ((string what, double share) in shares) Take(peer, rate, what, share);
        }
    }

    /// <summary>A million accounts and a million rates, told once; then a start after a polite end: from the process to the first call carried.</summary>
    private async Task Start()
    {
        const int Accounts = 1_000_000;
        using var stage = await Stage.Open([], _stop);
        var size = SwitchSize.Whole with { Accounts = Accounts };
        Report.Progress("a million accounts and a million rates are told");
        using (TandemPeer first = await stage.Tandem(size, _stop))
        {
            await stage.Call(first, 100, 500, TimeSpan.Zero, _stop);
            await first.End(_stop);
        }
        for (int round = 0; round < Rounds; round++)
        {
            long began = System.Diagnostics.Stopwatch.GetTimestamp();
            using TandemPeer again = await stage.Tandem(size, _stop);
            double ready = System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds;
            List<double> delays = await stage.Probe.Run(again.Port, 1, TimeSpan.Zero, _stop);
            if (delays.Count == 0) throw new BenchException("the first call after the start was not carried.");
            double carried = System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds;
            Report.Progress(string.Create(CultureInfo.InvariantCulture, $"start {round + 1}: ready after {ready:F2} s, first call after {carried:F2} s"));
            Take(again, Accounts, "start to first call, s", carried);
            await again.End(_stop);
        }
    }

    private async Task CurveOfRate()
    {
        using Stage stage = await Stage.Open(Everyone(), _stop);
        await Warm(stage, 1_000, 4);
        foreach (int rate in (int[])[10, 50, 200, 500, 1_000, 1_500, 2_000, 3_000])
        {
            foreach (IPeer peer in stage.Peers)
            {
                Round seen = await stage.Measure(peer, rate, TimeSpan.FromSeconds(rate < 100 ? 10 : 7), _stop);
                Report.Progress(string.Create(CultureInfo.InvariantCulture, $"{peer.Name} at {rate} calls/s: {seen.CpuPer1000:F3} CPU s per 1,000, {seen.Run.Failed} failed"));
                if (seen.Held) Take(peer, rate, seen);
            }
        }
    }

    /// <summary>Up to 50,000 calls open, signalling alone; memory and CPU as their number passes each mark.</summary>
    private async Task CurveOfOpenCalls()
    {
        const int Cps = 1_000, Most = 50_000;
        using Stage stage = await Stage.Open([async s => await s.Tandem(SwitchSize.Whole with { Relays = false }, _stop)], _stop);
        var tandem = (TandemPeer)stage.Peers[0];
        await stage.Call(tandem, Cps, 5_000, TimeSpan.Zero, _stop);
        await tandem.Ask(_stop, collect: true);
        long pss = ProcFs.PssBytes(tandem.Pids);
        SippRun run = await stage.Call(tandem, Cps, Most, TimeSpan.FromSeconds((Most / Cps) + 10), _stop, async () =>
        {
            int before = 0;
            double cpu = ProcFs.CpuSeconds(tandem.Pids);
            foreach (int mark in (int[])[1_000, 5_000, 10_000, 20_000, 30_000, 40_000, Most - 100])
            {
                SwitchSays says;
                while ((says = await tandem.Ask(_stop)).OpenCalls < mark) await Task.Delay(50, _stop);
                double now = ProcFs.CpuSeconds(tandem.Pids);
                Take(tandem, says.OpenCalls, "CPU s per 1,000 calls set up", (now - cpu) * 1000 / (says.OpenCalls - before));
                says = await tandem.Ask(_stop, collect: true);
                Take(tandem, says.OpenCalls, "memory per open call, KB", (ProcFs.PssBytes(tandem.Pids) - pss) / 1024.0 / says.OpenCalls);
                Report.Progress($"{says.OpenCalls} open");
                before = says.OpenCalls;
                cpu = ProcFs.CpuSeconds(tandem.Pids);
            }
        });
        Take(tandem, Most, "failed of 1,000", 1000.0 * run.Failed / run.Calls);
    }

    private Task CurveOfAccounts() => CurveOfSize([1_000, 10_000, 100_000, 1_000_000], static n => new SwitchSize(1_000_000, n));

    private Task CurveOfRates() => CurveOfSize([25_000, 100_000, 1_000_000, 10_000_000], static n => new SwitchSize(n));

    private async Task CurveOfSize(int[] places, Func<int, SwitchSize> sizeOf)
    {
        const int Rate = 1_000;
        foreach (int place in places)
        {
            using Stage stage = await Stage.Open([async s => await s.Tandem(sizeOf(place), _stop)], _stop);
            await Warm(stage, Rate, 5);
            Round seen = await stage.Measure(stage.Peers[0], Rate, TimeSpan.FromSeconds(8), _stop);
            Report.Progress(string.Create(CultureInfo.InvariantCulture, $"{place:N0}: {seen.CpuPer1000:F3} CPU s per 1,000, {seen.Run.Failed} failed"));
            Take(stage.Peers[0], place, seen);
            Take(stage.Peers[0], place, "memory of the switch, MB", ProcFs.PssBytes(stage.Peers[0].Pids) / 1e6);
        }
    }

    private void Take(IPeer peer, double at, Round seen)
    {
        Take(peer, at, "CPU s per 1,000 calls", seen.CpuPer1000);
        Take(peer, at, "sleeps per call", seen.SleepsPerCall);
        Take(peer, at, "failed of 1,000", 1000.0 * seen.Run.Failed / seen.Run.Calls);
        Take(peer, at, "sent again of 1,000", 1000.0 * seen.Run.Retransmissions / seen.Run.Calls);
        Take(peer, at, "post-dial delay p50, ms", Report.Percentile(seen.DelaysMillis, 0.5));
        Take(peer, at, "post-dial delay p99, ms", Report.Percentile(seen.DelaysMillis, 0.99));
        if (!double.IsNaN(seen.GarbagePerCall)) Take(peer, at, "garbage per call, bytes", seen.GarbagePerCall);
    }

    private void Take(IPeer peer, double at, string what, double value)
    {
        if (!double.IsNaN(value)) _taken.Add(Sample.Now(_part, peer.Name, at, what, value));
    }
}
