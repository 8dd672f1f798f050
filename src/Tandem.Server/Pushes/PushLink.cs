using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Tandem.Primitives.Settings;

namespace Tandem.Server.Pushes;

/// <summary>One POST of JSON to a page of the operator's web server. Any 2xx is an answer; what its retCode says is counted.</summary>
internal sealed class PushLink : IDisposable
{
    private const int MostAnswer = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 4, PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = Patience })
    {
        Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MostAnswer,
    };

    private long _refused;

    /// <summary>Answered with a retCode other than 0.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <exception cref="IOException">It was not taken; the message is a sentence for the operator.</exception>
    public async Task SendAsync(PushServer server, string page, byte[] json, CancellationToken stop)
    {
        Uri to = server.Page(page);
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timer.CancelAfter(Patience);
        try
        {
            using var content = new ByteArrayContent(json);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
            using HttpResponseMessage response = await _http.PostAsync(to, content, timer.Token);
            if (!response.IsSuccessStatusCode) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{to} answered {(int)response.StatusCode}"));
            if (RetCode(await response.Content.ReadAsByteArrayAsync(timer.Token)) != 0) Interlocked.Increment(ref _refused);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{to} did not answer within {Patience.TotalSeconds:0} s"), e);
        }
        catch (HttpRequestException e)
        {
            throw new IOException($"{to}: {e.Message}", e);
        }
    }

    public void Dispose() => _http.Dispose();

    // A receiver that says nothing is content.
    private static int RetCode(byte[] answer)
    {
        try
        {
            using JsonDocument read = JsonDocument.Parse(answer);
            return read.RootElement.ValueKind == JsonValueKind.Object && read.RootElement.TryGetProperty("retCode", out JsonElement code) && code.TryGetInt32(out int value) ? value : 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }
}
