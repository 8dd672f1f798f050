using Tandem.Primitives;
using Tandem.Switching.Routing.Quality;

namespace Tandem.Tests.Switching.Routing.Quality;

public sealed class QualityTests
{
    private static readonly QualityRules Rules = new() { LeastAnswerRate = 40, LeastSamples = 10, Pause = TimeSpan.FromSeconds(60), ProbeEvery = 10, ProbeSamples = 3 };
    private Instant _now = Instant.FromUtc(new DateTime(2026, 11, 26, 12, 0, 0, DateTimeKind.Utc));

    [Theory]
    [InlineData(BreakerState.Healthy, BreakerInput.TooFew, BreakerState.Healthy)]
    [InlineData(BreakerState.Healthy, BreakerInput.Good, BreakerState.Healthy)]
    [InlineData(BreakerState.Healthy, BreakerInput.Bad, BreakerState.Penalised)]
    [InlineData(BreakerState.Healthy, BreakerInput.PauseOver, BreakerState.Healthy)]
    [InlineData(BreakerState.Penalised, BreakerInput.TooFew, BreakerState.Penalised)]
    [InlineData(BreakerState.Penalised, BreakerInput.Good, BreakerState.Penalised)]
    [InlineData(BreakerState.Penalised, BreakerInput.Bad, BreakerState.Penalised)]
    [InlineData(BreakerState.Penalised, BreakerInput.PauseOver, BreakerState.Probing)]
    [InlineData(BreakerState.Probing, BreakerInput.TooFew, BreakerState.Probing)]
    [InlineData(BreakerState.Probing, BreakerInput.Good, BreakerState.Healthy)]
    [InlineData(BreakerState.Probing, BreakerInput.Bad, BreakerState.Penalised)]
    [InlineData(BreakerState.Probing, BreakerInput.PauseOver, BreakerState.Probing)]
    public void The_breakers_table_cell_by_cell(BreakerState state, BreakerInput input, BreakerState next) => Assert.Equal(next, BreakerTable.On(state, input));

    [Fact]
    public void What_was_noted_counts_until_its_bucket_has_passed()
    {
        QualityWindow window = new(TimeSpan.FromSeconds(100), 10);
        window.NoteAttempt(answered: true, delivered: true, 300, _now);
        _now += TimeSpan.FromSeconds(50);
        window.NoteAttempt(answered: false, delivered: true, 100, _now);
        window.NoteAttempt(answered: false, delivered: false, 0, _now);
        window.NoteTalk(TimeSpan.FromSeconds(5), _now);
        window.NoteTalk(TimeSpan.FromSeconds(15), _now);
        QualitySample sample = window.Sum(_now);
        Assert.Equal((3, 333, 666, 500, 10_000, 200), (sample.Attempts, sample.AnswerRate, sample.Effectiveness, sample.ShortShare, sample.AverageTalkMillis, sample.AveragePddMillis));
        _now += TimeSpan.FromSeconds(55);
        Assert.Equal((2, 0), (window.Sum(_now).Attempts, window.Sum(_now).AnswerRate));
        _now += TimeSpan.FromSeconds(100);
        Assert.Equal((0, -1, -1), (window.Sum(_now).Attempts, window.Sum(_now).AnswerRate, window.Sum(_now).AverageTalkMillis));
        window.NoteAttempt(answered: true, delivered: true, 1, _now); // a bucket used again has nothing of before
        Assert.Equal((1, 1000), (window.Sum(_now).Attempts, window.Sum(_now).AnswerRate));
    }

