using Microsoft.Data.Sqlite;
using Tandem.Server.Alarms;
using Tandem.Server.CdrDelivery;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.CdrDelivery;

public sealed class CdrProjectorTests
{
    private readonly CallsInMemory _journal = new();
    private readonly HandClock _clock = new();
    private readonly List<string> _said = [];

    [Fact]
    public void Each_consumer_goes_on_from_its_own_position()
    {
        Calls(5);
        var one = new Kept("one");
        var two = new Kept("two") { Position = 3 };
        using var projector = Projector(one, two);
        Assert.False(projector.Turn());
        Assert.Equal(5, one.Cdrs.Count);
        Assert.Equal(_journal.Calls[3..], two.Cdrs);
        Assert.False(projector.Turn());
        Assert.Equal(1, one.Batches);
    }

    [Theory]
    [InlineData("5", true)]
    [InlineData("57P03, 5", true)]
    [InlineData("55", false)]
    [InlineData("", false)]
    public void A_databases_error_code_is_told_and_the_alarm_of_it_can_be_ignored(string setting, bool ignored)
    {
        Calls(1);
        using var projector = Projector(new Kept("the CDR database") { Broken = new IOException("it said", new SqliteException("database is locked", 5)) });
        projector.Turn();
        string code = Assert.Single(projector.Warnings).Code;
        Assert.Equal(("5", ignored), (code, AlarmWatch.Ignores(setting, code)));
        Assert.False(AlarmWatch.Ignores(setting, "")); // what is no error of a database is never ignored
    }

    [Fact]
    public void Many_calls_come_in_batches_of_a_thousand()
    {
        Calls(2500);
        var one = new Kept("one");
        using var projector = Projector(one);
        Assert.True(projector.Turn());
        Assert.True(projector.Turn());
        Assert.False(projector.Turn());
        Assert.Equal(3, one.Batches);
        Assert.Equal(_journal.Calls, one.Cdrs);
    }

    [Fact]
    public void A_consumer_that_cannot_write_is_said_once_left_alone_longer_and_longer_and_catches_up()
    {
        Calls(2);
        var broken = new Kept("the CDR text files") { Broken = new IOException("No space left on device") };
        var sound = new Kept("sound");
        using var projector = Projector(broken, sound);
        projector.Turn();
        Assert.Equal(2, sound.Cdrs.Count);
        Assert.Equal(["the CDR text files cannot be written (No space left on device); calls go on, the CDRs wait in the journal"], projector.Warnings.Select(static w => w.Says));

        int tries = broken.Tries;
        projector.Turn();
        Assert.Equal(tries, broken.Tries);
        _clock.Now += TimeSpan.FromSeconds(1);
        projector.Turn();
        Assert.Equal(tries + 1, broken.Tries);
        _clock.Now += TimeSpan.FromSeconds(1);
        projector.Turn();
        Assert.Equal(tries + 1, broken.Tries);

        broken.Broken = null;
        _clock.Now += TimeSpan.FromSeconds(1);
        projector.Turn();
        Assert.Equal(_journal.Calls, broken.Cdrs);
        Assert.Empty(projector.Warnings);
        Assert.Equal(2, _said.Count);
        Assert.Equal("the CDR text files: written again, catching up", _said[1]);
    }

    [Fact]
    public void A_journal_that_cannot_be_read_stops_nothing_else()
    {
        Calls(1);
        _journal.Broken = new IOException("Input/output error");
        var one = new Kept("one");
        using var projector = Projector(one);
        projector.Turn();
        Assert.Single(projector.Warnings);
        _journal.Broken = null;
        _clock.Now += TimeSpan.FromMinutes(1);
        projector.Turn();
        Assert.Single(one.Cdrs);
    }

    [Fact]
    public async Task Whoever_must_see_a_call_that_just_ended_waits_for_the_first_consumer()
    {
        Calls(3);
        var one = new Kept("one");
        using var projector = new CdrProjector(_journal, [one], TimeProvider.System, _said.Add);
        Task<bool> caughtUp = projector.CaughtUpAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.False(caughtUp.IsCompleted);
        projector.Start();
        Assert.True(await caughtUp);
        Assert.Equal(3, one.Cdrs.Count);
        Assert.True(await projector.CaughtUpAsync(TimeSpan.Zero, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nobody_waits_longer_than_he_said()
    {
        Calls(1);
        using var projector = new CdrProjector(_journal, [new Kept("one")], TimeProvider.System, _said.Add);
        Assert.False(await projector.CaughtUpAsync(TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken));
    }

    private void Calls(int count) => _journal.Calls.AddRange(Enumerable.Range(1, count).Select(n => CdrSamples.Call(n)));

    private CdrProjector Projector(params ICdrConsumer[] consumers) => new(_journal, consumers, _clock, _said.Add);

    private sealed class Kept(string name) : ICdrConsumer
    {
        public string Name => name;

        public long Position { get; set; }

        public List<Cdr> Cdrs { get; } = [];

        public int Batches { get; private set; }

        public int Tries { get; private set; }

        public Exception? Broken { get; set; }

        public void Take(IReadOnlyList<Cdr> cdrs, long position)
        {
            Tries++;
            if (Broken is not null) throw Broken;
            Batches++;
            Cdrs.AddRange(cdrs);
            Position = position;
        }
    }
}
