using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Configuration;
using Tandem.Switching.Identity;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Paging: MESSAGE outside a call (RFC 3428), from a phone or a known source to a phone. Nobody pays; nothing is kept.
public sealed partial class Shard
{
    private void OnPageMessage(SipMessage message, ServerTransaction transaction, Instant now)
    {
        SwitchTables tables = _book.Current;
        (MappingGateway? gateway, Phone? phone) = (_visitor.Gateway, _visitor.Phone); // the door has let nobody else in
        int status = RefusedAsMessage(message);
        if (status > 0)
        {
            RefuseToPass(transaction, status, now);
            return;
        }
        Refusal refusal = _closed ? Refusal.ServerStopping
            : gateway is { Locked: true } || phone is { Lock: PhoneLock.Outgoing or PhoneLock.Both } ? Refusal.OriginatorLocked
            : FindPaged(tables, message, now, out Phone? paged, out Binding? binding) is not Refusal.None and var why ? why
            : DeliverPage(message, transaction, phone?.DisplayNumber, paged!, binding!, now);
        if (refusal != Refusal.None) SendRefusal(message, transaction, refusal, now);
    }

    private Refusal FindPaged(SwitchTables tables, SipMessage message, Instant now, out Phone? phone, out Binding? binding)
    {
        phone = null;
        binding = null;
        if (!SipUri.TryParse(message.RequestUri, out SipUri uri) || !uri.TryGetDialString(out DialString number) || number.IsEmpty) return Refusal.InvalidNumber;
        if (!tables.TryFindPhone(number, out phone)) return Refusal.NoRoute;
        if (phone.Lock is PhoneLock.Incoming or PhoneLock.Both) return Refusal.CalleeLocked;
        return TryLocate(phone, now, out binding) && !IsSilent(phone) ? Refusal.None : Refusal.CalleeOffline;
    }

    // A request of our own, outside any dialog: of the sender it says the number, of the message the body.
    private Refusal DeliverPage(SipMessage message, ServerTransaction transaction, DialString? display, Phone paged, Binding binding, Instant now)
    {
        if (!TryReach(binding, out Hop hop, out int listener)) return Refusal.CalleeOffline;
        DialString sender = default;
        if (display is { } shown) sender = shown;
        else NumberReader.TryNumberOf(message.From, out sender);
        Span<byte> from = stackalloc byte[MaxUri + 2];
        Span<byte> to = stackalloc byte[MaxUri + 2];
        Span<byte> callId = stackalloc byte[OwnCallId.Length];
        from = from[..WriteNameAddress(from, sender, _listeners[listener].Known)];
        to = to[..WriteNameAddress(to, paged.Number, hop.Address)];
        OwnCallId.Write(_options.Index, _entropy.NextUInt64(), callId);
        var dialog = new Sip.Dialogs.Dialog(_pool, _listeners);
        dialog.OpenAsClient(callId, from, to, binding.Contact, _entropy.NextUInt64(), hop.Address, listener);
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction passed = Begin(dialog, SipMethod.Message, branch);
        var w = new SipWriter(_text);
        dialog.WriteRequest(ref w, SipMethod.Message, branch, 1, (message.MaxForwards < 0 ? 70 : message.MaxForwards) - 1);
        WriteContent(ref w, message);
        dialog.Release();
        if (w.Overflowed)
        {
            _transactions.Discard(passed);
            return Refusal.MalformedMessage;
        }
        TransactionLayer.Tie(passed, transaction);
        _transactions.Start(passed, w.Written, 1, now);
        return Refusal.None;
    }

    // Events outside a call are not kept here: no package is served (RFC 6665 §4.1.3).
    private void RefuseEvents(ServerTransaction transaction, Instant now) => _transactions.Respond(transaction, 489, [], now);
}
