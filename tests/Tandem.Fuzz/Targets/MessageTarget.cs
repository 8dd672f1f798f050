using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Fuzz.Targets;

/// <summary>The message parser, the answer to what it read, and the canonical writer behind it.</summary>
internal static class MessageTarget
{
    private static readonly NetAddress Source = NetAddress.Parse("192.0.2.9:5999");

    // Used over and over, as the switch does: a reading must not depend on the one before.
    private static readonly SipMessage First = new(), Second = new(), Answer = new(), Again = new();
    private static readonly byte[] Room = new byte[4 * FuzzTarget.MaxBytes], RoomAgain = new byte[4 * FuzzTarget.MaxBytes];

    public static void Check(ReadOnlySpan<byte> input)
    {
        (byte[] zeros, byte[] grammar) = Surroundings.Place(input);
        SipDefect defect = First.Parse(zeros, Surroundings.Margin, input.Length);
        Invariant.Holds(defect == Second.Parse(grammar, Surroundings.Margin, input.Length), "the bytes around a message change what is found in it");
        Invariant.Holds(TrailOf(First) == TrailOf(Second), "the bytes around a message change what it says");
        Invariant.Equal(CallIdScan.Find(zeros.AsSpan(Surroundings.Margin, input.Length)), CallIdScan.Find(grammar.AsSpan(Surroundings.Margin, input.Length)), "the bytes around a message change its owner");
        CheckLimits(First, defect);
        CheckAnswer(First, defect);
        if (defect != SipDefect.None) return;
        CheckOwner(First, input);
        CheckRewritten(First);
    }

    private static void CheckLimits(SipMessage message, SipDefect defect)
    {
        int headers = 0;
        foreach (SipMessage.HeaderSlot header in message.Headers)
        {
            headers++;
            Invariant.Holds(header.Value.Length <= SipLimits.LineBytes, "a value longer than a line may be");
        }
        Invariant.Holds(headers <= SipLimits.Headers, "more headers than the limit");
        if (defect != SipDefect.None) return;
        int vias = 0;
        foreach (ReadOnlySpan<byte> _ in message.Values(HeaderName.Via)) vias++;
        Invariant.Holds(vias is > 0 and <= SipLimits.Vias, "a good message with no via, or more than the limit");
        Invariant.Holds(!message.CallId.IsEmpty && !message.From.IsEmpty && !message.To.IsEmpty && !message.ViaSentBy.IsEmpty, "a good message without what every message needs");
        Invariant.Holds(message.IsRequest ? !message.RequestUri.IsEmpty && !message.MethodToken.IsEmpty : message.Status is >= 100 and <= 699, "a good message of neither kind");
    }

    private static void CheckAnswer(SipMessage message, SipDefect defect)
    {
        if (!message.CanBeAnswered) return;
        int status = defect == SipDefect.None ? 200 : defect.AnswerStatus();
        if (status == 0) return;
        var writer = new SipWriter(Room);
        Responses.Write(ref writer, message, Source, status, defect == SipDefect.None ? default : defect.ReasonBytes(), "tt"u8);
        writer.End();
        Invariant.Holds(!writer.Overflowed, "an answer four times as long as the largest message");
        SipDefect inAnswer = Answer.Parse(Room, 0, Math.Min(writer.Length, SipLimits.MessageBytes));
        Invariant.Holds(writer.Length > SipLimits.MessageBytes || Answer.Status == status, "an answer of another status");
        if (defect != SipDefect.None || writer.Length > SipLimits.MessageBytes || Fills(message)) return;
        Invariant.Holds(inAnswer == SipDefect.None, $"{inAnswer} in the answer to a good message");
        Invariant.Equal(message.ViaBranch, Answer.ViaBranch, "another branch in the answer");
        Invariant.Equal(message.CallId, Answer.CallId, "another Call-ID in the answer");
        Invariant.Equal(message.FromTag, Answer.FromTag, "another From tag in the answer");
        Invariant.Holds(message.CSeqNumber == Answer.CSeqNumber && message.CSeqMethod == Answer.CSeqMethod, "another CSeq in the answer");
    }

