using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Switching.Calls;

/// <summary>What one entry of a decision log tells. Numbers are for ever: they stand in CDRs.</summary>
public enum DecisionKind : byte
{
    /// <summary>text: who the caller was taken for; text: by which rule.</summary>
    Identified = 1,
    /// <summary>text: whose dial plan; text: from; text: to; number: rule, −1 = none matched.</summary>
    Rewrote = 2,
    /// <summary>text: gateway; number: <see cref="Routing.RouteVerdict"/>; number: matched prefix length; number: how many seconds it is down already, or rests still, where that is why.</summary>
    Candidate = 3,
    /// <summary>text: deck; text: prefix; text: area; number: nanos a minute; number: connect fee nanos; number: first; number: next.</summary>
    Rated = 4,
    /// <summary>number: nanos; number: seconds they cover.</summary>
    Reserved = 5,
    /// <summary>number: nanos added; number: seconds now covered.</summary>
    Extended = 6,
    /// <summary>number: seconds covered: the money ends there.</summary>
    MoneyEnds = 7,
    /// <summary>number: attempt; text: gateway or phone; text: number sent; text: address.</summary>
    Attempt = 8,
    /// <summary>number: attempt; number: SIP status or 0; number: <see cref="Refusal"/>; number: 1 = the next was tried; number: <see cref="Routing.Failover.FailoverStep"/>, 0 in older logs and for a redirection that is followed.</summary>
    Outcome = 9,
    /// <summary>number: <see cref="Refusal"/>.</summary>
    Refused = 10,
    /// <summary>number: <see cref="MediaSide"/>; number: 0 = arrived, 1 = sent; text: method or status; number: CSeq.</summary>
    Message = 11,
    /// <summary>number: hold time in ms; number: billable seconds; number: billed seconds; number: nanos; text: whose account.</summary>
    Charged = 12,
    /// <summary>text: address towards the caller; text: address towards the callee.</summary>
    MediaLent = 13,
    /// <summary>number: <see cref="Cdrs.EndDirection"/>; number: end reason.</summary>
    Ended = 14,
    /// <summary>number: revision of the tables.</summary>
    Revision = 15,
    /// <summary>text: gateway; number: SIP status it gave; number: seconds it is left alone (Retry-After).</summary>
    GatewayRests = 20,
    /// <summary>number: <see cref="MediaSide"/>; number: SIP cause of its Reason header or 0; number: Q.850 cause or 0.</summary>
    PeerReason = 21,
    /// <summary>text: gateway; text: why its name has no address, a sentence without its full stop.</summary>
    Unresolved = 30,
    /// <summary>number: attempt; number: which hop, from 1; number: of how many; text: address.</summary>
    Hop = 31,
    /// <summary>number: attempt; number: SIP status or 0; number: <see cref="Refusal"/>.</summary>
    HopFailed = 32,
    /// <summary>text: gateway; number: 401 or 407; number: round, from 1.</summary>
    Challenged = 33,
    /// <summary>text: gateway; text: why not, without full stop; number: 401 or 407.</summary>
    ChallengeUnanswered = 34,
    /// <summary>number: <see cref="Identity.CallerSource"/> wanted; number: taken; number: <see cref="Identity.CalleeSource"/> wanted; number: taken. For gateways.</summary>
    NumbersRead = 40,
    /// <summary>number: what the endpoint was shown, bits of <see cref="CallerShown"/>; number: header fields passed; number: header fields left out.</summary>
    Shown = 41,
    /// <summary>number: the status the caller would have heard; number: the one he hears (callFailedSipCode).</summary>
    StatusChanged = 42,
    /// <summary>number: the Q.850 cause the caller would have heard; number: the one he hears (callFailedQ931CauseValue).</summary>
    CauseChanged = 111,
    /// <summary>text: the number called; text: the phone it is bound to.</summary>
    BoundTo = 112,
    /// <summary>text: phone; text: the first number it forwards to; number: <see cref="Admission.ForwardCause"/>; number: <see cref="Configuration.ForwardMethod"/>; number: how many numbers.</summary>
    Forwards = 113,
    /// <summary>text: a phone that is away, whose number is tried over gateways.</summary>
    OfflineToGateways = 114,
    /// <summary>text: the number forwarded to; number: the other call; number: <see cref="ForwardStage"/>; number: SIP status or 0; number: <see cref="Refusal"/>.</summary>
    ForwardLeg = 115,
    /// <summary>text: the phone that forwards this call; number: the call it was before.</summary>
    ForwardedFrom = 116,
    /// <summary>text: the number that was called before the call was diverted.</summary>
    Diverted = 43,
    /// <summary>number: 1 = relayed, 0 = direct; number: <see cref="MediaProxy.ProxyStep"/>.</summary>
    MediaPlaced = 50,
    /// <summary>text: the party that is transferred; text: to whom; number: the other call; number: <see cref="TransferStage"/>; number: of a failure, the status the transferor was told.</summary>
    Transferred = 60,
    /// <summary>number: entries left out before this one, the log being full.</summary>
    LeftOut = 61,
    /// <summary>text: the number of the end whose place is asked for; text: the phone or gateway that asks.</summary>
    Replaced = 62,
    /// <summary>number: <see cref="MediaSide"/> that sent nothing; number: for how many seconds; number: 1 = nor did the other.</summary>
    Silent = 65,
    /// <summary>number: m-line, from 0; number: packets of it heard from the caller; number: from the called end.</summary>
    StreamHeard = 66,
    /// <summary>text: gateway; number: calls of ours; number: calls it published; number: its capacity, which both together reach.</summary>
    Published = 70,
    /// <summary>text: a mapping gateway that was nearly the caller; text: its callPrefix; number: <see cref="Admission.NearMissKind"/>.</summary>
    NearMiss = 110,
    /// <summary>text: phone; number: how many seconds ago it left the OPTIONS unanswered that made it count as away.</summary>
    PhoneSilent = 71,
    /// <summary>text: the number; text: the list it is on, or the limit it breaks; number: <see cref="Refusal"/>.</summary>
    NumberRefused = 100,
    /// <summary>text: whose call; text: from; text: to. By the number transform table.</summary>
    Transformed = 101,
    /// <summary>text: gateway; text: number group; text: the number taken, none when all are in use; number: calls that use it now; number: how many may.</summary>
    PoolNumber = 102,
    /// <summary>text: the number; text: its routing number; number: <see cref="Numbers.LrnSource"/>.</summary>
    Ported = 103,
    /// <summary>text: why whom the number was ported to is not known; number: 1 = the call goes on without.</summary>
    LrnMissed = 104,
    /// <summary>text: the number the call is priced by; number: <see cref="Numbers.Jurisdiction"/>.</summary>
    PricedAs = 105,
    /// <summary>text: area code of the caller; text: of the callee.</summary>
    Areas = 106,
    /// <summary>number: the caller's call level; number: the one the destination asks for.</summary>
    Level = 107,
    /// <summary>text: the address; text: its area, none when it is in none.</summary>
    CameFrom = 108,
    /// <summary>text: gateway; number: its cost, nanos a minute, or below 0; number: answer rate in thousandths, or below 0; number: of so many attempts; number: 1 = its quality puts it behind. What the order was made by.</summary>
    CandidateRank = 130,
    /// <summary>text: prefix the number is routed by; number: percent of the caller's calls that are.</summary>
    Proportion = 131,
    /// <summary>number: <see cref="Media.Codecs.AudioEncoding"/> of the caller; number: of the called end; number: 1 = transcoded; number: ms a packet to the caller, 0 as they come; number: to the called end; number: <see cref="Media.Streams.DtmfTurn"/> of the caller's events; number: of its tones; number: of the called end's events; number: of its tones.</summary>
    AudioAgreed = 150,
    /// <summary>text: gateway or phone; text: the formats offered.</summary>
    CodecsDiffer = 151,
    /// <summary>text: country whose ring-back tone the caller hears.</summary>
    Ringing = 152,
    /// <summary>text: file, or why there is none; number: 1 = begins, 0 = ends, 2 = could not begin.</summary>
    Recording = 153,
    /// <summary>number: <see cref="MediaSide"/> that pays; number: seconds left; number: 1 = heard, 0 = its media does not pass the switch in G.711; text: the word there was no sound for. Who pays was told that the money ends.</summary>
    Warned = 154,
}

