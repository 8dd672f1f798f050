using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;

namespace Tandem.Switching.Calls;

// Sources: which dialog a request belongs to, and whether who sent it may speak in it (docs/calls.md).
public sealed partial class Shard
{
    /// <summary>
    /// The dialog a request belongs to: our tag, their tag and the Call-ID must all be right (RFC 3261 §12.2.2), and it must come from whom
    /// the dialog is with. Null: it touches no call.
    /// </summary>
    private Call? FindDialog(SipMessage request, in NetAddress source, Instant now, out MediaSide leg, out Sip.Dialogs.Dialog dialog)
    {
        if (LookUpDialog(request, out leg, out dialog) is not { } call) return null;
        if (IsFromPeer(call, leg, dialog, source)) return call;
        // A peer that moved proves who it is.
        if (request.Method == SipMethod.Ack || PhoneOf(call, leg) is not { } phone) return null;
        if (_authenticator.Check(_book.Current, request, source, now, out Phone? proven) != AuthenticationResult.Granted || proven!.Number != phone.Number) return null;
        dialog.Flow = source;
        return call;
    }

    /// <summary>A phone's dialog, another address, no proof yet: it is asked for it. True: answered.</summary>
    private bool ChallengesMoved(SipMessage request, ServerTransaction transaction, Instant now)
    {
        if (LookUpDialog(request, out MediaSide leg, out Sip.Dialogs.Dialog dialog) is not { } call) return false;
        if (IsFromPeer(call, leg, dialog, transaction.Source) || PhoneOf(call, leg) is null) return false;
        AuthenticationResult result = _authenticator.Check(_book.Current, request, transaction.Source, now, out _);
        if (result is not (AuthenticationResult.NoCredentials or AuthenticationResult.Stale)) return false;
        Counters.Challenges++;
        Challenge(_book.Current, transaction, result == AuthenticationResult.Stale, now);
        return true;
    }

    private Call? LookUpDialog(SipMessage request, out MediaSide leg, out Sip.Dialogs.Dialog dialog)
    {
        leg = default;
        dialog = null!;
        if (!Base32.TryRead(request.ToTag, out ulong tag)) return null;
        int index = (int)(tag >> 40);
        if (index >> 1 >= _calls.Count) return null;
        Call call = _calls[index >> 1];
        leg = (MediaSide)(index & 1);
        dialog = DialogOf(call, leg);
        if (call.State == CallState.Gone || dialog.LocalTag != tag) return null;
        if (dialog.Matches(request)) return call;
        if (leg != MediaSide.Callee || !call.Forks.TryFind(request.FromTag, out Fork? fork)) return null;
        dialog = fork.Dialog;
        return dialog.Matches(request) ? call : null;
    }

    // The host it last spoke from, or where we send what is for it; for a gateway also every other address that is the same gateway's.
    private bool IsFromPeer(Call call, MediaSide leg, Sip.Dialogs.Dialog dialog, in NetAddress source) =>
        source.SameHost(dialog.Flow) || source.SameHost(dialog.Peer)
        || (leg == MediaSide.Caller && call.Gateway is { } gateway && _book.Current.TryIdentify(source, out MappingGateway? from) && from.Name == gateway.Name);

    private static Phone? PhoneOf(Call call, MediaSide leg) => leg == MediaSide.Caller ? call.Phone : call.TargetPhone;
}
