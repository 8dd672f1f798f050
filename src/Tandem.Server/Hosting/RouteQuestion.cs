using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Server.Hosting;

/// <summary>
/// What would be done with a call: the same tables and the same decisions as a real one, nothing taken, nothing reserved.
/// </summary>
internal static class RouteQuestion
{
    public static Answer<RouteView> Ask(SwitchTables tables, string number, string from, Instant now)
    {
        if (!DialString.TryParse(number.AsSpan(), out DialString dialled) || dialled.IsEmpty) return new Fault(FaultKind.Invalid, $"'{number}' is no number.", [new FieldFault(0, "number", "at most 32 of 0-9 * # + - . _ and letters")]);
        MappingGateway? gateway = tables.MappingGateways.FirstOrDefault(g => g.Name == from);
        Phone? phone = null;
        if (gateway is null && !(DialString.TryParse(from.AsSpan(), out DialString caller) && tables.TryFindPhone(caller, out phone))) return new Fault(FaultKind.NotFound, $"There is no mapping gateway and no phone '{from}'.");

        DialString callee = gateway is null ? dialled : gateway.CalleeRules.Rewrite(dialled, 0, out _);
        Account? payer = gateway is null ? phone!.Account : gateway.Account;
        bool toPhone = tables.TryFindPhone(callee, out Phone? target);
        var candidates = new CandidateList();
        if (!toPhone) tables.Routes.Select(callee, gateway?.Groups ?? GroupSet.Empty, gateway?.GroupsAllow ?? false, candidates, now);

        Rate rate = default;
        RateLookup found = payer?.Rates?.Find(callee, out rate) ?? RateLookup.None;
        Refusal refusal = Locked(gateway, phone, payer);
        if (refusal == Refusal.None) refusal = toPhone && target!.Lock is PhoneLock.Incoming or PhoneLock.Both ? Refusal.CalleeLocked
            : !toPhone && candidates.EligibleCount == 0 ? NoTarget(candidates)
            : found == RateLookup.Found || (toPhone && phone is not null) ? Refusal.None
            : Refusal.NoRate;
        return new RouteView
        {
            Revision = tables.Revision,
            Number = number,
            From = from,
            CallerFrom = IdentityWords.Of(gateway?.CallerFrom ?? CallerSource.From),
            CalleeFrom = IdentityWords.Of(gateway?.CalleeFrom ?? CalleeSource.RequestUri),
            Callee = callee.ToString(),
            Account = payer?.Number ?? "",
            Sale = found == RateLookup.Found ? View(payer!.DeckName, rate) : null,
            Refused = refusal == Refusal.None ? null : RefusalView.Of(refusal),
            Candidates = [.. candidates.All.ToArray().Select(c => View(c, tables.Settings.Media, gateway?.RtpForward ?? phone!.RtpForward, callee, now))],
        };
    }

    private static Refusal Locked(MappingGateway? gateway, Phone? phone, Account? payer) =>
        gateway?.Locked == true || phone?.Lock is PhoneLock.Outgoing or PhoneLock.Both ? Refusal.OriginatorLocked
        : payer is null ? Refusal.AccountMissing
        : payer.Locked ? Refusal.AccountLocked
        : Refusal.None;

    private static Refusal NoTarget(CandidateList candidates)
    {
        bool away = false, unresolved = false;
        foreach (Candidate candidate in candidates.All)
        {
            if (candidate.Verdict is RouteVerdict.LinesFull or RouteVerdict.PublishedFull) return Refusal.GatewayBusy;
            away |= candidate.Verdict is RouteVerdict.Resting or RouteVerdict.Down;
            unresolved |= candidate.Verdict == RouteVerdict.NameUnresolved;
        }
        return away ? Refusal.GatewayAway : unresolved ? Refusal.NameUnresolved : Refusal.NoRoute;
    }

    private static CandidateView View(Candidate candidate, MediaSettings media, DeviceProxy caller, DialString callee, Instant now)
    {
        RoutingGateway gateway = candidate.Gateway;
        bool eligible = candidate.Verdict == RouteVerdict.Eligible;
        return new CandidateView
        {
            Gateway = gateway.Name,
            Prefix = callee.ToString()[..candidate.PrefixLength],
            Priority = gateway.Priority,
            CurrentCalls = gateway.State.CurrentCalls,
            Capacity = gateway.Capacity,
            Verdict = candidate.Verdict.ToString(),
            Says = Says(candidate.Verdict, gateway, now),
            CalleeSent = eligible ? gateway.CalleeRules.Rewrite(callee, 0, out _).ToString() : "",
            Media = eligible ? MediaWords.Foreseen(ProxyTable.Decide(new ProxyFacts
            {
                Settings = media,
                Caller = new ProxyEnd { Device = caller },
                Callee = new ProxyEnd { Device = gateway.RtpForward },
            })) : "",
            Cost = gateway.ClearingAccount is { Rates: { } rates } clearing && rates.Find(callee, out Rate cost) == RateLookup.Found ? View(clearing.DeckName, cost) : null,
        };
    }

    private static string Says(RouteVerdict verdict, RoutingGateway gateway, Instant now) => verdict switch
    {
        RouteVerdict.PublishedFull => $"own calls {gateway.State.CurrentCalls} + published {gateway.PublishedAt(now)} of capacity {gateway.Capacity}",
        RouteVerdict.Down => $"does not answer OPTIONS since {gateway.State.ProbeSince}",
        RouteVerdict.Resting => WhyStory.Words(verdict, (long)Math.Ceiling((gateway.State.RestsUntil - now).TotalSeconds)),
        _ => WhyStory.Words(verdict),
    };

    private static RateView View(string deck, in Rate rate) => new()
    {
        Deck = deck,
        Prefix = rate.Prefix.ToString(),
        Area = rate.Area,
        RatePerMinute = new Money(rate.Tariff.RatePerMinuteNanos, rate.Tariff.Currency),
        ConnectFee = new Money(rate.Tariff.ConnectFeeNanos, rate.Tariff.Currency),
        FirstSeconds = rate.Tariff.FirstSeconds,
        NextSeconds = rate.Tariff.NextSeconds,
        Currency = rate.Tariff.Currency,
    };
}
