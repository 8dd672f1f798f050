using System.Runtime.InteropServices;
using Tandem.Bench;
using Tandem.Bench.Apis;
using Tandem.Bench.Cdrs;
using Tandem.Bench.Decks;
using Tandem.Bench.Load;
using Tandem.Bench.Media;
using Tandem.Bench.Micro;
using Tandem.Bench.Ledgers;
using Tandem.Bench.Numbers;
using Tandem.Bench.Registrations;
using Tandem.Bench.Routing;
using Tandem.Bench.Streams;

string name = args.Length > 0 ? args[0] : "";
if (name == "serve") return await SwitchUnderLoad.Serve(args[1..]);
if (name == "serve-registrations") return await RegistrarUnderLoad.Serve(args[1..]);

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true; // children are ended first, by id
    stop.Cancel();
};
using PosixSignalRegistration ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});
try
{
    switch (name)
    {
        case "micro":
            MicroBench.Run(args[1..], stop.Token);
            return 0;
        case "load":
            await LoadKit.Run(args[1..], stop.Token);
            return 0;
        case "overload":
            await OverloadBench.Run(stop.Token);
            return 0;
        case "soak":
            await SoakBench.Run(args[1..], stop.Token);
            return 0;
        case "tls":
            await StreamBench.Run(stop.Token);
            return 0;
        case "media":
            await MediaBench.Run(args[1..], stop.Token);
            return 0;
        case "routing":
            RoutingBench.Run(args[1..], stop.Token);
            return 0;
        case "registrations":
            await RegistrationBench.Run(args[1..], stop.Token);
            return 0;
        case "cdr":
            await CdrBench.Run(args[1..], stop.Token);
            return 0;
        case "deck":
            DeckBench.Run(args[1..], stop.Token);
            return 0;
        case "money":
            await MoneyBench.Run(args[1..], stop.Token);
            return 0;
        case "api":
            await ApiBench.Run(stop.Token);
            return 0;
        case "numbers":
            NumbersBench.Run(args[1..], stop.Token);
            return 0;
        default:
            Console.WriteLine("""
                ./dev bench micro [PART]   parse, rewrite, route, rate, price, journal, decision log, a whole call: ns and bytes; under 2 minutes
                ./dev bench load [PART]... [--only NAME] [--peer NAME=COMMAND]  the load kit beside Kamailio: slow peak high half memory pauses share start curve-rate curve-open curve-accounts curve-rates; all: about 30 minutes
                ./dev bench overload       three times what the switch can do is offered: what it still carries, how fast it refuses, how soon it is well again; 2 minutes; needs root
                ./dev bench soak [MINUTES]  calls at a steady rate: growth of memory, ports, file handles, and pauses of the collector; 10 minutes; 4320 for 72 h
                ./dev bench api            20,000 calls and 100,000 accounts asked for over HTTP, and what that does to the delay of calls; 3 minutes
                ./dev bench tls            handshakes of TLS beside openssl s_server; a call over TCP beside one over UDP; about 3 minutes
                ./dev bench media [srtp|gcm|g711] [CALLS]  two-way calls of G.711 through the switch (io_uring, epoll) beside rtpengine: CPU a packet, delay, jitter; about 3 minutes
                ./dev bench registrations [SECONDS]  100,000 phones register, refresh with and without SS_SIP_REGISTRATION_LIGTHWEIGHT, and are there after a restart; then a flood of strangers; about 3 minutes
                ./dev bench routing [kamailio|18|32]  least-cost decisions over 18 and 32.5 million rates of carriers' decks: time, memory, a swap meanwhile; about 5 minutes
                ./dev bench numbers [MILLIONS]  dial plans of up to 100,000 rules; the table of ported numbers up to so many (16): bytes, build, look-up beside a dictionary; about 3 minutes
                ./dev bench cdr [THOUSANDS]  CDRs (50) from the journal to SQLite, PostgreSQL, text files and report servers: a second, CPU each; questions over 31 days as the database grows; under 2 minutes
                ./dev bench deck [THOUSANDS]  a carrier's file of so many thousand rows (650), CSV and workbook, read, laid over a deck and compared: seconds, memory; under a minute
                ./dev bench money [MILLIONS]  a million accounts; so many million paid calls (1) through the ledger onto the disk, beside the disk alone and PostgreSQL; starts, proof and check of all; pricing; about 3 minutes
                Results are kept as text in bench/results/.
                """);
            return name.Length == 0 ? 0 : 2;
    }
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("bench: cancelled.");
    return 1;
}
catch (BenchException trouble)
{
    Console.Error.WriteLine($"bench: {trouble.Message}");
    return 1;
}
