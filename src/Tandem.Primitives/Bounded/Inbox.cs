using System.Runtime.CompilerServices;

namespace Tandem.Primitives.Bounded;

/// <summary>
/// A bounded queue with many writers and one reader (the owner of a loop): a ring of sequence-numbered cells (Vyukov). When it
/// is full <see cref="TryPost"/> says so and counts; the writer decides what its refusal means. No lock, no allocation.
/// </summary>
public sealed class Inbox<T>
{
    private readonly Cell[] _cells;
    private readonly int _mask;
    private long _tail;
    private long _head;
    private long _refused;

    /// <param name="capacity">How many may wait; rounded up to a power of two.</param>
    public Inbox(int capacity)
    {
        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 2));
        _cells = new Cell[size];
        _mask = size - 1;
        for (int i = 0; i < size; i++) _cells[i].Sequence = i;
    }

    /// <summary>How often a post was refused because the inbox was full.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public bool IsEmpty => Volatile.Read(ref _cells[(int)_head & _mask].Sequence) != _head + 1;

    public bool TryPost(in T item)
    {
        while (true)
        {
            long tail = Volatile.Read(ref _tail);
            ref Cell cell = ref _cells[(int)tail & _mask];
            long difference = Volatile.Read(ref cell.Sequence) - tail;
            if (difference == 0)
            {
                if (Interlocked.CompareExchange(ref _tail, tail + 1, tail) != tail) continue;
                cell.Item = item;
                Volatile.Write(ref cell.Sequence, tail + 1);
                return true;
            }
            if (difference < 0)
            {
                Interlocked.Increment(ref _refused);
                return false;
            }
        }
    }

    public bool TryTake(out T item)
    {
        ref Cell cell = ref _cells[(int)_head & _mask];
        if (Volatile.Read(ref cell.Sequence) != _head + 1)
        {
            Unsafe.SkipInit(out item);
            return false;
        }
        item = cell.Item;
        cell.Item = default!;
        Volatile.Write(ref cell.Sequence, _head + _cells.Length);
        _head++;
        return true;
    }

    private struct Cell
    {
        public long Sequence;
        public T Item;
    }
}
