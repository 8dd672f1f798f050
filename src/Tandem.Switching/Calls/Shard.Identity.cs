using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Identity;
using Tandem.Switching.Registrations;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Calls;

// Identity: which numbers a call is from and to, and what each end is shown of the other (docs/identity.md).
public sealed partial class Shard
{
    // Quotes, a display name of which each byte may be escaped, a space, angle brackets.
    private const int MaxDisplay = (2 * LegWords.MaxDisplay) + 8;

    /// <summary>The numbers from where the gateway's fields say; false when there is no called number.</summary>
    private static bool ReadNumbers(Call call, SipMessage invite, Instant now)
    {
        CallerSource callerWanted = call.Gateway?.CallerFrom ?? CallerSource.From;
        CalleeSource calleeWanted = call.Gateway?.CalleeFrom ?? CalleeSource.RequestUri;
        CallerSource callerTaken = NumberReader.ReadCaller(invite, callerWanted, out call.Caller);
        CalleeSource calleeTaken = NumberReader.ReadCallee(invite, calleeWanted, out call.Callee);
        if (call.Trunk is { } trunk) ReadTrunkCallee(call, trunk, invite);
        call.Dialled = call.Callee;
        call.Cdr.CallerAccessE164 = call.Caller.ToString();
        call.Cdr.CalleeAccessE164 = call.Callee.ToString();
        NoteNumbers(call);
        if (call.Gateway is not null) call.Log.NumbersRead(now, (int)callerWanted, (int)callerTaken, (int)calleeWanted, (int)calleeTaken);
        if (NumberReader.TryFirstCalled(invite, out DialString first) && first != call.Callee) call.Log.Diverted(now, first);
        call.CallerSaid.Take(invite, identity: true);
        call.Hidden = (call.Gateway?.HeedsPrivacy ?? call.Phone!.HeedsPrivacy) && PrivacyWish.IsIn(invite);
        return !call.Callee.IsEmpty;
    }

    private static IdentityRules RulesOf(Call call) => call.TargetPhone?.Identity ?? call.Targets[call.NextTarget - 1]!.Identity;

    private static ExtraHeaders ShownTo(Call call) => call.TargetPhone is null ? call.Targets[call.NextTarget - 1]!.Shown : ExtraHeaders.None;

    // Who asks to stay unknown is so to everyone; a gateway with Privacy: id always is shown no number in From (RFC 3323 §4.1.1.3).
    private static bool IsHidden(Call call, IdentityRules rules) => call.Hidden || rules.Privacy == PrivacyMode.Id;

    // SS_SIP_ROUTING_GATEWAY_INVITE_USE_CONTACT: the request line says where the call goes, To what was dialled.
    private static DialString NumberForTo(Call call, in DialString callee) =>
        call.TargetPhone is null && call.Tables.Settings.Sip.RoutingGatewayInviteUseContact ? call.Dialled : callee;

    /// <summary>The value of From towards the next target, without a tag.</summary>
    private static int WriteFrom(Span<byte> room, Call call, in DialString caller, in NetAddress us, byte[]? domain)
    {
        var w = new SipWriter(room);
        IdentityRules rules = RulesOf(call);
        if (IsHidden(call, rules))
        {
            w.Text("\"Anonymous\" <sip:anonymous@anonymous.invalid>"u8);
            return w.Length;
        }
        Span<byte> display = stackalloc byte[LegWords.MaxDisplay];
        int length = rules.Display ? ReadDisplay(call, caller, display) : 0;
        if (length > 0)
        {
            w.Text((byte)'"');
            foreach (byte b in display[..length])
            {
                if (b is (byte)'"' or (byte)'\\') w.Text((byte)'\\');
                w.Text(b);
            }
            w.Text("\" "u8);
        }
        w.Text((byte)'<');
        WriteSipUri(ref w, caller, plus: false, us, domain);
        w.Text((byte)'>');
        return w.Length;
    }

    private static int ReadDisplay(Call call, in DialString caller, Span<byte> display)
    {
        DisplayFrom mode = call.Tables.Settings.Sip.E164DisplayFrom;
        ReadOnlySpan<byte> given = call.CallerSaid.Display;
        if (mode == DisplayFrom.Account && call.Phone is null)
        {
            System.Text.Unicode.Utf8.FromUtf16(call.Payer!.Name, display, out _, out int name);
            return name;
        }
        if (mode is DisplayFrom.Ignore or DisplayFrom.Name && !given.IsEmpty)
        {
            given.CopyTo(display);
            return given.Length;
        }
        if (mode == DisplayFrom.Ignore) return 0;
        DialString number = mode == DisplayFrom.Account ? call.Phone!.DisplayNumber : caller;
        bool international = mode == DisplayFrom.E164 && IsInternational(number);
        if (international) display[0] = (byte)'+';
        number.Bytes.CopyTo(display[(international ? 1 : 0)..]);
        return number.Length + (international ? 1 : 0);
    }

