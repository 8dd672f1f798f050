using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Simulation.Peers;

/// <summary>A peer's side of a call made to it: how it answers is drawn when the INVITE comes.</summary>
internal sealed class IncomingCall(Peer peer, Heard first)
{
    private sealed class Fork
    {
        public required string Tag { get; init; }

        public required AnswerMemory Memory { get; init; }

        public bool Over { get; set; }
    }

    private readonly List<Fork> _forks = [];
    private readonly string _tag = peer.NewToken();
    private readonly string _called = Heard.UserOf(first.RequestUri);
    private readonly string _caller = Heard.UserOf(first.From);
    private readonly bool _deaf = peer.IsRude && peer.Chance.Below(6) == 0;
    private Heard _invite = first;
    private Instant _invited = peer.Now;
    private string _last = "";
    private uint _cseq;
    private bool _final;
    private bool _failureAcknowledged;
    private Heard? _reinvite;
    private string _reinviteAnswer = "";
    private uint _reinviteCSeq;
    private bool _reinviteAcknowledged;

    private SeededEntropy Chance => peer.Chance;

    private InvitationMemory _invitation = null!;

    public void Begin()
    {
        _invitation = new() { Callee = _called, Caller = _caller, Invited = peer.Now };
        peer.World.Invitations.Add(_invitation);
        if (_invite.Body.Length > 0) CheckOffer(_invite);
        CheckSecrecy();
        TimeSpan quick = TimeSpan.FromMilliseconds(Chance.Below(300)), later = TimeSpan.FromMilliseconds(300 + Chance.Below(12_000));
        if (Chance.Below(8) == 0)
        {
            Fail(Chance.Below(2) == 0 ? 407 : 401, Asks());
            return;
        }
        switch (Chance.Below(20))
        {
            case < 7:
                Trying();
                After(quick, () => Provisional(180, sdp: false));
                After(later, () => Answer(sdp: true));
                break;
            case < 9:
                Trying();
                After(quick, () => Provisional(183, sdp: true));
                if (Chance.Below(2) == 0) After(quick * 2, () => Provisional(180, sdp: false));
                After(later, () => Answer(sdp: true));
                break;
            case 9:
                Answer(sdp: true);
                break;
            case 10:
                // Some carriers leave the answer out of the 200 when the 183 had it.
                After(quick, () => Provisional(183, sdp: true));
                After(later, () => Answer(sdp: false));
                break;
            case < 14:
                Trying();
                if (Chance.Below(3) == 0) After(quick, () => Provisional(180, sdp: false));
                After(Chance.Below(2) == 0 ? quick : later, () => FailByChance());
                break;
            case 14:
                Trying();
                After(quick, () => Provisional(180, sdp: false));
                break;
            case 15:
                Trying();
                break;
            case 16:
                break; // not a word
            case 17:
                After(quick, () => Provisional(180, sdp: false));
                After(later, () => Answer(sdp: true));
                After(later + TimeSpan.FromMilliseconds(Chance.Below(400)), () => Answer(sdp: true, peer.NewToken()));
                break;
            case 18:
                After(quick, () => Provisional(183, sdp: false));
                After(later, () => Answer(sdp: Chance.Below(2) == 0));
                break;
            default:
                After(TimeSpan.FromSeconds(Chance.Below(100)), () => Answer(sdp: true));
                break;
        }
    }

    private string Asks() => $"WWW-Authenticate: Digest realm=\"sim\", nonce=\"{peer.NewToken()}\", qop=\"auth\", stale=true\r\n"
        + $"Proxy-Authenticate: Digest realm=\"sim\", nonce=\"{peer.NewToken()}\", algorithm=SHA-256, stale=true\r\n";

    private void FailByChance()
    {
        int status = Chance.Below(10) switch { 0 or 1 => 486, 2 or 3 => 503, 4 => 404, 5 => 603, 6 => 600, 7 or 8 => 302, _ => 480 };
        if (status == 302) Fail(status, string.Concat(Enumerable.Range(0, Chance.Below(3)).Select(_ => Elsewhere())));
        else Fail(status, Chance.Below(3) == 0 ? $"Retry-After: {Chance.Below(90)}\r\n" : "");
    }

