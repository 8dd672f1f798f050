using System.Text;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Transports;

/// <summary>What stands at the beginning of the bytes a stream has brought so far.</summary>
public enum Frame : byte
{
    /// <summary>Not yet a whole message.</summary>
    Incomplete,
    Message,

    /// <summary>Two line ends: the peer asks whether the connection lives, and is answered with one (RFC 5626 §3.5.1).</summary>
    Ping,

    /// <summary>Nothing that follows can be understood: the connection is to be closed.</summary>
    Broken,
}

/// <summary>
/// Cuts a stream into SIP messages by Content-Length (RFC 3261 §18.3), whatever pieces it comes in. One for each connection: it remembers how far
/// it has looked, so that a message that comes byte by byte is looked at once. It judges no more than it must to find the end;
/// the parser judges the message.
/// </summary>
public struct StreamFramer
{
    /// <summary>Start line and headers of one message, bytes.</summary>
    public const int MostHead = 32_768;

    /// <summary>The body of one message, bytes; head and body together fit what the parser takes.</summary>
    public const int MostBody = SipLimits.MessageBytes - MostHead;

    private int _looked;
    private int _whole;

    /// <param name="bytes">All that came and was not yet taken; the same again with more behind it after <see cref="Frame.Incomplete"/>.</param>
    /// <param name="skip">Line ends before the message: to be taken and thrown away in any case.</param>
    /// <param name="length">Of what was found, behind them; to be taken.</param>
    public Frame Next(ReadOnlySpan<byte> bytes, out int skip, out int length)
    {
        length = 0;
        skip = 0;
        if (_looked == 0 && _whole == 0 && LineEnds(bytes, out skip) is { } found)
        {
            if (found == Frame.Ping) length = 4;
            return found;
        }
        ReadOnlySpan<byte> message = bytes[skip..];
        if (_whole == 0 && !TryFindEnd(message)) return _whole < 0 ? Frame.Broken : Frame.Incomplete;
        if (message.Length < _whole) return Frame.Incomplete;
        length = _whole;
        _looked = _whole = 0;
        return Frame.Message;
    }

    // Between messages (RFC 3261 §7.5). Null: a message begins at skip.
    private static Frame? LineEnds(ReadOnlySpan<byte> bytes, out int skip)
    {
        skip = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = bytes[skip..];
            if (rest.IsEmpty) return Frame.Incomplete;
            if (rest.StartsWith("\r\n\r\n"u8)) return Frame.Ping;
            if ("\r\n\r\n"u8.StartsWith(rest)) return Frame.Incomplete;
            if (rest[0] is not ((byte)'\r' or (byte)'\n')) return char.IsAsciiLetterOrDigit((char)rest[0]) ? null : Frame.Broken;
            skip += rest.StartsWith("\r\n"u8) ? 2 : 1;
        }
    }

    // The empty line, and the body's length in what is before it. _whole: the message's length, -1 when it has no sensible one.
    private bool TryFindEnd(ReadOnlySpan<byte> message)
    {
        while (true)
        {
            int at = message[_looked..].IndexOf((byte)'\n');
            if (at < 0) break;
            int line = _looked + at + 1;
            if (line >= message.Length) break; // what the next line begins with decides
            if (message[line] == '\r' && line + 1 >= message.Length) break;
            _looked = line;
            int empty = message[line] == '\n' ? 1 : message[line] == '\r' && message[line + 1] == '\n' ? 2 : 0;
            if (empty == 0) continue;
            int head = line + empty;
            _whole = head <= MostHead && TryReadLength(message[..head], out int body) ? head + body : -1;
            return _whole > 0;
        }
        if (message.Length > MostHead) _whole = -1;
        return false;
    }

    // False for a length that is no number, too large, or said twice and differently. Without one there is no body.
    private static bool TryReadLength(ReadOnlySpan<byte> head, out int length)
    {
        length = 0;
        bool said = false;
        while (true)
        {
            int end = head.IndexOf((byte)'\n');
            if (end < 0 || end + 1 >= head.Length) return true;
            head = head[(end + 1)..];
            int name = LengthName(head);
            if (name == 0) continue;
            ReadOnlySpan<byte> value = head[name..];
            int colon = 0;
            while (colon < value.Length && value[colon] is (byte)' ' or (byte)'\t') colon++;
            if (colon >= value.Length || value[colon] != ':') continue;
            value = Grammar.TrimStart(value[(colon + 1)..]); // the number may stand on a folded line
            int digits = value.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits <= 0 || !Grammar.IsLws(value[digits]) || !Grammar.TryNumber(value[..digits], MostBody, out uint number)) return false;
            if (said && number != length) return false;
            length = (int)number;
            said = true;
        }
    }

    private static int LengthName(ReadOnlySpan<byte> line) => (line[0] | 0x20) switch
    {
        'l' => 1,
        'c' when line.Length > 14 && Ascii.EqualsIgnoreCase(line[..14], "Content-Length"u8) => 14,
        _ => 0,
    };
}
