using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.Hosting;

/// <summary>Where a long question to the switch stands, told by the one who works on it.</summary>
internal sealed class JobProgress(Job job)
{
    /// <summary>A share of 0 to 1, and one sentence without full stop.</summary>
    public void Say(double done, string says)
    {
        job.Done = Math.Clamp(done, 0, 1);
        job.Says = says;
    }
}

/// <summary>One long question and its answer.</summary>
internal sealed class Job(string id, string what, string by, Instant started)
{
    private volatile string _says = "begins";
    private volatile int _state = (int)JobState.Running;
    private double _done;

    public string Id => id;

    public CancellationTokenSource Stop { get; } = new();

    public Task Work { get; set; } = Task.CompletedTask;

    public double Done
    {
        get => Volatile.Read(ref _done);
        set => Volatile.Write(ref _done, value);
    }

    public string Says
    {
        get => _says;
        set => _says = value;
    }

    public JobState State => (JobState)_state;

    public Instant? Ended { get; private set; }

    public object? Result { get; private set; }

    public JobView View() => new() { Id = id, What = what, By = by, State = State, Done = Done, Says = Says, Started = started, Ended = Ended, Result = State == JobState.Done ? Result : null };

    public void End(JobState state, string says, object? result, Instant at)
    {
        Result = result;
        Says = says;
        Ended = at;
        if (state == JobState.Done) Done = 1;
        _state = (int)state; // last: what ended is whole
    }
}

/// <summary>
/// Long questions: each works on a thread of the pool, tells how far it is, and can be cancelled. Two at a time; the last sixteen answers are kept until the switch stops. From any thread.
/// </summary>
internal sealed class Jobs(Func<Instant> now, Action<string> warn)
{
    public const int AtOnce = 2;
    public const int Kept = 16;

    private static readonly Fault Busy = new(FaultKind.Unavailable, $"{AtOnce} long questions are being worked on already; cancel one or ask again later.");

    private ImmutableArray<Job> _jobs = [];
    private int _last;

    /// <summary>Why none can be begun now: two work already. Null: one can.</summary>
    public Fault? Full => _jobs.Count(static j => j.State == JobState.Running) >= AtOnce ? Busy : null;

    /// <summary>Begins one; Unavailable when two work already.</summary>
    public Answer<JobView> Start(string what, string by, Func<JobProgress, CancellationToken, Task<object>> work)
    {
        var job = new Job($"{what}-{Interlocked.Increment(ref _last)}", what, by, now());
        bool taken = ImmutableInterlocked.Update(ref _jobs, (jobs, added) =>
        {
            if (jobs.Count(static j => j.State == JobState.Running) >= AtOnce) return jobs;
            ImmutableArray<Job> next = jobs.Add(added);
            while (next.Length > Kept && next.FirstOrDefault(static j => j.State != JobState.Running) is { } old) next = next.Remove(old);
            return next;
        }, job);
        if (!taken || !_jobs.Contains(job)) return Busy;
        job.Work = Task.Run(() => RunAsync(job, work), CancellationToken.None);
        return job.View();
    }

    public IReadOnlyList<JobView> List() => [.. _jobs.Reverse().Select(static j => j.View())];

    public Answer<JobView> Find(string id) => _jobs.FirstOrDefault(j => j.Id == id) is { } job ? job.View() : NoSuchJob(id);

    /// <summary>Asks it to stop; it answers when it has.</summary>
    public async Task<Answer<JobView>> CancelAsync(string id)
    {
        if (_jobs.FirstOrDefault(j => j.Id == id) is not { } job) return NoSuchJob(id);
        await job.Stop.CancelAsync();
        await job.Work;
        return job.View();
    }

    /// <summary>As the switch stops.</summary>
    public async Task StopAsync()
    {
        foreach (Job job in _jobs) await job.Stop.CancelAsync();
        foreach (Job job in _jobs) await job.Work;
    }

    private async Task RunAsync(Job job, Func<JobProgress, CancellationToken, Task<object>> work)
    {
        try
        {
            object result = await work(new JobProgress(job), job.Stop.Token);
            job.End(JobState.Done, "done", result, now());
        }
        catch (OperationCanceledException)
        {
            job.End(JobState.Cancelled, job.Done > 0 ? $"cancelled: {job.Says}" : "cancelled", null, now());
        }
        catch (Exception e) // it belongs to whoever asked
        {
            if (e is not (IOException or InvalidOperationException or OverflowException or UnavailableException)) warn($"The question {job.Id} failed: {e}");
            job.End(JobState.Failed, e.Message, null, now());
        }
    }

    private static Fault NoSuchJob(string id) => new(FaultKind.NotFound, $"There is no job {Configuration.DocumentNode.Printable(id)}; the last {Kept} are kept.");
}
