using System.Text;

namespace Tandem.Sip.Messages;

/// <summary>Finds the Call-ID of a datagram and nothing else: what the dispatcher needs to hand it to the shard that owns the call.</summary>
public static class CallIdScan
{
    /// <summary>The value, trimmed, or empty. Looks at the first Call-ID line, full or compact; the shard's parser judges the rest.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> datagram)
    {
        ReadOnlySpan<byte> rest = datagram;
        bool started = false;
        while (true)
        {
            int lineEnd = rest.IndexOf((byte)'\n');
            if (lineEnd < 0 || lineEnd + 1 >= rest.Length) return default;
            started = started || !Grammar.Trim(rest[..lineEnd]).IsEmpty;
            rest = rest[(lineEnd + 1)..];
            int nameLength = (rest[0] | 0x20) switch
            {
                'c' when rest.Length > 7 && Ascii.EqualsIgnoreCase(rest[..7], "Call-ID"u8) => 7,
                'i' => 1,
                _ => 0,
            };
            if (nameLength == 0)
            {
                // The empty line: headers are over. Line ends before the start line are not it.
                if (started && rest[0] is (byte)'\r' or (byte)'\n') return default;
                continue;
            }
            ReadOnlySpan<byte> line = rest[nameLength..];
            int at = 0;
            while (at < line.Length && Grammar.IsLws(line[at])) at++; // the colon too may stand on a folded line
            if (at == line.Length || line[at] != ':') continue;
            // The value may stand on a folded line of its own.
            line = Grammar.TrimStart(line[(at + 1)..]);
            int end = line.IndexOfAny(" \t\r\n"u8);
            return end < 0 ? default : line[..end];
        }
    }
}
