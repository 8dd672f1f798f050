namespace Tandem.Fuzz;

/// <summary>All that a parser said of an input, as one number: two readings of the same input are equal exactly when their trails are.</summary>
internal struct Trail()
{
    private ulong _hash = 14_695_981_039_346_656_037; // FNV-1a

    public readonly ulong Value => _hash;

    public void Add(ReadOnlySpan<byte> text)
    {
        Add(text.Length);
        foreach (byte b in text) _hash = (_hash ^ b) * 1_099_511_628_211;
    }

    public void Add(long number) => _hash = (_hash ^ (ulong)number) * 1_099_511_628_211;

    public void Add(bool fact) => Add(fact ? 1 : 0);
}
