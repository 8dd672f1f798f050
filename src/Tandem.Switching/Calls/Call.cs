using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Digest;
using Tandem.Sip.Locating;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Identity;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

/// <summary>How far the far end has come with an attempt; each phase has its own patience, counted from its beginning.</summary>
internal enum AttemptPhase : byte { Silent, Trying, Progress, EarlyMedia, Ringing }

/// <summary>
/// One call and all it holds. Touched by one thread, the owner of its shard. Objects are used again: <see cref="Reset"/> must
/// leave nothing of the last call behind.
/// </summary>
public sealed class Call(int slot, BytePool pool, SipListeners listeners)
{
    internal readonly int Slot = slot;

    /// <summary>Grows each time the slot is used again: transactions carry it, so that none speaks to the next call.</summary>
    internal long Stamp = 1;

    public Dialog CallerDialog { get; private set; } = new(pool, listeners);
    internal readonly Forks Forks = new(pool, listeners);
    internal SessionTimer CallerTimer { get; private set; } = new();
    internal SessionTimer CalleeTimer { get; private set; } = new();
    internal readonly RedirectList Redirects = new(pool);
    internal readonly DecisionLog Log = new(pool);

    /// <summary>What each end said that the other may be shown.</summary>
    internal LegWords CallerSaid { get; private set; } = new(pool);
    internal readonly LegWords CalleeSaid = new(pool);

    /// <summary>The dialog with the called end; before the answer, the early one heard last.</summary>
    internal Dialog CalleeDialog => Forks.Current.Dialog;

    public CallId Id { get; internal set; }

    public CallState State { get; internal set; } = CallState.Gone;

    /// <summary>The tables the call was decided by: read once, when it arrived.</summary>
    internal SwitchTables Tables = null!;

    public Cdr Cdr { get; internal set; } = null!;

    // Who calls
    internal MappingGateway? Gateway;
    internal Phone? Phone;

    /// <summary>By which rule the caller was recognised.</summary>
    internal CallerId From;

    /// <summary>The carrier whose registration the call came in over; null: by none.</summary>
    internal RoutingGateway? Trunk;
    internal Account? Payer;
    internal DialString Caller;
    internal DialString Callee;

    /// <summary>The called number as the caller sent it.</summary>
    internal DialString Dialled;

    /// <summary>The caller asks to stay unknown, and that is heeded.</summary>
    internal bool Hidden;
    internal int MaxForwards;

    // Whom we try
    internal RoutingGateway?[] Targets = new RoutingGateway?[8];
    internal int TargetCount;
    internal int NextTarget;
    internal Phone? TargetPhone;
    internal int TargetContacts; // of the phone, as it was registered when the call came
    internal AttemptPatience Patience;
    internal TalkLimit CalleeTalkLimit;

    /// <summary>The gateway under way, its hops in the order drawn for this call, and which is next.</summary>
    internal RoutingGateway? Target;
    internal HopSet Hops = HopSet.Empty;
    internal readonly byte[] HopOrder = new byte[HopSet.MaxHops];
    internal int NextHop;
    internal int HopsTried;
    internal int AttemptListener;
    /// <summary>The numbers as the attempt under way sends them.</summary>
    internal DialString CallerSent;
    internal DialString CalleeSent;

    /// <summary>Answers the challenges of the gateway under way; made when the first one comes.</summary>
    internal DigestClient? Signer;

    /// <summary>The same of the calling leg: a carrier came to stand there by a transfer.</summary>
    private DigestClient? _callerSigner;
    internal int ChallengeRounds;
    /// <summary>The number whose portability a server is asked about; empty: none.</summary>
    internal DialString Asks;

    /// <summary>The number gateways and their costs are found by.</summary>
    internal DialString RoutedBy;

    /// <summary>Chance, drawn once.</summary>
    internal uint Draw;

    /// <summary>What the quality of gateways is kept by.</summary>
    internal string Destination = "";

    /// <summary>The quality the attempt under way, or the answered call, is counted in; null: it is not, or was.</summary>
    internal Routing.Quality.GatewayQuality? Quality;

