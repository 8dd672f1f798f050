using System.Security.Cryptography;
using System.Text;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Digest;

public sealed class DigestTests
{
    // The example of RFC 7616 §3.9.1: user Mufasa, password "Circle of Life".
    private const string Example =
        "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm={0}, "
        + "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
        + "response=\"{1}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

    private static readonly Ha1 Md5 = Ha1.Compute(DigestAlgorithm.Md5, "Mufasa"u8, "http-auth@example.org"u8, "Circle of Life"u8);
    private static readonly Ha1 Sha256 = Ha1.Compute(DigestAlgorithm.Sha256, "Mufasa"u8, "http-auth@example.org"u8, "Circle of Life"u8);

    [Theory]
    [InlineData("MD5", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    [InlineData("\"SHA-256\"", "753927FA0E85D155564E2E272A28D1802CA10DAF4496794697CF8DB5856CB6C1")]
    public void The_examples_of_RFC_7616_verify(string algorithm, string response)
    {
        Assert.True(DigestCredentials.TryParse(Bytes(string.Format(null, CompositeFormat.Parse(Example), algorithm, response)), out DigestCredentials credentials));
        Assert.Equal("Mufasa", Text(credentials.Username));
        Assert.Equal("/dir/index.html", Text(credentials.Uri));
        Assert.Equal("FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", Text(credentials.Opaque));
        Ha1 right = credentials.Algorithm == DigestAlgorithm.Md5 ? Md5 : Sha256, other = credentials.Algorithm == DigestAlgorithm.Md5 ? Sha256 : Md5;
        Assert.True(DigestVerifier.Verify(credentials, "GET"u8, right));
        Assert.False(DigestVerifier.Verify(credentials, "POST"u8, right));
        Assert.False(DigestVerifier.Verify(credentials, "GET"u8, other));
        Assert.False(DigestVerifier.Verify(credentials, "GET"u8, default));
        Assert.False(DigestVerifier.Verify(credentials, "GET"u8, Ha1.Compute(right.Algorithm, "Mufasa"u8, "http-auth@example.org"u8, "circle of life"u8)));
    }

    [Theory]
    [InlineData("Digest realm=a\"b\", nonce=\"n\"")]
    [InlineData("Digest realm=\"r\", nonce=n\\")]
    [InlineData("Digest realm=two words, nonce=\"n\"")]
    [InlineData("Digest realm=\"r\", nonce=n\0")]
    public void A_value_without_quotes_that_none_could_be_put_around_is_no_challenge(string value) => // the answer would say something else than was meant
        Assert.False(DigestChallenge.TryParse(Bytes(value), out _));

    [Fact]
    public void The_older_form_without_qop_verifies()
    {
        // response = H(H(A1):nonce:H(A2)), RFC 2617 §3.2.2.1.
        string ha1 = Hex(MD5.HashData(Bytes("bob:switch:secret")));
        string response = Hex(MD5.HashData(Bytes($"{ha1}:abc:{Hex(MD5.HashData(Bytes("REGISTER:sip:switch")))}")));
        Assert.True(DigestCredentials.TryParse(Bytes($"DIGEST realm=\"switch\",username=\"bob\",uri=\"sip:switch\",nonce=\"abc\",response=\"{response}\""), out DigestCredentials credentials));
        Assert.True(DigestVerifier.Verify(credentials, "REGISTER"u8, Ha1.Compute(DigestAlgorithm.Md5, "bob"u8, "switch"u8, "secret"u8)));
    }

    [Theory]
    [InlineData("MD5", true)]
    [InlineData("SHA-256", true)]
    [InlineData("MD5-sess", true)]
    [InlineData("SHA-256-sess", true)]
    [InlineData("SHA-256", false)]
    public void What_the_client_writes_the_server_verifies_and_any_change_breaks_it(string algorithm, bool qop)
    {
        string challengeText = $"Digest realm=\"tandem, inc\", nonce=\"n0nce\", algorithm={algorithm}, opaque=\"o\"{(qop ? ", qop=\"auth-int, auth\"" : "")}, stale=TRUE";
        Assert.True(DigestChallenge.TryParse(Bytes(challengeText), out DigestChallenge challenge));
        Assert.Equal("tandem, inc", Text(challenge.Realm));
        Assert.True(challenge.Stale);
        Assert.Equal(qop, challenge.OffersAuth);
        Ha1 ha1 = Ha1.Compute(challenge.Algorithm, "phone1"u8, challenge.Realm, "pass"u8);
        var writer = new SipWriter(new byte[1000]);
        Assert.True(challenge.WriteAuthorization(ref writer, HeaderName.Authorization, "phone1"u8, ha1, "REGISTER"u8, "sip:tandem"u8, "c1"u8, 0x1f));
        string line = Text(writer.Written);
        Assert.StartsWith("Authorization: Digest username=\"phone1\"", line);
        Assert.Equal(qop, line.Contains("nc=0000001f", StringComparison.Ordinal));
        string value = line["Authorization: ".Length..^2];
        Assert.True(Verifies(value));
        Assert.False(Verifies(value.Replace("n0nce", "n1nce")));
        Assert.False(Verifies(value.Replace("sip:tandem", "sip:tandeM")));
        if (qop) Assert.False(Verifies(value.Replace("0000001f", "00000020")));
        if (qop) Assert.False(Verifies(value.Replace("qop=auth", "qop=auth-int")));

        bool Verifies(string text) => DigestCredentials.TryParse(Bytes(text), out DigestCredentials credentials) && DigestVerifier.Verify(credentials, "REGISTER"u8, ha1);
    }

