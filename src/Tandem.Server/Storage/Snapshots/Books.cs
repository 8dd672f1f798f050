using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Snapshots;

/// <summary>Hears each configuration record of the journal in order while it is folded.</summary>
public delegate void ConfigurationRecord(Instant at, ReadOnlySpan<byte> payload);

/// <summary>
/// The books of a data folder, opened: the journal ready to be written, the ledger as of its end. Calls that were open are still open in
/// it; the host settles them with <see cref="Ledger.Recover"/> once it knows its settings, and writes out.
/// </summary>
/// <param name="Journal">Open for this process.</param>
/// <param name="Ledger">Folded from the newest snapshot and the journal behind it.</param>
/// <param name="Snapshots">Where to put the next one.</param>
/// <param name="States">The other owners' states in the snapshot used; empty when the fold began at the beginning.</param>
/// <param name="Notices">What the operator should read: a torn tail cut, a snapshot passed over.</param>
public sealed record Books(JournalFile Journal, Ledger Ledger, SnapshotStore Snapshots, IReadOnlyDictionary<string, byte[]> States, IReadOnlyList<string> Notices)
{
    public const string JournalFolder = "journal";
    public const string SnapshotFolder = "snapshots";

    /// <param name="dataFolder">Holds <c>journal/</c> and <c>snapshots/</c>.</param>
    /// <param name="onStates">Given the other owners' states before any record, when a snapshot is used.</param>
    /// <param name="onConfiguration">Hears the configuration records behind the snapshot.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="DataFolderException">The folder is in use, not writable, or its journal damaged or not foldable; one sentence.</exception>
    public static Books Open(string dataFolder, Action<IReadOnlyDictionary<string, byte[]>>? onStates, ConfigurationRecord onConfiguration, JournalOptions? options = null)
    {
        string folder = Path.Combine(dataFolder, JournalFolder);
        SnapshotStore snapshots = new(Path.Combine(dataFolder, SnapshotFolder));
        JournalFile journal = JournalFile.Open(folder, options, provenUpTo: snapshots.Newest);
        try
        {
            List<string> notices = [];
            if (journal.RecoveryNotice is { } cut) notices.Add(cut);
            Ledger? ledger = null;
            long from = 0;
            IReadOnlyDictionary<string, byte[]> states = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            if (snapshots.TryLoadNewest(journal.Position, notices, out Snapshot? snapshot))
            {
                if (snapshot.States.TryGetValue(SnapshotStore.LedgerState, out byte[]? bytes) && Ledger.TryLoad(journal, bytes, out ledger)) (from, states) = (snapshot.Position, snapshot.States);
                else notices.Add($"The snapshot at position {snapshot.Position} is of a version this program does not read; the whole journal is read.");
            }
            ledger ??= new Ledger(journal);
            if (from > 0) onStates?.Invoke(states);
            LedgerFold fold = new(ledger);
            using JournalReader reader = journal.OpenReader(from);
            while (reader.TryRead(out JournalRecord record))
            {
                if (record.Type == JournalRecordType.Configuration) onConfiguration(record.At, record.Payload);
                fold.Apply(record.Type, record.At, record.Payload, record.Position);
            }
            if (fold.Faults.Count > 0) throw new DataFolderException($"The journal in {folder} does not add up and was not changed: {fold.Faults[0]}.");
            return new Books(journal, ledger, snapshots, states, notices);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>A fold that begins at the newest snapshot, for the running check; of the journal where it is durable.</summary>
    public BooksFold FoldFromSnapshot()
    {
        LedgerFold fold = LedgerFold.FromNothing();
        long from = 0;
        if (Snapshots.TryLoadNewest(Journal.DurablePosition, [], out Snapshot? snapshot) && snapshot.States.TryGetValue(SnapshotStore.LedgerState, out byte[]? bytes) && Ledger.TryLoad(fold.Ledger.Journal, bytes, out Ledger? ledger))
            (from, fold) = (snapshot.Position, new LedgerFold(ledger));
        return new BooksFold(Journal.OpenReader(from), fold);
    }

    /// <summary>
    /// Takes a snapshot of the states as of <paramref name="position"/>; waits for that to be durable. For an edge thread.
    /// </summary>
    /// <returns>False when the position did not become durable in time; no snapshot then.</returns>
    public bool TakeSnapshot(long position, Instant at, byte[] ledgerState, IReadOnlyDictionary<string, byte[]> otherStates)
    {
        if (!Journal.WaitDurable(position, TimeSpan.FromSeconds(30))) return false;
        Dictionary<string, byte[]> states = new(otherStates, StringComparer.Ordinal) { [SnapshotStore.LedgerState] = ledgerState };
        Snapshots.Write(new Snapshot(position, at, states));
        return true;
    }
}