    /// <summary>The pool number the attempt under way is shown by; it goes back with the line.</summary>
    internal PoolNumber? Shown;

    /// <summary>The dynamic black list the call is counted in, and what of it ends with the call and with the attempt.</summary>
    internal string? CountedIn;
    internal bool CalleeCounts;
    internal DynamicBlackList.Tally? Counted;
    internal DynamicBlackList.Tally? CountedAttempt;
    internal GatewayState? CallerLine;
    internal GatewayState? CalleeLine;
    internal int LastStatus;

    /// <summary>The Q.850 cause that came with it; 0 = none.</summary>
    internal int FailedCause;

    /// <summary>What the end that hung up gave as its Reason.</summary>
    internal ReasonCauses PeerReason;

    /// <summary>Retry-After of the last failure, s; 0 = it had none.</summary>
    internal int RetryAfter;
    internal Instant AttemptStart;

    /// <summary>Whom it is made to; and the last one that stands in the CDR.</summary>
    internal string AttemptName = "";
    internal int Listed;
    internal AttemptPhase Phase;
    internal bool SawSdp;
    internal bool SawRinging;

    // SIP under way
    internal ServerTransaction? CallerInvite;
    internal ServerTransaction? Bye;
    internal ClientTransaction? CalleeInvite;
    internal int Farewells;
    internal bool AckAwaited;

    /// <summary>The ACK of the callee's 200 as sent: each repetition of the 200 gets it again. Null while it is owed.</summary>
    internal byte[]? Ack;
    internal int AckLength;
    internal bool ByeCallerAfterAck;
    internal TimeSpan OkInterval;

    // Reliable provisional responses (RFC 3262), docs/calls.md

    /// <summary>The caller gets its provisional responses reliably.</summary>
    internal bool CallerReliable;

    /// <summary>It takes no others (Require: 100rel).</summary>
    internal bool CallerReliableOnly;

    /// <summary>Our INVITE says Supported: 100rel; by the target's <c>sip100Rel</c>.</summary>
    internal bool Offers100Rel;

    /// <summary>RSeq of the last reliable response to the caller; 0 = none yet.</summary>
    internal uint RSeq;

    /// <summary>One is out and not acknowledged; whether it has SDP.</summary>
    internal bool ProgressOut;
    internal bool ProgressHasSdp;

    /// <summary>What is to be said after it: status (0 = nothing) and whether with SDP.</summary>
    internal int NextProgress;
    internal bool NextProgressHasSdp;
    internal TimeSpan ProgressInterval;

    /// <summary>A late offer went to the caller in a reliable response: its answer comes in the PRACK.</summary>
    internal bool OfferPassed;

    /// <summary>Offer and answer are complete with the caller, before any 200.</summary>
    internal bool CallerAgreed;

    /// <summary>Who answered is not whose media the caller agreed to: it is told after its ACK.</summary>
    internal bool CallerMisled;

    /// <summary>The callee has answered; the caller's 200 waits for a PRACK (RFC 3262 §3).</summary>
    internal bool AnswerHeld;

    // A change of the answered call under way (re-INVITE or UPDATE)
    internal ChangeState Change;
    internal MediaSide ChangeBy;
    internal ServerTransaction? ChangeRequest;
    internal ClientTransaction? ChangeOut;
    internal uint ChangeCSeq;
    internal bool ChangeRings;
    internal bool CallerTakesUpdate;

    /// <summary>The asker's offer, until it is agreed upon; null when the far end is to offer.</summary>
    internal byte[]? ChangeOffer;
    internal int ChangeOfferLength;

    /// <summary>The ACK of the far end's 200 to the last change: each repetition of the 200 gets it again.</summary>
    internal byte[]? ChangeAck;
    internal int ChangeAckLength;

    /// <summary>The far end offered in its 200; its ACK waits for the asker's, which brings the answer.</summary>
    internal bool ChangeAckOwed;
    internal TimeSpan ChangeOkInterval;

    // Media
    internal CallAudio Audio;

    /// <summary>Keys the caller pressed, as far as the switch heard them; on the shard's own thread only.</summary>
    public KeyCount CallerKeys => Audio.CallerKeys;

