using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Server.Api;
using Tandem.Server.Storage.Journal;

namespace Tandem.Server.Cli;

/// <summary>What the command line could not do, in one sentence, with the errors of the request where there are some.</summary>
internal sealed class RefusedException(string says, JsonNode? problem = null) : Exception(says)
{
    public JsonNode? Problem => problem;
}

/// <summary>Nobody listens where the API should be.</summary>
internal sealed class NobodyThereException(string says) : Exception(says);

/// <summary>The API as the command line speaks to it: address and token found in the data folder unless they were given.</summary>
internal sealed class ApiClient : IDisposable
{
    private const string DefaultUrl = "http://127.0.0.1:8080";
    private const string SessionFile = "session.token";
    private const int AskFirstBytes = 1 << 20;
    // A busy switch takes longer than the second that is usual; a body sent on its own account loses the refusal.
    private static readonly TimeSpan ContinueTimeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;

    private ApiClient(Uri address, string? token, string dataFolder)
    {
        // Nobody vouches for a certificate the switch made itself, but its file is in the data folder.
#pragma warning disable MA0039 // it believes one more certificate than the machine does: the one whose file lies in the data folder beside the token
        var handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, errors) => errors == SslPolicyErrors.None || (shown is X509Certificate2 certificate && HttpsCertificate.IsSelfMade(dataFolder, certificate)) },
            Expect100ContinueTimeout = ContinueTimeout,
        };
#pragma warning restore MA0039
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <param name="url">Null: what the data folder's http.address says, or the default address.</param>
    /// <param name="dataFolder">Where the token is; the variable TANDEM_TOKEN goes before it, then the session of who logged in.</param>
    /// <exception cref="RefusedException">The address is none, or the token file may not be read.</exception>
    public static ApiClient Open(string? url, string dataFolder)
    {
        try
        {
            string addressFile = Path.Combine(dataFolder, ApiServer.AddressFile);
            url ??= Environment.GetEnvironmentVariable("TANDEM_URL") ?? (File.Exists(addressFile) ? File.ReadAllText(addressFile).Trim() : DefaultUrl);
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https")) throw new RefusedException($"'{url}' is no address of an API: {DefaultUrl} is one");
            string tokenFile = Path.Combine(dataFolder, TokenBook.AdminFile);
            string sessionFile = Path.Combine(dataFolder, SessionFile);
            string? token = Environment.GetEnvironmentVariable("TANDEM_TOKEN") ?? (File.Exists(sessionFile) ? File.ReadAllText(sessionFile).Trim() : File.Exists(tokenFile) ? File.ReadAllText(tokenFile).Trim() : null);
            return new ApiClient(address, token, dataFolder);
        }
        catch (FormatException)
        {
            throw new RefusedException("the API's token is none: it is one line of letters and digits");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RefusedException($"the API's address or token in {dataFolder} may not be read: {e.Message}");
        }
    }

    /// <summary>The command line is who logged in, until it logs out.</summary>
    public static void Keep(string dataFolder, string token)
    {
        Directory.CreateDirectory(dataFolder);
        DurableFiles.Replace(Path.Combine(dataFolder, SessionFile), System.Text.Encoding.ASCII.GetBytes(token + "\n"));
    }

    public static void Forget(string dataFolder) => File.Delete(Path.Combine(dataFolder, SessionFile));

    public Task<JsonNode> GetAsync(string path, CancellationToken stop) => SendAsync(HttpMethod.Get, path, null, stop);

    /// <exception cref="RefusedException">The switch said no.</exception>
    /// <exception cref="NobodyThereException">No switch listens there.</exception>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken stop)
    {
        string text = await TextAsync(method, path, body, "application/json", stop);
        try
        {
            return JsonNode.Parse(text) ?? throw new RefusedException($"{_http.BaseAddress} answered with nothing");
        }
        catch (JsonException)
        {
            throw new RefusedException($"what answers at {_http.BaseAddress} is not a switch");
        }
    }

    public async Task<string> TextAsync(HttpMethod method, string path, HttpContent? body, string accept, CancellationToken stop)
    {
        using HttpResponseMessage response = await AskAsync(method, path, body, accept, HttpCompletionOption.ResponseContentRead, stop);
        return await response.Content.ReadAsStringAsync(stop);
    }

    /// <summary>An answer of any length, as it comes; the caller disposes of it.</summary>
    public Task<HttpResponseMessage> StreamAsync(string path, CancellationToken stop) => AskAsync(HttpMethod.Get, path, null, "*/*", HttpCompletionOption.ResponseHeadersRead, stop);

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, HttpContent? body, string accept, HttpCompletionOption completion, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        // A large body is sent once the API has said that it takes it: else the refusal is lost in a broken connection.
        if (body?.Headers.ContentLength > AskFirstBytes) request.Headers.ExpectContinue = true;
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, completion, stop);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            throw new NobodyThereException($"no switch answers at {_http.BaseAddress}: is it running? ('tandem run', or say where with --url or --data)");
        }
        catch (HttpRequestException e)
        {
            throw new RefusedException($"{_http.BaseAddress} cannot be asked: {e.Message}");
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new RefusedException($"{_http.BaseAddress} did not answer in time");
        }
        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            JsonNode? problem = Parse(await response.Content.ReadAsStringAsync(stop));
            throw new RefusedException((string?)problem?["detail"] ?? $"{_http.BaseAddress} answered {(int)response.StatusCode}", problem);
        }
    }

    public void Dispose() => _http.Dispose();

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
