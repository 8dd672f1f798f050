using System.Buffers.Text;
using System.Text;
using Tandem.Media.Dtmf;
using Tandem.Primitives.Bytes;

namespace Tandem.Switching.Audio;

/// <summary>A key in the body of an INFO: application/dtmf-relay ("Signal=5", "Duration=160") and application/dtmf ("5"). No RFC says so; gateways of all makes do.</summary>
public static class InfoKey
{
    private const int Usual = 160;

    public static ReadOnlySpan<byte> RelayType => "application/dtmf-relay"u8;

    /// <summary>False: the body is none of the two, or no key.</summary>
    public static bool TryRead(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, out DtmfDigit digit)
    {
        digit = default;
        int end = contentType.IndexOf((byte)';');
        ReadOnlySpan<byte> type = (end < 0 ? contentType : contentType[..end]).Trim(" \t"u8);
        if (Ascii.EqualsIgnoreCase(type, "application/dtmf"u8)) return Key(body.Trim(" \t\r\n"u8), Usual, out digit);
        if (!Ascii.EqualsIgnoreCase(type, RelayType)) return false;
        ReadOnlySpan<byte> signal = default;
        int millis = Usual;
        while (!body.IsEmpty)
        {
            int line = body.IndexOfAny((byte)'\r', (byte)'\n');
            ReadOnlySpan<byte> one = line < 0 ? body : body[..line];
            body = line < 0 ? default : body[(line + 1)..];
            int equals = one.IndexOf((byte)'=');
            if (equals < 0) continue;
            ReadOnlySpan<byte> name = one[..equals].Trim((byte)' '), value = one[(equals + 1)..].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(name, "Signal"u8)) signal = value;
            else if (Ascii.EqualsIgnoreCase(name, "Duration"u8) && Utf8Parser.TryParse(value, out int said, out int digits) && digits == value.Length && said is > 0 and <= 10_000) millis = said;
        }
        return Key(signal, millis, out digit);
    }

    /// <summary>The body of application/dtmf-relay; its length, at most 40 bytes.</summary>
    public static int Write(Span<byte> room, in DtmfDigit digit)
    {
        var w = new ByteWriter(room);
        w.Text("Signal="u8);
        w.Text((byte)digit.Key);
        w.Text("\r\nDuration="u8);
        w.Decimal(digit.Millis);
        w.Text("\r\n"u8);
        return w.Length;
    }

    // "*" and "#" are "10" and "11" to some.
    private static bool Key(ReadOnlySpan<byte> text, int millis, out DtmfDigit digit)
    {
        char key = text.Length == 1 ? char.ToUpperInvariant((char)text[0])
            : Utf8Parser.TryParse(text, out int code, out int digits) && digits == text.Length && code is >= 10 and < DtmfKeys.Count ? DtmfKeys.OfEvent(code)
            : '\0';
        digit = new DtmfDigit(key, DtmfWay.Info, millis);
        return key != '\0' && DtmfKeys.EventOf(key) >= 0;
    }
}
