using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;

namespace Tandem.Tests.Sip.Transactions;

public class TransactionLayerTests : ITransactionUser, ISipSender
{
    private static readonly NetAddress Peer = NetAddress.Parse("192.0.2.10:5070");

    private readonly List<string> _sent = [];
    private readonly List<string> _events = [];
    private readonly BytePool _pool = new();
    private readonly TransactionLayer _layer;
    private Instant _now = new(1_000_000_000);
    private ServerTransaction? _last;
    private int? _answerWith;
    private bool _quiet;

    public TransactionLayerTests() => _layer = new TransactionLayer(this, this, _pool, new SeededEntropy(5), maxServers: 4);

    [Fact]
    public void Requests_beyond_the_bound_get_a_503_that_nothing_is_remembered_of()
    {
        for (int i = 0; i < 5; i++) Receive(Request("OPTIONS", $"z9hG4bK{i}"));
        Assert.Equal(4, _events.Count);
        Assert.StartsWith("SIP/2.0 503 ", Assert.Single(_sent));
        Assert.Equal((4, 1L), (_layer.OpenServers, _layer.Counters.ServersRefused));
    }

    [Fact]
    public void A_request_whose_path_leaves_no_room_for_an_answer_gets_513_and_holds_nothing()
    {
        string via = string.Concat(Enumerable.Range(0, 60).Select(static i => $"Via: SIP/2.0/UDP host-{new string('x', 300)}{i};branch=z9hG4bKv{i}\r\n"));
        Receive(Request("OPTIONS", "z9hG4bKtop").Replace("Max-Forwards", via + "Max-Forwards"));
        Assert.Empty(_events);
        Assert.StartsWith("SIP/2.0 513 ", Assert.Single(_sent));
        Assert.Equal((0, 0), (_layer.OpenServers, _pool.Outstanding));
        Assert.Equal(1, _layer.Counters.HeadsTooLarge);
    }

