using System.Text;
using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>The story of a call as text for a terminal: what was decided and why, the SIP ladder, the price in steps.</summary>
public static class WhyText
{
    public static string Of(WhyView why)
    {
        var text = new StringBuilder();
        Instant zero = First(why);
        text.Append("call ").Append(why.Call).Append(why.Live ? ", in progress" : ", finished").Append('\n');
        text.Append(why.Summary).Append('\n');
        WriteSteps(text, why.Steps, zero);
        if (why.Ladder.Count > 0)
        {
            text.Append("\nSIP ladder\n").Append(LadderText.Render(why));
        }
        if (why.Media.Count > 0)
        {
            text.Append("\nmedia\n");
            foreach (string line in why.Media) text.Append("  ").Append(line).Append('\n');
        }
        if (why.Price.Count > 0)
        {
            text.Append("\nprice\n");
            foreach (string line in why.Price) text.Append("  ").Append(line).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The page of a supposed call: the same, without what only a real one has.</summary>
    public static string Of(RouteView route)
    {
        var text = new StringBuilder();
        text.Append("supposed call to ").Append(route.Number).Append(" from ").Append(route.From).Append(" at ").Append(route.At).Append('\n');
        text.Append(Summary(route)).Append('\n');
        foreach (string note in route.Notes) text.Append(note).Append('\n');
        WriteSteps(text, route.Steps, route.At);
        if (route.Candidates.Count == 0) return text.ToString();
        text.Append("\ngateways, in the order they would be tried\n");
        TextTable.Write(text, ["gateway", "prefix", "priority", "calls", "lines", "sent", "from", "cost a minute", "verdict", "why", "media"],
            route.Candidates.Select(static c => (string[])[c.Gateway, c.Prefix, $"{c.Priority}", $"{c.CurrentCalls}", $"{c.Capacity}", c.CalleeSent, c.CallerSent, c.Cost?.RatePerMinute.ToString() ?? "", c.Verdict, c.Says, c.Media]));
        return text.ToString();
    }

    private static string Summary(RouteView route)
    {
        if (route.Refused is { } refused) return $"It would be refused with {refused.SipStatus}: {refused.Says}";
        string payer = route.Sale is { } sale ? $"account {route.Account} pays {sale.RatePerMinute} a minute ({sale.Area}, prefix {sale.Prefix} of deck {sale.Deck})" : "nobody pays";
        string[] order = [.. route.Candidates.Where(static c => c.CalleeSent.Length > 0).Select(static c => c.Gateway)];
        string to = route.Phone.Length > 0 ? $"phone {route.Phone}" : order.Length == 0 ? "no gateway" : string.Join(", then ", order.Take(3)) + (order.Length > 3 ? $" and {order.Length - 3} more" : "");
        return $"{(route.Caller.Length > 0 ? route.Caller : "A caller without number")} would call {route.Callee} by {to}; {payer}.";
    }

    private static void WriteSteps(StringBuilder text, IReadOnlyList<WhyStep> steps, Instant zero)
    {
        if (steps.Count == 0) return;
        text.Append("\nwhat was decided, and why\n");
        int widest = steps.Max(static s => s.Kind.Length);
        foreach (WhyStep step in steps) text.Append(Clock(step.At - zero)).Append("  ").Append(step.Kind.PadRight(widest)).Append("  ").Append(step.Says).Append('\n');
    }

    private static string Clock(TimeSpan since) => $"+{since.TotalSeconds:F3} s".PadLeft(11);

    private static Instant First(WhyView why)
    {
        Instant first = Instant.Never;
        foreach (WhyStep step in why.Steps) first = Instant.Min(first, step.At);
        foreach (LadderStep step in why.Ladder) first = Instant.Min(first, step.At);
        return first;
    }
}
