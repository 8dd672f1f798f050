namespace Tandem.Media.Dtmf;

/// <summary>How a digit travels.</summary>
public enum DtmfWay : byte
{
    /// <summary>RTP packets of telephone-event (RFC 4733).</summary>
    Event = 1,

    /// <summary>The tone itself, in the speech.</summary>
    Inband = 2,

    /// <summary>SIP INFO with application/dtmf-relay or application/dtmf.</summary>
    Info = 3,
}

/// <summary>A key that was pressed.</summary>
/// <param name="Key">0 to 9, *, #, A to D.</param>
/// <param name="Way">How it came.</param>
/// <param name="Millis">How long it was held, as far as known.</param>
public readonly record struct DtmfDigit(char Key, DtmfWay Way, int Millis);

/// <summary>The sixteen keys: their event codes (RFC 4733 §3.2) and their two frequencies (ITU-T Q.23).</summary>
public static class DtmfKeys
{
    public const int Count = 16;

    private const string ByEvent = "0123456789*#ABCD";
    private const string ByTone = "123A456B789C*0#D";

    internal static ReadOnlySpan<float> Frequencies => [697, 770, 852, 941, 1209, 1336, 1477, 1633];

    /// <summary>The key of an event code; NUL for events that are no key.</summary>
    public static char OfEvent(int code) => (uint)code < Count ? ByEvent[code] : '\0';

    /// <summary>The event code of a key; -1 for what is none.</summary>
    public static int EventOf(char key) => ByEvent.IndexOf(char.ToUpperInvariant(key), StringComparison.Ordinal);

    /// <summary>The key of a low and a high frequency, each 0 to 3.</summary>
    internal static char OfTone(int low, int high) => ByTone[(4 * low) + high];

    /// <summary>The low and the high frequency of a key, Hz.</summary>
    public static (double Low, double High) TonesOf(char key)
    {
        int at = ByTone.IndexOf(char.ToUpperInvariant(key), StringComparison.Ordinal);
        ArgumentOutOfRangeException.ThrowIfNegative(at, nameof(key));
        return (Frequencies[at / 4], Frequencies[4 + (at % 4)]);
    }
}