    // E.164: at most fifteen digits, and no country code begins with 0.
    private static bool IsInternational(in DialString number) =>
        number.Length is > 6 and <= 15 && number.Bytes[0] != '0' && !number.Bytes.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    /// <summary>The headers of an INVITE that say who calls, and those of the caller's INVITE the target is shown.</summary>
    private static void WriteCaller(ref SipWriter w, Call call, in DialString caller, in NetAddress us, Instant now)
    {
        IdentityRules rules = RulesOf(call);
        bool hidden = IsHidden(call, rules);
        Span<byte> display = stackalloc byte[LegWords.MaxDisplay];
        CallerShown shown = hidden ? CallerShown.Anonymous
            : rules.Display && ReadDisplay(call, caller, display) > 0 ? CallerShown.Display
            : CallerShown.Nothing;
        // Who cannot be told to keep it secret is not told who calls (RFC 3325 §7).
        if (!hidden || rules.IsTrusted)
        {
            if (WriteIdentity(ref w, call, HeaderName.PAssertedIdentity, rules.PAssertedIdentity, caller, us)) shown |= CallerShown.AssertedIdentity;
            if (WriteIdentity(ref w, call, HeaderName.PPreferredIdentity, rules.PPreferredIdentity, caller, us)) shown |= CallerShown.PreferredIdentity;
            if (rules.RemotePartyId && !caller.IsEmpty)
            {
                w.OpenHeader(HeaderName.RemotePartyId);
                w.Text((byte)'<');
                WriteSipUri(ref w, caller, plus: false, us, call.Target?.LocalDomain);
                w.Text(">;party=calling;screen="u8);
                w.Text(call.Phone is null ? "no"u8 : "yes"u8); // of a phone the number is ours, of a gateway its own word
                w.Text(hidden ? ";privacy=full"u8 : ";privacy=off"u8);
                w.CloseHeader();
                shown |= CallerShown.RemotePartyId;
            }
        }
        if (WritePrivacy(ref w, call, rules)) shown |= CallerShown.PrivacyHeader;
        if (call.TargetPhone is null && call.Tables.Settings.Sip.RoutingGatewayInviteUseContact) shown |= CallerShown.OriginalTo;
        ExtraHeaders extra = ShownTo(call);
        int passed = extra.ShowsAny ? call.CallerSaid.WriteExtra(ref w, extra) : 0;
        int leftOut = extra.ShowsAny ? call.CallerSaid.LeftOut : 0;
        if (shown != CallerShown.Nothing || passed > 0 || leftOut > 0) call.Log.Shown(now, shown, passed, leftOut);
    }

    // An identity is written anew from its number: host, parameters and display name of the caller's header stay here.
    private static bool WriteIdentity(ref SipWriter w, Call call, HeaderName name, IdentityMode mode, in DialString caller, in NetAddress us)
    {
        if (mode == IdentityMode.None) return false;
        if (mode == IdentityMode.Caller)
        {
            if (caller.IsEmpty) return false;
            OpenIdentity(ref w, name, written: false);
            WriteSipUri(ref w, caller, plus: false, us, call.Target?.LocalDomain);
            w.Text((byte)'>');
            w.CloseHeader();
            return true;
        }
        // RFC 3325 §5: what an endpoint outside the trust domain asserts about itself is not believed; a phone is one.
        if (call.Phone is not null) return false;
        bool sip = false, tel = false;
        foreach (LegWords.Field field in call.CallerSaid)
        {
            if (field.Kind != name) continue;
            foreach (ReadOnlySpan<byte> one in new ListElements(field.Value))
            {
                if (!NameAddress.TryParse(one, out NameAddress address) || !SipUri.TryParse(address.Uri, out SipUri uri)) continue;
                if (!uri.TryGetDialString(out DialString number) || number.IsEmpty) continue;
                bool plus = uri.User[0] == '+' || uri.User.StartsWith("%2b"u8) || uri.User.StartsWith("%2B"u8);
                // A local number in a tel: URI would need its phone-context (RFC 3966 §5.1.5); one with a plus needs none.
                bool asTel = uri.Scheme == UriScheme.Tel && plus && NumberReader.IsTelephone(number);
                if (asTel ? tel : sip) continue; // RFC 3325 §9.1: one of each
                OpenIdentity(ref w, name, written: sip || tel);
                if (asTel)
                {
                    w.Text("tel:+"u8);
                    w.Text(number.Bytes);
                }
                else
                {
                    WriteSipUri(ref w, number, plus && NumberReader.IsTelephone(number), us, call.Target?.LocalDomain);
                }
                w.Text((byte)'>');
                tel |= asTel;
                sip |= !asTel;
            }
        }
        if (sip || tel) w.CloseHeader();
        return sip || tel;
    }

