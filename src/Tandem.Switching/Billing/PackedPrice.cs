namespace Tandem.Switching.Billing;

/// <summary>
/// A price a minute in four bytes, exactly: 28 bits of it and a power of ten. A price of more digits than that stands in a list beside. Two values are no prices.
/// </summary>
internal static class PackedPrice
{
    public const uint Locked = 0xf000_0000;
    private const int Aside = 14; // exponent that says: the rest is a place in the list
    private const uint Most = (1u << 28) - 1;

    private static readonly long[] Tens = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000];

    public static uint Pack(long nanos, List<long> aside)
    {
        long digits = nanos;
        uint exponent = 0;
        while (digits > Most && digits % 10 == 0 && exponent < Tens.Length - 1)
        {
            digits /= 10;
            exponent++;
        }
        if (digits is >= 0 and <= Most) return (exponent << 28) | (uint)digits;
        int place = aside.IndexOf(nanos);
        if (place < 0) aside.Add(nanos);
        return ((uint)Aside << 28) | (uint)(place < 0 ? aside.Count - 1 : place);
    }

    /// <summary>Nanos; −2: locked.</summary>
    public static long Unpack(uint packed, long[] aside)
    {
        uint exponent = packed >> 28, digits = packed & Most;
        return exponent < Aside ? digits * Tens[exponent] : exponent == Aside ? aside[digits] : RateIndex.Locked;
    }
}
