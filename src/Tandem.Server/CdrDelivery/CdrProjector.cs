using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>
/// Carries finished calls from the journal to their consumers on threads of its own, each from the position it remembers, at
/// most four rounds a second, sooner when somebody waits for it. Those that write to this machine's disk share a thread and their batches; one that waits for somebody else has its own. A consumer that cannot write is left alone for a while and catches up later; calls never wait for any.
/// </summary>
public sealed class CdrProjector : IDisposable
{
    private const int BatchSize = 1000;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly IFinishedCalls _journal;
    private readonly Lane[] _lanes;
    private readonly Group[] _groups;
    private readonly TimeProvider _time;
    private readonly Action<string> _say;
    private readonly Lock _waitersLock = new();
    private readonly List<(long Position, TaskCompletionSource Done)> _waiters = [];
    private readonly List<Thread> _threads = [];
    private volatile bool _stopping;

    public CdrProjector(IFinishedCalls journal, IReadOnlyList<ICdrConsumer> consumers, TimeProvider time, Action<string> say)
    {
        _journal = journal;
        _lanes = [.. consumers.Select(c => new Lane(c))];
        _groups = [new Group([.. _lanes.Where(static l => !l.Consumer.Alone)]), .. _lanes.Where(static l => l.Consumer.Alone).Select(static l => new Group([l]))];
        _time = time;
        _say = say;
    }

    /// <summary>One sentence for each consumer that cannot write now, with the database's error code where it is one.</summary>
    public IReadOnlyList<(string Consumer, string Says, string Code)> Warnings => [.. _lanes.Select(static l => (l.Consumer.Name, l.Trouble, l.Code)).Where(static w => w.Trouble is not null)!];

    /// <summary>Up to which position of the journal each consumer has kept everything, how many bytes it has not read yet, and what keeps it.</summary>
    public IReadOnlyList<(string Consumer, long Position, long Bytes, string? Trouble)> Backlog
    {
        get
        {
            long end = _journal.End;
            return [.. _lanes.Select(l => (l.Consumer.Name, l.Consumer.Position, Math.Max(0, end - l.Consumer.Position), l.Trouble))];
        }
    }

    public void Start()
    {
        foreach (Group group in _groups.Where(static g => g.Lanes.Length > 0))
        {
            var thread = new Thread(() => Run(group)) { Name = $"cdr-projector-{_threads.Count}", IsBackground = true };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Completes when the first consumer has taken everything the journal holds now, or with false after <paramref name="atMost"/>.</summary>
    public async Task<bool> CaughtUpAsync(TimeSpan atMost, CancellationToken stop)
    {
        long end = _journal.End;
        if (_lanes.Length == 0 || _lanes[0].Consumer.Position >= end) return true;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waitersLock) _waiters.Add((end, done));
        Hurry();
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
        foreach (Group group in _groups) behind |= Turn(group);
        return behind;
    }

    /// <summary>Ends the threads after the batch in hand; what is left is taken up at the next start.</summary>
    public void Dispose()
    {
        _stopping = true;
        foreach (Lane lane in _lanes) lane.Consumer.BreakOff();
        Hurry();
        foreach (Thread thread in _threads) thread.Join();
        _threads.Clear();
    }

    private void Hurry()
    {
        foreach (Group group in _groups) group.Hurry.Set();
    }

    private void Run(Group group)
    {
        while (!_stopping)
        {
            if (Turn(group)) continue;
            group.Hurry.WaitOne(Round);
        }
    }

    private bool Turn(Group group)
    {
        bool behind = false;
        foreach (Lane lane in group.Lanes) behind |= Turn(group, lane);
        group.Forget();
        ReleaseWaiters();
        return behind;
    }

    private bool Turn(Group group, Lane lane)
    {
        if (lane.Trouble is not null && _time.GetElapsedTime(lane.FailedAt) < lane.Wait) return false; // whatever the clock on the wall does
        try
        {
            long from = lane.Consumer.Position, end = _journal.End;
            if (from >= end)
            {
                lane.Consumer.Turn(Instant.FromUtc(_time.GetUtcNow().UtcDateTime), caughtUp: true);
                Well(lane);
                return false;
            }
            if (from != group.From) // consumers that keep step are handed the same batch
            {
                group.Forget();
                group.To = _journal.Read(from, BatchSize, group.Batch);
                group.From = from;
            }
            if (group.To <= from) return false;
            lane.Consumer.Take(group.Batch, group.To);
            Well(lane);
            return lane.Consumer.Position < end; // what came meanwhile waits for the next round
        }
        catch (Exception e) // whatever one consumer cannot do, the others and the calls go on
        {
            string trouble = $"{lane.Consumer.Name} cannot be written ({e.Message}); calls go on, the CDRs wait in the journal";
            if (!string.Equals(lane.Trouble, trouble, StringComparison.Ordinal)) _say(trouble);
            lane.Code = CodeOf(e);
            lane.Trouble = trouble;
            lane.FailedAt = _time.GetTimestamp();
            lane.Wait = lane.Retry;
            lane.Retry = lane.Retry * 2 < LongestRetry ? lane.Retry * 2 : LongestRetry;
            return false;
        }
    }

    private static string CodeOf(Exception e) => e switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode.ToString(CultureInfo.InvariantCulture),
        DbException { SqlState: { } state } => state,
        { InnerException: { } inner } => CodeOf(inner),
        _ => "",
    };

    private void Well(Lane lane)
    {
        if (lane.Trouble is null) return;
        _say($"{lane.Consumer.Name}: written again, catching up");
        lane.Trouble = null;
        lane.Retry = FirstRetry;
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

    // Consumers of one thread, and the batch in its hand.
    private sealed class Group(Lane[] lanes)
    {
        public Lane[] Lanes => lanes;

        /// <summary>Ends its rest: somebody waits, or it is over.</summary>
        public AutoResetEvent Hurry { get; } = new(false);

        public List<Cdr> Batch { get; } = [];

        public long From { get; set; } = -1;

        public long To { get; set; }

        public void Forget()
        {
            Batch.Clear();
            From = -1;
        }
    }

    private sealed class Lane(ICdrConsumer consumer)
    {
        private volatile string? _trouble;

        public ICdrConsumer Consumer => consumer;

        public string? Trouble { get => _trouble; set => _trouble = value; }

        /// <summary>Written before the trouble it belongs to.</summary>
        public string Code { get; set; } = "";

        public long FailedAt { get; set; }

        public TimeSpan Wait { get; set; }

        public TimeSpan Retry { get; set; } = FirstRetry;
    }
}
