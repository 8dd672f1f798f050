using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Tandem.Client;
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

/// <summary>The way of the command line to the API: address and token found in the data folder unless they were given.</summary>
internal sealed class ApiSession : IDisposable
{
    private const string DefaultUrl = "http://127.0.0.1:8080";
    private const string SessionFile = "session.token";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    // A busy switch takes longer than the second that is usual; a body sent on its own account loses the refusal.
    private static readonly TimeSpan ContinueTimeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;

    private ApiSession(Uri address, string? token, string dataFolder)
    {
        // Nobody vouches for a certificate the switch made itself, but its file is in the data folder.
#pragma warning disable MA0039 // it believes one more certificate than the machine does: the one whose file lies in the data folder beside the token
        var handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, errors) => errors == SslPolicyErrors.None || (shown is X509Certificate2 certificate && HttpsCertificate.IsSelfMade(dataFolder, certificate)) },
            Expect100ContinueTimeout = ContinueTimeout,
        };
#pragma warning restore MA0039
        _http = new HttpClient(new Reach(address, handler)) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        Api = new TandemClient(_http, token);
    }

    public TandemClient Api { get; }

    /// <param name="url">Null: what the data folder's http.address says, or the default address.</param>
    /// <param name="dataFolder">Where the token is; the variable TANDEM_TOKEN goes before it, then the session of who logged in.</param>
    /// <exception cref="RefusedException">The address is none, or the token file may not be read.</exception>
    public static ApiSession Open(string? url, string dataFolder)
    {
        try
        {
            string addressFile = Path.Combine(dataFolder, ApiServer.AddressFile);
            url ??= Environment.GetEnvironmentVariable("TANDEM_URL") ?? (File.Exists(addressFile) ? File.ReadAllText(addressFile).Trim() : DefaultUrl);
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https")) throw new RefusedException($"'{url}' is no address of an API: {DefaultUrl} is one");
            string tokenFile = Path.Combine(dataFolder, TokenBook.AdminFile);
            string sessionFile = Path.Combine(dataFolder, SessionFile);
            string? token = Environment.GetEnvironmentVariable("TANDEM_TOKEN") ?? (File.Exists(sessionFile) ? File.ReadAllText(sessionFile).Trim() : File.Exists(tokenFile) ? File.ReadAllText(tokenFile).Trim() : null);
            return new ApiSession(address, token, dataFolder);
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

    public void Dispose() => _http.Dispose();

    /// <summary>Says in a sentence why nothing was answered.</summary>
    private sealed class Reach(Uri address, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        /// <exception cref="NobodyThereException">No switch listens there.</exception>
        /// <exception cref="RefusedException">It cannot be asked, or does not answer.</exception>
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            try
            {
                return await base.SendAsync(request, patience.Token);
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException)
            {
                throw new NobodyThereException($"no switch answers at {address}: is it running? ('tandem run', or say where with --url or --data)");
            }
            catch (HttpRequestException e)
            {
                throw new RefusedException($"{address} cannot be asked: {e.Message}");
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new RefusedException($"{address} did not answer in time");
            }
        }
    }
}
