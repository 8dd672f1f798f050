using System.Buffers.Binary;
using System.Net;
using Tandem.Primitives.Bytes;

namespace Tandem.Primitives;

/// <summary>An IP address and port as a value: 18 bytes of meaning, no allocation. IPv4 is held as such, never mapped.</summary>
public readonly record struct NetAddress
{
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ushort _port;
    private readonly bool _isV6;

    private NetAddress(ulong high, ulong low, bool isV6, ushort port)
    {
        _high = high;
        _low = low;
        _isV6 = isV6;
        _port = port;
    }

    /// <summary>No address: the default value.</summary>
    public bool IsNone => this == default;

    public bool IsV6 => _isV6;

    public int Port => _port;

    /// <summary>IPv4 as host-order integer; meaningless for IPv6.</summary>
    public uint V4Bits => (uint)_low;

    public static NetAddress V4(uint hostOrderBits, int port) => new(0, hostOrderBits, isV6: false, (ushort)port);

    public static NetAddress V6(ReadOnlySpan<byte> sixteenBytes, int port)
    {
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(sixteenBytes);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(sixteenBytes[8..]);
        return high == 0 && low >> 32 == 0xffff ? V4((uint)low, port) : new NetAddress(high, low, isV6: true, (ushort)port);
    }

    public static NetAddress From(IPEndPoint endPoint) => From(endPoint.Address, endPoint.Port);

    public static NetAddress From(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        return written == 4 ? V4(BinaryPrimitives.ReadUInt32BigEndian(bytes), port) : V6(bytes, port);
    }

    public NetAddress WithPort(int port) => new(_high, _low, _isV6, (ushort)port);

    public bool SameHost(in NetAddress other) => _high == other._high && _low == other._low && _isV6 == other._isV6;

    /// <summary>127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => _isV6 ? _high == 0 && _low == 1 : V4Bits >> 24 == 127;

    /// <summary>0.0.0.0 or ::.</summary>
    public bool IsAny => _high == 0 && _low == 0;

    /// <summary>Writes the 16 address bytes in network order (IPv4 in the last four).</summary>
    public void WriteAddressBytes(Span<byte> sixteen)
    {
        BinaryPrimitives.WriteUInt64BigEndian(sixteen, _high);
        BinaryPrimitives.WriteUInt64BigEndian(sixteen[8..], _low);
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteAddressBytes(bytes);
        return _isV6 ? new IPAddress(bytes) : new IPAddress(bytes[12..]);
    }

    public IPEndPoint ToIPEndPoint() => new(ToIPAddress(), _port);

    /// <summary>Reads "192.0.2.1", "192.0.2.1:5060", "2001:db8::1", "[2001:db8::1]:5060". Host names are not addresses.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, int defaultPort, out NetAddress value)
    {
        value = default;
        int port = defaultPort;
        ReadOnlySpan<char> host = text;
        if (text.Length > 0 && text[0] == '[')
        {
            int close = text.IndexOf(']');
            if (close < 0) return false;
            host = text[1..close];
            ReadOnlySpan<char> rest = text[(close + 1)..];
            if (rest.Length > 0 && (rest[0] != ':' || !TryParsePort(rest[1..], out port))) return false;
            if (!host.Contains(':')) return false;
        }
        else if (text.Count(':') == 1)
        {
            int colon = text.IndexOf(':');
            host = text[..colon];
            if (!TryParsePort(text[(colon + 1)..], out port)) return false;
        }
        if (host.Contains('%') || !IPAddress.TryParse(host, out IPAddress? address)) return false;
        if (!host.Contains(':') && host.Count('.') != 3) return false; // "1.2" is an address to inet_aton, not to an operator
        value = From(address, port);
        return true;
    }

    /// <summary>The same from received bytes, without the port; no allocation for IPv4.</summary>
    public static bool TryParseHost(ReadOnlySpan<byte> host, int port, out NetAddress value)
    {
        value = default;
        if (host.Length is 0 or > 47) return false;
        if (host[0] == '[' && host[^1] == ']') host = host[1..^1];
        if (!host.Contains((byte)':')) return TryParseV4(host, port, out value);
        Span<char> chars = stackalloc char[47];
        for (int i = 0; i < host.Length; i++) chars[i] = (char)host[i];
        if (host.Contains((byte)'%') || !IPAddress.TryParse(chars[..host.Length], out IPAddress? address)) return false;
        value = From(address, port);
        return true;
    }

    public static NetAddress Parse(string text, int defaultPort = 0) =>
        TryParse(text, defaultPort, out NetAddress v) ? v : throw new FormatException($"'{text}' is no address: 192.0.2.1:5060 or [2001:db8::1]:5060 is needed.");

    /// <summary>Writes the host alone; IPv6 in brackets when <paramref name="bracketed"/>. Returns the bytes written (at most 41).</summary>
    public int FormatHost(Span<byte> destination, bool bracketed)
    {
        if (!_isV6)
        {
            int at = 0;
            for (int shift = 24; shift >= 0; shift -= 8)
            {
                ((int)(V4Bits >> shift) & 0xff).TryFormat(destination[at..], out int n);
                at += n;
                if (shift > 0) destination[at++] = (byte)'.';
            }
            return at;
        }
        int start = 0;
        if (bracketed) destination[start++] = (byte)'[';
        Span<byte> bytes = stackalloc byte[16];
        WriteAddressBytes(bytes);
        new IPAddress(bytes).TryFormat(destination[start..], out int written);
        start += written;
        if (bracketed) destination[start++] = (byte)']';
        return start;
    }

    /// <summary>The host without port or brackets, as CDRs and messages show it.</summary>
    public string HostString()
    {
        Span<byte> text = stackalloc byte[48];
        return System.Text.Encoding.ASCII.GetString(text[..FormatHost(text, bracketed: false)]);
    }

    public override string ToString()
    {
        if (IsNone) return "none";
        var text = new ByteWriter(stackalloc byte[48]);
        text.HostPort(this);
        return System.Text.Encoding.ASCII.GetString(text.Written);
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out port) && port <= 65535;

    private static bool TryParseV4(ReadOnlySpan<byte> host, int port, out NetAddress value)
    {
        value = default;
        uint bits = 0;
        int part = -1, dots = 0;
        foreach (byte b in host)
        {
            if (b is >= (byte)'0' and <= (byte)'9')
            {
                part = ((part < 0 ? 0 : part) * 10) + (b - '0');
                if (part > 255) return false;
            }
            else if (b == '.' && part >= 0 && dots < 3)
            {
                bits = (bits << 8) | (uint)part;
                part = -1;
                dots++;
            }
            else
            {
                return false;
            }
        }
        if (dots != 3 || part < 0) return false;
        value = V4((bits << 8) | (uint)part, port);
        return true;
    }
}
