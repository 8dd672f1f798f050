using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Sdp;

/// <summary>
/// A parsed session description (RFC 4566, RFC 8866): the bytes, and where things are in them. One instance is used over and over
/// and allocates nothing per parse; spans are valid while the buffer is. Missing s= and t= lines are tolerated.
/// </summary>
public sealed class SessionDescription
{
    private readonly Line[] _lines = new Line[SdpLimits.Lines];
    private readonly MediaState[] _media = new MediaState[SdpLimits.Media];
    private byte[] _buffer = [];
    private int _offset;
    private int _length;
    private int _lineCount;
    private Line _originId, _originVersion;

    public SdpDefect Defect { get; private set; }

    /// <summary>The text as it was parsed; valid while its buffer is.</summary>
    public ReadOnlySpan<byte> Text => _buffer.AsSpan(_offset, _length);

    /// <summary>Descriptions read so far that had a defect, by the first one. Written by whoever parses.</summary>
    public long[] Defects { get; } = new long[SdpDefects.Count];

    /// <summary>How many m-lines.</summary>
    public int MediaCount { get; private set; }

    /// <summary>The sess-id of the o= line.</summary>
    public ReadOnlySpan<byte> OriginId => Of(_originId);

    /// <summary>The sess-version of the o= line.</summary>
    public ReadOnlySpan<byte> OriginVersion => Of(_originVersion);

