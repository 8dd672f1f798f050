namespace Tandem.Primitives;

/// <summary>Every "no" the switch can say. <see cref="Refusals"/> gives each its meaning to SIP, Q.850, the CDR and the operator.</summary>
public enum Refusal : byte
{
    None = 0,

    // who is calling
    UnknownSource, AuthenticationFailed, NotRegistered, OriginatorLocked, AccountLocked, AccountMissing,

    // numbers and routes
    InvalidNumber, NoRoute, CalleeOffline, CalleeLocked, CallerNotAllowed, CalleeNotAllowed, GatewayBusy, AllAttemptsFailed, TooManyHops, LoopDetected,

    // money
    NoRate, BalanceTooLow, MoneyRanOut, CurrencyMismatch, LedgerUnavailable,

    // time
    NoResponse, NoAnswer, MaxDuration, SessionExpired, MediaTimeout,

    // media and protocol
    CodecMismatch, MediaPortsExhausted, MalformedMessage, UnsupportedExtension, UnsupportedMethod, UnsupportedMedia,

    // the server itself
    ServerFull, ServerStopping, RestartLostCall, OperatorDropped, InternalFault, TransportFailed, JournalUnavailable, NoListener,

    // session timers
    SessionTooShort, NoSessionTimer,

    // what happens within a dialog
    ProgressUnacknowledged,

    // gateways that are not there
    GatewayAway,

    // transfers
    TransferFailed,

    // names
    NameUnresolved, TrunkDown,

    // what a number is not permitted (docs/numbers.md)
    CallerPrefix, CalleePrefix, CallerLength, CalleeLength, CallerGroup, CalleeGroup, CalleeKind, CallLevel,

    // black lists
    CallerBlackListed, CalleeBlackListed, CallerMalicious, CallerConcurrent, CalleeNoAnswer,

    // where a call comes from, what number it is shown by, whom the number belongs to
    OutsideArea, CallerPoolUsedUp, LrnFailed,

    // accounts
    AccountExpired,
    RouteTooDear,
    ClearingMoneyTooLow,

    // forwards
    DoNotDisturb, ForwardLoop,

    // media encryption
    EncryptionNotAgreed,

    // decks
    RateLocked,

    // callbacks
    CallbackFailed,
}

/// <summary>What a refusal means to everyone who hears of it.</summary>
/// <param name="Refusal">The refusal.</param>
/// <param name="SipStatus">Final SIP status towards the caller (RFC 3261 §21).</param>
/// <param name="Reason">SIP reason phrase.</param>
/// <param name="Q850">Cause value of ITU-T Q.850, as in the Reason header (RFC 3326).</param>
/// <param name="EndReason">The CDR's end reason: negative, ours (docs/refusals.md).</param>
/// <param name="Says">The sentence operators read.</param>
public sealed record RefusalMeaning(Refusal Refusal, int SipStatus, string Reason, int Q850, int EndReason, string Says);

