using System.Text.Json.Nodes;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Hosting;

/// <summary>Gives many accounts a deck by one revision: their entries are taken from the configuration in force, changed in this one field and applied. Somebody else's change meanwhile: it is begun anew.</summary>
internal sealed class AssignDeckWork(SwitchHost host, DeckAssignment order, string by)
{
    private const int Attempts = 5;

    /// <summary>What is wrong with the order, in words; null: nothing.</summary>
    public static Fault? Refuse(SwitchConfiguration current, DeckAssignment order)
    {
        if (!current.Decks.ContainsKey(order.Deck)) return new Fault(FaultKind.NotFound, $"There is no deck {order.Deck}.");
        if (order.OfDeck is { } before && !current.Decks.ContainsKey(before)) return new Fault(FaultKind.NotFound, $"There is no deck {before}.", [new FieldFault(0, "ofDeck", "is no deck")]);
        if (order.OfAgent is { } agent && !current.Accounts.ContainsKey(agent)) return new Fault(FaultKind.NotFound, $"There is no account {agent}.", [new FieldFault(0, "ofAgent", "is no account")]);
        FieldFault[] missing = [.. (order.Accounts ?? []).Select(static (a, i) => (Account: a, Row: i + 1)).Where(a => !current.Accounts.ContainsKey(a.Account)).Take(100).Select(static a => new FieldFault(a.Row, "accounts", $"there is no account {Configuration.DocumentNode.Printable(a.Account)}"))];
        return missing.Length == 0 ? null : new Fault(FaultKind.NotFound, $"Nothing was changed: {(missing.Length < 100 ? missing.Length : "100 or more")} of the accounts do not exist.", missing);
    }

    public async Task<object> RunAsync(JobProgress progress, CancellationToken stop)
    {
        for (int attempt = 1; ; attempt++)
        {
            stop.ThrowIfCancellationRequested();
            int revision = host.Configuration.Revision;
            SwitchConfiguration current = host.Configuration.Current.Configuration;
            if (Refuse(current, order) is { } gone) throw new InvalidOperationException(gone.Says);
            progress.Say(0.1, "looks for the accounts");
            HashSet<string> wanted = new((order.Accounts ?? current.Accounts.Values.Where(a => (order.OfDeck is null || a.Deck == order.OfDeck) && (order.OfAgent is null || a.Agent == order.OfAgent)).Select(static a => a.Number)), StringComparer.Ordinal);
            JsonArray changed = [];
            foreach (JsonNode? entry in JsonNode.Parse(host.Configuration.ToDocument())!["accounts"]?.AsArray() ?? [])
            {
                if (!wanted.Contains((string)entry!["account"]!) || (string?)entry["feeRateGroup"] == order.Deck) continue;
                JsonNode copy = entry.DeepClone();
                copy["feeRateGroup"] = order.Deck;
                changed.Add(copy);
            }
            int count = changed.Count;
            if (count == 0) return new DeckAssignedView(order.Deck, 0, wanted.Count, revision, order.DryRun);
            progress.Say(0.5, $"applies it to {count} accounts");
            Answer<ApplyView> answer = await host.Control.ApplyAsync(System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["accounts"] = changed }.ToJsonString()), order.DryRun, by, stop, revision);
            if (answer.Value is { } applied) return new DeckAssignedView(order.Deck, count, wanted.Count - count, applied.Revision, order.DryRun);
            if (answer.Fault!.Kind != FaultKind.Stale || attempt == Attempts) throw new InvalidOperationException($"Nothing was changed: {answer.Fault.Says} {string.Join("; ", answer.Fault.Errors.Take(3))}".TrimEnd());
        }
    }
}