/// <summary>How far the call to a forward's number has come, in <see cref="DecisionKind.ForwardLeg"/>.</summary>
public enum ForwardStage : byte { Begun, Answered, Failed, Left }

/// <summary>How far a transfer has come, in <see cref="DecisionKind.Transferred"/>.</summary>
public enum TransferStage : byte { Asked, Done, Failed }

/// <summary>What an endpoint was shown of a caller besides the number in From, in <see cref="DecisionKind.Shown"/>.</summary>
[Flags]
public enum CallerShown
{
    Nothing = 0,
    Anonymous = 1,
    Display = 2,
    PrivacyHeader = 4,
    AssertedIdentity = 8,
    PreferredIdentity = 16,
    RemotePartyId = 32,
    OriginalTo = 64,
}

/// <summary>
/// Why a call went as it did, and its SIP ladder: a few hundred bytes, written as the call goes and kept with the CDR.
/// An entry is its kind, the microseconds since the call's start, and its arguments. Bounded: when it is full, entries are
/// counted instead of written, and the reader is told.
/// </summary>
public sealed class DecisionLog(BytePool pool)
{
    /// <summary>A call that needs more than this has been explained enough.</summary>
    public const int MaxBytes = 4096;

    /// <summary>
    /// Kept for decisions and the end: what a long call repeats (messages of its refreshes, slices of its money) goes no further than this from the end.
    /// </summary>
    private const int KeptForTheEnd = 1024;

