using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Failover;

namespace Tandem.Server.Api;

/// <summary>Turns a call's decision log into the story an operator reads: decisions in sentences, the SIP ladder, the price in steps.</summary>
public static class WhyStory
{
    /// <summary>A finished call.</summary>
    public static WhyView Of(Cdr cdr) => Tell(cdr, new MediaCounters(cdr.CallerMedia, cdr.CalleeMedia), cdr.DecisionLog, live: false);

    /// <summary>A call in progress: its log as written so far.</summary>
    public static WhyView OfLive(Cdr cdr, in MediaCounters media, ReadOnlySpan<byte> log) => Tell(cdr, media, log, live: true);

    /// <summary>Why a gateway was taken or passed over, in words.</summary>
    public static string Words(RouteVerdict verdict) => verdict switch
    {
        RouteVerdict.Eligible => "may be tried",
        RouteVerdict.Locked => "is locked",
        RouteVerdict.GroupNotAllowed => "is in no group this caller may use",
        RouteVerdict.LinesFull => "has every line in use",
        RouteVerdict.ShadowedByLongerPrefix => "lost to a longer prefix that ends the search",
        RouteVerdict.NoListener => "is reached by a transport or IP version the switch does not listen on",
        RouteVerdict.Resting => "asked to be left alone (Retry-After)",
        RouteVerdict.Down => "does not answer OPTIONS",
        RouteVerdict.PublishedFull => "has every line in use, counting the calls it published",
        RouteVerdict.NotRegistered => "is a trunk the switch is not registered at",
        RouteVerdict.NameUnresolved => "is known by a name that does not resolve",
        >= RouteVerdict.PeriodClosed and <= RouteVerdict.ProtectTooLate => SelectionWords.Of(verdict),
        >= RouteVerdict.CallerPrefix and <= RouteVerdict.CallerPoolUsedUp => NumberWords.Of(verdict),
        _ => verdict.ToString(),
    };

    /// <summary>The same with how long it is down, or still rests.</summary>
    public static string Words(RouteVerdict verdict, long seconds) => verdict switch
    {
        RouteVerdict.Resting => $"asked to be left alone (Retry-After) for {seconds} s more",
        RouteVerdict.Down => $"has not answered OPTIONS for {seconds} s",
        _ => Words(verdict),
    };

    /// <summary>The decisions of a log in sentences, without the messages of its ladder.</summary>
    public static IReadOnlyList<WhyStep> StepsOf(Instant start, ReadOnlySpan<byte> log, Currency currency)
    {
        var steps = new List<WhyStep>();
        foreach (DecisionEntry entry in DecisionLogReader.Read(log))
        {
            if (entry.Kind == DecisionKind.Message) continue;
            (string kind, string says) = Step(entry.Kind, new Arguments(entry), currency);
            steps.Add(new WhyStep(start + entry.At, kind, says));
        }
        return steps;
    }

    private static WhyView Tell(Cdr cdr, in MediaCounters media, ReadOnlySpan<byte> log, bool live)
    {
        var steps = new List<WhyStep>();
        var ladder = new List<LadderStep>();
        var legs = new List<string> { cdr.CallerGateway.Length > 0 ? cdr.CallerGateway : $"phone {cdr.CallerAccessE164}" };
        Currency currency = cdr.Sale?.Tariff.Currency ?? cdr.Cost?.Tariff.Currency ?? default;
        IReadOnlyList<DecisionEntry> entries = DecisionLogReader.Read(log);
        foreach (DecisionEntry entry in entries)
        {
            Instant at = cdr.Start + entry.At;
            var arguments = new Arguments(entry);
            if (entry.Kind == DecisionKind.Message)
            {
                int leg = arguments.Number(0) == (long)MediaSide.Caller ? 0 : Math.Max(1, legs.Count - 1);
                ladder.Add(new LadderStep(at, leg, arguments.Number(1) == 0, StatusWords(arguments.Text(0))));
                continue;
            }
            if (entry.Kind == DecisionKind.Attempt) legs.Add(arguments.Text(0));
            (string kind, string says) = Step(entry.Kind, arguments, currency);
            steps.Add(new WhyStep(at, kind, says));
        }
        if (!live && entries.Count > 0 && entries.All(static e => e.Kind != DecisionKind.Ended))
            steps.Add(new WhyStep(cdr.Start + entries[^1].At, "cut", "The log was full here: what followed was not written down; the summary and the charges are whole."));
        return new WhyView { Call = cdr.Call, Live = live, Summary = Summary(cdr, live), Steps = steps, Ladder = ladder, Legs = legs, Media = MediaLines(media), Price = Price(cdr, entries) };
    }

