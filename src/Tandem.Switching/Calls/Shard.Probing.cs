using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Locating;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Probing;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Probing: gateways asked by OPTIONS whether they are there, and rested when they ask for it (docs/routing.md). The first shard asks for all.
public sealed partial class Shard
{
    // So that a loop that slept long does not send ten thousand at once.
    private const int ProbesPerTurn = 50;

    /// <summary>However long a gateway asks to be left alone, this is how long it is: a mistake of its must not cost a day.</summary>
    private const int LongestRestSeconds = 300;

    private Instant ProbesDue => _options.Index == 0 ? _prober.Due(_book.Current) : Instant.Never;

    private bool SendProbes(Instant now)
    {
        if (_options.Index != 0) return false;
        _prober.Follow(_book.Current, now);
        int sent = 0;
        while (sent < ProbesPerTurn && _prober.TryTakeDue(now, out int place, out RoutingGateway? gateway, out ClientTransaction? late))
        {
            sent++;
            if (late is not null)
            {
                _transactions.Discard(late);
                _prober.Heard(place, alive: false, now);
            }
            else if (gateway is not null)
            {
                SendProbe(place, gateway, now);
            }
        }
        return sent > 0;
    }

    private void SendProbe(int place, RoutingGateway gateway, Instant now)
    {
        HopSet hops = gateway.Hops;
        // Of several addresses each in its turn: a gateway is down when none of them answers.
        Hop hop = hops.Count == 0 ? default : hops[(int)(gateway.State.ProbeTurn++ % (uint)hops.Count)];
        NetAddress them = hop.Address;
        if (them.IsNone || !_listeners.TryChoose(0, them, hop.Transport, out int listener))
        {
            _prober.Heard(place, alive: false, now); // nor could a call be sent
            return;
        }
        if ((gateway.TlsName ?? hop.ServerName) is { } serverName) _sender.Expect(them, serverName);
        ClientTransaction question = PrepareQuestion(them, listener, PingUser, default, out int length);
        (question.Owner, question.Leg) = (place, AsksGateway);
        _prober.Asked(place, question, now);
        _transactions.Start(question, _text.AsSpan(0, length), 1, now);
    }

    /// <summary>One OPTIONS outside any dialog, written to the shard's text; without a <paramref name="target"/> the request line is To's.</summary>
    private ClientTransaction PrepareQuestion(in NetAddress them, int listener, in DialString whom, scoped ReadOnlySpan<byte> target, out int length)
    {
        Span<byte> from = stackalloc byte[MaxUri + 2];
        Span<byte> to = stackalloc byte[MaxUri + 2];
        Span<byte> callId = stackalloc byte[OwnCallId.Length];
        from = from[..WriteNameAddress(from, PingUser, _listeners[listener].Known)];
        to = to[..WriteNameAddress(to, whom, them)];
        OwnCallId.Write(_options.Index, _entropy.NextUInt64(), callId);
        _probe.OpenAsClient(callId, from, to, target.IsEmpty ? to[1..^1] : target, _entropy.NextUInt64() | 1, them, listener);
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction question = Begin(_probe, SipMethod.Options, branch);
        var w = new SipWriter(_text);
        _probe.WriteRequest(ref w, SipMethod.Options, branch, 1, 70);
        WriteContact(ref w, _probe);
        w.Header(HeaderName.Accept, "application/sdp"u8);
        w.End();
        _probe.Release();
        Counters.ProbesSent++;
        length = w.Length;
        return question;
    }

    private static readonly DialString PingUser = DialString.Parse("ping");

    private void OnProbeAnswer(ClientTransaction question, int status, Instant now)
    {
        if (status < 200) return;
        if (question.Leg == AsksPhone)
        {
            _phoneProber.Ended(question.Owner, question, answered: true, _book.Current, now);
            return;
        }
        if (!_prober.IsAwaited(question.Owner, question)) return;
        _prober.Heard(question.Owner, ProbeMachine.IsAlive(status), now);
    }

    private void OnProbeFailed(ClientTransaction question, Instant now)
    {
        if (question.Leg == AsksPhone) _phoneProber.Ended(question.Owner, question, answered: false, _book.Current, now);
        else if (_prober.IsAwaited(question.Owner, question)) _prober.Heard(question.Owner, alive: false, now);
    }

    /// <summary>A failure with Retry-After: kept for the caller, and the gateway is left alone so long, if its setting says so.</summary>
    private static void NoteRetryAfter(Call call, SipMessage response, Instant now)
    {
        call.RetryAfter = RetryAfter.TryParse(response.Header(HeaderName.RetryAfter), out int seconds) ? seconds : 0;
        if (call.RetryAfter == 0 || call.TargetPhone is not null || call.NextTarget == 0) return;
        RoutingGateway gateway = call.Targets[call.NextTarget - 1]!;
        if (!gateway.RetryAfter.Rests(response.Status) || call.NextHop < call.Hops.Count) return; // it speaks for one address of several
        if (call.Redirects.Count > 0) return; // it is another host that speaks, to which the gateway's 3xx led
        int rest = Math.Min(call.RetryAfter, LongestRestSeconds);
        gateway.State.Rest(now + TimeSpan.FromSeconds(rest));
        call.Log.GatewayRests(now, gateway.Name, response.Status, rest);
    }

    /// <summary>Why a gateway that was a candidate is not to be tried now.</summary>
    private static RouteVerdict Availability(RoutingGateway gateway, Instant now) =>
        gateway.State.Probe == ProbeState.Down ? RouteVerdict.Down
        : gateway.State.RestsUntil > now ? RouteVerdict.Resting
        : RouteVerdict.Eligible;
}
