using System.CommandLine;
using Tandem.Client;

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
            call.Terminal.Show(await call.Api.GetDecksByNameVersionsAsync(call.Of(which), stop: call.Stop), a => call.Terminal.Table(a.Versions, "there is no version",
                ("", static r => r.State), ("from", static r => r.From), ("until", static r => r.Until), ("version", static r => r.Version), ("rates", static r => r.Rates), ("revision", static r => r.Revision), ("by", static r => r.By)));
            return CommandLine.Done;
        }));
        verbs.Add(new ApiVerb(difference, async call =>
        {
            call.Terminal.Show(await call.Api.GetDeckVersionsByVersionDifferenceAsync(call.Of(first), call.Of(second), stop: call.Stop), a =>
            {
                call.Terminal.Table(a.Lines, "they have the same lines", ("prefix", static r => r.Prefix), ("area", static r => r.Area), ("", static r => r.Change), ("before", static r => r.Before), ("after", static r => r.After));
                call.Terminal.Say($"{a.Added} added, {a.Removed} removed, {a.Dearer} dearer, {a.Cheaper} cheaper, {a.Changed} changed otherwise");
            });
            return CommandLine.Done;
        }));
        verbs.Add(new ApiVerb(import, async call =>
        {
            using HttpContent body = ApiVerbs.Body(await readAsync(call.Of(file), call.Stop), "text/csv");
            bool isDry = call.Of(dry);
            DeckImportView answer = await call.Api.PostDecksAsync(body, call.Typed.GetRequiredValue(name), call.Typed.GetRequiredValue(currency), isDry ? true : null, call.Of(from), call.Date(until, "until"), stop: call.Stop);
            call.Terminal.Show(answer, a => call.Terminal.Say($"deck {a.Name}{(isDry ? " (dry run)" : "")}: {a.Rates} rates, {a.Added} added, {a.Changed} changed, {a.Removed} removed; version {a.Version}, revision {a.Revision}"));
            return CommandLine.Done;
        }));
        verbs.Add(Paging.Verb(list, static (call, limit, cursor) => call.Api.GetDecksAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Decks, "there is no deck",
            ("deck", static r => r.Name), ("currency", static r => r.Currency), ("rates", static r => r.Rates), ("used by", static r => r.UsedBy), ("version", static r => r.Version))));
        verbs.AddRange([Report(readAsync), Reports(), Show(), Apply(), Assign(readAsync), Export(), Templates()]);
        var tree = new Command("deck", "Rate decks");
        foreach (ApiVerb verb in verbs) tree.Add(verb.Command);
        return (tree, verbs);
    }

    private static ApiVerb Report(Func<string, CancellationToken, Task<byte[]>> readAsync)
    {
        var file = new Argument<string>("FILE") { Description = "CSV or .xlsx as a carrier sent it; - reads it from the input" };
        Option<string> name = new("--name") { Description = "The deck's name", HelpName = "NAME", Required = true };
        Option<string> currency = new("--currency") { Description = "Of its rates, as in USD", HelpName = "CODE", Required = true };
        Option<string?> template = Text("--template", "NAME", "By this template alone [default: whichever fits best]"), sheet = Text("--sheet", "NAME", "The sheet of a workbook [default: the first]"),
            point = Text("--decimal", "point|comma", "How amounts are written [default: found out]"), dates = Text("--dates", "dmy|mdy|ymd", "How dates are [default: found out]"),
            codes = Text("--codes", "whole|split", "Whether the country's code goes before each [default: found out]"), rows = Text("--rows", "all|changes", "Whether codes that are not in the file end or stay [default: end]"),
            since = Text("--from", "TIME", "From when rows without a date hold [default: at once]"), notice = Text("--notice", "DAYS", "What becomes dearer sooner is too early [default: 7]"),
            stake = Text("--stake", "DAYS", "So many days of calls are priced both ways [default: 7]");
        var command = new Command("report", "Read a carrier's file and tell what it would change; changes nothing") { file, name, currency, template, sheet, point, dates, codes, rows, since, notice, stake };
        return new ApiVerb(command, async call =>
        {
            string from = call.Of(file);
            using HttpContent body = ApiVerbs.Body(await readAsync(from, call.Stop), "application/octet-stream");
            JobView job = await call.Api.PostDeckReportsAsync(body, deck: call.Typed.GetRequiredValue(name), currency: call.Typed.GetRequiredValue(currency), fileName: Path.GetFileName(from), template: call.Of(template), sheet: call.Of(sheet),
                @decimal: call.Of(point), dates: call.Of(dates), codes: call.Of(codes), rows: call.Of(rows), from: call.Of(since), noticeDays: call.Of(notice), stakeDays: call.Of(stake), stop: call.Stop);
            job = await WhatIfVerb.WaitAsync(call, job);
            if (job.State != JobState.Done) throw new RefusedException(job.State == JobState.Cancelled ? "the reading was cancelled" : $"the file cannot be read: {job.Says}", TandemClient.ToJson(job));
            call.Terminal.Show(TandemClient.Read<DeckReportView>(job.Result!), a => ShowReport(call.Terminal, a));
            return CommandLine.Done;
        });
    }

    private static ApiVerb Reports() => new(new Command("reports", "Reports on carriers' files, newest first"), async call =>
    {
        call.Terminal.Show(await call.Api.GetDeckReportsAsync(stop: call.Stop), a => call.Terminal.Table(a.Reports, "there is no report",
            ("report", static r => r.Id), ("deck", static r => r.Deck), ("file", static r => r.FileName), ("read", static r => r.At), ("by", static r => r.By), ("applied", static r => r.Applied), ("rows", static r => r.Rows),
            ("up", static r => r.Increases), ("down", static r => r.Decreases), ("new", static r => r.New), ("deleted", static r => r.Deleted), ("invalid", static r => r.Invalid)));
        return CommandLine.Done;
    });

    private static ApiVerb Show()
    {
        var id = new Argument<string>("REPORT") { Description = "Its id" };
        var lines = new Option<string?>("--lines") { Description = "Write every code it speaks of into this CSV file; - writes to the output", HelpName = "FILE" };
        return new ApiVerb(new Command("show", "A report again, or all its lines") { id, lines }, async call =>
        {
            if (call.Of(lines) is { } to) await SaveAsync(call, await call.Api.GetDeckReportsByIdLinesAsync(call.Of(id), stop: call.Stop), to);
            else call.Terminal.Show(await call.Api.GetDeckReportsByIdAsync(call.Of(id), stop: call.Stop), a => ShowReport(call.Terminal, a));
            return CommandLine.Done;
        });
    }

    private static ApiVerb Assign(Func<string, CancellationToken, Task<byte[]>> readAsync)
    {
        var name = new Argument<string>("NAME") { Description = "The deck they get" };
        var accounts = new Argument<string[]>("ACCOUNT") { Description = "Their numbers", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> file = Text("--file", "FILE", "A file with a number on each line; - reads it from the input"), deck = Text("--of-deck", "NAME", "Accounts that have this deck now"), agent = Text("--of-agent", "NUMBER", "Accounts directly below this agent");
        var dry = new Option<bool>("--dry-run") { Description = "Only say how many would change" };
        return new ApiVerb(new Command("assign", "Give accounts a deck: those named, or those of a deck or an agent; all of them in one revision, or none") { name, accounts, file, deck, agent, dry }, async call =>
        {
            List<string> named = [.. call.Typed.GetValue(accounts) ?? []];
            if (call.Of(file) is { } from) named.AddRange(System.Text.Encoding.UTF8.GetString(await readAsync(from, call.Stop)).Split('\n').Select(static l => l.Trim()).Where(static l => l.Length > 0));
            var order = new AssignmentRequest { Accounts = named.Count > 0 ? named : null, OfDeck = call.Of(deck), OfAgent = call.Of(agent) };
            JobView job = await WhatIfVerb.WaitAsync(call, await call.Api.PostDecksByNameAssignmentsAsync(call.Of(name), order, call.Of(dry) ? true : null, stop: call.Stop));
            if (job.State != JobState.Done) throw new RefusedException(job.State == JobState.Cancelled ? "cancelled; nothing was changed" : job.Says, TandemClient.ToJson(job));
            call.Terminal.Show(TandemClient.Read<DeckAssignedView>(job.Result!), a => call.Terminal.Say(a.Accounts == 0 ? $"nothing to change: {a.Unchanged} have it already" : $"{a.Accounts} accounts {(a.DryRun ? "would get" : "have got")} the deck {a.Deck}, {a.Unchanged} had it already{(a.DryRun ? "" : $"; revision {a.Revision}")}"));
            return CommandLine.Done;
        });
    }

    private static ApiVerb Apply()
    {
        var id = new Argument<string>("REPORT") { Description = "Its id" };
        var accept = new Option<bool>("--accept-invalid") { Description = "Although rows cannot be read; their codes stay as they are" };
        return new ApiVerb(new Command("apply", "Make what a report speaks of the deck in force") { id, accept }, async call =>
        {
            DeckImportView answer = await call.Api.PostDeckReportsByIdApplyAsync(call.Of(id), call.Of(accept) ? "true" : null, stop: call.Stop);
            call.Terminal.Show(answer, a => call.Terminal.Say($"deck {a.Name}: {a.Rates} lines, {a.Added} added, {a.Changed} changed, {a.Removed} removed; version {a.Version}, revision {a.Revision}"));
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
            await SaveAsync(call, await call.Api.GetDecksByNameRatesAsync(call.Of(name), call.Of(version), stop: call.Stop), call.Of(file));
            return CommandLine.Done;
        });
    }

    private static ApiVerb Templates() => new(new Command("templates", "Layouts of carriers' files that are known"), async call =>
    {
        call.Terminal.Show(await call.Api.GetDeckTemplatesAsync(stop: call.Stop), a =>
        {
            foreach (DeckTemplateView template in a.Templates) call.Terminal.Say($"{template.Name}{(template.Own ? " (yours)" : "")}: {string.Join("  ", template.Columns)}");
        });
        return CommandLine.Done;
    });

    private static async Task SaveAsync(ApiCall call, TandemDownload download, string to)
    {
        await using TandemDownload from = download;
        if (to == "-")
        {
            await using Stream output = Console.OpenStandardOutput();
            await from.Content.CopyToAsync(output, call.Stop);
            return;
        }
        await WholeFile.WriteAsync(to, file => from.Content.CopyToAsync(file, call.Stop));
        call.Terminal.Say($"written to {to}");
    }

    private static void ShowReport(Terminal terminal, DeckReportView a)
    {
        terminal.Say($"report {a.Id}: {a.FileName} for deck {a.Deck}, in {a.Currency}; {a.ReadAs}");
        if (a.PassedOver.Count > 0) terminal.Say($"columns that mean nothing here: {string.Join(", ", a.PassedOver)}");
        terminal.Say($"{a.Rows} rows, {a.Codes} codes: {a.Increases} dearer, {a.Decreases} cheaper, {a.Terms} with other terms, {a.New} new, {a.Deleted} deleted, {a.Blocked} blocked, {a.Unblocked} unblocked, {a.Renamed} renamed, {a.Unchanged} as they were");
        if (a.TooEarly > 0) terminal.Say($"! {a.TooEarly} become dearer in less than {a.NoticeDays} days");
        if (a.SoldNotBought > 0) terminal.Say($"! {a.SoldNotBought} codes are sold, and no carrier sells them to us any more: {string.Join(", ", a.SoldNotBoughtCodes.Take(10).Select(static c => $"{c.Code} {c.Area} ({string.Join(", ", c.SoldBy)})"))}");
        if (a.Invalid > 0)
        {
            terminal.Say($"! {a.Invalid} rows cannot be read:");
            foreach (SheetFaultView fault in a.Faults.Take(20)) terminal.Say($"    row {fault.Row}: {fault.Says}");
        }
        if (a.Stake is { } stake)
        {
            terminal.Say($"at stake, by {stake.Calls} calls ({stake.Seconds / 60} min) since {Terminal.Words(stake.Since)}: {stake.Before} becomes {stake.After}, a difference of {stake.Difference}");
            if (stake.WithoutRate > 0) terminal.Say($"! {stake.WithoutRate} of those calls, worth {stake.WithoutRateAmount}, would have no rate any more");
        }
        terminal.Table([.. a.Lines.Take(MostRows)], "nothing would change", ("code", static r => r.Code), ("destination", static r => r.Area), ("", static r => r.Change), ("from", static r => r.From), ("before", static r => r.Before), ("after", static r => r.After),
            ("%", static r => r.Percent), ("calls", static r => r.Calls), ("stake", static r => r.Stake), ("too early", static r => r.TooEarly));
        terminal.Say(a.Applied is { } applied ? $"applied at {Terminal.Words(applied)} by {a.AppliedBy}" : $"nothing was changed; 'tandem deck apply {a.Id}' makes it the deck, 'tandem deck show {a.Id} --lines FILE' has every line");
    }

    private static Option<string?> Text(string name, string help, string says) => new(name) { Description = says, HelpName = help };
}
