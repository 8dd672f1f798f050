using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Calls;

/// <summary>A journal in memory that can be made to refuse new work.</summary>
internal sealed class MemoryJournal : IJournal
{
    public List<(JournalRecordType Type, Instant At, byte[] Payload)> Records { get; } = [];

    public long Position { get; private set; }

    public bool AcceptsNewWork { get; set; } = true;

    /// <summary>True: the next record cannot be staged, as when too much waits for room on disk.</summary>
    public bool FailsOnce { get; set; }

    /// <summary>What appending itself cost, to be taken off measurements of the switch.</summary>
    public long Allocated { get; private set; }

    public IReadOnlyList<Cdr> Cdrs =>
    [
        .. Records.Where(static r => r.Type == JournalRecordType.CallClosed).Select(static r =>
        {
            Assert.True(Tandem.Switching.Billing.Records.TryReadCdr(r.Type, r.Payload, out Cdr? cdr));
            return cdr;
        }),
    ];

    public long Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload)
    {
        if (FailsOnce)
        {
            FailsOnce = false;
            throw new InvalidOperationException("no room");
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        Position += payload.Length;
        Records.Add((type, at, payload.ToArray()));
        Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        return Position;
    }
}
