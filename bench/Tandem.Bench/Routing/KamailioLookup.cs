using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Bench.Load;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Bench.Routing;

/// <summary>
/// One deck's longest prefix beside Kamailio's mtree module with the same prefixes: each looks up half a million numbers in a loop of its own, Kamailio's in its script, less the same loop
/// without the look-up. Of the decks of hundreds of carriers together it holds none: each would take a tree as large as this.
/// </summary>
internal static class KamailioLookup
{
    private const int Lookups = 500_000;

    public static void Run(string[] prefixes, RateTable deck, Report report, CancellationToken stop)
    {
        Report.Progress($"{prefixes.Length:N0} prefixes beside Kamailio's mtree");
        double ours = Ours(deck);
        string folder = Directory.CreateTempSubdirectory("tandem-bench-").FullName;
        try
        {
            int port = Sipp.FreePort();
            Write(folder, port, prefixes);
            string program = File.Exists("/usr/sbin/kamailio") ? "/usr/sbin/kamailio" : "kamailio";
            using var child = new Child("kamailio", program, ["-f", Path.Combine(folder, "k.cfg"), "-DD", "-E", "-m", "2048", "-M", "1024", "-w", folder, "-P", Path.Combine(folder, "k.pid"), "-Y", folder], folder);
            Ask(port, "empty", stop, tries: 60);
            double empty = Cpu(child, () => Ask(port, "empty", stop)), look = Cpu(child, () => Ask(port, "look", stop));
            double theirs = (look - empty) * 1e6 / Lookups;
            double memory = ProcFs.PssBytes(ProcFs.Tree(child.Pid)) / 1e6;
            report.Line(string.Create(CultureInfo.InvariantCulture, $"one deck of {deck.Count:N0} prefixes: a look-up takes {ours:0.00} µs of CPU, in Kamailio's mtree {theirs:0.00} (ratio {ours / theirs:0.00}); {deck.Count * 24 / 1e6:0.0} MB, Kamailio whole {memory:0} MB"));
            report.Line();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Ours(RateTable deck)
    {
        var random = new Random(7);
        DialString[] numbers = [.. Enumerable.Range(0, Lookups).Select(_ => DialString.Parse(random.Next().ToString(CultureInfo.InvariantCulture)))];
        foreach (DialString number in numbers) deck.TryFind(number, out _); // warms it up
        TimeSpan began = Environment.CpuUsage.TotalTime;
        int found = 0;
        foreach (DialString number in numbers) found += deck.TryFind(number, out _) ? 1 : 0;
        return found == 0 ? throw new BenchException("no number was found") : (Environment.CpuUsage.TotalTime - began).TotalMicroseconds / Lookups;
    }

    private static double Cpu(Child child, Action asked)
    {
        double before = ProcFs.CpuSeconds(ProcFs.Tree(child.Pid));
        asked();
        return ProcFs.CpuSeconds(ProcFs.Tree(child.Pid)) - before;
    }

    private static void Write(string folder, int port, string[] prefixes)
    {
        string tables = Directory.CreateDirectory(Path.Combine(folder, "db")).FullName;
        File.WriteAllLines(Path.Combine(tables, "deck"), ["id(int,auto) tprefix(string) tvalue(string)", .. prefixes.Order(StringComparer.Ordinal).Select(static (p, i) => $"{i}:{p}:0.0123")]);
        File.WriteAllText(Path.Combine(tables, "version"), "table_name(string) table_version(int)\ndeck:1\n");
        string Loop(string condition) => $"while ($var(i) < {Lookups}) {{ $var(n) = \"\" + $RANDOM; if ({condition}) $var(hit) = $var(hit) + 1; $var(i) = $var(i) + 1; }}";
        File.WriteAllText(Path.Combine(folder, "k.cfg"), $$"""
            debug=-1
            log_stderror=yes
            fork=yes
            children=1
            listen=udp:127.0.0.1:{{port}}
            max_while_loops={{Lookups + 1}}
            mpath="{{ModulePath()}}"
            loadmodule "pv.so"
            loadmodule "sl.so"
            loadmodule "cfgutils.so"
            loadmodule "db_text.so"
            loadmodule "mtree.so"
            modparam("db_text", "max_result_rows", 10000000)
            modparam("mtree", "db_url", "text://{{tables}}")
            modparam("mtree", "char_list", "0123456789")
            modparam("mtree", "pv_value", "$avp(v)")
            modparam("mtree", "mtree", "name=deck;dbtable=deck;type=0")
            request_route {
              $var(i) = 0;
              $var(hit) = 0;
              if ($rU == "look") { {{Loop("mt_match(\"deck\", \"$var(n)\", \"0\")")}} } else { {{Loop("$var(n) != \"\"")}} }
              if ($var(hit) == 0) sl_send_reply("404", "Nothing Found"); else sl_send_reply("200", "OK");
            }

            """);
    }

    private static string ModulePath() =>
        new[] { "/usr/lib/x86_64-linux-gnu/kamailio/modules/", "/usr/lib64/kamailio/modules/", "/usr/lib/kamailio/modules/" }.FirstOrDefault(Directory.Exists) ?? throw new BenchException("Kamailio's modules were not found");

    private static void Ask(int port, string user, CancellationToken stop, int tries = 1)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = tries > 1 ? 2_000 : 60_000 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int own = ((IPEndPoint)socket.LocalEndPoint!).Port;
        byte[] answer = new byte[4096];
        for (int i = 0; i < tries; i++)
        {
            stop.ThrowIfCancellationRequested();
            socket.SendTo(Encoding.ASCII.GetBytes($"OPTIONS sip:{user}@127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{user}{i}\r\nFrom: <sip:bench@127.0.0.1>;tag=1\r\nTo: <sip:{user}@127.0.0.1>\r\nCall-ID: {user}-{i}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"), new IPEndPoint(IPAddress.Loopback, port));
            try
            {
                int length = socket.Receive(answer);
                if (Encoding.ASCII.GetString(answer, 0, Math.Min(length, 11)) == "SIP/2.0 200") return;
                throw new BenchException($"Kamailio answered: {Encoding.ASCII.GetString(answer, 0, length)}");
            }
            catch (SocketException) when (i + 1 < tries)
            {
                // it is still loading
            }
        }
        throw new BenchException("Kamailio does not answer");
    }
}
