using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Simulation.Peers;

/// <summary>How a peer means to call, good manners and bad.</summary>
internal sealed record CallIntent
{
    public required string From { get; init; }

    public required string To { get; init; }

    /// <summary>The number that tells this call from all others; empty when there is none.</summary>
    public required string Key { get; init; }

    public bool LateOffer { get; init; }

    /// <summary>CANCEL after so long, if there is no final answer by then; null: waits.</summary>
    public TimeSpan? CancelAfter { get; init; }

    /// <summary>CANCEL as soon as it rings.</summary>
    public bool CancelsOnRinging { get; init; }

    /// <summary>CANCEL even before a provisional response came, against RFC 3261 §9.1.</summary>
    public bool CancelsTooEarly { get; init; }

    /// <summary>BYE so long after the answer; null: never.</summary>
    public TimeSpan? Hold { get; init; }

    public bool NeverAcknowledges { get; init; }

    public int AcknowledgementsLost { get; init; }

    /// <summary>Answers no BYE.</summary>
    public bool Deaf { get; init; }

    public bool SaysAllTwice { get; init; }

    public bool TriesWrongTags { get; init; }

    public bool Reinvites { get; init; }

    /// <summary>REFER to a number after a while.</summary>
    public bool Transfers { get; init; }

    /// <summary>Somebody takes its place by INVITE with Replaces after a while.</summary>
    public bool IsReplaced { get; init; }

    /// <summary>The Replaces line of its own INVITE; empty: it begins a call.</summary>
    public string Replaces { get; init; } = "";

    /// <summary>And BYE without waiting for what becomes of it.</summary>
    public bool LeavesAtOnce { get; init; }

    /// <summary>Supported: 100rel, and a PRACK for what is reliable.</summary>
    public bool Reliable { get; init; }

    /// <summary>BYE while it still rings (RFC 3261 §15 lets a caller).</summary>
    public bool ByeOnRinging { get; init; }

    /// <summary>What it says of session timers.</summary>
    public string Timer { get; init; } = "";

    /// <summary>Loses its power so long after the answer; null: never.</summary>
    public TimeSpan? VanishesAfter { get; init; }

    public string BadHeader { get; init; } = "";

    /// <summary>What it says of itself beside From: always its own number, and nothing that bears its mark.</summary>
    public string IdentityHeaders { get; init; } = "";

    public static CallIntent Draw(Peer peer, string from, string to, string key)
    {
        SeededEntropy c = peer.Chance;
        TimeSpan? hold = c.Below(10) switch
        {
            < 4 => TimeSpan.FromMilliseconds(c.Below(30_000)),
            < 7 => TimeSpan.FromSeconds(c.Below(600)),
            7 => TimeSpan.FromSeconds(c.Below(5400)),
            8 => null,
            _ => TimeSpan.FromMilliseconds(c.Below(50)),
        };
        if (SharedHold(to) is { } together) hold = together;
        TimeSpan? cancel = c.Below(10) switch
        {
            0 => TimeSpan.FromMilliseconds(c.Below(50)),
            1 => TimeSpan.FromMilliseconds(c.Below(4_000)),
            2 => TimeSpan.FromSeconds(c.Below(30)),
            _ => TimeSpan.FromSeconds(90 + c.Below(120)),
        };
        return new CallIntent
        {
            From = from, To = to, Key = key, Hold = hold, CancelAfter = cancel,
            LateOffer = c.Below(10) == 0,
            CancelsOnRinging = c.Below(15) == 0,
            ByeOnRinging = peer.IsRude && c.Below(6) == 0,
            CancelsTooEarly = peer.IsRude && c.Below(2) == 0,
            NeverAcknowledges = peer.IsRude && c.Below(6) == 0,
            AcknowledgementsLost = peer.IsRude && c.Below(3) == 0 ? 1 + c.Below(3) : 0,
            Deaf = peer.IsRude && c.Below(6) == 0,
            SaysAllTwice = peer.IsRude && c.Below(4) == 0,
            TriesWrongTags = peer.IsRude && c.Below(3) == 0,
            Reinvites = c.Below(10) == 0,
            Transfers = c.Below(4) == 0,
            IsReplaced = c.Below(10) == 0,
            LeavesAtOnce = c.Below(4) == 0,
            Reliable = c.Below(4) == 0,
            Timer = SessionWords.Ask(c),
            VanishesAfter = c.Below(12) == 0 ? TimeSpan.FromSeconds(5 + c.Below(400)) : null,
            IdentityHeaders = DrawIdentity(c, from, peer.Host),
            BadHeader = !peer.IsRude ? "" : c.Below(6) switch { 0 => "Require: 100rel\r\n", 1 => "Max-Forwards: 0\r\n", 2 => "Content-Type: text/plain\r\n", _ => "" },
        };
    }

