using System.Globalization;

namespace Tandem.Primitives.Settings;

/// <summary>Hours of the day, 0 to 23, with commas between: "18,19,20". May be empty; never changes.</summary>
public sealed record HourList(int Bits)
{
    public static readonly HourList None = new(0);

    public bool IsEmpty => Bits == 0;

    public bool Contains(int hour) => (Bits & (1 << hour)) != 0;

    public static bool TryParse(string text, out HourList list)
    {
        list = None;
        int bits = 0;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Length == 0 && text.Trim().Length == 0) break;
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int hour) || hour > 23) return false;
            bits |= 1 << hour;
        }
        list = new HourList(bits);
        return true;
    }

    public override string ToString() => string.Join(',', Enumerable.Range(0, 24).Where(Contains));
}
