using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Numbers;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Selection;
using Tandem.Switching.Settings;

namespace Tandem.Server.Hosting;

/// <summary>
/// What would be done with a call: the shards' own decision (<see cref="Arrival"/>) over the same tables, its log told by the same words as that of a real call. Nothing is
/// taken, nothing reserved.
/// </summary>
internal static class RouteQuestion
{
    /// <param name="tables">Of the revision asked about.</param>
    /// <param name="locations">Where devices are registered now.</param>
    /// <param name="world">Who is on a dynamic black list, whom numbers were ported to, now.</param>
    /// <param name="money">What accounts have; null: nobody knows.</param>
    /// <param name="asked">The call.</param>
    /// <param name="at">When it would be: periods, rests.</param>
    /// <param name="notes">What the answer does not know; sentences.</param>
    public static Answer<RouteView> Ask(SwitchTables tables, LocationBook locations, NumberWorld world, IAccountMoney? money, RouteOrder asked, Instant at, params ImmutableArray<string> notes)
    {
        if (!DialString.TryParse(asked.Number.AsSpan(), out DialString dialled) || dialled.IsEmpty) return WrongNumber("number", asked.Number);
        DialString caller = default;
        if (asked.Caller is { Length: > 0 } shown && !DialString.TryParse(shown.AsSpan(), out caller)) return WrongNumber("caller", shown);

        var log = new DecisionLog(new BytePool());
        log.Begin(at);
        log.Revision(at, tables.Revision);
        var plan = new ArrivalPlan();
        if (!Find(tables, locations, asked.From, dialled, caller, at, out CallerId from, out NetAddress source, out Fault? unknown)) return unknown!;
        if (from == default)
        {
            // An address that is nobody's: the story of an illegal call.
            Arrival.LogNearMisses(tables, source, new Called(dialled), null, log, at);
            log.Refused(at, Refusal.UnknownSource);
        }
        else
        {
            if (from.Phone is { } phone && caller.IsEmpty) caller = phone.Number;
            var facts = new ArrivalFacts { Tables = tables, From = from, Source = source, Caller = caller, Callee = dialled, World = world, Money = money, Locations = locations };
            Arrival.Decide(facts, new FirstOfSeveral(), log, at, plan);
            if (!plan.Asks.IsEmpty)
            {
                notes = notes.Add($"A real call would ask the server {tables.Settings.Lrn.ServerIp} whom {plan.Asks} was ported to; this is the way it goes if it was not.");
                Arrival.Resume(facts, (plan.Caller, plan.Callee), plan.Payer!, new LrnAnswer(true, plan.Asks, default, ""), log, at, plan);
            }
            if (plan.Refusal != Refusal.None) log.Refused(at, plan.Refusal);
        }
        Refusal refusal = from == default ? Refusal.UnknownSource : plan.Refusal;
        DeviceProxy media = from.Gateway?.RtpForward ?? from.Phone?.RtpForward ?? DeviceProxy.Auto;
        Currency currency = plan.Sale?.Tariff.Currency ?? plan.Payer?.Currency ?? default;
        return new RouteView
        {
            Revision = tables.Revision,
            At = at,
            Number = asked.Number,
            From = asked.From,
            Identified = from.Gateway?.Name ?? from.Phone?.NumberText ?? "",
            CallerFrom = IdentityWords.Of(from.Gateway?.CallerFrom ?? CallerSource.From),
            CalleeFrom = IdentityWords.Of(from.Gateway?.CalleeFrom ?? CalleeSource.RequestUri),
            Caller = plan.Caller.ToString(),
            Callee = plan.Callee.ToString(),
            Account = plan.Payer?.Number ?? "",
            Phone = plan.TargetPhone?.NumberText ?? "",
            Sale = plan.Sale is { } sale ? View(sale) : null,
            Refused = refusal == Refusal.None ? null : RefusalView.Of(refusal),
            Steps = WhyStory.StepsOf(at, log.Written, currency),
            Notes = notes,
            Candidates = [.. plan.Candidates.All.ToArray().Select(c => View(c, tables, media, plan, at))],
        };
    }

    /// <summary>The same where nobody knows what accounts have.</summary>
    public static Answer<RouteView> Ask(SwitchTables tables, LocationBook locations, NumberWorld world, RouteOrder asked, Instant at) => Ask(tables, locations, world, null, asked, at);

