using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Tandem.Server.Cli;

/// <summary><c>tandem deck</c>: decks as they are, carriers' files and what they would change.</summary>
internal static class DeckVerbs
{
    private const int MostRows = 40;

    public static (Command Tree, IReadOnlyList<ApiVerb> Verbs) Make(Func<string, CancellationToken, Task<byte[]>> readAsync)
    {
        List<ApiVerb> verbs = [];
        var file = new Argument<string>("FILE") { Description = "CSV; - reads it from the input" };
        var name = new Option<string>("--name") { Description = "The deck's name", HelpName = "NAME", Required = true };
        var currency = new Option<string>("--currency") { Description = "Of all its rates, as in USD", HelpName = "CODE", Required = true };
        var dry = new Option<bool>("--dry-run") { Description = "Only read and compare" };
        var from = new Option<string?>("--from") { Description = "When it takes the place of the version in force, as 2026-12-01T00:00:00Z", HelpName = "TIME" };
        var until = new Option<string?>("--until") { Description = "When what would be in force without it takes its place again", HelpName = "TIME" };
        var import = new Command("import", "Make a CSV file the current version of a deck") { file, name, currency, dry, from, until };
        var list = new Command("list", "Decks in force");
        var which = new Argument<string>("NAME") { Description = "The deck's name" };
        var versions = new Command("versions", "Versions of a deck: past, current and future") { which };
        var first = new Argument<string>("FROM") { Description = "A version, or the first digits of it" };
        var second = new Argument<string>("TO") { Description = "Another" };
        var difference = new Command("diff", "What differs between two versions of decks") { first, second };
        verbs.Add(new ApiVerb(versions, async call =>
        {
            call.Terminal.Show(await call.GetAsync($"/v1/decks/{Uri.EscapeDataString(call.Typed.GetRequiredValue(which))}/versions"), a => call.Terminal.Table(a["versions"], "there is no version",
                ("", "state"), ("from", "from"), ("until", "until"), ("version", "version"), ("rates", "rates"), ("revision", "revision"), ("by", "by")));
            return CommandLine.Done;
        }));
        verbs.Add(new ApiVerb(difference, async call =>
        {
            call.Terminal.Show(await call.GetAsync($"/v1/deck-versions/{Uri.EscapeDataString(call.Typed.GetRequiredValue(first))}/difference?to={Uri.EscapeDataString(call.Typed.GetRequiredValue(second))}"), a =>
            {
                call.Terminal.Table(a["lines"], "they have the same lines", ("prefix", "prefix"), ("area", "area"), ("", "change"), ("before", "before"), ("after", "after"));
                call.Terminal.Say($"{a["added"]} added, {a["removed"]} removed, {a["dearer"]} dearer, {a["cheaper"]} cheaper, {a["changed"]} changed otherwise");
            });
            return CommandLine.Done;
        }));
        static string Dated(string name, string? time) => time is null ? "" : $"&{name}={Uri.EscapeDataString(time)}";
        verbs.Add(new ApiVerb(import, async call =>
        {
            byte[] csv = await readAsync(call.Typed.GetRequiredValue(file), call.Stop);
            using var body = new ByteArrayContent(csv);
            body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            bool isDry = call.Typed.GetValue(dry);
            JsonNode answer = await call.SendAsync(HttpMethod.Post,
                $"/v1/decks?name={Uri.EscapeDataString(call.Typed.GetRequiredValue(name))}&currency={Uri.EscapeDataString(call.Typed.GetRequiredValue(currency))}{(isDry ? "&dryRun=true" : "")}{Dated("from", call.Typed.GetValue(from))}{Dated("until", call.Typed.GetValue(until))}", body);
            call.Terminal.Show(answer, a => call.Terminal.Say(
                $"deck {a["name"]}{(isDry ? " (dry run)" : "")}: {a["rates"]} rates, {a["added"]} added, {a["changed"]} changed, {a["removed"]} removed; version {a["version"]}, revision {a["revision"]}"));
            return CommandLine.Done;
        }));
        verbs.Add(new ApiVerb(list, async call =>
        {
            call.Terminal.Show(await call.GetAsync("/v1/decks"), a => call.Terminal.Table(a["decks"], "there is no deck",
                ("deck", "name"), ("currency", "currency"), ("rates", "rates"), ("used by", "usedBy"), ("version", "version")));
            return CommandLine.Done;
        }));
        verbs.AddRange([Report(readAsync), Reports(), Show(), Apply(), Export(), Templates()]);
        var tree = new Command("deck", "Rate decks");
        foreach (ApiVerb verb in verbs) tree.Add(verb.Command);
        return (tree, verbs);
    }