    // A log that was cut or damaged has entries without all their arguments: what is missing is empty or zero.
    internal readonly struct Arguments(DecisionEntry entry)
    {
        public string Text(int index) => index < entry.Texts.Count ? entry.Texts[index] : "";

        public long Number(int index) => index < entry.Numbers.Count ? entry.Numbers[index] : 0;

        public Refusal Refusal(int index) => Number(index) is var n && n >= 0 && n < Refusals.All.Count ? (Refusal)n : Tandem.Primitives.Refusal.InternalFault;
    }

    // "180" as "180 Ringing"; a method stays a method.
    private static string StatusWords(string what) =>
        int.TryParse(what, out int status) ? $"{status} {System.Text.Encoding.ASCII.GetString(ReasonPhrases.Of(status))}" : what;

    private static (string Kind, string Says) Step(DecisionKind kind, Arguments a, Currency currency) => kind switch
    {
        DecisionKind.Revision => ("revision", $"Decided by revision {a.Number(0)} of the configuration."),
        DecisionKind.Identified => ("identified", $"The caller is {a.Text(0)} ({a.Text(1)})."),
        DecisionKind.BoundTo => ("numbers", $"{a.Text(0)} is bound to phone {a.Text(1)}."),
        DecisionKind.Forwards => ("forward", ForwardWords.Forwards(a.Text(0), a.Text(1), (ForwardCause)a.Number(0), (ForwardMethod)a.Number(1), a.Number(2))),
        DecisionKind.OfflineToGateways => ("forward", $"Phone {a.Text(0)} is not there: its number is tried over gateways."),
        DecisionKind.ForwardLeg => ("forward", ForwardWords.Leg(a.Text(0), new CallId(a.Number(0)), (ForwardStage)a.Number(1), a.Number(3) > 0 ? a.Refusal(3).Meaning().Says.TrimEnd('.') : StatusWords(a.Number(2).ToString()))),
        DecisionKind.ForwardedFrom => ("forward", $"Phone {a.Text(0)} forwards the call {new CallId(a.Number(0))}, and pays for this one."),
        DecisionKind.NearMiss => ("near miss", NearMiss(a)),
        DecisionKind.NumbersRead => ("numbers", $"The calling number is from {IdentityWords.Read((CallerSource)a.Number(0), (CallerSource)a.Number(1))}, the called number from {IdentityWords.Read((CalleeSource)a.Number(2), (CalleeSource)a.Number(3))}."),
        DecisionKind.Transferred => ("transfer", Transfer(a)),
        DecisionKind.LeftOut => ("cut", $"The log was full: {a.Number(0)} messages and slices of money before this were not written down; the summary and the charges are whole."),
        DecisionKind.Replaced => ("transfer", $"{a.Text(1)} asks by INVITE with Replaces for the place of {a.Text(0)}."),
        DecisionKind.Diverted => ("numbers", $"The call was diverted: {a.Text(0)} was called first."),
        DecisionKind.Shown => ("shown", IdentityWords.Shown((CallerShown)a.Number(0), a.Number(1), a.Number(2))),
        DecisionKind.StatusChanged => ("ended", $"The customer hears {StatusWords(a.Number(1).ToString())} in place of {StatusWords(a.Number(0).ToString())}."),
        DecisionKind.CauseChanged => ("ended", $"The customer hears Q.850 cause {a.Number(1)} in place of {a.Number(0)}."),
        DecisionKind.Rewrote => ("rewritten", a.Number(0) switch
        {
            DialPlan.NoRule => $"No dial plan rule of {a.Text(0)} matches {a.Text(1)}: it stays.",
            DialPlan.TooLong => $"The dial plan of {a.Text(0)} makes {a.Text(1)} longer than a number can be.",
            long rule => $"{a.Text(0)} rewrites {a.Text(1)} to {a.Text(2)} (rule {rule + 1}).",
        }),
        DecisionKind.Candidate => ("candidate", $"{a.Text(0)} {Words((RouteVerdict)a.Number(0), a.Number(2))} ({(a.Number(1) == 0 ? "it serves every number" : $"prefix of {a.Number(1)} digits")})."),
        DecisionKind.GatewayRests => ("attempt", $"{a.Text(0)} said {StatusWords(a.Number(0).ToString())} with Retry-After: no call is sent to it for {a.Number(1)} s."),
        DecisionKind.PeerReason => ("ended", $"The {(a.Number(0) == (long)MediaSide.Caller ? "caller" : "called end")} gave as its reason{(a.Number(1) > 0 ? $" SIP {StatusWords(a.Number(1).ToString())}" : "")}{(a.Number(2) > 0 ? $" Q.850 cause {a.Number(2)}" : "")}."),
        DecisionKind.Rated => ("rated", $"{a.Text(0)}: prefix {a.Text(1)}{(a.Text(2).Length > 0 ? $" ({a.Text(2)})" : "")}, {Amount(a.Number(0), Of(a, currency))} a minute{(a.Number(1) != 0 ? $", {Amount(a.Number(1), Of(a, currency))} for connecting" : "")}, intervals {a.Number(2)}/{a.Number(3)} s{(a.Text(3).Length > 0 ? $" ({a.Text(3)})" : "")}."),
        DecisionKind.Reserved => ("money", $"{Amount(a.Number(0), currency)} held: {Covered(a.Number(1))}."),
        DecisionKind.Extended => ("money", $"{Amount(a.Number(0), currency)} more held: {Covered(a.Number(1))}."),
        DecisionKind.MoneyEnds => ("money", $"No more money: the call ends after {a.Number(0)} s of talk."),
        DecisionKind.MediaPlaced => ("media", MediaWords.Says(a.Number(0) == 1, (ProxyStep)a.Number(1))),
        DecisionKind.StreamHeard => ("media", $"Media line {a.Number(0) + 1}: {a.Number(1)} packets heard from the caller, {a.Number(2)} from the called end."),
        DecisionKind.AudioAgreed => ("media", AudioWords.Agreed(a)),
        DecisionKind.CodecsDiffer => ("attempt", $"{a.Text(0)} is not tried: of the formats offered ({a.Text(1)}) it may use none, and none can be turned into one it may."),
        DecisionKind.Warned => ("money", $"The {(a.Number(0) == (long)MediaSide.Caller ? "caller" : "called end")} pays and {(a.Number(2) == 0 ? "could not be told" : "was told")} that the money ends in {a.Number(1)} s{(a.Number(2) == 0 ? ": its sound does not pass the switch as G.711" : a.Text(0).Length > 0 ? $", by a tone alone: there is no sound '{a.Text(0)}'" : "")}."),
        DecisionKind.Ringing => ("media", $"The far end rings without sound: the switch plays the ring-back tone of '{a.Text(0)}' to the caller."),
        DecisionKind.Recording => ("media", a.Number(0) switch { 1 => $"Recorded from here on: {a.Text(0)}.", 0 => $"The recording ends: {a.Text(0)}.", _ => $"Not recorded: {a.Text(0)}." }),
        DecisionKind.MediaLent => ("media", $"Media ports: {a.Text(0)} towards the caller, {a.Text(1)} towards the called end."),
        DecisionKind.Attempt => ("attempt", $"Attempt {a.Number(0)}: {a.Text(0)} at {a.Text(2)}, number sent {a.Text(1)}."),
        DecisionKind.PhoneSilent => ("refused", $"{a.Text(0)} is registered, but has not answered OPTIONS for {a.Number(0)} s nor given another sign of life."),
        DecisionKind.Published => ("candidate", $"{a.Text(0)}: own calls {a.Number(0)} + published {a.Number(1)} of capacity {a.Number(2)}."),
        DecisionKind.Unresolved => ("candidate", $"{a.Text(0)}: {a.Text(1)}."),
        DecisionKind.Hop => ("attempt", $"Attempt {a.Number(0)} goes to {a.Text(0)}, address {a.Number(1)} of {a.Number(2)}."),
        DecisionKind.HopFailed => ("attempt", $"Attempt {a.Number(0)}: {Failure(a.Number(1), a.Refusal(2))}; the next address of the same gateway is tried."),
        DecisionKind.Challenged => ("attempt", $"{a.Text(0)} asks who we are ({a.Number(0)}); the INVITE goes again with the gateway's credentials (round {a.Number(1)})."),
        DecisionKind.ChallengeUnanswered => ("attempt", $"{a.Text(0)} asks who we are ({a.Number(0)}): {a.Text(1)}."),
        DecisionKind.Outcome => ("attempt", $"Attempt {a.Number(0)} failed: {Failure(a.Number(1), a.Refusal(2))}; {(a.Number(3) == 1 ? "the next gateway is tried" : "no other is tried")}{FailoverWords.Because(a.Number(3) == 1, (FailoverStep)a.Number(4))}."),
        DecisionKind.NumberRefused => ("numbers", NumberWords.Refused(a.Text(0), a.Text(1), a.Refusal(0))),
        DecisionKind.Transformed => ("rewritten", $"The transform table makes {a.Text(1)} {a.Text(2)} for {a.Text(0)}."),
        DecisionKind.PoolNumber => ("rewritten", a.Text(2).Length > 0
            ? $"{a.Text(0)} is shown {a.Text(2)} of its pool {a.Text(1)}: {a.Number(0)} of {a.Number(1)} calls by it."
            : $"{a.Text(0)} is passed over: each number of its pool {a.Text(1)} is used by {a.Number(1)} calls."),
        DecisionKind.Ported => ("numbers", NumberWords.Ported(a.Text(0), a.Text(1), (LrnSource)a.Number(0))),
        DecisionKind.LrnMissed => ("numbers", $"Whom the number was ported to is not known: {a.Text(0)}; {(a.Number(0) == 1 ? "the call goes on by the number dialled" : "the call is refused")}."),
        DecisionKind.PricedAs => ("rated", $"The call is priced as one to {a.Text(0)} ({((Jurisdiction)a.Number(0)).ToString().ToLowerInvariant()})."),
        DecisionKind.Areas => ("numbers", $"The caller is in {NumberWords.AreaOf(a.Text(0))}, the called number in {NumberWords.AreaOf(a.Text(1))}."),
        DecisionKind.Level => ("numbers", $"The caller may call up to level {NumberWords.Level(a.Number(0))}; the called number asks for {NumberWords.Level(a.Number(1))}."),
        DecisionKind.CameFrom => ("identified", $"The call came from {a.Text(0)}, which is in {(a.Text(1).Length > 0 ? $"the area {a.Text(1)}" : "no area")}."),
        DecisionKind.CandidateRank => ("candidate", SelectionWords.Rank(a.Text(0), a.Number(0), a.Number(1), a.Number(2), a.Number(3) == 1, currency)),
        DecisionKind.Proportion => ("rewritten", $"The call falls into the {a.Number(0)} percent that are routed by {a.Text(0)} before the number."),
        DecisionKind.Silent => ("media", $"Nothing was heard from the {(a.Number(0) == (long)MediaSide.Caller ? "caller" : "called end")}{(a.Number(2) == 1 ? ", nor from the called end," : "")} for {a.Number(1)} s."),
        DecisionKind.Refused => ("refused", a.Refusal(0).Meaning().Says),
        DecisionKind.Charged => ("charged", $"{a.Text(0)}: {a.Number(0) / 1000.0:0.000} s of talk, {a.Number(1)} s count, {a.Number(2)} s billed, {Amount(a.Number(3), currency)}."),
        DecisionKind.Ended => ("ended", $"Ended by the {((EndDirection)a.Number(0)).ToString().ToLowerInvariant()}: {EndWords(a.Number(1))}."),
        _ => ("unknown", $"Something this version has no words for (kind {(int)kind})."),
    };

