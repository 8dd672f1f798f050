using Tandem.Media.Codecs;
using Tandem.Media.Relay;
using Tandem.Primitives;

namespace Tandem.Server.Recording;

/// <summary>
/// Lays what both sides said side by side on one time: the caller left, the called end right. Packets are placed by their RTP time once a side speaks, by
/// their arrival when it begins, pauses or drifts; what is missing is silence.
/// </summary>
internal sealed class StereoTrack(Instant begin)
{
    public const int Window = 2 * 8_000; // samples that may still be changed
    private const int Drift = 8_000 / 5;

    private readonly short[] _samples = new short[2 * Window];
    private readonly Side[] _sides = new Side[2];
    private readonly short[] _decoded = new short[4_096];

    /// <summary>The first sample that is not written yet.</summary>
    public long Base { get; private set; }

    /// <summary>Places one packet. What is pushed out of the window goes to <paramref name="write"/> first.</summary>
    public void Put(in RecordedPacket packet, ReadOnlySpan<byte> codes, Action<ReadOnlyMemory<short>> write)
    {
        Span<short> samples = _decoded.AsSpan(0, packet.Length);
        if (packet.ALaw) G711.DecodeALaw(codes, samples);
        else G711.DecodeMuLaw(codes, samples);
        ref Side side = ref _sides[(int)packet.From];
        long arrived = Math.Max(0, (packet.Came - begin).Ticks / (TimeSpan.TicksPerSecond / 8_000) - packet.Length);
        long at = side.Runs ? side.At + (int)(packet.Timestamp - side.Timestamp) : arrived;
        if (!side.Runs || Math.Abs(at - arrived) > Drift) at = arrived;
        side = new Side { Runs = true, At = at + packet.Length, Timestamp = packet.Timestamp + (uint)packet.Length };
        if (at + packet.Length > Base + Window) Flush(at + packet.Length - Window, write);
        for (int i = 0; i < samples.Length; i++)
        {
            long place = at + i;
            if (place >= Base) _samples[(2 * (int)(place % Window)) + (int)packet.From] = samples[i];
        }
    }

    /// <summary>Writes everything before a sample.</summary>
    public void Flush(long until, Action<ReadOnlyMemory<short>> write)
    {
        while (Base < until)
        {
            int start = (int)(Base % Window);
            int count = (int)Math.Min(until - Base, Window - start);
            write(_samples.AsMemory(2 * start, 2 * count));
            _samples.AsSpan(2 * start, 2 * count).Clear();
            Base += count;
        }
    }

    /// <summary>How many samples have passed.</summary>
    public long At(Instant now) => Math.Max(0, (now - begin).Ticks / (TimeSpan.TicksPerSecond / 8_000));

    private struct Side
    {
        public bool Runs;
        public long At;
        public uint Timestamp;
    }
}
