using System.Text;
using Tandem.Media.Codecs;
using Tandem.Sip.Sdp;

namespace Tandem.Switching.Audio;

/// <summary>What one description says of its audio, as far as the switch has to do with it.</summary>
public readonly record struct AudioTerms
{
    public const byte NoPayload = 255;

    /// <summary>Nothing was said of audio.</summary>
    public static readonly AudioTerms None;

    private readonly byte _notEvents; // so that nothing said is none

    /// <summary>A description with audio was read.</summary>
    public bool Known { get; init; }

    /// <summary>A bit for each encoding that has a name.</summary>
    public uint Encodings { get; init; }

    /// <summary>The first of them.</summary>
    public AudioEncoding First { get; init; }

    /// <summary>The first of the two laws of G.711; none where it has neither.</summary>
    public AudioEncoding Law { get; init; }

    /// <summary>Formats of speech without a name here.</summary>
    public bool HasOthers { get; init; }

    /// <summary>Payload type of telephone-event at 8 kHz; 255: none.</summary>
    public byte Events
    {
        get => (byte)~_notEvents;
        init => _notEvents = (byte)~value;
    }

    /// <summary>Comfort noise (RFC 3389).</summary>
    public bool ComfortNoise { get; init; }

    /// <summary>ms; 0: not said.</summary>
    public int Ptime { get; init; }

    public bool Has(AudioEncoding encoding) => (Encodings & (1u << (int)encoding)) != 0;

    public static AudioTerms Read(MediaDescription media)
    {
        uint encodings = 0;
        AudioEncoding first = AudioEncoding.None, law = AudioEncoding.None;
        byte events = NoPayload;
        bool others = false, noise = false;
        foreach (ReadOnlySpan<byte> format in media.Formats)
        {
            FormatKind kind = KindOf(media, format, out AudioEncoding encoding, out int payload);
            switch (kind)
            {
                case FormatKind.Events:
                    if (events == NoPayload) events = (byte)payload;
                    break;
                case FormatKind.ComfortNoise:
                    noise = true;
                    break;
                case FormatKind.Other:
                    others = true;
                    break;
                default:
                    encodings |= 1u << (int)encoding;
                    if (first == AudioEncoding.None) first = encoding;
                    if (law == AudioEncoding.None && AudioCodecs.CanCode(encoding)) law = encoding;
                    break;
            }
        }
        return new AudioTerms { Known = true, Encodings = encodings, First = first, Law = law, Events = events, HasOthers = others, ComfortNoise = noise, Ptime = media.Ptime };
    }

    /// <summary>What a format of an audio line is. G.711 under a number that is not its own is left to the ends.</summary>
    internal static FormatKind KindOf(MediaDescription media, ReadOnlySpan<byte> format, out AudioEncoding encoding, out int payload)
    {
        encoding = AudioEncoding.None;
        if (!System.Buffers.Text.Utf8Parser.TryParse(format, out payload, out int digits) || digits != format.Length || payload is < 0 or > 127)
        {
            payload = -1;
            return FormatKind.Other;
        }
        ReadOnlySpan<byte> map = media.RtpMap(format);
        if (map.Length >= 20 && Ascii.EqualsIgnoreCase(map[..20], "telephone-event/8000"u8)) return FormatKind.Events;
        if (map.Length > 16 && Ascii.EqualsIgnoreCase(map[..16], "telephone-event/"u8)) return FormatKind.OtherEvents;
        if (payload == 13 || (map.Length > 3 && Ascii.EqualsIgnoreCase(map[..3], "CN/"u8))) return FormatKind.ComfortNoise;
        encoding = AudioFormat.Read(map, payload);
        if (AudioCodecs.CanCode(encoding) && payload != AudioFormat.Of(encoding)!.Payload) encoding = AudioEncoding.None;
        return encoding == AudioEncoding.None ? FormatKind.Other : FormatKind.Speech;
    }
}

/// <summary>What a format of an audio line is.</summary>
internal enum FormatKind : byte { Speech, Other, Events, OtherEvents, ComfortNoise }