    // With several shards the dispatcher's glance and the parser must name the same owner: else a message reaches a shard that does not know its call.
    private static void CheckOwner(SipMessage message, ReadOnlySpan<byte> input) => Invariant.Equal(message.CallId, CallIdScan.Find(input), "the dispatcher reads another Call-ID than the parser");

    private static void CheckRewritten(SipMessage message)
    {
        if (Fills(message)) return;
        int length = Rewrite(message, Room);
        if (length > SipLimits.MessageBytes) return;
        SipDefect defect = Again.Parse(Room, 0, length);
        Invariant.Holds(defect == SipDefect.None, $"{defect} in what was written from a good message");
        Invariant.Equal(message.Body, Again.Body, "another body");
        Invariant.Equal(message.CallId, Again.CallId, "another Call-ID");
        Invariant.Equal(message.ViaBranch, Again.ViaBranch, "another branch");
        Invariant.Equal(message.FromTag, Again.FromTag, "another From tag");
        Invariant.Equal(message.ToTag, Again.ToTag, "another To tag");
        int lengthAgain = Rewrite(Again, RoomAgain);
        Invariant.Equal(Room.AsSpan(0, length), RoomAgain.AsSpan(0, lengthAgain), "what is written is not stable");
    }

    private static int Rewrite(SipMessage message, byte[] room)
    {
        var writer = new SipWriter(room);
        if (message.IsRequest) writer.Request(message.MethodToken, message.RequestUri);
        else writer.Status(message.Status, message.ReasonPhrase);
        foreach (SipMessage.HeaderSlot header in message.Headers)
        {
            if (header.Name is HeaderName.ContentLength or HeaderName.ContentType) continue;
            if (header.Name == HeaderName.Other) writer.Header(header.NameBytes, header.Value);
            else writer.Header(header.Name, header.Value);
        }
        writer.Body(message.ContentType, message.Body);
        Invariant.Holds(!writer.Overflowed, "a message four times as long as the largest");
        return writer.Length;
    }

    // Full names for compact ones, received and rport make lines longer: a line that fills its limit, or a table that is full, may come back refused.
    private static bool Fills(SipMessage message)
    {
        int headers = 0;
        if (message.ReasonPhrase.Length + message.RequestUri.Length + message.MethodToken.Length > SipLimits.LineBytes - 256) return true;
        foreach (SipMessage.HeaderSlot header in message.Headers)
        {
            headers++;
            if (header.Value.Length + header.NameBytes.Length > SipLimits.LineBytes - 256) return true;
        }
        return headers > SipLimits.Headers - 4;
    }

    private static ulong TrailOf(SipMessage message)
    {
        var trail = new Trail();
        trail.Add((long)message.Defect);
        trail.Add(message.IsRequest);
        trail.Add(message.CanBeAnswered);
        trail.Add(message.MethodToken);
        trail.Add(message.RequestUri);
        trail.Add(message.Status);
        trail.Add(message.ReasonPhrase);
        trail.Add(message.CSeqNumber);
        trail.Add(message.MaxForwards);
        trail.Add(message.FromTag);
        trail.Add(message.ToTag);
        trail.Add(message.TopVia);
        trail.Add(message.ViaBranch);
        trail.Add(message.ViaSentBy);
        trail.Add(message.Contact);
        trail.Add(message.Body);
        foreach (SipMessage.HeaderSlot header in message.Headers)
        {
            trail.Add(header.NameBytes);
            trail.Add(header.Value);
        }
        for (HeaderName name = HeaderName.Via; name <= HeaderName.Warning; name++)
        {
            if (!message.Has(name)) continue;
            foreach (ReadOnlySpan<byte> value in message.Values(name))
            {
                trail.Add(value);
                if (NameAddress.TryParse(value, out NameAddress address)) trail.Add(address.Uri);
                if (ViaParm.TryParse(value, out ViaParm via)) trail.Add(via.Host);
            }
        }
        return trail.Value;
    }
}
