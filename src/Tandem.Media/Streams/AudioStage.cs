using Tandem.Media.Dtmf;
using Tandem.Media.Relay;
using Tandem.Primitives;

namespace Tandem.Media.Streams;

/// <summary>
/// What is done to the audio of one call on its way through the relay, both directions. A call of which nothing is to be done has none. Pure; owned by
/// one media thread.
/// </summary>
/// <param name="scratch">Of the thread.</param>
/// <param name="chance">Names the streams the switch itself begins (RFC 3550 §8).</param>
public sealed class AudioStage(StageScratch scratch, ulong chance)
{
    private readonly AudioPipe _fromA = new(FlowSide.A, scratch, (uint)chance | 1);
    private readonly AudioPipe _fromB = new(FlowSide.B, scratch, (uint)(chance >> 32) | 1);

    /// <summary>From now on the audio is treated so; null: as it comes.</summary>
    public void Follow(AudioPlan? plan)
    {
        _fromA.Plan = plan?.FromA ?? PipePlan.Plain;
        _fromB.Plan = plan?.FromB ?? PipePlan.Plain;
        _fromA.Tap = _fromB.Tap = plan?.Tap;
    }

    /// <summary>An RTP packet of a side that the relay would send on.</summary>
    public void On(FlowSide from, ReadOnlySpan<byte> packet, Instant now, IStageSink sink)
    {
        AudioPipe pipe = PipeFrom(from);
        pipe.MediaCame();
        pipe.On(packet, now, sink);
    }

    /// <summary>Plays a source to a side; null: stops.</summary>
    /// <param name="to">Who hears it.</param>
    /// <param name="source">8 kHz, read 20 ms at a time as it is played.</param>
    /// <param name="untilMedia">It stops when the other side is heard: a ring-back tone.</param>
    /// <param name="now">When.</param>
    public void Play(FlowSide to, IAudioSource? source, bool untilMedia, Instant now) => PipeFrom(1 - to).Play(source, untilMedia, now);

    /// <summary>Tells a side a key. False: too many wait, or it is none.</summary>
    public bool Press(FlowSide to, in DtmfDigit digit, Instant now) => PipeFrom(1 - to).Press(digit, now);

    /// <summary>When <see cref="Tick"/> is due; never while the switch says nothing of its own.</summary>
    public Instant TickAt => Instant.Min(_fromA.TickAt, _fromB.TickAt);

    /// <summary>Says what is due of what the switch says itself.</summary>
    public void Tick(Instant now, IStageSink sink)
    {
        _fromA.Tick(now, sink);
        _fromB.Tick(now, sink);
    }

    private AudioPipe PipeFrom(FlowSide side) => side == FlowSide.A ? _fromA : _fromB;
}
