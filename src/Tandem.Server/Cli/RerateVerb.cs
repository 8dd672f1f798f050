using System.CommandLine;
using System.Text.Json.Nodes;

namespace Tandem.Server.Cli;

/// <summary>tandem rerate: starts the job, waits for its end while telling how far it is, shows the difference per account. Broken off, it cancels the job.</summary>
internal static class RerateVerb
{
    public static ApiVerb Create()
    {
        var deck = new Option<string>("--deck") { Description = "The deck that was wrong", HelpName = "NAME", Required = true };
        var from = new Option<string>("--from") { Description = "Calls that ended from then on, as 2026-11-01T00:00:00Z", HelpName = "TIME", Required = true };
        var to = new Option<string?>("--to") { Description = "And before then; left out: up to now", HelpName = "TIME" };
        var version = new Option<string?>("--version-of-deck") { Description = "By this version; left out: by the one the deck has for the time of each call", HelpName = "VERSION" };
        var pricedBy = new Option<string?>("--priced-by") { Description = "Only charges this version made", HelpName = "VERSION" };
        var apply = new Option<bool>("--apply") { Description = "Put the charges right; without it nothing is changed" };
        var command = new Command("rerate", "Rate calls again by a deck put right: what would change, and with --apply give back and charge anew") { deck, from, to, version, pricedBy, apply };
        return new ApiVerb(command, async call =>
        {
            string path = $"/v1/rerate?deck={Escaped(call.Typed.GetRequiredValue(deck))}&since={Escaped(call.Typed.GetRequiredValue(from))}{With("until", call.Typed.GetValue(to))}{With("version", call.Typed.GetValue(version))}{With("pricedBy", call.Typed.GetValue(pricedBy))}{(call.Typed.GetValue(apply) ? "&apply=true" : "")}";
            JsonNode job = await WhatIfVerb.WaitAsync(call, await call.SendAsync(HttpMethod.Post, path, null));
            string state = Terminal.Field(job, "state");
            if (state != "Done") throw new RefusedException($"re-rating was {(state == "Cancelled" ? "cancelled; what was put right stays so" : "not finished")}: {Terminal.Field(job, "says")}", job);
            call.Terminal.Show(job["result"]!, a => Show(call.Terminal, a));
            return CommandLine.Done;
        });
    }

    private static void Show(Terminal terminal, JsonNode a)
    {
        bool applied = (bool)a["applied"]!;
        terminal.Say($"{a["calls"]} calls, {a["charges"]} charges by {a["deck"]}: {a["right"]} right, {a["wrong"]} {(applied ? "put right" : "wrong (nothing was changed; --apply puts them right)")}");
        foreach ((string why, JsonNode? count) in (JsonObject)a["left"]!) terminal.Say($"{count} left as they are: {why}");
        terminal.Table(a["accounts"], "no account is concerned", ("account", "account"), ("charges", "charges"), ("before", "before"), ("after", "after"), ("difference", "difference"));
    }

    private static string Escaped(string text) => Uri.EscapeDataString(text);

    private static string With(string name, string? text) => text is null ? "" : $"&{name}={Escaped(text)}";
}
