namespace Tandem.Sip.Messages;

/// <summary>The elements of one comma list, trimmed; commas in quotes and angle brackets part nothing, empty elements are passed over.</summary>
public ref struct ListElements(ReadOnlySpan<byte> list)
{
    private ReadOnlySpan<byte> _rest = list;

    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int end = Grammar.ElementEnd(_rest);
            Current = Grammar.Trim(_rest[..end]);
            _rest = end < _rest.Length ? _rest[(end + 1)..] : default;
            if (!Current.IsEmpty) return true;
        }
        return false;
    }

    public readonly ListElements GetEnumerator() => this;
}