    private byte[]? _bytes;
    private int _length;
    private Instant _start;

    /// <summary>Entries that did not fit.</summary>
    public int Dropped { get; private set; }

    public void Begin(Instant start)
    {
        _start = start;
        _length = 0;
        Dropped = 0;
        _bytes ??= pool.Rent(512);
    }

    /// <summary>When the call came.</summary>
    public Instant Start => _start;

    public ReadOnlySpan<byte> Written => _bytes is null ? [] : _bytes.AsSpan(0, _length);

    /// <summary>Gives the buffer back.</summary>
    public void Release()
    {
        if (_bytes is not null) pool.Return(_bytes);
        _bytes = null;
        _length = 0;
    }

    public void Identified(Instant now, string who, scoped ReadOnlySpan<byte> rule)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutText(ref w, who);
        PutText(ref w, rule);
        Append(DecisionKind.Identified, now, ref w);
    }

    public void NearMiss(Instant now, string gateway, Admission.NearMissKind kind, in DialString prefix)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutText(ref w, gateway);
        PutText(ref w, prefix.Bytes);
        PutNumber(ref w, (int)kind);
        Append(DecisionKind.NearMiss, now, ref w);
    }

    public void Rewrote(Instant now, string whose, in DialString from, in DialString to, int rule)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutText(ref w, whose);
        PutText(ref w, from.Bytes);
        PutText(ref w, to.Bytes);
        PutNumber(ref w, rule);
        Append(DecisionKind.Rewrote, now, ref w);
    }

    public void Candidate(Instant now, string gateway, byte verdict, int prefixLength) =>
        Add(DecisionKind.Candidate, now, gateway, verdict, prefixLength);

    public void Candidate(Instant now, string gateway, byte verdict, int prefixLength, TimeSpan length) =>
        Add(DecisionKind.Candidate, now, gateway, verdict, prefixLength, (long)length.TotalSeconds);

    public void CandidateRank(Instant now, string gateway, long cost, int answerRate, int samples, bool behind) =>
        Add(DecisionKind.CandidateRank, now, gateway, cost, answerRate, samples, behind ? 1 : 0);

    public void Proportion(Instant now, in DialString prefix, int percent) => Add(DecisionKind.Proportion, now, prefix.Bytes, percent);

    public void PeerReason(Instant now, MediaSide leg, int sip, int q850) => Add(DecisionKind.PeerReason, now, [], (int)leg, sip, q850);

    public void GatewayRests(Instant now, string gateway, int status, int seconds) => Add(DecisionKind.GatewayRests, now, gateway, status, seconds);

    public void Reserved(Instant now, long nanos, int seconds) => Add(DecisionKind.Reserved, now, [], nanos, seconds);

    public void Extended(Instant now, long nanos, int seconds) => Add(DecisionKind.Extended, now, [], nanos, seconds);

    public void MoneyEnds(Instant now, int seconds) => Add(DecisionKind.MoneyEnds, now, [], seconds);

    public void Outcome(Instant now, int attempt, int status, Refusal refusal, bool next, Routing.Failover.FailoverStep step = 0) =>
        Add(DecisionKind.Outcome, now, [], attempt, status, (int)refusal, next ? 1 : 0, (int)step);

    public void Refused(Instant now, Refusal refusal) => Add(DecisionKind.Refused, now, [], (int)refusal);

    public void Message(Instant now, MediaSide leg, bool sent, scoped ReadOnlySpan<byte> what, long cseq) =>
        Add(DecisionKind.Message, now, what, (int)leg, sent ? 1 : 0, cseq);

    public void Message(Instant now, MediaSide leg, bool sent, int status, long cseq)
    {
        Span<byte> digits = stackalloc byte[4];
        status.TryFormat(digits, out int n);
        Message(now, leg, sent, digits[..n], cseq);
    }

    public void NumbersRead(Instant now, int callerWanted, int callerTaken, int calleeWanted, int calleeTaken) =>
        Add(DecisionKind.NumbersRead, now, [], callerWanted, callerTaken, calleeWanted, calleeTaken);

    public void Shown(Instant now, CallerShown what, int passed, int leftOut) => Add(DecisionKind.Shown, now, [], (int)what, passed, leftOut);

    public void StatusChanged(Instant now, int from, int to) => Add(DecisionKind.StatusChanged, now, [], from, to);

    public void BoundTo(Instant now, in DialString called, string phone)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutText(ref w, called.Bytes);
        PutText(ref w, phone);
        Append(DecisionKind.BoundTo, now, ref w);
    }

    public void Forwards(Instant now, string phone, in DialString first, int cause, int method, int count)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutText(ref w, phone);
        PutText(ref w, first.Bytes);
        PutNumber(ref w, cause);
        PutNumber(ref w, method);
        PutNumber(ref w, count);
        Append(DecisionKind.Forwards, now, ref w);
    }

    public void OfflineToGateways(Instant now, string phone) => Add(DecisionKind.OfflineToGateways, now, phone);

    public void ForwardLeg(Instant now, in DialString number, CallId other, ForwardStage stage, int status, Refusal refusal) =>
        Add(DecisionKind.ForwardLeg, now, number.Bytes, other.Value, (int)stage, status, (int)refusal);

    public void ForwardedFrom(Instant now, string phone, CallId other) => Add(DecisionKind.ForwardedFrom, now, phone, other.Value);

    public void CauseChanged(Instant now, int from, int to) => Add(DecisionKind.CauseChanged, now, [], from, to);

    public void Diverted(Instant now, in DialString first) => Add(DecisionKind.Diverted, now, first.Bytes);

    public void Transferred(Instant now, in DialString who, in DialString to, CallId other, TransferStage stage, int status = 0)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutText(ref w, who.Bytes);
        PutText(ref w, to.Bytes);
        PutNumber(ref w, other.Value);
        PutNumber(ref w, (int)stage);
        PutNumber(ref w, status);
        Append(DecisionKind.Transferred, now, ref w);
    }

    public void Replaced(Instant now, in DialString who, string by)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutText(ref w, who.Bytes);
        PutText(ref w, by);
        Append(DecisionKind.Replaced, now, ref w);
    }

    public void Silent(Instant now, MediaSide side, int seconds, bool both) => Add(DecisionKind.Silent, now, [], (int)side, seconds, both ? 1 : 0);

    public void PhoneSilent(Instant now, string phone, TimeSpan length) => Add(DecisionKind.PhoneSilent, now, phone, (long)length.TotalSeconds);

    public void Published(Instant now, string gateway, int own, int published, int capacity) => Add(DecisionKind.Published, now, gateway, own, published, capacity);

    public void NumberRefused(Instant now, in DialString number, string by, Refusal refusal)
    {
        Span<byte> scratch = stackalloc byte[512];
        var w = new ByteWriter(scratch);
        PutText(ref w, number.Bytes);
        PutText(ref w, by);
        PutNumber(ref w, (int)refusal);
        Append(DecisionKind.NumberRefused, now, ref w);
    }

    public void Transformed(Instant now, string whose, in DialString from, in DialString to)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutText(ref w, whose);
        PutText(ref w, from.Bytes);
        PutText(ref w, to.Bytes);
        Append(DecisionKind.Transformed, now, ref w);
    }

    public void PoolNumber(Instant now, string gateway, string group, in DialString number, int calls, int lines)
    {
        Span<byte> scratch = stackalloc byte[512];
        var w = new ByteWriter(scratch);
        PutText(ref w, gateway);
        PutText(ref w, group);
        PutText(ref w, number.Bytes);
        PutNumber(ref w, calls);
        PutNumber(ref w, lines);
        Append(DecisionKind.PoolNumber, now, ref w);
    }

    public void Ported(Instant now, in DialString number, in DialString routing, Numbers.LrnSource source)
    {
        Span<byte> scratch = stackalloc byte[128];
        var w = new ByteWriter(scratch);
        PutText(ref w, number.Bytes);
        PutText(ref w, routing.Bytes);
        PutNumber(ref w, (int)source);
        Append(DecisionKind.Ported, now, ref w);
    }

    public void LrnMissed(Instant now, string why, bool goesOn) => Add(DecisionKind.LrnMissed, now, why, goesOn ? 1 : 0);

    public void PricedAs(Instant now, in DialString number, Numbers.Jurisdiction jurisdiction) => Add(DecisionKind.PricedAs, now, number.Bytes, (int)jurisdiction);

    public void Areas(Instant now, string caller, string callee)
    {
        Span<byte> scratch = stackalloc byte[128];
        var w = new ByteWriter(scratch);
        PutText(ref w, caller);
        PutText(ref w, callee);
        Append(DecisionKind.Areas, now, ref w);
    }

    public void Level(Instant now, int has, int needed) => Add(DecisionKind.Level, now, [], has, needed);

    public void CameFrom(Instant now, in NetAddress source, string area)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutText(ref w, source);
        PutText(ref w, area);
        Append(DecisionKind.CameFrom, now, ref w);
    }

    public void Ended(Instant now, int direction, int reason)
    {
        if (Dropped > 0) Add(DecisionKind.LeftOut, now, [], Dropped);
        Add(DecisionKind.Ended, now, [], direction, reason);
    }

    public void Revision(Instant now, int revision) => Add(DecisionKind.Revision, now, [], revision);

    public void Rated(Instant now, in Billing.Rate rate, string deck, string period = "")
    {
        Span<byte> scratch = stackalloc byte[512];
        var w = new ByteWriter(scratch);
        PutText(ref w, deck);
        PutText(ref w, rate.Prefix.Bytes);
        PutText(ref w, rate.Area);
        PutNumber(ref w, rate.Tariff.RatePerMinuteNanos);
        PutNumber(ref w, rate.Tariff.ConnectFeeNanos);
        PutNumber(ref w, rate.Tariff.FirstSeconds);
        PutNumber(ref w, rate.Tariff.NextSeconds);
        bool exchanged = rate.Tariff.Terms?.Exchange is not null;
        if (period.Length > 0 || exchanged) PutText(ref w, period);
        if (exchanged) PutText(ref w, rate.Tariff.RateCurrency.ToString());
        Append(DecisionKind.Rated, now, ref w);
    }

    public void Attempt(Instant now, int attempt, string to, in DialString number, in NetAddress address)
    {
        Span<byte> scratch = stackalloc byte[512];
        var w = new ByteWriter(scratch);
        PutNumber(ref w, attempt);
        PutText(ref w, to);
        PutText(ref w, number.Bytes);
        PutText(ref w, address);
        Append(DecisionKind.Attempt, now, ref w);
    }

    public void Unresolved(Instant now, string gateway, string why)
    {
        Span<byte> scratch = stackalloc byte[512];
        var w = new ByteWriter(scratch);
        PutText(ref w, gateway);
        PutText(ref w, why);
        Append(DecisionKind.Unresolved, now, ref w);
    }

    public void Hop(Instant now, int attempt, int which, int of, in NetAddress address)
    {
        Span<byte> scratch = stackalloc byte[128];
        var w = new ByteWriter(scratch);
        PutNumber(ref w, attempt);
        PutNumber(ref w, which);
        PutNumber(ref w, of);
        PutText(ref w, address);
        Append(DecisionKind.Hop, now, ref w);
    }

    public void HopFailed(Instant now, int attempt, int status, Refusal refusal) =>
        Add(DecisionKind.HopFailed, now, [], attempt, status, (int)refusal);

    public void Challenged(Instant now, string gateway, int status, int round) => Add(DecisionKind.Challenged, now, gateway, status, round);

    public void ChallengeUnanswered(Instant now, string gateway, int status, string why)
    {
        Span<byte> scratch = stackalloc byte[512];
        var w = new ByteWriter(scratch);
        PutText(ref w, gateway);
        PutText(ref w, why);
        PutNumber(ref w, status);
        Append(DecisionKind.ChallengeUnanswered, now, ref w);
    }

    public void MediaPlaced(Instant now, MediaProxy.ProxyDecision decision) => Add(DecisionKind.MediaPlaced, now, [], decision.Relay ? 1 : 0, (int)decision.Step);

    public void MediaLent(Instant now, in NetAddress towardsCaller, in NetAddress towardsCallee)
    {
        Span<byte> scratch = stackalloc byte[128];
        var w = new ByteWriter(scratch);
        PutText(ref w, towardsCaller);
        PutText(ref w, towardsCallee);
        Append(DecisionKind.MediaLent, now, ref w);
    }

    public void AudioAgreed(Instant now, Media.Codecs.AudioEncoding caller, Media.Codecs.AudioEncoding callee, bool transcoded, Media.Streams.AudioPlan? plan) =>
        Add(DecisionKind.AudioAgreed, now, [], (int)caller, (int)callee, transcoded ? 1 : 0, (plan?.FromB.FrameSamples ?? 0) / 8, (plan?.FromA.FrameSamples ?? 0) / 8,
            (int)(plan?.FromA.Events ?? 0), (int)(plan?.FromA.Tones ?? 0), (int)(plan?.FromB.Events ?? 0), (int)(plan?.FromB.Tones ?? 0));

    public void CodecsDiffer(Instant now, string name, scoped ReadOnlySpan<byte> formats)
    {
        Span<byte> scratch = stackalloc byte[512];
        var w = new ByteWriter(scratch);
        PutText(ref w, name);
        PutText(ref w, formats);
        Append(DecisionKind.CodecsDiffer, now, ref w);
    }

    public void Ringing(Instant now, string country) => Add(DecisionKind.Ringing, now, country);

    public void Warned(Instant now, MediaSide payer, int seconds, bool heard, string missing) => Add(DecisionKind.Warned, now, missing, (int)payer, seconds, heard ? 1 : 0);

    public void Recording(Instant now, int what, string text) => Add(DecisionKind.Recording, now, text, what);

    public void StreamHeard(Instant now, int line, long caller, long callee) => Add(DecisionKind.StreamHeard, now, [], line, caller, callee);

    public void Charged(Instant now, TimeSpan hold, int billable, int billed, long nanos, string account)
    {
        Span<byte> scratch = stackalloc byte[256];
        var w = new ByteWriter(scratch);
        PutNumber(ref w, (long)hold.TotalMilliseconds);
        PutNumber(ref w, billable);
        PutNumber(ref w, billed);
        PutNumber(ref w, nanos);
        PutText(ref w, account);
        Append(DecisionKind.Charged, now, ref w);
    }

    private void Add(DecisionKind kind, Instant now, string text, params scoped ReadOnlySpan<long> numbers)
    {
        Span<byte> scratch = stackalloc byte[512];
        var w = new ByteWriter(scratch);
        PutText(ref w, text);
        foreach (long number in numbers) PutNumber(ref w, number);
        Append(kind, now, ref w);
    }

    private void Add(DecisionKind kind, Instant now, scoped ReadOnlySpan<byte> text, params scoped ReadOnlySpan<long> numbers)
    {
        Span<byte> scratch = stackalloc byte[512];
        var w = new ByteWriter(scratch);
        if (!text.IsEmpty) PutText(ref w, text);
        foreach (long number in numbers) PutNumber(ref w, number);
        Append(kind, now, ref w);
    }

    // A text argument: its length (below 0x80) in one byte, then the bytes; longer ones are cut.
    private static void PutText(ref ByteWriter w, scoped ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> cut = text.Length > 127 ? text[..127] : text;
        w.PutByte((byte)cut.Length);
        w.Text(cut);
    }

    private static void PutText(ref ByteWriter w, string text)
    {
        Span<byte> bytes = stackalloc byte[384];
        System.Text.Unicode.Utf8.FromUtf16(text.AsSpan(0, Math.Min(text.Length, 127)), bytes, out _, out int n);
        PutText(ref w, bytes[..n]);
    }

    private static void PutText(ref ByteWriter w, in NetAddress address)
    {
        Span<byte> bytes = stackalloc byte[64];
        var a = new ByteWriter(bytes);
        a.HostPort(address);
        PutText(ref w, a.Written);
    }

    // A number argument: 0x80 | byte count (0 to 8), then its bytes, big-endian, sign-extended when read.
    private static void PutNumber(ref ByteWriter w, long number)
    {
        int significantBits = 65 - (int)long.LeadingZeroCount(number < 0 ? ~number : number);
        int bytes = number == 0 ? 0 : (significantBits + 7) / 8;
        w.PutByte((byte)(0x80 | bytes));
        for (int i = bytes - 1; i >= 0; i--) w.PutByte((byte)(number >> (8 * i)));
    }

    private void Append(DecisionKind kind, Instant now, ref ByteWriter arguments)
    {
        int needed = 6 + arguments.Length;
        int room = kind is DecisionKind.Message or DecisionKind.Extended ? MaxBytes - KeptForTheEnd : MaxBytes;
        if (arguments.Overflowed || arguments.Length > 255 || _bytes is null || _length + needed > room)
        {
            Dropped++;
            return;
        }
        if (_length + needed > _bytes.Length)
        {
            byte[] larger = pool.Rent(Math.Min(MaxBytes, Math.Max(_bytes.Length * 2, _length + needed)));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            pool.Return(_bytes);
            _bytes = larger;
        }
        var w = new ByteWriter(_bytes.AsSpan(_length, needed));
        w.PutByte((byte)kind);
        w.PutInt32((int)Math.Min(int.MaxValue, (now.Micros - _start.Micros) / 10)); // tens of microseconds: six hours fit
        w.PutByte((byte)arguments.Length);
        w.Text(arguments.Written);
        _length += needed;
    }
}