    // To itself too, and sometimes to where nobody is, or back to the switch.
    private string Elsewhere()
    {
        int to = Chance.Below(Operator.Carriers + 2);
        NetAddress address = to < Operator.Carriers ? Operator.CarrierAddress(to) : to == Operator.Carriers ? World.SwitchAddress : Operator.StrangerAddress.WithPort(9);
        return $"Contact: <sip:{_called}@{address}{(to < Operator.Carriers && peer.World.IsReliable(11 + to) ? ";transport=tcp" : "")}>;q=0.{Chance.Below(10)}\r\n";
    }

    // The INVITE goes again in the same dialog to be: challenged, or with another session.
    private void InvitedAgain(Heard again)
    {
        _invite = again;
        _invited = peer.Now;
        _last = "";
        _final = _failureAcknowledged = false;
        Begin();
    }

    // Who is not told to keep a caller secret must not learn who he is (RFC 3325 §7).
    private void CheckSecrecy()
    {
        if (peer.World.Corrupts || !_invite.From.Contains("anonymous.invalid", StringComparison.Ordinal) || _invite.All(HeaderName.Privacy).Any()) return;
        if (_invite.All(HeaderName.PAssertedIdentity).Concat(_invite.All(HeaderName.PPreferredIdentity)).Concat(_invite.All(HeaderName.RemotePartyId)).Any()) peer.World.Fail($"{peer.Name} learns who an anonymous caller is: {_invite.From}");
    }

    private void CheckOffer(Heard offer)
    {
        if (peer.World.Corrupts) return;
        bool direct = peer.World.MayBeDirect && offer.Body.Contains("c=IN IP4 198.18.", StringComparison.Ordinal);
        if (!direct && !offer.Body.Contains("c=IN IP4 203.0.113.6\r\n", StringComparison.Ordinal)) peer.World.Fail($"{peer.Name} is offered media that is not the relay's: {offer.Body}");
    }

    // What was to come for an INVITE does not for the next in its place.
    private void After(TimeSpan delay, Action what)
    {
        uint cseq = _invite.CSeq;
        peer.In(delay, () =>
        {
            if (_invite.CSeq == cseq) what();
        });
    }

    private void Trying()
    {
        _invitation.Acceded ??= peer.Now;
        _last = peer.Response(_invite, 100, null);
        peer.Send(_last);
    }

    private void Provisional(int status, bool sdp)
    {
        if (_final) return;
        _invitation.Acceded ??= peer.Now;
        _last = peer.Response(_invite, status, _tag, sdp ? peer.Sdp() : null);
        peer.Send(_last);
    }

    private void Fail(int status, string extra = "")
    {
        if (_final) return;
        _final = _invitation.Ended = true;
        _last = peer.Response(_invite, status, _tag, extra: extra);
        uint cseq = _invite.CSeq;
        peer.Repeat(_last, () => _invite.CSeq == cseq && !_failureAcknowledged);
    }

    private void Answer(bool sdp, string? otherTag = null)
    {
        if (_final && (otherTag is null || _forks.Count == 0)) return;
        _final = _invitation.Ended = true;
        bool hangsUp = Chance.Below(3) == 0;
        // The INVITE may have been 2.5 s under way and the answer as long, and 32 s (64 * T1) after it was sent nobody waits any more.
        AnswerMemory memory = new() { Callee = _called, Caller = _caller, Answered = peer.Now, Deaf = _deaf, InTime = _last.Length > 0 || peer.Now - _invited < TimeSpan.FromSeconds(26) };
        Fork fork = new() { Tag = otherTag ?? _tag, Memory = memory };
        _forks.Add(fork);
        peer.World.AnswersGiven.Add(memory);
        string session = SessionWords.Answer(Chance, _invite);
        _last = peer.Response(_invite, 200, fork.Tag, sdp ? peer.Sdp() : null, session);
        (memory.Session, bool theyRefresh) = SessionWords.Read(session);
        if (memory.Session > 0 && !theyRefresh) After(TimeSpan.FromSeconds(memory.Session / 2), () => Refresh(fork));
        if (peer.PhoneNumber is not null && Chance.Below(4) == 0) After(TimeSpan.FromMilliseconds(Chance.Below(8_000)), () => Refer(fork));
        if (peer.PhoneNumber is not null && Chance.Below(6) == 0) After(TimeSpan.FromMilliseconds(Chance.Below(8_000)), () => IsReplaced(fork));
        if (Chance.Below(12) == 0) After(TimeSpan.FromSeconds(40 + Chance.Below(400)), () => Vanish(fork));
        peer.Repeat(_last, () => memory.Acknowledged is null && !fork.Over, () => Bye(fork));
        if (CallIntent.SharedHold(_called) is { } together) After(together, () => Bye(fork));
        else if (hangsUp) After(Chance.Below(3) == 0 ? TimeSpan.FromMilliseconds(Chance.Below(2_000)) : TimeSpan.FromSeconds(Chance.Below(1_200)), () => Bye(fork));
    }