    /// <summary>Likewise of the called end.</summary>
    public KeyCount CalleeKeys => Audio.CalleeKeys;

    internal MediaLease Lease;

    /// <summary>The m-line <see cref="Lease"/> is of, from 0; -1 from the lending until a description named one.</summary>
    internal int LeaseLine;

    /// <summary>Ports of further m-lines; null in calls that never had one.</summary>
    internal List<(int Line, MediaLease Lease)>? FurtherLeases;

    /// <summary>The call's media is relayed; without ports it goes from end to end.</summary>
    internal bool HasLease;

    /// <summary>Null: nothing of the leg is encrypted.</summary>
    internal LegSrtp? CallerSrtp;
    internal LegSrtp? CalleeSrtp;

    internal ref LegSrtp? SrtpOf(MediaSide side) => ref side == MediaSide.Caller ? ref CallerSrtp : ref CalleeSrtp;

    /// <summary>The phone under way registered from behind a NAT.</summary>
    internal bool CalleeBehindNat;

    /// <summary>The caller was told an address of a far end itself.</summary>
    internal bool CallerToldDirect;

    /// <summary>What an end said newly in the answer to a refresh is under way to the other.</summary>
    internal bool PassingRefreshed;

    /// <summary>What the caller said of its media last: its offer, until something newer was agreed on.</summary>
    internal byte[]? Offer;
    internal int OfferLength;
    internal bool AnswerSent;

    /// <summary>The caller's INVITE came without an offer.</summary>
    internal bool LateOffer;
    internal ulong SdpSession;
    internal ulong SdpSessionToCallee;
    internal uint SdpVersionToCaller;
    internal uint SdpVersionToCallee;
    internal ulong SdpSeenByCaller;
    internal ulong SdpSeenByCallee;

    /// <summary>What each end was last told of the session and agreed to: a refresh of ours repeats it, byte for byte.</summary>
    internal byte[]? SdpToCaller;
    internal int SdpToCallerLength;
    internal byte[]? SdpToCallee;
    internal int SdpToCalleeLength;

    // Money
    internal int CoveredSeconds;

    /// <summary>What the phone that pays may spend in a month; 0: it has no limit.</summary>
    internal long MonthlyLimitNanos;

    /// <summary>How many of the covered seconds packages give.</summary>
    internal int GiftSeconds;
    internal long ReservedNanos;
    internal int AskedSeconds;
    internal bool ExtendPending;
    internal bool MoneyEnds;

    /// <summary>Who pays was told that the money ends, or was not to be.</summary>
    internal bool Warned;

    // Deadlines
    internal Instant PhaseEndsAt = Instant.Never;
    internal Instant ResendOkAt = Instant.Never;
    internal Instant AckBy = Instant.Never;
    internal Instant ExtendAt = Instant.Never;
    internal Instant MoneyEndsAt = Instant.Never;
    internal Instant WarnAt = Instant.Never;
    internal Instant DurationEndsAt = Instant.Never;
    internal Instant UnansweredEndsAt = Instant.Never;
    internal TimeSpan LongestTalk = TimeSpan.MaxValue;
    internal Refusal DurationRefusal;
    internal Instant SettleAgainAt = Instant.Never;
    internal Instant FarewellEndsAt = Instant.Never;
    internal Instant ChangeResendAt = Instant.Never;
    internal Instant ChangeEndsAt = Instant.Never;
    internal Instant ResendProgressAt = Instant.Never;
    internal Instant PrackBy = Instant.Never;

    // Forwards (docs/forwards.md)

    /// <summary>Where the phone's calls go at once; null: it is called, or it was looked at already.</summary>
    internal ForwardPlan? Forward;
    internal ForwardCause ForwardCause;

    /// <summary>Under way: other calls try the phone's numbers.</summary>
    internal Forwarding? Forwarding;

    /// <summary>The call to the phone that forwarded to this one's number, until the answer.</summary>
    internal Call? ForwardedFrom;
    internal int ForwardDepth;

    /// <summary>How long whoever is called may ring, s; 0: as the device or the system says.</summary>
    internal int AlertSeconds;

