namespace Tandem.Primitives;

/// <summary>
/// One call, for ever: 42 bits of milliseconds since 2020-01-01, 6 bits of shard, 15 bits of sequence. Sorts by time.
/// Written as thirteen characters of Crockford's base 32.
/// </summary>
public readonly record struct CallId(long Value) : IComparable<CallId>
{
    public const int MaxShards = 64;
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const long Epoch2020Millis = 1_577_836_800_000;

    public static CallId Mint(Instant now, int shard, int sequence) =>
        new((((now.Micros / 1000) - Epoch2020Millis) << 21) | ((long)shard << 15) | (uint)(sequence & 0x7fff));

    /// <summary>When it was minted, to the millisecond: when the call arrived.</summary>
    public Instant Minted => new(((Value >> 21) + Epoch2020Millis) * 1000);

    public int Shard => (int)(Value >> 15) & 0x3f;

    public static bool TryParse(ReadOnlySpan<char> text, out CallId id)
    {
        id = default;
        if (text.Length != 13) return false;
        UInt128 value = 0;
        foreach (char c in text)
        {
            int digit = Alphabet.IndexOf(char.ToLowerInvariant(c), StringComparison.Ordinal);
            if (digit < 0) return false;
            value = (value << 5) | (uint)digit;
        }
        if (value > long.MaxValue) return false;
        id = new CallId((long)value);
        return true;
    }

    public int CompareTo(CallId other) => Value.CompareTo(other.Value);

    public override string ToString() => string.Create(13, Value, static (s, v) =>
    {
        for (int i = 12; i >= 0; i--, v >>>= 5) s[i] = Alphabet[(int)(v & 31)];
    });
}

/// <summary>An account by the number the ledger gave it when it was opened; never used again after closing.</summary>
public readonly record struct AccountId(int Value)
{
    public static readonly AccountId None = new(0);

    public override string ToString() => Value.ToString();
}
