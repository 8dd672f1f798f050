using System.Text;

namespace Tandem.Sip.Digest;

/// <summary>An Authorization or Proxy-Authorization value taken apart (RFC 7616 §3.4). A view over the message.</summary>
public readonly ref struct DigestCredentials
{
    public ReadOnlySpan<byte> Username { get; private init; }

    public ReadOnlySpan<byte> Realm { get; private init; }

    public ReadOnlySpan<byte> Nonce { get; private init; }

    public ReadOnlySpan<byte> Uri { get; private init; }

    /// <summary>Hexadecimal, of either case.</summary>
    public ReadOnlySpan<byte> Response { get; private init; }

    public DigestAlgorithm Algorithm { get; private init; }

    /// <summary>Empty: the older form without quality of protection (RFC 2069).</summary>
    public ReadOnlySpan<byte> Qop { get; private init; }

    public ReadOnlySpan<byte> Cnonce { get; private init; }

    /// <summary>Eight hexadecimal digits, as sent.</summary>
    public ReadOnlySpan<byte> NonceCount { get; private init; }

    public ReadOnlySpan<byte> Opaque { get; private init; }

    /// <summary>
    /// False for another scheme, an unclosed quote, a missing username, realm, nonce, uri or response, a parameter given twice, or qop without
    /// its nc and cnonce. An unknown algorithm parses; it verifies nothing.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> header, out DigestCredentials credentials)
    {
        credentials = default;
        if (!AuthParameters.TryOpen(header, out AuthParameters each)) return false;
        ReadOnlySpan<byte> username = default, realm = default, nonce = default, uri = default, response = default;
        ReadOnlySpan<byte> algorithm = default, qop = default, cnonce = default, nc = default, opaque = default;
        int seen = 0;
        while (each.MoveNext())
        {
            int bit = 0;
            if (Is(each.Name, "username"u8)) { username = each.Value; bit = 1; }
            else if (Is(each.Name, "realm"u8)) { realm = each.Value; bit = 2; }
            else if (Is(each.Name, "nonce"u8)) { nonce = each.Value; bit = 4; }
            else if (Is(each.Name, "uri"u8)) { uri = each.Value; bit = 8; }
            else if (Is(each.Name, "response"u8)) { response = each.Value; bit = 16; }
            else if (Is(each.Name, "algorithm"u8)) { algorithm = each.Value; bit = 32; }
            else if (Is(each.Name, "qop"u8)) { qop = each.Value; bit = 64; }
            else if (Is(each.Name, "cnonce"u8)) { cnonce = each.Value; bit = 128; }
            else if (Is(each.Name, "nc"u8)) { nc = each.Value; bit = 256; }
            else if (Is(each.Name, "opaque"u8)) { opaque = each.Value; bit = 512; }
            if ((seen & bit) != 0) return false;
            seen |= bit;
        }
        const int needed = 1 | 2 | 4 | 8 | 16;
        if (each.Malformed || (seen & needed) != needed || username.IsEmpty || nonce.IsEmpty || uri.IsEmpty) return false;
        if ((seen & 64) != 0 && (nc.Length != 8 || nc.ContainsAnyExcept(HexDigits) || cnonce.IsEmpty)) return false;
        credentials = new DigestCredentials
        {
            Username = username, Realm = realm, Nonce = nonce, Uri = uri, Response = response,
            Algorithm = DigestAlgorithms.Of(algorithm), Qop = qop, Cnonce = cnonce, NonceCount = nc, Opaque = opaque,
        };
        return true;
    }

    private static readonly System.Buffers.SearchValues<byte> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF"u8);

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> wanted) => Ascii.EqualsIgnoreCase(name, wanted);
}
