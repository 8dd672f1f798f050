using System.Globalization;
using System.Text;
using Tandem.Interop.Peers;
using Tandem.Interop.Postgres;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.Api;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Tests.Server.CdrDelivery;

namespace Tandem.Interop.Crashes;

/// <summary>
/// kill -9 under load, again and again on one data folder. What a caller was told must be in the books: a call that was answered has one
/// CDR, a call whose BYE was answered was charged as it ended, and nobody's money is held for a call that is gone. Database, text files and report server have what the journal has.
/// </summary>
public sealed class KillTests
{
    private const int PerSecond = 40;
    private const int CallsEachRound = 200;
    private const string Money = "1000";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // A folder is read whole after each kill, so it is not to grow without end.
    private const int RoundsAFolder = 25;

    // Half of them beside SQLite, half beside PostgreSQL. TANDEM_KILL_ROUNDS for more, TANDEM_KILL_SEED for other moments.
    private static int TimesKilled => int.TryParse(Environment.GetEnvironmentVariable("TANDEM_KILL_ROUNDS"), CultureInfo.InvariantCulture, out int rounds) ? Math.Max(rounds, 2) : 8;

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("TANDEM_KILL_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : 9;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_at_any_moment_no_call_is_lost_or_charged_twice_and_all_money_is_accounted_for(bool postgres)
    {
        int rounds = TimesKilled / 2;
        using PostgresServer? server = postgres ? await PostgresServer.StartAsync(Stop) : null;
        var random = new Random(Seed);
        (int answered, int ended, int lost) = (0, 0, 0);
        for (int done = 0; done < rounds; done += RoundsAFolder)
        {
            server?.Scalar("DROP SCHEMA IF EXISTS tandem_cdr CASCADE; SELECT 0");
            (int Answered, int Ended, int Lost) life = await LiveAsync(server, Math.Min(RoundsAFolder, rounds - done), random);
            (answered, ended, lost) = (answered + life.Answered, ended + life.Ended, lost + life.Lost);
            TestContext.Current.TestOutputHelper?.WriteLine($"{Math.Min(done + RoundsAFolder, rounds)} of {rounds} kills: {answered} calls answered, {ended} ended, {lost} lost and settled");
        }
        Assert.True(ended > 0 && answered > ended && lost > 0, $"{answered} calls were answered, {ended} ended, {lost} lost: too little happened");
    }

    /// <summary>One data folder through so many kills; every fourth time the database is killed with the switch, and comes back when the switch runs again.</summary>
    private static async Task<(int Answered, int Ended, int Lost)> LiveAsync(PostgresServer? server, int rounds, Random random)
    {
        int[] ports = LoopbackPorts.Take(4);
        (int customer, int carrier, int sip, int http) = (ports[0], ports[1], ports[2], ports[3]);
        using var folder = new ScratchFolder();
        string data = folder.File("data");
        using var reports = new ReportPeer();
        await using (RunningSwitch first = await RunningSwitch.StartAsync(data, cdrDatabase: server?.Url))
        {
            await first.SetUpAsync(customer, SippTests.PlainDeck, SippTests.PlainDeck, Money, ("one", carrier));
            await first.ApplyAsync(new { settings = new { SS_CDR_RECORD_TO_FILE = "On", SS_CDR_RECORD_NONCONNECT = "On", SERVER_CDR_REAL_TIME_REPORT_SERVER = reports.Server.Text } });
        }

        var answered = new HashSet<string>(StringComparer.Ordinal);
        var ended = new HashSet<string>(StringComparer.Ordinal);
        int lost = 0;
        for (int round = 0; round < rounds; round++)
        {
            using (PeerProcess tandem = await TandemProgram.RunAsync(data, sip, http, Stop, server is null ? [] : ["--cdr-database", server.Url]))
            {
                using SippRun callee = await SippRun.CalleeAsync("callee", carrier, 100_000, Stop);
                using SippRun caller = SippRun.Caller("caller-tells", customer, TandemProgram.Loopback(sip), Numbers(round, random), PerSecond, "-trace_logs");
                await Eventually.PassAsync(TimeSpan.FromMilliseconds(900 + random.Next(2_400)), Stop);
                if (round % 4 == 3) server?.Kill();
                tandem.Kill();
                // Quickly, so that nobody tells the next one about calls of this one.
                caller.Process.Kill();
                callee.Process.Kill();
                foreach (string line in caller.Told())
                {
                    string number = line[(line.LastIndexOf(' ') + 1)..];
                    if (line.StartsWith("answered ", StringComparison.Ordinal)) answered.Add(number);
                    if (line.StartsWith("ended ", StringComparison.Ordinal)) ended.Add(number);
                }
            }
            (int code, string said) = await TandemProgram.DoAsync(Stop, "check", "--data", data);
            Assert.True(code == 0, said);
            if (round % 4 == 3 && server is not null) await server.ComeUpAsync(Stop);
            lost = await BooksAreRight(data, answered, ended, reports, server?.Url);
        }
        return (answered.Count, ended.Count, lost);
    }

    /// <summary>Starts a switch in this process on what the killed one left; how many lost calls it settled, all rounds together.</summary>
    private static async Task<int> BooksAreRight(string data, HashSet<string> answered, HashSet<string> ended, ReportPeer reports, string? cdrDatabase)
    {
        await using RunningSwitch running = await RunningSwitch.StartAsync(data, cdrDatabase: cdrDatabase);
        await running.AtRestAsync();
        IReadOnlyList<Cdr> cdrs = await running.SettledCdrsAsync();
        await ConsumersAreEqualToTheJournal(running, data, cdrs, reports);
        var byNumber = cdrs.ToDictionary(static c => c.CalleeE164, StringComparer.Ordinal); // two CDRs for one call would throw
        foreach (string number in answered)
        {
            Assert.True(byNumber.TryGetValue(number, out Cdr? cdr), $"the call to {number} was answered and has no CDR");
            Assert.True(cdr.WasAnswered, $"the call to {number} was answered and its CDR says it was not");
            Assert.True(cdr.Refusal == Refusal.RestartLostCall || cdr.EndReason == 200, $"the call to {number} ended with {cdr.EndReason}");
        }
        foreach (string number in ended) Assert.Equal((200, Refusal.None, EndDirection.Caller), (byNumber[number].EndReason, byNumber[number].Refusal, byNumber[number].EndDirection));
        Assert.All(cdrs, static c => Assert.Equal(1_000_000L * (long)c.HoldTime.TotalSeconds, c.Sale!.Nanos)); // 0.06 a minute
        AccountView payer = await running.AccountAsync(RunningSwitch.Customer);
        Assert.Equal(1_000_000_000_000 - cdrs.Sum(static c => c.Sale!.Nanos), payer.Balance.Nanos);
        Assert.Equal(-cdrs.Sum(static c => c.Cost?.Nanos ?? 0), (await running.AccountAsync(RunningSwitch.Clearing(0))).Balance.Nanos);
        return cdrs.Count(static c => c.Refusal == Refusal.RestartLostCall);
    }

    // Database, text files and report server have each CDR of the journal: once, but for the reports, of which one may come again after a kill.
    private static async Task ConsumersAreEqualToTheJournal(RunningSwitch running, string data, IReadOnlyList<Cdr> database, ReportPeer reports)
    {
        await Eventually.BeAsync(async () => (await running.Host.Control.StatusAsync(Stop)).Counters.Where(static c => c.Key.StartsWith("cdr.behind.", StringComparison.Ordinal)).All(static c => c.Value == 0), "every consumer has caught up", TimeSpan.FromSeconds(30), Stop);
        List<Cdr> journal = [];
        using (JournalReader reader = JournalReader.Offline(Path.Combine(data, "journal")))
        {
            while (reader.TryRead(out JournalRecord record))
            {
                if (record.Type == JournalRecordType.CallClosed && Records.TryReadCdr(record.Type, record.Payload, out Cdr? cdr)) journal.Add(cdr);
            }
        }
        Assert.Equal(journal.Select(static c => c.Call.Value).Order(), database.Select(static c => c.Call.Value).Order());
        string[] lines = [.. journal.Select(Line).Order(StringComparer.Ordinal)];
        Assert.Equal(lines, Directory.GetFiles(Path.Combine(data, "cdr")).Where(static f => f.EndsWith(".part", StringComparison.Ordinal) || f.EndsWith(".txt", StringComparison.Ordinal)).SelectMany(File.ReadAllLines).Order(StringComparer.Ordinal));
        Assert.Equal(lines.Distinct(), reports.Accepted.Distinct().Order(StringComparer.Ordinal));
    }

    private static string Line(Cdr cdr)
    {
        var writer = new ByteWriter(new byte[2048]);
        CdrText.Write(ref writer, cdr, TimeZoneInfo.Local);
        return Encoding.UTF8.GetString(writer.Written).TrimEnd('\n');
    }

    private static List<string> Numbers(int round, Random random) =>
        [.. Enumerable.Range(0, CallsEachRound).Select(i => string.Create(CultureInfo.InvariantCulture, $"49{round:D3}{i:D6};4915;{200 + random.Next(3_000)}"))];
}
