using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Cli;
using Tandem.Server.Hosting;
using Tandem.Tests.Server.Api;
using Tandem.Tests.Server.CdrDelivery;

namespace Tandem.Tests.Server.Cli;

public sealed class CommandLineTests : IAsyncLifetime
{
    private readonly List<RunRequest> _runs = [];
    private ApiInMemory _api = null!;
    private CheckView _offline = new(true, 99, 12, 3, 0, []);
    private string? _checkedFolder;

    public async ValueTask InitializeAsync() => _api = await ApiInMemory.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Without_arguments_it_says_how_it_is_used()
    {
        Typed typed = await RunAsync();
        Assert.Equal(0, typed.Code);
        foreach (string verb in (string[])["run", "demo", "apply", "calls", "cdr", "why", "route", "what-if", "pay", "deck", "accounts", "settings", "gateways", "quality", "trunks", "registrations", "blocked", "blacklist", "lrn", "check", "drop", "status"])
            Assert.Contains($"  {verb} ", typed.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_manual_lists_every_verb_and_every_option_of_run()
    {
        string manual = await File.ReadAllTextAsync(Checkout.Path("docs", "cli.md"), TestContext.Current.CancellationToken);
        string help = (await RunAsync()).Out;
        string[] verbs = [.. help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1).Where(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => l.Trim().Split(' ')[0])];
        Assert.True(verbs.Length > 30, help);
        Assert.All(verbs, verb => Assert.Contains($"`tandem {verb}", manual, StringComparison.Ordinal));
        string run = (await RunAsync("run", "--help")).Out;
        string[] options = [.. run.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("--", StringComparison.Ordinal)).Select(l => l.Split(' ')[0])];
        Assert.Contains("--advertise", options);
        Assert.All(options, option => Assert.Contains(option, manual, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("why")]
    [InlineData("route", "44")]
    [InlineData("pay", "1001")]
    [InlineData("calls", "--nonsense")]
    [InlineData("deck", "import", "file.csv", "--name", "x")]
    [InlineData("run", "--sip", "nonsense")]
    [InlineData("run", "--set", "NONSENSE")]
    [InlineData("run", "--shards", "0")]
    [InlineData("run", "--shards", "many")]
    [InlineData("run", "--cdr-keep", "0")]
    [InlineData("cdr", "export")]
    [InlineData("run", "--sip", "0.0.0.0:5060")]
    [InlineData("run", "--data", "")]
    [InlineData("calls", "--data", "")]
    public async Task Wrong_use_is_one_sentence_and_code_2(params string[] args)
    {
        Typed typed = await RunAsync(args);
        Assert.Equal(2, typed.Code);
        Assert.Equal("", typed.Out);
        Assert.StartsWith("tandem: ", Assert.Single(typed.Err.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.Empty(_runs);
    }

    [Fact]
    public async Task Run_hands_its_options_to_the_host()
    {
        Typed typed = await RunAsync(
            "run", "--data", "/somewhere", "--sip", "192.0.2.1:5070", "--sip", "[2001:db8::1]", "--http", "127.0.0.1:9090", "--media", "192.0.2.2",
            "--advertise", "198.51.100.1", "--set", "SS_CDR_RECORD_TO_FILE=On", "--set", "SS_SIP_AUTHENTICATION_REALM=a=b", "--shards", "4", "--demo", "--cdr-database", "postgres://tandem@192.0.2.30/calls", "--cdr-keep", "90", "--cdr-archive", "/archive");
        Assert.Equal(0, typed.Code);
        RunRequest run = Assert.Single(_runs);
        Assert.Equal("/somewhere", run.Switch.DataFolder);
        Assert.Equal(["192.0.2.1:5070", "[2001:db8::1]:5060"], run.Switch.Sip.Select(s => s.ToString()));
        Assert.Equal("127.0.0.1:9090", run.Http.ToString());
        Assert.Equal("192.0.2.2", run.Switch.Media.Single().Bind.HostString());
        Assert.Equal("198.51.100.1", run.Switch.Advertise.Single().HostString());
        Assert.Equal([("SS_CDR_RECORD_TO_FILE", "On"), ("SS_SIP_AUTHENTICATION_REALM", "a=b")], run.Switch.Settings);
        Assert.Equal(4, run.Switch.Shards);
        Assert.True(run.Demo);
        Assert.Equal(("postgres://tandem@192.0.2.30/calls", 90, "/archive"), (run.Switch.CdrDatabase, run.Switch.CdrKeepDays, run.Switch.CdrArchive));
    }

    [Fact]
    public async Task Run_listens_on_loopback_unless_told_otherwise()
    {
        await RunAsync("run");
        RunRequest run = Assert.Single(_runs);
        Assert.Equal("127.0.0.1:5060", run.Switch.Sip.Single().ToString());
        Assert.Equal("127.0.0.1:8080", run.Http.ToString());
        Assert.False(run.Demo);
    }

    [Fact]
    public async Task A_host_that_cannot_start_is_one_sentence_and_code_1()
    {
        var verbs = Local() with { Run = static (_, _, _) => throw new StartRefusedException("--set X=1: there is no setting X.") };
        Typed typed = await RunAsync(verbs, "run");
        Assert.Equal(1, typed.Code);
        Assert.Equal("tandem: --set X=1: there is no setting X\n", typed.Err);
    }

    [Fact]
    public async Task Demo_answers_with_its_own_code()
    {
        Assert.Equal(0, (await RunAsync("demo")).Code);
        Assert.Equal(1, (await RunAsync(Local() with { Demo = static (_, _) => Task.FromResult(1) }, "demo")).Code);
    }

    [Fact]
    public async Task Apply_says_what_changed_or_each_error_with_its_line()
    {
        string file = Path.Combine(_api.Folder, "document.json");
        await File.WriteAllTextAsync(file, "{}", TestContext.Current.CancellationToken);
        Assert.Equal("account 1001 added: USD, credit limit 5.00\nrevision 8\n", (await AskAsync("apply", file)).Out);
        Assert.Equal("account 1001 would be added: USD, credit limit 5.00\ndry run: revision 8 stays\n", (await AskAsync("apply", file, "--dry-run")).Out);

        await File.WriteAllTextAsync(file, "{\n\"nonsense\":1}", TestContext.Current.CancellationToken);
        Typed refused = await AskAsync("apply", file);
        Assert.Equal(1, refused.Code);
        Assert.Equal("tandem: 1 error in the document\n  line 2, nonsense: there is no such field\n", refused.Err);
        Assert.Equal("", refused.Out);

        Typed missing = await AskAsync("apply", "/nowhere/document.json");
        Assert.Equal(1, missing.Code);
        Assert.StartsWith("tandem: the file /nowhere/document.json cannot be read: ", missing.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_are_listed_and_dropped()
    {
        string id = SwitchInMemory.LiveCall.ToString();
        string calls = (await AskAsync("calls")).Out;
        Assert.Contains(id, calls, StringComparison.Ordinal);
        Assert.Contains("carrier-1", calls, StringComparison.Ordinal);
        Assert.Equal($"call {id} is being ended\n", (await AskAsync("drop", id)).Out);
        Assert.Equal("no call is in progress\n", (await AskAsync("calls")).Out);
        Typed again = await AskAsync("drop", id);
        Assert.Equal(1, again.Code);
        Assert.Equal($"tandem: no call {id} is in progress\n", again.Err);
    }

    [Fact]
    public async Task Cdrs_are_listed_by_filter_and_shown_one_by_one()
    {
        Typed list = await AskAsync("cdr", "--since", "2026-04-26", "--gateway", "even", "--answered", "true");
        Assert.Equal(0, list.Code);
        Assert.Contains("12125550004", list.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("12125550003", list.Out, StringComparison.Ordinal);
        Typed paged = await AskAsync("cdr", "--since", "2026-04-26", "--limit", "2");
        Assert.Contains("more: --cursor ", paged.Out, StringComparison.Ordinal);
        string one = (await AskAsync("cdr", CdrSamples.Call(1).Call.ToString())).Out;
        Assert.Contains("sale.amount: 0.007000001\n", one, StringComparison.Ordinal);
        Assert.Equal("no call ended then\n", (await AskAsync("cdr", "--account", "2002")).Out);
        Typed refused = await AskAsync("cdr", "--limit", "5");
        Assert.Equal("tandem: limit: must be 1 to 4 (SERVER_QUERY_ONE_PAGE_SIZE)\n", refused.Err);
    }

    [Fact]
    public async Task Sums_and_analysis_of_cdrs_are_tables_and_their_refusals_sentences()
    {
        string list = (await AskAsync("cdr", "list", "--since", "2026-04-26", "--hung-up", "1", "--min-seconds", "20", "--caller-gateway", "odd")).Out;
        Assert.Contains("12125550003", list, StringComparison.Ordinal);
        Assert.DoesNotContain("12125550004", list, StringComparison.Ordinal);
        string sums = (await AskAsync("cdr", "sums", "--since", "2026-04-26")).Out;
        Assert.StartsWith("6 calls, 5 answered, 1.67 minutes of talk\n", sums, StringComparison.Ordinal);
        Assert.Contains("0.035000015", sums, StringComparison.Ordinal);
        string analysis = (await AskAsync("cdr", "analyse", "callerGateway", "--since", "2026-04-26")).Out;
        Assert.Contains("even", analysis, StringComparison.Ordinal);
        Assert.Contains("ASR %", analysis, StringComparison.Ordinal);
        Assert.Equal("no call is among them\n", (await AskAsync("cdr", "analyse", "--since", "2026-04-26", "--pattern", "serverHangUps")).Out);
        Typed refused = await AskAsync("cdr", "analyse", "weather");
        Assert.Equal((1, "tandem: by: 'weather' is none of callerGateway, calleeGateway, customer, destination, hour, endReason, day\n"), (refused.Code, refused.Err));
        Typed wide = await AskAsync("cdr", "sums", "--since", "2026-04-01");
        Assert.Contains("SERVER_QUERY_CDR_MAX_DAY_INTERVAL", wide.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_is_a_whole_file_or_none()
    {
        string file = Path.Combine(_api.Folder, "calls.csv");
        Typed done = await AskAsync("cdr", "export", file, "--since", "2026-04-26", "--mask");
        Assert.Equal((0, $"6 calls in {file}\n"), (done.Code, done.Out));
        string[] lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        Assert.Equal(7, lines.Length);
        Assert.Contains("1212555****", lines[1], StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        string sheet = Path.Combine(_api.Folder, "calls.xlsx");
        Assert.Equal(0, (await AskAsync("cdr", "export", sheet, "--since", "2026-04-26")).Code);
        Assert.Equal("PK"u8.ToArray(), (await File.ReadAllBytesAsync(sheet, TestContext.Current.CancellationToken))[..2]);

        Typed ending = await AskAsync("cdr", "export", "calls.pdf");
        Assert.Equal("tandem: 'calls.pdf' ends neither in .csv nor in .xlsx\n", ending.Err);
        string nowhere = Path.Combine(_api.Folder, "nowhere", "calls.csv");
        Typed refused = await AskAsync("cdr", "export", nowhere, "--since", "2026-04-26");
        Assert.Equal(1, refused.Code);
        Assert.StartsWith($"tandem: the file {nowhere} cannot be written", refused.Err, StringComparison.Ordinal);
        Typed wide = await AskAsync("cdr", "export", Path.Combine(_api.Folder, "wide.csv"), "--since", "2026-04-01");
        Assert.Contains("SERVER_QUERY_CDR_MAX_DAY_INTERVAL", wide.Err, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_api.Folder, "*.part"));
        Assert.False(File.Exists(Path.Combine(_api.Folder, "wide.csv")));
    }

    [Fact]
    public async Task Rebuilding_text_files_needs_a_journal_and_hours_that_are_hours()
    {
        Assert.Equal($"tandem: there is no journal in {_api.Folder}; --data says where it is\n", (await AskAsync("cdr", "rebuild")).Err);
        Directory.CreateDirectory(Path.Combine(_api.Folder, "journal"));
        Assert.Equal("tandem: '2026' is no hour: it is written as in 2026042612\n", (await AskAsync("cdr", "rebuild", "--from", "2026")).Err);
        Assert.Equal("tandem: --from is later than --to\n", (await AskAsync("cdr", "rebuild", "--from", "2026042612", "--to", "2026042611")).Err);
        Assert.Equal($"0 lines in 0 files in {Path.Combine(_api.Folder, "cdr")}\n", (await AskAsync("cdr", "rebuild")).Out);
    }

    [Fact]
    public async Task Why_prints_decisions_ladder_and_price()
    {
        Typed why = await AskAsync("why", CdrSamples.Call(2).Call.ToString());
        Assert.Equal(0, why.Code);
        Assert.Contains("finished", why.Out, StringComparison.Ordinal);
        Assert.Contains("SIP ladder", why.Out, StringComparison.Ordinal);
        Assert.Equal(1, (await AskAsync("why", "0000000000000")).Code);
    }

    [Fact]
    public async Task Route_shows_price_and_candidates_with_their_reasons()
    {
        Typed route = await AskAsync("route", "442079460001", "--from", "cust-a");
        Assert.Contains("account 1001 pays 0.015", route.Out, StringComparison.Ordinal);
        Assert.Contains("identified  The caller is cust-a", route.Out, StringComparison.Ordinal);
        Assert.Equal(1, (await AskAsync("route", "44", "--from", "cust-a", "--at", "2019-01-01T00:00:00Z")).Code);
        Assert.Contains("ShadowedByLongerPrefix", route.Out, StringComparison.Ordinal);
        Assert.Contains("refused with 404", (await AskAsync("route", "999", "--from", "cust-a")).Out, StringComparison.Ordinal);
        Assert.Equal("tandem: 'nobody' is no mapping gateway and no phone\n", (await AskAsync("route", "44", "--from", "nobody")).Err);
    }

    [Fact]
    public async Task Pay_books_once_per_id()
    {
        Assert.Equal("payment p1 of 5.00 USD to account 1001 is booked; the balance is 15.00\n", (await AskAsync("pay", "1001", "5", "--id", "p1")).Out);
        Assert.Equal("payment p1 of 5.00 USD to account 1001 had been booked before; the balance was then 15.00\n", (await AskAsync("pay", "1001", "5", "--id", "p1")).Out);
        Assert.Equal(1, (await AskAsync("pay", "1001", "6", "--id", "p1")).Code);
        Assert.Contains("the balance is 13.00", (await AskAsync("pay", "--", "1001", "-2")).Out, StringComparison.Ordinal);
        Assert.Equal("tandem: amount: 'lots' is no amount: 12.50 is needed, with at most nine decimals\n", (await AskAsync("pay", "1001", "lots")).Err);
    }

    [Fact]
    public async Task Decks_are_imported_and_listed()
    {
        string file = Path.Combine(_api.Folder, "deck.csv");
        await File.WriteAllTextAsync(file, "prefix,rate_per_min\n44,0.01\n", TestContext.Current.CancellationToken);
        Assert.Equal("deck retail: 1 rates, 1 added, 0 changed, 0 removed; version ab12, revision 7\n", (await AskAsync("deck", "import", file, "--name", "retail", "--currency", "USD")).Out);
        await File.WriteAllTextAsync(file, "prefix,rate_per_min\n44,bad\n", TestContext.Current.CancellationToken);
        Assert.Equal("tandem: 1 errors in the deck\n  line 2, rate_per_min: 'bad' is no rate\n", (await AskAsync("deck", "import", file, "--name", "retail", "--currency", "USD")).Err);
        Assert.Contains("retail", (await AskAsync("deck", "list")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_if_waits_for_the_answer_and_shows_it_as_tables_or_json()
    {
        string file = Path.Combine(_api.Folder, "what-if.json");
        await File.WriteAllTextAsync(file, "{}", TestContext.Current.CancellationToken);
        Typed typed = await AskAsync("what-if", file, "--days", "1");
        Assert.Equal(0, typed.Code);
        Assert.Contains("1 would go to another gateway, 0 would not be carried any more, 0 would be carried newly", typed.Out, StringComparison.Ordinal);
        Assert.Contains("when they were made they came to 0.62 − 0.30 = 0.32 USD", typed.Out, StringComparison.Ordinal);
        Assert.Matches(@"carrier-1 +USD +2 +2 +1 +0\.62 +0\.62 +0\.30 +0\.25 +0\.32 +0\.37 +0\.05", typed.Out);
        Assert.Equal("0.05", (string?)JsonNode.Parse((await AskAsync("what-if", file, "--days", "1", "--json")).Out)!["totals"]![0]!["marginChange"]);
        Assert.Equal(1, (await AskAsync("what-if", file, "--days", "400")).Code);
        Assert.Equal(1, (await AskAsync("what-if", file, "--days", "1", "--deck", "sale")).Code); // without its currency
    }

    [Fact]
    public async Task Accounts_registrations_and_status_are_shown()
    {
        Assert.Contains("14.97", (await AskAsync("accounts")).Out, StringComparison.Ordinal);
        Assert.Contains("available: 14.97\n", (await AskAsync("accounts", "1001")).Out, StringComparison.Ordinal);
        string gateways = (await AskAsync("gateways")).Out;
        Assert.Contains("udp 203.0.113.1:5060", gateways, StringComparison.Ordinal);
        Assert.Contains("carrier-two: nowhere.example did not resolve: NXDOMAIN since 2026-03-01 03:12 UTC.", gateways, StringComparison.Ordinal);
        Assert.Contains("403 Forbidden from 203.0.113.1:5060", (await AskAsync("trunks")).Out, StringComparison.Ordinal);
        Assert.Contains("sip:2001@192.0.2.77:5060", (await AskAsync("registrations")).Out, StringComparison.Ordinal);
        Assert.Contains("new calls are accepted", (await AskAsync("status")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_shown_changed_and_their_history_kept()
    {
        Assert.Contains("SS_SIP_TIMEOUT_INVITE", (await AskAsync("settings")).Out, StringComparison.Ordinal);
        Assert.Contains("value: 10\n", (await AskAsync("settings", "SS_SIP_TIMEOUT_INVITE")).Out, StringComparison.Ordinal);
        Assert.Equal("SS_SIP_TIMEOUT_INVITE = 15 (takes effect: next call)\n", (await AskAsync("settings", "SS_SIP_TIMEOUT_INVITE", "15")).Out);
        Assert.Contains("admin", (await AskAsync("settings", "SS_SIP_TIMEOUT_INVITE", "--history")).Out, StringComparison.Ordinal);
        Typed refused = await AskAsync("settings", "SS_SIP_TIMEOUT_INVITE", "0");
        Assert.Equal(1, refused.Code);
        Assert.StartsWith("tandem: SS_SIP_TIMEOUT_INVITE must be 1 to 600 s; '0' is not\n", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_journal_tells_how_far_it_and_its_readers_are()
    {
        string told = (await AskAsync("journal")).Out;
        Assert.StartsWith("position 4711, written to 4700, durable to 4600, snapshot of 4000\nsealed to 4500: 00ff\n", told, StringComparison.Ordinal);
        Assert.Contains("the CDR database", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_fails_when_anything_differs()
    {
        Assert.Equal("everything agrees: 99 records, 1 accounts, 1 open calls, journal position 4711\n", (await AskAsync("check")).Out);
        _api.Switch.Agrees = false;
        Typed differs = await AskAsync("check");
        Assert.Equal(1, differs.Code);
        Assert.Contains("balance 9.00 expected, 10.00 found", differs.Out, StringComparison.Ordinal);
        Assert.Null(_checkedFolder);
    }

    [Fact]
    public async Task Check_reads_the_journal_itself_when_no_switch_answers()
    {
        Typed offline = await RunAsync("check", "--url", "http://127.0.0.1:1", "--data", _api.Folder);
        Assert.Equal(0, offline.Code);
        Assert.Equal(_api.Folder, _checkedFolder);
        _offline = _offline with { Passed = false, Differences = ["record at 4096 does not follow"] };
        Assert.Equal(1, (await RunAsync("check", "--url", "http://127.0.0.1:1", "--data", _api.Folder)).Code);
    }

    [Fact]
    public async Task The_real_offline_check_reads_a_real_journal_and_says_when_there_is_none()
    {
        using var folder = new TemporaryFolder();
        Typed none = await RunAsync(HostVerbs.All, "check", "--url", "http://127.0.0.1:1", "--data", folder.Path);
        Assert.Equal(1, none.Code);
        Assert.Equal($"tandem: no switch answers, and there is no journal in {folder.Path}\n", none.Err);
        using (var journal = Tandem.Server.Storage.Journal.JournalFile.Open(folder["journal"]))
        {
            var ledger = new Tandem.Switching.Billing.Ledger(journal);
            ledger.OpenAccount("1001", Currency.Usd, Tandem.Switching.Billing.AccountKind.Ordinary, 0, false, CdrSamples.Midnight, out _);
            journal.WriteOut();
        }
        Typed one = await RunAsync(HostVerbs.All, "check", "--url", "http://127.0.0.1:1", "--data", folder.Path);
        Assert.Equal(0, one.Code);
        Assert.StartsWith("everything agrees: 1 records, 1 accounts, 0 open calls", one.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("calls")]
    [InlineData("cdr")]
    [InlineData("accounts")]
    [InlineData("accounts", "1001")]
    [InlineData("settings")]
    [InlineData("gateways")]
    [InlineData("trunks")]
    [InlineData("registrations")]
    [InlineData("check")]
    [InlineData("status")]
    [InlineData("deck", "list")]
    [InlineData("route", "44", "--from", "cust-a")]
    [InlineData("pay", "1001", "1")]
    public async Task Every_verb_answers_in_json(params string[] args)
    {
        Typed typed = await AskAsync([.. args, "--json"]);
        Assert.Equal(0, typed.Code);
        Assert.IsType<JsonObject>(JsonNode.Parse(typed.Out));
    }

    [Fact]
    public async Task A_refusal_in_json_is_the_problem_document()
    {
        Typed typed = await AskAsync("accounts", "7", "--json");
        Assert.Equal(1, typed.Code);
        Assert.Equal(404, (int?)JsonNode.Parse(typed.Out)!["status"]);
        Assert.Equal("", typed.Err);
    }

    [Fact]
    public async Task Nobody_listening_is_said_in_one_sentence()
    {
        Typed typed = await RunAsync("calls", "--url", "http://127.0.0.1:1", "--data", _api.Folder);
        Assert.Equal(1, typed.Code);
        Assert.Equal("tandem: no switch answers at http://127.0.0.1:1/: is it running? ('tandem run', or say where with --url or --data)\n", typed.Err);
    }

    [Fact]
    public async Task Without_the_token_the_way_to_it_is_said()
    {
        using var elsewhere = new TemporaryFolder();
        Typed typed = await RunAsync("calls", "--url", _api.Address.ToString(), "--data", elsewhere.Path);
        Assert.Equal(1, typed.Code);
        Assert.Equal("tandem: a bearer token is needed; the operator's is in the file admin.token of the data folder\n", typed.Err);
    }

    [Fact]
    public async Task A_token_file_that_holds_no_token_is_said_in_one_sentence()
    {
        using var elsewhere = new TemporaryFolder();
        await File.WriteAllTextAsync(elsewhere["admin.token"], "two\nlines", TestContext.Current.CancellationToken);
        Typed typed = await RunAsync("calls", "--url", _api.Address.ToString(), "--data", elsewhere.Path);
        Assert.Equal(1, typed.Code);
        Assert.Equal("tandem: the API's token is none: it is one line of letters and digits\n", typed.Err);
    }

    [Fact]
    public async Task A_document_larger_than_the_API_takes_is_refused_in_a_sentence()
    {
        string file = Path.Combine(_api.Folder, "large.json");
        await using (FileStream large = File.Create(file)) large.SetLength(65L << 20);
        Typed typed = await AskAsync("apply", file);
        Assert.Equal(1, typed.Code);
        Assert.Equal("tandem: the body is larger than this request may have\n", typed.Err);
    }

    [Fact]
    public async Task Users_keys_and_sessions_are_kept_from_the_command_line()
    {
        Typed added = await AskAsync("users", "add", "shop", "--role", "customer", "--account", "1001");
        Assert.Matches("^user shop: Customer of account 1001; password [A-Za-z0-9]{16} \\(shown now and never again\\)\n$", added.Out);
        string password = added.Out.Split(' ')[7];
        Assert.Equal("user shop: Customer of account 1001\n", (await AskAsync("users", "set", "shop", "--disable")).Out);
        Assert.Equal(0, (await AskAsync("users", "set", "shop", "--enable")).Code);
        Assert.Contains("shop", (await AskAsync("users")).Out, StringComparison.Ordinal);
        Assert.Matches("^key portal \\(ReadOnly\\): tdk_[A-Za-z0-9_-]{43} \\(shown now and never again\\)\n$", (await AskAsync("keys", "add", "portal", "--role", "readOnly", "--expires", "2027-01-01")).Out);
        Assert.DoesNotContain("tdk_", (await AskAsync("keys", "list")).Out, StringComparison.Ordinal);
        Assert.Equal("portal is gone\n", (await AskAsync("keys", "remove", "portal")).Out);

        using HttpResponseMessage login = await _api.Http.PostAsync("/v1/login", new StringContent($$"""{"user":"shop","password":"{{password}}"}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        string token = (string)System.Text.Json.Nodes.JsonNode.Parse(await login.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["token"]!;
        Assert.Contains("shop", (await AskAsync("sessions", "list")).Out, StringComparison.Ordinal);
        ApiSession.Keep(_api.Folder, token);
        Assert.Equal("shop, Customer of account 1001\n", (await AskAsync("whoami")).Out);
        Assert.Equal("tandem: shop is customer and has no business here\n", (await AskAsync("gateways")).Err);
        Assert.Equal("shop is logged out\n", (await AskAsync("logout")).Out);
        Assert.Equal("admin, Administrator\n", (await AskAsync("whoami")).Out);
        ApiSession.Keep(_api.Folder, token); // a session that is over stands in nobody's way for ever
        Assert.Equal(1, (await AskAsync("whoami")).Code);
        Assert.Equal(1, (await AskAsync("logout")).Code);
        Assert.Equal(0, (await AskAsync("whoami")).Code);
        Assert.Equal("shop is gone\n", (await AskAsync("users", "remove", "shop")).Out);
        Assert.Equal("tandem: There is no user shop.\n", (await AskAsync("users", "remove", "shop")).Err);
    }

    [Fact]
    public async Task Changes_are_listed_and_taken_back_and_passwords_made_from_the_command_line()
    {
        Typed audit = await AskAsync("audit", "--what", "settings");
        Assert.Contains("settings.SS_SIP_TIMEOUT_INVITE", audit.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("accounts[1001]", audit.Out, StringComparison.Ordinal);
        Assert.Equal("revision 3 is taken back by revision 8\n", (await AskAsync("undo", "3")).Out);
        Assert.Equal("no payment waits\n", (await AskAsync("pending", "list")).Out);
        Assert.Equal("tandem: No payment jan waits.\n", (await AskAsync("pending", "confirm", "jan")).Err);
        Assert.Equal(9, (await AskAsync("password")).Out.Length); // SERVER_PASSWORD_LENGTH and the end of the line
    }

    [Theory]
    [InlineData("/v1/calls", "calls")]
    [InlineData("/v1/accounts", "accounts")]
    [InlineData("/v1/accounts/1001", "accounts", "1001")]
    [InlineData("/v1/gateways", "gateways")]
    [InlineData("/v1/trunks", "trunks")]
    [InlineData("/v1/registrations", "registrations")]
    [InlineData("/v1/decks", "deck", "list")]
    [InlineData("/v1/cdrs?since=2026-04-26", "cdr", "--since", "2026-04-26")]
    [InlineData("/v1/cdrs/sums?since=2026-04-26", "cdr", "sums", "--since", "2026-04-26")]
    [InlineData("/v1/cdrs/analysis?since=2026-04-26", "cdr", "analyse", "--since", "2026-04-26")]
    [InlineData("/v1/route?number=44&from=cust-a", "route", "44", "--from", "cust-a")]
    [InlineData("/v1/settings", "settings")]
    [InlineData("/v1/alarms", "alarms")]
    public async Task Json_is_the_answer_of_the_api_as_it_is(string path, params string[] args)
    {
        string answer = await _api.Http.GetStringAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(JsonNode.Parse(answer)!.ToJsonString(), JsonNode.Parse((await AskAsync([.. args, "--json"])).Out)!.ToJsonString());
    }

    [Fact]
    public async Task Lists_are_read_by_the_page_or_whole()
    {
        foreach (string name in (string[])["ann", "bob", "cid"]) Assert.Equal(0, (await AskAsync("users", "add", name, "--role", "support")).Code);
        string first = (await AskAsync("users", "--limit", "2")).Out;
        Assert.Contains("bob", first, StringComparison.Ordinal);
        Assert.DoesNotContain("cid", first, StringComparison.Ordinal);
        string cursor = first[first.IndexOf("more: --cursor ", StringComparison.Ordinal)..].Split(' ')[2].Trim();
        string second = (await AskAsync("users", "list", "--limit", "2", "--cursor", cursor)).Out;
        Assert.Contains("cid", second, StringComparison.Ordinal);
        Assert.DoesNotContain("bob", second, StringComparison.Ordinal);
        Assert.DoesNotContain("more:", second, StringComparison.Ordinal);
        string all = (await AskAsync("users", "list", "--limit", "1", "--all")).Out;
        Assert.All((string[])["ann", "bob", "cid"], name => Assert.Contains(name, all, StringComparison.Ordinal));
        JsonNode whole = JsonNode.Parse((await AskAsync("users", "list", "--limit", "1", "--all", "--json")).Out)!;
        Assert.Equal(3, whole["users"]!.AsArray().Count);
        Assert.Null(whole["next"]);
        string calls = (await AskAsync("cdr", "--since", "2026-04-26", "--limit", "2", "--all")).Out;
        Assert.Contains("12125550001", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("more:", calls, StringComparison.Ordinal);
        Assert.Equal("tandem: limit: 'many' is not a number\n", (await AskAsync("calls", "--limit", "many")).Err);
        Assert.Equal("tandem: since: 'today' is no time: 2026-04-26T12:00:00Z is needed\n", (await AskAsync("cdr", "--since", "today")).Err);
        Assert.Equal(400, (int?)JsonNode.Parse((await AskAsync("calls", "--limit", "many", "--json")).Out)!["status"]);
    }

    private sealed record Typed(int Code, string Out, string Err);

    /// <summary>Against the API in memory, found by its data folder.</summary>
    private Task<Typed> AskAsync(params string[] args)
    {
        int dashes = Array.IndexOf(args, "--");
        string[] data = ["--data", _api.Folder];
        return RunAsync(dashes < 0 ? [.. args, .. data] : [.. args[..dashes], .. data, .. args[dashes..]]);
    }

    private Task<Typed> RunAsync(params string[] args) => RunAsync(Local(), args);

    private static async Task<Typed> RunAsync(LocalVerbs local, params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int code = await CommandLine.RunAsync(args, local, output, error, TestContext.Current.CancellationToken);
        return new Typed(code, output.ToString(), error.ToString());
    }

    private LocalVerbs Local() => new()
    {
        Run = (request, _, _) =>
        {
            _runs.Add(request);
            return Task.FromResult(0);
        },
        Demo = static (_, _) => Task.FromResult(0),
        CheckOffline = folder =>
        {
            _checkedFolder = folder;
            return _offline;
        },
    };
}
