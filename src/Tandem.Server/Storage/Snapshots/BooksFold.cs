using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Snapshots;

/// <summary>What <c>check</c> found.</summary>
/// <param name="Records">Records folded.</param>
/// <param name="Faults">Records that do not follow, prices that are not their tariff's.</param>
/// <param name="Differences">Where the live ledger is not the fold.</param>
/// <param name="Totals">The fold's sums by currency.</param>
/// <param name="OpenCalls">Calls open at the end of the fold.</param>
public sealed record BooksReport(long Records, IReadOnlyList<string> Faults, IReadOnlyList<string> Differences, IReadOnlyList<LedgerTotal> Totals, int OpenCalls)
{
    public bool IsGreen => Faults.Count == 0 && Differences.Count == 0;
}

/// <summary>A second ledger that is made from the journal alone and brought forward step by step, so that the live one can be held against it part by part while it goes on. One thread at a time.</summary>
/// <param name="reader">Where the fold is, and goes on.</param>
/// <param name="fold">What was folded so far.</param>
public sealed class BooksFold(JournalReader reader, LedgerFold fold) : IDisposable
{
    private readonly List<string> _differences = [];

    /// <summary>From the very beginning, snapshots ignored, every price proven.</summary>
    public static BooksFold Whole(JournalReader reader) => new(reader, LedgerFold.FromNothing(provePrices: true));

    /// <param name="position">To exactly here, at most as far as the reader goes.</param>
    /// <exception cref="JournalCorruptException">The journal is damaged in the middle.</exception>
    public void ReadTo(long position)
    {
        while (reader.Position < position && reader.TryRead(out JournalRecord record)) fold.Apply(record.Type, record.At, record.Payload, record.Position);
    }

    /// <summary>Holds a part of the live ledger against the fold, which was read to where the part was copied.</summary>
    public void Hold(LedgerSlice live) => _differences.AddRange(LedgerCheck.Compare(fold.Ledger, live));

    public BooksReport Report() => new(fold.Records, fold.Faults, [.. _differences, .. LedgerCheck.Held(fold.Ledger)], fold.Ledger.Totals(), fold.Ledger.OpenCalls);

    /// <summary>The fold's state, for a snapshot.</summary>
    public byte[] Save() => fold.Ledger.Save();

    public void Dispose() => reader.Dispose();
}
