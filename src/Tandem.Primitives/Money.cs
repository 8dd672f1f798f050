using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tandem.Primitives;

/// <summary>A currency by its three-letter code (ISO 4217, e.g. "USD"), packed into an integer.</summary>
public readonly record struct Currency
{
    private readonly int _packed;

    private Currency(int packed) => _packed = packed;

    public static readonly Currency Usd = Parse("USD");

    // Each made once, by whoever asks first: every CDR says it several times.
    private static readonly string?[] Names = new string?[26 * 26 * 26];

    public static bool TryParse(ReadOnlySpan<char> text, out Currency currency)
    {
        currency = default;
        if (text.Length != 3) return false;
        int packed = 0;
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterUpper(c)) return false;
            packed = (packed << 8) | c;
        }
        currency = new Currency(packed);
        return true;
    }

    public static Currency Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Currency c) ? c : throw new FormatException($"'{text}' is no currency: three capital letters are needed, as in USD.");

    /// <summary>The packed code, as the journal stores it; <see cref="FromPacked"/> reads it back.</summary>
    public int Packed => _packed;

    public static Currency FromPacked(int packed) => new(packed);

    public override string ToString()
    {
        if (_packed == 0) return "---";
        char a = (char)(_packed >> 16), b = (char)((_packed >> 8) & 0xff), c = (char)(_packed & 0xff);
        if (!char.IsAsciiLetterUpper(a) || !char.IsAsciiLetterUpper(b) || !char.IsAsciiLetterUpper(c)) return new string([a, b, c]); // not by TryParse
        return Names[((((a - 'A') * 26) + (b - 'A')) * 26) + (c - 'A')] ??= new string([a, b, c]);
    }
}

/// <summary>An exact amount in billionths of the currency unit. Never a double. Arithmetic is checked.</summary>
/// <exception cref="OverflowException">The result lies beyond ±9.2 billion units.</exception>
public readonly record struct Money(long Nanos, Currency Currency) : IComparable<Money>
{
    public const long NanosPerUnit = 1_000_000_000;

    public static Money Zero(Currency currency) => new(0, currency);

    public static Money operator +(Money a, Money b) => new(checked(a.Nanos + b.Nanos), Same(a, b));

    public static Money operator -(Money a, Money b) => new(checked(a.Nanos - b.Nanos), Same(a, b));

    public static Money operator -(Money a) => new(checked(-a.Nanos), a.Currency);

    public static bool operator <(Money a, Money b) => a.CompareTo(b) < 0;

    public static bool operator >(Money a, Money b) => a.CompareTo(b) > 0;

    public static bool operator <=(Money a, Money b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Money a, Money b) => a.CompareTo(b) >= 0;

    public int CompareTo(Money other)
    {
        Same(this, other);
        return Nanos.CompareTo(other.Nanos);
    }

    /// <summary>Reads "12", "-0.5", "1.000000001": at most nine decimals, no exponent, no thousands mark.</summary>
    public static bool TryParseNanos(ReadOnlySpan<char> text, out long nanos)
    {
        nanos = 0;
        bool negative = text.Length > 0 && text[0] == '-';
        if (negative) text = text[1..];
        int point = text.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? text : text[..point];
        ReadOnlySpan<char> fraction = point < 0 ? [] : text[(point + 1)..];
        if (whole.IsEmpty || whole.Length > 10 || fraction.Length > 9 || (point >= 0 && fraction.IsEmpty)) return false;
        Int128 value = 0;
        foreach (char c in whole)
        {
            if (!char.IsAsciiDigit(c)) return false;
            value = (value * 10) + (c - '0');
        }
        for (int i = 0; i < 9; i++)
        {
            int digit = 0;
            if (i < fraction.Length)
            {
                if (!char.IsAsciiDigit(fraction[i])) return false;
                digit = fraction[i] - '0';
            }
            value = (value * 10) + digit;
        }
        if (negative) value = -value;
        if (value > long.MaxValue || value < -long.MaxValue) return false;
        nanos = (long)value;
        return true;
    }

    public static bool TryParse(ReadOnlySpan<char> text, Currency currency, out Money money)
    {
        bool ok = TryParseNanos(text, out long nanos);
        money = new Money(nanos, currency);
        return ok;
    }

    /// <summary>The amount with all its decimals and no trailing zeros beyond two: "1.00", "0.0125".</summary>
    public string ToDecimalString()
    {
        UInt128 abs = (UInt128)Int128.Abs(Nanos);
        string fraction = ((long)(abs % NanosPerUnit)).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0').PadRight(2, '0');
        return $"{(Nanos < 0 ? "-" : "")}{(long)(abs / NanosPerUnit)}.{fraction}";
    }

    public override string ToString() => $"{ToDecimalString()} {Currency}";

    private static Currency Same(Money a, Money b) => a.Currency == b.Currency ? a.Currency : Differ(a, b);

    [DoesNotReturn]
    private static Currency Differ(Money a, Money b) =>
        throw new InvalidOperationException($"{a.Currency} and {b.Currency} do not add.");
}
