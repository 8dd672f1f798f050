namespace Tandem.Media.Codecs;

/// <summary>
/// One direction of one stream between packets and linear 16-bit samples. It may have a state (G.729, G.723.1 and Opus have): one for each
/// direction, never shared. Nothing is allocated by a call.
/// </summary>
public interface IAudioCodec
{
    AudioFormat Format { get; }

    /// <summary>Samples per second of the linear side.</summary>
    int SampleRate { get; }

    /// <summary>Decodes one packet's payload. The number of samples written; 0: it is not of this encoding, or there is no room for it.</summary>
    int Decode(ReadOnlySpan<byte> payload, Span<short> samples);

    /// <summary>What is heard in place of a packet that was lost; as many as <paramref name="samples"/> holds.</summary>
    void Conceal(Span<short> samples);

    /// <summary>Encodes whole frames. The number of bytes written; 0: no whole number of frames, or no room.</summary>
    int Encode(ReadOnlySpan<short> samples, Span<byte> payload);

    /// <summary>Forgets what went before: a new stream begins.</summary>
    void Reset();
}

/// <summary>Makes codecs by encoding.</summary>
public static class AudioCodecs
{
    /// <summary>Whether the switch can decode and encode it.</summary>
    public static bool CanCode(AudioEncoding encoding) => encoding is AudioEncoding.Pcma or AudioEncoding.Pcmu;

    /// <summary>A codec in its first state; null where <see cref="CanCode"/> is false.</summary>
    public static IAudioCodec? Open(AudioEncoding encoding) => encoding switch
    {
        AudioEncoding.Pcma => G711Codec.ALaw,
        AudioEncoding.Pcmu => G711Codec.MuLaw,
        _ => null,
    };
}

/// <summary>G.711: a sample is a byte and nothing is remembered, so one instance serves everybody.</summary>
public sealed class G711Codec : IAudioCodec
{
    public static readonly G711Codec ALaw = new(AudioEncoding.Pcma);
    public static readonly G711Codec MuLaw = new(AudioEncoding.Pcmu);

    private readonly bool _aLaw;

    private G711Codec(AudioEncoding encoding)
    {
        Format = AudioFormat.Of(encoding)!;
        _aLaw = encoding == AudioEncoding.Pcma;
    }

    public AudioFormat Format { get; }

    public int SampleRate => 8_000;

    /// <summary>The code of silence.</summary>
    public byte Silence => _aLaw ? G711.ALawSilence : G711.MuLawSilence;

    public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        if (payload.Length > samples.Length) return 0;
        if (_aLaw) G711.DecodeALaw(payload, samples);
        else G711.DecodeMuLaw(payload, samples);
        return payload.Length;
    }

    public void Conceal(Span<short> samples) => samples.Clear();

    public int Encode(ReadOnlySpan<short> samples, Span<byte> payload)
    {
        if (samples.Length > payload.Length) return 0;
        if (_aLaw) G711.EncodeALaw(samples, payload);
        else G711.EncodeMuLaw(samples, payload);
        return samples.Length;
    }

    public void Reset()
    {
        // nothing is remembered
    }
}
