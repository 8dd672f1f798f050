using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Tandem.Primitives;
using Tandem.Server.Loops;
using Tandem.Switching.Numbers;

namespace Tandem.Server.Portability;

/// <summary>
/// Asks the LRN server by HTTP for the shards: GET /lrn?number=N. 200 with the routing number as text, or {"lrn": "N"}; empty or 404: it was not ported (docs/lrn.md). At most
/// <see cref="AtOnce"/> questions are under way and <see cref="MostWaiting"/> wait; what nobody waits for any more is not asked.
/// </summary>
internal sealed class LrnClient : ILrnAsker, IAsyncDisposable
{
    public const int AtOnce = 64;
    public const int MostWaiting = 10_000;

    private const int LongestAnswer = 4096;

    private readonly Channel<LrnQuestion> _waiting = Channel.CreateBounded<LrnQuestion>(new BoundedChannelOptions(MostWaiting) { SingleReader = false, AllowSynchronousContinuations = false });
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = AtOnce, PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = LongestAnswer,
    };

    private readonly LoopClock _clock;
    private readonly Action<int, LrnReply> _answer;
    private readonly Task[] _workers;
    private long _asked, _failed, _late, _refused;

    /// <param name="clock">The switch's.</param>
    /// <param name="answer">Brings a reply to its shard.</param>
    public LrnClient(LoopClock clock, Action<int, LrnReply> answer)
    {
        _clock = clock;
        _answer = answer;
        _workers = [.. Enumerable.Range(0, AtOnce).Select(_ => Task.Run(WorkAsync))];
    }

    /// <summary>Questions sent.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <summary>Questions without an answer that could be read.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Questions given up before they were sent.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>Questions refused since too many waited.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public bool TryAsk(in LrnQuestion question)
    {
        if (_waiting.Writer.TryWrite(question)) return true;
        Interlocked.Increment(ref _refused);
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            await foreach (LrnQuestion question in _waiting.Reader.ReadAllAsync(_stop.Token))
            {
                TimeSpan left = question.GiveUpAt - _clock.Now();
                if (left <= TimeSpan.Zero)
                {
                    Interlocked.Increment(ref _late);
                    continue;
                }
                Interlocked.Increment(ref _asked);
                LrnAnswer answer = await AskAsync(question, left);
                if (!answer.Known) Interlocked.Increment(ref _failed);
                _answer(question.Shard, new LrnReply(question.Slot, question.Stamp, answer));
            }
        }
        catch (OperationCanceledException)
        {
            // The switch stops.
        }
    }

    private async Task<LrnAnswer> AskAsync(LrnQuestion question, TimeSpan patience)
    {
        LrnAnswer Unknown(string trouble) => new(false, question.Number, default, trouble);
        if (!NetAddress.TryParse(question.ServerIp, question.ServerPort == 0 ? 80 : question.ServerPort, out NetAddress server)) return Unknown($"SS_LRN_SERVER_IP '{question.ServerIp}' is no address");
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        timer.CancelAfter(patience);
        try
        {
            using HttpResponseMessage response = await _http.GetAsync($"http://{server}/lrn?number={Uri.EscapeDataString(question.Number.ToString())}", timer.Token);
            if (response.StatusCode == HttpStatusCode.NotFound) return new LrnAnswer(true, question.Number, default, "");
            if (response.StatusCode != HttpStatusCode.OK) return Unknown($"the server {server} said {(int)response.StatusCode}");
            string text = await response.Content.ReadAsStringAsync(timer.Token);
            return TryRead(text, out DialString routing) ? new LrnAnswer(true, question.Number, routing, "") : Unknown($"the server {server} answered with something that is no number");
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return Unknown($"the server {server} did not answer in time");
        }
        catch (HttpRequestException e)
        {
            return Unknown($"the server {server} could not be asked: {e.HttpRequestError.ToString().ToLowerInvariant()}");
        }
    }

    internal static bool TryRead(string text, out DialString routing)
    {
        text = text.Trim();
        if (text.StartsWith('{'))
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(text);
                if (!document.RootElement.TryGetProperty("lrn", out JsonElement lrn)) return Nothing(out routing);
                text = lrn.ValueKind switch { JsonValueKind.String => lrn.GetString()!, JsonValueKind.Null => "", JsonValueKind.Number => lrn.GetRawText(), _ => "?" };
            }
            catch (JsonException)
            {
                return Nothing(out routing);
            }
        }
        if (text.StartsWith('+')) text = text[1..];
        return DialString.TryParse(text.AsSpan(), out routing) && text.All(char.IsAsciiDigit);
    }

    private static bool Nothing(out DialString routing)
    {
        routing = default;
        return false;
    }
}
