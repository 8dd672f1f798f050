using System.Text.Json;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Hosting;

// A revision taken back: the document that leads from what it made to what was before, applied to what is in force.
public sealed partial class SwitchControl
{
    public IReadOnlyList<AuditEntry> Changes() => host.Configuration.Audit;

    public async Task<Answer<ApplyView>> UndoAsync(int revision, string by, CancellationToken stop, int? onRevision = null)
    {
        int inForce = host.Configuration.Revision;
        if (revision < 1 || revision > inForce) return new Fault(FaultKind.NotFound, $"There is no revision {revision}.");
        Answer<ChangedRevision> around = await host.Past.AroundAsync(revision, stop);
        if (around.Value is not { } changed) return around.Fault!;
        var touched = changed.Changes.Select(static c => Subject(c.What)).ToHashSet(StringComparer.Ordinal);
        if (Subjects(changed.After, host.Configuration.Current.Configuration).FirstOrDefault(touched.Contains) is { } again)
            return new Fault(FaultKind.Conflict, $"Revision {revision} changed {again}, which was changed again since: take that back first, or say what it shall be.");
        using MemoryStream document = new();
        using (Utf8JsonWriter to = new(document, ConfigurationJson.Compact)) ConfigurationJson.WriteChange(to, changed.After, changed.Before, Writing.Whole);
        // A change that came between would be undone unseen: then the revision asked for is no longer the one in force.
        return await ApplyAsync(document.ToArray(), dryRun: false, by, stop, onRevision ?? inForce);
    }

    private static IEnumerable<string> Subjects(SwitchConfiguration then, SwitchConfiguration now) =>
        AuditEntry.Between(then, now, 0, default, "").Select(static c => Subject(c.What));

    /// <summary>The entity a change is of: a change writes it whole.</summary>
    private static string Subject(string what)
    {
        int end = what.IndexOf(']', StringComparison.Ordinal);
        return end < 0 ? what : what[..(end + 1)];
    }
}
