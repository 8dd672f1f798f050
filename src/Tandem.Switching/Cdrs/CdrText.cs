using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Switching.Cdrs;

/// <summary>
/// The CDR as a line of text: nineteen fields, eighteen pipes, one line feed (docs/cdr.md "Text line"). Times are
/// <c>yyyy-MM-dd HH:mm:ss</c> in the zone handed in, the hold time is in milliseconds, 0 when the call was not answered.
/// A pipe, a line end or any other control character inside a number or name becomes <c>_</c>: no value can break a line.
/// </summary>
public static class CdrText
{
    public const int Fields = 19;

    /// <summary>Appends the line with its line feed. When the writer overflowed, nothing of it may be used.</summary>
    public static void Write(ref ByteWriter to, Cdr cdr, TimeZoneInfo zone)
    {
        for (int i = 0; i < CdrFields.Line.Length; i++)
        {
            CdrField field = CdrFields.Line[i];
            CdrValue value = (field.Line ?? field.Of)(cdr);
            if (field.Type == CdrType.Text) Value(ref to, value.Text ?? "");
            else if (field.Type == CdrType.Time) Time(ref to, value.IsNone ? default : new Instant(value.Number), zone);
            else to.Decimal(value.Number);
            to.Text(i == CdrFields.Line.Length - 1 ? (byte)'\n' : (byte)'|');
        }
    }

    /// <summary>Reads a line back, with or without its line end. At least the first seventeen fields must be there; the delays may be missing.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out CdrLine? read, out string error)
    {
        read = null;
        string[] parts = line.TrimEnd('\r', '\n').Split('|');
        if (parts.Length is < 17 or > Fields)
        {
            error = $"a CDR line has 17 to {Fields} fields; this one has {parts.Length}";
            return false;
        }
        int wrong = -1;
        long Int(int at)
        {
            if (at >= parts.Length) return 0;
            if (long.TryParse(parts[at], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)) return value;
            wrong = wrong < 0 ? at : wrong;
            return 0;
        }
        DateTime LocalTime(int at)
        {
            if (DateTime.TryParseExact(parts[at], "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime value)) return value;
            wrong = wrong < 0 ? at : wrong;
            return default;
        }
        var line19 = new CdrLine
        {
            CallerE164 = parts[0],
            CalleeE164 = parts[1],
            Start = LocalTime(2),
            Stop = LocalTime(3),
            HoldMillis = Int(4),
            EndReason = (int)Int(5),
            EndDirection = (EndDirection)Int(6),
            CallerGateway = parts[7],
            CalleeGateway = parts[8],
            CallerIp = parts[9],
            CalleeIp = parts[10],
            CallerAccessE164 = parts[11],
            CalleeAccessE164 = parts[12],
            CallerToGatewayE164 = parts[13],
            CalleeToGatewayE164 = parts[14],
            CalleeBilling = (CalleeBilling)Int(15),
            BillingMode = (BillingMode)Int(16),
            CallerPddMillis = (int)Int(17),
            CalleePddMillis = (int)Int(18),
        };
        error = wrong < 0 ? "" : $"field {wrong + 1} of the CDR line cannot be '{parts[wrong]}'";
        if (wrong >= 0) return false;
        read = line19;
        return true;
    }

    private static void Time(ref ByteWriter to, Instant at, TimeZoneInfo zone)
    {
        DateTime local = TimeZoneInfo.ConvertTimeFromUtc(at.ToUtc(), zone);
        Span<byte> text = stackalloc byte[19];
        local.TryFormat(text, out int written, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        to.Text(text[..written]);
    }

    private static void Value(ref ByteWriter to, string value)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (rune.Value is '|' or 0x2028 or 0x2029 || Rune.IsControl(rune)) to.Text((byte)'_');
            else to.Text(utf8[..rune.EncodeToUtf8(utf8)]);
        }
    }
}

/// <summary>What a text line says; local times of the server that wrote it.</summary>
public sealed record CdrLine
{
    public required string CallerE164 { get; init; }
    public required string CalleeE164 { get; init; }
    public required DateTime Start { get; init; }
    public required DateTime Stop { get; init; }
    public required long HoldMillis { get; init; }
    public required int EndReason { get; init; }
    public required EndDirection EndDirection { get; init; }
    public required string CallerGateway { get; init; }
    public required string CalleeGateway { get; init; }
    public required string CallerIp { get; init; }
    public required string CalleeIp { get; init; }
    public required string CallerAccessE164 { get; init; }
    public required string CalleeAccessE164 { get; init; }
    public required string CallerToGatewayE164 { get; init; }
    public required string CalleeToGatewayE164 { get; init; }
    public required CalleeBilling CalleeBilling { get; init; }
    public required BillingMode BillingMode { get; init; }
    public required int CallerPddMillis { get; init; }
    public required int CalleePddMillis { get; init; }
}
