namespace Tandem.Media.Codecs;

/// <summary>The encodings of speech that have a name in settings. Numbers are for ever: they stand in decision logs.</summary>
public enum AudioEncoding : byte { None = 0, Pcma = 1, Pcmu = 2, G729 = 3, G723 = 4, Gsm = 5, Ilbc = 6, G722 = 7, G726 = 8, Opus = 9, Amr = 10, AmrWb = 11 }

/// <summary>What an encoding is called, and what its packets are like.</summary>
/// <param name="Encoding">Which.</param>
/// <param name="Word">In settings, in lower case.</param>
/// <param name="RtpName">In a=rtpmap (RFC 4855).</param>
/// <param name="Payload">Its static payload type (RFC 3551); -1: it has none.</param>
/// <param name="ClockRate">Of RTP timestamps.</param>
/// <param name="FrameMillis">The shortest packet; any multiple may be one.</param>
/// <param name="FrameBytes">Of such a frame; 0: it varies.</param>
public sealed record AudioFormat(AudioEncoding Encoding, string Word, string RtpName, int Payload, int ClockRate, int FrameMillis, int FrameBytes)
{
    private static readonly AudioFormat[] Table =
    [
        new(AudioEncoding.Pcma, "g711a", "PCMA", 8, 8_000, 1, 8),
        new(AudioEncoding.Pcmu, "g711u", "PCMU", 0, 8_000, 1, 8),
        new(AudioEncoding.G729, "g729", "G729", 18, 8_000, 10, 10),
        new(AudioEncoding.G723, "g723", "G723", 4, 8_000, 30, 0), // 24 or 20 bytes, 4 in silence
        new(AudioEncoding.Gsm, "gsm", "GSM", 3, 8_000, 20, 33),
        new(AudioEncoding.Ilbc, "ilbc", "iLBC", -1, 8_000, 20, 0), // 38 bytes of 20 ms, 50 of 30
        new(AudioEncoding.G722, "g722", "G722", 9, 8_000, 1, 8), // sampled at 16 kHz, clocked at 8 (RFC 3551 §4.5.2)
        new(AudioEncoding.G726, "g726", "G726-32", -1, 8_000, 1, 4),
        new(AudioEncoding.Opus, "opus", "opus", -1, 48_000, 20, 0),
        new(AudioEncoding.Amr, "amr", "AMR", -1, 8_000, 20, 0),
        new(AudioEncoding.AmrWb, "amrwb", "AMR-WB", -1, 16_000, 20, 0),
    ];

    public static IReadOnlyList<AudioFormat> All => Table;

    /// <summary>Null for none.</summary>
    public static AudioFormat? Of(AudioEncoding encoding)
    {
        foreach (AudioFormat format in Table)
        {
            if (format.Encoding == encoding) return format;
        }
        return null;
    }

    /// <summary>By the word of settings; "g729a" is g729 (the packets are the same).</summary>
    public static AudioFormat? ByWord(ReadOnlySpan<char> word)
    {
        if (word.Equals("g729a", StringComparison.OrdinalIgnoreCase)) word = "g729";
        foreach (AudioFormat format in Table)
        {
            if (word.Equals(format.Word, StringComparison.OrdinalIgnoreCase)) return format;
        }
        return null;
    }

    /// <summary>What a format of an m-line is, by its a=rtpmap, or its number where there is none.</summary>
    /// <param name="rtpMap">"PCMA/8000"; empty where the line has none.</param>
    /// <param name="payload">The number in the format list.</param>
    public static AudioEncoding Read(ReadOnlySpan<byte> rtpMap, int payload)
    {
        int slash = rtpMap.IndexOf((byte)'/');
        ReadOnlySpan<byte> name = slash < 0 ? rtpMap : rtpMap[..slash];
        foreach (AudioFormat format in Table)
        {
            if (name.IsEmpty ? format.Payload == payload : System.Text.Ascii.EqualsIgnoreCase(name, format.RtpName)) return format.Encoding;
        }
        return AudioEncoding.None;
    }
}