    private static ApiVerb Report(Func<string, CancellationToken, Task<byte[]>> readAsync)
    {
        var file = new Argument<string>("FILE") { Description = "CSV or .xlsx as a carrier sent it; - reads it from the input" };
        Option<string> name = new("--name") { Description = "The deck's name", HelpName = "NAME", Required = true };
        Option<string> currency = new("--currency") { Description = "Of its rates, as in USD", HelpName = "CODE", Required = true };
        (Option<string?> Option, string Field)[] more =
        [
            (Text("--template", "NAME", "By this template alone [default: whichever fits best]"), "template"), (Text("--sheet", "NAME", "The sheet of a workbook [default: the first]"), "sheet"),
            (Text("--decimal", "point|comma", "How amounts are written [default: found out]"), "decimal"), (Text("--dates", "dmy|mdy|ymd", "How dates are [default: found out]"), "dates"),
            (Text("--codes", "whole|split", "Whether the country's code goes before each [default: found out]"), "codes"),
            (Text("--rows", "all|changes", "Whether codes that are not in the file end or stay [default: end]"), "rows"),
            (Text("--from", "TIME", "From when rows without a date hold [default: at once]"), "from"),
            (Text("--notice", "DAYS", "What becomes dearer sooner is too early [default: 7]"), "noticeDays"),
            (Text("--stake", "DAYS", "So many days of calls are priced both ways [default: 7]"), "stakeDays"),
        ];
        var command = new Command("report", "Read a carrier's file and tell what it would change; changes nothing") { file, name, currency };
        foreach ((Option<string?> option, _) in more) command.Add(option);
        return new ApiVerb(command, async call =>
        {
            string from = call.Typed.GetRequiredValue(file);
            using var body = new ByteArrayContent(await readAsync(from, call.Stop));
            body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            string path = $"/v1/deck-reports?deck={Uri.EscapeDataString(call.Typed.GetRequiredValue(name))}&currency={Uri.EscapeDataString(call.Typed.GetRequiredValue(currency))}&fileName={Uri.EscapeDataString(Path.GetFileName(from))}";
            foreach ((Option<string?> option, string field) in more)
            {
                if (call.Typed.GetValue(option) is { } value) path += $"&{field}={Uri.EscapeDataString(value)}";
            }
            JsonNode job = await WhatIfVerb.WaitAsync(call, await call.SendAsync(HttpMethod.Post, path, body));
            string state = Terminal.Field(job, "state");
            if (state != "Done") throw new RefusedException(state == "Cancelled" ? "the reading was cancelled" : $"the file cannot be read: {Terminal.Field(job, "says")}", job);
            call.Terminal.Show(job["result"]!, a => ShowReport(call.Terminal, a));
            return CommandLine.Done;
        });
    }

    private static ApiVerb Reports() => new(new Command("reports", "Reports on carriers' files, newest first"), async call =>
    {
        call.Terminal.Show(await call.GetAsync("/v1/deck-reports"), a => call.Terminal.Table(a["reports"], "there is no report",
            ("report", "id"), ("deck", "deck"), ("file", "fileName"), ("read", "at"), ("by", "by"), ("applied", "applied"), ("rows", "rows"), ("up", "increases"), ("down", "decreases"), ("new", "new"), ("deleted", "deleted"), ("invalid", "invalid")));
        return CommandLine.Done;
    });

    private static ApiVerb Show()
    {
        var id = new Argument<string>("REPORT") { Description = "Its id" };
        var lines = new Option<string?>("--lines") { Description = "Write every code it speaks of into this CSV file; - writes to the output", HelpName = "FILE" };
        return new ApiVerb(new Command("show", "A report again, or all its lines") { id, lines }, async call =>
        {
            string path = $"/v1/deck-reports/{Uri.EscapeDataString(call.Typed.GetRequiredValue(id))}";
            if (call.Typed.GetValue(lines) is { } to) await SaveAsync(call, path + "/lines", to);
            else call.Terminal.Show(await call.GetAsync(path), a => ShowReport(call.Terminal, a));
            return CommandLine.Done;
        });
    }

    private static ApiVerb Apply()
    {
        var id = new Argument<string>("REPORT") { Description = "Its id" };
        var accept = new Option<bool>("--accept-invalid") { Description = "Although rows cannot be read; their codes stay as they are" };
        return new ApiVerb(new Command("apply", "Make what a report speaks of the deck in force") { id, accept }, async call =>
        {
            JsonNode answer = await call.SendAsync(HttpMethod.Post, $"/v1/deck-reports/{Uri.EscapeDataString(call.Typed.GetRequiredValue(id))}/apply{(call.Typed.GetValue(accept) ? "?acceptInvalid=true" : "")}", null);
            call.Terminal.Show(answer, a => call.Terminal.Say($"deck {a["name"]}: {a["rates"]} lines, {a["added"]} added, {a["changed"]} changed, {a["removed"]} removed; version {a["version"]}, revision {a["revision"]}"));
            return CommandLine.Done;
        });
    }