    /// <summary>The server ended it, not one of its attempts.</summary>
    internal bool HungUp;

    // Transfers (docs/transfers.md)

    /// <summary>Asked for by an end of this call, and under way.</summary>
    internal Transfer? Giving;

    /// <summary>This call's far end is what a transfer under way wants.</summary>
    internal Transfer? Taking;

    /// <summary>Nobody made this call: it is the first of a callback (docs/callbacks.md).</summary>
    internal Callback? CallingBack;

    /// <summary>The call that goes on with what was this one's: here only the money runs.</summary>
    internal Call? CarriedBy;

    /// <summary>The calls that run with this one, chained by <see cref="NextCarried"/>.</summary>
    internal Call? Carries;
    internal Call? NextCarried;
    internal MediaSide TransferorSide;
    internal MediaSide PlaceInCarrier;
    internal bool CallerLeft;
    internal bool CalleeLeft;
    internal MediaWatch Watch;
    internal LegParty CallerParty;
    internal LegParty CalleeParty;

    /// <summary>Asks for the place of an end of this call, while the other end considers.</summary>
    internal Newcomer? Newcomer;
    internal Instant BridgeAt = Instant.Never;

    // How it ended
    internal Refusal Refusal;
    internal int FinalStatus;

    /// <summary>The Q.850 cause the caller is told; 0 = none.</summary>
    internal int FinalCause;

    /// <summary>True once a first provisional or the answer reached the caller.</summary>
    internal bool CallerHeard;

    /// <summary>True once the called end said it rings.</summary>
    public bool IsRinging => SawRinging;

    /// <summary>One of its phones has the states of its calls told.</summary>
    public bool ReportsState => Phone is { CallStateReport: true } || TargetPhone is { CallStateReport: true };

    /// <summary>What is held for the call, nanos of its tariff's currency.</summary>
    public long Reserved => ReservedNanos;

    /// <summary>The decision log as written so far; valid until the next event of the call.</summary>
    public ReadOnlySpan<byte> LogSoFar => Log.Written;

    internal Instant NextDeadline =>
        Instant.Min(
            Instant.Min(Instant.Min(Instant.Min(PhaseEndsAt, ResendOkAt), Instant.Min(AckBy, ExtendAt)), Instant.Min(ChangeResendAt, ChangeEndsAt)),
            Instant.Min(
                Instant.Min(Instant.Min(Instant.Min(MoneyEndsAt, DurationEndsAt), WarnAt), Instant.Min(SettleAgainAt, FarewellEndsAt)),
                Instant.Min(Instant.Min(Instant.Min(UnansweredEndsAt, BridgeAt), Instant.Min(ResendProgressAt, PrackBy)), Instant.Min(Instant.Min(CallerTimer.Due, CalleeTimer.Due), Watch.Due))));

    internal void StopClocks()
    {
        PhaseEndsAt = ResendOkAt = AckBy = ExtendAt = MoneyEndsAt = WarnAt = DurationEndsAt = SettleAgainAt = FarewellEndsAt = ChangeResendAt = ChangeEndsAt = UnansweredEndsAt = BridgeAt = ResendProgressAt = PrackBy = Instant.Never;
        CallerTimer.Stop();
        CalleeTimer.Stop();
        Watch.Stop();
    }

    internal void AddTarget(RoutingGateway gateway)
    {
        if (TargetCount == Targets.Length) Array.Resize(ref Targets, Targets.Length * 2);
        Targets[TargetCount++] = gateway;
    }

