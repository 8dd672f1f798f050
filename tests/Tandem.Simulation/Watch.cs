using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Simulation;

/// <summary>Looks at every message the switch sends: our own parser must take it, and nothing of one peer may show to another.</summary>
internal static class Watch
{
    private static readonly SipMessage Parsed = new();

    public static void Message(World world, in NetAddress to, byte[] bytes)
    {
        SipDefect defect;
        lock (Parsed) defect = Parsed.Parse(bytes, 0, bytes.Length);
        bool corrupting = world.Plan.Network.Corrupt > 0;
        // What a broken router made of a peer's header may come back to that peer as it was.
        if (defect != SipDefect.None && !corrupting) world.Fail($"the switch sends what its own parser refuses ({defect}): {Encoding.Latin1.GetString(bytes)}");
        if (corrupting) return;
        int owner = OwnerOf(to);
        if (owner < 0) world.Fail($"the switch sends to {to}, where nobody lives");
        ReadOnlySpan<byte> rest = bytes;
        while (rest.IndexOf((byte)'~') is >= 0 and int at)
        {
            rest = rest[(at + 1)..];
            if (rest.Length > 3 && rest[3] == '~' && int.TryParse(rest[..3], out int mark) && mark != owner) Shown(world, to, mark, bytes);
        }
        rest = bytes;
        while (rest.IndexOf("198.18."u8) is >= 0 and int at)
        {
            rest = rest[(at + 7)..];
            int end = rest.IndexOf((byte)'.');
            // Where media is direct, its address is what an end may know of the other, and nothing else.
            bool media = world.MayBeDirect && bytes.AsSpan(..(bytes.Length - rest.Length - 7)).EndsWith("c=IN IP4 "u8);
            if (end > 0 && int.TryParse(rest[..end], out int host) && host != owner && !media) Shown(world, to, host, bytes);
        }
    }

    /// <summary>Peers live at 198.18.ID.9.</summary>
    public static int OwnerOf(in NetAddress address) => address.V4Bits >> 16 == 0xC612 && (address.V4Bits & 0xff) == 9 ? (int)(address.V4Bits >> 8) & 0xff : -1;

    private static void Shown(World world, in NetAddress to, int mark, byte[] bytes) =>
        world.Fail($"something of peer {mark} shows in a message to {to}: {Encoding.Latin1.GetString(bytes)}");
}
