using Tandem.Primitives;

namespace Tandem.Tests.Switching.Calls;

/// <summary>The calling end: it writes what a user agent would, byte by byte, and reads what waits for it.</summary>
internal sealed class CallerLeg
{
    private readonly SwitchFixture _switch;
    private string _branch = "z9hG4bKnone";
    private string _remoteTarget = "";

    public CallerLeg(SwitchFixture world, NetAddress? address = null, string from = "4930123456", string to = "442079460123")
    {
        _switch = world;
        Address = address ?? SwitchFixture.Customer;
        From = from;
        To = to;
        string token = world.Token();
        CallId = $"caller-{token}@{Address.HostString()}";
        Tag = "ct" + token;
    }

    public NetAddress Address { get; }

    public string From { get; }

    public string To { get; }

    public string CallId { get; set; }

    public string Tag { get; set; }

    /// <summary>The switch's tag, once it was heard.</summary>
    public string RemoteTag { get; set; } = "";

    public int CSeq { get; set; }

    public string Sdp { get; set; } = SwitchFixture.Sdp("192.0.2.99", 18200);

    /// <summary>Further header lines of requests, each ended.</summary>
    public string Extra { get; set; } = "";

    /// <summary>Empty: its own address.</summary>
    public string SentBy { get; set; } = "";

    /// <summary>Empty: its own address.</summary>
    public string ContactLine { get; set; } = "";

    public int MaxForwards { get; set; } = 70;

    /// <summary>The switch's listener it speaks to, and the transport it says so by.</summary>
    public (int Number, string Transport) Listener { get; set; } = (0, "UDP");

    /// <summary>From and To without their tags, where they are something else than the numbers at the addresses.</summary>
    public string? FromValue { get; set; }

    public string? ToValue { get; set; }

    public string RequestUri => $"sip:{To}@{SwitchFixture.Us}";

    public string LastRequest { get; private set; } = "";

    public CallerLeg Invite(bool offer = true, string extra = "")
    {
        CSeq++;
        _branch = "z9hG4bKc" + _switch.Token();
        Send("INVITE", _branch, CSeq, extra + Extra, offer ? Sdp : "");
        return this;
    }

    /// <summary>The same datagram again.</summary>
    public void Repeat() => _switch.Deliver(Address, LastRequest, Listener.Number);

    public WireMessage Next()
    {
        WireMessage message = _switch.Next(Address);
        if (message.IsResponse && message.Method == "INVITE" && message.ToTag.Length > 0) RemoteTag = message.ToTag;
        if (message.IsResponse && message.Contact.Length > 0) _remoteTarget = message.Contact;
        return message;
    }

    public WireMessage Expect(int status, string method = "INVITE")
    {
        WireMessage message = Next();
        if (!(message.IsResponse && message.Status == status && message.Method == method)) throw new InvalidOperationException($"{status} ({method}) was expected, not {message}\n{_switch.Log()}");
        Assert.Equal(CallId, message.CallId);
        Assert.Equal(Tag, message.FromTag);
        return message;
    }

    public WireMessage ExpectRequest(string method)
    {
        WireMessage message = Next();
        if (!(!message.IsResponse && message.Method == method)) throw new InvalidOperationException($"{method} was expected, not {message}\n{_switch.Log()}");
        return message;
    }

    /// <summary>The ACK of a 2xx: a branch of its own.</summary>
    public void Ack(string sdp = "") => Send("ACK", "z9hG4bKk" + _switch.Token(), CSeq, "", sdp, inDialog: true);

    /// <summary>The ACK of a failure: hop by hop, on the INVITE's branch.</summary>
    public void AckFailure() => Send("ACK", _branch, CSeq, "", "", tagOnly: true);

    public void Cancel() => Send("CANCEL", _branch, CSeq, "", "");

    public CallerLeg Request(string method, string body = "", string extra = "")
    {
        CSeq++;
        _branch = "z9hG4bKr" + _switch.Token();
        Send(method, _branch, CSeq, extra, body, inDialog: RemoteTag.Length > 0);
        return this;
    }

    /// <summary>BYE, and its 200.</summary>
    public void Bye()
    {
        Request("BYE");
        Expect(200, "BYE");
    }

    /// <summary>Answers a BYE from the switch.</summary>
    public void Ok(WireMessage request, int status = 200) => _switch.Deliver(Address, Legs.Response(request, status, "", "", "", ""), request.Listener);

    /// <summary>200 to a request from the switch within the dialog.</summary>
    public void Answer(WireMessage request, string extra = "", string sdp = "") =>
        _switch.Deliver(Address, Legs.Response(request, 200, "", $"<sip:{From}@{Address}>", extra, sdp));

    private void Send(string method, string branch, int cseq, string extra, string body, bool inDialog = false, bool tagOnly = false)
    {
        string uri = inDialog && _remoteTarget.Length > 0 ? _remoteTarget : method == "REGISTER" ? $"sip:{SwitchFixture.Us}" : RequestUri;
        string toTag = (inDialog || tagOnly) && RemoteTag.Length > 0 ? ";tag=" + RemoteTag : "";
        string to = method == "REGISTER" ? From : To;
        LastRequest =
            $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{Listener.Transport} {(SentBy.Length > 0 ? SentBy : Address.ToString())};branch={branch};rport\r\nMax-Forwards: {MaxForwards}\r\n" +
            $"From: {FromValue ?? $"\"Hidden Name\" <sip:{From}@{Address}>"};tag={Tag}\r\nTo: {ToValue ?? $"<sip:{to}@{SwitchFixture.Us}>"}{toTag}\r\nCall-ID: {CallId}\r\nCSeq: {cseq} {method}\r\n" +
            (method is "INVITE" ? ContactLine.Length > 0 ? ContactLine : $"Contact: <sip:{From}@{Address}>\r\n" : "") + extra +
            (body.Length > 0 && !extra.Contains("Content-Type", StringComparison.Ordinal) ? "Content-Type: application/sdp\r\n" : "") + $"Content-Length: {body.Length}\r\n\r\n{body}";
        _switch.Deliver(Address, LastRequest, Listener.Number);
    }
}

