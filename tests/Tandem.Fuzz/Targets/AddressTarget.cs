using Tandem.Sip.Messages;

namespace Tandem.Fuzz.Targets;

/// <summary>From, To, Contact and their like: name, URI and parameters.</summary>
internal static class AddressTarget
{
    public static void Check(ReadOnlySpan<byte> input)
    {
        (byte[] zeros, byte[] grammar) = Surroundings.Place(input);
        Invariant.Holds(TrailOf(zeros.AsSpan(Surroundings.Margin, input.Length)) == TrailOf(grammar.AsSpan(Surroundings.Margin, input.Length)), "the bytes around an address change what it says");
        if (!NameAddress.TryParse(input, out NameAddress address)) return;
        Invariant.Holds(!address.Uri.IsEmpty && !address.Uri.ContainsAny((byte)'<', (byte)'>'), "an address without its URI");

        // In the canonical form it is the same address.
        byte[] room = new byte[input.Length + 16];
        var writer = new SipWriter(room);
        if (!address.DisplayName.IsEmpty && input.TrimStart(" \t\r\n"u8)[0] == '"')
        {
            writer.Text("\""u8);
            writer.Text(address.DisplayName);
            writer.Text("\" "u8);
        }
        writer.Text("<"u8);
        writer.Text(address.Uri);
        writer.Text(">"u8);
        writer.Text(address.Params);
        if (address.Uri.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0 || address.Params.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0) return;
        Invariant.Holds(NameAddress.TryParse(writer.Written, out NameAddress again), "an address that does not read back");
        Invariant.Equal(address.Uri, again.Uri, "another URI");
        Invariant.Equal(address.Params, again.Params, "other parameters");
    }

    private static ulong TrailOf(ReadOnlySpan<byte> value)
    {
        var trail = new Trail();
        if (!NameAddress.TryParse(value, out NameAddress address)) return trail.Value;
        trail.Add(address.DisplayName);
        trail.Add(address.Uri);
        foreach (Parameters each in new Parameters(address.Params))
        {
            trail.Add(each.Name);
            trail.Add(each.Value);
        }
        if (address.TryGetParam("tag"u8, out ReadOnlySpan<byte> tag)) trail.Add(tag);
        return trail.Value;
    }
}