    private static string NearMiss(Arguments a) => (NearMissKind)a.Number(0) switch
    {
        NearMissKind.OtherPort => $"{a.Text(0)} has this address, but is known with another port.",
        NearMissKind.OtherPrefix => $"{a.Text(0)} has this address, but its numbers begin with its callPrefix {a.Text(1)}.",
        NearMissKind.NoPassword => $"{a.Text(0)} has this address, but must show its password, and this call shows none that is right.",
        NearMissKind.OtherAddress => $"{a.Text(0)} showed its password, but from an address that is not stated for it.",
        _ => $"{a.Text(0)} has this address too, but less exactly.",
    };

    private static string Transfer(Arguments a) => (TransferStage)a.Number(1) switch
    {
        TransferStage.Asked => $"{a.Text(0)} is to be given to {a.Text(1)} (the other call: {new CallId(a.Number(0))}).",
        TransferStage.Done => $"{a.Text(0)} and {a.Text(1)} speak with each other from here on (the other call: {new CallId(a.Number(0))}).",
        _ => $"{a.Text(0)} could not be given to {a.Text(1)}: {StatusWords(a.Number(2).ToString())} (the other call: {new CallId(a.Number(0))}).",
    };

    // SIP statuses as they came, our own reasons (negative) by the table of refusals.
    private static string EndWords(long reason) =>
        reason == 200 ? "hung up"
        : reason > 0 ? StatusWords(reason.ToString())
        : Refusals.All.FirstOrDefault(m => m.EndReason == reason) is { } meaning ? $"{meaning.Refusal} ({reason})"
        : reason.ToString();