/// <summary>The called end, from the INVITE it got.</summary>
internal sealed class CalleeLeg
{
    private readonly SwitchFixture _switch;
    private int _cseq = 700;
    private string _lastResponse = "";

    public CalleeLeg(SwitchFixture world, NetAddress? address = null, string extra = "")
    {
        _switch = world;
        Address = address ?? SwitchFixture.CarrierA;
        Extra = extra;
        Invite = ExpectRequest("INVITE");
        Tag = "et" + world.Token();
    }

    public NetAddress Address { get; }

    public WireMessage Invite { get; }

    public string Tag { get; set; }

    public string Extra { get; set; }

    public string Contact { get; set; } = "";

    public string Sdp { get; set; } = SwitchFixture.Sdp("203.0.113.77", 30500);

    public void Trying() => _switch.Deliver(Address, Legs.Response(Invite, 100, "", "", "", ""), Invite.Listener);

    public WireMessage ExpectAck() => ExpectRequest("ACK");

    public CalleeLeg Respond(int status, bool sdp = false, string extra = "")
    {
        string contact = Contact.Length > 0 ? Contact : $"<sip:in@{Address}>";
        _lastResponse = Legs.Response(Invite, status, Tag, status < 300 ? contact : "", extra + Extra, sdp ? Sdp : "");
        _switch.Deliver(Address, _lastResponse, Invite.Listener);
        return this;
    }

    public void Repeat() => _switch.Deliver(Address, _lastResponse, Invite.Listener);

    public WireMessage ExpectRequest(string method)
    {
        WireMessage message = _switch.Next(Address);
        if (!(!message.IsResponse && message.Method == method)) throw new InvalidOperationException($"{method} was expected, not {message}\n{_switch.Log()}");
        return message;
    }

    public WireMessage Expect(int status, string method)
    {
        WireMessage message = _switch.Next(Address);
        if (!(message.IsResponse && message.Status == status && message.Method == method)) throw new InvalidOperationException($"{status} ({method}) was expected, not {message}\n{_switch.Log()}");
        return message;
    }

    /// <summary>Answers a request from the switch (BYE, CANCEL).</summary>
    public void Ok(WireMessage request, int status = 200) => _switch.Deliver(Address, Legs.Response(request, status, "", "", "", ""), request.Listener);

    public string BuildRequest(string method, string? callId = null, string? ourTag = null, string? theirTag = null, int? cseq = null, string body = "") =>
        $"{method} {Invite.Contact} SIP/2.0\r\nVia: SIP/2.0/UDP {Address};branch=z9hG4bKe{_switch.Token()};rport\r\nMax-Forwards: 70\r\n" +
        $"From: <sip:x@{Address}>;tag={ourTag ?? Tag}\r\nTo: <sip:y@{SwitchFixture.Us}>;tag={theirTag ?? Invite.FromTag}\r\nCall-ID: {callId ?? Invite.CallId}\r\nCSeq: {cseq ?? ++_cseq} {method}\r\n" +
        $"Contact: <sip:in@{Address}>\r\n{(body.Length > 0 ? "Content-Type: application/sdp\r\n" : "")}Content-Length: {body.Length}\r\n\r\n{body}";

    public void Send(string request) => _switch.Deliver(Address, request, Invite.Listener);

    public void Bye()
    {
        Send(BuildRequest("BYE"));
        Expect(200, "BYE");
    }
}

internal static class Legs
{
    public static string Response(WireMessage request, int status, string tag, string contact, string extra, string body)
    {
        string to = request["To"] + (tag.Length > 0 && request.ToTag.Length == 0 ? ";tag=" + tag : "");
        return $"SIP/2.0 {status} Whatever\r\n" + string.Concat(request.All("Via").Select(static v => $"Via: {v}\r\n")) +
            $"From: {request["From"]}\r\nTo: {to}\r\nCall-ID: {request.CallId}\r\nCSeq: {request["CSeq"]}\r\n" +
            (contact.Length > 0 ? $"Contact: {contact}\r\n" : "") + extra +
            (body.Length > 0 ? "Content-Type: application/sdp\r\n" : "") + $"Content-Length: {body.Length}\r\n\r\n{body}";
    }

    /// <summary>INVITE to answered and acknowledged, over the first carrier.</summary>
    public static (CallerLeg Caller, CalleeLeg Callee) Talk(SwitchFixture world, string to = "442079460123")
    {
        CallerLeg caller = new CallerLeg(world, to: to).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        return (caller, callee);
    }

    /// <summary>The caller hangs up, the callee agrees.</summary>
    public static void End(CallerLeg caller, CalleeLeg callee)
    {
        caller.Request("BYE");
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Expect(200, "BYE");
    }
}
