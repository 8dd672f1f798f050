using System.Buffers;
using System.Text;
using Tandem.Sip.Messages;

namespace Tandem.Switching.Identity;

/// <summary>
/// The header fields that never pass from one leg to the other, because the switch writes them itself or because they speak of one
/// leg alone. The table is docs/identity.md's; a test holds them equal.
/// </summary>
public static class OwnedHeaders
{
    /// <summary>Known by name elsewhere, yet nothing but words for the far end.</summary>
    private static readonly HeaderName[] Free = [HeaderName.Other, HeaderName.Subject, HeaderName.Date];

    /// <summary>What is not in <see cref="HeaderName"/>, with the reason operators read.</summary>
    public static readonly (string Why, string[] Names)[] Further =
    [
        ("belongs to the way of one leg", ["Path", "Service-Route", "P-Associated-URI", "Flow-Timer", "Max-Breadth", "Request-Disposition", "Accept-Contact", "Reject-Contact", "P-Access-Network-Info", "P-Visited-Network-ID", "Geolocation-Routing"]),
        ("names a dialog or call of one leg", ["In-Reply-To", "Join", "Target-Dialog", "Session-ID"]),
        ("belongs to the body, which is written anew", ["Content-Disposition", "Content-Language", "Content-Transfer-Encoding", "Content-ID", "MIME-Version"]),
        ("belongs to the authentication of one leg", ["Authentication-Info", "Proxy-Authentication-Info", "Security-Client", "Security-Server", "Security-Verify", "Encryption", "Response-Key", "Hide"]),
        ("says what one end is able to do", ["Accept-Encoding", "Accept-Language", "Allow-Events", "Recv-Info", "Info-Package", "Feature-Caps", "P-Early-Media", "Answer-Mode", "Priv-Answer-Mode"]),
        ("belongs to subscriptions and publications", ["Subscription-State", "SIP-ETag", "SIP-If-Match", "Suppress-If-Match", "Refer-Sub"]),
    ];

    private static readonly Dictionary<string, string> Reasons = Further.SelectMany(static row => row.Names, static (row, name) => (name, row.Why))
        .ToDictionary(static p => p.name, static p => p.Why, StringComparer.OrdinalIgnoreCase);

    private static readonly byte[][] FurtherNames = [.. Reasons.Keys.Select(Encoding.ASCII.GetBytes)];

    /// <summary>True for a header field that may pass when an endpoint's <see cref="ExtraHeaders"/> want it. A name of one letter is a compact form, known or not.</summary>
    public static bool MayPass(HeaderName known, ReadOnlySpan<byte> name)
    {
        if (!Free.AsSpan().Contains(known) || name.Length < 2) return false;
        foreach (byte[] owned in FurtherNames)
        {
            if (owned.Length == name.Length && Ascii.EqualsIgnoreCase(owned, name)) return false;
        }
        return true;
    }

    private static readonly SearchValues<byte> Token = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"u8);

    /// <summary>Null for a name an operator may list; else why not, in one sentence.</summary>
    public static string? WhyNever(string name)
    {
        if (name.Length == 0) return "a header name is empty";
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (name.Length > 64 || bytes.AsSpan().ContainsAnyExcept(Token)) return "it is no header name: at most 64 letters, digits and -.!%*_+`'~";
        if (name.Length == 1) return $"'{name}' is a compact form; header fields are listed by their full names";
        if (Reasons.TryGetValue(name, out string? why)) return $"{name} never passes: it {why}";
        return MayPass(HeaderNames.Of(bytes), bytes) ? null : $"{Encoding.ASCII.GetString(HeaderNames.Of(bytes).Spelling())} never passes: the switch writes it itself, or leaves it out";
    }
}
