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

/// <summary>Reads Replaces (RFC 3891).</summary>
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

    /// <summary>The header's value, unescaped. False: it is none, or names a tag twice or not at all (RFC 3891 §6.1).</summary>
    internal static bool TryRead(ReadOnlySpan<byte> value, out ReplacedNames names)
    {
        ReadOnlySpan<byte> ours = default, theirs = default;
        bool earlyOnly = false;
        names = default;
        if (value.Contains((byte)',')) return false; // two of them
        int end = value.IndexOf((byte)';');
        ReadOnlySpan<byte> callId = end < 0 ? default : value[..end].Trim(" \t"u8);
        while (end >= 0)
        {
            value = value[(end + 1)..];
            end = value.IndexOf((byte)';');
            ReadOnlySpan<byte> parameter = (end < 0 ? value : value[..end]).Trim(" \t"u8);
            int equals = parameter.IndexOf((byte)'=');
            ReadOnlySpan<byte> name = equals < 0 ? parameter : parameter[..equals].TrimEnd(" \t"u8);
            ReadOnlySpan<byte> text = equals < 0 ? default : parameter[(equals + 1)..].TrimStart(" \t"u8);
            if (Ascii.EqualsIgnoreCase(name, "to-tag"u8))
            {
                if (!ours.IsEmpty) return false;
                ours = text;
            }
            else if (Ascii.EqualsIgnoreCase(name, "from-tag"u8))
            {
                if (!theirs.IsEmpty) return false;
                theirs = text;
            }
            else
            {
                earlyOnly |= Ascii.EqualsIgnoreCase(name, "early-only"u8);
            }
        }
        names = new ReplacedNames(callId, ours, theirs, earlyOnly);
        return !callId.IsEmpty && !ours.IsEmpty && !theirs.IsEmpty;
    }
}

/// <summary>The dialog a Replaces names, as its reader has it: to-tag is the reader's own.</summary>
internal readonly ref struct ReplacedNames(ReadOnlySpan<byte> callId, ReadOnlySpan<byte> ours, ReadOnlySpan<byte> theirs, bool earlyOnly)
{
    internal ReadOnlySpan<byte> CallId { get; } = callId;

    internal ReadOnlySpan<byte> Ours { get; } = ours;

    internal ReadOnlySpan<byte> Theirs { get; } = theirs;

    /// <summary>Not once it is answered.</summary>
    internal bool EarlyOnly { get; } = earlyOnly;
}
