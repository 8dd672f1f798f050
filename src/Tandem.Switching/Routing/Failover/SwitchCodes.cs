using System.Diagnostics.CodeAnalysis;

namespace Tandem.Switching.Routing.Failover;

/// <summary>A set of final SIP statuses, as an operator lists them: "404", "484", or a whole class as "6xx".</summary>
public sealed class SwitchCodes
{
    public static readonly SwitchCodes None = new([]);

    private readonly ulong[] _bits = new ulong[11]; // 0 to 703

    private SwitchCodes(IEnumerable<(int First, int Last)> ranges)
    {
        foreach ((int first, int last) in ranges)
        {
            IsEmpty = false;
            for (int status = first; status <= last; status++) _bits[status >> 6] |= 1UL << (status & 63);
        }
    }

    public bool IsEmpty { get; } = true;

    public bool Has(int status) => !IsEmpty && (uint)status < 704 && (_bits[status >> 6] & (1UL << (status & 63))) != 0;

    /// <summary>What is wrong with one entry, in words; null: nothing.</summary>
    public static string? Wrong(string entry) => TryRead(entry, out _) ? null : $"'{entry}' is no final status: three digits from 300 to 699, or a class as 4xx";

    /// <exception cref="InvalidOperationException">An entry is none; <see cref="Wrong"/> says so before.</exception>
    public static SwitchCodes Of(IReadOnlyCollection<string> entries) =>
        entries.Count == 0 ? None : new SwitchCodes(entries.Select(static e => TryRead(e, out (int, int) range) ? range : throw new InvalidOperationException(Wrong(e))));

    private static bool TryRead([NotNullWhen(true)] string? entry, out (int First, int Last) range)
    {
        range = default;
        if (entry is not { Length: 3 } || entry[0] is < '3' or > '6') return false;
        int hundred = (entry[0] - '0') * 100;
        if (entry.EndsWith("xx", StringComparison.OrdinalIgnoreCase))
        {
            range = (hundred, hundred + 99);
            return true;
        }
        if (!char.IsAsciiDigit(entry[1]) || !char.IsAsciiDigit(entry[2])) return false;
        int status = int.Parse(entry, System.Globalization.CultureInfo.InvariantCulture);
        range = (status, status);
        return true;
    }
}
