using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

/// <summary>
/// Who asks by INVITE with Replaces for the place of an end of an answered call (RFC 3891, docs/transfers.md). What the place needs is kept
/// here while the other end considers; with its agreement the two change places, and what is here then is the replaced end's.
/// </summary>
internal sealed class Newcomer(MediaSide place, Dialog dialog, LegParty party)
{
    internal MediaSide Place { get; } = place;

    internal Dialog Dialog { get; private set; } = dialog;

    internal SessionTimer Timer { get; private set; } = new();

    internal LegParty Party { get; private set; } = party;

    /// <summary>Null: the line of the replaced end goes on being its own.</summary>
    internal GatewayState? Line { get; init; }

    /// <summary>The call was direct; it has ports for the newcomer only, until that sits.</summary>
    internal bool Lent { get; init; }

    /// <summary>The session the newcomer is told; a new one to it.</summary>
    internal required ulong Session { get; set; }

    internal required bool TakesUpdate { get; set; }

    internal required LegSrtp? Srtp { get; set; }

    private uint Version { get; set; }

    private ulong Seen { get; set; }

    /// <summary>It gave up. The other end may agree all the same, and is to be asked back then.</summary>
    internal bool Cancelled { get; set; }

    /// <summary>The newcomer and who has the place change places; a second time, and all is as it was. Their lines are another matter: <see cref="Line"/> is taken when the change stands.</summary>
    internal void Exchange(Call call)
    {
        (Dialog, Timer) = call.ExchangeLeg(Place, Dialog, Timer);
        LegParty there = Place == MediaSide.Caller ? call.CallerParty : call.CalleeParty;
        call.SetParty(Place, Party);
        Party = there;
        ref bool update = ref Place == MediaSide.Caller ? ref call.CallerTakesUpdate : ref call.Forks.Current.TakesUpdate;
        (update, TakesUpdate) = (TakesUpdate, update);
        (call.SrtpOf(Place), Srtp) = (Srtp, call.SrtpOf(Place));
        (call.SdpSessionTowards(Place), Session) = (Session, call.SdpSessionTowards(Place));
        (call.SdpVersionTowards(Place), Version) = (Version, call.SdpVersionTowards(Place));
        (call.SdpSeenFrom(Place), Seen) = (Seen, call.SdpSeenFrom(Place));
    }
}
