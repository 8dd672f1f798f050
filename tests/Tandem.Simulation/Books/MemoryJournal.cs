using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Simulation.Books;

internal sealed record JournalEntry(JournalRecordType Type, Instant At, byte[] Payload);

/// <summary>
/// A journal that keeps every record. Records are staged until <see cref="WriteOut"/>; a crash drops what was not written. Each
/// record is booked at once in <see cref="Bookkeeper"/>, which shares nothing with the ledger.
/// </summary>
internal sealed class MemoryJournal(World world) : IJournal
{
    private readonly List<JournalEntry> _entries = [];
    private int _written;

    public Bookkeeper Books { get; private set; } = new(world);

    public IReadOnlyList<JournalEntry> Entries => _entries;

    public int Staged => _entries.Count - _written;

    /// <summary>The disk is full: new work is refused, calls in progress still close.</summary>
    public bool Full { get; set; }

    public long Position => _entries.Count;

    public bool AcceptsNewWork => !Full;

    public long Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload)
    {
        Add(new JournalEntry(type, at, payload.ToArray()));
        if (type == JournalRecordType.CallClosed && world.Plan.Planted == PlantedBug.PostedTwice) Add(new JournalEntry(type, at, payload.ToArray()));
        return Position;
    }

    public void WriteOut() => _written = _entries.Count;

    /// <summary>What was not written out is gone.</summary>
    public void Crash()
    {
        _entries.RemoveRange(_written, _entries.Count - _written);
        Bookkeeper books = new(world);
        foreach (JournalEntry entry in _entries) books.Book(entry);
        Books = books;
    }

    private void Add(JournalEntry entry)
    {
        _entries.Add(entry);
        Books.Book(entry);
    }
}
