using System.Security.Cryptography;
using System.Text;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Digest answers written from RFC 7616 alone.</summary>
internal static class Digest
{
    // How often each nonce was answered: a count is good once (nc).
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Answered = new();

    /// <summary>The header line that answers the challenge; it offers MD5, and SHA-256 is accepted too.</summary>
    public static string Answer(WireMessage challenge, string method, string uri, string user, string password, string algorithm = "MD5")
    {
        bool proxy = challenge.Status == 407;
        string said = challenge.All(proxy ? "Proxy-Authenticate" : "WWW-Authenticate").Single();
        string realm = Quoted(said, "realm"), nonce = Quoted(said, "nonce");
        string nc = Answered.AddOrUpdate(nonce, 1, static (_, last) => last + 1).ToString("x8");
        string ha1 = Hash(algorithm, $"{user}:{realm}:{password}"), ha2 = Hash(algorithm, $"{method}:{uri}");
        string response = Hash(algorithm, $"{ha1}:{nonce}:{nc}:c0ffee:auth:{ha2}");
        return $"{(proxy ? "Proxy-Authorization" : "Authorization")}: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", algorithm={algorithm}, qop=auth, nc={nc}, cnonce=\"c0ffee\"\r\n";
    }

    /// <summary>A challenge without what chance put in it.</summary>
    public static string Shape(WireMessage challenge) =>
        string.Join('\n', challenge.Headers.Where(static h => h.Name is not ("Via" or "From" or "To" or "Call-ID")).Select(static h => $"{h.Name}: {Blank(h.Value)}"));

    private static string Blank(string value)
    {
        int at = value.IndexOf("nonce=\"", StringComparison.Ordinal);
        return at < 0 ? value : value[..at] + value[value.IndexOf('"', at + 7)..];
    }

    private static string Quoted(string text, string name)
    {
        int at = text.IndexOf(name + "=\"", StringComparison.Ordinal) + name.Length + 2;
        return text[at..text.IndexOf('"', at)];
    }

    private static string Hash(string algorithm, string text) =>
        Convert.ToHexStringLower(algorithm == "MD5" ? MD5.HashData(Encoding.UTF8.GetBytes(text)) : SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
