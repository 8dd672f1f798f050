using Tandem.Primitives.Bytes;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>The finished calls of the journal on disk, up to where it is durable. One thread at a time (<see cref="PendingCalls"/>); one open reader per consumer, found again by its position.</summary>
/// <param name="folder">The journal's folder.</param>
/// <param name="end">Up to where it may be read: its durable position.</param>
public sealed class JournalledCalls(string folder, Func<long> end) : IFinishedCalls, IDisposable
{
    private const int MostRecords = 20_000;
    private const int MostReaders = 8;

    private readonly List<JournalReader> _readers = [];
    private readonly RepeatedTexts _texts = new();

    public long End => end();

    public long Read(long position, int most, List<Cdr> into, long until = long.MaxValue)
    {
        int at = _readers.FindIndex(r => r.Position == position);
        JournalReader reader = at >= 0 ? _readers[at] : Open(position);
        long next = position;
        try
        {
            for (int records = 0; records < MostRecords && into.Count < most && next < until && reader.TryRead(out JournalRecord record); records++)
            {
                next = record.Next;
                if (record.Type != JournalRecordType.CallClosed) continue;
                if (!Records.TryReadCdr(record.Type, record.Payload, out Cdr? cdr, _texts))
                    throw new JournalCorruptException($"The journal in {folder} holds a CDR at position {record.Position} that this program cannot read.", record.Position);
                into.Add(cdr);
            }
            return next;
        }
        catch
        {
            _readers.Remove(reader);
            reader.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (JournalReader reader in _readers) reader.Dispose();
        _readers.Clear();
    }

    private JournalReader Open(long position)
    {
        if (_readers.Count >= MostReaders)
        {
            _readers[0].Dispose();
            _readers.RemoveAt(0);
        }
        var reader = new JournalReader(folder, position, end);
        _readers.Add(reader);
        return reader;
    }
}
