using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Snapshots;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Hosting;

/// <summary>A configuration that was in force once.</summary>
/// <param name="Revision">Its number.</param>
/// <param name="Since">When it came into force.</param>
/// <param name="Configuration">What the operator had said.</param>
internal sealed record PastRevision(int Revision, Instant Since, SwitchConfiguration Configuration);

/// <summary>A revision between what it followed and what it made.</summary>
internal sealed record ChangedRevision(SwitchConfiguration Before, SwitchConfiguration After, IReadOnlyList<AuditEntry> Changes);

/// <summary>
/// The configuration of an earlier time, folded anew from the changes in the journal, which is kept from its beginning. The one asked for last is remembered. May be asked from any thread.
/// </summary>
internal sealed class PastRevisions(SwitchHost host)
{
    private volatile Remembered? _last;

    private sealed record Remembered(PastRevision Revision, Instant Until);

    /// <summary>Whether the revision in force now was in force then already.</summary>
    public bool IsCurrent(Instant at) => host.Configuration.Audit is [.., var last] && last.At <= at;

    /// <summary>The revision in force at an instant before the last change. Conflict: there was none, or the journal cannot give it back.</summary>
    public async Task<Answer<PastRevision>> AtAsync(Instant at, CancellationToken stop)
    {
        if (_last is { } last && last.Revision.Since <= at && at < last.Until) return last.Revision;
        return await Task.Run(() => Fold(at), stop);
    }

    /// <summary>What was in force just before a revision, and that revision itself. NotFound: it never was. Conflict: the journal cannot give it back.</summary>
    public Task<Answer<ChangedRevision>> AroundAsync(int revision, CancellationToken stop) => Task.Run(() => Around(revision), stop);

    private Answer<ChangedRevision> Around(int revision)
    {
        var book = new ConfigurationBook(host.Shelf);
        SwitchConfiguration before = book.Current.Configuration;
        string? why = Replay(book, _ =>
        {
            if (book.Revision == revision) return false;
            before = book.Current.Configuration;
            return true;
        });
        if (why is not null) return new Fault(FaultKind.Conflict, $"Revision {revision} cannot be restored: {why}.");
        return book.Revision == revision ? new ChangedRevision(before, book.Current.Configuration, [.. book.Audit.Where(e => e.Revision == revision)]) : new Fault(FaultKind.NotFound, $"There is no revision {revision}.");
    }

    private Answer<PastRevision> Fold(Instant at)
    {
        var book = new ConfigurationBook(host.Shelf);
        Instant since = default, next = Instant.Never;
        string? why = Replay(book, changed =>
        {
            if (changed > at)
            {
                next = changed;
                return false;
            }
            since = changed;
            return true;
        });
        if (why is not null) return new Fault(FaultKind.Conflict, $"The configuration of {at} cannot be restored: {why}.");
        if (book.Revision == 0) return new Fault(FaultKind.Conflict, next == Instant.Never ? $"At {at} nothing was configured." : $"At {at} nothing was configured yet; revision 1 is of {next}.");
        (SwitchConfiguration configuration, int revision) = book.Current;
        var found = new PastRevision(revision, since, configuration);
        _last = new Remembered(found, next);
        return found;
    }

    /// <summary>Folds the changes of the journal one after the other, as long as <paramref name="goOn"/> wants the one of the time it is told.</summary>
    /// <returns>Null; or why it could not.</returns>
    private string? Replay(ConfigurationBook book, Func<Instant, bool> goOn)
    {
        try
        {
            using var reader = new JournalReader(Path.Combine(host.Options.DataFolder, Books.JournalFolder), 0, () => host.Books.Journal.DurablePosition);
            while (reader.TryRead(out JournalRecord record))
            {
                if (record.Type != JournalRecordType.Configuration) continue;
                if (!goOn(ConfigurationBook.TimeOf(record.Payload) ?? record.At)) break; // the record is of a moment later
                if (!book.TryFold(record.Payload, out string error)) return error;
            }
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DataFolderException)
        {
            return e.Message;
        }
    }
}
