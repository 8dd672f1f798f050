namespace Tandem.Media.Srtp;

/// <summary>What an SRTP stream is encrypted and authenticated with.</summary>
public enum SrtpSuite : byte
{
    /// <summary>AES_CM_128_HMAC_SHA1_80 (RFC 4568 §6.2.1): what everybody has.</summary>
    AesCm128HmacSha1Tag80,

    /// <summary>AES_CM_128_HMAC_SHA1_32 (RFC 4568 §6.2.2): a shorter tag for RTP; for RTCP it stays 80 bits.</summary>
    AesCm128HmacSha1Tag32,

    /// <summary>AEAD_AES_128_GCM (RFC 7714 §14.1).</summary>
    AeadAes128Gcm,

    /// <summary>AEAD_AES_256_GCM.</summary>
    AeadAes256Gcm,
}

/// <summary>Sizes and names of the suites.</summary>
public static class SrtpSuites
{
    /// <summary>In the order we offer them.</summary>
    public static ReadOnlySpan<SrtpSuite> Offered => [SrtpSuite.AeadAes256Gcm, SrtpSuite.AeadAes128Gcm, SrtpSuite.AesCm128HmacSha1Tag80, SrtpSuite.AesCm128HmacSha1Tag32];

    /// <summary>The longest master key with its salt, bytes.</summary>
    public const int MostKeyBytes = 44;

    /// <summary>What a packet grows by at most: SRTCP's index, and its tag.</summary>
    public const int MostGrowth = 20;

    public static ReadOnlySpan<byte> Name(this SrtpSuite suite) => suite switch
    {
        SrtpSuite.AesCm128HmacSha1Tag80 => "AES_CM_128_HMAC_SHA1_80"u8,
        SrtpSuite.AesCm128HmacSha1Tag32 => "AES_CM_128_HMAC_SHA1_32"u8,
        SrtpSuite.AeadAes128Gcm => "AEAD_AES_128_GCM"u8,
        _ => "AEAD_AES_256_GCM"u8,
    };

    /// <summary>As written in a=crypto; upper and lower case are different (RFC 4568 §9.2).</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out SrtpSuite suite)
    {
        foreach (SrtpSuite one in Offered)
        {
            suite = one;
            if (name.SequenceEqual(one.Name())) return true;
        }
        suite = default;
        return false;
    }

    public static bool IsAead(this SrtpSuite suite) => suite >= SrtpSuite.AeadAes128Gcm;

    /// <summary>Of the master key, bytes.</summary>
    public static int KeyBytes(this SrtpSuite suite) => suite == SrtpSuite.AeadAes256Gcm ? 32 : 16;

    /// <summary>Of the master salt, bytes.</summary>
    public static int SaltBytes(this SrtpSuite suite) => suite.IsAead() ? 12 : 14;

    /// <summary>What an RTP packet grows by.</summary>
    public static int TagBytes(this SrtpSuite suite) => suite switch { SrtpSuite.AesCm128HmacSha1Tag80 => 10, SrtpSuite.AesCm128HmacSha1Tag32 => 4, _ => 16 };
}

/// <summary>A suite and the master key that goes with it, from a=crypto or drawn by us. Two are equal if every byte is.</summary>
public sealed class SrtpKey : IEquatable<SrtpKey>
{
    private readonly byte[] _bytes;

    /// <param name="suite">Which.</param>
    /// <param name="keyAndSalt">The master key, then the master salt.</param>
    /// <exception cref="ArgumentException">Not as long as the suite's.</exception>
    public SrtpKey(SrtpSuite suite, ReadOnlySpan<byte> keyAndSalt)
    {
        if (keyAndSalt.Length != suite.KeyBytes() + suite.SaltBytes()) throw new ArgumentException($"{keyAndSalt.Length} bytes are no master key and salt of {suite}.", nameof(keyAndSalt));
        Suite = suite;
        _bytes = keyAndSalt.ToArray();
    }

    public SrtpSuite Suite { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public ReadOnlySpan<byte> Key => _bytes.AsSpan(0, Suite.KeyBytes());

    public ReadOnlySpan<byte> Salt => _bytes.AsSpan(Suite.KeyBytes());

    public bool Equals(SrtpKey? other) => other is not null && Suite == other.Suite && Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as SrtpKey);

    public override int GetHashCode() => BitConverter.ToInt32(_bytes, 0);

    /// <summary>Never the key: this text may end in a log.</summary>
    public override string ToString() => Suite.ToString();
}
