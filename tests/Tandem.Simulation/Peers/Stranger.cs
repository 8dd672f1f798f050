using System.Text;
using Tandem.Primitives;

namespace Tandem.Simulation.Peers;

/// <summary>Somebody the switch does not know, who sends whatever comes to mind.</summary>
internal sealed class Stranger
{
    private const int Id = 31;

    private readonly World _world;
    private readonly SeededEntropy _chance;

    public Stranger(World world)
    {
        _world = world;
        _chance = world.Child();
        world.Network.Attach(Operator.StrangerAddress, "stranger", static (_, _) => { });
    }

    public void Trouble() => _world.Network.Send(Operator.StrangerAddress, World.SwitchAddress, _chance.Below(9) switch
    {
        0 => Noise(),
        1 => Message("BYE", "sip:x@203.0.113.5", totag: true),
        2 => Message("CANCEL", "sip:441234@203.0.113.5", totag: false),
        3 => Message("ACK", "sip:441234@203.0.113.5", totag: _chance.Below(2) == 0),
        4 => Message("INVITE", "sip:441234567@203.0.113.5", totag: false),
        5 => Message("INVITE", "sip:441234567@203.0.113.5", totag: true),
        6 => Message(_chance.Below(2) == 0 ? "OPTIONS" : "SUBSCRIBE", "sip:203.0.113.5", totag: _chance.Below(2) == 0),
        7 => Response(),
        _ => Torn(),
    });

    private string Token => $"~{Id:000}~{_chance.NextUInt64():x}";

    private byte[] Message(string method, string uri, bool totag) => Encoding.ASCII.GetBytes(
        $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {Operator.StrangerAddress};branch=z9hG4bK{Token};rport\r\nMax-Forwards: 70\r\n"
        + $"From: <sip:{(_chance.Below(3) == 0 ? Operator.PhoneNumber(0) : "stranger")}@{Operator.StrangerAddress.HostString()}>;tag={Token}\r\nTo: <{uri}>{(totag ? $";tag={TagLikeOurs()}" : "")}\r\n"
        + $"Call-ID: {(_chance.Below(2) == 0 ? "t00" + TagLikeOurs() : Token)}\r\nCSeq: {_chance.Below(1000)} {method}\r\nContact: <sip:s@{Operator.StrangerAddress}>\r\nContent-Length: 0\r\n\r\n");

    // Of the form of the switch's own tags and branches: small slot, some chance.
    private string TagLikeOurs()
    {
        Span<byte> text = stackalloc byte[Primitives.Bytes.Base32.Length];
        Primitives.Bytes.Base32.Write(((ulong)_chance.Below(64) << 40) | (_chance.NextUInt64() >> 24), text);
        return Encoding.ASCII.GetString(text);
    }

    private byte[] Response() => Encoding.ASCII.GetBytes(
        $"SIP/2.0 {(_chance.Below(2) == 0 ? 200 : 100 + _chance.Below(599))} Yes\r\nVia: SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bK{TagLikeOurs()}\r\nFrom: <sip:a@b>;tag={TagLikeOurs()}\r\n"
        + $"To: <sip:c@d>;tag={Token}\r\nCall-ID: t00{TagLikeOurs()}\r\nCSeq: 1 {(_chance.Below(2) == 0 ? "INVITE" : "BYE")}\r\nContent-Length: 0\r\n\r\n");

    private byte[] Noise()
    {
        byte[] bytes = new byte[_chance.Below(1400)];
        _chance.Fill(bytes);
        return bytes;
    }

    private byte[] Torn()
    {
        byte[] whole = Message("INVITE", "sip:441234567@203.0.113.5", totag: false);
        return whole[.._chance.Below(whole.Length)];
    }
}
