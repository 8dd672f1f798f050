using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Digest;

/// <summary>What a challenge means to the client that got it.</summary>
public enum ChallengeVerdict : byte
{
    /// <summary>Kept: the request may be sent again with credentials.</summary>
    Answerable,

    /// <summary>No challenge in it that can be answered: another scheme, an unknown algorithm, auth-int alone.</summary>
    Unsupported,

    /// <summary>The nonce just answered is asked for again and not called stale: user or password are wrong (RFC 7616 §3.5).</summary>
    Wrong,
}

/// <summary>
/// The client's side of digest authentication (RFC 3261 §22, RFC 7616 §3.4, RFC 8760): keeps what a server and a proxy asked, answers it, counts
/// each nonce's uses, and signs further requests without being asked again. Used over and over; <see cref="Release"/> forgets.
/// </summary>
/// <param name="pool">For what is kept.</param>
/// <param name="entropy">For the cnonce.</param>
public sealed class DigestClient(BytePool pool, EntropySource entropy)
{
    private byte[] _user = [];
    private byte[] _password = [];
    private Kept _server;
    private Kept _proxy;

    /// <summary>True once something was asked: requests then carry credentials.</summary>
    public bool IsChallenged => _server.Bytes is not null || _proxy.Bytes is not null;

    /// <summary>Who signs from now on; nothing is kept of challenges to another.</summary>
    /// <param name="user">UTF-8, without quotes and backslashes.</param>
    /// <param name="password">UTF-8.</param>
    public void SignAs(byte[] user, byte[] password)
    {
        Release();
        _user = user;
        _password = password;
    }

    /// <summary>Reads the challenges of a 401 or 407. Of several for one realm the first that is understood is taken (RFC 8760 §2.4).</summary>
    public ChallengeVerdict Take(SipMessage response)
    {
        bool server = false, proxy = false;
        foreach (SipMessage.HeaderSlot header in response.Headers)
        {
            bool isProxy = header.Name == HeaderName.ProxyAuthenticate;
            if (!isProxy && header.Name != HeaderName.WwwAuthenticate) continue;
            ref bool taken = ref (isProxy ? ref proxy : ref server);
            if (taken || !DigestChallenge.TryParse(header.Value, out DigestChallenge challenge) || challenge.Algorithm == DigestAlgorithm.Unknown) continue;
            ref Kept kept = ref (isProxy ? ref _proxy : ref _server);
            if (kept.Uses > 0 && !challenge.Stale && kept.IsFor(challenge)) return ChallengeVerdict.Wrong;
            Keep(ref kept, header.Value);
            taken = true;
        }
        return server || proxy ? ChallengeVerdict.Answerable : ChallengeVerdict.Unsupported;
    }

    /// <summary>Writes Authorization and Proxy-Authorization, as asked for; nothing when nothing was.</summary>
    /// <param name="w">The request, after its first line.</param>
    /// <param name="method">Of the request.</param>
    /// <param name="uri">The Request-URI, as written.</param>
    public void Write(ref SipWriter w, scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri)
    {
        Write(ref w, ref _server, HeaderName.Authorization, method, uri);
        Write(ref w, ref _proxy, HeaderName.ProxyAuthorization, method, uri);
    }

    public void Release()
    {
        Drop(ref _server);
        Drop(ref _proxy);
    }

    private void Write(ref SipWriter w, ref Kept kept, HeaderName name, scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri)
    {
        if (kept.Bytes is null || !DigestChallenge.TryParse(kept.Value, out DigestChallenge challenge)) return;
        Span<byte> cnonce = stackalloc byte[Base32.Length];
        Base32.Write(entropy.NextUInt64(), cnonce);
        Ha1 ha1 = Ha1.Compute(challenge.Algorithm, _user, challenge.Realm, _password);
        if (challenge.WriteAuthorization(ref w, name, _user, ha1, method, uri, cnonce, kept.Uses + 1)) kept.Uses++;
    }

    private void Keep(ref Kept kept, ReadOnlySpan<byte> value)
    {
        Drop(ref kept);
        kept.Bytes = pool.Copy(value);
        kept.Length = value.Length;
    }

    private void Drop(ref Kept kept)
    {
        if (kept.Bytes is not null) pool.Return(kept.Bytes);
        kept = default;
    }

    private struct Kept
    {
        public byte[]? Bytes;
        public int Length;
        public uint Uses;

        public readonly ReadOnlySpan<byte> Value => Bytes.AsSpan(0, Length);

        public readonly bool IsFor(in DigestChallenge other) =>
            DigestChallenge.TryParse(Value, out DigestChallenge mine) && mine.Nonce.SequenceEqual(other.Nonce) && mine.Realm.SequenceEqual(other.Realm);
    }
}
