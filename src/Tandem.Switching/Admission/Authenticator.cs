using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Admission;

/// <summary>What the credentials of a request are worth.</summary>
public enum AuthenticationResult : byte
{
    Granted,
    NoCredentials,
    /// <summary>Right or wrong, they answer a challenge that has grown old: a new one is due.</summary>
    Stale,
    Wrong,
}

/// <summary>
/// Digest authentication of phones (RFC 3261 §22, RFC 7616, RFC 8760). Nonces prove themselves: they carry their time under a key
/// of ours, bound to the source, so that nothing is stored for strangers.
/// </summary>
public sealed class Authenticator
{
    private static readonly TimeSpan NonceAge = TimeSpan.FromMinutes(5);

    private readonly NonceSource _nonces;

    public Authenticator(EntropySource entropy)
    {
        Span<byte> key = stackalloc byte[32];
        entropy.Fill(key);
        _nonces = new NonceSource(key, NonceAge);
    }

    /// <summary>Judges the credentials of a request: the user must be a phone, and the number in From (To for REGISTER) its own.</summary>
    public AuthenticationResult Check(SwitchTables tables, SipMessage request, in NetAddress source, Instant now, out Phone? phone)
    {
        phone = null;
        bool any = false;
        Span<byte> realm = stackalloc byte[Ha1.MaxTextBytes];
        realm = realm[..RealmBytes(tables, realm)];
        foreach (SipMessage.HeaderSlot header in request.Headers)
        {
            if (header.Name is not (HeaderName.Authorization or HeaderName.ProxyAuthorization)) continue;
            if (!DigestCredentials.TryParse(header.Value, out DigestCredentials credentials)) continue;
            if (!credentials.Realm.SequenceEqual(realm)) continue;
            any = true;
            NonceVerdict nonce = _nonces.Verify(credentials.Nonce, now, source);
            if (nonce == NonceVerdict.Forged) return AuthenticationResult.NoCredentials; // no answer to a challenge of ours: challenged as a stranger is
            if (nonce == NonceVerdict.Stale) return AuthenticationResult.Stale;
            if (!DialString.TryParse(credentials.Username, out DialString user) || !tables.TryFindPhone(user, out Phone? found)) continue;
            if (!SpeaksFor(request, user) || !IsFor(request, credentials.Uri)) continue;
            Ha1 ha1 = Ha1.Compute(credentials.Algorithm, credentials.Username, realm, found.Password);
            if (!DigestVerifier.Verify(credentials, request.MethodToken, ha1)) continue;
            phone = found;
            return AuthenticationResult.Granted;
        }
        return any ? AuthenticationResult.Wrong : AuthenticationResult.NoCredentials;
    }

    /// <summary>
    /// The challenge. It offers MD5 alone, although RFC 8760 §2.4 would have SHA-256 stand before it: phones in the field give up on a challenge
    /// they do not know, wherever it stands, instead of passing it over (docs/interop.md). Credentials by SHA-256 are accepted.
    /// </summary>
    public void WriteChallenge(ref SipWriter w, SwitchTables tables, int code, in NetAddress source, bool stale, Instant now)
    {
        Span<byte> realm = stackalloc byte[Ha1.MaxTextBytes];
        realm = realm[..RealmBytes(tables, realm)];
        Span<byte> nonce = stackalloc byte[NonceSource.Length];
        _nonces.Write(nonce, now, source);
        HeaderName name = code == 407 ? HeaderName.ProxyAuthenticate : HeaderName.WwwAuthenticate;
        DigestChallenge.Write(ref w, name, realm, nonce, DigestAlgorithm.Md5, stale);
    }

    private static bool SpeaksFor(SipMessage request, in DialString user)
    {
        ReadOnlySpan<byte> who = request.Method == SipMethod.Register ? request.To : request.From;
        return NameAddress.TryParse(who, out NameAddress address)
            && SipUri.TryParse(address.Uri, out SipUri uri)
            && uri.TryGetDialString(out DialString number)
            && number == user;
    }

    // RFC 7616 §3.4.6: the digest is for one Request-URI. Of a call it is the number that must be the one signed, so that credentials
    // overheard cannot be used to call elsewhere; hosts may differ, as proxies on the way rewrite them. A signed URI without a user names the
    // server alone: that is all some peers sign (sipp, older gateways), and it is accepted.
    private static bool IsFor(SipMessage request, ReadOnlySpan<byte> signed)
    {
        if (request.Method != SipMethod.Invite) return true;
        return SipUri.TryParse(signed, out SipUri asSigned) && SipUri.TryParse(request.RequestUri, out SipUri asked)
            && (asSigned.User.IsEmpty || asSigned.User.SequenceEqual(asked.User));
    }

    private static int RealmBytes(SwitchTables tables, Span<byte> room)
    {
        string realm = tables.Settings.Sip.AuthenticationRealm;
        return Encoding.UTF8.GetBytes(realm.Length is 0 or > 200 ? "tandem" : realm, room);
    }
}
