using System.Globalization;
using System.Text;
using Tandem.Bench.Load;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;

namespace Tandem.Bench.Registrations;

/// <summary>
/// The verb <c>serve-registrations</c>: a switch with phones 1000000 and up, and a known gateway. Each line of input is answered with one:
/// "status" with its counters of interest, "set NAME VALUE" when it is in force; it stops at the end of its input.
/// </summary>
internal static class RegistrarUnderLoad
{
    public const string Password = "phone password";
    public const int FirstNumber = 1_000_000;

    public static async Task<int> Serve(string[] args)
    {
        (string folder, int port, int gateway, int phones) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture));
        long began = Environment.TickCount64;
        await using SwitchHost host = await SwitchHost.Start(new SwitchOptions { DataFolder = folder, Sip = [NetAddress.Parse($"127.0.0.1:{port}")] }, static says => Console.Error.WriteLine(says));
        long started = Environment.TickCount64 - began;
        if (phones > 0) await Configure(host, gateway, phones);
        StatusView first = await host.Control.StatusAsync(CancellationToken.None);
        Console.Out.WriteLine($"ready {started} {first.Registrations}");
        while (await Console.In.ReadLineAsync() is { } asked)
        {
            string[] words = asked.Split(' ');
            if (words[0] == "set")
            {
                Answer<SettingView> set = await host.Control.SetSettingAsync(words[1], words[2], "bench", CancellationToken.None);
                Console.Out.WriteLine(set.Fault is { } fault ? fault.Says : "done");
                continue;
            }
            if (words[0] == "collect") GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            StatusView status = await host.Control.StatusAsync(CancellationToken.None);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{status.Registrations} {status.Counters["registrations.accepted"]} {status.Counters["network.datagramsIn"]} {status.Counters["network.queueDrops"]} {status.Counters["door.strangersDropped"]} {status.Counters["sip.statelessAnswers"]} {GC.GetTotalMemory(false)}"));
        }
        return 0;
    }

    private static async Task Configure(SwitchHost host, int gateway, int phones)
    {
        await Apply(host, $$"""{ "accounts": [ { "account": "1001", "name": "All", "currency": "USD" } ], "mappingGateways": [ { "name": "known", "remoteIps": ["127.0.0.1:{{gateway}}"], "account": "1001" } ] }""");
        const int atATime = 25_000; // as many as one record of the journal holds, and more
        for (int from = 0; from < phones; from += atATime)
        {
            await Apply(host, $$"""{ "phones": [ {{string.Join(',', Enumerable.Range(FirstNumber + from, Math.Min(atATime, phones - from)).Select(static n => $$"""{ "e164": "{{n}}", "account": "1001", "password": "{{Password}}" }"""))}} ] }""");
        }
    }

    private static async Task Apply(SwitchHost host, string document)
    {
        Answer<ApplyView> applied = await host.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "bench", CancellationToken.None);
        if (applied.Fault is { } fault) throw new BenchException($"the bench configuration was refused: {fault.Says} {string.Join("; ", fault.Errors.Take(3))}");
    }
}
