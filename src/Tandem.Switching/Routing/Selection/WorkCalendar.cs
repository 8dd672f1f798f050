using System.Globalization;
using Tandem.Primitives;

namespace Tandem.Switching.Routing.Selection;

/// <summary>What the operator says of a date. The numbers are the operators'.</summary>
public enum DayKind : byte
{
    /// <summary>A working day, also where it is a Saturday or Sunday.</summary>
    Work = 0,

    /// <summary>None, also where it is Monday to Friday.</summary>
    Holiday = 1,
}

/// <summary>What an instant is in the switch's own zone: the weekday and workday or holiday as bits of <see cref="WeekPeriod"/>, and the second of the day.</summary>
public readonly record struct DayTime(int Days, int Second);

/// <summary>Which dates are working days: Monday to Friday, but for the dates that are stated otherwise.</summary>
public sealed class WorkCalendar
{
    public static readonly WorkCalendar Utc = new(TimeZoneInfo.Utc, new Dictionary<int, DayKind>());

    private readonly TimeZoneInfo _zone;
    private readonly Dictionary<int, DayKind> _dates;

    /// <param name="zone">In which periods are meant.</param>
    /// <param name="dates">What differs; each "2026-12-25".</param>
    public WorkCalendar(TimeZoneInfo zone, IEnumerable<(string Date, DayKind Kind)> dates)
    {
        _zone = zone;
        _dates = dates.ToDictionary(static d => DayNumber(DateOnly.ParseExact(d.Date, "yyyy-MM-dd", CultureInfo.InvariantCulture)), static d => d.Kind);
    }

    private WorkCalendar(TimeZoneInfo zone, Dictionary<int, DayKind> dates) => (_zone, _dates) = (zone, dates);

    public TimeZoneInfo Zone => _zone;

    /// <summary>The same dates, with periods meant in another zone.</summary>
    /// <param name="zone">As IANA names it; empty: in the same.</param>
    /// <exception cref="TimeZoneNotFoundException">The machine does not know it.</exception>
    public WorkCalendar In(string zone) => zone.Length == 0 ? this : new WorkCalendar(TimeZoneInfo.FindSystemTimeZoneById(zone), _dates);

    public DayTime At(Instant now)
    {
        DateTime local = now.ToUtc();
        if (!_zone.Equals(TimeZoneInfo.Utc)) local = TimeZoneInfo.ConvertTimeFromUtc(local, _zone);
        int weekday = ((int)local.DayOfWeek + 6) % 7; // Monday is 0
        bool works = _dates.TryGetValue(DayNumber(DateOnly.FromDateTime(local)), out DayKind kind) ? kind == DayKind.Work : weekday < 5;
        return new DayTime((1 << weekday) | (works ? WeekPeriod.Workday : WeekPeriod.Holiday), (int)(local.TimeOfDay.Ticks / TimeSpan.TicksPerSecond));
    }

    public static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static int DayNumber(DateOnly date) => date.DayNumber;
}
