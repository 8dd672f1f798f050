using Microsoft.Data.Sqlite;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;
using Tandem.Tests.Server.CdrDelivery;

namespace Tandem.Tests.Server.Storage.Cdrs;

public sealed class CdrStoreTests : IDisposable
{
    private static readonly Instant Now = CdrSamples.Midnight + TimeSpan.FromHours(12);
    private readonly TemporaryFolder _folder = new();
    private readonly HandClock _clock = new();
    private readonly List<string> _warnings = [];

    private string DatabaseFile => _folder["cdr.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_field_comes_back_as_it_was()
    {
        using CdrStore store = Open();
        Cdr cdr = CdrSamples.Call(1);
        store.Take([cdr], 10);
        Cdr? found = await store.FindAsync(cdr.Call, TestContext.Current.CancellationToken);
        Assert.NotNull(found);
        Assert.Equivalent(cdr, found, strict: true);
    }

    [Fact]
    public async Task A_call_made_elsewhere_is_found_by_its_own_number_which_says_nothing_of_its_day()
    {
        using CdrStore store = Open();
        store.Take([CdrSamples.Call(1), CdrSamples.Call(2, static c => c.Call = new CallId(77))], 10);
        Assert.Equal(CdrSamples.Call(2).CallerE164, (await store.FindAsync(new CallId(77), TestContext.Current.CancellationToken))?.CallerE164);
        Assert.Null(await store.FindAsync(new CallId(78), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_call_without_answer_charge_or_called_side_comes_back_so()
    {
        using CdrStore store = Open();
        Cdr cdr = new() { Call = CdrSamples.Call(1).Call, Stop = CdrSamples.Call(1).Stop, Refusal = Refusal.NoRoute, EndReason = -11 };
        store.Take([cdr], 10);
        Cdr? found = await store.FindAsync(cdr.Call, TestContext.Current.CancellationToken);
        Assert.NotNull(found);
        Assert.False(found.WasAnswered);
        Assert.Null(found.Sale);
        Assert.True(found.CalleeAddress.IsNone);
        Assert.Equivalent(cdr, found, strict: true);
    }

    [Fact]
    public async Task The_same_call_twice_is_stored_once_and_the_first_stands()
    {
        using CdrStore store = Open();
        store.Take([CdrSamples.Call(1), CdrSamples.Call(2)], 2);
        store.Take([CdrSamples.Call(2, c => c.EndReason = 486), CdrSamples.Call(3)], 3);
        CdrPage page = await Query(store, new CdrQuery());
        Assert.Equal([3, 2, 1], Seconds(page));
        Assert.All(page.Cdrs, c => Assert.Equal(200, c.EndReason));
    }

    [Fact]
    public void The_position_is_remembered_with_the_rows()
    {
        using (CdrStore store = Open()) store.Take([CdrSamples.Call(1)], 4711);
        using CdrStore again = Open();
        Assert.Equal(4711, again.Position);
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task What_a_killed_writer_had_committed_is_there_and_what_it_had_not_is_not()
    {
        using CdrStore store = Open();
        store.Take([CdrSamples.Call(1)], 1);
        using (var other = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False"))
        {
            other.Open();
            using SqliteTransaction halfway = other.BeginTransaction();
            using SqliteCommand remember = other.CreateCommand();
            remember.CommandText = "UPDATE consumer SET position = 99";
            remember.ExecuteNonQuery();
            // the files as a kill leaves them: a transaction that never committed
            foreach (string part in (string[])["", "-wal"]) File.Copy(DatabaseFile + part, _folder["copy.db" + part]);
        }
        using CdrStore copy = CdrStore.Open(_folder["copy.db"], 10_000, _clock, _warnings.Add);
        Assert.Equal(1, copy.Position);
        Assert.Single((await Query(copy, new CdrQuery())).Cdrs);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_overlap_even_when_many_calls_end_at_once()
    {
        using CdrStore store = Open();
        store.Take([.. Enumerable.Range(1, 25).Select(n => CdrSamples.Call(n, c => c.Stop = CdrSamples.Midnight + TimeSpan.FromSeconds(n / 10)))], 25);
        var seen = new List<CallId>();
        CdrCursor? after = null;
        int pages = 0;
        do
        {
            CdrPage page = await Query(store, new CdrQuery { Limit = 4, After = after });
            seen.AddRange(page.Cdrs.Select(c => c.Call));
            after = page.Next;
            pages++;
        }
        while (after is not null && pages < 100);
        Assert.Equal(7, pages);
        Assert.Equal(25, seen.Distinct().Count());
        Assert.Equal(25, seen.Count);
    }

    [Fact]
    public async Task Each_filter_leaves_only_what_it_names()
    {
        using CdrStore store = Open();
        store.Take(
            [
                CdrSamples.Call(1),
                CdrSamples.Call(2),
                CdrSamples.Call(3, c => { c.Answered = Instant.Never; c.EndReason = 486; c.Sale = null; c.Cost = null; }),
                CdrSamples.Call(4, c => { c.CalleeGateway = "carrier-2"; c.CallerE164 = "33123"; c.CalleeE164 = "4930123"; }),
            ], 4);
        await Shows([4, 2], new CdrQuery { Gateway = "even" });
        await Shows([4], new CdrQuery { Gateway = "carrier-2" });
        await Shows([4, 2, 1], new CdrQuery { Account = "1001" });
        await Shows([4, 2, 1], new CdrQuery { Account = "9001" });
        await Shows([4], new CdrQuery { CallerPrefix = "33" });
        await Shows([4], new CdrQuery { CalleePrefix = "49" });
        await Shows([3, 2, 1], new CdrQuery { CalleePrefix = "44" });
        await Shows([3], new CdrQuery { Answered = false });
        await Shows([4, 2, 1], new CdrQuery { Answered = true });
        await Shows([3], new CdrQuery { EndReason = 486 });
        await Shows([2], new CdrQuery { Since = CdrSamples.Call(2).Stop, Until = CdrSamples.Call(3).Stop });
        await Shows([], new CdrQuery { Account = "x' OR '1'='1" });

        async Task Shows(int[] seconds, CdrQuery query) => Assert.Equal(seconds, Seconds(await Query(store, query)));
    }

    [Fact]
    public async Task A_rare_and_a_frequent_number_have_their_pages_in_the_order_of_time_by_whichever_index_is_taken()
    {
        using CdrStore store = Open();
        Cdr[] calls = [.. Enumerable.Range(1, 5_000).Select(static n => CdrSamples.Call(n, c =>
        {
            c.Stop = CdrSamples.Midnight + TimeSpan.FromSeconds(n * 7919 % 80_000);
            c.CalleeE164 = n % 100 == 0 ? $"4930{n}" : $"4420{n}";
            c.CallerE164 = n % 250 == 0 ? $"33{n}" : $"1{n}";
        }))];
        store.Take(calls, calls.Length);
        foreach (CdrQuery query in (CdrQuery[])[new() { CalleePrefix = "49" }, new() { CalleePrefix = "44" }, new() { CallerPrefix = "33" }, new() { CallerPrefix = "1" }, new() { CalleePrefix = "49", CallerPrefix = "33" }, new() { CalleePrefix = "7" }])
        {
            List<CallId> found = [];
            CdrCursor? after = null;
            do
            {
                CdrPage page = await Query(store, query with { Since = CdrSamples.Midnight, Until = CdrSamples.Midnight + TimeSpan.FromDays(1), Limit = 700, After = after });
                found.AddRange(page.Cdrs.Select(static c => c.Call));
                after = page.Next;
            }
            while (after is not null);
            Assert.Equal(calls.Where(c => c.CalleeE164.StartsWith(query.CalleePrefix ?? "", StringComparison.Ordinal) && c.CallerE164.StartsWith(query.CallerPrefix ?? "", StringComparison.Ordinal))
                .OrderByDescending(static c => c.Stop).ThenByDescending(static c => c.Call.Value).Select(static c => c.Call), found);
        }
    }

    [Fact]
    public async Task Calls_of_several_days_are_one_list_and_each_day_has_a_table_of_its_own()
    {
        using CdrStore store = Open();
        store.Take([CdrSamples.Call(1), Day(2, 1), Day(3, 2)], 3);
        CdrPage first = await Query(store, new CdrQuery { Since = CdrSamples.Midnight, Until = CdrSamples.Midnight + TimeSpan.FromDays(4), Limit = 2 });
        Assert.Equal([Day(3, 2).Call, Day(2, 1).Call], first.Cdrs.Select(static c => c.Call));
        CdrPage second = await Query(store, new CdrQuery { Since = CdrSamples.Midnight, Until = CdrSamples.Midnight + TimeSpan.FromDays(4), Limit = 2, After = first.Next });
        Assert.Equal([CdrSamples.Call(1).Call], second.Cdrs.Select(static c => c.Call));
        Assert.Null(second.Next);
        Assert.Equal(["cdr_20260426", "cdr_20260427", "cdr_20260428"], Names("table", "cdr_2"));
        Assert.Equal(3L, Scalar("SELECT count(*) FROM cdr"));
    }

    [Fact]
    public async Task Forgotten_days_are_gone_with_their_sums_and_the_others_stay()
    {
        using CdrStore store = Open();
        store.Take([CdrSamples.Call(1), Day(2, 1), Day(3, 2)], 3);
        store.ForgetBefore(CdrSamples.Midnight + TimeSpan.FromDays(2));
        store.Turn(Now, caughtUp: true);
        Assert.Equal(3, store.Position);
        Assert.Null(await store.FindAsync(CdrSamples.Call(1).Call, TestContext.Current.CancellationToken));
        Assert.NotNull(await store.FindAsync(Day(3, 2).Call, TestContext.Current.CancellationToken));
        Assert.Equal(1L, Scalar("SELECT sum(calls) FROM cdr_hours"));
        store.Take([Day(4, 2)], 4);
        Assert.Equal(2L, Scalar("SELECT count(*) FROM cdr"));
    }

    [Fact]
    public async Task Sums_of_whole_hours_and_of_calls_one_by_one_are_the_same()
    {
        using CdrStore store = Open();
        store.Take([.. Enumerable.Range(1, 300).Select(static n => CdrSamples.Call(n, c =>
        {
            if (n % 3 == 0) (c.Answered, c.Sale, c.Cost, c.EndReason) = (Instant.Never, null, null, 486);
        }))], 300);
        store.Take([CdrSamples.Call(7)], 301); // once more: counted once
        CdrQuery hours = new() { Since = CdrSamples.Midnight, Until = CdrSamples.Midnight + TimeSpan.FromHours(1) };
        CdrQuery rows = hours with { CalleePrefix = "44" };
        CdrSums a = await store.SumAsync(hours, Now, TestContext.Current.CancellationToken), b = await store.SumAsync(rows, Now, TestContext.Current.CancellationToken);
        Assert.Equal((300, 200, 200 * 20_000), (a.Calls, a.Answered, a.HoldMillis));
        long nanos = Enumerable.Range(1, 300).Where(static n => n % 3 != 0).Sum(static n => 7_000_000L + n);
        Assert.Equal(new CurrencySum(200 * 30, nanos, nanos, 0, 0), a.ByCurrency["USD"]);
        Assert.Equivalent(a, b, strict: true);
        Assert.Equal(100, (await store.SumAsync(hours with { EndReason = 486 }, Now, TestContext.Current.CancellationToken)).Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Profit_is_the_sale_less_agents_less_cost_or_less_cost_alone_and_unknown_with_a_cost_in_another_currency(bool byRows)
    {
        using CdrStore store = Open();
        CallCharge Of(long nanos, string currency, long income = 0) => new() { AccountNumber = "1", Tariff = new Tariff(1, 0, 1, 1, Currency.Parse(currency)), Nanos = nanos, IncomeNanos = income };
        Cdr Paid(int n, long sale, long cost, string currency, string costCurrency, params long[] incomes) => CdrSamples.Call(n, c => (c.Sale, c.Cost, c.Further) = (Of(sale, currency), Of(cost, costCurrency), [.. incomes.Select(i => Of(sale - i, currency, i))]));
        store.Take([Paid(1, 100, 60, "USD", "USD", 10, 5), Paid(2, 50, 60, "USD", "USD"), Paid(3, 100, 60, "EUR", "USD", 10), CdrSamples.Call(4, static c => (c.Sale, c.Cost) = (null, null))], 4);
        CdrQuery query = new() { Since = CdrSamples.Midnight, Until = CdrSamples.Midnight + TimeSpan.FromHours(1) };
        CdrSums sums = await store.SumAsync(byRows ? query with { CalleePrefix = "4" } : query, Now, TestContext.Current.CancellationToken);
        CurrencySum usd = sums.ByCurrency["USD"], eur = sums.ByCurrency["EUR"];
        Assert.Equal((150, 120, 15, 0), (usd.SaleNanos, usd.CostNanos, usd.AgentNanos, usd.ForeignCosts));
        Assert.Equal((15L, 30L), (usd.Profit(ProfitFormula.SaleLessAgentsLessCost), usd.Profit(ProfitFormula.SaleLessCost)));
        Assert.Equal((10, 1), (eur.AgentNanos, eur.ForeignCosts));
        Assert.Null(eur.Profit(ProfitFormula.SaleLessAgentsLessCost));
        Assert.Null(eur.Profit(ProfitFormula.SaleLessCost));
    }

    [Fact]
    public async Task Duration_amount_and_who_hung_up_can_be_asked_for()
    {
        using CdrStore store = Open();
        store.Take([CdrSamples.Call(1, static c => c.Answered = c.Stop - TimeSpan.FromMilliseconds(5_900)), CdrSamples.Call(2, static c => c.EndDirection = EndDirection.Server), CdrSamples.Call(3)], 3);
        await Found([1], new CdrQuery { MaxSeconds = 5 });
        await Found([3, 2], new CdrQuery { MinSeconds = 6 });
        await Found([2], new CdrQuery { EndDirection = EndDirection.Server });
        await Found([3], new CdrQuery { MinAmountNanos = 7_000_003 });
        await Found([1], new CdrQuery { MaxAmountNanos = 7_000_001 });
        await Found([3, 1], new CdrQuery { CallerGateway = "odd" });
        await Found([], new CdrQuery { CalleeGateway = "odd" });

        async Task Found(int[] seconds, CdrQuery query) => Assert.Equal(seconds, Seconds(await Query(store, query)));
    }

    [Fact]
    public async Task Analysis_counts_by_what_it_is_asked_and_finds_patterns()
    {
        using CdrStore store = Open();
        // "odd": fifty short calls hung up by the called end; "even": a third ended by the server.
        store.Take([.. Enumerable.Range(1, 100).Select(static n => CdrSamples.Call(n, c =>
        {
            c.EndDirection = n % 2 == 1 ? EndDirection.Callee : n % 6 == 0 ? EndDirection.Server : EndDirection.Caller;
            if (n % 2 == 1) c.Answered = c.Stop - TimeSpan.FromSeconds(3);
            if (n % 10 == 0) (c.Answered, c.EndReason) = (Instant.Never, 503);
        }))], 100);
        Instant until = CdrSamples.Midnight + TimeSpan.FromHours(1);
        IReadOnlyList<CdrAnalysisRow> all = await store.AnalyseAsync(new CdrAnalysis(AnalysisBy.CallerGateway, CdrSamples.Midnight, until, 1, FraudPattern.None), TestContext.Current.CancellationToken);
        CdrAnalysisRow odd = all.Single(static r => r.Key == "odd"), even = all.Single(static r => r.Key == "even");
        Assert.Equal((50, 50, 50, 100.0, 3.0, 0.9, 100.0), (odd.Calls, odd.Answered, odd.ShortCalleeHangUps, odd.Asr, odd.Acd, odd.Pdd!.Value, odd.Ner));
        Assert.Equal((50, 40, 0, 80.0, 20.0, 80.0, 16), (even.Calls, even.Answered, even.ShortCalls, even.Asr, even.Acd, even.Ner, even.EndedByServer));
        Assert.Equal(["odd"], await Keys(FraudPattern.ShortCalleeHangUps));
        Assert.Equal(["even"], await Keys(FraudPattern.ServerHangUps));
        Assert.Equal(["2026-04-26T00:00Z"], (await store.AnalyseAsync(new CdrAnalysis(AnalysisBy.Hour, CdrSamples.Midnight, until, 1, FraudPattern.None), TestContext.Current.CancellationToken)).Select(static r => r.Key));

        async Task<IEnumerable<string>> Keys(FraudPattern pattern) =>
            (await store.AnalyseAsync(new CdrAnalysis(AnalysisBy.CallerGateway, CdrSamples.Midnight, until, 20, pattern), TestContext.Current.CancellationToken)).Select(static r => r.Key);
    }

    private static Cdr Day(int day, int n) => CdrSamples.Call(n, c =>
    {
        TimeSpan later = TimeSpan.FromDays(day - 1);
        (c.Start, c.Answered, c.Stop) = (c.Start + later, c.Answered + later, c.Stop + later);
        c.Call = CallId.Mint(c.Start, 0, n);
    });

    private object? Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private List<string> Names(string type, string begin)
    {
        using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT name FROM sqlite_schema WHERE type = '{type}' AND name LIKE '{begin}%' ORDER BY name";
        using SqliteDataReader reader = command.ExecuteReader();
        List<string> names = [];
        while (reader.Read()) names.Add(reader.GetString(0));
        return names;
    }

    [Fact]
    public void A_query_beyond_the_settings_is_refused_in_words()
    {
        var limits = new QuerySettings { OnePageSize = 50, MaxDayInterval = 2 };
        Assert.Empty(new CdrQuery { Limit = 50, Since = Now - TimeSpan.FromDays(2) }.Faults(limits, Now));
        Assert.Equal("limit: must be 1 to 50 (SERVER_QUERY_ONE_PAGE_SIZE)", One(new CdrQuery { Limit = 51 }));
        Assert.Equal("limit: must be 1 to 50 (SERVER_QUERY_ONE_PAGE_SIZE)", One(new CdrQuery { Limit = 0 }));
        Assert.Equal("since: the range may be at most 2 days (SERVER_QUERY_CDR_MAX_DAY_INTERVAL)", One(new CdrQuery { Since = Now - TimeSpan.FromDays(3) }));
        Assert.Equal("until: must be later than 'since'", One(new CdrQuery { Since = Now, Until = Now }));

        string One(CdrQuery query) => Assert.Single(query.Faults(limits, Now)).ToString();
    }

    [Fact]
    public void A_cursor_reads_back_and_anything_else_is_none()
    {
        var cursor = new CdrCursor(Now, CdrSamples.Call(3).Call);
        Assert.True(CdrCursor.TryParse(cursor.ToString(), out CdrCursor read));
        Assert.Equal(cursor, read);
        foreach (string none in (string[])["", ".", "12", "x.0000000000000", "12.short", "12.0000000000000.1"]) Assert.False(CdrCursor.TryParse(none, out _));
    }

    [Fact]
    public void The_database_is_for_its_owner_alone()
    {
        using CdrStore store = Open();
        store.Take([CdrSamples.Call(1)], 1);
        foreach (string part in (string[])["", "-wal", "-shm"])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(DatabaseFile + part));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_moved_aside_and_built_again()
    {
        File.WriteAllText(DatabaseFile, new string('x', 8192));
        using CdrStore store = Open();
        Assert.Equal(0, store.Position);
        Assert.Contains("is damaged: it was moved to cdr.db.aside-20260426T120000Z and is built again from the journal", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.True(File.Exists(DatabaseFile + ".aside-20260426T120000Z"));
        store.Take([CdrSamples.Call(1)], 1);
        Assert.Single((await Query(store, new CdrQuery())).Cdrs);
    }

    [Fact]
    public void A_database_of_another_version_is_moved_aside_and_built_again()
    {
        using (CdrStore store = Open()) store.Take([CdrSamples.Call(1)], 1);
        Execute("PRAGMA user_version = 0");
        using CdrStore again = Open();
        Assert.Equal(0, again.Position);
        Assert.Contains($"has version 0 of its tables, this program needs {CdrSchema.Version}", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_lost_a_table_is_moved_aside_and_built_again()
    {
        Open().Dispose();
        Execute("DROP TABLE consumer");
        using CdrStore again = Open();
        Assert.Equal(0, again.Position);
        Assert.Single(_warnings);
    }

    [Fact]
    public async Task Damage_found_by_a_question_is_mended_by_the_writer_and_everything_comes_again()
    {
        using (CdrStore store = Open()) store.Take([.. Enumerable.Range(1, 400).Select(n => CdrSamples.Call(n))], 400);
        using (FileStream file = File.OpenWrite(DatabaseFile))
        {
            file.Position = 4096 * 3;
            file.Write(Enumerable.Repeat((byte)0xee, (int)(file.Length - file.Position)).ToArray());
        }
        using CdrStore damaged = Open();
        if (damaged.Position != 0) // opening may have seen it already
        {
            IOException refused = await Assert.ThrowsAsync<IOException>(() => Query(damaged, new CdrQuery { Limit = 400 }));
            Assert.Contains("is being built again from the journal", refused.Message, StringComparison.Ordinal);
            Assert.Throws<IOException>(() => damaged.Take([CdrSamples.Call(401)], 401));
        }
        Assert.Equal(0, damaged.Position);
        damaged.Take([CdrSamples.Call(1)], 1);
        Assert.Single((await Query(damaged, new CdrQuery())).Cdrs);
        Assert.Single(_warnings);
    }

    [Fact]
    public void A_database_ahead_of_the_journal_is_built_again()
    {
        using (CdrStore store = Open()) store.Take([CdrSamples.Call(1)], 500);
        using var again = CdrStore.Open(DatabaseFile, 499, _clock, _warnings.Add);
        Assert.Equal(0, again.Position);
        Assert.Contains("was built up to journal position 500, but the journal ends at 499", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_said_in_one_sentence()
    {
        File.WriteAllText(_folder["file"], "");
        IOException refused = Assert.Throws<IOException>(() => CdrStore.Open(_folder["file/cdr.db"], 10_000, _clock, _warnings.Add));
        Assert.NotEmpty(refused.Message);
    }

    private static int[] Seconds(CdrPage page) => [.. page.Cdrs.Select(c => (int)(c.Stop - CdrSamples.Midnight).TotalSeconds)];

    private static Task<CdrPage> Query(CdrStore store, CdrQuery query) => store.QueryAsync(query, Now, TestContext.Current.CancellationToken);

    private CdrStore Open() => CdrStore.Open(DatabaseFile, 10_000, _clock, _warnings.Add);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
