using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Transactions;

/// <summary>A request we received and what we answered. Pooled: a slot is used again once the transaction has ended.</summary>
public sealed class ServerTransaction
{
    internal const int NoOwner = -1;

    internal int Slot;
    internal bool InUse;
    internal ulong Key;

    /// <summary>Of an INVITE outside a dialog: what it keeps the same on every way it may have come (RFC 3261 §8.2.2.2); 0 = none.</summary>
    internal ulong MergeKey;
    internal InviteServer.State InviteState;
    internal NonInviteServer.State NonInviteState;

    // Via, From, To (with our tag), Call-ID, CSeq as every response to this request has them: rendered once.
    internal byte[]? Head;
    internal int HeadLength;
    internal int TagAt;
    internal byte[]? Response;
    internal int ResponseLength;

    // Given by the user, until the table says whether it goes out.
    internal byte[]? PendingResponse;
    internal int PendingLength;
    internal int PendingStatus;
    internal TimeSpan Interval;
    internal Instant ResendAt = Instant.Never;
    internal Instant EndAt = Instant.Never;

    public SipMethod Method { get; internal set; }

    public int Listener { get; internal set; }

    /// <summary>Where the request came from.</summary>
    public NetAddress Source { get; internal set; }

    /// <summary>Where responses go (RFC 3261 §18.2.2, RFC 3581).</summary>
    public NetAddress Destination { get; internal set; }

    /// <summary>Where they go when the connection the request came by is gone; none over UDP.</summary>
    public NetAddress Fallback { get; internal set; }

    /// <summary>Slot of the call this belongs to, for the transaction user; -1 = none.</summary>
    public int Owner { get; set; } = NoOwner;

    /// <summary>Whose the slot was when the transaction was given to it: slots are used again.</summary>
    public long OwnerStamp { get; set; }

    /// <summary>True once a final response was sent.</summary>
    public bool IsAnswered { get; internal set; }
}
