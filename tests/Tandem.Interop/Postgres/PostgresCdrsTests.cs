using Tandem.Interop.Crashes;
using Tandem.Interop.Peers;
using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;
using Tandem.Tests.Server.CdrDelivery;

namespace Tandem.Interop.Postgres;

/// <summary>CDRs in a real PostgreSQL server: what SQLite answers, it answers; what it may survive, it survives.</summary>
public sealed class PostgresCdrsTests
{
    private const int Calls = 600;
    private static readonly Instant Now = CdrSamples.Midnight + TimeSpan.FromDays(3);

    private readonly List<string> _said = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_question_has_the_same_answer_in_sqlite_and_postgresql()
    {
        using PostgresServer server = await PostgresServer.StartAsync(Stop);
        using var folder = new ScratchFolder();
        using CdrStore sqlite = CdrStore.Open(folder.File("cdr.db"), long.MaxValue, TimeProvider.System, _said.Add);
        using PostgresCdrs postgres = Open(server);
        List<Cdr> calls = [.. Enumerable.Range(1, Calls).Select(Varied)];
        foreach (ICdrStore store in (ICdrStore[])[sqlite, postgres])
        {
            store.Take(calls[..400], 400);
            store.Take(calls[300..], Calls); // a hundred come twice
            Assert.Equal(Calls, store.Position);
        }
        Instant since = CdrSamples.Midnight;
        CdrQuery all = new() { Since = since, Until = Now, Limit = 10_000 };
        CdrQuery[] asked =
        [
            all, all with { Limit = 7 }, all with { Account = "1001" }, all with { Account = "9001" }, all with { Gateway = "even" }, all with { CallerGateway = "odd" }, all with { CalleeGateway = "carrier-1" },
            all with { CallerPrefix = "121255500" }, all with { CalleePrefix = "4420794601" }, all with { Answered = true }, all with { Answered = false }, all with { EndDirection = EndDirection.Server },
            all with { EndReason = 486 }, all with { MinSeconds = 20 }, all with { MaxSeconds = 19 }, all with { MinAmountNanos = 7_000_300 }, all with { MaxAmountNanos = 7_000_300 },
            all with { Since = since + TimeSpan.FromHours(5), Until = since + TimeSpan.FromHours(30) }, all with { Since = since + TimeSpan.FromMinutes(5), Until = since + TimeSpan.FromHours(30) },
            all with { Account = "1001", EndReason = 200, CallerGateway = "even", Limit = 5 }, all with { CallerPrefix = "'; DROP TABLE cdr; --" },
        ];
        foreach (CdrQuery query in asked)
        {
            Assert.Equal(await PagesAsync(sqlite, query), await PagesAsync(postgres, query));
            CdrSums one = await sqlite.SumAsync(query, Now, Stop), two = await postgres.SumAsync(query, Now, Stop);
            Assert.Equal((one.Calls, one.Answered, one.HoldMillis), (two.Calls, two.Answered, two.HoldMillis));
            Assert.Equal(one.ByCurrency, two.ByCurrency);
        }
        foreach (AnalysisBy by in Enum.GetValues<AnalysisBy>())
        {
            foreach (FraudPattern pattern in Enum.GetValues<FraudPattern>())
            {
                CdrAnalysis analysis = new(by, since, Now, 1, pattern);
                IReadOnlyList<CdrAnalysisRow> rows = await sqlite.AnalyseAsync(analysis, Stop);
                if (pattern == FraudPattern.None) Assert.NotEmpty(rows);
                Assert.Equal(rows, await postgres.AnalyseAsync(analysis, Stop));
            }
        }
        Assert.Equal(await sqlite.DaysAsync(Stop), await postgres.DaysAsync(Stop));
        Assert.Equal(calls[41].CallerE164, (await postgres.FindAsync(calls[41].Call, Stop))!.CallerE164);
        Assert.Null(await postgres.FindAsync(CdrSamples.Call(99_999).Call, Stop));
        Assert.Equal(Calls, server.Scalar("SELECT count(*) FROM tandem_cdr.cdr"));
        Assert.Equal(3, server.Scalar("SELECT count(*) FROM pg_inherits WHERE inhparent = 'tandem_cdr.cdr'::regclass"));

        foreach (ICdrStore store in (ICdrStore[])[sqlite, postgres])
        {
            store.ForgetBefore(since + TimeSpan.FromDays(1));
            store.Turn(Now, caughtUp: true);
        }
        Assert.Equal(await sqlite.DaysAsync(Stop), await postgres.DaysAsync(Stop));
        Assert.Equal(await PagesAsync(sqlite, all), await PagesAsync(postgres, all));
        Assert.Empty(_said);
    }

