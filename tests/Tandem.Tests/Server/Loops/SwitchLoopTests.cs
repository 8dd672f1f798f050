using System.Collections.Concurrent;
using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Server.Loops;
using Tandem.Server.Network;
using Tandem.Tests.Server.Network;

namespace Tandem.Tests.Server.Loops;

public sealed class SwitchLoopTests
{
    private static readonly NetAddress AnyPort = NetAddress.Parse("127.0.0.1:0");

    [Fact]
    public void A_datagram_is_answered_after_the_journal_was_written()
    {
        using Bench bench = new();
        bench.Peer.Send(bench.Listener.Local, "hello"u8);
        Assert.Equal("hello"u8, bench.Peer.Receive());
        Assert.Equal(["receive hello", "record"], bench.Seen(2));
        bench.Loop.Stop();
        Assert.Equal((1, 1, 0), (bench.Loop.Counters.DatagramsIn, bench.Loop.Counters.DatagramsOut, bench.Loop.Counters.Faults));
    }

    [Fact]
    public void A_post_from_another_thread_wakes_it()
    {
        using Bench bench = new();
        bench.Post("one");
        Assert.Equal("one"u8, bench.Peer.Receive());
        bench.Post("two");
        Assert.Equal("two"u8, bench.Peer.Receive());
    }

