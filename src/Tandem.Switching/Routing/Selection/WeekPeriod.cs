using System.Diagnostics.CodeAnalysis;

namespace Tandem.Switching.Routing.Selection;

/// <summary>
/// A part of the week: days and a part of the day, "mon-fri 08:00-18:00". Days are <c>mon</c> to <c>sun</c>, ranges of them, <c>all</c>, <c>workday</c>
/// and <c>holiday</c> (by the work calendar), with + between. The end is not part of it; 24:00 is midnight.
/// </summary>
public sealed class WeekPeriod
{
    public const int Workday = 1 << 7;
    public const int Holiday = 1 << 8;
    private const int AllDays = (1 << 7) - 1;
    private const int DayLength = 86_400;
    private static readonly string[] Names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    private WeekPeriod(string text, int days, int begin, int end) => (Text, Days, Begin, End) = (text, days, begin, end);

    public string Text { get; }

    public int Days { get; }

    /// <summary>Seconds of the day; begin &lt; end.</summary>
    public int Begin { get; }

    public int End { get; }

    public bool Covers(in DayTime at) => (at.Days & Days) != 0 && at.Second >= Begin && at.Second < End;

    /// <summary>Some moment of some week can be in both. Weekdays and workdays can always meet.</summary>
    public bool Overlaps(WeekPeriod other) => Begin < other.End && other.Begin < End && DaysMeet(Days, other.Days);

    public static bool TryParse(string text, [NotNullWhen(true)] out WeekPeriod? period, out string error)
    {
        period = null;
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2)
        {
            error = $"'{text}' is no period: days and times are needed, as in 'mon-fri 08:00-18:00'";
            return false;
        }
        if (!TryReadDays(parts[0], out int days))
        {
            error = $"'{parts[0]}' are no days: mon to sun, mon-fri, all, workday or holiday, with + between";
            return false;
        }
        string[] times = parts[1].Split('-');
        if (times.Length != 2 || !TryReadTime(times[0], out int begin) || !TryReadTime(times[1], out int end) || begin >= end)
        {
            error = $"'{parts[1]}' is no part of a day: 08:00-18:00, at most 00:00-24:00, the end after the beginning";
            return false;
        }
        period = new WeekPeriod($"{parts[0]} {parts[1]}", days, begin, end);
        error = "";
        return true;
    }

    // Two sets of days meet unless both name weekdays and none in common, or one is workdays and the other holidays.
    private static bool DaysMeet(int a, int b) =>
        (a & b) != 0 || ((a & AllDays) != 0 && (b & (Workday | Holiday)) != 0) || ((b & AllDays) != 0 && (a & (Workday | Holiday)) != 0);

    private static bool TryReadDays(string text, out int days)
    {
        days = 0;
        foreach (string part in text.Split('+'))
        {
            int dash = part.IndexOf('-');
            int first = Array.IndexOf(Names, dash < 0 ? part : part[..dash]), last = dash < 0 ? first : Array.IndexOf(Names, part[(dash + 1)..]);
            if (part == "all") days |= AllDays;
            else if (part == "workday") days |= Workday;
            else if (part == "holiday") days |= Holiday;
            else if (first < 0 || last < first) return false;
            else for (int day = first; day <= last; day++) days |= 1 << day;
        }
        return days != 0;
    }

    private static bool TryReadTime(string text, out int second)
    {
        second = 0;
        string[] parts = text.Split(':');
        if (parts.Length is < 2 or > 3) return false;
        Span<int> values = [0, 0, 0];
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length != 2 || !int.TryParse(parts[i], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out values[i])) return false;
        }
        second = (values[0] * 3600) + (values[1] * 60) + values[2];
        return values[1] < 60 && values[2] < 60 && second <= DayLength;
    }
}
