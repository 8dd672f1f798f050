namespace Tandem.Media.Rtp;

/// <summary>The timestamp clock of the static payload types (RFC 3551 §6, tables 4 and 5).</summary>
public static class RtpClock
{
    /// <summary>Ticks per second; zero for dynamic and unassigned types, whose clock only the SDP tells.</summary>
    public static int Rate(byte payloadType) => payloadType switch
    {
        0 or 3 or 4 or 5 or 7 or 8 or 9 or 12 or 13 or 15 or 18 => 8_000, // 9 is G722: sampled at 16 kHz, clocked at 8 (§4.5.2)
        6 => 16_000,
        10 or 11 => 44_100,
        16 => 11_025,
        17 => 22_050,
        14 or 25 or 26 or 28 or 31 or 32 or 33 or 34 => 90_000,
        _ => 0,
    };
}
