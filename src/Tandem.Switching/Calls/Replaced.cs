using System.Text;

namespace Tandem.Switching.Calls;

/// <summary>The Replaces of a Refer-To URI, still escaped.</summary>
internal readonly ref struct ReplacedDialog(ReadOnlySpan<byte> escaped)
{
    internal const int MaxBytes = 1024;

    private readonly ReadOnlySpan<byte> _escaped = escaped;

    /// <summary>Empty when it is too long or badly escaped.</summary>
    internal ReadOnlySpan<byte> Unescape(Span<byte> room)
    {
        int length = 0;
        for (int i = 0; i < _escaped.Length; i++)
        {
            if (length == room.Length) return [];
            byte b = _escaped[i];
            if (b == '%')
            {
                if (i + 2 >= _escaped.Length || !System.Buffers.Text.Utf8Parser.TryParse(_escaped.Slice(i + 1, 2), out b, out int read, 'x') || read != 2) return [];
                i += 2;
            }
            room[length++] = b;
        }
        return room[..length];
    }
}

/// <summary>Replaces (RFC 3891): Call-ID, and both tags as its reader has them.</summary>
internal static class Replaced
{
    /// <summary>Looks for Replaces among the header fields of a URI. False: there are others, which are not for us to send (RFC 3261 §19.1.5).</summary>
    internal static bool TryFind(ReadOnlySpan<byte> headers, out bool wanted, out ReplacedDialog replaced)
    {
        wanted = false;
        replaced = default;
        while (!headers.IsEmpty)
        {
            int end = headers.IndexOf((byte)'&');
            ReadOnlySpan<byte> header = end < 0 ? headers : headers[..end];
            headers = end < 0 ? default : headers[(end + 1)..];
            int equals = header.IndexOf((byte)'=');
            if (equals < 0) return false;
            if (!Ascii.EqualsIgnoreCase(header[..equals], "Replaces"u8)) continue;
            if (wanted) return false;
            wanted = true;
            replaced = new ReplacedDialog(header[(equals + 1)..]);
        }
        return true;
    }

    /// <param name="value">The header's value, unescaped.</param>
    /// <param name="callId">The dialog's.</param>
    /// <param name="ours">to-tag: of whoever is asked to replace.</param>
    /// <param name="theirs">from-tag.</param>
    internal static bool TryRead(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> callId, out ReadOnlySpan<byte> ours, out ReadOnlySpan<byte> theirs)
    {
        ours = theirs = default;
        int end = value.IndexOf((byte)';');
        callId = end < 0 ? default : value[..end].Trim((byte)' ');
        while (end >= 0)
        {
            value = value[(end + 1)..];
            end = value.IndexOf((byte)';');
            ReadOnlySpan<byte> parameter = (end < 0 ? value : value[..end]).Trim((byte)' ');
            if (parameter.StartsWith("to-tag="u8)) ours = parameter[7..];
            else if (parameter.StartsWith("from-tag="u8)) theirs = parameter[9..];
        }
        return !callId.IsEmpty && !ours.IsEmpty && !theirs.IsEmpty;
    }
}