    private static string DrawIdentity(SeededEntropy c, string from, string host) => c.Below(8) switch
    {
        0 => "Privacy: id\r\nX-Free: one\r\n",
        1 => $"P-Asserted-Identity: <sip:{from}@{host}>\r\nPrivacy: none\r\n",
        2 => $"Remote-Party-ID: <sip:{from}@{host}>;privacy=full\r\nX-Free: folded\r\n twice\r\n",
        3 => $"P-Preferred-Identity: <sip:{from}@{host};user=phone>\r\nP-Asserted-Identity: <sip:{from}@{host}>, <tel:{from}>\r\nPrivacy: user;id\r\n",
        _ => "",
    };

    /// <summary>For some numbers both ends hang up at the same moment.</summary>
    public static TimeSpan? SharedHold(string number)
    {
        int sum = 7;
        foreach (char c in number) sum = ((sum * 31) + c) & 0xffff;
        return sum % 6 == 0 ? TimeSpan.FromSeconds(2 + (sum % 50)) : null;
    }
}

/// <summary>A peer's side of a call it makes.</summary>
internal sealed class OutgoingCall
{
    private readonly Peer _peer;
    private readonly CallIntent _intent;
    private readonly CallMemory _memory;
    private readonly string _tag;
    private readonly string _uri;
    private readonly string? _sdp;
    private string _branch = "";
    private string _invite = "";
    private string _invitedTo = "";
    private uint _cseq;
    private uint _inviteCSeq;
    private string _toTag = "";
    private string _target;
    private bool _answeredAtAll;
    private bool _final;
    private bool _cancelled;
    private bool _over;
    private bool _gone;
    private bool _authorized;
    private int _unacknowledged;
    private bool _agreed;
    private readonly HashSet<string> _reliableHeard = new(StringComparer.Ordinal);
    private uint _refreshed;
    private bool _refreshAcknowledged;
    private string _refreshAnswer = "";

    public OutgoingCall(Peer peer, CallIntent intent)
    {
        _peer = peer;
        _intent = intent;
        CallId = peer.NewToken();
        _tag = peer.NewToken();
        _uri = $"sip:{intent.To}@{World.SwitchAddress.HostString()}";
        _target = _uri;
        _sdp = intent.LateOffer ? null : peer.Sdp();
        _unacknowledged = intent.AcknowledgementsLost;
        _memory = new CallMemory { Key = intent.Key, Caller = intent.From, Callee = intent.To, ByPhone = peer.PhoneNumber is not null, Began = peer.Now, Deaf = intent.Deaf, Replaces = intent.Replaces.Length > 0 };
        peer.World.CallsMade.Add(_memory);
    }

    public string CallId { get; }

    private string From => $"\"{_peer.NewToken()}\" <sip:{_intent.From}@{_peer.Host}>;tag={_tag}";

    private string To => _toTag.Length == 0 ? $"<{_uri}>" : $"<{_uri}>;tag={_toTag}";

    public void Begin()
    {
        Invite(null);
        if (_intent.CancelAfter is { } patience) _peer.In(patience, Cancel);
    }

    private void Invite(string? authorization)
    {
        _branch = _peer.NewBranch();
        _inviteCSeq = ++_cseq;
        _answeredAtAll = _final = false;
        _invitedTo = To;
        string branch = _branch;
        string from = From;
        _invite = _peer.Request("INVITE", _uri, branch, from, _invitedTo, CallId, _inviteCSeq, _sdp, _intent.Replaces + _intent.IdentityHeaders + _intent.BadHeader + _intent.Timer + (_intent.Reliable ? "Supported: 100rel\r\n" : "") + authorization);
        if (_intent.BadHeader.StartsWith("Max-F", StringComparison.Ordinal)) _invite = _invite.Replace("Max-Forwards: 70\r\n", "", StringComparison.Ordinal);
        _peer.Expect(branch, SipMethod.Invite, heard => OnResponse(heard, branch));
        _peer.Repeat(_invite, () => !_answeredAtAll && branch == _branch, () => _over = true, upToT2: false);
        if (_intent.SaysAllTwice) _peer.Send(_invite);
    }

