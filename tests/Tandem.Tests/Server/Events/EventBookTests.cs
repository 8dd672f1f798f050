using Tandem.Server.Events;

namespace Tandem.Tests.Server.Events;

public sealed class EventBookTests
{
    private readonly EventBook _book = new();

    [Fact]
    public void A_reader_gets_what_it_asked_for_in_order_and_nothing_from_before()
    {
        _book.Tell(EventTopics.Alarms, "nobody reads");
        using EventReader alarms = _book.Open(EventTopics.Alarms)!;
        using EventReader both = _book.Open(EventTopics.Alarms | EventTopics.Calls)!;
        _book.Tell(EventTopics.Alarms, 1);
        _book.Tell(EventTopics.Calls, 2);
        _book.Tell(EventTopics.Alarms, 3);
        Assert.Equal([1, 3], Read(alarms));
        Assert.Equal([1, 2, 3], Read(both));
        Assert.Equal(0, both.TakeLost());
    }

    [Fact]
    public void What_nobody_reads_need_not_be_told()
    {
        Assert.Equal(EventTopics.None, _book.Wanted);
        EventReader calls = _book.Open(EventTopics.Calls)!, alarms = _book.Open(EventTopics.Alarms)!;
        Assert.Equal(EventTopics.Calls | EventTopics.Alarms, _book.Wanted);
        calls.Dispose();
        Assert.Equal(EventTopics.Alarms, _book.Wanted);
        alarms.Dispose();
        alarms.Dispose();
        Assert.Equal(EventTopics.None, _book.Wanted);
    }

    [Fact]
    public void A_reader_that_is_slow_is_told_how_many_it_lost_and_the_others_lose_nothing()
    {
        using EventReader slow = _book.Open(EventTopics.Calls)!, quick = _book.Open(EventTopics.Calls)!;
        for (int i = 0; i < 5_000; i++)
        {
            _book.Tell(EventTopics.Calls, i);
            Assert.True(quick.TryRead(out _));
        }
        int read = Read(slow).Count;
        Assert.Equal(5_000, read + slow.TakeLost());
        Assert.Equal(0, slow.TakeLost());
        Assert.Equal(0, quick.TakeLost());
    }

    [Fact]
    public void Who_comes_back_goes_on_where_it_was_as_far_as_is_remembered()
    {
        using EventReader other = _book.Open(EventTopics.Calls)!;
        for (int i = 1; i <= 10; i++) _book.Tell(EventTopics.Calls, i);
        using (EventReader back = _book.Open(EventTopics.Calls, after: 7)!)
        {
            Assert.Equal([8, 9, 10], Read(back));
            Assert.Equal(0, back.TakeLost());
        }
        for (int i = 11; i <= 3_000; i++) _book.Tell(EventTopics.Calls, i);
        using EventReader late = _book.Open(EventTopics.Calls, after: 10)!;
        Assert.Equal(EventBook.Remembered, Read(late).Count);
        Assert.Equal(3_000 - EventBook.Remembered - 10, late.TakeLost());
        using EventReader ofAnotherRun = _book.Open(EventTopics.Calls, after: 90_000)!;
        Assert.True(ofAnotherRun.TakeLost() > 0);
    }

    [Fact]
    public void Readers_are_bounded_and_one_that_goes_makes_room()
    {
        List<EventReader> all = [.. Enumerable.Range(0, EventBook.MostReaders).Select(_ => _book.Open(EventTopics.Alarms)!)];
        Assert.Null(_book.Open(EventTopics.Alarms));
        all[0].Dispose();
        Assert.NotNull(_book.Open(EventTopics.Alarms));
    }

    private static List<int> Read(EventReader reader)
    {
        List<int> read = [];
        while (reader.TryRead(out SwitchEvent? told)) read.Add((int)told!.Data);
        return read;
    }
}
