using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Tandem.Server.Cli;

/// <summary>tandem what-if: starts the job, waits for its end while telling how far it is, shows its tables. Broken off, it cancels the job.</summary>
internal static class WhatIfVerb
{
    private const int MostRows = 40;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    public static ApiVerb Create(Func<string, CancellationToken, Task<byte[]>> readAsync)
    {
        var file = new Argument<string>("FILE") { Description = "A document as for apply, or with --deck a CSV deck; - reads it from the input" };
        var days = new Option<string>("--days") { Description = "How many days of calls are made again", HelpName = "N", Required = true };
        var deck = new Option<string?>("--deck") { Description = "FILE is this deck", HelpName = "NAME" };
        var currency = new Option<string?>("--currency") { Description = "Of the deck's rates, as in USD", HelpName = "CODE" };
        var command = new Command("what-if", "What the calls of the last days would have come to with a document or a deck in force; changes nothing") { file, days, deck, currency };
        return new ApiVerb(command, async call =>
        {
            using var body = new ByteArrayContent(await readAsync(call.Typed.GetRequiredValue(file), call.Stop));
            string path = $"/v1/what-if?days={Uri.EscapeDataString(call.Typed.GetRequiredValue(days))}";
            if (call.Typed.GetValue(deck) is { } name) path += $"&deck={Uri.EscapeDataString(name)}&currency={Uri.EscapeDataString(call.Typed.GetValue(currency) ?? "")}";
            body.Headers.ContentType = new MediaTypeHeaderValue(call.Typed.GetValue(deck) is null ? "application/json" : "text/csv");
            JsonNode job = await call.SendAsync(HttpMethod.Post, path, body);
            job = await WaitAsync(call, job);
            string state = Terminal.Field(job, "state");
            if (state != "Done") throw new RefusedException($"the question was {(state == "Cancelled" ? "cancelled" : "not answered")}: {Terminal.Field(job, "says")}", job);
            call.Terminal.Show(job["result"]!, answer => Show(call.Terminal, answer));
            return CommandLine.Done;
        });
    }

    /// <summary>Waits for the end of a job while telling how far it is; broken off, it cancels the job.</summary>
    internal static async Task<JsonNode> WaitAsync(ApiCall call, JsonNode job)
    {
        string id = Uri.EscapeDataString(Terminal.Field(job, "id"));
        try
        {
            string told = "";
            while (Terminal.Field(job, "state") == "Running")
            {
                await Task.Delay(Poll, call.Stop);
                job = await call.GetAsync($"/v1/jobs/{id}");
                string says = $"{(double)job["done"]! * 100:0} %: {Terminal.Field(job, "says")}";
                if (says != told && !call.Terminal.Json) await Console.Error.WriteLineAsync(told = says);
            }
            return job;
        }
        catch (OperationCanceledException)
        {
            await call.Api.SendAsync(HttpMethod.Delete, $"/v1/jobs/{id}", null, CancellationToken.None);
            throw;
        }
    }

    private static void Show(Terminal terminal, JsonNode answer)
    {
        terminal.Say($"{answer["calls"]} calls from {answer["since"]} to {answer["until"]}, {answer["answered"]} of them answered; before: revision {answer["revision"]}");
        terminal.Say($"{answer["moved"]} would go to another gateway, {answer["lost"]} would not be carried any more, {answer["gained"]} would be carried newly");
        foreach (JsonNode? recorded in (JsonArray)answer["recorded"]!)
            terminal.Say($"when they were made they came to {recorded!["sale"]} − {recorded["cost"]} = {recorded["margin"]} {recorded["currency"]}");
        Table(terminal, "all calls", answer["totals"]);
        Table(terminal, "customers", answer["customers"]);
        Table(terminal, "carriers", answer["carriers"]);
        Table(terminal, "destinations", answer["destinations"]);
        terminal.Table(answer["refused"], "every call would be carried", ("not carried because", "says"), ("before", "before"), ("after", "after"));
    }

    private static void Table(Terminal terminal, string title, JsonNode? rows)
    {
        JsonArray all = (JsonArray)rows!;
        terminal.Say("");
        terminal.Say(all.Count > MostRows ? $"{title} (the {MostRows} that change most, of {all.Count}; --json has all)" : title);
        var shown = new JsonArray();
        foreach (JsonNode? row in all.Take(MostRows)) shown.Add(row!.DeepClone());
        terminal.Table(shown, "none", ("name", "name"), ("", "currency"), ("calls", "callsBefore"), ("after", "callsAfter"), ("moved", "moved"),
            ("sale", "saleBefore"), ("after", "saleAfter"), ("cost", "costBefore"), ("after", "costAfter"), ("margin", "marginBefore"), ("after", "marginAfter"), ("change", "marginChange"));
    }
}
