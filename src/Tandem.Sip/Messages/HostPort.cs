using System.Buffers;

namespace Tandem.Sip.Messages;

/// <summary>host [":" port] as in URIs and vias (RFC 3261 §25.1).</summary>
internal static class HostPort
{
    // Underscores occur in host names of real gateways.
    private static readonly SearchValues<byte> HostBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"u8);

    private static readonly SearchValues<byte> V6Bytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <param name="text">Trimmed; white space is allowed around the colon only.</param>
    /// <param name="host">IPv6 keeps its brackets.</param>
    /// <param name="port">1 to 65,535, or 0 when absent.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> host, out int port)
    {
        host = default;
        port = 0;
        if (text.IsEmpty) return false;
        int end;
        if (text[0] == '[')
        {
            end = text.IndexOf((byte)']') + 1;
            if (end < 4 || text[1..(end - 1)].ContainsAnyExcept(V6Bytes)) return false;
        }
        else
        {
            end = text.IndexOfAnyExcept(HostBytes);
            if (end < 0) end = text.Length;
            if (end == 0) return false;
        }
        host = text[..end];
        if (end == text.Length) return true;
        ReadOnlySpan<byte> rest = Grammar.TrimStart(text[end..]);
        if (rest.IsEmpty) return true;
        if (rest[0] != ':' || !Grammar.TryNumber(Grammar.Trim(rest[1..]), ushort.MaxValue, out uint number) || number == 0) return false;
        port = (int)number;
        return true;
    }
}
