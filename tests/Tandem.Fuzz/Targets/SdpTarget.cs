using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Sdp;

namespace Tandem.Fuzz.Targets;

/// <summary>The session description, what the switch writes from it, and offer and answer against each other.</summary>
internal static class SdpTarget
{
    private static readonly NetAddress Ours = NetAddress.Parse("192.0.2.1:4000");
    private static readonly SessionDescription First = new(), Second = new(), Again = new();
    private static readonly byte[] Room = new byte[4 * FuzzTarget.MaxBytes], RoomAgain = new byte[4 * FuzzTarget.MaxBytes];

    public static void Check(ReadOnlySpan<byte> input)
    {
        (byte[] zeros, byte[] grammar) = Surroundings.Place(input);
        SdpDefect defect = First.Parse(zeros, Surroundings.Margin, Math.Min(input.Length, ushort.MaxValue));
        Invariant.Holds(defect == Second.Parse(grammar, Surroundings.Margin, Math.Min(input.Length, ushort.MaxValue)), "the bytes around a description change what is found in it");
        Invariant.Holds(TrailOf(First) == TrailOf(Second), "the bytes around a description change what it says");
        Invariant.Holds(First.MediaCount <= SdpLimits.Media, "more media than the limit");
        if (defect != SdpDefect.None) return;
        OfferAnswer.Mismatch own = OfferAnswer.Check(First, Second);
        Invariant.Holds(own is OfferAnswer.Mismatch.None or OfferAnswer.Mismatch.NoCommonFormat or OfferAnswer.Mismatch.NothingAccepted, $"a description answers itself with {own}");

        int length = Relay(First, Room);
        SdpDefect written = Again.Parse(Room, 0, length);
        Invariant.Holds(written == SdpDefect.None, $"{written} in what was written from a good description");
        Invariant.Holds(Again.MediaCount == First.MediaCount, "another number of media");
        for (int i = 0; i < First.MediaCount; i++)
        {
            Invariant.Holds(Again.Media(i).Kind == First.Media(i).Kind, "media of another kind");
            Invariant.Holds(Again.Media(i).Rejected || Again.Media(i).Remote == Ours, "media that does not go through the switch");
        }
        int lengthAgain = Relay(Again, RoomAgain);
        Invariant.Equal(Room.AsSpan(0, length), RoomAgain.AsSpan(0, lengthAgain), "what is written is not stable");
    }

    private static readonly RelayedLine[] Lines = [.. Enumerable.Repeat(new RelayedLine { Port = Ours.Port }, SdpLimits.Media)];

    private static int Relay(SessionDescription from, byte[] room)
    {
        var writer = new ByteWriter(room);
        SdpWriter.Relay(ref writer, from, 7, 1, Ours, Lines);
        Invariant.Holds(!writer.Overflowed && writer.Length <= SdpLimits.Bytes + 512, "a description that grows");
        return writer.Length;
    }

    private static ulong TrailOf(SessionDescription session)
    {
        var trail = new Trail();
        trail.Add((long)session.Defect);
        trail.Add(session.OriginId);
        trail.Add(session.OriginVersion);
        for (int i = 0; i < session.MediaCount; i++)
        {
            MediaDescription media = session.Media(i);
            trail.Add((long)media.Kind);
            trail.Add(media.Port);
            trail.Add(media.RtcpPort);
            trail.Add(media.Ptime);
            trail.Add((long)media.Direction);
            trail.Add(media.OnHold);
            trail.Add(media.Protocol);
            foreach (ReadOnlySpan<byte> format in media.Formats)
            {
                trail.Add(format);
                trail.Add(media.RtpMap(format));
            }
            foreach (ReadOnlySpan<byte> attribute in media.Attributes) trail.Add(attribute);
        }
        return trail.Value;
    }
}
