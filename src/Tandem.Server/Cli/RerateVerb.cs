using System.CommandLine;
using System.Text.Json.Nodes;
using Tandem.Client;

namespace Tandem.Server.Cli;

/// <summary>tandem rerate: starts the job, waits for its end while telling how far it is, shows the difference per account. Broken off, it cancels the job.</summary>
internal static class RerateVerb
{
    public static ApiVerb Create()
    {
        var deck = new Option<string>("--deck") { Description = "The deck that was wrong", HelpName = "NAME", Required = true };
        var from = new Option<string?>("--from") { Description = "Calls that ended from then on, as 2026-11-01T00:00:00Z", HelpName = "TIME", Required = true };
        var to = new Option<string?>("--to") { Description = "And before then; left out: up to now", HelpName = "TIME" };
        var version = new Option<string?>("--version-of-deck") { Description = "By this version; left out: by the one the deck has for the time of each call", HelpName = "VERSION" };
        var pricedBy = new Option<string?>("--priced-by") { Description = "Only charges this version made", HelpName = "VERSION" };
        var apply = new Option<bool>("--apply") { Description = "Put the charges right; without it nothing is changed" };
        var command = new Command("rerate", "Rate calls again by a deck put right: what would change, and with --apply give back and charge anew") { deck, from, to, version, pricedBy, apply };
        return new ApiVerb(command, async call =>
        {
            JsonNode begun = await call.Api.PostRerateAsync(call.Typed.GetRequiredValue(deck), call.Time(from, "since"), call.Time(to, "until"), call.Of(version), call.Of(pricedBy), call.Of(apply) ? "true" : null, stop: call.Stop);
            if (begun["kind"] is not null)
            {
                call.Terminal.Show(begun, a => call.Terminal.Say(ApiVerbs.Waits(a)));
                return CommandLine.Done;
            }
            JobView job = await WhatIfVerb.WaitAsync(call, TandemClient.Read<JobView>(begun));
            if (job.State != JobState.Done) throw new RefusedException($"re-rating was {(job.State == JobState.Cancelled ? "cancelled; what was put right stays so" : "not finished")}: {job.Says}", TandemClient.ToJson(job));
            call.Terminal.Show(TandemClient.Read<RerateView>(job.Result!), a => Show(call.Terminal, a));
            return CommandLine.Done;
        });
    }

    private static void Show(Terminal terminal, RerateView a)
    {
        terminal.Say($"{a.Calls} calls, {a.Charges} charges by {a.Deck}: {a.Right} right, {a.Wrong} {(a.Applied ? "put right" : "wrong (nothing was changed; --apply puts them right)")}");
        foreach ((string why, long count) in a.Left) terminal.Say($"{count} left as they are: {why}");
        terminal.Table(a.Accounts, "no account is concerned",
            ("account", static r => r.Account), ("charges", static r => r.Charges), ("before", static r => r.Before), ("after", static r => r.After), ("difference", static r => r.Difference));
    }
}
