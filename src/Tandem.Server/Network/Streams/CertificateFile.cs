using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tandem.Server.Network.Streams;

/// <summary>One certificate of the switch: its files, and what was last read of them that did. Files that change are read again; what does not do is said once, and the old one stays.</summary>
internal sealed class CertificateFile
{
    private readonly string _certificatePath;
    private readonly string _keyPath;
    private (DateTime, DateTime) _seen;
    private volatile SslStreamCertificateContext _current;

    /// <exception cref="TlsRefusedException">It does not do; the message says why.</exception>
    public CertificateFile(string certificatePath, string keyPath)
    {
        _certificatePath = certificatePath;
        _keyPath = keyPath;
        _seen = Stamp();
        _current = Read();
    }

    public SslStreamCertificateContext Current => _current;

    public X509Certificate2 Certificate => _current.TargetCertificate;

    /// <summary>Reads the files again if they changed. Returns a sentence when they did, whether or not they do.</summary>
    public string? Refresh()
    {
        (DateTime, DateTime) stamp = Stamp();
        if (stamp == _seen) return null;
        _seen = stamp;
        try
        {
            _current = Read();
            return $"The TLS certificate of {_certificatePath} was read anew: {Certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}, valid to {Certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}.";
        }
        catch (TlsRefusedException e)
        {
            return $"{e.Message} The one in force stays, valid to {Certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}.";
        }
    }

    private SslStreamCertificateContext Read()
    {
        try
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(_certificatePath, _keyPath);
            DateTime now = DateTime.UtcNow;
            if (certificate.NotAfter.ToUniversalTime() < now) throw new TlsRefusedException($"The TLS certificate {_certificatePath} expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}.");
            if (certificate.NotBefore.ToUniversalTime() > now) throw new TlsRefusedException($"The TLS certificate {_certificatePath} is valid only from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} on.");
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(_certificatePath);
            return SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TlsRefusedException($"The TLS certificate cannot be read: {e.Message.TrimEnd('.')}.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new TlsRefusedException($"The TLS certificate {_certificatePath} with the key {_keyPath} does not do: {e.Message.TrimEnd('.')}.");
        }
    }

    private (DateTime, DateTime) Stamp() => (File.GetLastWriteTimeUtc(_certificatePath), File.GetLastWriteTimeUtc(_keyPath));
}
