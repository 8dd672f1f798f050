using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Relay;
using Tandem.Primitives;

namespace Tandem.Media.Streams;

/// <summary>What becomes of a key that comes one way.</summary>
public enum DtmfTurn : byte
{
    /// <summary>It passes as it came. Tones are not even listened to.</summary>
    Pass,

    /// <summary>It passes as it came, and is listened to.</summary>
    Listen,

    /// <summary>Told as RFC 4733 events; a tone is muted.</summary>
    ToEvent,

    /// <summary>Told as a tone in the speech.</summary>
    ToTone,

    /// <summary>Kept from the other end: call control tells it otherwise, or not at all.</summary>
    Drop,
}

/// <summary>What is to be done to the audio of one direction. Immutable.</summary>
public sealed record PipePlan
{
    public const byte NoPayload = 255;

    /// <summary>Nothing.</summary>
    public static readonly PipePlan Plain = new();

    /// <summary>Payload type of events as they come; 255: none.</summary>
    public byte EventsIn { get; init; } = NoPayload;

    /// <summary>Payload type of events as the receiver wants them; 255: it does not.</summary>
    public byte EventsOut { get; init; } = NoPayload;

    public DtmfTurn Events { get; init; }

    public DtmfTurn Tones { get; init; }

    /// <summary>The receiver takes G.711 A-law.</summary>
    public bool TakesALaw { get; init; } = true;

    /// <summary>The receiver takes G.711 µ-law.</summary>
    public bool TakesMuLaw { get; init; } = true;

    /// <summary>The G.711 that is made for the receiver where what came is not for it, and of tones; null: it takes none.</summary>
    public G711Codec? Law { get; init; }

    /// <summary>Samples of a packet to the receiver; 0: as they come.</summary>
    public int FrameSamples { get; init; }

    /// <summary>Packets pass without being looked into.</summary>
    public bool IsPlain => this == Plain || this with { Law = null } == Plain;
}

/// <summary>What is to be done to a call's audio. Immutable; null in its place is nothing at all.</summary>
/// <param name="FromA">Of what side A sends.</param>
/// <param name="FromB">Of what side B sends.</param>
/// <param name="Tap">Who listens; null: nobody.</param>
public sealed record AudioPlan(PipePlan FromA, PipePlan FromB, IAudioTap? Tap = null);

/// <summary>Listens to the G.711 both sides send. Called by the media thread: must neither wait nor allocate.</summary>
public interface IAudioTap
{
    /// <param name="from">Who sent it.</param>
    /// <param name="aLaw">The law of the codes.</param>
    /// <param name="codes">A sample each.</param>
    /// <param name="timestamp">Of the first.</param>
    /// <param name="now">When it came.</param>
    void Put(FlowSide from, bool aLaw, ReadOnlySpan<byte> codes, uint timestamp, Instant now);
}

/// <summary>Audio to be played into a leg: an announcement, a ring-back tone, whatever is made as it is played. 8 kHz.</summary>
public interface IAudioSource
{
    /// <summary>The next samples, all of them. False: it is over, and the span is not used. By the media thread: must neither wait nor allocate.</summary>
    bool Read(Span<short> samples);
}

/// <summary>Where a stage's packets and words go.</summary>
public interface IStageSink
{
    /// <summary>The packet that was given to the stage, as it is.</summary>
    void Forward(FlowSide towards);

    /// <summary>A packet the stage made; valid during the call.</summary>
    void Send(FlowSide towards, ReadOnlySpan<byte> packet);

    /// <summary>A key was pressed and released.</summary>
    void Digit(FlowSide from, in DtmfDigit digit);
}