    private static ApiVerb Export()
    {
        var name = new Argument<string>("NAME") { Description = "The deck's name" };
        var file = new Argument<string>("FILE") { Description = "Written whole or not at all; - writes to the output" };
        var version = new Option<string?>("--version") { Description = "This version, or the first digits of it [default: the one in force]", HelpName = "VERSION" };
        return new ApiVerb(new Command("export", "A deck as CSV, as it can be imported again") { name, file, version }, async call =>
        {
            string path = $"/v1/decks/{Uri.EscapeDataString(call.Typed.GetRequiredValue(name))}/rates";
            if (call.Typed.GetValue(version) is { } one) path += $"?version={Uri.EscapeDataString(one)}";
            await SaveAsync(call, path, call.Typed.GetRequiredValue(file));
            return CommandLine.Done;
        });
    }

    private static ApiVerb Templates() => new(new Command("templates", "Layouts of carriers' files that are known"), async call =>
    {
        call.Terminal.Show(await call.GetAsync("/v1/deck-templates"), a =>
        {
            foreach (JsonNode? template in (JsonArray)a["templates"]!)
                call.Terminal.Say($"{template!["name"]}{((bool)template["own"]! ? " (yours)" : "")}: {string.Join("  ", ((JsonArray)template["columns"]!).Select(static c => (string)c!))}");
        });
        return CommandLine.Done;
    });

    private static async Task SaveAsync(ApiCall call, string path, string to)
    {
        using HttpResponseMessage answer = await call.Api.StreamAsync(path, call.Stop);
        await using Stream from = await answer.Content.ReadAsStreamAsync(call.Stop);
        if (to == "-")
        {
            await using Stream output = Console.OpenStandardOutput();
            await from.CopyToAsync(output, call.Stop);
            return;
        }
        await WholeFile.WriteAsync(to, file => from.CopyToAsync(file, call.Stop));
        call.Terminal.Say($"written to {to}");
    }

    private static void ShowReport(Terminal terminal, JsonNode a)
    {
        terminal.Say($"report {a["id"]}: {a["fileName"]} for deck {a["deck"]}, in {a["currency"]}; {a["readAs"]}");
        if (a["passedOver"] is JsonArray { Count: > 0 } over) terminal.Say($"columns that mean nothing here: {string.Join(", ", over.Select(static c => (string)c!))}");
        terminal.Say($"{a["rows"]} rows, {a["codes"]} codes: {a["increases"]} dearer, {a["decreases"]} cheaper, {a["terms"]} with other terms, {a["new"]} new, {a["deleted"]} deleted, {a["blocked"]} blocked, {a["unblocked"]} unblocked, {a["renamed"]} renamed, {a["unchanged"]} as they were");
        if ((int)a["tooEarly"]! > 0) terminal.Say($"! {a["tooEarly"]} become dearer in less than {a["noticeDays"]} days");
        if ((int)a["soldNotBought"]! > 0) terminal.Say($"! {a["soldNotBought"]} codes are sold, and no carrier sells them to us any more: {string.Join(", ", ((JsonArray)a["soldNotBoughtCodes"]!).Take(10).Select(static c => $"{c!["code"]} {c["area"]} ({string.Join(", ", ((JsonArray)c["soldBy"]!).Select(static d => (string)d!))})"))}");
        if ((int)a["invalid"]! > 0)
        {
            terminal.Say($"! {a["invalid"]} rows cannot be read:");
            foreach (JsonNode? fault in ((JsonArray)a["faults"]!).Take(20)) terminal.Say($"    row {fault!["row"]}: {fault["says"]}");
        }
        if (a["stake"] is JsonObject stake)
        {
            terminal.Say($"at stake, by {stake["calls"]} calls ({(long)stake["seconds"]! / 60} min) since {stake["since"]}: {stake["before"]} becomes {stake["after"]}, a difference of {stake["difference"]}");
            if ((long)stake["withoutRate"]! > 0) terminal.Say($"! {stake["withoutRate"]} of those calls, worth {stake["withoutRateAmount"]}, would have no rate any more");
        }
        var shown = new JsonArray();
        foreach (JsonNode? line in ((JsonArray)a["lines"]!).Take(MostRows)) shown.Add(line!.DeepClone());
        terminal.Table(shown, "nothing would change", ("code", "code"), ("destination", "area"), ("", "change"), ("from", "from"), ("before", "before"), ("after", "after"), ("%", "percent"), ("calls", "calls"), ("stake", "stake"), ("too early", "tooEarly"));
        terminal.Say(a["applied"] is { } applied ? $"applied at {applied} by {a["appliedBy"]}" : $"nothing was changed; 'tandem deck apply {a["id"]}' makes it the deck, 'tandem deck show {a["id"]} --lines FILE' has every line");
    }

    private static Option<string?> Text(string name, string help, string says) => new(name) { Description = says, HelpName = help };
}
