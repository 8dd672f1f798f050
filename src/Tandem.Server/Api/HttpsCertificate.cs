using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tandem.Primitives;
using Tandem.Server.Hosting;
using Tandem.Server.Network.Streams;

namespace Tandem.Server.Api;

/// <summary>What the API shows over HTTPS: the first certificate SIP over TLS was given, or the switch's self-made one.</summary>
internal static class HttpsCertificate
{
    /// <summary>The folder of the self-made certificate within the data folder; the command line believes that one.</summary>
    private const string Folder = "tls";

    /// <exception cref="TlsRefusedException">It does not do; the message says why.</exception>
    public static X509Certificate2 Of(SwitchOptions options, IPEndPoint listen, Action<string> say)
    {
        (string certificate, string key) = options.Tls.Certificates.Count > 0 ? options.Tls.Certificates[0] : SelfMade(options.DataFolder, listen, say);
        return new CertificateFile(certificate, key).Certificate;
    }

    /// <summary>Whether it is the switch's own, made by itself: its fingerprint is that of the file in the data folder.</summary>
    public static bool IsSelfMade(string dataFolder, X509Certificate2 shown)
    {
        string file = Path.Combine(dataFolder, Folder, "self-made.pem");
        if (!File.Exists(file)) return false;
        using X509Certificate2 own = X509CertificateLoader.LoadCertificateFromFile(file);
        return CryptographicOperations.FixedTimeEquals(own.GetCertHash(HashAlgorithmName.SHA256), shown.GetCertHash(HashAlgorithmName.SHA256));
    }

    private static (string, string) SelfMade(string dataFolder, IPEndPoint listen, Action<string> say)
    {
        (string certificate, string key, string? says) = SelfMadeCertificate.In(Path.Combine(dataFolder, Folder), [NetAddress.From(listen), NetAddress.V4(0x7f000001, 0)]);
        if (says is not null) say(says);
        return (certificate, key);
    }
}
