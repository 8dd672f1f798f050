using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Tandem.Client;

namespace Tandem.Server.Cli;

/// <summary><c>tandem cdr</c>: list, sums, analyse, export through the API; rebuild from the journal.</summary>
internal static class CdrVerbs
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(2);

    public static (Command Tree, IReadOnlyList<ApiVerb> Verbs) Make()
    {
        Filters filters = new(), listFilters = new();
        var paging = new Paging();
        var id = new Argument<string?>("ID") { Description = "One call", Arity = ArgumentArity.ZeroOrOne };
        async Task<int> ListAsync(ApiCall call, Filters by)
        {
            if (call.Maybe(id) is { } one)
            {
                call.Terminal.Show(await call.Api.GetCdrsByIdAsync(one, stop: call.Stop), call.Terminal.Fields);
                return CommandLine.Done;
            }
            Wanted f = by.Of(call);
            return await paging.ListAsync(call, (call, limit, cursor) => call.Api.GetCdrsAsync(since: f.Since, until: f.Until, account: f.Account, gateway: f.Gateway, callerGateway: f.CallerGateway, calleeGateway: f.CalleeGateway, caller: f.Caller, callee: f.Callee, answered: f.Answered,
                endReason: f.EndReason, endDirection: f.EndDirection, minSeconds: f.MinSeconds, maxSeconds: f.MaxSeconds, minCost: f.MinCost, maxCost: f.MaxCost, limit: limit, cursor: cursor, stop: call.Stop), ShowList);
        }

        var tree = new Command("cdr", "Finished calls: newest first, sums, analysis, exports") { id };
        var list = new Command("list", "Finished calls, newest first; one with all it holds by its ID") { id };
        foreach ((Command command, Filters by) in ((Command, Filters)[])[(tree, filters), (list, listFilters)])
        {
            by.AddTo(command);
            paging.AddTo(command);
        }
        tree.Add(list);
        List<ApiVerb> verbs = [new ApiVerb(tree, call => ListAsync(call, filters)), new ApiVerb(list, call => ListAsync(call, listFilters))];
        foreach (ApiVerb verb in (ApiVerb[])[Sums(), Analyse(), Export()])
        {
            tree.Add(verb.Command);
            verbs.Add(verb);
        }
        ApiVerb rebuild = CdrRebuildVerb.Make();
        tree.Add(rebuild.Command);
        verbs.Add(rebuild);
        return (tree, verbs);
    }

    private static ApiVerb Sums()
    {
        Filters filters = new();
        var command = new Command("sums", "What calls come to: how many, how long, charged by currency");
        filters.AddTo(command);
        return new ApiVerb(command, async call =>
        {
            Wanted f = filters.Of(call);
            CdrSumsView sums = await call.Api.GetCdrsSumsAsync(since: f.Since, until: f.Until, account: f.Account, gateway: f.Gateway, callerGateway: f.CallerGateway, calleeGateway: f.CalleeGateway, caller: f.Caller, callee: f.Callee, answered: f.Answered,
                endReason: f.EndReason, endDirection: f.EndDirection, minSeconds: f.MinSeconds, maxSeconds: f.MaxSeconds, minCost: f.MinCost, maxCost: f.MaxCost, stop: call.Stop);
            call.Terminal.Show(sums, a =>
            {
                call.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{a.Calls} calls, {a.Answered} answered, {a.HoldMillis / 60_000.0:0.00} minutes of talk"));
                call.Terminal.Table(a.ByCurrency, "nobody was charged", ("", static r => r.Currency), ("billed s", static r => r.BilledSeconds), ("sale", static r => r.Sale), ("cost", static r => r.Cost), ("agents", static r => r.AgentIncome), ("profit", static r => r.Profit));
            });
            return CommandLine.Done;
        });
    }

    private static ApiVerb Analyse()
    {
        var by = new Argument<string?>("BY") { Description = "callerGateway, calleeGateway, customer, destination, endReason, hour or day", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> since = Text("--since", "TIME", "From this hour on [default: a day ago]"), until = Text("--until", "TIME", "Up to this hour [default: now]"),
            least = Text("--min-calls", "N", "Leave out rows of fewer calls [default: 1; 20 with --pattern]"), pattern = Text("--pattern", "WORD", "Only rows that show it: serverHangUps or shortCalleeHangUps");
        var command = new Command("analyse", "ASR, ACD, PDD, NER, short calls and who hung up") { by, since, until, least, pattern };
        return new ApiVerb(command, async call =>
        {
            call.Terminal.Show(await call.Api.GetCdrsAnalysisAsync(call.Maybe(by), call.Time(since, "since"), call.Time(until, "until"), call.Number(least, "minCalls"), call.Of(pattern), stop: call.Stop), a => call.Terminal.Table(a.Rows, "no call is among them",
                (Terminal.Words(a.By), static r => r.Key), ("calls", static r => r.Calls), ("answered", static r => r.Answered), ("ASR %", static r => r.Asr), ("ACD s", static r => r.Acd), ("PDD s", static r => r.Pdd), ("NER %", static r => r.Ner),
                ("short", static r => r.ShortCalls), ("by caller", static r => r.EndedByCaller), ("by callee", static r => r.EndedByCallee), ("by server", static r => r.EndedByServer), ("short by callee", static r => r.ShortCalleeHangUps)));
            return CommandLine.Done;
        });
    }

    private static ApiVerb Export()
    {
        Filters filters = new();
        var file = new Argument<string>("FILE") { Description = "Written whole or not at all; its ending, .csv or .xlsx, says the format; - writes CSV to the output" };
        var mask = new Option<bool>("--mask") { Description = "Hide the last four digits of every number" };
        var command = new Command("export", "Calls as CSV or XLSX, every field; ctrl-C ends it and leaves no file") { file, mask };
        filters.AddTo(command);
        return new ApiVerb(command, async call =>
        {
            string to = call.Of(file), format = Path.GetExtension(to).ToUpperInvariant() switch
            {
                ".XLSX" => "xlsx",
                ".CSV" => "csv",
                _ => to == "-" ? "csv" : throw new RefusedException($"'{to}' ends neither in .csv nor in .xlsx"),
            };
            Wanted f = filters.Of(call);
            await using TandemDownload export = await call.Api.GetCdrsExportAsync(since: f.Since, until: f.Until, account: f.Account, gateway: f.Gateway, callerGateway: f.CallerGateway, calleeGateway: f.CalleeGateway, caller: f.Caller, callee: f.Callee, answered: f.Answered,
                endReason: f.EndReason, endDirection: f.EndDirection, minSeconds: f.MinSeconds, maxSeconds: f.MaxSeconds, minCost: f.MinCost, maxCost: f.MaxCost, format: format, mask: call.Of(mask) ? true : null, stop: call.Stop);
            long total = export.Rows ?? 0;
            if (to == "-")
            {
                await using Stream output = Console.OpenStandardOutput();
                await CopyAsync(export.Content, output, total, format, call);
                return CommandLine.Done;
            }
            await WholeFile.WriteAsync(to, file => CopyAsync(export.Content, file, total, format, call));
            call.Terminal.Show(new JsonObject { ["file"] = to, ["calls"] = total }, _ => call.Terminal.Say($"{total} calls in {to}"));
            return CommandLine.Done;
        });
    }

    private static async Task CopyAsync(Stream from, Stream to, long total, string format, ApiCall call)
    {
        byte[] buffer = new byte[256 * 1024];
        long bytes = 0, lines = -1; // the first line is the names
        Stopwatch watch = Stopwatch.StartNew();
        TimeSpan tell = ProgressEvery;
        while (await from.ReadAsync(buffer, call.Stop) is > 0 and var read)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), call.Stop);
            bytes += read;
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            if (watch.Elapsed < tell) continue;
            tell = watch.Elapsed + ProgressEvery;
            call.Terminal.Progress(format == "csv" ? $"{lines} of {total} calls" : $"{bytes / 1_000_000} MB of {total} calls");
        }
        await to.FlushAsync(call.Stop);
    }

    private static void ShowList(Terminal terminal, CdrsView answer) => terminal.Table(answer.Cdrs, "no call ended then",
        ("id", static c => c.Id), ("ended", static c => c.Stop), ("caller", static c => c.CallerE164), ("callee", static c => c.CalleeE164), ("from", static c => c.CallerGateway), ("by", static c => c.CalleeGateway),
        ("talk ms", static c => c.HoldMillis), ("reason", static c => c.EndReason), ("hung up", static c => c.EndDirection), ("account", static c => c.Sale?.Account), ("charge", static c => c.Sale?.Amount), ("", static c => c.Sale?.Currency), ("cost", static c => c.Cost?.Amount));

    private static Option<string?> Text(string name, string helpName, string says) => new(name) { Description = says, HelpName = helpName };

    private sealed record Wanted(DateTimeOffset? Since, DateTimeOffset? Until, string? Account, string? Gateway, string? CallerGateway, string? CalleeGateway, string? Caller, string? Callee, bool? Answered,
        int? EndReason, int? EndDirection, int? MinSeconds, int? MaxSeconds, string? MinCost, string? MaxCost);

    /// <summary>Which calls: what /v1/cdrs takes.</summary>
    private sealed class Filters
    {
        private readonly Option<string?> _since = Text("--since", "TIME", "Ended at or after, as in 2026-04-26T12:00:00Z [default: a day before --until]"), _until = Text("--until", "TIME", "Ended before [default: now]"),
            _account = Text("--account", "NUMBER", "Of this account"), _gateway = Text("--gateway", "NAME", "Through this gateway, in or out"), _callerGateway = Text("--caller-gateway", "NAME", "Came by this mapping gateway"),
            _calleeGateway = Text("--callee-gateway", "NAME", "Left by this routing gateway"), _caller = Text("--caller", "PREFIX", "Caller's number begins so"), _callee = Text("--callee", "PREFIX", "Called number begins so"),
            _answered = Text("--answered", "true|false", "Answered, or not"), _endReason = Text("--end-reason", "N", "Ended for this reason"), _hungUp = Text("--hung-up", "N", "Ended by the caller (0), the callee (1) or the server (2)"),
            _minSeconds = Text("--min-seconds", "N", "Talked at least so long"), _maxSeconds = Text("--max-seconds", "N", "Talked at most so long"), _minCost = Text("--min-cost", "AMOUNT", "Charged at least this"),
            _maxCost = Text("--max-cost", "AMOUNT", "Charged at most this");

        public void AddTo(Command command)
        {
            Option[] all = [_since, _until, _account, _gateway, _callerGateway, _calleeGateway, _caller, _callee, _answered, _endReason, _hungUp, _minSeconds, _maxSeconds, _minCost, _maxCost];
            foreach (Option option in all) command.Add(option);
        }

        public Wanted Of(ApiCall call) => new(call.Time(_since, "since"), call.Time(_until, "until"), call.Of(_account), call.Of(_gateway), call.Of(_callerGateway), call.Of(_calleeGateway), call.Of(_caller), call.Of(_callee), call.Flag(_answered, "answered"),
            call.Number(_endReason, "endReason"), call.Number(_hungUp, "endDirection"), call.Number(_minSeconds, "minSeconds"), call.Number(_maxSeconds, "maxSeconds"), call.Of(_minCost), call.Of(_maxCost));
    }
}
