using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Server.Loops;
using Tandem.Server.Network;
using Tandem.Sip.Locating;
using Tandem.Switching.Admission;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;
using DnsQuestion = Tandem.Sip.Locating.DnsQuestion;

namespace Tandem.Server.Hosting;

/// <summary>
/// Keeps what the DNS says of gateways' host names fresh, aside from every loop: asks when an answer's time is over or a name is
/// new, and publishes each outcome with one write. A call never waits for it: it takes what is known.
/// </summary>
internal sealed class NameWatch : IAsyncDisposable
{
    // NAPTR, SRV and addresses are three rounds; a chain longer than this is somebody's mistake.
    private const int MaxRounds = 6;
    private const int AskedAtOnce = 32;

    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);

    private readonly LoopClock _clock;
    private readonly TableBook _tables;
    private readonly INameServers _servers;
    private readonly Func<Task> _sourcesChanged;
    private readonly Action _hopsChanged;
    private readonly Action<string> _say;
    private readonly Locator _locator;
    private readonly DnsCache _cache;
    private readonly SemaphoreSlim _poked = new(0, 1);
    private readonly SemaphoreSlim _asking = new(AskedAtOnce, AskedAtOnce);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _work = Task.CompletedTask;
    private bool _sourcesOwed;

    /// <param name="clock">The server's.</param>
    /// <param name="tables">Which gateways there are.</param>
    /// <param name="reach">Which transports and IP versions the switch has.</param>
    /// <param name="servers">Who is asked.</param>
    /// <param name="sourcesChanged">A mapping gateway's name leads elsewhere: the table of sources is to be compiled anew.</param>
    /// <param name="hopsChanged">A routing gateway's name leads elsewhere.</param>
    /// <param name="say">Told what operators should read.</param>
    public NameWatch(LoopClock clock, TableBook tables, Reach reach, INameServers servers, Func<Task> sourcesChanged, Action hopsChanged, Action<string> say)
    {
        _clock = clock;
        _tables = tables;
        _servers = servers;
        _sourcesChanged = sourcesChanged;
        _hopsChanged = hopsChanged;
        _say = say;
        _cache = new DnsCache(() => tables.Current.Settings.Trunks.DnsUpdateInterval);
        _locator = new Locator(_cache, reach);
    }

    /// <summary>Begins, and waits a moment for the first names, so that the first call finds its gateway.</summary>
    public async Task StartAsync(TimeSpan patience)
    {
        _work = Task.Run(RunAsync);
        await Task.WhenAny(_first.Task, Task.Delay(patience));
    }

    /// <summary>There are new tables: names may have come.</summary>
    public void Poke()
    {
        try
        {
            _poked.Release();
        }
        catch (SemaphoreFullException)
        {
            // It has been told already.
        }
        catch (ObjectDisposedException)
        {
            // The switch stops.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
        _poked.Dispose();
        _asking.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                Instant next = await TryLookAsync();
                _first.TrySetResult();
                TimeSpan pause = next == Instant.Never ? Timeout.InfiniteTimeSpan : next - _clock.Now();
                if (pause != Timeout.InfiniteTimeSpan && pause < LeastPause) pause = LeastPause;
                await _poked.WaitAsync(pause, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task<Instant> TryLookAsync()
    {
        try
        {
            return await LookAsync();
        }
#pragma warning disable CA1031 // a mistake of ours, or of a library, must not be the end of all names
        catch (Exception e) when (!_stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            _say($"Host names could not be looked at: {e.Message} They are again in {DnsCache.AskAgain.TotalSeconds} s.");
            return _clock.Now() + DnsCache.AskAgain;
        }
    }

    /// <summary>Looks at every name once; returns when the first is to be looked at again.</summary>
    private async Task<Instant> LookAsync()
    {
        SwitchTables tables = _tables.Current;
        RoutingGateway[] carriers = [.. tables.Routes.Gateways.Where(static g => !g.Target.IsNumeric)];
        MappingGateway[] customers = [.. tables.MappingGateways.Where(static g => g.HostNames.Count > 0)];
        await AskWhatIsMissing(now => carriers.SelectMany(g => _locator.Locate(g.Target, now).Missing).Concat(customers.SelectMany(g => g.HostNames).SelectMany(n => _locator.Addresses(n, now).Missing)));

        Instant next = Instant.Never;
        bool hops = false;
        foreach (RoutingGateway gateway in carriers)
        {
            ResolvedName found = Resolved(gateway.Name, gateway.Target, _locator.Locate(gateway.Target, _clock.Now()), gateway.State.Name, out bool changed);
            gateway.State.Name = found;
            hops |= changed;
            next = Instant.Min(next, found.Until);
        }
        foreach (MappingGateway gateway in customers)
        {
            var all = ImmutableDictionary.CreateBuilder<string, ResolvedName>(StringComparer.Ordinal);
            foreach (string name in gateway.HostNames)
            {
                ResolvedName found = Resolved(gateway.Name, new SipTarget(name), _locator.Addresses(name, _clock.Now()), gateway.State.Sources.GetValueOrDefault(name), out bool changed);
                all[name] = found;
                _sourcesOwed |= changed;
                next = Instant.Min(next, found.Until);
            }
            gateway.State.Sources = all.ToImmutable();
        }
        if (hops) _hopsChanged();
        if (_sourcesOwed)
        {
            await _sourcesChanged();
            _sourcesOwed = false;
        }
        return next;
    }

    private async Task AskWhatIsMissing(Func<Instant, IEnumerable<DnsQuestion>> missing)
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            DnsQuestion[] questions = [.. missing(_clock.Now()).Distinct()];
            if (questions.Length == 0) return;
            DnsAnswer[] answers = await Task.WhenAll(questions.Select(AskAsync));
            Instant now = _clock.Now();
            for (int i = 0; i < questions.Length; i++) _cache.Put(questions[i], answers[i], now);
        }
    }

    private async Task<DnsAnswer> AskAsync(DnsQuestion question)
    {
        await _asking.WaitAsync(_stop.Token);
        try
        {
            return await _servers.AskAsync(question, _stop.Token);
        }
        finally
        {
            _asking.Release();
        }
    }

    private ResolvedName Resolved(string gateway, SipTarget target, Location location, ResolvedName? before, out bool changed)
    {
        Instant now = _clock.Now();
        if (before is not null && before.Target != target) before = null;
        string trouble = location.Missing.IsEmpty ? location.Trouble : $"{target.Host} leads from name to name without end";
        Instant until = location.Missing.IsEmpty ? location.Until : now + DnsCache.AskAgain;
        if (until == Instant.Never) until = now + DnsCache.LongestNegative;
        changed = before is null ? location.Hops.Count > 0 : !before.Hops.SameAs(location.Hops);
        if (trouble.Length > 0 && before?.Trouble != trouble) _say($"Gateway {gateway}: {trouble}.");
        else if (changed && before is not null && trouble.Length == 0) _say($"Gateway {gateway}: {target.Host} leads to {string.Join(", ", location.Hops.Choices.Select(static c => c.Hop.Address.Port == 0 ? c.Hop.Address.HostString() : c.Hop.Address.ToString()))} now.");
        if (location.Stale && before?.Stale != true) _say($"Gateway {gateway}: no name server answers; the last addresses of {target.Host} are used on.");
        return new ResolvedName(target, location.Hops, trouble, changed || before is null ? now : before.At, now, until, location.Stale);
    }
}
