using System.Text;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Digest;

/// <summary>A WWW-Authenticate or Proxy-Authenticate value, both ways: written by the switch, answered by whoever registers (RFC 7616 §3.3).</summary>
public readonly ref struct DigestChallenge
{
    public ReadOnlySpan<byte> Realm { get; private init; }

    public ReadOnlySpan<byte> Nonce { get; private init; }

    public DigestAlgorithm Algorithm { get; private init; }

    /// <summary>True when qop lists auth; false for the older form without qop.</summary>
    public bool OffersAuth { get; private init; }

    public ReadOnlySpan<byte> Opaque { get; private init; }

    /// <summary>The credentials were right, the nonce too old: try again without asking anyone.</summary>
    public bool Stale { get; private init; }

    /// <summary>False for another scheme, an unclosed quote, a missing realm or nonce, or a qop without auth.</summary>
    public static bool TryParse(ReadOnlySpan<byte> header, out DigestChallenge challenge)
    {
        challenge = default;
        if (!AuthParameters.TryOpen(header, out AuthParameters each)) return false;
        ReadOnlySpan<byte> realm = default, nonce = default, algorithm = default, opaque = default;
        bool hasRealm = false, hasQop = false, auth = false, stale = false;
        while (each.MoveNext())
        {
            if (Ascii.EqualsIgnoreCase(each.Name, "realm"u8)) { realm = each.Value; hasRealm = true; }
            else if (Ascii.EqualsIgnoreCase(each.Name, "nonce"u8)) nonce = each.Value;
            else if (Ascii.EqualsIgnoreCase(each.Name, "algorithm"u8)) algorithm = each.Value;
            else if (Ascii.EqualsIgnoreCase(each.Name, "opaque"u8)) opaque = each.Value;
            else if (Ascii.EqualsIgnoreCase(each.Name, "stale"u8)) stale = Ascii.EqualsIgnoreCase(each.Value, "true"u8);
            else if (Ascii.EqualsIgnoreCase(each.Name, "qop"u8))
            {
                hasQop = true;
                auth = ListsAuth(each.Value);
            }
        }
        if (each.Malformed || !hasRealm || nonce.IsEmpty || (hasQop && !auth)) return false;
        challenge = new DigestChallenge { Realm = realm, Nonce = nonce, Algorithm = DigestAlgorithms.Of(algorithm), OffersAuth = auth, Opaque = opaque, Stale = stale };
        return true;
    }

    /// <summary>Writes one challenge header; for several algorithms write several, the strongest first (RFC 8760 §2.4).</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="name">WWW-Authenticate with 401, Proxy-Authenticate with 407.</param>
    /// <param name="realm">Without quotes and backslashes.</param>
    /// <param name="nonce">From <see cref="NonceSource.Write"/>.</param>
    /// <param name="algorithm">MD5 or SHA-256.</param>
    /// <param name="stale">The last nonce was good once.</param>
    public static void Write(ref SipWriter writer, HeaderName name, scoped ReadOnlySpan<byte> realm, scoped ReadOnlySpan<byte> nonce, DigestAlgorithm algorithm, bool stale)
    {
        writer.OpenHeader(name);
        writer.Text("Digest realm=\""u8);
        writer.Text(realm);
        writer.Text("\", nonce=\""u8);
        writer.Text(nonce);
        writer.Text("\", algorithm="u8);
        writer.Text(algorithm.Token());
        writer.Text(", qop=\"auth\""u8);
        if (stale) writer.Text(", stale=true"u8);
        writer.CloseHeader();
    }

    /// <summary>Answers this challenge with one header; false, with nothing written, when HA1 is of another algorithm.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="name">Authorization after 401, Proxy-Authorization after 407.</param>
    /// <param name="user">Without quotes and backslashes.</param>
    /// <param name="ha1">Of the user in this realm, by this challenge's algorithm.</param>
    /// <param name="method">Of the request.</param>
    /// <param name="uri">The Request-URI, as it is sent.</param>
    /// <param name="cnonce">Unpredictable, of token characters.</param>
    /// <param name="nonceCount">1 for the first use of this nonce, then one more each time.</param>
    public bool WriteAuthorization(
        ref SipWriter writer, HeaderName name, scoped ReadOnlySpan<byte> user, in Ha1 ha1, scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri,
        scoped ReadOnlySpan<byte> cnonce, uint nonceCount)
    {
        Span<byte> nc = stackalloc byte[8];
        nonceCount.TryFormat(nc, out _, "x8");
        ReadOnlySpan<byte> qop = OffersAuth ? "auth"u8 : default;
        Span<byte> response = stackalloc byte[2 * DigestAlgorithms.MaxBytes];
        int length = DigestVerifier.Response(ha1, Algorithm, Nonce, nc, cnonce, qop, method, uri, response);
        if (length == 0) return false;
        writer.OpenHeader(name);
        writer.Text("Digest username=\""u8);
        writer.Text(user);
        writer.Text("\", realm=\""u8);
        writer.Text(Realm);
        writer.Text("\", nonce=\""u8);
        writer.Text(Nonce);
        writer.Text("\", uri=\""u8);
        writer.Text(uri);
        writer.Text("\", response=\""u8);
        writer.Text(response[..length]);
        writer.Text("\", algorithm="u8);
        writer.Text(Algorithm.Token());
        if (OffersAuth || Algorithm.IsSession())
        {
            writer.Text(", cnonce=\""u8);
            writer.Text(cnonce);
            writer.Text("\""u8);
        }
        if (OffersAuth)
        {
            writer.Text(", qop=auth, nc="u8);
            writer.Text(nc);
        }
        if (!Opaque.IsEmpty)
        {
            writer.Text(", opaque=\""u8);
            writer.Text(Opaque);
            writer.Text("\""u8);
        }
        writer.CloseHeader();
        return true;
    }

    private static bool ListsAuth(ReadOnlySpan<byte> list)
    {
        foreach (Range range in list.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(Grammar.Trim(list[range]), "auth"u8)) return true;
        }
        return false;
    }
}