    internal void Reset()
    {
        CallerDialog.Release();
        Forks.Release();
        Log.Release();
        CallerSaid.Release();
        CalleeSaid.Release();
        Redirects.Release();
        DropOffer();
        Drop(ref SdpToCaller);
        Drop(ref SdpToCallee);
        SdpToCallerLength = SdpToCalleeLength = 0;
        CallerTimer.Begin(permitted: false);
        CalleeTimer.Begin(permitted: false);
        Patience = default;
        CalleeTalkLimit = default;
        LongestTalk = TimeSpan.MaxValue;
        DurationRefusal = Refusal.None;
        DropAttemptBuffers();
        DropChangeBuffers();
        Tables = null!;
        Cdr = null!;
        Gateway = null;
        Phone = null;
        Trunk = null;
        From = default;
        Payer = null;
        Caller = Callee = Dialled = CallerSent = Asks = RoutedBy = default;
        Shown = null;
        (Draw, Destination, Quality, AttemptName, Listed) = (0, "", null, "", 0);
        CountedIn = null;
        CalleeCounts = false;
        Counted = CountedAttempt = null;
        Hidden = false;
        Array.Clear(Targets, 0, TargetCount);
        TargetCount = NextTarget = 0;
        TargetPhone = null;
        TargetContacts = 0;
        Target = null;
        Hops = HopSet.Empty;
        NextHop = HopsTried = AttemptListener = ChallengeRounds = 0;
        CalleeSent = default;
        Signer?.Release();
        _callerSigner?.Release();
        CallerLine = CalleeLine = null;
        LastStatus = RetryAfter = FailedCause = FinalCause = 0;
        PeerReason = default;
        AttemptStart = default;
        Phase = AttemptPhase.Silent;
        SawSdp = SawRinging = false;
        CallerInvite = Bye = null;
        CalleeInvite = null;
        Farewells = 0;
        AckAwaited = ByeCallerAfterAck = false;
        OkInterval = default;
        Change = ChangeState.Idle;
        ChangeBy = MediaSide.Caller;
        ChangeRequest = null;
        ChangeOut = null;
        ChangeCSeq = 0;
        ChangeRings = CallerTakesUpdate = false;
        ChangeOkInterval = default;
        Lease = default;
        Audio = default;
        LeaseLine = 0;
        FurtherLeases?.Clear();
        CallerSrtp = CalleeSrtp = null;
        HasLease = CalleeBehindNat = CallerToldDirect = PassingRefreshed = false;
        AnswerSent = LateOffer = false;
        CallerReliable = CallerReliableOnly = Offers100Rel = ProgressOut = ProgressHasSdp = NextProgressHasSdp = OfferPassed = CallerAgreed = CallerMisled = AnswerHeld = false;
        RSeq = 0;
        NextProgress = 0;
        ProgressInterval = default;
        SdpSession = SdpSessionToCallee = 0;
        Forward = null;
        Forwarding = null;
        ForwardedFrom = null;
        ForwardDepth = AlertSeconds = 0;
        HungUp = false;
        Giving = Taking = null;
        CallingBack = null;
        Newcomer = null;
        CarriedBy = Carries = NextCarried = null;
        TransferorSide = PlaceInCarrier = MediaSide.Caller;
        CallerLeft = CalleeLeft = false;
        CallerParty = CalleeParty = default;
        SdpVersionToCaller = SdpVersionToCallee = 0;
        SdpSeenByCaller = SdpSeenByCallee = 0;
        CoveredSeconds = AskedSeconds = GiftSeconds = 0;
        ReservedNanos = MonthlyLimitNanos = 0;
        ExtendPending = MoneyEnds = Warned = false;
        Watch = default;
        StopClocks();
        Refusal = Refusal.None;
        FinalStatus = 0;
        CallerHeard = false;
        MaxForwards = 0;
        Id = default;
        State = CallState.Gone;
        Stamp++;
    }

    /// <summary>What belongs to one attempt only.</summary>
    internal void DropAttemptBuffers()
    {
        Drop(ref Ack);
        CalleeSaid.Release();
        AckLength = 0;
    }

    /// <summary>The caller's first offer, once no further attempt will need it.</summary>
    internal void DropOffer()
    {
        Drop(ref Offer);
        OfferLength = 0;
    }

    internal void KeepSdp(MediaSide towards, scoped ReadOnlySpan<byte> sdp)
    {
        ref byte[]? kept = ref towards == MediaSide.Caller ? ref SdpToCaller : ref SdpToCallee;
        ref int length = ref towards == MediaSide.Caller ? ref SdpToCallerLength : ref SdpToCalleeLength;
        if (kept is null || kept.Length < sdp.Length)
        {
            Drop(ref kept);
            kept = pool.Copy(sdp);
        }
        else
        {
            sdp.CopyTo(kept);
        }
        length = sdp.Length;
    }

