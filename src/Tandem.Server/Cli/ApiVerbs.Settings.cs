using System.CommandLine;
using Tandem.Client;

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
            Terminal to = call.Terminal;
            string? then = call.Of(at);
            switch (call.Maybe(name), call.Maybe(value))
            {
                case ({ } one, { } text):
                    if (then is not null) throw new RefusedException("the past cannot be changed: --at goes without a value");
                    to.Show(await call.Api.PutSettingsByNameAsync(one, new SettingRequest { Value = text }, ifMatch: "*", stop: call.Stop), a => to.Say(
                        a.ObeyedBy is { } later ? $"{a.Name} = {a.Value} (kept; obeyed by {later}, which this version does not have)" : $"{a.Name} = {a.Value} (takes effect: {a.Applies})"));
                    break;
                case (var one, _) when call.Of(history):
                    to.Show(one is null ? await call.Api.GetSettingsHistoryAsync(stop: call.Stop) : await call.Api.GetSettingsByNameHistoryAsync(one, stop: call.Stop), a => to.Table(a.Changes, "nothing was changed",
                        ("revision", static r => r.Revision), ("at", static r => r.At), ("by", static r => r.By), ("setting", static r => r.Name), ("from", static r => r.From), ("to", static r => r.To)));
                    break;
                case ({ } one, _):
                    to.Show(await call.Api.GetSettingsByNameAsync(one, then, stop: call.Stop), to.Fields);
                    break;
                default:
                    to.Show(await call.Api.GetSettingsAsync(then, stop: call.Stop), a => to.Table(a.Settings, "there is no setting", ("setting", static r => r.Name), ("value", static r => r.Value), ("default", static r => r.Default), ("may be", static r => r.Range)));
                    break;
            }
            return CommandLine.Done;
        });
        var from = new Argument<string>("FROM") { Description = "A time: 2026-04-26T12:00:00Z, or 2026-04-26" };
        var to = new Argument<string?>("TO") { Description = "A later one; left out: now", Arity = ArgumentArity.ZeroOrOne };
        Under(settings, Asking(new Command("diff", "Settings that differ between two times") { from, to }, call => call.Api.GetSettingsDifferenceAsync(call.Of(from), call.Maybe(to), stop: call.Stop),
            static (t, a) => t.Table(a.Changes, "no setting differs", ("setting", static r => r.Name), ("from", static r => r.From), ("to", static r => r.To))));
        var back = new Argument<string>("TIME") { Description = "Whose values come into force" };
        var only = new Argument<string?>("NAME") { Description = "This setting alone; left out: all", Arity = ArgumentArity.ZeroOrOne };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would change" };
        Under(settings, Asking(new Command("revert", "Give one setting, or all, the values of a time") { back, only, dryRun },
            call => call.Api.PostSettingsRevertAsync(new SettingRevertRequest { At = call.Of(back), Name = call.Maybe(only), DryRun = call.Of(dryRun) }, stop: call.Stop), static (t, a) =>
            {
                t.Table(a.Changes, "nothing differs", ("setting", static r => r.Key), ("", static r => r.What), ("", static r => r.Says));
                t.Say(a.DryRun ? "nothing was changed (--dry-run)" : $"revision {a.Revision}");
            }));
    }
}
