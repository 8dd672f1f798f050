using Tandem.Server.CdrDelivery;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.CdrDelivery;

public sealed class PendingCallsTests
{
    private readonly CountedJournal _journal = new();
    private readonly PendingCalls _pending;
    private readonly long[] _at = new long[2];

    public PendingCallsTests()
    {
        _pending = new PendingCalls(_journal, static () => 100);
        _pending.Serve(() => _at[0]);
        _pending.Serve(() => _at[1]);
    }

    [Fact]
    public void Each_call_is_read_from_the_journal_once_for_all_consumers_in_reach_and_forgotten_when_all_have_it()
    {
        Add(40);
        Assert.Equal(40, Take(0, 30) + Take(0, 30));
        Assert.Equal(40, _pending.Count);
        Assert.Equal(40, _journal.Given);
        Assert.Equal(40, Take(1, 30) + Take(1, 30));
        Assert.Equal(40, _journal.Given);
        Add(5);
        Take(0, 30);
        Assert.Equal(5, _pending.Count);
    }

    [Fact]
    public void Who_falls_behind_more_than_the_limit_is_served_from_the_journal_and_loses_nothing()
    {
        List<Cdr> slow = [];
        for (int i = 0; i < 50; i++)
        {
            Add(10);
            Take(0, 30);
            Assert.InRange(_pending.Count, 0, 100);
        }
        Assert.Equal(500, _journal.Given);
        while (_at[1] < 500) Take(1, 7, slow);
        Assert.Equal(_journal.Calls, slow);
        Add(10);
        Take(0, 30);
        int given = _journal.Given;
        Take(1, 30); // back in step
        Assert.Equal(given, _journal.Given);
    }

    [Fact]
    public void Once_somebody_is_out_of_reach_nothing_is_kept_for_him()
    {
        for (int i = 0; i < 50; i++)
        {
            Add(10);
            Take(0, 30);
        }
        Assert.InRange(_pending.Count, 0, 10);
    }

    [Fact]
    public void A_consumer_that_begins_ahead_of_the_others_or_asks_for_little_gets_what_is_there()
    {
        Add(50);
        Take(1, 30);
        _at[0] = 45;
        Assert.Equal(5, Take(0, 30));
        List<Cdr> one = [];
        while (_at[1] < 50) Take(1, 3, one);
        Assert.Equal(_journal.Calls[30..], one);
    }

    private void Add(int count) => _journal.Calls.AddRange(Enumerable.Range(_journal.Calls.Count + 1, count).Select(n => CdrSamples.Call(n)));

    private int Take(int consumer, int most, List<Cdr>? all = null)
    {
        List<Cdr> into = [];
        _at[consumer] = _pending.Read(_at[consumer], most, into);
        all?.AddRange(into);
        return into.Count;
    }

    private sealed class CountedJournal : IFinishedCalls
    {
        private readonly CallsInMemory _calls = new();

        public List<Cdr> Calls => _calls.Calls;

        public int Given { get; private set; }

        public long End => _calls.End;

        public long Read(long position, int most, List<Cdr> into, long until = long.MaxValue)
        {
            int before = into.Count;
            long next = _calls.Read(position, most, into, until);
            Given += into.Count - before;
            return next;
        }
    }
}
