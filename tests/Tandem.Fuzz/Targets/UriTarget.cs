using System.Buffers;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Fuzz.Targets;

/// <summary>sip:, sips: and tel: URIs, and the number in them.</summary>
internal static class UriTarget
{
    private static readonly SearchValues<byte> HostEnds = SearchValues.Create("@;?<>\" \r\n"u8);

    public static void Check(ReadOnlySpan<byte> input)
    {
        (byte[] zeros, byte[] grammar) = Surroundings.Place(input);
        Invariant.Holds(TrailOf(zeros.AsSpan(Surroundings.Margin, input.Length)) == TrailOf(grammar.AsSpan(Surroundings.Margin, input.Length)), "the bytes around a URI change what it says");
        if (!SipUri.TryParse(input, out SipUri uri) || uri.Scheme == UriScheme.Other) return;
        Invariant.Holds(uri.User.IndexOfAny((byte)'@', (byte)';') < 0, "a user part that holds its own end");
        Invariant.Holds(uri.Host.IndexOfAny(HostEnds) < 0, "a host that holds its own end");
        Invariant.Holds(uri.Scheme == UriScheme.Tel ? uri.Host.IsEmpty && !uri.User.IsEmpty : !uri.Host.IsEmpty, "a URI that names nobody");
        Invariant.Holds(uri.Port is >= 0 and <= 65_535, "a port that is none");
        if (uri.TryGetDialString(out DialString number)) Invariant.Holds(DialString.TryParse(number.ToString(), out DialString again) && again == number, "a number that does not read back");
        if (uri.Scheme == UriScheme.Tel) return;

        // Put together from its parts it is the same URI.
        Span<byte> room = input.Length < 4096 ? stackalloc byte[4608] : new byte[input.Length + 512];
        var writer = new SipWriter(room);
        writer.Text(uri.Scheme == UriScheme.Sips ? "sips:"u8 : "sip:"u8);
        if (!uri.User.IsEmpty)
        {
            writer.Text(uri.User);
            if (!uri.UserParams.IsEmpty)
            {
                writer.Text((byte)';');
                writer.Text(uri.UserParams);
            }
            writer.Text((byte)'@');
        }
        writer.Text(uri.Host);
        if (uri.Port != 0)
        {
            writer.Text((byte)':');
            writer.Decimal(uri.Port);
        }
        writer.Text(uri.Params);
        if (uri.Params.Contains((byte)0)) return; // the writer makes a space of it, which no URI holds
        if (uri.User.Contains((byte)0) || uri.UserParams.Contains((byte)0)) return;
        Invariant.Holds(SipUri.TryParse(writer.Written, out SipUri second), "a URI that does not read back");
        Invariant.Equal(uri.User, second.User, "another user");
        Invariant.Equal(uri.Host, second.Host, "another host");
        Invariant.Equal(uri.Params, second.Params, "other parameters");
        Invariant.Holds(uri.Port == second.Port, "another port");
    }

    private static ulong TrailOf(ReadOnlySpan<byte> value)
    {
        var trail = new Trail();
        if (!SipUri.TryParse(value, out SipUri uri)) return trail.Value;
        trail.Add((long)uri.Scheme);
        trail.Add(uri.User);
        trail.Add(uri.UserParams);
        trail.Add(uri.Host);
        trail.Add(uri.Port);
        trail.Add(uri.Params);
        trail.Add(uri.Headers);
        if (uri.TryGetDialString(out DialString number)) trail.Add(number.GetHashCode());
        foreach (Parameters each in new Parameters(uri.Params))
        {
            trail.Add(each.Name);
            trail.Add(each.Value);
        }
        if (uri.TryGetParam("transport"u8, out ReadOnlySpan<byte> transport)) trail.Add(transport);
        return trail.Value;
    }
}
