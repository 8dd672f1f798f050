using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Tandem.Server.Cli;

/// <summary><c>tandem cdr</c>: list, sums, analyse, export through the API; rebuild from the journal.</summary>
internal static class CdrVerbs
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(2);

    public static (Command Tree, IReadOnlyList<ApiVerb> Verbs) Make(Action<Terminal, JsonObject, string> showFields)
    {
        Filters filters = new(), listFilters = new();
        var id = new Argument<string?>("ID") { Description = "One call", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> limit = Text("--limit", "N", "At most so many [default: 100]"), after = Text("--after", "NEXT", "The page after this one");
        async Task<int> ListAsync(ApiCall call, Filters by)
        {
            if (call.Typed.GetValue(id) is { } one)
            {
                JsonNode cdr = await call.GetAsync($"/v1/cdrs/{Uri.EscapeDataString(one)}");
                call.Terminal.Show(cdr, c => showFields(call.Terminal, (JsonObject)c, ""));
                return CommandLine.Done;
            }
            call.Terminal.Show(await call.GetAsync(Path(call, "/v1/cdrs", by.Of(call), (limit, "limit"), (after, "after"))), a => ShowList(call.Terminal, a));
            return CommandLine.Done;
        }

        var tree = new Command("cdr", "Finished calls: newest first, sums, analysis, exports") { id };
        var list = new Command("list", "Finished calls, newest first; one with all it holds by its ID") { id };
        foreach ((Command command, Filters by) in ((Command, Filters)[])[(tree, filters), (list, listFilters)])
        {
            by.AddTo(command);
            command.Add(limit);
            command.Add(after);
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
            call.Terminal.Show(await call.GetAsync(Path(call, "/v1/cdrs/sums", filters.Of(call))), a =>
            {
                call.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{a["calls"]} calls, {a["answered"]} answered, {(double)a["holdMillis"]! / 60_000:0.00} minutes of talk"));
                call.Terminal.Table(a["byCurrency"], "nobody was charged", ("", "currency"), ("billed s", "billedSeconds"), ("sale", "sale"), ("cost", "cost"), ("agents", "agentIncome"), ("profit", "profit"));
            });
            return CommandLine.Done;
        });
    }

    private static ApiVerb Analyse()
    {
        var by = new Argument<string?>("BY") { Description = "callerGateway, calleeGateway, customer, destination, endReason, hour or day", Arity = ArgumentArity.ZeroOrOne };
        (Option<string?>, string) since = (Text("--since", "TIME", "From this hour on [default: a day ago]"), "since"), until = (Text("--until", "TIME", "Up to this hour [default: now]"), "until"),
            least = (Text("--min-calls", "N", "Leave out rows of fewer calls [default: 1; 20 with --pattern]"), "minCalls"), pattern = (Text("--pattern", "WORD", "Only rows that show it: serverHangUps or shortCalleeHangUps"), "pattern");
        var command = new Command("analyse", "ASR, ACD, PDD, NER, short calls and who hung up") { by, since.Item1, until.Item1, least.Item1, pattern.Item1 };
        return new ApiVerb(command, async call =>
        {
            string query = Path(call, "/v1/cdrs/analysis", call.Typed.GetValue(by) is { } what ? $"by={Uri.EscapeDataString(what)}" : "", since, until, least, pattern);
            call.Terminal.Show(await call.GetAsync(query), a => call.Terminal.Table(a["rows"], "no call is among them",
                (Terminal.Field(a, "by"), "key"), ("calls", "calls"), ("answered", "answered"), ("ASR %", "asr"), ("ACD s", "acd"), ("PDD s", "pdd"), ("NER %", "ner"),
                ("short", "shortCalls"), ("by caller", "endedByCaller"), ("by callee", "endedByCallee"), ("by server", "endedByServer"), ("short by callee", "shortCalleeHangUps")));
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
            string to = call.Typed.GetRequiredValue(file), format = System.IO.Path.GetExtension(to).ToUpperInvariant() switch
            {
                ".XLSX" => "xlsx",
                ".CSV" => "csv",
                _ => to == "-" ? "csv" : throw new RefusedException($"'{to}' ends neither in .csv nor in .xlsx"),
            };
            string filter = filters.Of(call);
            string path = Path(call, "/v1/cdrs/export", $"format={format}{(call.Typed.GetValue(mask) ? "&mask=true" : "")}{(filter.Length > 0 ? "&" : "")}{filter}");
            using HttpResponseMessage answer = await call.Api.StreamAsync(path, call.Stop);
            long total = answer.Headers.TryGetValues("X-Total-Count", out IEnumerable<string>? counts) && long.TryParse(counts.First(), NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : 0;
            await using Stream from = await answer.Content.ReadAsStreamAsync(call.Stop);
            if (to == "-")
            {
                await using Stream output = Console.OpenStandardOutput();
                await CopyAsync(from, output, total, format, call);
                return CommandLine.Done;
            }
            await WholeFile.WriteAsync(to, file => CopyAsync(from, file, total, format, call));
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

    private static void ShowList(Terminal terminal, JsonNode answer)
    {
        terminal.Table(answer["cdrs"], "no call ended then",
            ("id", "id"), ("ended", "stop"), ("caller", "callerE164"), ("callee", "calleeE164"), ("from", "callerGateway"), ("by", "calleeGateway"),
            ("talk ms", "holdMillis"), ("reason", "endReason"), ("hung up", "endDirection"), ("account", "sale.account"), ("charge", "sale.amount"), ("", "sale.currency"), ("cost", "cost.amount"));
        if (answer["next"] is not null) terminal.Say($"more: --after {answer["next"]}");
    }

    private static string Path(ApiCall call, string path, string query, params ReadOnlySpan<(Option<string?> Option, string Parameter)> further)
    {
        foreach ((Option<string?> option, string parameter) in further)
        {
            if (call.Typed.GetValue(option) is { } value) query += $"{(query.Length == 0 ? "" : "&")}{parameter}={Uri.EscapeDataString(value)}";
        }
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    private static Option<string?> Text(string name, string helpName, string says) => new(name) { Description = says, HelpName = helpName };

    /// <summary>Which calls: what /v1/cdrs takes.</summary>
    private sealed class Filters
    {
        private readonly (Option<string?> Option, string Parameter)[] _all =
        [
            (Text("--since", "TIME", "Ended at or after, as in 2026-04-26T12:00:00Z [default: a day before --until]"), "since"),
            (Text("--until", "TIME", "Ended before [default: now]"), "until"),
            (Text("--account", "NUMBER", "Of this account"), "account"),
            (Text("--gateway", "NAME", "Through this gateway, in or out"), "gateway"),
            (Text("--caller-gateway", "NAME", "Came by this mapping gateway"), "callerGateway"),
            (Text("--callee-gateway", "NAME", "Left by this routing gateway"), "calleeGateway"),
            (Text("--caller", "PREFIX", "Caller's number begins so"), "caller"),
            (Text("--callee", "PREFIX", "Called number begins so"), "callee"),
            (Text("--answered", "true|false", "Answered, or not"), "answered"),
            (Text("--end-reason", "N", "Ended for this reason"), "endReason"),
            (Text("--hung-up", "N", "Ended by the caller (0), the callee (1) or the server (2)"), "endDirection"),
            (Text("--min-seconds", "N", "Talked at least so long"), "minSeconds"),
            (Text("--max-seconds", "N", "Talked at most so long"), "maxSeconds"),
            (Text("--min-cost", "AMOUNT", "Charged at least this"), "minCost"),
            (Text("--max-cost", "AMOUNT", "Charged at most this"), "maxCost"),
        ];

        public void AddTo(Command command)
        {
            foreach ((Option<string?> option, _) in _all) command.Add(option);
        }

        public string Of(ApiCall call) =>
            string.Join('&', _all.Where(f => call.Typed.GetValue(f.Option) is not null).Select(f => $"{f.Parameter}={Uri.EscapeDataString(call.Typed.GetValue(f.Option)!)}"));
    }
}