    private void Bye(Fork fork)
    {
        if (fork.Over || fork.Memory.Vanished is not null) return;
        // RFC 3261 §15: not before the ACK, or its last chance, is over.
        if (fork.Memory.Acknowledged is null && peer.Now - fork.Memory.Answered < TimeSpan.FromSeconds(32))
        {
            After(TimeSpan.FromSeconds(1), () => Bye(fork));
            return;
        }
        fork.Over = true;
        fork.Memory.SaidBye = peer.Now;
        string branch = peer.NewBranch();
        string uri = _invite.Contact.Length > 0 ? _invite.Contact : $"sip:{World.SwitchAddress}";
        string text = peer.Request("BYE", uri, branch, $"{_invite.To};tag={fork.Tag}", _invite.From, _invite.CallId, ++_cseq);
        peer.Ask(SipMethod.Bye, branch, text, static _ => { });
    }

    // A called phone transfers who called it, now and then without waiting for what becomes of it.
    private void Refer(Fork fork)
    {
        if (fork.Over || fork.Memory.Vanished is not null) return;
        peer.World.CalleesReplaced.Add(_called);
        fork.Memory.Transferred = true;
        string branch = peer.NewBranch(), number = peer.World.DrawTransferTarget(), quiet = Chance.Below(4) == 0 ? "Refer-Sub: false\r\n" : "";
        string text = peer.Request("REFER", _invite.Contact, branch, $"{_invite.To};tag={fork.Tag}", _invite.From, _invite.CallId, ++_cseq, null, $"Refer-To: <sip:{number}@{World.SwitchAddress.HostString()}>\r\n{quiet}");
        peer.Ask(SipMethod.Refer, branch, text, heard =>
        {
            if (heard?.Status == 202 && Chance.Below(4) == 0) Bye(fork);
        });
    }

    private void IsReplaced(Fork fork)
    {
        if (fork.Over || fork.Memory.Vanished is not null) return;
        peer.World.CalleesReplaced.Add(_called);
        fork.Memory.Transferred = true;
        peer.World.Replace(peer, $"{_invite.CallId};from-tag={fork.Tag};to-tag={_invite.FromTag}");
    }

    private void Vanish(Fork fork)
    {
        if (!fork.Over) fork.Memory.Vanished = peer.Now;
    }

    // Ours to refresh: by UPDATE, which the switch answers itself.
    private void Refresh(Fork fork)
    {
        if (fork.Over || fork.Memory.Vanished is not null) return;
        string branch = peer.NewBranch();
        string uri = _invite.Contact.Length > 0 ? _invite.Contact : $"sip:{World.SwitchAddress}";
        string text = peer.Request("UPDATE", uri, branch, $"{_invite.To};tag={fork.Tag}", _invite.From, _invite.CallId, ++_cseq, extra: $"Contact: {peer.Contact}\r\n{SessionWords.Refresh(fork.Memory.Session, "uac")}");
        peer.Ask(SipMethod.Update, branch, text, heard =>
        {
            if (heard?.Status is 200 or 491 or 500) After(TimeSpan.FromSeconds(heard.Status == 200 ? fork.Memory.Session / 2 : 3), () => Refresh(fork));
        });
    }