    public MediaDescription Media(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)MediaCount, nameof(index));
        return new MediaDescription(this, index);
    }

    /// <summary>The first m-line of audio that can be relayed; -1 when there is none.</summary>
    public int FirstUsableAudio()
    {
        for (int i = 0; i < MediaCount; i++)
        {
            if (Media(i) is { Kind: MediaKind.Audio, IsRelayable: true }) return i;
        }
        return -1;
    }

    /// <summary>The first m-line of any kind that can be relayed, as far as the line itself goes; -1 when there is none.</summary>
    public int FirstRelayable()
    {
        for (int i = 0; i < MediaCount; i++)
        {
            if (Media(i).IsRelayable) return i;
        }
        return -1;
    }

    /// <summary>The first m-line that ends which send media to each other directly may agree on; -1 when there is none.</summary>
    public int FirstPassable()
    {
        for (int i = 0; i < MediaCount; i++)
        {
            if (Media(i).IsPassable) return i;
        }
        return -1;
    }

    /// <summary>Reads the body of a message.</summary>
    public SdpDefect Parse(SipMessage message) => Parse(message.Buffer, message.BodyOffset, message.Body.Length);

    public SdpDefect Parse(byte[] buffer, int offset, int length)
    {
        ReadOnlySpan<byte> s = new(buffer, offset, length);
        _buffer = buffer;
        _offset = offset;
        _length = length;
        _lineCount = 0;
        _originId = _originVersion = default;
        MediaCount = 0;
        Defect = SdpDefect.None;
        Defect = s.Length > SdpLimits.Bytes ? SdpDefect.TooLarge : ReadLines(s);
        if (Defect == SdpDefect.None) Defect = ReadSession();
        if (Defect == SdpDefect.None) return Defect;
        MediaCount = 0;
        Defects[(int)Defect]++;
        return Defect;
    }

    private SdpDefect ReadLines(ReadOnlySpan<byte> s)
    {
        int at = 0;
        while (at < s.Length)
        {
            int step = s[at..].IndexOf((byte)'\n');
            int end = step < 0 ? s.Length : at + step;
            int next = step < 0 ? s.Length : end + 1;
            if (end > at && s[end - 1] == '\r') end--;
            ReadOnlySpan<byte> line = s[at..end];
            if (line.IsEmpty)
            {
                // An empty line may only end the description.
                if (s[next..].ContainsAnyExcept((byte)'\r', (byte)'\n')) return SdpDefect.BadLine;
                break;
            }
            if (line.Length < 2 || line[1] != '=' || line[0] is < (byte)'a' or > (byte)'z' || line.ContainsAny((byte)'\r', (byte)0)) return SdpDefect.BadLine;
            if (_lineCount == SdpLimits.Lines) return SdpDefect.TooManyLines;
            _lines[_lineCount++] = new Line(line[0], (ushort)(at + 2), (ushort)(line.Length - 2));
            at = next;
        }
        return _lineCount == 0 ? SdpDefect.Empty : SdpDefect.None;
    }

    private SdpDefect ReadSession()
    {
        if (_lines[0].Type != 'v' || !Grammar.Trim(Of(_lines[0])).SequenceEqual("0"u8)) return SdpDefect.BadVersion;
        NetAddress connection = default;
        bool hasConnection = false;
        Line connectionLine = default;
        MediaDirection direction = MediaDirection.SendRecv;
        bool hasDirection = false;
        bool hasOrigin = false;
        int at = 1;
        for (; at < _lineCount && _lines[at].Type != 'm'; at++)
        {
            switch (_lines[at].Type)
            {
                case (byte)'o':
                    if (!ReadOrigin(_lines[at])) return SdpDefect.BadOrigin;
                    hasOrigin = true;
                    break;
                case (byte)'c':
                    if (!TryConnection(Of(_lines[at]), out connection)) return SdpDefect.BadConnection;
                    hasConnection = true;
                    connectionLine = _lines[at];
                    break;
                case (byte)'a':
                    hasDirection |= TryDirection(Of(_lines[at]), ref direction);
                    break;
                default:
                    break;
            }
        }
        if (!hasOrigin) return SdpDefect.MissingOrigin;
        while (at < _lineCount)
        {
            if (MediaCount == SdpLimits.Media) return SdpDefect.TooManyMedia;
            ref MediaState media = ref _media[MediaCount];
            media = new MediaState { Remote = connection, HasConnection = hasConnection, Connection = connectionLine, Direction = direction, DirectionStated = hasDirection, FirstLine = at + 1 };
            SdpDefect defect = ReadMediaLine(_lines[at], ref media);
            if (defect != SdpDefect.None) return defect;
            MediaCount++;
            for (at++; at < _lineCount && _lines[at].Type != 'm'; at++)
            {
                if (_lines[at].Type == 'c')
                {
                    if (!TryConnection(Of(_lines[at]), out media.Remote)) return SdpDefect.BadConnection;
                    media.HasConnection = true;
                    media.Connection = _lines[at];
                }
                else if (_lines[at].Type == 'a' && !ReadAttribute(Of(_lines[at]), ref media))
                {
                    return SdpDefect.BadPort;
                }
            }
            media.EndLine = at;
            if (!media.HasConnection && media.Port != 0) return SdpDefect.MissingConnection;
            if (!media.Remote.IsNone) media.Remote = media.Remote.WithPort(media.Port);
        }
        return SdpDefect.None;
    }

    // o=<username> <sess-id> <sess-version> <nettype> <addrtype> <address>
    private bool ReadOrigin(Line line)
    {
        ReadOnlySpan<byte> text = Of(line);
        int start = line.Start;
        Span<Line> fields = stackalloc Line[6];
        int count = 0, at = 0;
        while (at < text.Length)
        {
            int end = text[at..].IndexOf((byte)' ');
            end = end < 0 ? text.Length : at + end;
            if (end > at)
            {
                if (count == 6) return false;
                fields[count++] = new Line(0, (ushort)(start + at), (ushort)(end - at));
            }
            at = end + 1;
        }
        if (count != 6) return false;
        _originId = fields[1];
        _originVersion = fields[2];
        return !OriginId.ContainsAnyExceptInRange((byte)'0', (byte)'9') && !OriginVersion.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    // m=<media> <port>[/<number of ports>] <proto> <fmt> ...
    private SdpDefect ReadMediaLine(Line line, ref MediaState media)
    {
        ReadOnlySpan<byte> text = Of(line);
        if (text.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return SdpDefect.BadMedia;
        int field = 0, at = 0;
        media.PortCount = 1;
        while (at < text.Length)
        {
            int end = text[at..].IndexOf((byte)' ');
            end = end < 0 ? text.Length : at + end;
            if (end == at)
            {
                at++;
                continue;
            }
            ReadOnlySpan<byte> part = text[at..end];
            switch (field)
            {
                case 0:
                    media.Name = new Line(0, (ushort)(line.Start + at), (ushort)part.Length);
                    media.Kind = KindOf(part);
                    break;
                case 1:
                    int slash = part.IndexOf((byte)'/');
                    if (!Grammar.TryNumber(slash < 0 ? part : part[..slash], ushort.MaxValue, out uint port)) return SdpDefect.BadPort;
                    media.Port = (ushort)port;
                    if (slash < 0) break;
                    if (!Grammar.TryNumber(part[(slash + 1)..], ushort.MaxValue, out uint ports) || ports == 0) return SdpDefect.BadPort;
                    media.PortCount = (ushort)ports;
                    break;
                case 2:
                    media.Protocol = new Line(0, (ushort)(line.Start + at), (ushort)part.Length);
                    break;
                case 3:
                    media.Formats = new Line(0, (ushort)(line.Start + at), (ushort)Grammar.Trim(text[at..]).Length);
                    break;
                default:
                    if (field - 3 >= SdpLimits.Formats) return SdpDefect.TooManyFormats;
                    break;
            }
            field++;
            at = end + 1;
        }
        return field < 4 ? SdpDefect.BadMedia : SdpDefect.None;
    }

    private static bool ReadAttribute(ReadOnlySpan<byte> text, ref MediaState media)
    {
        if (TryDirection(text, ref media.Direction))
        {
            media.DirectionStated = true;
            return true;
        }
        int colon = text.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? text : text[..colon];
        ReadOnlySpan<byte> value = colon < 0 ? default : Grammar.Trim(text[(colon + 1)..]);
        if (name.SequenceEqual("rtcp-mux"u8))
        {
            media.RtcpMux = true;
        }
        else if (name.SequenceEqual("ptime"u8))
        {
            if (Grammar.TryNumber(value, 1000, out uint ptime)) media.Ptime = (ushort)ptime;
        }
        else if (name.SequenceEqual("rtcp"u8))
        {
            int space = value.IndexOf((byte)' ');
            if (!Grammar.TryNumber(space < 0 ? value : value[..space], ushort.MaxValue, out uint port)) return false;
            media.RtcpPort = (ushort)port;
        }
        return true;
    }

    // c=IN IP4 192.0.2.1[/ttl[/count]]. A host name is no address: the remote stays unknown.
    private static bool TryConnection(ReadOnlySpan<byte> text, out NetAddress address)
    {
        address = default;
        text = Grammar.Trim(text);
        if (!text.StartsWith("IN IP4 "u8) && !text.StartsWith("IN IP6 "u8)) return false;
        ReadOnlySpan<byte> host = Grammar.Trim(text[7..]);
        int slash = host.IndexOf((byte)'/');
        if (slash >= 0) host = host[..slash];
        if (host.IsEmpty || Grammar.ContainsLws(host)) return false;
        // "c=IN IP4 0.0.0.0" with port 0 would be the default value, none: the port is set right after.
        if (!NetAddress.TryParseHost(host, 1, out address)) return true;
        return text[5] == '6' || !address.IsV6; // a mapped IPv4 address under IP6 is held as IPv4
    }

    private static bool TryDirection(ReadOnlySpan<byte> attribute, ref MediaDirection direction)
    {
        MediaDirection? stated = attribute.Length switch
        {
            8 when attribute.SequenceEqual("sendrecv"u8) => MediaDirection.SendRecv,
            8 when attribute.SequenceEqual("sendonly"u8) => MediaDirection.SendOnly,
            8 when attribute.SequenceEqual("recvonly"u8) => MediaDirection.RecvOnly,
            8 when attribute.SequenceEqual("inactive"u8) => MediaDirection.Inactive,
            _ => null,
        };
        if (stated is not { } way) return false;
        direction = way;
        return true;
    }

    private static MediaKind KindOf(ReadOnlySpan<byte> name)
    {
        if (Ascii.EqualsIgnoreCase(name, "audio"u8)) return MediaKind.Audio;
        if (Ascii.EqualsIgnoreCase(name, "video"u8)) return MediaKind.Video;
        if (Ascii.EqualsIgnoreCase(name, "image"u8)) return MediaKind.Image;
        if (Ascii.EqualsIgnoreCase(name, "text"u8)) return MediaKind.Text;
        if (Ascii.EqualsIgnoreCase(name, "application"u8)) return MediaKind.Application;
        return Ascii.EqualsIgnoreCase(name, "message"u8) ? MediaKind.Message : MediaKind.Other;
    }

    internal ReadOnlySpan<byte> Of(Line line) => _buffer.AsSpan(_offset + line.Start, line.Length);

    internal ref readonly Line LineAt(int index) => ref _lines[index];

    internal ref readonly MediaState StateOf(int index) => ref _media[index];

    // A line's value, or a part of one.
    internal readonly record struct Line(byte Type, ushort Start, ushort Length);

    internal struct MediaState
    {
        public Line Name, Protocol, Formats, Connection;
        public NetAddress Remote;
        public int FirstLine, EndLine;
        public ushort Port, PortCount, RtcpPort, Ptime;
        public MediaKind Kind;
        public MediaDirection Direction;
        public bool DirectionStated, HasConnection, RtcpMux;
    }
}
