using System.Threading.Channels;
using Tandem.Primitives.Settings;

namespace Tandem.Server.Pushes;

/// <summary>
/// What is on its way to the operator's web server, in order. Whoever posts never waits. What the server does not take is tried again with growing pauses; what is older than five minutes by then,
/// or did not find room, is dropped and counted: it is about a moment that is over.
/// </summary>
internal sealed class PushQueue : IAsyncDisposable
{
    public const int Most = 10_000;
    public static readonly TimeSpan Oldest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);

    private readonly Func<PushServer> _server;
    private readonly Func<PushServer, string, byte[], CancellationToken, Task> _send;
    private readonly TimeProvider _time;
    private readonly Action<string> _say;
    private readonly Channel<Push> _channel;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private long _sent;
    private long _lost;

    /// <param name="server">Where to, as the setting is now.</param>
    /// <param name="send">Sends one; throws <see cref="IOException"/> when it was not taken.</param>
    /// <param name="time">Of pauses and ages.</param>
    /// <param name="say">Told what an operator should know.</param>
    public PushQueue(Func<PushServer> server, Func<PushServer, string, byte[], CancellationToken, Task> send, TimeProvider time, Action<string> say)
    {
        (_server, _send, _time, _say) = (server, send, time, say);
        _channel = Channel.CreateBounded<Push>(new BoundedChannelOptions(Most) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest }, _ => Interlocked.Increment(ref _lost));
        _run = RunAsync();
    }

    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Dropped: too old, or too many waited.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Nothing needs to be made where it goes nowhere.</summary>
    public bool IsOn => !_server().IsNone;

    public void Post(string page, byte[] json)
    {
        if (IsOn) _channel.Writer.TryWrite(new Push(page, json, _time.GetTimestamp()));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        string? trouble = null;
        try
        {
            await foreach (Push push in _channel.Reader.ReadAllAsync(_stop.Token))
            {
                for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
                {
                    if (!IsOn || _time.GetElapsedTime(push.At) > Oldest)
                    {
                        Interlocked.Increment(ref _lost);
                        break;
                    }
                    try
                    {
                        await _send(_server(), push.Page, push.Json, _stop.Token);
                        Interlocked.Increment(ref _sent);
                        if (trouble is not null) _say("OUT_POST_URL takes what is pushed again.");
                        trouble = null;
                        break;
                    }
                    catch (IOException e)
                    {
                        if (trouble != e.Message) _say($"OUT_POST_URL does not take what is pushed ({e.Message}); it is tried again for five minutes.");
                        trouble = e.Message;
                        await Task.Delay(pause, _time, _stop.Token);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The switch stops.
        }
    }

    private readonly record struct Push(string Page, byte[] Json, long At);
}