    // A change the other end asks for: agreed to, refused, thought over for a while, or met with silence.
    private void OnReinvite(Heard heard)
    {
        if (_forks.Find(f => f.Tag == heard.ToTag) is not { Over: false })
        {
            peer.Send(peer.Response(heard, 481, null));
            return;
        }
        if (_deaf) return;
        if (heard.CSeq == _reinviteCSeq)
        {
            if (_reinviteAnswer.Length > 0) peer.Send(_reinviteAnswer);
            return;
        }
        if (heard.Body.Length > 0) CheckOffer(heard);
        _reinviteCSeq = heard.CSeq;
        _reinvite = heard;
        _reinviteAnswer = "";
        _reinviteAcknowledged = false;
        switch (Chance.Below(20))
        {
            case < 11:
                AnswerReinvite(heard, 200);
                break;
            case < 15:
                _reinviteAnswer = peer.Response(heard, Chance.Below(2) == 0 ? 100 : 183, null);
                peer.Send(_reinviteAnswer);
                After(TimeSpan.FromMilliseconds(Chance.Below(5_000)), () => AnswerReinvite(heard, 200));
                break;
            case < 19:
                AnswerReinvite(heard, Chance.Below(6) switch { 0 => 491, 1 => 488, 2 => 500, 3 or 4 => 407, _ => 481 });
                break;
            default:
                break; // not a word
        }
    }

    private void AnswerReinvite(Heard heard, int status)
    {
        if (_reinvite != heard) return;
        _reinvite = null;
        _reinviteAnswer = peer.Response(heard, status, null, status == 200 ? peer.Sdp() : null, status == 407 ? Asks() : "");
        peer.Repeat(_reinviteAnswer, () => !_reinviteAcknowledged && heard.CSeq == _reinviteCSeq && _forks.Exists(static f => !f.Over));
    }

    private void AnswerUpdate(Heard heard, int status) => peer.Send(peer.Response(heard, status, null, extra: status == 401 ? Asks() : ""));

    public void OnRequest(Heard heard)
    {
        if (_forks.Exists(f => f.Memory.Vanished is not null)) return;
        switch (heard.Method)
        {
            case SipMethod.Invite when heard.ToTag.Length > 0:
                OnReinvite(heard);
                break;
            case SipMethod.Invite when heard.CSeq > _invite.CSeq && _final && _forks.Count == 0:
                InvitedAgain(heard);
                break;
            case SipMethod.Invite:
                if (heard.CSeq == _invite.CSeq && _last.Length > 0 && _forks.Count == 0) peer.Send(_last);
                break;
            case SipMethod.Ack:
                if (heard.CSeq != _invite.CSeq)
                {
                    if (heard.CSeq == _reinviteCSeq) _reinviteAcknowledged = true;
                    break;
                }
                _failureAcknowledged = true;
                if (_forks.Find(f => f.Tag == heard.ToTag) is { } acknowledged) acknowledged.Memory.Acknowledged ??= peer.Now;
                break;
            case SipMethod.Cancel when heard.ToTag.Length > 0:
                peer.Send(peer.Response(heard, 200, null));
                if (heard.CSeq == _reinviteCSeq && _reinvite is { } cancelled) AnswerReinvite(cancelled, 487);
                break;
            case SipMethod.Cancel:
                peer.Send(peer.Response(heard, 200, _tag));
                if (heard.Branch != _invite.Branch && !peer.World.Corrupts) peer.World.Fail($"{peer.Name} hears a CANCEL with another branch than its INVITE's");
                Fail(487);
                break;
            case SipMethod.Bye:
                if (_forks.Find(f => f.Tag == heard.ToTag) is not { } fork)
                {
                    peer.Send(peer.Response(heard, 481, null));
                    if (!peer.World.Corrupts) peer.World.Fail($"{peer.Name} hears a BYE for a dialog it never had");
                    break;
                }
                if (_deaf) break;
                fork.Over = true;
                fork.Memory.HeardBye ??= peer.Now;
                if (Chance.Below(10) == 0) peer.Send(peer.Response(heard, 401, null, extra: Asks()));
                else peer.Send(peer.Response(heard, 200, null));
                break;
            case SipMethod.Notify when _forks.Exists(f => f.Tag == heard.ToTag && !f.Over):
                if (!_deaf) peer.Send(peer.Response(heard, 200, null));
                break;
            case SipMethod.Update when _forks.Exists(f => f.Tag == heard.ToTag && !f.Over):
                if (!_deaf) AnswerUpdate(heard, Chance.Below(16) switch { 0 => 491, 1 => 500, 2 => 405, 3 => 481, 4 => 401, _ => 200 });
                break;
            default:
                peer.Send(peer.Response(heard, 405, null));
                break;
        }
    }
}