    [Fact]
    public async Task The_server_away_for_half_an_hour_holds_up_nobody_and_gets_everything_once_it_is_back()
    {
        using PostgresServer server = await PostgresServer.StartAsync(Stop);
        var journal = new CallsInMemory();
        var pending = new PendingCalls(journal, static () => 1000);
        var clock = new HandClock();
        using var folder = new ScratchFolder();
        var files = new CdrTextFiles(folder.File("cdr"), CdrFilePlan.Hourly(TimeZoneInfo.Utc, static () => new() { RecordToFile = true, RecordNonConnect = true }), 0, _said.Add);
        using PostgresCdrs postgres = Open(server);
        pending.Serve(() => postgres.Position);
        pending.Serve(() => files.Position);
        using var projector = new CdrProjector(pending, [postgres, files], clock, _said.Add);
        Add(50);
        projector.Turn();
        Assert.Equal(50, postgres.Position);

        server.Kill();
        for (int minute = 0; minute < 30; minute++)
        {
            Add(100);
            clock.Now += TimeSpan.FromMinutes(1);
            projector.Turn();
            projector.Turn();
            Assert.Equal(journal.End, files.Position);
            Assert.InRange(pending.Count, 0, 1000);
        }
        Assert.Equal(50, postgres.Position);
        Assert.Equal("the CDR database", Assert.Single(projector.Warnings).Consumer);
        await Assert.ThrowsAsync<IOException>(() => postgres.QueryAsync(new CdrQuery(), Now, Stop));

        await server.ComeUpAsync(Stop);
        clock.Now += TimeSpan.FromMinutes(1);
        for (int turn = 0; turn < 20; turn++) projector.Turn();
        Assert.Empty(projector.Warnings);
        Assert.Equal(journal.End, postgres.Position);
        Assert.Equal(journal.End, server.Scalar("SELECT count(*) FROM tandem_cdr.cdr"));
        Assert.Equal(journal.End, server.Scalar("SELECT sum(calls) FROM tandem_cdr.cdr_hours"));

        void Add(int count) => journal.Calls.AddRange(Enumerable.Range(journal.Calls.Count + 1, count).Select(n => CdrSamples.Call(n)));
    }

    [Fact]
    public async Task A_switch_that_starts_while_the_server_is_away_goes_on_from_the_servers_position()
    {
        using PostgresServer server = await PostgresServer.StartAsync(Stop);
        using (PostgresCdrs first = Open(server)) first.Take([CdrSamples.Call(1), CdrSamples.Call(2)], 2);
        server.Kill();
        using PostgresCdrs again = Open(server);
        Assert.Equal(0, again.Position);
        Assert.ThrowsAny<Exception>(() => again.Take([CdrSamples.Call(1)], 1));
        await server.ComeUpAsync(Stop);
        again.Take([CdrSamples.Call(1)], 1);
        Assert.Equal(2, again.Position);
        again.Take([CdrSamples.Call(3)], 3);
        Assert.Equal(3, server.Scalar("SELECT count(*) FROM tandem_cdr.cdr"));
    }

