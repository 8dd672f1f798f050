using Tandem.Primitives;
using Tandem.Server.Alarms;

namespace Tandem.Tests.Server.Alarms;

public sealed class AlarmBookTests
{
    private static readonly Instant Now = new(1_800_000_000_000_000);
    private static readonly AlarmCondition Ports = new(AlarmKind.MediaPorts, "", "no port is free", 100);
    private readonly AlarmBook _book = new();
    private readonly List<string> _told = [];

    public AlarmBookTests() => _book.Tell(alarms => _told.AddRange(alarms.Select(static a => $"{a.Id} {a.Kind} {(a.Cleared is not null ? "over" : a.Confirmed is not null ? "seen" : "raised")}")));

    [Fact]
    public void A_condition_raises_one_alarm_while_it_lasts_and_clears_it_when_it_is_gone()
    {
        _book.Observe([Ports], Now);
        _book.Observe([Ports with { Value = 120 }], Now + TimeSpan.FromSeconds(5));
        Alarm alarm = Assert.Single(_book.Standing);
        Assert.Equal((1, AlarmLevel.Major, 120.0, Now), (alarm.Id, alarm.Level, alarm.Value, alarm.Raised));
        _book.Observe([], Now + TimeSpan.FromSeconds(10));
        Assert.Empty(_book.Standing);
        Assert.Equal(Now + TimeSpan.FromSeconds(10), Assert.Single(_book.Cleared).Cleared);
        _book.Observe([Ports], Now + TimeSpan.FromSeconds(15));
        Assert.Equal(2, Assert.Single(_book.Standing).Id);
        Assert.Equal(["1 MediaPorts raised", "1 MediaPorts over", "2 MediaPorts raised"], _told);
    }

    [Fact]
    public void Alarms_of_one_kind_are_kept_apart_by_name_and_shown_worst_first()
    {
        _book.Observe([new(AlarmKind.Trunk, "a", "down"), new(AlarmKind.Trunk, "b", "down"), new(AlarmKind.Journal, "", "full")], Now);
        Assert.Equal(["Journal:", "Trunk:a", "Trunk:b"], _book.Standing.Select(static a => $"{a.Kind}:{a.Name}"));
        _book.Observe([new(AlarmKind.Trunk, "b", "down")], Now);
        Assert.Equal("b", Assert.Single(_book.Standing).Name);
    }

    [Fact]
    public void Who_has_seen_an_alarm_is_kept_with_it()
    {
        _book.Observe([Ports], Now);
        Assert.Null(_book.Confirm(2, "ann", Now));
        Assert.Equal("ann", _book.Confirm(1, "ann", Now + TimeSpan.FromSeconds(1))!.ConfirmedBy);
        _book.Observe([Ports], Now + TimeSpan.FromSeconds(5));
        Assert.Equal("ann", Assert.Single(_book.Standing).ConfirmedBy);
        _book.Observe([], Now + TimeSpan.FromSeconds(6));
        Assert.Equal("ann", Assert.Single(_book.Cleared).ConfirmedBy);
        Assert.Equal(["1 MediaPorts raised", "1 MediaPorts seen", "1 MediaPorts over"], _told);
    }

    [Fact]
    public void What_a_program_states_stands_until_it_ends_it_or_its_time_does()
    {
        AlarmCondition fan = new(AlarmKind.Stated, "fan", "the fan stands still");
        Assert.NotNull(_book.State(fan, AlarmLevel.Critical, Now, Now, Now)); // ends nothing
        Assert.Null(_book.State(fan, AlarmLevel.Critical, Now, Instant.Never, Now));
        _book.Observe([], Now + TimeSpan.FromSeconds(5));
        Assert.Equal(AlarmLevel.Critical, Assert.Single(_book.Standing).Level);
        Assert.Null(_book.State(fan with { Says = "it turns slowly" }, AlarmLevel.Minor, Now, Now + TimeSpan.FromSeconds(60), Now));
        Assert.Equal(("it turns slowly", 1), (_book.Standing[0].Says, _book.Standing[0].Id));
        _book.Observe([], Now + TimeSpan.FromSeconds(60));
        Assert.Empty(_book.Standing);
        Assert.Null(_book.State(fan, AlarmLevel.Minor, Now, Instant.Never, Now));
        Assert.Null(_book.State(fan, AlarmLevel.Minor, Now, Now + TimeSpan.FromSeconds(1), Now + TimeSpan.FromSeconds(2)));
        Assert.Empty(_book.Standing);
    }

    [Fact]
    public void The_last_thousand_that_are_over_are_kept()
    {
        for (int i = 0; i < AlarmBook.MostCleared + 5; i++)
        {
            _book.Observe([Ports], Now);
            _book.Observe([], Now);
        }
        Assert.Equal(AlarmBook.MostCleared, _book.Cleared.Count);
        Assert.Equal(AlarmBook.MostCleared + 5, _book.Cleared[0].Id);
    }
}
