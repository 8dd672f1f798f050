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

    internal LegParty Party { get; } = party;

    /// <summary>Null: the line of the replaced end goes on being its own.</summary>
    internal GatewayState? Line { get; init; }

    /// <summary>The call was direct; it has ports for the newcomer only, until that sits.</summary>
    internal bool Lent { get; init; }

    /// <summary>The session the newcomer is told; a new one to it.</summary>
    internal ulong Session { get; init; }

    internal bool TakesUpdate { get; init; }

    internal LegSrtp? Srtp { get; init; }

    /// <summary>It gave up. The other end may agree all the same, and is to be asked back then.</summary>
    internal bool Cancelled { get; set; }

    /// <summary>Takes the place.</summary>
    internal void Sit(Call call)
    {
        (Dialog, Timer) = call.ExchangeLeg(Place, Dialog, Timer);
        call.SetParty(Place, Party);
        if (Place == MediaSide.Caller) call.CallerTakesUpdate = TakesUpdate;
        else call.Forks.Current.TakesUpdate = TakesUpdate;
        if (Line is { } line) call.TakeLine(Place, line);
        call.SrtpOf(Place) = Srtp;
        call.SdpSessionTowards(Place) = Session;
        call.SdpVersionTowards(Place) = 0;
        call.SdpSeenFrom(Place) = 0;
    }
}
