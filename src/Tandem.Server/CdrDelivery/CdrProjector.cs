using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>
/// Carries finished calls from the journal to their consumers on a thread of its own, each from the position it remembers, at
/// most ten rounds a second. A consumer that cannot write is left alone for a while and catches up later; calls never wait for any.
/// </summary>
public sealed class CdrProjector : IDisposable
{
    private const int BatchSize = 1000;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly IFinishedCalls _journal;
    private readonly Lane[] _lanes;
    private readonly TimeProvider _time;
    private readonly Action<string> _say;
    private readonly List<Cdr> _batch = [];
    private long _batchFrom = -1;
    private long _batchTo;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Lock _waitersLock = new();
    private readonly List<(long Position, TaskCompletionSource Done)> _waiters = [];
    private Thread? _thread;

    public CdrProjector(IFinishedCalls journal, IReadOnlyList<ICdrConsumer> consumers, TimeProvider time, Action<string> say)
    {
        _journal = journal;
        _lanes = [.. consumers.Select(c => new Lane(c))];
        _time = time;
        _say = say;
    }

    /// <summary>One sentence for each consumer that cannot write now.</summary>
    public IReadOnlyList<(string Consumer, string Says)> Warnings => [.. _lanes.Select(static l => (l.Consumer.Name, l.Trouble)).Where(static w => w.Trouble is not null)!];

    /// <summary>How many bytes of the journal each consumer has not read yet.</summary>
    public IReadOnlyList<(string Consumer, long Bytes)> Backlog
    {
        get
        {
            long end = _journal.End;
            return [.. _lanes.Select(l => (l.Consumer.Name, Math.Max(0, end - l.Consumer.Position)))];
        }
    }

    public void Start()
    {
        _thread = new Thread(Run) { Name = "cdr-projector", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Completes when the first consumer has taken everything the journal holds now, or with false after <paramref name="atMost"/>.</summary>
    public async Task<bool> CaughtUpAsync(TimeSpan atMost, CancellationToken stop)
    {
        long end = _journal.End;
        if (_lanes.Length == 0 || _lanes[0].Consumer.Position >= end) return true;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waitersLock) _waiters.Add((end, done));
        try
        {
            await done.Task.WaitAsync(atMost, _time, stop);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (_waitersLock) _waiters.RemoveAll(w => w.Done == done);
        }
    }

    /// <summary>One round: each consumer that is behind gets at most one batch. True when one of them is still behind.</summary>
    public bool Turn()
    {
        bool behind = false;
        foreach (Lane lane in _lanes) behind |= Turn(lane);
        Forget();
        ReleaseWaiters();
        return behind;
    }

    /// <summary>Ends the thread after the batch in hand; what is left is taken up at the next start.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread?.Join();
        _thread = null;
    }

    private void Run()
    {
        while (!_stop.IsSet)
        {
            bool behind = Turn();
            if (!behind) _stop.Wait(Round);
        }
    }

    private bool Turn(Lane lane)
    {
        if (lane.Trouble is not null && _time.GetUtcNow() < lane.RetryAt) return false;
        try
        {
            long from = lane.Consumer.Position;
            if (from >= _journal.End)
            {
                lane.Consumer.Turn(Instant.FromUtc(_time.GetUtcNow().UtcDateTime), caughtUp: true);
                return false;
            }
            if (from != _batchFrom) Read(from); // consumers that keep step are handed the same batch
            if (_batchTo <= from) return false;
            lane.Consumer.Take(_batch, _batchTo);
            if (lane.Trouble is not null) _say($"{lane.Consumer.Name}: written again, catching up");
            lane.Trouble = null;
            lane.Retry = FirstRetry;
            return lane.Consumer.Position < _journal.End && _batch.Count == BatchSize;
        }
        catch (Exception e) // whatever one consumer cannot do, the others and the calls go on
        {
            string trouble = $"{lane.Consumer.Name} cannot be written ({e.Message}); calls go on, the CDRs wait in the journal";
            if (!string.Equals(lane.Trouble, trouble, StringComparison.Ordinal)) _say(trouble);
            lane.Trouble = trouble;
            lane.RetryAt = _time.GetUtcNow() + lane.Retry;
            lane.Retry = lane.Retry * 2 < LongestRetry ? lane.Retry * 2 : LongestRetry;
            return false;
        }
    }

    private void Read(long from)
    {
        Forget();
        _batchTo = _journal.Read(from, BatchSize, _batch);
        _batchFrom = from;
    }

    private void Forget()
    {
        _batch.Clear();
        _batchFrom = -1;
    }

    private void ReleaseWaiters()
    {
        lock (_waitersLock)
        {
            foreach ((long position, TaskCompletionSource done) in _waiters)
            {
                if (_lanes[0].Consumer.Position >= position) done.TrySetResult();
            }
        }
    }

    private sealed class Lane(ICdrConsumer consumer)
    {
        private volatile string? _trouble;

        public ICdrConsumer Consumer => consumer;

        public string? Trouble { get => _trouble; set => _trouble = value; }

        public DateTimeOffset RetryAt { get; set; }

        public TimeSpan Retry { get; set; } = FirstRetry;
    }
}