    private static Fault WrongNumber(string field, string text) => new(FaultKind.Invalid, $"'{DocumentNode.Printable(text)}' is no number.", [new FieldFault(0, field, "at most 32 of 0-9 * # + - . _ and letters")]);

    // A gateway's name, a phone's number, or an address a call would come from. The last may be nobody's, which is an answer too.
    private static bool Find(SwitchTables tables, LocationBook locations, string from, in DialString callee, in DialString caller, Instant now, out CallerId id, out NetAddress source, out Fault? unknown)
    {
        id = default;
        source = default;
        unknown = null;
        if (tables.TryFindMappingGateway(from, out MappingGateway? gateway)) id = new CallerId(gateway, null, CallerRule.Stated);
        else if (DialString.TryParse(from.AsSpan(), out DialString number) && tables.TryFindPhone(number, out Phone? phone)) id = new CallerId(null, phone, CallerRule.Stated);
        else if (!NetAddress.TryParse(from, 5060, out source)) unknown = new Fault(FaultKind.NotFound, $"There is no mapping gateway and no phone '{DocumentNode.Printable(from)}', and it is no address.");
        else if (CallerFinder.TryFind(tables, locations, source, new Called(callee), now, out CallerId found, out _)) id = found;
        else if (tables.TryFindPhone(caller, out Phone? stated) && stated.Stated is { } there && there.Source.SameHost(source)) id = new CallerId(null, stated, CallerRule.PhoneAddress);
        return unknown is null;
    }

    private static CandidateView View(Candidate candidate, SwitchTables tables, DeviceProxy caller, ArrivalPlan plan, Instant now)
    {
        RoutingGateway gateway = candidate.Gateway;
        bool eligible = candidate.Verdict == RouteVerdict.Eligible;
        DayTime day = tables.Calendar.At(now);
        return new CandidateView
        {
            Gateway = gateway.Name,
            Prefix = plan.SelectedBy.ToString()[..candidate.PrefixLength],
            Priority = gateway.Priority,
            CurrentCalls = gateway.State.CurrentCalls,
            Capacity = Math.Max(0, gateway.CapacityAt(day)),
            AnswerRate = candidate.Samples > 0 && candidate.AnswerRate >= 0 ? candidate.AnswerRate / 10.0 : null,
            Attempts = candidate.Samples,
            Behind = candidate.Behind,
            Verdict = candidate.Verdict.ToString(),
            Says = Says(candidate.Verdict, gateway, now),
            CallerSent = eligible ? gateway.CallerRules.Rewrite(plan.Caller, 0, out _).ToString() : "",
            CalleeSent = eligible ? gateway.CalleeRulesAt(day).Rewrite(plan.Callee, 0, out _).ToString() : "",
            Media = eligible ? MediaWords.Foreseen(ProxyTable.Decide(new ProxyFacts
            {
                Settings = tables.Settings.Media,
                Caller = new ProxyEnd { Device = caller },
                Callee = new ProxyEnd { Device = gateway.RtpForward, Srtp = gateway.Srtp != SrtpPolicy.Off && (tables.Settings.Media.SrtpWithoutTls || gateway.Target.Transport == SipTransport.Tls) },
            })) : "",
            Cost = Arrival.CostOf(gateway, plan.RoutedBy, now) is { } cost ? View(cost) : null,
        };
    }

    private static string Says(RouteVerdict verdict, RoutingGateway gateway, Instant now) => verdict switch
    {
        RouteVerdict.PublishedFull => $"own calls {gateway.State.CurrentCalls} + published {gateway.PublishedAt(now)} of capacity {gateway.Capacity}",
        RouteVerdict.Down => $"does not answer OPTIONS since {gateway.State.ProbeSince}",
        RouteVerdict.Resting => WhyStory.Words(verdict, (long)Math.Ceiling((gateway.State.RestsUntil - now).TotalSeconds)),
        _ => WhyStory.Words(verdict),
    };

    private static RateView View(CallCharge charge) => RateView.Of(charge);

    private readonly struct Called(DialString number) : ICalledNumber
    {
        public DialString At(CalleeSource place) => number;

        public bool IsAny => false;
    }

    /// <summary>Chance that always falls on the first: a question asked twice has one answer.</summary>
    private sealed class FirstOfSeveral : EntropySource
    {
        public override void Fill(Span<byte> bytes) => bytes.Clear();
    }
}
