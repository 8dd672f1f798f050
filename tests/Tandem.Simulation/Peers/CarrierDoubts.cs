using System.Text;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;

namespace Tandem.Simulation.Peers;

/// <summary>A carrier that wants to know who the switch is: some challenge every INVITE, all have a registrar. Its nonces bear its mark.</summary>
internal sealed class CarrierDoubts(Peer peer, int carrier)
{
    private readonly bool _asks = peer.Chance.Below(3) == 0;
    private string _nonce = peer.NewToken();

    /// <summary>The challenge an INVITE gets; null when it may go on.</summary>
    public string? Answer(Heard invite)
    {
        if (!_asks || IsKnown(invite, HeaderName.ProxyAuthorization)) return null;
        return peer.Response(invite, 407, peer.NewToken(), extra: Challenge("Proxy-Authenticate"));
    }

    /// <summary>What its registrar says; null: nothing.</summary>
    public string? AnswerRegister(Heard register)
    {
        bool leaves = register.All(HeaderName.Expires).FirstOrDefault() == "0";
        int mood = peer.Chance.Below(12);
        if (mood == 0) return null;
        if (mood == 1) return peer.Response(register, 503, peer.NewToken());
        if (mood == 2) return peer.Response(register, 403, peer.NewToken(), extra: $"Retry-After: {30 + peer.Chance.Below(90)}\r\n");
        if (!IsKnown(register, HeaderName.Authorization)) return peer.Response(register, 401, peer.NewToken(), extra: Challenge("WWW-Authenticate"));
        if (mood == 3 && !leaves) return peer.Response(register, 423, peer.NewToken(), extra: "Min-Expires: 4000\r\n");
        return peer.Response(register, 200, peer.NewToken(), extra: leaves ? "" : $"Contact: <{register.Contact}>;expires={25 + peer.Chance.Below(600)}\r\n");
    }

    private string Challenge(string name) => $"{name}: Digest realm=\"carrier {carrier}\", nonce=\"{_nonce}\", algorithm={(carrier % 2 == 0 ? "MD5" : "SHA-256")}, qop=\"auth\", stale=true\r\n";

    private bool IsKnown(Heard request, HeaderName header)
    {
        if (request.All(header).FirstOrDefault() is not { } value || !DigestCredentials.TryParse(Encoding.ASCII.GetBytes(value), out DigestCredentials credentials)) return false;
        if (peer.Chance.Below(8) == 0) _nonce = peer.NewToken(); // grown old
        if (!credentials.Nonce.SequenceEqual(Encoding.ASCII.GetBytes(_nonce))) return false;
        byte[] user = Encoding.ASCII.GetBytes(Operator.CarrierUser(carrier));
        Ha1 ha1 = Ha1.Compute(credentials.Algorithm, user, Encoding.ASCII.GetBytes($"carrier {carrier}"), Encoding.ASCII.GetBytes(Operator.CarrierSecret(carrier)));
        if (!credentials.Username.SequenceEqual(user)) return false; // another carrier's name led here
        bool right = credentials.Uri.SequenceEqual(Encoding.ASCII.GetBytes(request.RequestUri)) && DigestVerifier.Verify(credentials, request.Method.Token(), ha1);
        if (!right && !peer.World.Corrupts) peer.World.Fail($"{peer.Name} is answered wrongly: {value}");
        return right;
    }
}
