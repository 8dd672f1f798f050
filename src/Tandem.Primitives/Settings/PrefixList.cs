namespace Tandem.Primitives.Settings;

/// <summary>Beginnings of numbers, as a setting has them: "110,119,800". A number is in the list when one of them begins it.</summary>
public sealed class PrefixList : IEquatable<PrefixList>
{
    public static readonly PrefixList Empty = new([]);

    private readonly string[] _prefixes;

    private PrefixList(string[] prefixes) => _prefixes = prefixes;

    public bool IsEmpty => _prefixes.Length == 0;

    /// <summary>False when an entry is empty, longer than a number can be, or has what no number has.</summary>
    public static bool TryParse(string text, out PrefixList list)
    {
        list = Empty;
        if (text.Length == 0) return true;
        string[] prefixes = [.. text.Split(',').Select(static p => p.Trim()).Distinct(StringComparer.Ordinal)];
        if (!prefixes.All(static p => p.Length > 0 && DialString.TryParse(p.AsSpan(), out _))) return false;
        list = new PrefixList(prefixes);
        return true;
    }

    public bool Contains(in DialString number)
    {
        foreach (string prefix in _prefixes)
        {
            if (prefix.Length > number.Length) continue;
            ReadOnlySpan<byte> bytes = number.Bytes;
            int at = 0;
            while (at < prefix.Length && bytes[at] == prefix[at]) at++;
            if (at == prefix.Length) return true;
        }
        return false;
    }

    public bool Equals(PrefixList? other) => other is not null && _prefixes.AsSpan().SequenceEqual(other._prefixes);

    public override bool Equals(object? obj) => Equals(obj as PrefixList);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join(',', _prefixes);
}
