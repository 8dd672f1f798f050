using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tandem.Primitives;

namespace Tandem.Server.Network.Streams;

/// <summary>A certificate the switch makes for itself when a TLS listener is given none: nobody vouches for it, but what it carries is encrypted.</summary>
internal static class SelfMadeCertificate
{
    private const int Years = 10;

    /// <summary>The files in the folder, made if they are not there; the sentence is null when they were.</summary>
    /// <param name="folder">Made too; readable by its owner alone.</param>
    /// <param name="addresses">Named in it beside this machine's name.</param>
    public static (string Certificate, string Key, string? Says) In(string folder, IEnumerable<NetAddress> addresses)
    {
        string certificatePath = Path.Combine(folder, "self-made.pem"), keyPath = Path.Combine(folder, "self-made.key");
        if (File.Exists(certificatePath) && File.Exists(keyPath)) return (certificatePath, keyPath, null);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string host = Dns.GetHostName();
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        foreach (IPAddress address in addresses.Where(static a => !a.IsAny).Select(static a => a.ToIPAddress()).Distinct()) names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(Years));
        Write(keyPath, key.ExportPkcs8PrivateKeyPem());
        Write(certificatePath, made.ExportCertificatePem());
        string fingerprint = made.GetCertHashString(HashAlgorithmName.SHA256);
        return (certificatePath, keyPath, $"No TLS certificate was given (--tls-cert): a self-made one is used, {certificatePath}. Peers that verify must be told to trust it; its SHA-256 fingerprint is {fingerprint}.");
    }

    private static void Write(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        using var writer = new StreamWriter(file);
        writer.Write(text);
        writer.Write('\n');
    }
}
