using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>
/// The newest finished calls in memory, read from the journal once for all consumers. Kept are those some consumer has still to take, at most
/// SERVER_MAX_CDR_PENDING_LIST_LENGTH: who falls farther behind is served from the journal until he is back in what is kept. Nothing is dropped, since
/// nothing is here that the journal has not.
/// </summary>
/// <param name="journal">Asked by one thread at a time.</param>
/// <param name="limit">CDRs kept at most.</param>
public sealed class PendingCalls(IFinishedCalls journal, Func<int> limit) : IFinishedCalls
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Stretch> _kept = new();
    private readonly List<Func<long>> _consumers = [];
    private long _from, _to; // what is kept begins and ends there
    private int _count;

    public long End => journal.End;

    /// <summary>CDRs in memory now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>CDRs are kept for it while it is within reach.</summary>
    public void Serve(Func<long> position)
    {
        lock (_lock) _consumers.Add(position);
    }

    public long Read(long position, int most, List<Cdr> into, long until = long.MaxValue)
    {
        lock (_lock)
        {
            if (position < _from) return journal.Read(position, most, into, Math.Min(until, _from));
            if (position > _to) Restart(position);
            long next = position;
            for (LinkedListNode<Stretch>? at = Find(position); at is not null && into.Count + at.Value.Cdrs.Count <= most && at.Value.To <= until; at = at.Next)
            {
                into.AddRange(at.Value.Cdrs);
                next = at.Value.To;
            }
            if (next > position) return next;
            if (position < _to) return journal.Read(position, most, into, Math.Min(until, _to)); // larger than was asked for
            List<Cdr> read = [];
            next = journal.Read(position, most, read, until);
            into.AddRange(read);
            _kept.AddLast(new Stretch(position, next, read));
            _to = next;
            Volatile.Write(ref _count, _count + read.Count);
            Trim();
            return next;
        }
    }

    private void Restart(long position)
    {
        _kept.Clear();
        _from = _to = position;
        Volatile.Write(ref _count, 0);
    }

    private LinkedListNode<Stretch>? Find(long position)
    {
        // Consumers keep step mostly: what is asked for stands near the end.
        for (LinkedListNode<Stretch>? at = _kept.Last; at is not null; at = at.Previous)
        {
            if (at.Value.From == position) return at;
            if (at.Value.From < position) return null;
        }
        return null;
    }

    private void Trim()
    {
        long needed = _to;
        foreach (Func<long> consumer in _consumers)
        {
            long at = consumer();
            if (at >= _from && at < needed) needed = at;
        }
        int bound = limit();
        while (_kept.First is { } oldest && (oldest.Value.To <= needed || _count > bound))
        {
            _from = oldest.Value.To;
            Volatile.Write(ref _count, _count - oldest.Value.Cdrs.Count);
            _kept.RemoveFirst();
        }
    }

    private sealed record Stretch(long From, long To, List<Cdr> Cdrs);
}
