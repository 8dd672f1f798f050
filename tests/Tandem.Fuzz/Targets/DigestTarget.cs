using Tandem.Sip.Digest;
using Tandem.Sip.Messages;

namespace Tandem.Fuzz.Targets;

/// <summary>Authorization and challenge values: read, verified, and answered so that our own reader understands the answer.</summary>
internal static class DigestTarget
{
    private static readonly byte[] Room = new byte[4 * FuzzTarget.MaxBytes];
    private static readonly Ha1[] Keys = [Ha1.Compute(DigestAlgorithm.Md5, "u"u8, "r"u8, "p"u8), Ha1.Compute(DigestAlgorithm.Sha256, "u"u8, "r"u8, "p"u8)];

    public static void Check(ReadOnlySpan<byte> input)
    {
        (byte[] zeros, byte[] grammar) = Surroundings.Place(input);
        Invariant.Holds(TrailOf(zeros.AsSpan(Surroundings.Margin, input.Length)) == TrailOf(grammar.AsSpan(Surroundings.Margin, input.Length)), "the bytes around a value change what it says");
        if (DigestCredentials.TryParse(input, out DigestCredentials credentials))
        {
            foreach (ref readonly Ha1 key in Keys.AsSpan()) Invariant.Holds(!DigestVerifier.Verify(credentials, "INVITE"u8, key), "a fuzzer that knows the password");
        }
        if (!DigestChallenge.TryParse(input, out DigestChallenge challenge)) return;
        foreach (ref readonly Ha1 key in Keys.AsSpan()) CheckAnswer(challenge, key);
    }

    private static void CheckAnswer(in DigestChallenge challenge, in Ha1 key)
    {
        var writer = new SipWriter(Room);
        if (!challenge.WriteAuthorization(ref writer, HeaderName.Authorization, "u"u8, key, "REGISTER"u8, "sip:example.net"u8, "c0"u8, 1)) return;
        ReadOnlySpan<byte> line = writer.Written["Authorization: "u8.Length..^2];
        if (line.Length > SipLimits.LineBytes) return;
        Invariant.Holds(line.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) < 0, "an answer to a challenge on two lines");
        Invariant.Holds(DigestCredentials.TryParse(line, out DigestCredentials own), "an answer to a challenge that no registrar would read");
        Invariant.Equal("u"u8, own.Username, "another user");
        Invariant.Equal("sip:example.net"u8, own.Uri, "another uri");
        if (challenge.Nonce.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) < 0) Invariant.Holds(DigestVerifier.Verify(own, "REGISTER"u8, key), "an answer to a challenge that does not verify");
    }

    private static ulong TrailOf(ReadOnlySpan<byte> value)
    {
        var trail = new Trail();
        if (DigestCredentials.TryParse(value, out DigestCredentials c))
        {
            trail.Add(c.Username);
            trail.Add(c.Realm);
            trail.Add(c.Nonce);
            trail.Add(c.Uri);
            trail.Add(c.Response);
            trail.Add(c.Qop);
            trail.Add(c.Cnonce);
            trail.Add(c.NonceCount);
            trail.Add(c.Opaque);
            trail.Add((long)c.Algorithm);
        }
        if (DigestChallenge.TryParse(value, out DigestChallenge challenge))
        {
            trail.Add(challenge.Realm);
            trail.Add(challenge.Nonce);
            trail.Add(challenge.Opaque);
            trail.Add(challenge.OffersAuth);
            trail.Add(challenge.Stale);
            trail.Add((long)challenge.Algorithm);
        }
        return trail.Value;
    }
}
