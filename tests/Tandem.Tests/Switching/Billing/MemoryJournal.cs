using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

/// <summary>A journal that keeps its records, and can be told it is full.</summary>
internal sealed class MemoryJournal : IJournal
{
    public List<(JournalRecordType Type, Instant At, byte[] Payload)> Records { get; } = [];

    public long Position => Records.Count;

    public bool AcceptsNewWork { get; set; } = true;

    public long Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload)
    {
        Records.Add((type, at, payload.ToArray()));
        return Records.Count;
    }

    public LedgerFold Fold(Ledger? into = null, int from = 0)
    {
        LedgerFold fold = into is null ? LedgerFold.FromNothing(provePrices: true) : new LedgerFold(into, provePrices: true);
        for (int i = from; i < Records.Count; i++) fold.Apply(Records[i].Type, Records[i].At, Records[i].Payload, i);
        return fold;
    }
}
