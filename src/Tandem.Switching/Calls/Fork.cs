using Tandem.Primitives.Bytes;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Transports;

namespace Tandem.Switching.Calls;

/// <summary>
/// One early dialog of an attempt: every To tag that answers our INVITE makes one (RFC 3261 §12.1.2, §13.1). Towards the caller there is one
/// dialog whatever the number of forks; the fork heard last is the one whose media it hears, and the first 2xx decides.
/// </summary>
internal sealed class Fork(BytePool pool, SipListeners listeners)
{
    internal Dialog Dialog { get; set; } = new(pool, listeners);

    /// <summary>RSeq of the last reliable provisional response taken up; 0 = none (RFC 3262 §4).</summary>
    internal uint RSeq;

    /// <summary>Its last reliable response offers to a caller that made no offer: the PRACK waits for the caller's answer (RFC 3262 §5).</summary>
    internal bool PrackOwed;

    /// <summary>Offer and answer are complete in it, before any 200.</summary>
    internal bool Agreed;

    internal bool TakesUpdate;

    /// <summary>What this end said of its media last.</summary>
    internal byte[]? Sdp;
    internal int SdpLength;

    internal bool IsOpen => !Dialog.RemoteTag.IsEmpty;

    internal void KeepSdp(ReadOnlySpan<byte> sdp)
    {
        DropSdp();
        Sdp = pool.Copy(sdp);
        SdpLength = sdp.Length;
    }

    internal void Release()
    {
        Dialog.Release();
        Forget();
    }

    /// <summary>All but the dialog's own names.</summary>
    internal void Forget()
    {
        DropSdp();
        RSeq = 0;
        PrackOwed = Agreed = TakesUpdate = false;
    }

    /// <summary>Once no answer can need it any more.</summary>
    internal void DropSdp()
    {
        if (Sdp is not null) pool.Return(Sdp);
        Sdp = null;
        SdpLength = 0;
    }
}
