namespace Tandem.Primitives.Bounded;

/// <summary>
/// Deadlines of numbered owners (calls, transactions): one pending deadline each, moved or cleared in O(log n), the earliest
/// read in O(1). A binary heap of slots with back-pointers; no allocation once grown. Stored deadlines, no timer objects.
/// </summary>
public sealed class DeadlineQueue
{
    private Entry[] _heap = new Entry[64];
    private int[] _position = new int[64]; // slot -> heap index + 1; 0 = none
    private int _count;

    public int Count => _count;

    public Instant Earliest => _count == 0 ? Instant.Never : new Instant(_heap[0].Micros);

    /// <summary>Sets or moves the deadline of <paramref name="slot"/>; <see cref="Instant.Never"/> clears it.</summary>
    public void Set(int slot, Instant at)
    {
        if (slot >= _position.Length) Array.Resize(ref _position, Math.Max(slot + 1, _position.Length * 2));
        int index = _position[slot] - 1;
        if (at == Instant.Never)
        {
            if (index >= 0) RemoveAt(index);
            return;
        }
        if (index < 0)
        {
            if (_count == _heap.Length) Array.Resize(ref _heap, _heap.Length * 2);
            index = _count++;
            _heap[index] = new Entry(at.Micros, slot);
            _position[slot] = index + 1;
            Up(index);
            return;
        }
        long before = _heap[index].Micros;
        _heap[index].Micros = at.Micros;
        if (at.Micros < before) Up(index);
        else Down(index);
    }

    public void Clear(int slot) => Set(slot, Instant.Never);

    /// <summary>Takes out one slot whose deadline is not after <paramref name="now"/>, earliest first.</summary>
    public bool TryTakeExpired(Instant now, out int slot)
    {
        slot = -1;
        if (_count == 0 || _heap[0].Micros > now.Micros) return false;
        slot = _heap[0].Slot;
        RemoveAt(0);
        return true;
    }

    private void RemoveAt(int index)
    {
        _position[_heap[index].Slot] = 0;
        _count--;
        if (index == _count) return;
        _heap[index] = _heap[_count];
        _position[_heap[index].Slot] = index + 1;
        Up(index);
        Down(_position[_heap[index].Slot] - 1);
    }

    private void Up(int index)
    {
        Entry moving = _heap[index];
        while (index > 0)
        {
            int parent = (index - 1) >> 1;
            if (!moving.Before(_heap[parent])) break;
            Place(index, _heap[parent]);
            index = parent;
        }
        Place(index, moving);
    }

    private void Down(int index)
    {
        Entry moving = _heap[index];
        while (true)
        {
            int child = (index << 1) + 1;
            if (child >= _count) break;
            if (child + 1 < _count && _heap[child + 1].Before(_heap[child])) child++;
            if (!_heap[child].Before(moving)) break;
            Place(index, _heap[child]);
            index = child;
        }
        Place(index, moving);
    }

    private void Place(int index, in Entry entry)
    {
        _heap[index] = entry;
        _position[entry.Slot] = index + 1;
    }

    // Ties go by slot, so that the same seed gives the same run.
    private struct Entry(long micros, int slot)
    {
        public long Micros = micros;
        public readonly int Slot = slot;

        public readonly bool Before(in Entry other) => Micros != other.Micros ? Micros < other.Micros : Slot < other.Slot;
    }
}
