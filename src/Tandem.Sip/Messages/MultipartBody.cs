using System.Text;

namespace Tandem.Sip.Messages;

/// <summary>
/// Finds the session description in a multipart body (RFC 2046 §5.1, RFC 5621): SDP beside ISUP (RFC 3204), PIDF-LO and their like.
/// No multipart within a multipart is looked into. Two session descriptions are none: it would be open which one counts.
/// </summary>
internal static class MultipartBody
{
    // RFC 2046 §5.1.1.
    private const int MaxBoundary = 70;

    public static bool IsMultipart(ReadOnlySpan<byte> contentType) => contentType.Length > 10 && Ascii.EqualsIgnoreCase(contentType[..10], "multipart/"u8);

    /// <param name="contentType">The value of the message's Content-Type.</param>
    /// <param name="body">The message's body.</param>
    /// <param name="type">Content-Type of the part, as written in it.</param>
    /// <param name="sdp">The part's content; where in <paramref name="body"/> follows from it.</param>
    /// <param name="beyond">The limit that it exceeds; None for a body within them, whatever is in it.</param>
    public static bool TryFindSdp(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> sdp, out SipDefect beyond)
    {
        type = sdp = default;
        beyond = SipDefect.None;
        if (!TryBoundary(contentType, out ReadOnlySpan<byte> boundary) || !TrySkipDelimiter(body, boundary, out bool closed, out _, out ReadOnlySpan<byte> rest)) return false;
        bool found = false;
        for (int part = 0; !closed; part++)
        {
            // A body that is cut short, or goes on after so many parts, is not read at all.
            if (part == SipLimits.Parts) beyond = SipDefect.TooManyParts;
            if (beyond != SipDefect.None || !TrySkipDelimiter(rest, boundary, out closed, out ReadOnlySpan<byte> whole, out rest)) return false;
            if (!IsSdp(whole, out ReadOnlySpan<byte> partType, out ReadOnlySpan<byte> content, ref beyond)) continue;
            if (found) return false;
            found = true;
            type = partType;
            sdp = content;
        }
        return found;
    }

    private static bool TryBoundary(ReadOnlySpan<byte> contentType, out ReadOnlySpan<byte> boundary)
    {
        boundary = default;
        int semicolon = contentType.IndexOf((byte)';');
        if (semicolon < 0 || !Parameters.TryGet(contentType[semicolon..], "boundary"u8, out boundary)) return false;
        if (boundary.Length > 1 && boundary[0] == '"' && boundary[^1] == '"') boundary = boundary[1..^1];
        return boundary.Length is > 0 and <= MaxBoundary && !boundary.ContainsAny("\"\\\r\n\0"u8);
    }

    /// <summary>Goes behind the next delimiter line: what stood before it, without the line end that belongs to the delimiter, and whether it was the last.</summary>
    private static bool TrySkipDelimiter(ReadOnlySpan<byte> body, scoped ReadOnlySpan<byte> boundary, out bool closed, out ReadOnlySpan<byte> before, out ReadOnlySpan<byte> after)
    {
        closed = false;
        before = after = default;
        int from = 0;
        while (true)
        {
            int dashes = body[from..].IndexOf("--"u8);
            if (dashes < 0) return false;
            int at = from + dashes;
            from = at + 1;
            if (at > 0 && body[at - 1] != '\n') continue;
            ReadOnlySpan<byte> rest = body[(at + 2)..];
            if (!rest.StartsWith(boundary)) continue;
            rest = rest[boundary.Length..];
            bool last = rest.StartsWith("--"u8);
            if (last) rest = rest[2..];
            int lineEnd = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> padding = lineEnd < 0 ? rest : rest[..lineEnd];
            if (!Grammar.Trim(padding).IsEmpty || (lineEnd < 0 && !last)) continue; // a longer boundary that begins the same
            int end = at;
            if (end > 0) end--;
            if (end > 0 && body[end - 1] == '\r') end--;
            before = body[..end];
            closed = last;
            after = lineEnd < 0 ? default : rest[(lineEnd + 1)..];
            return true;
        }
    }

    private static bool IsSdp(ReadOnlySpan<byte> part, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> content, scoped ref SipDefect beyond)
    {
        type = content = default;
        int head = 0;
        while (true)
        {
            int lineEnd = part[head..].IndexOf((byte)'\n');
            if (lineEnd < 0) return false;
            if (head + lineEnd >= SipLimits.PartHeadBytes)
            {
                beyond = SipDefect.PartHeadTooLong;
                return false;
            }
            ReadOnlySpan<byte> line = Grammar.Trim(part.Slice(head, lineEnd));
            head += lineEnd + 1;
            if (line.IsEmpty) break;
            int colon = line.IndexOf((byte)':');
            if (colon <= 0) return false;
            ReadOnlySpan<byte> name = Grammar.Trim(line[..colon]), value = Grammar.Trim(line[(colon + 1)..]);
            if (HeaderNames.Of(name) == HeaderName.ContentType)
            {
                if (!type.IsEmpty) return false;
                type = value;
            }
            else if (Ascii.EqualsIgnoreCase(name, "Content-Disposition"u8) && !Is(value, "session"u8)) return false; // RFC 3959: early-session is another session
            else if (Ascii.EqualsIgnoreCase(name, "Content-Transfer-Encoding"u8) && !Is(value, "7bit"u8) && !Is(value, "8bit"u8) && !Is(value, "binary"u8)) return false;
        }
        content = part[head..];
        return Is(type, "application/sdp"u8);
    }

    private static bool Is(ReadOnlySpan<byte> value, ReadOnlySpan<byte> word)
    {
        int semicolon = value.IndexOf((byte)';');
        return Ascii.EqualsIgnoreCase(Grammar.Trim(semicolon < 0 ? value : value[..semicolon]), word);
    }
}
