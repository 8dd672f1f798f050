using System.Text;
using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>The story of a call as text for a terminal: what was decided and why, the SIP ladder, the price in steps.</summary>
public static class WhyText
{
    private const int Side = 30;

    public static string Of(WhyView why)
    {
        var text = new StringBuilder();
        Instant zero = First(why);
        text.Append("call ").Append(why.Call).Append(why.Live ? ", in progress" : ", finished").Append('\n');
        text.Append(why.Summary).Append('\n');
        if (why.Steps.Count > 0)
        {
            text.Append("\nwhat was decided, and why\n");
            int widest = why.Steps.Max(s => s.Kind.Length);
            foreach (WhyStep step in why.Steps) text.Append(Clock(step.At - zero)).Append("  ").Append(step.Kind.PadRight(widest)).Append("  ").Append(step.Says).Append('\n');
        }
        if (why.Ladder.Count > 0)
        {
            text.Append("\nSIP ladder\n");
            text.Append(' ', 11).Append(Leg(why, 0).PadLeft(Side)).Append(" | ").Append("the switch").Append('\n');
            foreach (LadderStep step in why.Ladder) text.Append(Clock(step.At - zero)).Append("  ").Append(Arrow(why, step)).Append('\n');
        }
        if (why.Price.Count > 0)
        {
            text.Append("\nprice\n");
            foreach (string line in why.Price) text.Append("  ").Append(line).Append('\n');
        }
        return text.ToString();
    }

    // "INVITE ------------------> |" on the caller's side, "| INVITE -----------> carrier-1" on the other.
    private static string Arrow(WhyView why, LadderStep step)
    {
        int dashes = Math.Max(3, Side - step.Says.Length - 2);
        if (step.Leg == 0)
            return (step.Received ? $"{step.Says} {new string('-', dashes)}>" : $"<{new string('-', dashes)} {step.Says}").PadLeft(Side) + " |";
        string right = step.Received ? $"<{new string('-', dashes)} {step.Says}" : $"{step.Says} {new string('-', dashes)}>";
        return new string(' ', Side) + " | " + right + "  " + Leg(why, step.Leg);
    }

    private static string Leg(WhyView why, int leg) => leg < why.Legs.Count ? why.Legs[leg] : $"attempt {leg}";

    private static string Clock(TimeSpan since) => $"+{since.TotalSeconds:F3} s".PadLeft(11);

    private static Instant First(WhyView why)
    {
        Instant first = Instant.Never;
        foreach (WhyStep step in why.Steps) first = Instant.Min(first, step.At);
        foreach (LadderStep step in why.Ladder) first = Instant.Min(first, step.At);
        return first;
    }
}
