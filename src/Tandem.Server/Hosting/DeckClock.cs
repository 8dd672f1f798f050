using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Server.Hosting;

/// <summary>
/// Puts dated versions and lines of decks in force when their time comes (docs/decks.md). What is large is compiled a minute ahead, the tables two seconds ahead, so that at the time itself
/// there is one write. A change nearer than that takes effect as soon as it is compiled.
/// </summary>
internal sealed class DeckClock : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500), Ahead = TimeSpan.FromSeconds(2), WarmAhead = TimeSpan.FromMinutes(1);

    private readonly SwitchHost _host;
    private readonly Action<string> _say;
    private readonly PeriodicTimer _timer = new(Look);
    private readonly Task _run;
    private Instant _warmed;

    /// <param name="host">The switch, which runs.</param>
    /// <param name="say">Told of each change.</param>
    public DeckClock(SwitchHost host, Action<string> say)
    {
        (_host, _say) = (host, say);
        _run = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _run;
    }

    private async Task RunAsync()
    {
        while (await _timer.WaitForNextTickAsync()) await TurnAsync();
    }

    private async Task TurnAsync()
    {
        Instant due = _host.Tables.Current.ChangesAt;
        TimeSpan left = due == Instant.Never ? TimeSpan.MaxValue : due - _host.Clock.Now();
        if (left > WarmAhead) return;
        try
        {
            if (_warmed != due)
            {
                _warmed = due;
                await Task.Run(() =>
                {
                    foreach (DeckRef deck in _host.Configuration.Current.Configuration.Decks.Values) _host.Shelf.Rates(deck.VersionAt(due), due);
                });
            }
            if (left > Ahead) return;
            await _host.Control.RecompileAsync(due);
            _say($"Dated rates came into force as of {due}.");
        }
        catch (OperationCanceledException)
        {
            // The switch stops.
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or DataFolderException)
        {
            _say($"The rates dated {due} could not be put in force, and the ones before them hold until they can: {e.Message}");
        }
    }
}
