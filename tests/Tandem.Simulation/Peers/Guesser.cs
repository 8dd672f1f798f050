using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;

namespace Tandem.Simulation.Peers;

/// <summary>Somebody who floods, and tries passwords for a phone: nothing is kept of him, he gains no bytes, and he is never let in.</summary>
internal sealed class Guesser
{
    private const int Id = 32;

    private static readonly string[] Methods = ["REGISTER", "INVITE", "OPTIONS", "BYE", "MESSAGE", "CANCEL"];

    private readonly World _world;
    private readonly SeededEntropy _chance;

    public Guesser(World world, SeededEntropy chance)
    {
        _world = world;
        _chance = chance;
        world.Network.Attach(Address, "guesser", Hear);
    }

    public static NetAddress Address => Operator.Address(Id);

    /// <summary>A hundred requests at once.</summary>
    public void Flood()
    {
        _world.Story.Tell("a flood of a stranger");
        for (int i = 0; i < 100; i++) Send(Methods[_chance.Below(Methods.Length)], Token(), "");
    }

    /// <summary>The first request of a try; the challenge is answered with a guess.</summary>
    public void Guess() => Send(_chance.Below(2) == 0 ? "REGISTER" : "INVITE", Token(), "");

    private void Hear(NetAddress from, byte[] bytes)
    {
        if (Heard.Read(bytes) is not { IsRequest: false } heard) return;
        if (_world.Plan.Network.Corrupt == 0 && heard.Status is >= 200 and < 300) _world.Fail("a guesser was let in");
        if (heard.Status is not (401 or 407) || _chance.Below(3) == 0) return;
        HeaderName asks = heard.Status == 407 ? HeaderName.ProxyAuthenticate : HeaderName.WwwAuthenticate;
        if (heard.All(asks).FirstOrDefault() is not { } offer || !DigestChallenge.TryParse(Encoding.Latin1.GetBytes(offer), out DigestChallenge challenge)) return;
        string method = heard.Method.ToString().ToUpperInvariant();
        byte[] user = Encoding.ASCII.GetBytes(Operator.PhoneNumber(0));
        Ha1 ha1 = Ha1.Compute(challenge.Algorithm, user, challenge.Realm, Encoding.ASCII.GetBytes($"guess {_chance.Below(1000)}"));
        var w = new SipWriter(new byte[2048]);
        if (!challenge.WriteAuthorization(ref w, heard.Status == 407 ? HeaderName.ProxyAuthorization : HeaderName.Authorization, user, ha1, Encoding.ASCII.GetBytes(method), "sip:203.0.113.5"u8, "c"u8, 1)) return;
        Send(method, heard.CallId, Encoding.ASCII.GetString(w.Written));
    }

    private string Token() => $"~{Id:000}~{_chance.NextUInt64():x}";

    private void Send(string method, string callId, string credentials)
    {
        string number = Operator.PhoneNumber(0), token = Token();
        _world.Network.Send(Address, World.SwitchAddress, Encoding.ASCII.GetBytes(
            $"{method} sip:203.0.113.5 SIP/2.0\r\nVia: SIP/2.0/UDP {Address};branch=z9hG4bK{token};rport\r\nMax-Forwards: 70\r\nFrom: <sip:{number}@203.0.113.5>;tag={token}\r\nTo: <sip:{number}@203.0.113.5>\r\n"
            + $"Call-ID: {callId}\r\nCSeq: {1 + _chance.Below(1000)} {method}\r\nContact: <sip:g@{Address}>\r\n{credentials}Content-Length: 0\r\n\r\n"));
    }
}