/// <summary>The one table of refusals. docs/refusals.md is generated from it.</summary>
public static class Refusals
{
    private static readonly RefusalMeaning[] Table =
    [
        new(Refusal.None, 200, "OK", 16, 0, "Nothing was refused."),
        new(Refusal.UnknownSource, 403, "Forbidden", 57, -1, "The call came from an address that belongs to no mapping gateway and no registered phone."),
        new(Refusal.AuthenticationFailed, 403, "Forbidden", 57, -2, "The digest credentials were wrong or came too late."),
        new(Refusal.NotRegistered, 403, "Forbidden", 57, -3, "The phone is not registered."),
        new(Refusal.OriginatorLocked, 403, "Forbidden", 57, -4, "The mapping gateway or phone that called is locked."),
        new(Refusal.AccountLocked, 403, "Forbidden", 57, -5, "The account that should pay is locked."),
        new(Refusal.AccountMissing, 403, "Forbidden", 57, -6, "The caller has no account that could pay."),
        new(Refusal.InvalidNumber, 484, "Address Incomplete", 28, -10, "The called number is empty, too long or has characters a number cannot have."),
        new(Refusal.NoRoute, 404, "Not Found", 3, -11, "No routing gateway and no phone serves the called number."),
        new(Refusal.CalleeOffline, 480, "Temporarily Unavailable", 20, -12, "The called phone is not registered."),
        new(Refusal.CalleeLocked, 480, "Temporarily Unavailable", 20, -13, "The called phone is locked for incoming calls."),
        new(Refusal.CallerNotAllowed, 403, "Forbidden", 57, -14, "The calling number is not allowed here."),
        new(Refusal.CalleeNotAllowed, 403, "Forbidden", 57, -15, "The called number is not allowed for this caller."),
        new(Refusal.GatewayBusy, 503, "Service Unavailable", 34, -16, "Every line is in use: the originator's capacity, or that of each gateway for this number."),
        new(Refusal.AllAttemptsFailed, 503, "Service Unavailable", 41, -17, "Every gateway that could take the call was tried and failed."),
        new(Refusal.TooManyHops, 483, "Too Many Hops", 25, -18, "The call passed too many servers (Max-Forwards reached zero)."),
        new(Refusal.LoopDetected, 482, "Loop Detected", 25, -19, "The call came back to this switch unchanged."),
        new(Refusal.NoRate, 403, "Forbidden", 57, -20, "The payer's deck has no rate for the called number."),
        new(Refusal.BalanceTooLow, 402, "Payment Required", 21, -21, "The payer's balance and credit do not cover the first slice of talk time."),
        new(Refusal.MoneyRanOut, 402, "Payment Required", 16, -22, "The call was ended because the payer's money was used up."),
        new(Refusal.CurrencyMismatch, 500, "Server Internal Error", 41, -23, "The deck's currency is not the account's."),
        new(Refusal.LedgerUnavailable, 503, "Service Unavailable", 41, -24, "The ledger could not take the reservation in time."),
        new(Refusal.NoResponse, 408, "Request Timeout", 18, -30, "The far end did not answer the signalling at all."),
        new(Refusal.NoAnswer, 480, "Temporarily Unavailable", 19, -31, "The far end rang but nobody answered in time."),
        new(Refusal.MaxDuration, 480, "Temporarily Unavailable", 16, -32, "The call reached the longest permitted duration."),
        new(Refusal.SessionExpired, 408, "Request Timeout", 102, -33, "The session was not refreshed in time, or the far end answered its refresh with 408, 481 or not at all."),
        new(Refusal.MediaTimeout, 408, "Request Timeout", 41, -34, "No media arrived for too long."),
        new(Refusal.CodecMismatch, 488, "Not Acceptable Here", 88, -40, "Caller and callee share no codec."),
        new(Refusal.MediaPortsExhausted, 503, "Service Unavailable", 47, -41, "No media port is free."),
        new(Refusal.MalformedMessage, 400, "Bad Request", 111, -42, "The message breaks the grammar of SIP or SDP."),
        new(Refusal.UnsupportedExtension, 420, "Bad Extension", 69, -43, "The caller requires a SIP extension the switch does not speak."),
        new(Refusal.UnsupportedMethod, 405, "Method Not Allowed", 79, -44, "The switch does not offer this SIP method."),
        new(Refusal.UnsupportedMedia, 415, "Unsupported Media Type", 79, -45, "The body is of a type the switch does not read."),
        new(Refusal.ServerFull, 503, "Service Unavailable", 42, -50, "The switch carries as many calls as it may."),
        new(Refusal.ServerStopping, 503, "Service Unavailable", 41, -51, "The switch is being stopped."),
        new(Refusal.RestartLostCall, 503, "Service Unavailable", 41, -52, "The switch was restarted while the call was up; the call is charged to the last moment it was seen alive."),
        new(Refusal.OperatorDropped, 480, "Temporarily Unavailable", 16, -53, "An operator ended the call."),
        new(Refusal.InternalFault, 500, "Server Internal Error", 41, -54, "The switch made a mistake of its own; its log says which."),
        new(Refusal.TransportFailed, 503, "Service Unavailable", 38, -55, "The network refused the message to the far end."),
        new(Refusal.JournalUnavailable, 503, "Service Unavailable", 41, -56, "The journal cannot be written (disk full?); without it no call is carried."),
        new(Refusal.NoListener, 503, "Service Unavailable", 38, -57, "The switch has no listener of the transport and IP version the gateway is reached by; 'tandem run --sip' adds one."),
        new(Refusal.SessionTooShort, 422, "Session Interval Too Small", 127, -46, "The session timer asked for is shorter than SS_SIP_SESSION_MIN_SE."),
        new(Refusal.NoSessionTimer, 480, "Temporarily Unavailable", 102, -35, "The call reached the longest duration permitted while an end has no session timer (SS_SIP_NO_TIMER_REINVITE_INTERVAL)."),
        new(Refusal.ProgressUnacknowledged, 504, "Server Time-out", 102, -36, "The caller never acknowledged a reliable provisional response."),
        new(Refusal.GatewayAway, 503, "Service Unavailable", 34, -58, "Each gateway for the called number does not answer OPTIONS or asked to be left alone for a while (Retry-After)."),
        new(Refusal.TransferFailed, 480, "Temporarily Unavailable", 31, -37, "The transfer did not come about, and the party that asked for it had left."),
        new(Refusal.NameUnresolved, 503, "Service Unavailable", 38, -59, "The gateways for the number are known by host names that do not resolve; 'tandem gateways' says why."),
        new(Refusal.TrunkDown, 503, "Service Unavailable", 38, -60, "The gateways for the number are carriers the switch is not registered at now; 'tandem trunks' says why."),
        new(Refusal.CallerPrefix, 403, "Forbidden", 57, -70, "The calling number begins as this gateway's prefix list does not permit."),
        new(Refusal.CalleePrefix, 403, "Forbidden", 57, -71, "The called number begins as this gateway's prefix list does not permit."),
        new(Refusal.CallerLength, 403, "Forbidden", 57, -72, "The calling number has a length that is not permitted for this gateway."),
        new(Refusal.CalleeLength, 403, "Forbidden", 57, -73, "The called number has a length that is not permitted for this gateway."),
        new(Refusal.CallerGroup, 403, "Forbidden", 57, -74, "The number groups of this gateway or phone do not permit the calling number."),
        new(Refusal.CalleeGroup, 403, "Forbidden", 57, -75, "The number groups of this gateway or phone do not permit the called number."),
        new(Refusal.CalleeKind, 403, "Forbidden", 57, -76, "This gateway may call only phones of this switch, or only numbers that are none (calleeE164Restrict)."),
        new(Refusal.CallLevel, 403, "Forbidden", 57, -77, "The caller's callLevel does not reach the kind of destination that was called."),
        new(Refusal.CallerBlackListed, 403, "Forbidden", 57, -78, "The calling number is on a black list."),
        new(Refusal.CalleeBlackListed, 403, "Forbidden", 57, -79, "The called number is on a black list."),
        new(Refusal.CallerMalicious, 403, "Forbidden", 57, -80, "The calling number made too many calls and is on the dynamic black list; 'tandem blacklist' says until when."),
        new(Refusal.CallerConcurrent, 403, "Forbidden", 57, -81, "The calling number had too many calls at once and is on the dynamic black list; 'tandem blacklist' says until when."),
        new(Refusal.CalleeNoAnswer, 480, "Temporarily Unavailable", 20, -82, "The called number was not answered so often that it is on the dynamic black list; 'tandem blacklist' says until when."),
        new(Refusal.OutsideArea, 403, "Forbidden", 57, -83, "The call came from an address outside the areas its gateway or phone may call from."),
        new(Refusal.CallerPoolUsedUp, 503, "Service Unavailable", 34, -84, "Every number of the gateway's pool of calling numbers is in use as often as it may be."),
        new(Refusal.LrnFailed, 503, "Service Unavailable", 41, -85, "Whom the called number was ported to could not be found out, and the gateway's lrnFailureAction is to reject."),
        new(Refusal.AccountExpired, 403, "Forbidden", 57, -25, "The account that should pay, or an agent above it, has expired; a payment makes it valid again."),
        new(Refusal.RouteTooDear, 503, "Service Unavailable", 41, -110, "No gateway that serves the called number keeps the profit or price that is asked for."),
        new(Refusal.ClearingMoneyTooLow, 503, "Service Unavailable", 41, -111, "The clearing account of each gateway for the called number has too little money (SERVER_VERIFY_CLEARING_CUSTOMER)."),
        new(Refusal.DoNotDisturb, 486, "Busy Here", 17, -90, "The called phone wants not to be disturbed."),
        new(Refusal.ForwardLoop, 482, "Loop Detected", 25, -91, "The call was forwarded in a circle, or more often than is permitted."),
        new(Refusal.EncryptionNotAgreed, 488, "Not Acceptable Here", 88, -47, "Encrypted media (SRTP) is required or offered, and the other end or the settings do not permit it."),
        new(Refusal.RateLocked, 403, "Forbidden", 57, -26, "The longest prefix of the called number in the deck of who should pay, or of an agent above it, is locked."),
        new(Refusal.CallbackFailed, 480, "Temporarily Unavailable", 31, -38, "None of the numbers that the callback was for could be reached."),
    ];

    /// <summary>Indexed by the refusal itself.</summary>
    public static RefusalMeaning Meaning(this Refusal refusal) => Table[(int)refusal];

    public static IReadOnlyList<RefusalMeaning> All => Table;
}
