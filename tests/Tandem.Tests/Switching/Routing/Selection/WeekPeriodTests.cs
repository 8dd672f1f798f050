using Tandem.Primitives;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Tests.Switching.Routing.Selection;

public sealed class WeekPeriodTests
{
    private static readonly WorkCalendar Calendar = new(TimeZoneInfo.Utc, [("2026-12-25", DayKind.Holiday), ("2026-12-26", DayKind.Work)]);

    [Theory]
    [InlineData("mon-fri 08:00-18:00", "2026-11-26 08:00:00", true)] // a Thursday
    [InlineData("mon-fri 08:00-18:00", "2026-11-26 07:59:59", false)]
    [InlineData("mon-fri 08:00-18:00", "2026-11-26 18:00:00", false)] // the end is not part of it
    [InlineData("mon-fri 08:00-18:00", "2026-11-28 12:00:00", false)] // a Saturday
    [InlineData("sat+sun 00:00-24:00", "2026-11-28 23:59:59", true)]
    [InlineData("all 12:00-12:00:30", "2026-11-28 12:00:29", true)]
    [InlineData("workday 00:00-24:00", "2026-12-25 12:00:00", false)] // a Friday that is a holiday
    [InlineData("fri 00:00-24:00", "2026-12-25 12:00:00", true)] // a weekday stays one
    [InlineData("holiday 00:00-24:00", "2026-12-25 12:00:00", true)]
    [InlineData("workday 00:00-24:00", "2026-12-26 12:00:00", true)] // a Saturday stated as a working day
    [InlineData("holiday 00:00-24:00", "2026-12-27 12:00:00", true)] // Sundays are none
    public void A_period_is_its_days_and_its_part_of_the_day(string text, string at, bool covers)
    {
        Assert.True(WeekPeriod.TryParse(text, out WeekPeriod? period, out string error), error);
        Assert.Equal(covers, period.Covers(Calendar.At(Instant.FromUtc(DateTime.SpecifyKind(DateTime.Parse(at, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc)))));
    }

    [Fact]
    public void The_hour_is_that_of_the_switches_zone()
    {
        WorkCalendar berlin = new(TimeZoneInfo.CreateCustomTimeZone("plus", TimeSpan.FromHours(1), "plus", "plus"), []);
        DayTime at = berlin.At(Instant.FromUtc(new DateTime(2026, 11, 29, 23, 30, 0, DateTimeKind.Utc))); // Sunday there, Monday here
        Assert.Equal(((1 << 0) | WeekPeriod.Workday, 1800), (at.Days, at.Second));
    }

    [Theory]
    [InlineData("mon-fri", "is no period")]
    [InlineData("fri-mon 08:00-09:00", "are no days")]
    [InlineData("tuesday 08:00-09:00", "are no days")]
    [InlineData("mon 09:00-08:00", "is no part of a day")]
    [InlineData("mon 08:00-24:01", "is no part of a day")]
    [InlineData("mon 8:00-9:00", "is no part of a day")]
    [InlineData("mon 08:60-09:00", "is no part of a day")]
    public void What_is_no_period_is_refused_with_the_reason(string text, string says)
    {
        Assert.False(WeekPeriod.TryParse(text, out _, out string error));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mon 08:00-10:00 = 1", "mon-tue 09:00-11:00 = 2", "overlap")]
    [InlineData("mon 08:00-10:00 = 1", "mon 10:00-11:00 = 2", "")]
    [InlineData("workday 08:00-10:00 = 1", "holiday 08:00-10:00 = 2", "")]
    [InlineData("workday 08:00-10:00 = 1", "sat 08:00-10:00 = 2", "overlap")] // a Saturday can be a working day
    [InlineData("mon 08:00-10:00 = 1", "tue 08:00-10:00", "has no value")]
    [InlineData("mon 08:00-10:00 = 1", "tue 08:00-10:00 = many", "is no whole number")]
    public void Periods_of_one_table_do_not_overlap(string one, string other, string says)
    {
        string wrong = RoutingCompiler.WrongPriority([one, other]) ?? "";
        if (says.Length == 0) Assert.Equal("", wrong);
        else Assert.Contains(says, wrong, StringComparison.Ordinal);
    }
}
