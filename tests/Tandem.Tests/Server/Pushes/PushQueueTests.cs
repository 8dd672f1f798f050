using System.Text;
using Tandem.Primitives.Settings;
using Tandem.Server.Pushes;

namespace Tandem.Tests.Server.Pushes;

public sealed class PushQueueTests : IDisposable
{
    private readonly HandTime _time = new();
    private readonly List<string> _said = [];
    private readonly List<string> _sent = [];
    private readonly SemaphoreSlim _tried = new(0);
    private PushServer _server = Of("http://192.0.2.1/vos");
    private bool _away;

    public void Dispose()
    {
        _tried.Dispose();
        _time.Dispose();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://portal/vos", "http://portal/vos/PhoneOnline")]
    [InlineData("https://portal:8443/", "https://portal:8443/PhoneOnline")]
    [InlineData("http://portal", "http://portal/PhoneOnline")]
    public void The_name_of_the_page_is_added_to_the_address(string text, string page) => Assert.Equal(page, Of(text).Page("PhoneOnline").ToString());

    [Theory]
    [InlineData("portal/vos")]
    [InlineData("ftp://portal/")]
    [InlineData("http://user:word@portal/")]
    [InlineData("http://portal/?a=b")]
    public void What_is_no_address_of_a_web_server_is_refused(string text) => Assert.False(PushServer.TryParse(text, out _));

    [Fact]
    public async Task What_is_posted_is_sent_in_order_and_nothing_is_made_without_an_address()
    {
        await using PushQueue queue = Open();
        for (int i = 0; i < 3; i++) queue.Post("A", [(byte)('0' + i)]);
        await TriedAsync(3);
        Assert.Equal(["A0", "A1", "A2"], _sent);
        _server = PushServer.None;
        queue.Post("A", "9"u8.ToArray());
        Assert.Equal((3, 0L), (_sent.Count, queue.Lost));
        Assert.False(queue.IsOn);
    }

    [Fact]
    public async Task A_receiver_that_is_away_is_tried_again_with_growing_pauses_and_gets_all_in_order_when_it_is_back()
    {
        await using PushQueue queue = Open();
        _away = true;
        queue.Post("A", "1"u8.ToArray());
        queue.Post("A", "2"u8.ToArray());
        await TriedAsync(1);
        foreach (int seconds in (int[])[1, 2, 4])
        {
            await _time.AdvanceAsync(TimeSpan.FromSeconds(seconds));
            await TriedAsync(1);
        }
        Assert.Single(_said);
        _away = false;
        await _time.AdvanceAsync(TimeSpan.FromSeconds(8));
        await TriedAsync(2);
        Assert.Equal(["A1", "A2"], _sent);
        Assert.Equal(0, queue.Lost);
        Assert.Equal("OUT_POST_URL takes what is pushed again.", _said[^1]);
    }

    [Fact]
    public async Task What_is_older_than_five_minutes_is_dropped_and_counted()
    {
        await using PushQueue queue = Open();
        _away = true;
        queue.Post("A", "1"u8.ToArray());
        await TriedAsync(1);
        await _time.AdvanceAsync(PushQueue.Oldest + TimeSpan.FromSeconds(1));
        _away = false;
        queue.Post("A", "2"u8.ToArray());
        await TriedAsync(1);
        Assert.Equal(["A2"], _sent);
        Assert.Equal(1, queue.Lost);
    }

    [Fact]
    public async Task Where_too_many_wait_the_oldest_make_room_and_are_counted()
    {
        await using PushQueue queue = Open();
        _away = true;
        queue.Post("A", "x"u8.ToArray());
        await TriedAsync(1); // in hand
        for (int i = 0; i < PushQueue.Most + 5; i++) queue.Post("B", Encoding.ASCII.GetBytes($"{i}"));
        Assert.Equal(5, queue.Lost);
        _away = false;
        await _time.AdvanceAsync(TimeSpan.FromSeconds(1));
        await TriedAsync(2);
        Assert.Equal(["Ax", "B5"], _sent.Take(2));
    }

    private async Task TriedAsync(int count)
    {
        for (int i = 0; i < count; i++) Assert.True(await _tried.WaitAsync(TimeSpan.FromSeconds(30), Stop));
    }

    private PushQueue Open() => new(() => _server, SendAsync, _time, _said.Add);

    private Task SendAsync(PushServer server, string page, byte[] json, CancellationToken stop)
    {
        bool away = _away;
        if (!away) lock (_sent) _sent.Add(page + Encoding.ASCII.GetString(json));
        _tried.Release();
        return away ? Task.FromException(new IOException("away")) : Task.CompletedTask;
    }

    private static PushServer Of(string text) => PushServer.TryParse(text, out PushServer? server) ? server : throw new FormatException(text);

    /// <summary>Time that stands still until it is moved, to a timer that waits for it.</summary>
    private sealed class HandTime : TimeProvider, IDisposable
    {
        private readonly SemaphoreSlim _waits = new(0);
        private readonly Lock _lock = new();
        private readonly List<Timer> _timers = [];
        private long _now;

        public void Dispose() => _waits.Dispose();

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(this, callback, state, GetTimestamp() + dueTime.Ticks);
            lock (_lock) _timers.Add(timer);
            _waits.Release();
            return timer;
        }

        public async Task AdvanceAsync(TimeSpan by)
        {
            Assert.True(await _waits.WaitAsync(TimeSpan.FromSeconds(30), Stop)); // somebody pauses
            long now = Interlocked.Add(ref _now, by.Ticks);
            Timer[] due;
            lock (_lock) due = [.. _timers.Where(t => t.Due <= now)];
            foreach (Timer timer in due) timer.Fire();
        }

        private sealed class Timer(HandTime time, TimerCallback callback, object? state, long due) : ITimer
        {
            public long Due => due;

            public void Fire()
            {
                lock (time._lock) time._timers.Remove(this);
                callback(state);
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                lock (time._lock) time._timers.Remove(this);
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