    private void OnResponse(Heard heard, string branch)
    {
        if (branch != _branch)
        {
            if (heard.Status >= 300) Acknowledge(heard, branch);
            return;
        }
        _answeredAtAll = true;
        if (heard.Status > 100 && heard.ToTag.Length > 0) CheckTag(heard);
        switch (heard.Status)
        {
            case < 200:
                if (_intent.Reliable) Prack(heard);
                if (heard.Status is not (180 or 183) || _final) return;
                if (_intent.CancelsOnRinging) Cancel();
                if (_intent.ByeOnRinging && _toTag.Length > 0) Bye();
                return;
            case < 300:
                OnAnswer(heard);
                return;
            default:
                Acknowledge(heard, branch);
                OnFailure(heard);
                return;
        }
    }

    // One dialog per INVITE: whoever forks behind the switch, the caller sees one tag (topology hiding).
    private void CheckTag(Heard heard)
    {
        if (_toTag.Length > 0 && _toTag != heard.ToTag && _peer.World.CrashesSoFar == 0 && !_peer.World.Corrupts) _peer.World.Fail($"{_peer.Name} hears two tags in one call: {_toTag} and {heard.ToTag}");
        if (heard.Status is 401 or 407) return;
        _toTag = heard.ToTag;
    }

    private void OnFailure(Heard heard)
    {
        if (_final) return;
        _final = true;
        if (heard.Status is 401 or 407 && !_authorized && !_cancelled && _peer.Authorize(heard, "INVITE", _uri) is { } header)
        {
            _authorized = true;
            Invite(header);
            return;
        }
        _memory.FailedWith = heard.Status;
        _over = true;
    }

    private void OnAnswer(Heard heard)
    {
        if (heard.Contact.Length > 0) _target = heard.Contact;
        _toTag = heard.ToTag;
        if (!_intent.NeverAcknowledges && --_unacknowledged < 0)
        {
            string? answer = _intent.LateOffer && heard.Body.Length > 0 ? _peer.Sdp() : null;
            string ack = _peer.Request("ACK", _target, _peer.NewBranch(), From, To, CallId, _inviteCSeq, answer);
            _peer.Send(ack);
            if (_intent.SaysAllTwice) _peer.Send(ack);
        }
        if (_final) return;
        _final = true;
        if (_memory.Established is null && heard.Body.Length == 0 && !_agreed && !_peer.World.Corrupts) _peer.World.Fail($"{_peer.Name} gets a 200 without a session description");
        _memory.Established ??= _peer.Now;
        if (_cancelled)
        {
            Bye();
            return;
        }
        (_memory.Session, bool weRefresh) = SessionWords.Read(heard);
        if (_memory.Session > 0 && weRefresh) _peer.In(TimeSpan.FromSeconds(_memory.Session / 2), Refresh);
        if (_intent.VanishesAfter is { } power) _peer.In(power, Vanish);
        if (_intent.Hold is { } hold) _peer.In(hold, Bye);
        if (_intent.TriesWrongTags) _peer.In(TimeSpan.FromMilliseconds(_peer.Chance.Below(5_000)), ByeWithWrongTag);
        if (_intent.Transfers) _peer.In(TimeSpan.FromMilliseconds(_peer.Chance.Below(8_000)), Refer);
        if (_intent.IsReplaced) _peer.In(TimeSpan.FromMilliseconds(_peer.Chance.Below(8_000)), IsReplaced);
        if (_intent.Reinvites) _peer.In(TimeSpan.FromMilliseconds(_peer.Chance.Below(5_000)), Reinvite);
    }

    private void Acknowledge(Heard failure, string branch)
    {
        if (_intent.NeverAcknowledges) return;
        _peer.Send(_peer.Request("ACK", _uri, branch, failure.From, failure.To, CallId, failure.CSeq));
    }