    [Fact]
    public void What_every_answer_repeats_may_be_as_long_as_the_limit_and_not_one_byte_longer()
    {
        // The answer to the short request tells how much of it is repeated; the rest is filled with vias of exactly that many bytes more.
        string Padded(int bytes) => Request("OPTIONS", $"z9hG4bK{bytes}").Replace("Max-Forwards", $"Via: SIP/2.0/UDP {new string('a', 4000)}\r\nVia: SIP/2.0/UDP {new string('b', 7000)}\r\nVia: SIP/2.0/UDP {new string('c', bytes)}\r\nMax-Forwards");
        int low = 1000, high = 7000; // accepted, refused
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            _sent.Clear();
            Receive(Padded(middle));
            if (_sent.Exists(static s => s.StartsWith("SIP/2.0 513 ", StringComparison.Ordinal))) high = middle;
            else low = middle;
            _layer.Forget(_last ?? throw new InvalidOperationException());
        }
        _sent.Clear();
        Receive(Padded(high));
        string refusal = Assert.Single(_sent);
        Assert.Equal(SipLimits.AnswerBytes + 1, refusal.Length - "Content-Length: 0\r\n\r\n".Length - "SIP/2.0 513 Message Too Large\r\n".Length + "SIP/2.0 200 OK\r\n".Length);
    }

    [Fact]
    public void A_limit_that_is_hit_is_counted_by_its_name()
    {
        Receive(Request("OPTIONS", "z9hG4bKlong").Replace("OPTIONS sip:", "OPTIONS sip:" + new string('a', SipLimits.UriBytes)));
        Assert.StartsWith("SIP/2.0 414 ", Assert.Single(_sent));
        Assert.Equal((1L, 1L), (_layer.Counters.Malformed, _layer.Counters.Defects[(int)SipDefect.UriTooLong]));
    }

    [Fact]
    public void A_malformed_request_gets_400_without_a_transaction()
    {
        Receive(Request("OPTIONS", "z9hG4bKbad").Replace("CSeq: 1 OPTIONS", "CSeq: x OPTIONS"));
        Assert.StartsWith("SIP/2.0 400 ", Assert.Single(_sent));
        Assert.Equal((0, 1L), (_layer.OpenServers, _layer.Counters.Malformed));
    }

    [Fact]
    public void Retransmissions_get_the_last_response_and_reach_nobody()
    {
        _answerWith = 200;
        string request = Request("OPTIONS", "z9hG4bKa");
        Receive(request);
        Receive(request);
        Assert.Equal(2, _sent.Count);
        Assert.Equal(_sent[0], _sent[1]);
        Assert.Equal(["OPTIONS"], _events);
        Advance(32);
        Assert.Equal((0, 0), (_layer.OpenServers, _pool.Outstanding));
    }

    [Fact]
    public void CANCEL_is_answered_200_and_told_of_while_the_INVITE_is_open_and_only_then()
    {
        string invite = Request("INVITE", "z9hG4bKi");
        Receive(invite);
        Receive(Request("CANCEL", "z9hG4bKi"));
        Receive(Request("CANCEL", "z9hG4bKi"));
        Assert.Equal(["INVITE", "cancel"], _events);
        Assert.All(_sent, static s => Assert.StartsWith("SIP/2.0 200 ", s));
        _layer.Respond(_last!, 487, [], _now);
        Receive(Request("CANCEL", "z9hG4bKother"));
        Assert.StartsWith("SIP/2.0 481 ", _sent[^1]);
    }

    [Fact]
    public void A_failure_is_repeated_until_its_ACK_and_then_everything_is_returned()
    {
        _answerWith = 486;
        Receive(Request("INVITE", "z9hG4bKi"));
        Advance(0.5);
        Advance(1);
        Assert.Equal(3, _sent.Count);
        Receive(Request("ACK", "z9hG4bKi"));
        Advance(4);
        Assert.Equal(3, _sent.Count);
        Advance(1);
        Assert.Equal((0, 0), (_layer.OpenServers, _pool.Outstanding));
        Assert.Equal(["INVITE"], _events);
    }

    [Fact]
    public void A_failure_never_acknowledged_is_given_up_after_32_s()
    {
        _answerWith = 486;
        Receive(Request("INVITE", "z9hG4bKi"));
        Advance(32);
        Assert.Equal(["INVITE", "ack missing"], _events);
        Assert.Equal((0, 0), (_layer.OpenServers, _pool.Outstanding));
    }

    [Fact]
    public void A_request_nobody_answers_is_repeated_and_then_timed_out()
    {
        Start(SipMethod.Bye);
        Advance(31.9);
        Assert.Equal(11, _sent.Count); // at 0, 0.5, 1.5, 3.5, then every 4 s
        Advance(0.1);
        Assert.Equal(["timeout"], _events);
        Assert.Equal((0, 0), (_layer.OpenClients, _pool.Outstanding));
    }

    [Fact]
    public void An_answer_with_another_branch_method_or_number_is_nobodys()
    {
        Start(SipMethod.Bye);
        string good = Answer(_sent[0], 200);
        string branch = good[(good.IndexOf("z9hG4bK", StringComparison.Ordinal) + 7)..][..13];
        string[] strays = [good.Replace(branch, "0000000000000"), good.Replace(branch, "zzzzzzzzzzzzz"), good.Replace("1 BYE", "2 BYE"), good.Replace("1 BYE", "1 CANCEL"), good.Replace("z9hG4bK" + branch, "z9hG4bK")];
        foreach (string stray in strays) Receive(stray);
        Assert.Empty(_events);
        Assert.Equal(strays.Length, _layer.Counters.StrayResponses);
        Receive(good);
        Assert.Equal(["200"], _events);
    }

    [Fact]
    public void An_INVITE_given_up_while_silent_sends_its_CANCEL_with_the_first_provisional_and_lets_go_64_T1_later()
    {
        ClientTransaction invite = Start(SipMethod.Invite);
        Assert.False(_layer.Abandon(invite, _now));
        Advance(5);
        Assert.Single(_sent);
        Receive(Answer(_sent[0], 180));
        Assert.StartsWith("CANCEL ", _sent[^1]);
        Receive(Answer(_sent[^1], 200));
        Advance(32);
        Assert.Equal((0, 0), (_layer.OpenClients, _pool.Outstanding));
        Assert.DoesNotContain("timeout", _events);
    }

    [Fact]
    public void An_INVITE_that_rings_has_no_end_of_its_own()
    {
        Start(SipMethod.Invite);
        Receive(Answer(_sent[0], 180));
        Advance(3600);
        Assert.Single(_sent);
        Assert.Equal(["180"], _events);
        Assert.Equal(1, _layer.OpenClients);
    }

    [Fact]
    public void A_slot_used_again_does_not_hear_what_was_meant_for_the_first()
    {
        Start(SipMethod.Bye);
        string late = Answer(_sent[0], 200);
        Receive(late);
        Advance(5);
        Start(SipMethod.Bye);
        Receive(late);
        Assert.Equal(["200"], _events);
        Assert.Equal(1, _layer.Counters.StrayResponses);
    }

    [Fact]
    public void In_the_steady_state_a_request_and_its_answer_allocate_nothing()
    {
        _quiet = true;
        _answerWith = 200;
        byte[][] requests = [.. Enumerable.Range(0, 240).Select(static i => Encoding.UTF8.GetBytes(Request("OPTIONS", $"z9hG4bK{i}")))];
        foreach (byte[] r in requests.AsSpan(0, 30)) One(r);
        int next = 30;
        Assert.Equal(0, Allocations.Least(() =>
        {
            foreach (byte[] r in requests.AsSpan(next, 30)) One(r);
            next += 30;
        }));

        void One(byte[] request)
        {
            _layer.Receive(0, Peer, request, 0, request.Length, _now);
            _now += TimeSpan.FromSeconds(33);
            _layer.Expire(_now);
        }
    }

    bool ITransactionUser.Admits(SipMessage request, int listener, in NetAddress source, Instant now) => true;

    bool ITransactionUser.AnswersMalformed(in NetAddress source, Instant now) => true;

    void ITransactionUser.OnRequest(SipMessage request, ServerTransaction transaction, Instant now)
    {
        _last = transaction;
        if (!_quiet) _events.Add(Encoding.ASCII.GetString(request.MethodToken));
        if (_answerWith is { } status) _layer.Respond(transaction, status, [], now);
    }

    void ITransactionUser.OnCancel(SipMessage cancel, ServerTransaction invite, Instant now) => _events.Add("cancel");

    void ITransactionUser.OnAck(SipMessage ack, in NetAddress source, Instant now) => _events.Add("ack");

    void ITransactionUser.OnResponse(SipMessage response, ClientTransaction transaction, in NetAddress source, Instant now) => _events.Add(response.Status.ToString());

    void ITransactionUser.OnTimeout(ClientTransaction transaction, Instant now) => _events.Add("timeout");

    void ITransactionUser.OnTransportError(ClientTransaction transaction, Instant now) => _events.Add("transport error");

    void ITransactionUser.OnAckMissing(ServerTransaction transaction, Instant now) => _events.Add("ack missing");

    void ISipSender.Send(int listener, in NetAddress to, ReadOnlySpan<byte> message)
    {
        if (!_quiet) _sent.Add(Encoding.UTF8.GetString(message));
    }

    private static string Request(string method, string branch) =>
        $"{method} sip:x@198.51.100.7 SIP/2.0\r\nVia: SIP/2.0/UDP {Peer};branch={branch}\r\nMax-Forwards: 70\r\nFrom: <sip:a@b.example>;tag=1\r\nTo: <sip:x@198.51.100.7>\r\nCall-ID: c1\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n";

    private static string Answer(string request, int status) =>
        $"SIP/2.0 {status} So\r\n" + request[(request.IndexOf("\r\n", StringComparison.Ordinal) + 2)..];

    private ClientTransaction Start(SipMethod method)
    {
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction transaction = _layer.Begin(method, 0, Peer, branch);
        byte[] request = Encoding.UTF8.GetBytes(Request(Encoding.ASCII.GetString(method.Token()), Encoding.ASCII.GetString(branch)));
        _layer.Start(transaction, request, 1, _now);
        return transaction;
    }

    private void Receive(string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        _layer.Receive(0, Peer, bytes, 0, bytes.Length, _now);
    }

    private void Advance(double seconds)
    {
        Instant until = _now + TimeSpan.FromSeconds(seconds);
        while (_layer.NextDeadline <= until)
        {
            _now = _layer.NextDeadline;
            _layer.Expire(_now);
        }
        _now = until;
    }
}