    [Fact]
    public void A_challenge_as_the_switch_writes_it()
    {
        var writer = new SipWriter(new byte[400]);
        DigestChallenge.Write(ref writer, HeaderName.WwwAuthenticate, "tandem"u8, "abc"u8, DigestAlgorithm.Sha256, stale: false);
        DigestChallenge.Write(ref writer, HeaderName.ProxyAuthenticate, "tandem"u8, "abc"u8, DigestAlgorithm.Md5, stale: true);
        Assert.Equal(
            "WWW-Authenticate: Digest realm=\"tandem\", nonce=\"abc\", algorithm=SHA-256, qop=\"auth\"\r\n"
            + "Proxy-Authenticate: Digest realm=\"tandem\", nonce=\"abc\", algorithm=MD5, qop=\"auth\", stale=true\r\n",
            Text(writer.Written));
        Assert.True(DigestChallenge.TryParse("Digest realm=\"tandem\", nonce=\"abc\", algorithm=SHA-512-256"u8, out DigestChallenge unknown));
        Assert.Equal(DigestAlgorithm.Unknown, unknown.Algorithm);
        Assert.False(unknown.WriteAuthorization(ref writer, HeaderName.Authorization, "u"u8, Md5, "REGISTER"u8, "sip:t"u8, "c"u8, 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Digest")]
    [InlineData("Digest ")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\"")]
    [InlineData("Digest username=\"\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\"")]
    [InlineData("Digest username=\"a, realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\"")]
    [InlineData("Digest username=\"a\", username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\"")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\", qop=auth")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\", qop=auth, nc=1, cnonce=\"f\"")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\", qop=auth, nc=0000000g, cnonce=\"f\"")]
    [InlineData("Digest username=\"a\"b, realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\"")]
    [InlineData("Digest nonsense, username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\"")]
    public void No_credentials(string text) => Assert.False(DigestCredentials.TryParse(Bytes(text), out _));

    [Theory]
    [InlineData("Digest nonce=\"a\"")]
    [InlineData("Digest realm=\"a\"")]
    [InlineData("Digest realm=\"a\", nonce=\"b\", qop=\"auth-int\"")]
    [InlineData("Digest realm=\"a\", nonce=\"b")]
    public void No_challenge(string text) => Assert.False(DigestChallenge.TryParse(Bytes(text), out _));

    [Fact]
    public void Credentials_too_long_to_be_honest_verify_as_wrong()
    {
        string text = $"Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"{new string('u', 4000)}\", response=\"{new string('0', 32)}\"";
        Assert.True(DigestCredentials.TryParse(Bytes(text), out DigestCredentials credentials));
        Assert.False(DigestVerifier.Verify(credentials, "INVITE"u8, Md5));
        Assert.Equal(DigestAlgorithm.Unknown, Ha1.Compute(DigestAlgorithm.Md5, new byte[2000], "r"u8, "p"u8).Algorithm);
    }

    [Fact]
    public void A_stored_HA1_is_read_back_and_never_shown()
    {
        Assert.True(Ha1.TryRead(DigestAlgorithm.Sha256, Sha256.Bytes, out Ha1 read));
        Assert.Equal(Convert.ToHexString(Sha256.Bytes), Convert.ToHexString(read.Bytes));
        Assert.False(Ha1.TryRead(DigestAlgorithm.Md5, Sha256.Bytes, out _));
        Assert.False(Ha1.TryRead(DigestAlgorithm.Unknown, default, out _));
        Assert.Equal("HA1 (Sha256)", Sha256.ToString());
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
