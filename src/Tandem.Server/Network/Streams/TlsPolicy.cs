using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tandem.Primitives;

namespace Tandem.Server.Network.Streams;

/// <summary>
/// The TLS of the switch, either side: which certificate it shows, whose it believes. TLS 1.2 and later. Certificates and authorities are looked at
/// every few seconds and taken over when their files change.
/// </summary>
public sealed class TlsPolicy : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly CertificateFile[] _certificates;
    private readonly TlsOptions _options;
    private readonly Func<NetAddress, byte[]> _fingerprintOf;
    private readonly Action<string> _say;
    private readonly Timer _looking;
    private volatile X509Certificate2Collection? _authorities;
    private DateTime _authoritiesSeen;

    /// <param name="options">With at least one certificate.</param>
    /// <param name="fingerprintOf">SHA-256 of the one certificate trusted at an address, by the operator's word; empty: none such.</param>
    /// <param name="say">Told of certificates read anew and of those that do not do.</param>
    /// <exception cref="TlsRefusedException">A file does not do.</exception>
    public TlsPolicy(TlsOptions options, Func<NetAddress, byte[]> fingerprintOf, Action<string> say)
    {
        _options = options;
        _fingerprintOf = fingerprintOf;
        _say = say;
        _certificates = [.. options.Certificates.Select(static c => new CertificateFile(c.Certificate, c.Key))];
        if (options.Authorities is { } file)
        {
            _authoritiesSeen = File.GetLastWriteTimeUtc(file);
            _authorities = ReadAuthorities(file);
        }
        if (options.Clients == ClientCertificates.Require && _authorities is null) throw new TlsRefusedException("--tls-clients require needs --tls-ca: the authorities whose client certificates are believed.");
        _looking = new Timer(static policy => ((TlsPolicy)policy!).Look(), this, LookEvery, LookEvery);
    }

    /// <summary>The server's side of a handshake.</summary>
    /// <exception cref="AuthenticationException">It failed.</exception>
    public async Task<Stream> ReceiveAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(ServerOptions, this, CancellationToken.None);
        return tls;
    }

    /// <summary>The client's side.</summary>
    /// <param name="stream">Connected.</param>
    /// <param name="peer">Whom to.</param>
    /// <param name="serverName">Asked for, and to be found in the certificate; null: the address.</param>
    /// <exception cref="TlsRefusedException">The peer's certificate does not do; the message says why.</exception>
    /// <exception cref="AuthenticationException">The handshake failed otherwise.</exception>
    public async Task<Stream> CallAsync(Stream stream, NetAddress peer, string? serverName)
    {
        string? complaint = null;
        string name = serverName ?? peer.HostString();
        byte[] fingerprint = _fingerprintOf(peer);
        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificateContext = _certificates[0].Current,
                CertificateChainPolicy = ChainPolicy(),
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                {
                    complaint = fingerprint.Length > 0 ? Unlike(certificate, fingerprint) : ComplaintOf(certificate, chain, errors, name);
                    return complaint is null;
                },
            });
            return tls;
        }
        catch (AuthenticationException) when (complaint is not null)
        {
            throw new TlsRefusedException(complaint);
        }
    }

    public void Dispose() => _looking.Dispose();

    private static ValueTask<SslServerAuthenticationOptions> ServerOptions(SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken stop)
    {
        var policy = (TlsPolicy)state!;
        ClientCertificates clients = policy._options.Clients;
        return ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = policy.CertificateFor(hello.ServerName).Current,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = clients != ClientCertificates.None,
            CertificateChainPolicy = clients == ClientCertificates.None ? null : policy.ChainPolicy(),
            AllowRenegotiation = false,
            // A client's name is not asked for: who calls is known by address or digest, the certificate says it may knock.
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                clients == ClientCertificates.None
                || (certificate is null ? clients == ClientCertificates.Request : (errors & SslPolicyErrors.RemoteCertificateChainErrors) == 0),
        });
    }

    private CertificateFile CertificateFor(string name)
    {
        if (name.Length > 0)
        {
            foreach (CertificateFile one in _certificates)
            {
                if (one.Certificate.MatchesHostname(name)) return one;
            }
        }
        return _certificates[0];
    }

    private X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (_authorities is not { } authorities) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static string? Unlike(X509Certificate? certificate, byte[] fingerprint)
    {
        if (certificate is null) return "the peer showed no certificate.";
        byte[] found = certificate.GetCertHash(HashAlgorithmName.SHA256);
        return found.AsSpan().SequenceEqual(fingerprint) ? null : $"its certificate is not the one trusted: the fingerprint found is {Convert.ToHexString(found)}.";
    }

    private static string? ComplaintOf(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string name)
    {
        if (errors == SslPolicyErrors.None) return null;
        if (certificate is null) return "the peer showed no certificate.";
        string found = $"found: {certificate.Subject}, fingerprint {certificate.GetCertHashString(HashAlgorithmName.SHA256)}";
        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0) return $"its certificate does not name {name} ({found}); say the right name as the gateway's tlsName.";
        string status = chain?.ChainStatus.FirstOrDefault(static s => s.Status != X509ChainStatusFlags.NoError).StatusInformation.TrimEnd('.', ' ', '\n') ?? "unknown";
        return $"its certificate is not believed: {status} ({found}); give its authority with --tls-ca, or the gateway's tlsFingerprint.";
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(file);
            return authorities.Count > 0 ? authorities : throw new TlsRefusedException($"The file of authorities {file} holds no certificate.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new TlsRefusedException($"The file of authorities {file} cannot be read: {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>Looks at the files now.</summary>
    internal void Look()
    {
        foreach (CertificateFile one in _certificates)
        {
            if (one.Refresh() is { } sentence) _say(sentence);
        }
        if (_options.Authorities is not { } file || File.GetLastWriteTimeUtc(file) is var stamp && stamp == _authoritiesSeen) return;
        _authoritiesSeen = stamp;
        try
        {
            _authorities = ReadAuthorities(file);
            _say($"The authorities of {file} were read anew.");
        }
        catch (TlsRefusedException e)
        {
            _say($"{e.Message} Those in force stay.");
        }
    }
}
