using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Switching.Identity;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Calls;

// Presenting: with whom the target of an attended transfer speaks from now on, in the re-INVITE that joins the calls (docs/transfers.md).
public sealed partial class Shard
{
    /// <summary>The number a target is to see (SS_CALL_TRANSFER_ASK_DISPLAY); empty: of a transferee who asked to stay unknown, none.</summary>
    private static DialString NumberForTarget(Transfer transfer)
    {
        Call from = transfer.From;
        if (transfer.To.Tables.Settings.Calls.TransferAskDisplay == TransferDisplay.Own) return NumberOf(transfer.To, transfer.Place);
        return from.Hidden && transfer.Transferee == MediaSide.Caller ? default : NumberOf(from, transfer.Transferee);
    }

    /// <summary>By what the endpoint is shown of its callers; From stays as the dialog has it.</summary>
    private void WritePresented(ref SipWriter w, Call call, MediaSide leg, DialString number, Instant now)
    {
        if (number.IsEmpty) return;
        IdentityRules rules = RulesOf(call, leg, out Routing.RoutingGateway? gateway);
        if (rules.PAssertedIdentity == IdentityMode.None && !rules.RemotePartyId) return;
        if (gateway is not null)
        {
            number = Rewrite(call, gateway.CallerRules, number, gateway.Name, now, out bool fits);
            if (!fits || number.IsEmpty) return;
        }
        Sip.Dialogs.Dialog dialog = DialogOf(call, leg);
        NetAddress us = _listeners[dialog.Listener].Known;
        var shown = CallerShown.Nothing;
        if (rules.PAssertedIdentity != IdentityMode.None)
        {
            OpenIdentity(ref w, HeaderName.PAssertedIdentity, written: false);
            WriteSipUri(ref w, number, plus: false, us, dialog.LocalDomain);
            w.Text((byte)'>');
            w.CloseHeader();
            shown |= CallerShown.AssertedIdentity;
        }
        if (rules.RemotePartyId)
        {
            w.OpenHeader(HeaderName.RemotePartyId);
            w.Text((byte)'<');
            WriteSipUri(ref w, number, plus: false, us, dialog.LocalDomain);
            w.Text(leg == MediaSide.Callee ? ">;party=calling;screen=no;privacy=off"u8 : ">;party=called;screen=no;privacy=off"u8);
            w.CloseHeader();
            shown |= CallerShown.RemotePartyId;
        }
        call.Log.Shown(now, shown, 0, 0);
    }

    // A customer's gateway is shown nothing: what it would be shown is said of routing gateways and phones.
    private static IdentityRules RulesOf(Call call, MediaSide leg, out Routing.RoutingGateway? gateway)
    {
        gateway = null;
        if (PhoneOf(call, leg) is { } phone) return phone.Identity;
        if (leg == MediaSide.Caller || call.CalleeParty.Moved) return IdentityRules.Nothing;
        gateway = call.Targets[call.NextTarget - 1];
        return gateway!.Identity;
    }
}