    [Fact]
    public async Task A_damaged_day_is_set_aside_and_everything_built_again()
    {
        using PostgresServer server = await PostgresServer.StartAsync(Stop);
        using PostgresCdrs store = Open(server);
        var journal = new CallsInMemory();
        journal.Calls.AddRange(Enumerable.Range(1, Calls).Select(Varied));
        var clock = new HandClock();
        using var projector = new CdrProjector(journal, [store], clock, _said.Add);
        projector.Turn();
        Assert.Equal(Calls, store.Position);
        server.Damage("tandem_cdr.cdr_20260427");
        server.Kill(); // what it has in memory is sound
        await server.ComeUpAsync(Stop);
        await Assert.ThrowsAsync<IOException>(() => PagesAsync(store, new CdrQuery { Since = CdrSamples.Midnight, Until = Now, Limit = 10_000 }));
        journal.Calls.Add(Varied(Calls + 1));
        for (int turn = 0; turn < 4; turn++)
        {
            projector.Turn();
            clock.Now += TimeSpan.FromMinutes(1);
        }
        Assert.Equal(journal.End, store.Position);
        Assert.Equal(journal.End, server.Scalar("SELECT count(*) FROM tandem_cdr.cdr"));
        Assert.Contains(_said, static s => s.Contains("is damaged: its schema was renamed to tandem_cdr_aside_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_version_or_another_journal_is_set_aside_and_a_second_writer_refused()
    {
        using PostgresServer server = await PostgresServer.StartAsync(Stop);
        using (PostgresCdrs first = Open(server))
        {
            first.Take([CdrSamples.Call(1)], 500);
            using PostgresCdrs second = Open(server);
            Assert.Contains("another switch writes to the schema tandem_cdr", Assert.Throws<IOException>(() => second.Take([], 1)).Message, StringComparison.Ordinal);
        }
        using (PostgresCdrs shorter = new(server.Url, 499, TimeProvider.System, _said.Add))
        {
            shorter.Take([], 0);
            Assert.Equal(0, shorter.Position);
            Assert.Contains("was built up to journal position 500, but the journal ends at 499", Assert.Single(_said), StringComparison.Ordinal);
        }
        server.Scalar("UPDATE tandem_cdr.consumer SET position = 1 WHERE name = 'version' RETURNING 1");
        using PostgresCdrs newer = Open(server);
        newer.Take([CdrSamples.Call(1)], 1);
        Assert.Contains("has version 1 of its tables", _said[^1], StringComparison.Ordinal);
        Assert.Equal(1, server.Scalar("SELECT count(*) FROM tandem_cdr.cdr"));
    }

    [Fact]
    public async Task The_program_keeps_its_CDRs_there_and_answers_from_there()
    {
        using PostgresServer server = await PostgresServer.StartAsync(Stop);
        using var folder = new ScratchFolder();
        int[] ports = LoopbackPorts.Take(2);
        string data = folder.File("data");
        using PeerProcess tandem = TandemProgram.Start("run", "--demo", "--data", data, "--sip", TandemProgram.Loopback(ports[0]).ToString(), "--http", TandemProgram.Loopback(ports[1]).ToString(), "--cdr-database", server.Url, "--cdr-keep", "30", "--cdr-archive", folder.File("archive"));
        await tandem.HearAsync("SIP: ", TimeSpan.FromSeconds(60), Stop);
        (int code, string said) = (0, "");
        await Eventually.BeAsync(async () => ((code, said) = await TandemProgram.DoAsync(Stop, "cdr", "sums", "--data", data)).Item1 == 0 && said.Contains("1 calls", StringComparison.Ordinal), "the sample call is in the database", TimeSpan.FromSeconds(60), Stop);
        long calls = server.Scalar("SELECT count(*) FROM tandem_cdr.cdr");
        Assert.True(calls > 0, tandem.Story());
        Assert.Contains($"{calls} calls, {calls} answered", said, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(data, "cdr.db")));
        Assert.Equal(0, (await TandemProgram.DoAsync(Stop, "cdr", "export", folder.File("calls.csv"), "--data", data)).Code);
        Assert.Equal(calls + 1, File.ReadLines(folder.File("calls.csv")).Count());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("postgres:///db")]
    [InlineData("Hosst=127.0.0.1")]
    public void What_is_no_database_is_refused_in_words(string text) =>
        Assert.Contains("postgres://USER@HOST:5432/DATABASE is needed", Assert.Throws<FormatException>(() => new PostgresCdrs(text, 0, TimeProvider.System, _said.Add)).Message, StringComparison.Ordinal);

    private PostgresCdrs Open(PostgresServer server) => new(server.Url, long.MaxValue, TimeProvider.System, _said.Add);

    private static async Task<List<string>> PagesAsync(ICdrStore store, CdrQuery query)
    {
        List<string> ids = [];
        CdrQuery at = query;
        do
        {
            CdrPage page = await store.QueryAsync(at, Now, Stop);
            ids.AddRange(page.Cdrs.Select(static c => $"{c.Call} {c.CallerE164} {c.Sale?.Nanos}"));
            ids.Add("page");
            at = at with { After = page.Next };
        }
        while (at.After is not null);
        return ids;
    }

    // Over two and a half days, of every kind.
    private static Cdr Varied(int n) => CdrSamples.Call(n * 360, c =>
    {
        if (n % 3 == 0) c.Answered = Instant.Never;
        if (n % 3 == 0) c.EndReason = n % 2 == 0 ? 486 : 404;
        if (n % 4 == 0) c.Answered = c.Stop - TimeSpan.FromSeconds(n % 9);
        c.EndDirection = (EndDirection)(n % 3);
        if (n % 5 == 0) c.Sale = null;
        if (n % 7 == 0) c.CalleeGateway = "";
        if (n % 11 == 0) c.CallerE164 = "näme\0zero";
        if (n % 13 == 0) c.Sale = c.Sale is null ? null : c.Sale with { Tariff = c.Sale.Tariff with { Currency = Currency.Parse("EUR") } };
    });
}
