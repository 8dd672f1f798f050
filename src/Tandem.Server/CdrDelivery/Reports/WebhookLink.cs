using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery.Reports;

/// <summary>
/// JSON to a webhook (docs/cdr.md "Real-time reports"): POST of {"cdrs": [...]}, each as GET /v1/cdrs/{id} shows it, at most <see cref="AtOnce"/> in one; any 2xx acknowledges
/// all of them, anything else none.
/// </summary>
internal sealed class WebhookLink : IReportLink
{
    public const int AtOnce = 500;

    private readonly Uri _server;
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;

    public WebhookLink(Uri server, TimeSpan patience)
    {
        _server = server;
        _patience = patience;
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1, PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = patience })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public void Send(ReadOnlySpan<Cdr> cdrs, Action<int> acknowledged)
    {
        while (cdrs.Length > 0)
        {
            ReadOnlySpan<Cdr> some = cdrs[..Math.Min(AtOnce, cdrs.Length)];
            Post(some);
            acknowledged(some.Length);
            cdrs = cdrs[some.Length..];
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _http.Dispose();
    }

    private void Post(ReadOnlySpan<Cdr> cdrs)
    {
        var views = new CdrView[cdrs.Length];
        for (int i = 0; i < views.Length; i++) views[i] = CdrView.Of(cdrs[i]);
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        timer.CancelAfter(_patience);
        using var request = new HttpRequestMessage(HttpMethod.Post, _server) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new CdrReport(views), ApiJson.Options)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using HttpResponseMessage response = _http.Send(request, HttpCompletionOption.ResponseHeadersRead, timer.Token);
            if (!response.IsSuccessStatusCode) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{_server} answered {(int)response.StatusCode}"));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            throw new IOException(_stop.IsCancellationRequested ? "broken off" : string.Create(CultureInfo.InvariantCulture, $"{_server} did not answer within {_patience.TotalSeconds:0.###} s"), e);
        }
        catch (HttpRequestException e)
        {
            throw new IOException($"{_server}: {e.Message}", e);
        }
    }
}

/// <param name="Cdrs">In the order in which the calls were settled.</param>
internal sealed record CdrReport(IReadOnlyList<CdrView> Cdrs);
