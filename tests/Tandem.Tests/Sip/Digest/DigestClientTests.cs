using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Digest;

public sealed class DigestClientTests
{
    private readonly BytePool _pool = new();
    private readonly SeededEntropy _entropy = new(5);

    private static SipMessage Challenge(int status, params string[] headers) => Parse(Crlf(
        $"SIP/2.0 {status} Who\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\nFrom: <sip:a@b>;tag=1\nTo: <sip:a@b>;tag=2\nCall-ID: c\nCSeq: 1 REGISTER\n"
        + string.Concat(headers.Select(static h => h + "\n")) + "Content-Length: 0\n\n"));

    private DigestClient Client()
    {
        var client = new DigestClient(_pool, _entropy);
        client.SignAs(Bytes("bob"), Bytes("zanzibar"));
        return client;
    }

    private static string Written(DigestClient client, string method = "REGISTER", string uri = "sip:carrier.example")
    {
        var w = new SipWriter(new byte[2000]);
        client.Write(ref w, Bytes(method), Bytes(uri));
        return Text(w.Written);
    }

    private static bool Verifies(string line, string method, string password = "zanzibar")
    {
        string value = line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..].TrimEnd();
        return DigestCredentials.TryParse(Bytes(value), out DigestCredentials credentials)
            && DigestVerifier.Verify(credentials, Bytes(method), Ha1.Compute(credentials.Algorithm, credentials.Username, credentials.Realm, Bytes(password)));
    }

    [Theory]
    [InlineData("MD5", ", qop=\"auth\"")]
    [InlineData("MD5", "")]
    [InlineData("SHA-256", ", qop=\"auth,auth-int\"")]
    public void A_challenge_is_answered_and_each_use_of_its_nonce_counted(string algorithm, string qop)
    {
        var client = Client();
        Assert.False(client.IsChallenged);
        Assert.Equal("", Written(client));
        Assert.Equal(ChallengeVerdict.Answerable, client.Take(Challenge(401, $"WWW-Authenticate: Digest realm=\"carrier, one\", nonce=\"n1\", algorithm={algorithm}, opaque=\"op\"{qop}")));
        Assert.True(client.IsChallenged);
        for (int use = 1; use <= 3; use++)
        {
            string line = Written(client, use == 2 ? "INVITE" : "REGISTER");
            Assert.StartsWith("Authorization: Digest username=\"bob\", realm=\"carrier, one\", nonce=\"n1\"", line);
            Assert.Contains("opaque=\"op\"", line);
            Assert.Equal(qop.Length > 0, line.Contains($"nc=0000000{use}", StringComparison.Ordinal));
            Assert.True(Verifies(line, use == 2 ? "INVITE" : "REGISTER"));
            Assert.False(Verifies(line, "BYE"));
        }
        client.Release();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Of_several_challenges_the_first_understood_is_taken()
    {
        var client = Client();
        client.Take(Challenge(401, "WWW-Authenticate: Basic realm=\"x\"", "WWW-Authenticate: Digest realm=\"r\", nonce=\"a\", algorithm=SHA-512-256, qop=\"auth\"",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"b\", algorithm=SHA-256, qop=\"auth\"", "WWW-Authenticate: Digest realm=\"r\", nonce=\"c\", algorithm=MD5, qop=\"auth\""));
        string line = Written(client);
        Assert.Contains("nonce=\"b\"", line);
        Assert.Contains("algorithm=SHA-256", line);
        Assert.True(Verifies(line, "REGISTER"));
        client.Release();
    }

    [Fact]
    public void A_server_and_a_proxy_are_answered_together()
    {
        var client = Client();
        client.Take(Challenge(407, "Proxy-Authenticate: Digest realm=\"edge\", nonce=\"p\", qop=\"auth\""));
        Assert.StartsWith("Proxy-Authorization: Digest ", Written(client));
        client.Take(Challenge(401, "WWW-Authenticate: Digest realm=\"core\", nonce=\"s\", qop=\"auth\""));
        string[] lines = Written(client).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("Authorization: Digest username=\"bob\", realm=\"core\"", lines[0]);
        Assert.StartsWith("Proxy-Authorization: Digest username=\"bob\", realm=\"edge\"", lines[1]);
        Assert.Contains("nc=00000002", lines[1]);
        client.Release();
    }

    [Fact]
    public void The_same_nonce_asked_for_again_means_a_wrong_password_unless_it_is_stale()
    {
        var client = Client();
        string asked = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
        client.Take(Challenge(401, asked));
        Assert.Equal(ChallengeVerdict.Answerable, client.Take(Challenge(401, asked))); // not answered yet
        Written(client);
        Assert.Equal(ChallengeVerdict.Wrong, client.Take(Challenge(401, asked)));
        Assert.Equal(ChallengeVerdict.Answerable, client.Take(Challenge(401, asked + ", stale=true")));
        Assert.Contains("nc=00000001", Written(client));
        Assert.Equal(ChallengeVerdict.Answerable, client.Take(Challenge(401, asked.Replace("\"n\"", "\"other\""))));
        client.Release();
    }

    [Theory]
    [InlineData("")]
    [InlineData("WWW-Authenticate: Basic realm=\"x\"")]
    [InlineData("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"")]
    [InlineData("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=MD4")]
    public void What_cannot_be_answered_is_said_to_be_so(string header)
    {
        var client = Client();
        Assert.Equal(ChallengeVerdict.Unsupported, client.Take(header.Length == 0 ? Challenge(401) : Challenge(401, header)));
        Assert.Equal("", Written(client));
    }

    [Fact]
    public void A_challenge_cannot_put_a_line_of_its_own_into_the_request()
    {
        var client = Client();
        client.Take(Challenge(401, "WWW-Authenticate: Digest realm=\"r\",\n nonce=\"n\n X-Evil: 1\", qop=\"auth\""));
        Assert.Single(Written(client).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
        client.Release();
    }
}