    private static void OpenIdentity(ref SipWriter w, HeaderName name, bool written)
    {
        if (written)
        {
            w.Text(", <"u8);
            return;
        }
        w.OpenHeader(name);
        w.Text((byte)'<');
    }

    private static bool WritePrivacy(ref SipWriter w, Call call, IdentityRules rules)
    {
        if (PrivacyOverTrunk(call) is var wish and not TrunkPrivacy.Ignore)
        {
            Trunks.WritePrivacy(ref w, wish);
            return true;
        }
        switch (rules.Privacy)
        {
            case PrivacyMode.Id:
                w.Header(HeaderName.Privacy, "id"u8);
                return true;
            case PrivacyMode.NoneValue when !call.Hidden:
                w.Header(HeaderName.Privacy, "none"u8);
                return true;
            case PrivacyMode.Pass when call.Hidden:
                w.Header(HeaderName.Privacy, IsCritical(call) ? "id;critical"u8 : "id"u8);
                return true;
            case PrivacyMode.Pass when SaidNone(call):
                w.Header(HeaderName.Privacy, "none"u8);
                return true;
            default:
                return false;
        }
    }

    // What the switch does itself (user, header, session: RFC 3323 §5) need not be asked of the next; id and critical must.
    private static bool IsCritical(Call call) => SaysPrivacy(call, "critical"u8);

    private static bool SaidNone(Call call) => (call.Gateway?.HeedsPrivacy ?? call.Phone!.HeedsPrivacy) && SaysPrivacy(call, "none"u8);

    private static bool SaysPrivacy(Call call, scoped ReadOnlySpan<byte> word)
    {
        foreach (LegWords.Field field in call.CallerSaid)
        {
            if (field.Kind == HeaderName.Privacy && PrivacyWish.Has(field.Value, word)) return true;
        }
        return false;
    }

    // The host is our address, or the domain the gateway knows us by.
    private static void WriteSipUri(ref SipWriter w, in DialString number, bool plus, in NetAddress host, byte[]? domain)
    {
        w.Text("sip:"u8);
        if (plus) w.Text((byte)'+');
        if (number.IsEmpty) w.Text("anonymous"u8);
        foreach (byte b in number.Bytes)
        {
            if (b == '#') w.Text("%23"u8);
            else w.Text(b);
        }
        w.Text((byte)'@');
        if (domain is not null) w.Text(domain);
        else if (host.Port == 5060) w.Host(host);
        else w.HostPort(host);
    }

    // Which of the peer's addresses the responses go to: as its gateway, its phone or, in a dialog, the leg's endpoint says.
    private void AimResponses(SipMessage request, ServerTransaction transaction)
    {
        AddressMethod method = request.ToTag.IsEmpty ? _visitor.Gateway?.Responses ?? _visitor.Phone?.Responses ?? AddressMethod.Standard
            : LookUpDialog(request, out _, out Dialog dialog) is not null ? dialog.Responses
            : AddressMethod.Standard;
        _transactions.AimResponses(transaction, request, method);
    }

    // What the called end said, as far as the caller's gateway may see it. Phones are shown nothing of it.
    private static void TakeCalleeWords(Call call, SipMessage response)
    {
        if (call.Gateway is { Shown.ShowsAny: true }) call.CalleeSaid.Take(response, identity: false);
    }

    private static void WriteCalleeWords(ref SipWriter w, Call call)
    {
        if (call.Gateway is { Shown: { ShowsAny: true } shown }) call.CalleeSaid.WriteExtra(ref w, shown);
    }

    // callFailedSipCode. A caller who cancelled hears 487 whatever the map says (RFC 3261 §9.2).
    private static int StatusForCustomer(Call call, int status, Instant now)
    {
        if (call.Gateway is not { } gateway || call.Cdr.EndDirection == Cdrs.EndDirection.Caller) return status;
        int told = gateway.FailedStatus.Of(status);
        if (told != status) call.Log.StatusChanged(now, status, told);
        return told;
    }

    // callFailedQ931CauseValue. Without a map a gateway hears the switch's own causes, and none of the far ends'.
    private static int CauseForCustomer(Call call, Instant now)
    {
        int cause = call.Refusal != Refusal.None ? call.Refusal.Meaning().Q850 : 0;
        if (call.Gateway is not { FailedCause.IsEmpty: false } gateway || call.Cdr.EndDirection == Cdrs.EndDirection.Caller) return cause;
        if (cause == 0) cause = call.FailedCause > 0 ? call.FailedCause : CauseOfStatus.Of(call.LastStatus);
        int told = gateway.FailedCause.Of(cause);
        if (told != cause) call.Log.CauseChanged(now, cause, told);
        return told;
    }
}
