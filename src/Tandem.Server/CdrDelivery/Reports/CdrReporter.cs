using System.Diagnostics;
using System.Runtime.InteropServices;
using Tandem.Primitives.Settings;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery.Reports;

/// <summary>
/// Reports finished calls to a server by SERVER_CDR_REAL_TIME_REPORT_SERVER (docs/cdr.md "Real-time reports"): in the journal's order, each until the server has
/// acknowledged it, so at least once; its position in the journal is durable before the next batch, so it resumes where it stopped. While there is no server
/// the position moves on: what ended then is not reported later.
/// </summary>
public sealed class CdrReporter : ICdrConsumer
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepUnusedEvery = TimeSpan.FromSeconds(10);

    private readonly DurablePosition _kept;
    private readonly Func<ReportServer> _server;
    private readonly TimeZoneInfo _zone;
    private readonly TimeSpan _patience;
    private readonly List<Cdr> _batch = [];
    private ReportServer _linked = ReportServer.None;
    private volatile IReportLink? _link;
    private volatile bool _brokenOff;
    private long _position;
    private int _acknowledged; // of the CDRs behind the position
    private long _reported;
    private long _passedAt;

    /// <param name="folder">Of its position; made when it is first needed.</param>
    /// <param name="server">Where to, as the setting is now.</param>
    /// <param name="zone">Of the times in text lines: the server's.</param>
    /// <param name="journalEnd">Where to begin when there is no position: reports are not retroactive.</param>
    /// <param name="warn">Told, in sentences, what an operator should know.</param>
    /// <param name="patience">With a server that answers nothing.</param>
    /// <exception cref="IOException">The position cannot be read.</exception>
    public CdrReporter(string folder, Func<ReportServer> server, TimeZoneInfo zone, long journalEnd, Action<string> warn, TimeSpan? patience = null)
    {
        _kept = new DurablePosition(folder);
        _server = server;
        _zone = zone;
        _patience = patience ?? DefaultPatience;
        try
        {
            if (_kept.TryRead(out _position, out bool damaged) && _position <= journalEnd) return;
            if (damaged) warn($"the position of {Name} in {folder} is damaged: calls are reported from now on, the last ones before may be missing there");
            else if (_position > journalEnd) warn($"{Name} had got to journal position {_position}, but the journal ends at {journalEnd}: it goes on from there");
            _position = journalEnd;
            Pass(_position); // at once: killed before the first batch is kept, the next start must not begin behind it
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the position of {Name} cannot be read: {e.Message}", e);
        }
    }

    public string Name => "the report of CDRs";

    public long Position => Volatile.Read(ref _position);

    public bool Alone => true;

    /// <summary>CDRs the server has acknowledged since the start.</summary>
    public long Reported => Volatile.Read(ref _reported);

    public void Take(IReadOnlyList<Cdr> cdrs, long position)
    {
        ReportServer server = _server();
        if (server != _linked) Link(server);
        if (_link is { } link)
        {
            _batch.Clear();
            foreach (Cdr cdr in cdrs)
            {
                if ((cdr.Hidden & HiddenFrom.Files) == 0) _batch.Add(cdr);
            }
            // After a failure the same calls come again, perhaps with more behind them: those acknowledged are not sent twice.
            if (_acknowledged < _batch.Count) link.Send(CollectionsMarshal.AsSpan(_batch)[_acknowledged..], Acknowledged);
            _kept.Write(position);
        }
        else
        {
            Pass(position);
        }
        _acknowledged = 0;
        Volatile.Write(ref _position, position);
    }

    public void BreakOff()
    {
        _brokenOff = true;
        _link?.Dispose();
    }

    private void Acknowledged(int more)
    {
        _acknowledged += more;
        Volatile.Write(ref _reported, _reported + more);
    }

    private void Link(ReportServer server)
    {
        _link?.Dispose();
        _link = server.IsNone ? null : server.Webhook is { } webhook ? new WebhookLink(webhook, _patience) : new LineLink(server.Address, _zone, _patience);
        _linked = server;
        if (_brokenOff) _link?.Dispose();
        if (_link is not null) _kept.Write(_position); // from here on nothing is left out, whatever happens
    }

    // A folder that cannot be written troubles nobody while there is no server, and nobody misses the last seconds.
    private void Pass(long position)
    {
        if (_passedAt != 0 && Stopwatch.GetElapsedTime(_passedAt) < KeepUnusedEvery) return;
        _passedAt = Stopwatch.GetTimestamp();
        try
        {
            _kept.Write(position);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
