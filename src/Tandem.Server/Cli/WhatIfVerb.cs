using System.CommandLine;
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
            call.Terminal.Show(TandemClient.Read<WhatIfView>(job.Result!), answer => Show(call.Terminal, answer));
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

    private static void Show(Terminal terminal, WhatIfView answer)
    {
        terminal.Say($"{answer.Calls} calls from {Terminal.Words(answer.Since)} to {Terminal.Words(answer.Until)}, {answer.Answered} of them answered; before: revision {answer.Revision}");
        terminal.Say($"{answer.Moved} would go to another gateway, {answer.Lost} would not be carried any more, {answer.Gained} would be carried newly");
        foreach (WhatIfRecordedView recorded in answer.Recorded) terminal.Say($"when they were made they came to {recorded.Sale} − {recorded.Cost} = {recorded.Margin} {recorded.Currency}");
        Table(terminal, "all calls", answer.Totals);
        Table(terminal, "customers", answer.Customers);
        Table(terminal, "carriers", answer.Carriers);
        Table(terminal, "destinations", answer.Destinations);
        terminal.Table(answer.Refused, "every call would be carried", ("not carried because", static r => r.Says), ("before", static r => r.Before), ("after", static r => r.After));
    }

    private static void Table(Terminal terminal, string title, IReadOnlyList<WhatIfRowView> rows)
    {
        terminal.Say("");
        terminal.Say(rows.Count > MostRows ? $"{title} (the {MostRows} that change most, of {rows.Count}; --json has all)" : title);
        terminal.Table<WhatIfRowView>([.. rows.Take(MostRows)], "none", ("name", static r => r.Name), ("", static r => r.Currency), ("calls", static r => r.CallsBefore), ("after", static r => r.CallsAfter), ("moved", static r => r.Moved),
            ("sale", static r => r.SaleBefore), ("after", static r => r.SaleAfter), ("cost", static r => r.CostBefore), ("after", static r => r.CostAfter), ("margin", static r => r.MarginBefore), ("after", static r => r.MarginAfter), ("change", static r => r.MarginChange));
    }
}
