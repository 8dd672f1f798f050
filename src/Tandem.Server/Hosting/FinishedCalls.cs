using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Hosting;

/// <summary>The journal's finished calls as the CDR consumers read them. Each position asked for keeps a reader open, so that going on costs nothing.</summary>
public sealed class FinishedCalls(JournalFile journal) : IFinishedCalls, IDisposable
{
    private readonly Dictionary<long, JournalReader> _readers = [];

    public long End => journal.DurablePosition;

    public long Read(long position, int most, List<Cdr> into)
    {
        if (!_readers.Remove(position, out JournalReader? reader)) reader = journal.OpenReader(position);
        try
        {
            long next = position;
            while (into.Count < most && reader.TryRead(out JournalRecord record))
            {
                next = record.Next;
                if (record.Type == JournalRecordType.CallClosed && Records.TryReadCdr(record.Type, record.Payload, out Cdr? cdr)) into.Add(cdr);
            }
            if (_readers.TryAdd(next, reader)) reader = null;
            return next;
        }
        finally
        {
            reader?.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (JournalReader reader in _readers.Values) reader.Dispose();
        _readers.Clear();
    }
}
