using System.Buffers;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Fuzz.Targets;

/// <summary>One via-parm: where an answer goes depends on it.</summary>
internal static class ViaTarget
{
    private static readonly SearchValues<byte> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz"u8);

    private static readonly NetAddress Source = NetAddress.Parse("192.0.2.9:5999");

    public static void Check(ReadOnlySpan<byte> input)
    {
        (byte[] zeros, byte[] grammar) = Surroundings.Place(input);
        Invariant.Holds(TrailOf(zeros.AsSpan(Surroundings.Margin, input.Length)) == TrailOf(grammar.AsSpan(Surroundings.Margin, input.Length)), "the bytes around a via change what it says");
        if (!ViaParm.TryParse(input, out ViaParm via)) return;
        Invariant.Holds(!via.Host.IsEmpty && via.Port is >= 0 and <= 65_535, "a via that leads nowhere");
        if (via.IsSentBy(Source)) Invariant.Holds(!via.Host.ContainsAny(Letters), "a domain name taken for an address");
        if (via.Params.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0 || via.SentBy.IndexOfAny((byte)'\r', (byte)'\n') >= 0) return;

        byte[] room = new byte[input.Length + 32];
        var writer = new SipWriter(room);
        writer.Text("SIP/2.0/"u8);
        writer.Text(via.Transport);
        writer.Text(" "u8);
        writer.Text(via.SentBy);
        writer.Text(via.Params);
        Invariant.Holds(ViaParm.TryParse(writer.Written, out ViaParm again), "a via that does not read back");
        Invariant.Equal(via.Host, again.Host, "another host");
        Invariant.Holds(via.Port == again.Port, "another port");
        Invariant.Equal(via.Params, again.Params, "other parameters");
    }

    private static ulong TrailOf(ReadOnlySpan<byte> value)
    {
        var trail = new Trail();
        if (!ViaParm.TryParse(value, out ViaParm via)) return trail.Value;
        trail.Add(via.Transport);
        trail.Add(via.SentBy);
        trail.Add(via.Host);
        trail.Add(via.Port);
        trail.Add(via.IsSentBy(Source));
        foreach (Parameters each in new Parameters(via.Params))
        {
            trail.Add(each.Name);
            trail.Add(each.Value);
        }
        return trail.Value;
    }
}
