using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Admission;

/// <summary>What the credentials of a request are worth.</summary>
public enum AuthenticationResult : byte
{
    Granted,

    /// <summary>None that answer a challenge of ours.</summary>
    NoCredentials,

    /// <summary>They answer a challenge that has grown old or was answered before: a new one is due.</summary>
    Stale,

    /// <summary>They do not hold: a wrong try.</summary>
    Wrong,

    /// <summary>They are for a phone that is blocked, and were not looked at.</summary>
    PhoneBlocked,
}

/// <summary>
/// Digest authentication of phones (RFC 3261 §22, RFC 7616, RFC 8760), a shard's own. Nonces prove themselves: they carry their time under
/// a key of ours, bound to the source, so that nothing is stored for strangers; those that were answered rightly are held, so that no answer
/// counts twice.
/// </summary>
/// <param name="entropy">For the key of the nonces.</param>
/// <param name="blocks">Phones not to be tried.</param>
/// <param name="locations">Where phones are at home.</param>
public sealed class Authenticator(EntropySource entropy, BlockBook blocks, LocationBook locations)
{
    // At 100 authentications a second a nonce stays known through its whole age.
    private const int NoncesHeld = 32_768;

    private static readonly TimeSpan NonceAge = TimeSpan.FromMinutes(5);
    private static readonly byte[] NoPassword = "nobody's"u8.ToArray();

    private readonly NonceSource _nonces = MakeNonces(entropy);
    private readonly NonceUses _uses = new(NoncesHeld);

    /// <summary>Right credentials refused since they were used before.</summary>
    public long Replays { get; private set; }

    /// <summary>
    /// Judges the credentials of a request: the user must be a phone, and the number in From (To for REGISTER) its own; or a mapping gateway that
    /// registers or shows its password, which calls for others.
    /// </summary>
    /// <param name="tables">In force.</param>
    /// <param name="request">What carries them.</param>
    /// <param name="source">Who sent it.</param>
    /// <param name="now">The turn.</param>
    /// <param name="phone">Who it is, when granted; null: a gateway.</param>
    /// <param name="gateway">Who it is, when granted; null: a phone.</param>
    /// <param name="tried">The configured phone or gateway that wrong credentials were for; empty: none.</param>
    /// <param name="response">What was answered; tells one try from its retransmission.</param>
    public AuthenticationResult Check(SwitchTables tables, SipMessage request, scoped in NetAddress source, Instant now, out Phone? phone, out MappingGateway? gateway, out DialString tried, out ReadOnlySpan<byte> response)
    {
        phone = null;
        gateway = null;
        tried = DialString.Empty;
        response = default;
        bool any = false;
        Span<byte> realm = stackalloc byte[Ha1.MaxTextBytes];
        realm = realm[..RealmBytes(tables, realm)];
        AuthenticationSettings settings = tables.Settings.Authentication;
        foreach (SipMessage.HeaderSlot header in request.Headers)
        {
            if (header.Name is not (HeaderName.Authorization or HeaderName.ProxyAuthorization)) continue;
            if (!DigestCredentials.TryParse(header.Value, out DigestCredentials credentials)) continue;
            if (!credentials.Realm.SequenceEqual(realm)) continue;
            NonceVerdict nonce = _nonces.Verify(credentials.Nonce, now, source, out Instant made, out ulong id);
            if (nonce == NonceVerdict.Forged) return AuthenticationResult.NoCredentials; // no answer to a challenge of ours: challenged as a stranger is
            if (nonce == NonceVerdict.Stale) return AuthenticationResult.Stale;
            any = true;
            response = credentials.Response;
            Phone? found = null;
            MappingGateway? other = null;
            if (DialString.TryParse(credentials.Username, out DialString user) && (tables.TryFindPhone(user, out found) || tables.TryFindUser(user, out other))) tried = user;
            bool known = found is not null || other is not null;
            if (known && settings.MaxRetry > 0 && blocks.IsBlocked(user, now) && !locations.IsAtHome(user, source, now)) return AuthenticationResult.PhoneBlocked;
            // For a user there is not, the same work is done: the time an answer takes tells nothing.
            Ha1 ha1 = Ha1.Compute(credentials.Algorithm, credentials.Username, realm, found?.Password ?? other?.Password ?? NoPassword);
            bool right = DigestVerifier.Verify(credentials, request.MethodToken, ha1);
            if (!right || !known || ((found is not null || request.Method == SipMethod.Register) && !SpeaksFor(request, user)) || !IsFor(request, credentials.Uri)) continue;
            if (!_uses.TryUse(id, made, CountOf(credentials), settings.Timeout, now))
            {
                Replays++;
                return AuthenticationResult.Stale;
            }
            (phone, gateway) = (found, other);
            return AuthenticationResult.Granted;
        }
        return any ? AuthenticationResult.Wrong : AuthenticationResult.NoCredentials;
    }

    /// <summary>Whether a datagram carries a nonce of ours given to its sender: he is where he says he is. For when there is no time to read it.</summary>
    public bool ShowsNonce(ReadOnlySpan<byte> datagram, in NetAddress source, Instant now)
    {
        int at = datagram.IndexOf(" nonce=\""u8);
        if (at < 0) at = datagram.IndexOf(",nonce=\""u8);
        if (at < 0) return false;
        ReadOnlySpan<byte> nonce = datagram[(at + 8)..];
        return nonce.Length > NonceSource.Length && _nonces.Verify(nonce[..NonceSource.Length], now, source, out _, out _) == NonceVerdict.Good;
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

    // Without qop there is no count: such a nonce is good once.
    private static uint CountOf(in DigestCredentials credentials) =>
        credentials.Qop.IsEmpty || !uint.TryParse(credentials.NonceCount, System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint count) ? 0 : count;

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
        if (request.Method is not (SipMethod.Invite or SipMethod.Message)) return true;
        return SipUri.TryParse(signed, out SipUri asSigned) && SipUri.TryParse(request.RequestUri, out SipUri asked)
            && (asSigned.User.IsEmpty || asSigned.User.SequenceEqual(asked.User));
    }

    private static int RealmBytes(SwitchTables tables, Span<byte> room)
    {
        string realm = tables.Settings.Sip.AuthenticationRealm;
        return Encoding.UTF8.GetBytes(realm.Length is 0 or > 200 ? "tandem" : realm, room);
    }

    private static NonceSource MakeNonces(EntropySource entropy)
    {
        Span<byte> key = stackalloc byte[32];
        entropy.Fill(key);
        return new NonceSource(key, NonceAge);
    }
}
