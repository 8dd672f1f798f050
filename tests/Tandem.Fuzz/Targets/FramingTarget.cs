using Tandem.Sip.Messages;
using Tandem.Sip.Transports;

namespace Tandem.Fuzz.Targets;

/// <summary>
/// A TCP stream cut into messages: the same ones however it arrives, and each as long as the parser says it is. Were they to differ, what
/// one of them takes for a body the other could take for a request.
/// </summary>
internal static class FramingTarget
{
    private static readonly SipMessage Message = new();

    public static void Check(ReadOnlySpan<byte> input)
    {
        ulong whole = Read(input, input.Length, out int frames);
        Invariant.Holds(frames <= 1 + (input.Length / 2), "more frames than bytes for them");
        // Small pieces cost their number times the frame's, so long inputs come in larger ones.
        int least = 1 + (input.Length / 512);
        Invariant.Holds(whole == Read(input, least, out _), "a stream in the smallest pieces holds other messages");
        Invariant.Holds(whole == Read(input, (3 * least) + 4, out _), "a stream in small pieces holds other messages");
    }

    // What came out, as one number, until the stream is broken or at its end.
    private static ulong Read(ReadOnlySpan<byte> stream, int piece, out int frames)
    {
        var trail = new Trail();
        var framer = new StreamFramer();
        frames = 0;
        int taken = 0;
        for (int came = Math.Min(piece, stream.Length); ;)
        {
            Frame frame = framer.Next(stream[taken..came], out int skip, out int length);
            Invariant.Holds(skip >= 0 && length >= 0 && taken + skip + length <= came, "more is taken than came");
            taken += skip;
            if (frame == Frame.Incomplete)
            {
                if (came == stream.Length) return trail.Value;
                came = Math.Min(came + piece, stream.Length);
                continue;
            }
            trail.Add((long)frame);
            if (frame == Frame.Broken) return trail.Value;
            Invariant.Holds(length > 0, "a frame of nothing");
            frames++;
            if (frame == Frame.Message)
            {
                trail.Add(stream.Slice(taken, length));
                CheckMessage(stream.Slice(taken, length));
            }
            taken += length;
        }
    }

    private static void CheckMessage(ReadOnlySpan<byte> frame)
    {
        byte[] bytes = frame.ToArray();
        if (Message.Parse(bytes, 0, bytes.Length) == SipDefect.None) Invariant.Holds(Message.Bytes.Length == frame.Length, $"the framer says {frame.Length} bytes, the parser {Message.Bytes.Length}");
    }
}
