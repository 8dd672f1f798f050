using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Replacing: INVITE with Replaces. A newcomer takes the place of an end of an answered call (RFC 3891; docs/transfers.md). Its offer passes to the
// other end as a change of the session would; when that agrees, the newcomer is answered and the replaced end gets its BYE.
public sealed partial class Shard
{
    private void OnReplacing(SipMessage invite, ServerTransaction transaction, MappingGateway? gateway, Phone? phone, Instant now)
    {
        bool timers = gateway?.SipTimer ?? phone!.SipTimer;
        if (RefusedBeforeCall(invite, _book.Current, timers, out Refusal refusal))
        {
            SendRefusal(invite, transaction, refusal, now, timers);
            return;
        }
        int status = RefusedToReplace(invite, gateway, phone, out Call? call, out MediaSide place);
        if (status == 0) status = BringNewcomer(call!, place, invite, transaction, gateway, phone, now);
        call?.Log.Message(now, place, sent: false, "INVITE"u8, invite.CSeqNumber);
        if (status == 0) PassChange(call!, invite, transaction, place, now);
        else _transactions.Respond(transaction, status, [], now);
        if (call is null) return;
        if (status != 0) call.Log.Message(now, place, sent: true, status, invite.CSeqNumber);
        Reschedule(call);
    }

    /// <summary>RFC 3891 §3. Who may not is told nothing of the call beyond that it is one.</summary>
    private int RefusedToReplace(SipMessage invite, MappingGateway? gateway, Phone? phone, out Call? call, out MediaSide place)
    {
        call = null;
        place = default;
        if (!Replaced.TryRead(invite.Header(HeaderName.Replaces), out ReplacedNames names)) return 400;
        if (FindReplaced(names, out place) is not { } found) return 481;
        if (!MayReplace(_book.Current, gateway, phone, found, place)) return 403;
        if (found.State is CallState.Settling or CallState.Farewell || HasLeft(found, place)) return 603;
        call = found;
        if (found.State != CallState.Answered) return place == MediaSide.Caller ? 481 : 491; // §3: an early dialog that we did not begin
        if (names.EarlyOnly) return 486;
        return found.AckAwaited || found.Giving is not null || found.Taking is not null || found.Change != ChangeState.Idle || HasLeft(found, OtherSide(place)) ? 491 : 0;
    }

    // Who may transfer may replace its own party, and those its account pays for.
    private static bool MayReplace(SwitchTables tables, MappingGateway? gateway, Phone? phone, Call call, MediaSide place)
    {
        if (!(phone?.CallTransfer ?? gateway!.CallTransfer) || phone?.Lock is Configuration.PhoneLock.Outgoing or Configuration.PhoneLock.Both || gateway is { Locked: true }) return false;
        Account? account = phone is not null ? phone.Account : gateway!.Account;
        if (account is null || account.Locked) return false;
        FindParty(tables, call, place, out MappingGateway? theirs, out Phone? other);
        return (other?.Account ?? theirs?.Account) is { } paying && paying.Number == account.Number;
    }

    private int BringNewcomer(Call call, MediaSide place, SipMessage invite, ServerTransaction transaction, MappingGateway? gateway, Phone? phone, Instant now)
    {
        if (!TryOpenSrtp(gateway?.Srtp ?? phone!.Srtp, transaction.Listener, call.Tables, out LegSrtp? srtp)) return 488;
        if (!invite.Body.IsEmpty && FirstUsable(srtp) < 0) return 488;
        NetAddress media = invite.Body.IsEmpty ? transaction.Source : _sdp.Media(FirstUsable(srtp)).Remote;
        bool lent = !call.HasLease;
        if (lent && !LendForNewcomer(call, place, media, now)) return 503;
        NetAddress ours = place == MediaSide.Caller ? call.Lease.TowardsCaller : call.Lease.TowardsCallee;
        if (!media.IsAny && media.IsV6 != ours.IsV6 && !lent) return 488; // the ports of this place speak the other IP version

        GatewayState state = phone?.State ?? gateway!.State;
        bool same = phone is not null ? PhoneOf(call, place)?.Number == phone.Number : GatewayOf(call, place)?.Name == gateway!.Name;
        if (!same && !state.TryTakeLine(phone?.LineCapacity ?? gateway!.Capacity, phone is null ? gateway!.PublishedAt(now) : 0))
        {
            if (lent) ReturnMedia(call);
            return 486;
        }

        ulong tag = MintTag(call, place);
        var dialog = new Sip.Dialogs.Dialog(_pool, _listeners) { Requests = gateway?.Requests ?? phone!.Requests, Responses = gateway?.Responses ?? phone!.Responses };
        var newcomer = new Newcomer(place, dialog, new LegParty(true, phone, gateway, gateway?.SipTimer ?? phone!.SipTimer, gateway?.MediaCheck ?? phone!.MediaCheck, gateway?.Audio ?? phone!.Audio))
        {
            Line = same ? null : state,
            Lent = lent,
            Srtp = srtp,
            TakesUpdate = invite.Lists(HeaderName.Allow, "UPDATE"u8),
            Session = _entropy.NextUInt64() >> 2,
        };
        call.Newcomer = newcomer;
        if (!dialog.TryOpenAsServer(invite, tag, transaction.Source, transaction.Listener))
        {
            SendAway(call);
            return 400;
        }
        TransactionLayer.SetToTag(transaction, tag);
        newcomer.Timer.Begin(newcomer.Party.Timer);
        newcomer.Timer.Ask(invite);
        newcomer.Timer.Heard = now;
        call.Log.Replaced(now, NumberOf(call, place), phone?.NumberText ?? gateway!.Name);
        call.Change = ChangeState.Passing;
        return 0;
    }

    /// <summary>The other end agreed to the newcomer. False: it has given up meanwhile, and the other end is asked back.</summary>
    private bool SitDown(Call call, Newcomer newcomer, Instant now)
    {
        if (!newcomer.Cancelled)
        {
            newcomer.Exchange(call);
            return true;
        }
        MediaSide far = OtherSide(newcomer.Place);
        if (call.ChangeAckOwed) SendChangeAck(call, [], now);
        StepChange(call, ChangeInput.Refused, 487, now);
        Restore(call, far, now);
        return false;
    }

    /// <summary>The newcomer has its 200: who had the place gets a BYE, in the dialog that was its.</summary>
    private void DismissReplaced(Call call, Newcomer newcomer, Instant now)
    {
        SendBye(call, newcomer.Place, newcomer.Dialog, now);
        call.Newcomer = null;
        if (newcomer.Line is { } line) call.TakeLine(newcomer.Place, line);
        newcomer.Dialog.Release();
    }

    /// <summary>Nothing comes of it: the call is as it was.</summary>
    private void SendAway(Call call)
    {
        if (call.Newcomer is not { } newcomer) return;
        call.Newcomer = null;
        newcomer.Dialog.Release();
        newcomer.Line?.ReleaseLine();
        if (newcomer.Lent) ReturnMedia(call);
    }
}