    /// <summary>The change is over. Its ACK stays, for a 200 said again.</summary>
    internal void ReleaseChange()
    {
        Drop(ref ChangeOffer);
        ChangeOfferLength = 0;
        ChangeRequest = null;
        ChangeResendAt = ChangeEndsAt = Instant.Never;
    }

    internal void DropChangeBuffers()
    {
        Drop(ref ChangeOffer);
        Drop(ref ChangeAck);
        ChangeOfferLength = ChangeAckLength = 0;
        ChangeAckOwed = false;
    }

    internal void KeepChangeOffer(ReadOnlySpan<byte> sdp)
    {
        Drop(ref ChangeOffer);
        ChangeOffer = pool.Copy(sdp);
        ChangeOfferLength = sdp.Length;
    }

    internal void KeepChangeAck(ReadOnlySpan<byte> ack)
    {
        Drop(ref ChangeAck);
        ChangeAck = pool.Copy(ack);
        ChangeAckLength = ack.Length;
    }

    internal void KeepAck(ReadOnlySpan<byte> ack)
    {
        Drop(ref Ack);
        Ack = pool.Copy(ack);
        AckLength = ack.Length;
    }

    /// <summary>What a side said of its media last, while it rings: for the other side's answer, and for another far end to come.</summary>
    internal void KeepSaid(MediaSide side, ReadOnlySpan<byte> sdp)
    {
        if (side == MediaSide.Callee)
        {
            Forks.Current.KeepSdp(sdp);
            return;
        }
        Drop(ref Offer);
        Offer = pool.Copy(sdp);
        OfferLength = sdp.Length;
    }

    /// <summary>What a leg was last told of the session and agreed to.</summary>
    internal ReadOnlySpan<byte> SdpTowards(MediaSide leg) => leg == MediaSide.Caller ? SdpToCaller.AsSpan(0, SdpToCallerLength) : SdpToCallee.AsSpan(0, SdpToCalleeLength);

    internal ref ulong SdpSessionTowards(MediaSide leg) => ref leg == MediaSide.Caller ? ref SdpSession : ref SdpSessionToCallee;

    internal ref uint SdpVersionTowards(MediaSide leg) => ref leg == MediaSide.Caller ? ref SdpVersionToCaller : ref SdpVersionToCallee;

    internal ref ulong SdpSeenFrom(MediaSide leg) => ref leg == MediaSide.Caller ? ref SdpSeenByCaller : ref SdpSeenByCallee;

    /// <summary>Dialogs of a leg of each call change places, with session timer and signer.</summary>
    internal static void SwapLegs(Call one, MediaSide leg, Call other, MediaSide place)
    {
        (Dialog dialog, SessionTimer timer) = (one.DialogOf(leg), one.TimerOf(leg));
        one.PutLeg(leg, other.DialogOf(place), other.TimerOf(place));
        other.PutLeg(place, dialog, timer);
        ref DigestClient? signer = ref one.SignerOf(leg);
        ref DigestClient? others = ref other.SignerOf(place);
        (signer, others) = (others, signer);
    }