    private static string Failure(long status, Refusal refusal) =>
        status > 0 ? StatusWords(status.ToString()) : refusal.Meaning().Says.TrimEnd('.');

    private static string Covered(long seconds) => seconds == int.MaxValue ? "free, for as long as it lasts" : $"good for {seconds} s of talk";

    private static string Amount(long nanos, Currency currency) => currency == default ? new Money(nanos, currency).ToDecimalString() : new Money(nanos, currency).ToString();

    private static string Summary(Cdr cdr, bool live)
    {
        string to = cdr.CalleeGateway.Length > 0 ? $" by {cdr.CalleeGateway}" : "";
        string call = $"{cdr.CallerE164} called {cdr.CalleeE164}{to}";
        if (live) return cdr.WasAnswered ? $"{call}; they talk." : $"{call}; not answered yet.";
        if (!cdr.WasAnswered) return $"{call}: not answered ({(cdr.Refusal != Refusal.None ? cdr.Refusal.Meaning().Says.TrimEnd('.') : Failure(cdr.EndReason, Refusal.None))}).";
        string cost = cdr.Sale is { } sale ? $", charged {Amount(sale.Nanos, sale.Tariff.Currency)} to {sale.AccountNumber}" : ", charged to nobody";
        return $"{call}: {cdr.HoldTime.TotalSeconds:0.000} s{cost}; ended by the {cdr.EndDirection.ToString().ToLowerInvariant()}.";
    }

