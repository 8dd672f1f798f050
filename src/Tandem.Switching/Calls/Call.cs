using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

/// <summary>
/// One call and all it holds. Touched by one thread, the owner of its shard. Objects are used again: <see cref="Reset"/> must
/// leave nothing of the last call behind.
/// </summary>
public sealed class Call(int slot, BytePool pool)
{
    internal readonly int Slot = slot;
    internal readonly Dialog CallerDialog = new(pool);
    internal readonly Dialog CalleeDialog = new(pool);
    internal readonly DecisionLog Log = new(pool);

    public CallId Id { get; internal set; }

    public CallState State { get; internal set; } = CallState.Gone;

    /// <summary>The tables the call was decided by: read once, when it arrived.</summary>
    internal SwitchTables Tables = null!;

    public Cdr Cdr { get; internal set; } = null!;

    // Who calls
    internal int Listener;
    internal MappingGateway? Gateway;
    internal Phone? Phone;
    internal Account? Payer;
    internal DialString Caller;
    internal DialString Callee;
    internal int MaxForwards;

    // Whom we try
    internal RoutingGateway?[] Targets = new RoutingGateway?[8];
    internal int TargetCount;
    internal int NextTarget;
    internal Phone? TargetPhone;
    internal GatewayState? CallerLine;
    internal GatewayState? CalleeLine;
    internal int LastStatus;
    internal Instant AttemptStart;
    internal bool SawSdp;
    internal bool SawRinging;

    // SIP under way
    internal ServerTransaction? CallerInvite;
    internal ServerTransaction? Bye;
    internal ClientTransaction? CalleeInvite;
    internal int Farewells;
    internal bool AckAwaited;
    internal bool ByeCallerAfterAck;
    internal TimeSpan OkInterval;

    // Media
    internal MediaLease Lease;
    internal bool HasLease;
    internal byte[]? Offer;
    internal int OfferLength;
    internal bool AnswerSent;
    internal bool LateOffer;
    internal ulong SdpSession;
    internal uint SdpVersionToCaller;
    internal uint SdpVersionToCallee;

    // Money
    internal int CoveredSeconds;
    internal long ReservedNanos;
    internal int AskedSeconds;
    internal bool ExtendPending;
    internal bool MoneyEnds;

    // Deadlines
    internal Instant PhaseEndsAt = Instant.Never;
    internal Instant ResendOkAt = Instant.Never;
    internal Instant AckBy = Instant.Never;
    internal Instant ExtendAt = Instant.Never;
    internal Instant MoneyEndsAt = Instant.Never;
    internal Instant DurationEndsAt = Instant.Never;
    internal Instant SettleAgainAt = Instant.Never;
    internal Instant FarewellEndsAt = Instant.Never;

    // How it ended
    internal Refusal Refusal;
    internal int FinalStatus;

    /// <summary>True once a first provisional or the answer reached the caller.</summary>
    internal bool CallerHeard;

    /// <summary>True once the called end said it rings.</summary>
    public bool IsRinging => SawRinging;

    /// <summary>What is held for the call, nanos of its tariff's currency.</summary>
    public long Reserved => ReservedNanos;

    /// <summary>The decision log as written so far; valid until the next event of the call.</summary>
    public ReadOnlySpan<byte> LogSoFar => Log.Written;

    internal Instant NextDeadline =>
        Instant.Min(
            Instant.Min(Instant.Min(PhaseEndsAt, ResendOkAt), Instant.Min(AckBy, ExtendAt)),
            Instant.Min(Instant.Min(MoneyEndsAt, DurationEndsAt), Instant.Min(SettleAgainAt, FarewellEndsAt)));

    internal void StopClocks() =>
        PhaseEndsAt = ResendOkAt = AckBy = ExtendAt = MoneyEndsAt = DurationEndsAt = SettleAgainAt = FarewellEndsAt = Instant.Never;

    internal void AddTarget(RoutingGateway gateway)
    {
        if (TargetCount == Targets.Length) Array.Resize(ref Targets, Targets.Length * 2);
        Targets[TargetCount++] = gateway;
    }

    internal void Reset()
    {
        CallerDialog.Release();
        CalleeDialog.Release();
        Log.Release();
        if (Offer is not null) pool.Return(Offer);
        Offer = null;
        OfferLength = 0;
        Tables = null!;
        Cdr = null!;
        Gateway = null;
        Phone = null;
        Payer = null;
        Caller = Callee = default;
        Array.Clear(Targets, 0, TargetCount);
        TargetCount = NextTarget = 0;
        TargetPhone = null;
        CallerLine = CalleeLine = null;
        LastStatus = 0;
        AttemptStart = default;
        SawSdp = SawRinging = false;
        CallerInvite = Bye = null;
        CalleeInvite = null;
        Farewells = 0;
        AckAwaited = ByeCallerAfterAck = false;
        OkInterval = default;
        Lease = default;
        HasLease = false;
        AnswerSent = LateOffer = false;
        SdpSession = 0;
        SdpVersionToCaller = SdpVersionToCallee = 0;
        CoveredSeconds = AskedSeconds = 0;
        ReservedNanos = 0;
        ExtendPending = MoneyEnds = false;
        StopClocks();
        Refusal = Refusal.None;
        FinalStatus = 0;
        CallerHeard = false;
        MaxForwards = 0;
        State = CallState.Gone;
    }
}