    /// <summary>The caller's sides of two calls that are not answered change places: dialog, INVITE, what was said on it and is to be said.</summary>
    internal static void SwapCallers(Call one, Call other)
    {
        SwapLegs(one, MediaSide.Caller, other, MediaSide.Caller);
        (one.CallerSaid, other.CallerSaid) = (other.CallerSaid, one.CallerSaid);
        Swap(ref one.CallerInvite, ref other.CallerInvite);
        Swap(ref one.CallingBack, ref other.CallingBack);
        Swap(ref one.Taking, ref other.Taking);
        if (one.Taking is { } ones) ones.To = one;
        if (other.Taking is { } others) others.To = other;
        Swap(ref one.CallerReliable, ref other.CallerReliable);
        Swap(ref one.CallerReliableOnly, ref other.CallerReliableOnly);
        Swap(ref one.RSeq, ref other.RSeq);
        Swap(ref one.ProgressOut, ref other.ProgressOut);
        Swap(ref one.ProgressHasSdp, ref other.ProgressHasSdp);
        Swap(ref one.NextProgress, ref other.NextProgress);
        Swap(ref one.NextProgressHasSdp, ref other.NextProgressHasSdp);
        Swap(ref one.ProgressInterval, ref other.ProgressInterval);
        Swap(ref one.ResendProgressAt, ref other.ResendProgressAt);
        Swap(ref one.PrackBy, ref other.PrackBy);
        Swap(ref one.CallerHeard, ref other.CallerHeard);
        Swap(ref one.CallerToldDirect, ref other.CallerToldDirect);
        Swap(ref one.CallerTakesUpdate, ref other.CallerTakesUpdate);
        Swap(ref one.SdpSession, ref other.SdpSession);
        Swap(ref one.SdpVersionToCaller, ref other.SdpVersionToCaller);
        Swap(ref one.SdpSeenByCaller, ref other.SdpSeenByCaller);
        Swap(ref one.SdpToCaller, ref other.SdpToCaller);
        Swap(ref one.SdpToCallerLength, ref other.SdpToCallerLength);
        Swap(ref one.UnansweredEndsAt, ref other.UnansweredEndsAt);

        static void Swap<T>(ref T a, ref T b) => (a, b) = (b, a);
    }

    /// <summary>Another dialog and session timer for a leg; those that were there are returned.</summary>
    internal (Dialog Dialog, SessionTimer Timer) ExchangeLeg(MediaSide leg, Dialog dialog, SessionTimer timer)
    {
        (Dialog, SessionTimer) before = (DialogOf(leg), TimerOf(leg));
        PutLeg(leg, dialog, timer);
        return before;
    }

    private Dialog DialogOf(MediaSide leg) => leg == MediaSide.Caller ? CallerDialog : CalleeDialog;

    private ref DigestClient? SignerOf(MediaSide leg) => ref leg == MediaSide.Caller ? ref _callerSigner : ref Signer;

    private SessionTimer TimerOf(MediaSide leg) => leg == MediaSide.Caller ? CallerTimer : CalleeTimer;

    private void PutLeg(MediaSide leg, Dialog dialog, SessionTimer timer)
    {
        if (leg == MediaSide.Caller) (CallerDialog, CallerTimer) = (dialog, timer);
        else (Forks.Current.Dialog, CalleeTimer) = (dialog, timer);
    }

    internal void SetParty(MediaSide leg, LegParty party)
    {
        if (leg == MediaSide.Caller) CallerParty = party;
        else CalleeParty = party;
    }

    internal void SetLeft(MediaSide leg, bool left)
    {
        if (leg == MediaSide.Caller) CallerLeft = left;
        else CalleeLeft = left;
    }

    internal void ReleaseLine(MediaSide leg)
    {
        ref GatewayState? line = ref leg == MediaSide.Caller ? ref CallerLine : ref CalleeLine;
        line?.ReleaseLine();
        line = null;
        if (leg == MediaSide.Caller) return;
        Shown?.Release();
        Shown = null;
        if (CountedAttempt is { } counted) DynamicBlackList.EndCall(counted);
        CountedAttempt = null;
    }

    internal void TakeLine(MediaSide leg, GatewayState line)
    {
        ReleaseLine(leg);
        if (leg == MediaSide.Caller) CallerLine = line;
        else CalleeLine = line;
    }

    /// <summary>The ACK of the last change moves here with the dialog it belongs to.</summary>
    internal void TakeChangeAck(Call from)
    {
        DropChangeBuffers();
        (ChangeAck, ChangeAckLength) = (from.ChangeAck, from.ChangeAckLength);
        (from.ChangeAck, from.ChangeAckLength) = (null, 0);
    }

    internal ReadOnlySpan<byte> SaidBy(MediaSide side) =>
        side == MediaSide.Caller ? Offer.AsSpan(0, OfferLength) : Forks.Current.Sdp.AsSpan(0, Forks.Current.SdpLength);

    private void Drop(ref byte[]? buffer)
    {
        if (buffer is not null) pool.Return(buffer);
        buffer = null;
    }
}
