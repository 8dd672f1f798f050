using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>Closed calls that wait to be proved, with their bytes in one buffer; emptied and used again.</summary>
public sealed class ProofBatch
{
    private const int Most = 512;

    private readonly List<Closed> _calls = new(Most);
    private byte[] _bytes = new byte[Most * 1_536];
    private int _used;

    /// <summary>A closed call that is to be proved: apart from the books, so that many can be proved at once.</summary>
    public readonly record struct Closed(CallId Call, ReadOnlyMemory<byte> Payload, Proof.Held[] Held, long Position);

    public IReadOnlyList<Closed> Calls => _calls;

    public bool IsFull => _calls.Count >= Most;

    public void Add(CallId call, ReadOnlySpan<byte> payload, Proof.Held[] held, long position)
    {
        if (_used + payload.Length > _bytes.Length) (_bytes, _used) = (new byte[Math.Max(_bytes.Length, payload.Length)], 0); // what was added keeps the old one
        payload.CopyTo(_bytes.AsSpan(_used));
        _calls.Add(new Closed(call, _bytes.AsMemory(_used, payload.Length), held, position));
        _used += payload.Length;
    }

    /// <summary>Nothing that was added may be looked at any more.</summary>
    public void Clear()
    {
        _calls.Clear();
        _used = 0;
    }
}
