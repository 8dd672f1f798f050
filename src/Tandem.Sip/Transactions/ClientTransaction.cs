using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Transactions;

/// <summary>A request we sent and wait upon. Pooled: a slot is used again once the transaction has ended.</summary>
public sealed class ClientTransaction
{
    internal int Slot;
    internal bool InUse;
    internal ulong Branch;
    internal InviteClient.State InviteState;
    internal NonInviteClient.State NonInviteState;

    // The request as sent; for a failed INVITE its ACK takes the place.
    internal byte[]? Request;
    internal int RequestLength;
    internal TimeSpan Interval;
    internal int Resent;
    internal Instant ResendAt = Instant.Never;
    internal Instant EndAt = Instant.Never;
    internal bool CancelWanted;
    internal ReasonCauses CancelCauses;
    internal bool CancelSent;
    internal int CancelSlot = -1;

    // The UDP listener of a request that went by TCP because it is large; -1 = it did not.
    internal int GrownFrom = -1;

    public SipMethod Method { get; internal set; }

    public int Listener { get; internal set; }

    public NetAddress Destination { get; internal set; }

    public uint CSeq { get; internal set; }

    /// <summary>Slot of the call this belongs to, for the transaction user; -1 = nobody waits any more.</summary>
    public int Owner { get; set; } = ServerTransaction.NoOwner;

    /// <summary>Whose the slot was when the transaction began: slots are used again, and a late answer must not reach the next call.</summary>
    public long OwnerStamp { get; set; }

    /// <summary>Which leg of the owner.</summary>
    public int Leg { get; set; }

    /// <summary>True for a request that changes a session in progress (re-INVITE, UPDATE): a late 2xx to it must not end the dialog.</summary>
    public bool WithinDialog { get; set; }

    /// <summary>Whether a large request may go by TCP though the listener is UDP: the peer is one that takes connections.</summary>
    public bool MayGrow { get; set; }

    // The request of another dialog that this one passes on, and its key: slots are used again.
    internal ServerTransaction? Tied;
    internal ulong TiedKey;

    /// <summary>True while no final response has come.</summary>
    public bool IsPending { get; internal set; }
}
