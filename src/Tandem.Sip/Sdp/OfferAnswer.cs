using System.Text;
using static Tandem.Sip.Sdp.OfferAnswer.Input;
using static Tandem.Sip.Sdp.OfferAnswer.State;
using static Tandem.Sip.Sdp.OfferAnswer.Verdict;

namespace Tandem.Sip.Sdp;

/// <summary>Who may offer, who must answer: one table for a dialog (RFC 3264 §4, RFC 6337 §2), and whether an answer fits its offer.</summary>
public static class OfferAnswer
{
    /// <summary>Before the first agreement, and after it; a refused later offer leaves the agreement standing (RFC 3261 §14.1).</summary>
    public enum State : byte { Idle, FirstLocalOffer, FirstRemoteOffer, Stable, LocalOffer, RemoteOffer }

    /// <summary>A refusal is the 488 or other final failure of the request that carried the offer.</summary>
    public enum Input : byte { SendOffer, ReceiveOffer, SendAnswer, ReceiveAnswer, SendRefusal, ReceiveRefusal }

    public enum Verdict : byte
    {
        Allowed,

        /// <summary>Both offered at once: refuse the other's with 491 (RFC 3261 §14.2).</summary>
        Glare,

        /// <summary>An offer while ours to the last is still owed: 500 with Retry-After (RFC 3261 §14.2).</summary>
        TooSoon,

        /// <summary>Not ours to send now: wait for the end of the open exchange.</summary>
        MustWait,

        /// <summary>An answer or refusal to nothing: ignored.</summary>
        Unexpected,
    }

    public readonly record struct Step(State Next, Verdict Verdict);

    public static Step On(State state, Input input) => (state, input) switch
    {
        (Idle,                            SendOffer)      => new(FirstLocalOffer, Allowed),
        (Idle,                            ReceiveOffer)   => new(FirstRemoteOffer, Allowed),
        (Stable,                          SendOffer)      => new(LocalOffer, Allowed),
        (Stable,                          ReceiveOffer)   => new(RemoteOffer, Allowed),
        (FirstLocalOffer or LocalOffer,   ReceiveAnswer)  => new(Stable, Allowed),
        (FirstRemoteOffer or RemoteOffer, SendAnswer)     => new(Stable, Allowed),
        (FirstLocalOffer,                 ReceiveRefusal) => new(Idle, Allowed),
        (FirstRemoteOffer,                SendRefusal)    => new(Idle, Allowed),
        (LocalOffer,                      ReceiveRefusal) => new(Stable, Allowed),
        (RemoteOffer,                     SendRefusal)    => new(Stable, Allowed),
        (FirstLocalOffer or LocalOffer,   ReceiveOffer)   => new(state, Glare),
        (FirstRemoteOffer or RemoteOffer, ReceiveOffer)   => new(state, TooSoon),
        (not (Idle or Stable),            SendOffer)      => new(state, MustWait),
        _                                                 => new(state, Unexpected),
    };

    /// <summary>Why an answer does not fit its offer.</summary>
    public enum Mismatch : byte
    {
        None,

        /// <summary>RFC 3264 §6: the answer has exactly as many m-lines as the offer.</summary>
        MediaCount,

        /// <summary>RFC 3264 §6: in the same order, of the same media.</summary>
        MediaKind,

        /// <summary>RFC 3264 §6: over the same transport.</summary>
        Protocol,

        /// <summary>A line offered with port 0 came back with one (RFC 3264 §5.1: it is not used).</summary>
        RejectedLineRevived,

        /// <summary>An accepted line without any format of the offer (RFC 3264 §6.1).</summary>
        NoCommonFormat,

        /// <summary>Every line was rejected: nothing to talk over.</summary>
        NothingAccepted,
    }

    public static Mismatch Check(SessionDescription offer, SessionDescription answer)
    {
        if (offer.MediaCount != answer.MediaCount) return Mismatch.MediaCount;
        bool accepted = offer.MediaCount == 0;
        for (int i = 0; i < offer.MediaCount; i++)
        {
            MediaDescription asked = offer.Media(i), given = answer.Media(i);
            if (asked.Kind != given.Kind || !Ascii.EqualsIgnoreCase(asked.Name, given.Name)) return Mismatch.MediaKind;
            if (given.Rejected) continue;
            if (asked.Rejected) return Mismatch.RejectedLineRevived;
            if (!Ascii.EqualsIgnoreCase(asked.Protocol, given.Protocol)) return Mismatch.Protocol;
            if (!ShareFormat(asked, given)) return Mismatch.NoCommonFormat;
            accepted = true;
        }
        return accepted ? Mismatch.None : Mismatch.NothingAccepted;
    }

    // The same number, or, as some answerers renumber dynamic types, the same encoding. telephone-event alone is no codec.
    private static bool ShareFormat(MediaDescription asked, MediaDescription given)
    {
        // Each list is looked through once: with 64 formats and 512 lines the naive way costs two million comparisons a message.
        Span<int> encodings = stackalloc int[SdpLimits.Formats];
        int count = 0;
        foreach (ReadOnlySpan<byte> other in asked.Formats)
        {
            int line = asked.RtpMapLine(other);
            if (line >= 0) encodings[count++] = line;
        }
        foreach (ReadOnlySpan<byte> format in given.Formats)
        {
            ReadOnlySpan<byte> map = given.RtpMap(format);
            if (map.Length > 16 && Ascii.EqualsIgnoreCase(map[..16], "telephone-event/"u8)) continue;
            if (asked.HasFormat(format)) return true;
            if (map.IsEmpty) continue;
            foreach (int line in encodings[..count])
            {
                if (Ascii.EqualsIgnoreCase(map, asked.RtpMapAt(line))) return true;
            }
        }
        return false;
    }
}
