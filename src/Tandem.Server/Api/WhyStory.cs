using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;

namespace Tandem.Server.Api;

/// <summary>Turns a call's decision log into the story an operator reads: decisions in sentences, the SIP ladder, the price in steps.</summary>
public static class WhyStory
{
    /// <summary>A finished call.</summary>
    public static WhyView Of(Cdr cdr) => Tell(cdr, cdr.DecisionLog, live: false);

    /// <summary>A call in progress: its log as written so far.</summary>
    public static WhyView OfLive(Cdr cdr, ReadOnlySpan<byte> log) => Tell(cdr, log, live: true);

    /// <summary>Why a gateway was taken or passed over, in words.</summary>
    public static string Words(RouteVerdict verdict) => verdict switch
    {
        RouteVerdict.Eligible => "may be tried",
        RouteVerdict.Locked => "is locked",
        RouteVerdict.GroupNotAllowed => "is in no group this caller may use",
        RouteVerdict.LinesFull => "has every line in use",
        RouteVerdict.ShadowedByLongerPrefix => "lost to a longer prefix that ends the search",
        _ => verdict.ToString(),
    };

    private static WhyView Tell(Cdr cdr, ReadOnlySpan<byte> log, bool live)
    {
        var steps = new List<WhyStep>();
        var ladder = new List<LadderStep>();
        var legs = new List<string> { cdr.CallerGateway.Length > 0 ? cdr.CallerGateway : $"phone {cdr.CallerAccessE164}" };
        Currency currency = cdr.Sale?.Tariff.Currency ?? cdr.Cost?.Tariff.Currency ?? default;
        foreach (DecisionEntry entry in DecisionLogReader.Read(log))
        {
            Instant at = cdr.Start + entry.At;
            if (entry.Kind == DecisionKind.Message)
            {
                int leg = entry.Numbers[0] == (long)MediaSide.Caller ? 0 : Math.Max(1, legs.Count - 1);
                ladder.Add(new LadderStep(at, leg, entry.Numbers[1] == 0, Message(entry)));
                continue;
            }
            if (entry.Kind == DecisionKind.Attempt) legs.Add(entry.Texts[0]);
            (string kind, string says) = Step(entry, currency);
            steps.Add(new WhyStep(at, kind, says));
        }
        return new WhyView { Call = cdr.Call, Live = live, Summary = Summary(cdr, live), Steps = steps, Ladder = ladder, Legs = legs, Price = Price(cdr) };
    }

    private static string Message(DecisionEntry entry)
    {
        string what = entry.Texts[0];
        return int.TryParse(what, out int status) ? $"{status} {System.Text.Encoding.ASCII.GetString(ReasonPhrases.Of(status))}" : what;
    }

    private static (string Kind, string Says) Step(DecisionEntry e, Currency currency)
    {
        IReadOnlyList<string> t = e.Texts;
        IReadOnlyList<long> n = e.Numbers;
        return e.Kind switch
        {
            DecisionKind.Revision => ("revision", $"Decided by revision {n[0]} of the configuration."),
            DecisionKind.Identified => ("identified", $"The caller is {t[0]} ({t[1]})."),
            DecisionKind.Rewrote => ("rewritten", n[0] == DialPlan.NoRule ? $"No dial plan rule of {t[0]} matches {t[1]}: it stays." : $"{t[0]} rewrites {t[1]} to {t[2]} (rule {n[0] + 1})."),
            DecisionKind.Candidate => ("candidate", $"{t[0]} {Words((RouteVerdict)n[0])} ({(n[1] == 0 ? "it serves every number" : $"prefix of {n[1]} digits")})."),
            DecisionKind.Rated => ("rated", $"{t[0]}: prefix {t[1]}{(t[2].Length > 0 ? $" ({t[2]})" : "")}, {Amount(n[0], currency)} a minute{(n[1] != 0 ? $", {Amount(n[1], currency)} for connecting" : "")}, intervals {n[2]}/{n[3]} s."),
            DecisionKind.Reserved => ("money", $"{Amount(n[0], currency)} held: {Covered(n[1])}."),
            DecisionKind.Extended => ("money", $"{Amount(n[0], currency)} more held: {Covered(n[1])}."),
            DecisionKind.MoneyEnds => ("money", $"No more money: the call ends after {n[0]} s of talk."),
            DecisionKind.MediaLent => ("media", $"Media ports: {t[0]} towards the caller, {t[1]} towards the called end."),
            DecisionKind.Attempt => ("attempt", $"Attempt {n[0]}: {t[0]} at {t[2]}, number sent {t[1]}."),
            DecisionKind.Outcome => ("attempt", $"Attempt {n[0]} failed: {Failure(n[1], (Refusal)n[2])}; {(n[3] == 1 ? "the next gateway is tried" : "no other is tried")}."),
            DecisionKind.Refused => ("refused", ((Refusal)n[0]).Meaning().Says),
            DecisionKind.Charged => ("charged", $"{t[0]}: {n[0] / 1000.0:0.000} s of talk, {n[1]} s count, {n[2]} s billed, {Amount(n[3], currency)}."),
            DecisionKind.Ended => ("ended", $"Ended by the {((EndDirection)n[0]).ToString().ToLowerInvariant()}, reason {n[1]}."),
            _ => (e.Kind.ToString().ToLowerInvariant(), string.Join(' ', t.Concat(n.Select(static x => x.ToString())))),
        };
    }

    private static string Failure(long status, Refusal refusal) =>
        status > 0 ? $"{status} {System.Text.Encoding.ASCII.GetString(ReasonPhrases.Of((int)status))}" : refusal.Meaning().Says.TrimEnd('.');

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

    private static List<string> Price(Cdr cdr)
    {
        var lines = new List<string>();
        if (!cdr.WasAnswered) return lines;
        if (cdr.Sale is { } sale) lines.AddRange(Steps("sale", sale));
        if (cdr.Cost is { } cost) lines.AddRange(Steps("cost", cost));
        return lines;
    }

    private static IEnumerable<string> Steps(string what, CallCharge charge)
    {
        Tariff t = charge.Tariff;
        long talk = charge.BilledSeconds == 0 ? 0 : charge.Nanos - t.ConnectFeeNanos;
        yield return $"{what}: account {charge.AccountNumber}, deck {charge.Deck} version {Short(charge.DeckVersion)}, prefix {charge.RatePrefix} {charge.Area}".TrimEnd();
        yield return $"  {charge.BilledSeconds} s billed ({t.FirstSeconds}/{t.NextSeconds}) × {Amount(t.RatePerMinuteNanos, t.Currency)}/60 s = {Amount(talk, t.Currency)}";
        if (t.ConnectFeeNanos != 0 && charge.BilledSeconds > 0) yield return $"  + {Amount(t.ConnectFeeNanos, t.Currency)} for connecting";
        yield return $"  = {Amount(charge.Nanos, t.Currency)}";
    }

    private static string Short(string version) => version.Length > 12 ? version[..12] : version;
}
