using Tandem.Primitives;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Audio;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

/// <summary>
/// One transfer under way (docs/transfers.md): who asked in which call, and the call whose far end the other party is to be given to. Both
/// calls know it; it ends with the hand-over, with a failure, or with either call.
/// </summary>
internal sealed class Transfer
{
    /// <summary>The call in which REFER came.</summary>
    internal required Call From { get; init; }

    /// <summary>Who sent it: the transferor.</summary>
    internal required MediaSide Asker { get; init; }

    /// <summary>The call to the target: a new one, or with Replaces another of the transferor's. A target that forwards its calls has it go on to another.</summary>
    internal required Call To { get; set; }

    /// <summary>The place in it that the other party, the transferee, takes.</summary>
    internal required MediaSide Place { get; init; }

    /// <summary>The target is connected to the transferor already (REFER with Replaces).</summary>
    internal required bool Attended { get; init; }

    /// <summary>Of the target's call, kept for the story of the other: it may be over first.</summary>
    internal (CallId Call, DialString Number) Target { get; set; }

    /// <summary>The transferor wants no NOTIFY (Refer-Sub: false, RFC 4488).</summary>
    internal required bool Quiet { get; init; }

    internal Instant GiveUpAt { get; set; } = Instant.Never;

    /// <summary>The transferor hung up without waiting, in either call.</summary>
    internal bool AskerLeft { get; set; }
    internal bool AskerLeftTarget { get; set; }

    /// <summary>The transferee was asked to speak to the target.</summary>
    internal bool Bridging { get; set; }

    /// <summary>The target's call was direct; it has ports for this transfer only, until it comes about.</summary>
    internal bool Lent { get; set; }

    /// <summary>The target's call is over while the transferee still considers.</summary>
    internal bool TargetGone { get; set; }

    /// <summary>What the transferee was offered.</summary>
    internal byte[] Offered { get; set; } = [];

    /// <summary>The keys the transferee was offered with it.</summary>
    internal LegSrtp? Srtp { get; set; }

    internal MediaSide Transferee => Asker == MediaSide.Caller ? MediaSide.Callee : MediaSide.Caller;
}

/// <summary>A REFER that was taken up, to be answered.</summary>
internal readonly record struct ReferAsked(ServerTransaction Transaction, uint CSeq, bool Quiet);

/// <summary>Who speaks on a leg, where that is not the one the call was made by or for.</summary>
internal readonly record struct LegParty(bool Moved, Phone? Phone, MappingGateway? Gateway, bool Timer, MediaCheck MediaCheck, AudioRules Audio);
