using System.CommandLine;
using System.Text.Json.Nodes;
using Tandem.Client;

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
            string? name = call.Of(deck);
            using HttpContent body = ApiVerbs.Body(await readAsync(call.Of(file), call.Stop), name is null ? "application/json" : "text/csv");
            JobView job = await WaitAsync(call, await call.Api.PostWhatIfAsync(body, call.Typed.GetRequiredValue(days), name, name is null ? null : call.Of(currency) ?? "", stop: call.Stop));
            if (job.State != JobState.Done) throw new RefusedException($"the question was {(job.State == JobState.Cancelled ? "cancelled" : "not answered")}: {job.Says}", TandemClient.ToJson(job));
            call.Terminal.Show(job.Result!, answer => Show(call.Terminal, answer));
            return CommandLine.Done;
        });
    }

    /// <summary>Waits for the end of a job while telling how far it is; broken off, it cancels the job.</summary>
    internal static async Task<JobView> WaitAsync(ApiCall call, JobView job)
    {
        try
        {
            string told = "";
            while (job.State == JobState.Running)
            {
                await Task.Delay(Poll, call.Stop);
                job = await call.Api.GetJobsByIdAsync(job.Id, stop: call.Stop);
                string says = $"{job.Done * 100:0} %: {job.Says}";
                if (says != told && !call.Terminal.Json) await Console.Error.WriteLineAsync(told = says);
            }
            return job;
        }
        catch (OperationCanceledException)
        {
            await call.Api.DeleteJobsByIdAsync(job.Id, stop: CancellationToken.None);
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
        terminal.Table<JsonNode?>([.. (JsonArray)answer["refused"]!], "every call would be carried", ("not carried because", static r => r!["says"]), ("before", static r => r!["before"]), ("after", static r => r!["after"]));
    }

    private static void Table(Terminal terminal, string title, JsonNode? rows)
    {
        JsonArray all = (JsonArray)rows!;
        terminal.Say("");
        terminal.Say(all.Count > MostRows ? $"{title} (the {MostRows} that change most, of {all.Count}; --json has all)" : title);
        static (string, Func<JsonNode?, object?>) Column(string heading, string field) => (heading, r => r![field]);
        terminal.Table<JsonNode?>([.. all.Take(MostRows)], "none", Column("name", "name"), Column("", "currency"), Column("calls", "callsBefore"), Column("after", "callsAfter"), Column("moved", "moved"),
            Column("sale", "saleBefore"), Column("after", "saleAfter"), Column("cost", "costBefore"), Column("after", "costAfter"), Column("margin", "marginBefore"), Column("after", "marginAfter"), Column("change", "marginChange"));
    }
}
