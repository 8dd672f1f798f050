using System.Net.Mail;
using Tandem.Primitives;
using Tandem.Server.Hosting;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Server.Alarms;

/// <summary>Looks at the running switch every few seconds for what an operator should know of, and keeps the book of alarms by it.</summary>
internal sealed class AlarmWatch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MailPatience = TimeSpan.FromSeconds(60);
    private const long LeastRoom = 1L << 30;
    private const long MostWaiting = 64L << 20;

    private readonly SwitchHost _host;
    private readonly AlarmBook _book;
    private readonly Timer _timer;
    private readonly AlarmMail _mail;
    private readonly CancellationTokenSource _stop = new();
    private Task _sending = Task.CompletedTask;
    private int _looking;

    public AlarmWatch(SwitchHost host, AlarmBook book, Action<string> say)
    {
        _mail = new AlarmMail(SendAsync, say);
        book.Tell(_mail.Note);
        _host = host;
        _book = book;
        book.Tell(alarms =>
        {
            foreach (Alarm alarm in alarms)
            {
                if (alarm.Cleared is not null) say($"alarm {alarm.Id} is over: {alarm.Says}");
                else if (alarm.Confirmed is null) say($"alarm {alarm.Id}, {alarm.Level}: {alarm.Says}");
            }
        });
        _timer = new Timer(_ => Look(), null, Every, Every);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>One look; the timer calls it, and tests.</summary>
    internal void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0) return;
        try
        {
            AlarmSettings settings = _host.Tables.Current.Settings.Alarms;
            _book.Observe(settings.Disabled ? [] : [.. Conditions()], _host.Clock.Now());
            if (_sending.IsCompleted) _sending = _mail.SendAsync(settings, _host.Clock.Now(), _stop.Token);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private IEnumerable<AlarmCondition> Conditions()
    {
        if (_host.Books.Journal.Trouble is { } trouble) yield return new(AlarmKind.Journal, "", trouble);
        foreach ((string of, string says) in _host.BooksWatch.Wrong) yield return new(AlarmKind.Books, of, says);
        if (_host.Media.Warning is { } shortage) yield return new(AlarmKind.MediaPorts, "", shortage, _host.Media.PortsLent);
        foreach ((string trunk, string says) in TrunkList.Warnings(_host.Tables.Current)) yield return new(AlarmKind.Trunk, trunk, says);
        foreach ((string consumer, string says, string code) in _host.Projector.Warnings)
        {
            if (!Ignores(_host.Tables.Current.Settings.Alarms.IgnoredDatabaseErrors, code)) yield return new(AlarmKind.CdrConsumer, consumer, says);
        }
        foreach ((string consumer, _, long bytes, _) in _host.Projector.Backlog)
        {
            if (bytes > MostWaiting) yield return new(AlarmKind.CdrsWaiting, consumer, $"{bytes >> 20} MiB of the journal wait for {consumer}; nothing is lost, it catches up.", bytes, Upper: MostWaiting);
        }
        if (Room() is { } room and < LeastRoom) yield return new(AlarmKind.DiskSpace, "", $"{room >> 20} MiB are free on the disk of the data folder; below {LeastRoom >> 20} calls may soon be refused.", room, Lower: LeastRoom);
    }

    private async Task SendAsync(MailMessage mail, CancellationToken stop)
    {
        using var smtp = new SmtpClient(_host.Options.Smtp.Host, _host.Options.Smtp.Port);
        await smtp.SendMailAsync(mail, stop).WaitAsync(MailPatience, stop);
    }

    internal static bool Ignores(string codes, string code) => code.Length > 0 && codes.Split(',', StringSplitOptions.TrimEntries).Contains(code, StringComparer.OrdinalIgnoreCase);

    private long? Room()
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(_host.Options.DataFolder)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
