using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;

namespace Tandem.Simulation.Peers;

/// <summary>
/// Somebody the switch talks to: a customer's gateway, a carrier, a phone. Everything a peer makes up carries its mark, so that it
/// is seen if it ever shows elsewhere. Written apart from the switch's own transactions and dialogs.
/// </summary>
internal sealed class Peer
{
    private static readonly TimeSpan T1 = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan T2 = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = 64 * T1;

    private readonly CarrierDoubts? _doubts;
    private readonly Dictionary<string, OutgoingCall> _outgoing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IncomingCall> _incoming = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Branch, SipMethod Method), Action<Heard>> _waiting = [];

    public Peer(World world, int id, string name, NetAddress address, string? phoneNumber, string? password)
    {
        World = world;
        Id = id;
        Name = name;
        Address = address;
        PhoneNumber = phoneNumber;
        Password = password;
        Chance = world.Child();
        if (id is > 10 and < 21) _doubts = new CarrierDoubts(this, id - 11);
        world.Network.Attach(address, name, Receive);
    }

    public World World { get; }

    public int Id { get; }

    public string Name { get; }

    public NetAddress Address { get; }

    public string? PhoneNumber { get; }

    public string? Password { get; }

    public SeededEntropy Chance { get; }

    public string Host => Address.HostString();

    public Instant Now => World.Now;

    /// <summary>It speaks TCP.</summary>
    public bool IsReliable => World.IsReliable(Id);

    public bool IsRude => Chance.Chance(World.Plan.Rudeness);

    public string NewToken() => $"~{Id:000}~{Chance.NextUInt64():x}";

    public string NewBranch() => $"z9hG4bK{NewToken()}";

    public string Contact => $"<sip:{PhoneNumber ?? "gw"}@{Host}:{Address.Port}{(IsReliable ? ";transport=tcp" : "")}>";

    /// <summary>The calls it has made, the newest last.</summary>
    public IEnumerable<OutgoingCall> Calls => _outgoing.Values;

    /// <summary>It has left the network: it begins nothing and hears of nothing new. What is under way goes its way.</summary>
    public bool Away { get; set; }

    public void Send(string text) => World.Network.Send(Address, World.SwitchAddress, Encoding.Latin1.GetBytes(text), IsReliable);

    public void In(TimeSpan delay, Action what) => World.In(delay, what);

    public void Call(CallIntent intent)
    {
        OutgoingCall call = new(this, intent);
        _outgoing.Add(call.CallId, call);
        call.Begin();
    }

    /// <summary>Says it again, less and less often, until it is not wanted any more or 32 s are over; over TCP only a 200 is said again (RFC 3261 §13.3.1.4).</summary>
    public void Repeat(string text, Func<bool> wanted, Action? gaveUp = null, bool upToT2 = true)
    {
        Send(text);
        Again(text, wanted, gaveUp, T1, upToT2, Now + Patience);
    }

    private void Again(string text, Func<bool> wanted, Action? gaveUp, TimeSpan pause, bool upToT2, Instant until) => In(pause, () =>
    {
        if (!wanted()) return;
        if (Now >= until)
        {
            gaveUp?.Invoke();
            return;
        }
        if (!IsReliable || text.StartsWith("SIP/2.0 2", StringComparison.Ordinal)) Send(text);
        Again(text, wanted, gaveUp, upToT2 && pause * 2 > T2 ? T2 : pause * 2, upToT2, until);
    });

    /// <summary>A request of any kind but INVITE and ACK: repeated until a final response or for 32 s.</summary>
    public void Ask(SipMethod method, string branch, string text, Action<Heard?> answered)
    {
        bool waiting = true;
        _waiting[(branch, method)] = heard =>
        {
            if (heard.Status < 200 || !waiting) return;
            waiting = false;
            answered(heard);
        };
        Repeat(text, () => waiting, () =>
        {
            waiting = false;
            answered(null);
        });
    }

    public void Expect(string branch, SipMethod method, Action<Heard> heard) => _waiting[(branch, method)] = heard;

    private void Receive(NetAddress from, byte[] bytes)
    {
        if (Heard.Read(bytes) is not { } heard) return;
        if (!heard.IsRequest)
        {
            if (_waiting.TryGetValue((heard.Branch, heard.CSeqMethod), out Action<Heard>? waiting)) waiting(heard);
            return;
        }
        if (_outgoing.TryGetValue(heard.CallId, out OutgoingCall? outgoing))
        {
            outgoing.OnRequest(heard);
            return;
        }
        if (_incoming.TryGetValue(heard.CallId, out IncomingCall? incoming))
        {
            incoming.OnRequest(heard);
            return;
        }
        if (Away) return;
        switch (heard.Method)
        {
            case SipMethod.Invite when heard.ToTag.Length == 0 && _doubts?.Answer(heard) is { } who:
                Send(who);
                break;
            case SipMethod.Register when _doubts is not null:
                if (_doubts.AnswerRegister(heard) is { } answer) Send(answer);
                break;
            case SipMethod.Invite when heard.ToTag.Length == 0:
                IncomingCall call = new(this, heard);
                _incoming.Add(heard.CallId, call);
                call.Begin();
                break;
            case SipMethod.Ack:
                break;
            default:
                Send(Response(heard, 481, NewToken()));
                break;
        }
    }

    public string Response(Heard request, int status, string? tag, string? sdp = null, string extra = "")
    {
        StringBuilder text = new();
        text.Append($"SIP/2.0 {status} {(status < 300 ? "Fine" : "No")}\r\n");
        foreach (string via in request.All(HeaderName.Via)) text.Append($"Via: {via}\r\n");
        foreach (string route in request.All(HeaderName.RecordRoute)) text.Append($"Record-Route: {route}\r\n");
        text.Append($"From: {request.From}\r\n");
        text.Append(request.ToTag.Length > 0 || tag is null ? $"To: {request.To}\r\n" : $"To: {request.To};tag={tag}\r\n");
        text.Append($"Call-ID: {request.CallId}\r\nCSeq: {request.CSeq} {Encoding.ASCII.GetString(request.Method.Token())}\r\n");
        if (request.Method is SipMethod.Invite or SipMethod.Update && status is > 100 and < 300) text.Append($"Contact: {Contact}\r\n");
        text.Append(extra);
        text.Append($"Server: peer {NewToken()}\r\nWarning: 399 {Host} \"{NewToken()}\"\r\nX-Free: answer\r\n");
        return End(text, sdp);
    }

    public string Request(string method, string uri, string branch, string from, string to, string callId, uint cseq, string? sdp = null, string extra = "", string type = "application/sdp")
    {
        StringBuilder text = new();
        text.Append($"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{(IsReliable ? "TCP" : "UDP")} {Host}:{Address.Port};branch={branch};rport\r\nMax-Forwards: 70\r\n");
        text.Append($"From: {from}\r\nTo: {to}\r\nCall-ID: {callId}\r\nCSeq: {cseq} {method}\r\n");
        if (method is "INVITE" or "REGISTER") text.Append($"Contact: {Contact}\r\n");
        text.Append(extra).Append($"User-Agent: peer {NewToken()}\r\n");
        return End(text, sdp, type);
    }

    public string Sdp() =>
        $"v=0\r\no={NewToken()} {Chance.Below(100_000)} 1 IN IP4 {Host}\r\ns={NewToken()}\r\nc=IN IP4 {Host}\r\nt=0 0\r\n"
        + $"m=audio {10_000 + (2 * Chance.Below(5_000))} RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
        + $"a=fmtp:101 0-15\r\na=candidate:{NewToken()} 1 UDP 1 {Host} 9 typ host\r\na=ptime:20\r\n";

    private static string End(StringBuilder text, string? body, string type = "application/sdp")
    {
        if (body is not null) text.Append($"Content-Type: {type}\r\n");
        return text.Append($"Content-Length: {body?.Length ?? 0}\r\n\r\n").Append(body).ToString();
    }

    /// <summary>The header that answers a challenge; null when it cannot be answered.</summary>
    public string? Authorize(Heard challenge, string method, string uri)
    {
        HeaderName asks = challenge.Status == 407 ? HeaderName.ProxyAuthenticate : HeaderName.WwwAuthenticate;
        string[] offers = [.. challenge.All(asks)];
        if (offers.Length == 0 || PhoneNumber is null) return null;
        byte[] offer = Encoding.Latin1.GetBytes(offers[Chance.Below(offers.Length)]);
        if (!DigestChallenge.TryParse(offer, out DigestChallenge parsed)) return null;
        byte[] user = Encoding.ASCII.GetBytes(PhoneNumber);
        Ha1 ha1 = Ha1.Compute(parsed.Algorithm, user, parsed.Realm, Encoding.ASCII.GetBytes(Password!));
        SipWriter w = new(new byte[2048]);
        bool written = parsed.WriteAuthorization(
            ref w, challenge.Status == 407 ? HeaderName.ProxyAuthorization : HeaderName.Authorization, user, ha1,
            Encoding.ASCII.GetBytes(method), Encoding.ASCII.GetBytes(uri), Encoding.ASCII.GetBytes(NewToken()), 1);
        return written ? Encoding.ASCII.GetString(w.Written) : null;
    }

    // ---- registration

    public void KeepRegistered()
    {
        if (World.Closing) return;
        string callId = NewToken(), tag = NewToken();
        if (!Away) Register(callId, tag, 1, null);
        In(TimeSpan.FromSeconds(20 + Chance.Below(120)), KeepRegistered);
    }

    private void Register(string callId, string tag, uint cseq, string? authorization)
    {
        string uri = $"sip:{World.SwitchAddress.HostString()}", self = $"<sip:{PhoneNumber}@{World.SwitchAddress.HostString()}>", branch = NewBranch();
        string expires = $"Expires: {(Chance.Below(12) == 0 ? 0 : 60 + Chance.Below(240))}\r\n";
        string text = Request("REGISTER", uri, branch, $"{self};tag={tag}", self, callId, cseq, extra: expires + authorization);
        Ask(SipMethod.Register, branch, text, heard =>
        {
            if (heard?.Status is not (401 or 407) || cseq > 2) return;
            if (Authorize(heard, "REGISTER", uri) is { } header) Register(callId, tag, cseq + 1, header);
        });
    }
}