    private static List<string> MediaLines(in MediaCounters media) =>
        media == default ? [] : [MediaView.Line("from the caller", media.Caller), MediaView.Line("from the called end", media.Callee)];

    private static List<string> Price(Cdr cdr, IReadOnlyList<DecisionEntry> entries)
    {
        var lines = new List<string>();
        if (!cdr.WasAnswered) return lines;
        if (cdr.Sale is { } sale) lines.AddRange(Steps("sale", sale, cdr, entries));
        if (cdr.Cost is { } cost) lines.AddRange(Steps("cost", cost, cdr, entries));
        return lines;
    }

    private static IEnumerable<string> Steps(string what, CallCharge charge, Cdr cdr, IReadOnlyList<DecisionEntry> entries)
    {
        Tariff t = charge.Tariff;
        long talk = charge.BilledSeconds == 0 ? 0 : charge.Nanos - t.ConnectFeeNanos;
        yield return $"{what}: account {charge.AccountNumber}, deck {charge.Deck} version {Short(charge.DeckVersion)}, prefix {charge.RatePrefix} {charge.Area}".TrimEnd();
        // What counts of the talk depends on settings of that day; the log has the outcome.
        if (entries.FirstOrDefault(e => e.Kind == DecisionKind.Charged && e.Numbers.Count > 1 && e.Texts is [var account, ..] && account == charge.AccountNumber) is { } counted)
            yield return $"  talked {cdr.HoldTime.TotalSeconds:0.000} s: {counted.Numbers[1]} s count";
        if (charge.Period.Length > 0) yield return $"  the price of {charge.Period}, when the call came";
        if (t.Terms is not null)
        {
            yield return $"  {charge.BilledSeconds} s billed ({t.FirstSeconds}/{t.NextSeconds}), {Amount(t.RatePerMinuteNanos, t.RateCurrency)} a minute{(t.ConnectFeeNanos != 0 ? $", {Amount(t.ConnectFeeNanos, t.RateCurrency)} for connecting" : "")}";
            foreach (string words in RateView.Words(t)) yield return $"  {words}";
            yield return $"  = {Amount(charge.Nanos, t.Currency)}{(Pricing.TaxOf(t, charge.Nanos) is > 0 and var tax ? $", {Amount(tax, t.Currency)} of it tax" : "")}";
            yield break;
        }
        yield return $"  {charge.BilledSeconds} s billed ({t.FirstSeconds}/{t.NextSeconds}) × {Amount(t.RatePerMinuteNanos, t.Currency)}/60 s = {Amount(talk, t.Currency)}";
        if (t.ConnectFeeNanos != 0 && charge.BilledSeconds > 0) yield return $"  + {Amount(t.ConnectFeeNanos, t.Currency)} for connecting";
        yield return $"  = {Amount(charge.Nanos, t.Currency)}";
    }

    // A rate is in its deck's currency, which stands there when it is not the account's.
    private static Currency Of(in Arguments a, Currency currency) => a.Text(4).Length > 0 && Currency.TryParse(a.Text(4), out Currency own) ? own : currency;

    private static string Short(string version) => version.Length > 12 ? version[..12] : version;
}
