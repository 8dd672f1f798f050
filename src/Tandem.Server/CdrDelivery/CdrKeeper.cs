using Tandem.Primitives;
using Tandem.Server.Storage.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>
/// Looks after the days of the CDR database, once an hour: closed ones become Parquet files, where that is asked for, and those older than what is kept are dropped, where
/// something is said of that. A day whose file could not be written stays. A day is closed an hour after its end.
/// </summary>
internal sealed class CdrKeeper : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ClosedAfter = TimeSpan.FromHours(1);

    private readonly ICdrStore _store;
    private readonly int _keepDays;
    private readonly CdrArchive? _archive;
    private readonly Func<Instant> _now;
    private readonly Action<string> _say;
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;

    /// <param name="store">Whose days they are.</param>
    /// <param name="keepDays">Days before today that stay; 0: all.</param>
    /// <param name="archive">The folder of the Parquet files; null: none are written.</param>
    /// <param name="now">The time.</param>
    /// <param name="say">Told, in sentences, what an operator should know.</param>
    public CdrKeeper(ICdrStore store, int keepDays, string? archive, Func<Instant> now, Action<string> say)
    {
        (_store, _keepDays, _now, _say) = (store, keepDays, now, say);
        _archive = archive is null ? null : new CdrArchive(archive);
    }

    public void Start()
    {
        if (_keepDays > 0 || _archive is not null) _work = Task.Run(WorkAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }

    /// <summary>One look.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        Instant now = _now();
        Instant today = new(now.Micros - (now.Micros % CdrSchema.DayMicros));
        Instant keepFrom = _keepDays > 0 ? today - TimeSpan.FromDays(_keepDays) : default;
        foreach (CdrDay day in await _store.DaysAsync(stop))
        {
            if (_archive is not null && day.To + ClosedAfter <= now && !await ArchiveAsync(day, stop))
            {
                if (day.From < keepFrom) keepFrom = day.From; // and those behind it: days go in order
            }
        }
        if (_keepDays > 0) _store.ForgetBefore(keepFrom);
    }

    private async Task<bool> ArchiveAsync(CdrDay day, CancellationToken stop)
    {
        try
        {
            if (await _archive!.HasAsync(day, stop)) return true;
            var all = new CdrQuery { Since = day.From, Until = day.To };
            long calls = await _archive.WriteAsync(day, _store.AllAsync(all, _now(), long.MaxValue, stop), stop);
            _say($"{calls} CDRs of {day.From.ToUtc():yyyy-MM-dd} are archived in {Path.GetFileName(_archive.FileOf(day))}");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _say($"the CDRs of {day.From.ToUtc():yyyy-MM-dd} could not be archived ({e.Message}); they stay in the database, and it is tried again in an hour");
            return false;
        }
    }

    private async Task WorkAsync()
    {
        try
        {
            await Task.Delay(First, _stop.Token);
            using var timer = new PeriodicTimer(Every);
            do
            {
                try
                {
                    await LookAsync(_stop.Token);
                }
                catch (IOException e)
                {
                    _say($"the days of the CDR database could not be looked after ({e.Message}); it is tried again in an hour");
                }
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The switch stops.
        }
    }
}
