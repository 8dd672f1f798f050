using System.CommandLine;
using System.Text.Json.Nodes;

namespace Tandem.Server.Cli;

// Settings as they are, as they were, and back again.
internal sealed partial class ApiVerbs
{
    private void Settings()
    {
        var name = new Argument<string?>("NAME") { Description = "One setting, by name or alias", Arity = ArgumentArity.ZeroOrOne };
        var value = new Argument<string?>("VALUE") { Description = "What it shall be", Arity = ArgumentArity.ZeroOrOne };
        var history = new Option<bool>("--history") { Description = "Who changed it when" };
        Option<string?> at = Text("--at", "TIME", "As it was then: 2026-04-26T12:00:00Z");
        var settings = new Command("settings", "Show or change settings; how they were, what differs, and back again") { name, value, history, at };
        Add(settings, async call =>
        {
            string? one = call.Typed.GetValue(name);
            string path = one is null ? "/v1/settings" : $"/v1/settings/{Uri.EscapeDataString(one)}";
            if (call.Typed.GetValue(value) is { } text)
            {
                if (call.Typed.GetValue(at) is not null) throw new RefusedException("the past cannot be changed: --at goes without a value");
                call.Terminal.Show(await SendAsync(call, path, new JsonObject { ["value"] = text }, HttpMethod.Put), a => call.Terminal.Say(
                    a["obeyedBy"] is { } later ? $"{a["name"]} = {a["value"]} (kept; obeyed by {later}, which this version does not have)" : $"{a["name"]} = {a["value"]} (takes effect: {a["applies"]})"));
                return CommandLine.Done;
            }
            if (call.Typed.GetValue(history))
            {
                call.Terminal.Show(await call.GetAsync(path + "/history"), a => call.Terminal.Table(a["changes"], "nothing was changed",
                    ("revision", "revision"), ("at", "at"), ("by", "by"), ("setting", "name"), ("from", "from"), ("to", "to")));
                return CommandLine.Done;
            }
            if (call.Typed.GetValue(at) is { } then) path += $"?at={Uri.EscapeDataString(then)}";
            call.Terminal.Show(await call.GetAsync(path), a =>
            {
                if (one is null) call.Terminal.Table(a["settings"], "there is no setting", ("setting", "name"), ("value", "value"), ("default", "default"), ("may be", "range"));
                else ShowFields(call.Terminal, (JsonObject)a, "");
            });
            return CommandLine.Done;
        });
        var from = new Argument<string>("FROM") { Description = "A time: 2026-04-26T12:00:00Z, or 2026-04-26" };
        var to = new Argument<string?>("TO") { Description = "A later one; left out: now", Arity = ArgumentArity.ZeroOrOne };
        Under(settings, new Command("diff", "Settings that differ between two times") { from, to }, async call =>
        {
            string query = $"/v1/settings/difference?from={Uri.EscapeDataString(call.Typed.GetRequiredValue(from))}{(call.Typed.GetValue(to) is { } until ? $"&to={Uri.EscapeDataString(until)}" : "")}";
            call.Terminal.Show(await call.GetAsync(query), a => call.Terminal.Table(a["changes"], "no setting differs", ("setting", "name"), ("from", "from"), ("to", "to")));
            return CommandLine.Done;
        });
        var back = new Argument<string>("TIME") { Description = "Whose values come into force" };
        var only = new Argument<string?>("NAME") { Description = "This setting alone; left out: all", Arity = ArgumentArity.ZeroOrOne };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would change" };
        Under(settings, new Command("revert", "Give one setting, or all, the values of a time") { back, only, dryRun }, async call =>
        {
            var asked = new JsonObject { ["at"] = call.Typed.GetRequiredValue(back), ["dryRun"] = call.Typed.GetValue(dryRun) };
            if (call.Typed.GetValue(only) is { } one) asked["name"] = one;
            call.Terminal.Show(await SendAsync(call, "/v1/settings/revert", asked), a =>
            {
                call.Terminal.Table(a["changes"], "nothing differs", ("setting", "key"), ("", "what"), ("", "says"));
                if ((bool?)a["dryRun"] == true) call.Terminal.Say("nothing was changed (--dry-run)");
                else call.Terminal.Say($"revision {a["revision"]}");
            });
            return CommandLine.Done;
        });
    }
}
