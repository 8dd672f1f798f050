using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Network.Streams;

namespace Tandem.Tests.Server.Network.Streams;

public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-tls-");
    private readonly X509Certificate2 _authority = MakeAuthority("Tandem Test Authority");
    private readonly byte[] _request = Encoding.UTF8.GetBytes(StreamBench.Request());

    [Fact]
    public void A_message_comes_over_TLS_and_is_answered_there()
    {
        using StreamBench bench = new(tls: Options(Make("sip.example.com")));
        using SslStream client = Client(bench, "sip.example.com");
        client.Write(_request);
        (int listener, NetAddress source, string text) = bench.Next();
        Assert.Equal((1, StreamBench.Request()), (listener, text));
        bench.Edge.Send(1, source, "SIP/2.0 200 OK\r\n\r\n"u8);
        Assert.Equal("SIP/2.0 200 OK\r\n\r\n", Read(client));
        Assert.Equal(1, bench.Edge.Counters.Handshakes);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning disable SYSLIB0039, CA5397 // that old ones are refused is what is tested
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore SYSLIB0039, CA5397
    public void TLS_1_2_and_later_are_spoken(SslProtocols version, bool spoken)
    {
        using StreamBench bench = new(tls: Options(Make("sip.example.com")));
        if (spoken) Client(bench, "sip.example.com", version: version).Dispose();
        else Assert.ThrowsAny<Exception>(() => Client(bench, "sip.example.com", version: version));
    }

    [Fact]
    public void The_name_asked_for_chooses_the_certificate_and_an_unknown_one_gets_the_first()
    {
        using StreamBench bench = new(tls: Options(Make("first.example.com"), Make("second.example.net")));
        foreach ((string asked, string shown) in new[] { ("second.example.net", "second.example.net"), ("first.example.com", "first.example.com"), ("other.example", "first.example.com") })
        {
            using SslStream client = Client(bench, asked);
            Assert.Equal($"CN={shown}", client.RemoteCertificate!.Subject);
        }
    }

    [Theory]
    [InlineData(ClientCertificates.None, "none", true)]
    [InlineData(ClientCertificates.Request, "none", true)]
    [InlineData(ClientCertificates.Request, "ours", true)]
    [InlineData(ClientCertificates.Request, "foreign", false)]
    [InlineData(ClientCertificates.Require, "ours", true)]
    [InlineData(ClientCertificates.Require, "none", false)]
    [InlineData(ClientCertificates.Require, "foreign", false)]
    public void Client_certificates_are_asked_for_and_verified_as_said(ClientCertificates asked, string shown, bool admitted)
    {
        using StreamBench bench = new(tls: Options(Make("sip.example.com")) with { Clients = asked });
        using X509Certificate2 foreign = MakeAuthority("Somebody else");
        X509Certificate2? certificate = shown switch
        {
            "ours" => Load(Make("customer.example")),
            "foreign" => Load(Make("customer.example", foreign)),
            _ => null,
        };
        try
        {
            using SslStream client = Client(bench, "sip.example.com", certificate);
            client.Write(_request); // in TLS 1.3 the client has finished before the server says no
            bool came = bench.Messages.TryTake(out _, admitted ? 10_000 : 500, TestContext.Current.CancellationToken);
            Assert.Equal(admitted, came);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            Assert.False(admitted, e.Message);
        }
    }

    [Theory]
    [InlineData("carrier.example", null, true)]
    [InlineData("other.example", "does not name other.example", false)]
    [InlineData(null, "does not name 127.0.0.1", false)]
    public void A_carrier_must_show_a_certificate_that_names_it(string? expected, string? complaint, bool spoken)
    {
        using StreamBench bench = new(tls: Options(Make("sip.example.com")));
        using Carrier carrier = new(bench, Load(Make("carrier.example")));
        if (expected is not null) bench.Edge.Expect(carrier.At, expected);
        bench.Edge.Send(1, carrier.At, _request);
        if (spoken)
        {
            Assert.Equal(StreamBench.Request(), carrier.Read());
            Assert.Equal("carrier.example", carrier.Asked);
            Assert.Equal("CN=sip.example.com", carrier.Shown); // mutual: ours is shown to who asks
            return;
        }
        Assert.Equal((1, carrier.At), bench.NextBroken());
        StreamBench.Until(() => bench.Said.Count > 0);
        Assert.Contains(complaint!, Assert.Single(bench.Said));
        Assert.Equal(1, bench.Edge.Counters.HandshakesFailed);
    }

    [Fact]
    public void A_carrier_of_a_foreign_authority_is_refused_with_the_fingerprint_found_and_by_that_fingerprint_believed()
    {
        using X509Certificate2 foreign = MakeAuthority("Somebody else");
        using X509Certificate2 theirs = Load(Make("carrier.example", foreign));
        string fingerprint = theirs.GetCertHashString(HashAlgorithmName.SHA256);
        using StreamBench bench = new(tls: Options(Make("sip.example.com")));
        using Carrier carrier = new(bench, theirs);
        bench.Edge.Expect(carrier.At, "carrier.example");
        bench.Edge.Send(1, carrier.At, _request);
        bench.NextBroken();
        StreamBench.Until(() => bench.Said.Count > 0);
        Assert.Contains("is not believed", bench.Said[0]);
        Assert.Contains(fingerprint, bench.Said[0]);

        bench.Fingerprints[carrier.At] = Convert.FromHexString(fingerprint);
        carrier.Again();
        bench.Edge.Send(1, carrier.At, _request);
        Assert.Equal(StreamBench.Request(), carrier.Read());
    }

    [Fact]
    public void A_changed_certificate_is_taken_over_without_a_restart_and_a_bad_one_is_refused_while_the_old_one_stays()
    {
        (string certificate, string key) = Make("before.example");
        using StreamBench bench = new(tls: Options((certificate, key)));
        Assert.Equal("CN=before.example", Subject());

        (string newer, string newerKey) = Make("after.example");
        Replace(newer, certificate);
        Replace(newerKey, key);
        bench.Tls!.Look();
        Assert.Equal("CN=after.example", Subject());
        Assert.Contains("was read anew: after.example", Assert.Single(bench.Said));

        File.WriteAllText(certificate, "no certificate");
        File.SetLastWriteTimeUtc(certificate, DateTime.UtcNow.AddMinutes(2));
        bench.Tls.Look();
        bench.Tls.Look();
        Assert.Equal("CN=after.example", Subject());
        Assert.Equal(2, bench.Said.Count);
        Assert.Contains("does not do", bench.Said[1]);
        Assert.Contains("The one in force stays", bench.Said[1]);

        (string expired, _) = Make("expired.example", days: -1);
        Replace(expired, certificate);
        File.SetLastWriteTimeUtc(certificate, DateTime.UtcNow.AddMinutes(3));
        bench.Tls.Look();
        Assert.Equal("CN=after.example", Subject());
        Assert.Equal(3, bench.Said.Count);

        string Subject()
        {
            using SslStream client = Client(bench, "x.example");
            return client.RemoteCertificate!.Subject;
        }
    }

    [Fact]
    public void At_the_start_a_bad_certificate_or_a_key_of_another_is_one_sentence()
    {
        (string certificate, _) = Make("one.example");
        (_, string otherKey) = Make("two.example");
        Assert.Contains("does not do", Assert.Throws<TlsRefusedException>(() => new TlsPolicy(Options((certificate, otherKey)), static _ => [], static _ => { })).Message);
        Assert.Contains("cannot be read", Assert.Throws<TlsRefusedException>(() => new TlsPolicy(Options(("/nowhere.pem", "/nowhere.key")), static _ => [], static _ => { })).Message);
        Assert.Contains("expired on", Assert.Throws<TlsRefusedException>(() => new TlsPolicy(Options(Make("old.example", days: -1)), static _ => [], static _ => { })).Message);
        Assert.Contains("needs --tls-ca", Assert.Throws<TlsRefusedException>(() => new TlsPolicy(Options(Make("x.example")) with { Authorities = null, Clients = ClientCertificates.Require }, static _ => [], static _ => { })).Message);
    }

    [Fact]
    public void Without_a_certificate_one_is_made_once_and_the_sentence_tells_its_fingerprint()
    {
        string folder = Path.Combine(_folder.FullName, "made");
        (string certificate, string key, string? says) = SelfMadeCertificate.In(folder, [NetAddress.Parse("127.0.0.1:5061")]);
        using X509Certificate2 made = Load((certificate, key));
        Assert.Contains(made.GetCertHashString(HashAlgorithmName.SHA256), says);
        Assert.True(made.MatchesHostname("127.0.0.1"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        Assert.Equal((certificate, key, null), SelfMadeCertificate.In(folder, []));
    }

    [Fact]
    public void Half_open_handshakes_are_bounded_and_time_out_and_known_peers_are_served_beside_them()
    {
        using StreamBench bench = new(new StreamLimits { Handshakes = 20, PerStranger = 1000, Handshake = TimeSpan.FromMilliseconds(700) }, Options(Make("sip.example.com")));
        Socket[] half = [.. Enumerable.Range(0, 60).Select(_ => bench.Connect(bench.TlsAt))];
        StreamBench.Until(() => bench.Edge.Counters.Refused == 40);
        Assert.Equal(20, bench.Edge.Count);
        bench.Known.Add(NetAddress.Parse("127.0.0.1"));
        using (SslStream client = Client(bench, "sip.example.com"))
        {
            client.Write(_request);
            bench.Next();
        }
        foreach (Socket socket in half) Assert.True(StreamBench.Ends(socket));
        StreamBench.Until(() => bench.Edge.Count == 0);
        Assert.Equal(20, bench.Edge.Counters.HandshakesFailed);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private TlsOptions Options(params (string, string)[] certificates) => new() { Certificates = certificates, Authorities = AuthorityFile() };

    private string AuthorityFile()
    {
        string path = Path.Combine(_folder.FullName, "ca.pem");
        File.WriteAllText(path, _authority.ExportCertificatePem());
        return path;
    }

    private static SslStream Client(StreamBench bench, string name, X509Certificate2? certificate = null, SslProtocols version = SslProtocols.None)
    {
        var client = new SslStream(new NetworkStream(bench.Connect(bench.TlsAt), ownsSocket: true));
        client.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = version,
            ClientCertificates = certificate is null ? null : [certificate],
#pragma warning disable CA5359 // what the server shows is looked at by each test itself
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        });
        return client;
    }

    private static string Read(SslStream stream)
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, stream.Read(buffer));
    }

    private static void Replace(string from, string to)
    {
        File.Copy(from, to, overwrite: true);
        File.SetLastWriteTimeUtc(to, DateTime.UtcNow.AddMinutes(1));
    }

    private (string Certificate, string Key) Make(string name, X509Certificate2? authority = null, int days = 30)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        byte[] serial = RandomNumberGenerator.GetBytes(8);
        using X509Certificate2 made = request.Create(authority ?? _authority, DateTimeOffset.UtcNow.AddDays(-20), DateTimeOffset.UtcNow.AddDays(days), serial);
        string path = Path.Combine(_folder.FullName, $"{name}-{Convert.ToHexString(serial)}");
        File.WriteAllText(path + ".pem", made.ExportCertificatePem());
        File.WriteAllText(path + ".key", key.ExportPkcs8PrivateKeyPem());
        return (path + ".pem", path + ".key");
    }

    private static X509Certificate2 Load((string Certificate, string Key) files) => X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);

    private static X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(60));
    }

    /// <summary>A peer of TLS that waits for the switch, and asks for its certificate.</summary>
    private sealed class Carrier : IDisposable
    {
        private readonly StreamBench _bench;
        private readonly X509Certificate2 _certificate;
        private readonly Socket _listener;
        private Task<SslStream?> _stream;

        public Carrier(StreamBench bench, X509Certificate2 certificate)
        {
            _bench = bench;
            _certificate = certificate;
            _listener = bench.ListenOn();
            At = NetAddress.From((IPEndPoint)_listener.LocalEndPoint!);
            _stream = Task.Run(Accept);
        }

        public NetAddress At { get; }

        public string? Asked { get; private set; }

        public string? Shown { get; private set; }

        public void Again() => _stream = Task.Run(Accept);

        public string Read() => TlsTests.Read(_stream.GetAwaiter().GetResult() ?? throw new InvalidOperationException("no handshake"));

        public void Dispose() => _listener.Dispose();

        private SslStream? Accept()
        {
            var tls = new SslStream(new NetworkStream(_bench.Accept(_listener), ownsSocket: true));
            try
            {
                tls.AuthenticateAsServer(new SslServerAuthenticationOptions
                {
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = (_, shown, _, _) => (Shown = shown?.Subject) is not null,
                    ServerCertificateSelectionCallback = (_, name) =>
                    {
                        Asked = name;
                        return _certificate;
                    },
                });
                return tls;
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                return null;
            }
        }
    }
}