    [Fact]
    public void No_post_is_lost_among_many_writers_and_wakes_are_fewer_than_posts()
    {
        using Bench bench = new(echoPosts: false);
        const int Writers = 4, Each = 5_000;
        Thread[] threads = [.. Enumerable.Range(0, Writers).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Each; i++) bench.Post("x");
        }))];
        foreach (Thread t in threads) t.Start();
        foreach (Thread t in threads) t.Join();
        bench.Loop.Stop();
        Assert.Equal(Writers * Each, bench.Work.PostsTaken);
        Assert.InRange(bench.Loop.Counters.Wakeups, 0, Writers * Each);
    }

    [Fact]
    public void Work_that_never_rests_does_not_starve_the_sockets()
    {
        using Bench bench = new();
        bench.Post("never rest");
        Assert.Equal("never rest"u8, bench.Peer.Receive());
        bench.Peer.Send(bench.Listener.Local, "hello"u8);
        Assert.Equal("hello"u8, bench.Peer.Receive());
    }

    [Fact]
    public void It_sleeps_until_the_deadline_and_not_much_longer()
    {
        using Bench bench = new();
        bench.Post("in 30 ms");
        Assert.Equal("due"u8, bench.Peer.Receive());
        TimeSpan waited = bench.Work.DueAt - bench.Work.DeadlineSetAt;
        Assert.InRange(waited, TimeSpan.FromMilliseconds(30), TimeSpan.FromSeconds(5));
        Assert.InRange(bench.Loop.Counters.Turns, 2, 20); // it did not spin in between
    }

    [Theory]
    [InlineData("throw in receive")]
    [InlineData("throw in turn")]
    [InlineData("throw in record")]
    public void A_fault_in_the_work_is_counted_and_the_loop_goes_on(string how)
    {
        using Bench bench = new();
        bench.Peer.Send(bench.Listener.Local, Encoding.ASCII.GetBytes(how));
        bench.Peer.Send(bench.Listener.Local, "after"u8);
        string got;
        do got = Encoding.ASCII.GetString(bench.Peer.Receive());
        while (got != "after");
        Assert.Equal(1, bench.Loop.Counters.Faults);
    }

    [Fact]
    public void What_is_not_on_record_does_not_leave_until_it_is()
    {
        using Bench bench = new();
        bench.Peer.Send(bench.Listener.Local, "throw in record"u8);
        Assert.Equal("throw in record"u8, bench.Peer.Receive());
        Assert.Equal(["receive throw in record", "no record", "record"], bench.Seen(3));
    }

    [Fact]
    public void What_the_journal_has_no_room_for_does_not_leave_and_is_no_fault()
    {
        using Bench bench = new();
        bench.Peer.Send(bench.Listener.Local, "no room"u8);
        Assert.Equal("no room"u8, bench.Peer.Receive());
        Assert.Equal(["receive no room", "no record", "record"], bench.Seen(3));
        Assert.Equal(0, bench.Loop.Counters.Faults);
    }

    [Fact]
    public void What_was_posted_before_stop_is_still_done_and_sent()
    {
        using Bench bench = new();
        bench.Post("last words");
        bench.Loop.Stop();
        Assert.Equal("last words"u8, bench.Peer.Receive());
    }

    [Fact]
    public void Stopping_a_loop_that_never_started_returns()
    {
        using UdpListener listener = new("the SIP port", AnyPort);
        using SwitchLoop loop = new("idle", new EchoWork(listener, default, echoPosts: true), [listener], new LoopClock());
        loop.Stop();
        Assert.Equal(0, loop.Counters.Turns);
    }

    private sealed class Bench : IDisposable
    {
        public Bench(bool echoPosts = true)
        {
            Work = new EchoWork(Listener, Peer.Address, echoPosts);
            Loop = new SwitchLoop("test loop", Work, [Listener], new LoopClock());
            Loop.Start();
        }

        public Peer Peer { get; } = new();

        public UdpListener Listener { get; } = new("the SIP port", AnyPort);

        public EchoWork Work { get; }

        public SwitchLoop Loop { get; }

        public void Post(string what)
        {
            SpinWait spin = default;
            while (!Work.Inbox.TryPost(what)) spin.SpinOnce();
            Loop.Wake();
        }

        /// <summary>The first things that were seen, except empty turns; waits for them.</summary>
        public string[] Seen(int count)
        {
            string[] seen = new string[count];
            for (int i = 0; i < count; i++) Assert.True(Work.Seen.TryTake(out seen[i]!, 10_000));
            return seen;
        }

        public void Dispose()
        {
            Loop.Dispose();
            Listener.Dispose();
            Peer.Dispose();
        }
    }

    /// <summary>Sends back what it receives and what is posted; some words make it misbehave once.</summary>
    private sealed class EchoWork(UdpListener listener, NetAddress peer, bool echoPosts) : ILoopWork
    {
        private string? _throwNext;
        private bool _unrecorded;
        private bool _neverRests;

        public void NoteLag(TimeSpan lag)
        {
        }

        public Inbox<string> Inbox { get; } = new(1024);

        public BlockingCollection<string> Seen { get; } = [];

        public int PostsTaken { get; private set; }

        public Instant DeadlineSetAt { get; private set; }

        public Instant DueAt { get; private set; }

        public Instant NextDeadline { get; private set; } = Instant.Never;

        public void Receive(int index, in NetAddress source, byte[] buffer, int offset, int length, Instant now)
        {
            string text = Encoding.ASCII.GetString(buffer, offset, length);
            if (text == "throw in receive") throw new InvalidOperationException(text);
            if (text == "no room" || text.StartsWith("throw", StringComparison.Ordinal)) _throwNext = text;
            Seen.Add("receive " + text);
            _unrecorded = true;
            listener.Send(source, buffer.AsSpan(offset, length));
        }

        public bool Turn(Instant now)
        {
            Misbehave("throw in turn");
            bool any = _neverRests;
            if (NextDeadline <= now)
            {
                NextDeadline = Instant.Never;
                DueAt = now;
                listener.Send(peer, "due"u8);
            }
            while (Inbox.TryTake(out string what))
            {
                any = true;
                PostsTaken++;
                if (what == "never rest") _neverRests = true;
                if (what == "in 30 ms")
                {
                    DeadlineSetAt = now;
                    NextDeadline = now + TimeSpan.FromMilliseconds(30);
                }
                else if (echoPosts)
                {
                    listener.Send(peer, Encoding.ASCII.GetBytes(what));
                }
            }
            return any;
        }

        public bool BeforeFlush(Instant now)
        {
            if (_throwNext is "throw in record" or "no room") Seen.Add("no record");
            Misbehave("throw in record");
            if (_throwNext == "no room")
            {
                _throwNext = null;
                return false;
            }
            if (!_unrecorded) return true;
            _unrecorded = false;
            Seen.Add("record");
            return true;
        }

        private void Misbehave(string how)
        {
            if (_throwNext != how) return;
            _throwNext = null;
            throw new InvalidOperationException(how);
        }
    }
}