    private void Cancel()
    {
        if (_final || _over || _cancelled) return;
        if (!_answeredAtAll && !_intent.CancelsTooEarly)
        {
            _peer.In(TimeSpan.FromMilliseconds(200), Cancel);
            return;
        }
        _cancelled = true;
        string text = _peer.Request("CANCEL", _uri, _branch, From, _invitedTo, CallId, _inviteCSeq);
        _peer.Ask(SipMethod.Cancel, _branch, text, static _ => { });
    }

    private void Bye()
    {
        if (_over || _gone || _toTag.Length == 0) return;
        _over = true;
        _memory.SaidBye = _peer.Now;
        string branch = _peer.NewBranch();
        string text = _peer.Request("BYE", _target, branch, From, To, CallId, ++_cseq);
        _peer.Ask(SipMethod.Bye, branch, text, static _ => { });
        if (_intent.SaysAllTwice) _peer.Send(text);
    }

    private void ByeWithWrongTag()
    {
        if (_over || _gone) return;
        string branch = _peer.NewBranch();
        bool theirs = _peer.Chance.Below(2) == 0;
        string text = _peer.Request("BYE", _target, branch, theirs ? From : From + "x", theirs ? $"<{_uri}>;tag={NearMiss(_toTag)}" : To, CallId, _cseq + 1);
        _peer.Ask(SipMethod.Bye, branch, text, heard =>
        {
            if (heard is not null && heard.Status != 481 && !_peer.World.Corrupts) _peer.World.Fail($"{_peer.Name} says BYE with a wrong tag and hears {heard.Status}");
        });
    }

    // Well formed and of the same call slot: only its last character of chance is another.
    private static string NearMiss(string tag) => tag.Length == 0 ? "x" : tag[..^1] + (tag[^1] == '0' ? '1' : '0');

    private void Vanish()
    {
        if (_over) return;
        _gone = true;
        _memory.Vanished = _peer.Now;
    }

    // Ours to refresh: by UPDATE, which the switch answers itself.
    private void Refresh()
    {
        if (_over || _gone) return;
        string branch = _peer.NewBranch();
        string text = _peer.Request("UPDATE", _target, branch, From, To, CallId, ++_cseq, extra: $"Contact: {_peer.Contact}\r\n{SessionWords.Refresh(_memory.Session, "uac")}");
        _peer.Ask(SipMethod.Update, branch, text, heard =>
        {
            if (heard?.Status is 200 or 491 or 500) _peer.In(TimeSpan.FromSeconds(heard.Status == 200 ? _memory.Session / 2 : 3), Refresh);
        });
    }

    // The switch's refresh, or what the other end wants: agreed to, now and then refused.
    private void OnRefresh(Heard heard)
    {
        if (heard.CSeq == _refreshed)
        {
            _peer.Send(_refreshAnswer);
            return;
        }
        _refreshed = heard.CSeq;
        _refreshAcknowledged = false;
        int status = _peer.Chance.Below(20) switch { 0 => 491, 1 => 500, 2 when heard.Method == SipMethod.Update => 405, _ => 200 };
        string? sdp = status == 200 && heard.Method == SipMethod.Invite ? _peer.Sdp() : null;
        _refreshAnswer = _peer.Response(heard, status, null, sdp, status == 200 && _memory.Session > 0 ? $"Session-Expires: {_memory.Session};refresher=uac\r\n" : "");
        if (heard.Method == SipMethod.Update) _peer.Send(_refreshAnswer);
        else _peer.Repeat(_refreshAnswer, () => !_refreshAcknowledged && !_over && !_gone && heard.CSeq == _refreshed);
    }