    [Fact]
    public void Noting_and_reading_allocate_nothing()
    {
        QualityTrack track = new("", new QualityWindow(TimeSpan.FromSeconds(600), 10), new QualityWindow(TimeSpan.FromSeconds(600), 10));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                _now += TimeSpan.FromSeconds(1);
                track.NoteAttempt(Rules, i % 2 == 0, true, 5, _now);
                track.NoteTalk(Rules, TimeSpan.FromSeconds(5), _now);
                track.Answers.Brief(_now);
                track.IsBehind(Rules, 3, _now, live: true);
            }
        }));
    }

    [Fact]
    public void From_healthy_to_penalised_to_probing_and_back()
    {
        QualityTrack track = Track();
        for (int i = 0; i < 9; i++) track.NoteAttempt(Rules, answered: false, false, 0, _now);
        Assert.Equal((BreakerState.Healthy, false), (track.State, track.IsBehind(Rules, 5, _now, live: true))); // too few to say anything
        track.NoteAttempt(Rules, answered: false, false, 0, _now);
        Assert.Equal((BreakerState.Penalised, true), (track.State, track.IsBehind(Rules, 0, _now, live: true)));
        _now += TimeSpan.FromSeconds(60);
        Assert.False(track.IsBehind(Rules, 20, _now, live: false)); // a question shows what a call would get, and changes nothing
        Assert.Equal(BreakerState.Penalised, track.State);
        Assert.True(track.IsBehind(Rules, 21, _now, live: true));
        Assert.Equal(BreakerState.Probing, track.State);
        Assert.Equal(10, Enumerable.Range(0, 100).Count(i => !track.IsBehind(Rules, (uint)i, _now, live: true))); // a trickle: one in ten
        for (int i = 0; i < 3; i++) track.NoteAttempt(Rules, answered: true, true, 10, _now);
        Assert.Equal((BreakerState.Healthy, _now), (track.State, track.Since));
        track.NoteAttempt(Rules, answered: false, false, 0, _now); // the failures of before are forgotten
        Assert.Equal(BreakerState.Healthy, track.State);
    }

    [Fact]
    public void Probes_that_fail_begin_another_pause()
    {
        QualityTrack track = Track();
        for (int i = 0; i < 10; i++) track.NoteAttempt(Rules, answered: false, false, 0, _now);
        _now += TimeSpan.FromSeconds(60);
        track.IsBehind(Rules, 0, _now, live: true);
        for (int i = 0; i < 3; i++) track.NoteAttempt(Rules, answered: i == 0, true, 10, _now); // 33 %, and 40 are asked for
        Assert.Equal((BreakerState.Penalised, _now), (track.State, track.Since));
    }

    [Fact]
    public void Talk_that_is_too_short_on_average_penalises_too()
    {
        QualityRules rules = new() { LeastTalkSeconds = 30, LeastSamples = 2 };
        QualityTrack track = Track();
        for (int i = 0; i < 2; i++) track.NoteAttempt(rules, answered: true, true, 10, _now);
        track.NoteTalk(rules, TimeSpan.FromSeconds(40), _now);
        Assert.Equal(BreakerState.Healthy, track.State);
        track.NoteTalk(rules, TimeSpan.FromSeconds(10), _now);
        Assert.Equal(BreakerState.Penalised, track.State);
    }

    [Fact]
    public void Destinations_are_bounded_and_an_idle_one_gives_way()
    {
        GatewayQuality quality = new(new QualityShape(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60), 6));
        for (int i = 0; i < 5_000; i++) quality.Of($"{i:D4}", _now)?.NoteAttempt(QualityRules.None, true, true, 1, _now);
        Assert.InRange(quality.Destinations.Count(), 200, GatewayQuality.MaxDestinations);
        Assert.Equal(5_000 - quality.Destinations.Count(), quality.LeftOut);
        _now += TimeSpan.FromSeconds(120);
        Assert.NotNull(quality.Of("9999", _now));
        Assert.Same(quality.Of("9999", _now), quality.Find("9999"));
        Assert.Null(quality.Of("", _now));
    }

    [Theory]
    [InlineData("442079460123", "4420")]
    [InlineData("44", "44")]
    [InlineData("0049", "0049")]
    [InlineData("4*1", "4")]
    [InlineData("+49", "")]
    public void The_first_digits_stand_for_a_destination(string number, string expected)
    {
        Assert.Equal(expected, FirstDigits.Of(DialString.Parse(number)));
        Assert.Same(FirstDigits.Of(DialString.Parse(number)), FirstDigits.Of(DialString.Parse(number)));
    }

    private static QualityTrack Track()
    {
        QualityWindow window = new(TimeSpan.FromSeconds(600), 10);
        return new QualityTrack("44", window, window);
    }
}