    private void Reinvite()
    {
        if (_over || _gone) return;
        string branch = _peer.NewBranch();
        uint cseq = ++_cseq;
        string from = From, to = To;
        bool waiting = true, late = _peer.Chance.Below(5) == 0, again = _peer.Chance.Below(2) == 0;
        string? sdp = late ? null : _peer.Chance.Below(2) == 0 ? _peer.Sdp() : _peer.Sdp() + (_peer.Chance.Below(2) == 0 ? "a=sendonly\r\n" : "a=inactive\r\n");
        _peer.Expect(branch, SipMethod.Invite, heard =>
        {
            waiting = false;
            if (heard.Status < 200) return;
            if (_intent.NeverAcknowledges || _gone) return;
            _peer.Send(_peer.Request("ACK", _target, branch, from, to, CallId, cseq, late && heard.Status < 300 && heard.Body.Length > 0 ? _peer.Sdp() : null));
            if (!again) return;
            again = false;
            _peer.In(TimeSpan.FromMilliseconds(_peer.Chance.Below(20_000)), Reinvite); // resume, or once more after 491
        });
        _peer.Repeat(_peer.Request("INVITE", _target, branch, from, to, CallId, cseq, sdp), () => waiting, upToT2: false);
    }

    // RFC 3262 §4: each reliable response once; a late offer's answer goes along.
    private void Prack(Heard heard)
    {
        string rseq = heard.All(HeaderName.RSeq).FirstOrDefault() ?? "";
        if (rseq.Length == 0 || !_reliableHeard.Add(rseq) || _peer.Chance.Below(30) == 0) return;
        if (heard.Contact.Length > 0) _target = heard.Contact;
        _agreed |= heard.Body.Length > 0;
        string branch = _peer.NewBranch();
        string? answer = _intent.LateOffer && heard.Body.Length > 0 ? _peer.Sdp() : null;
        _peer.Ask(SipMethod.Prack, branch, _peer.Request("PRACK", _target, branch, From, To, CallId, ++_cseq, answer, $"RAck: {rseq} {heard.CSeq} INVITE\r\n"), static _ => { });
    }

    private void IsReplaced()
    {
        if (_over || _gone) return;
        _memory.Transferred = true;
        _peer.World.Replace(_peer, $"{CallId};to-tag={_toTag};from-tag={_tag}");
    }

    private void Refer()
    {
        if (_over || _gone) return;
        string branch = _peer.NewBranch();
        // To another call of its own, if there is one to be had; else to a number.
        OutgoingCall? other = _peer.Chance.Below(2) == 0 ? _peer.Calls.FirstOrDefault(c => c != this && c._final && !c._over && c._toTag.Length > 0) : null;
        string number = other is null ? _peer.World.DrawTransferTarget() : other._intent.To;
        string replaces = other is null ? "" : "?Replaces=" + Uri.EscapeDataString($"{other.CallId};to-tag={other._toTag};from-tag={other._tag}");
        string text = _peer.Request("REFER", _target, branch, From, To, CallId, ++_cseq, null, $"Refer-To: <sip:{number}@{World.SwitchAddress.HostString()}{replaces}>\r\n");
        _peer.Ask(SipMethod.Refer, branch, text, heard =>
        {
            if (heard is null || heard.Status == 202)
            {
                _memory.Transferred = true;
                if (other is not null) other._memory.Transferred = true;
            }
            if (heard?.Status == 202 && _intent.LeavesAtOnce) Bye();
        });
    }

    public void OnRequest(Heard heard)
    {
        if (_gone) return;
        if (heard.Method == SipMethod.Ack)
        {
            _refreshAcknowledged |= heard.CSeq == _refreshed;
            return;
        }
        if (heard.Method is SipMethod.Invite or SipMethod.Update && heard.ToTag == _tag && heard.FromTag == _toTag && !_over && !_intent.Deaf)
        {
            OnRefresh(heard);
            return;
        }
        if (heard.Method == SipMethod.Notify && !_intent.Deaf)
        {
            _memory.Transferred = true;
            _peer.Send(_peer.Response(heard, 200, null));
            return;
        }
        if (heard.Method != SipMethod.Bye)
        {
            _peer.Send(_peer.Response(heard, 405, null));
            return;
        }
        bool mine = heard.ToTag == _tag && heard.FromTag == _toTag;
        if (!mine && !_peer.World.Corrupts && _peer.World.CrashesSoFar == 0) _peer.World.Fail($"{_peer.Name} hears a BYE with the tags of no dialog of its");
        if (!mine)
        {
            _peer.Send(_peer.Response(heard, 481, null));
            return;
        }
        if (_intent.Deaf) return;
        _memory.HeardBye ??= _peer.Now;
        _over = true;
        _peer.Send(_peer.Response(heard, 200, null));
    }
}
