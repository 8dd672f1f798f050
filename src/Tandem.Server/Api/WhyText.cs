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
        if (why.Steps.Count > 0)
        {
            text.Append("\nwhat was decided, and why\n");
            int widest = why.Steps.Max(s => s.Kind.Length);
            foreach (WhyStep step in why.Steps) text.Append(Clock(step.At - zero)).Append("  ").Append(step.Kind.PadRight(widest)).Append("  ").Append(step.Says).Append('\n');
        }
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

    private static string Clock(TimeSpan since) => $"+{since.TotalSeconds:F3} s".PadLeft(11);

    private static Instant First(WhyView why)
    {
        Instant first = Instant.Never;
        foreach (WhyStep step in why.Steps) first = Instant.Min(first, step.At);
        foreach (LadderStep step in why.Ladder) first = Instant.Min(first, step.At);
        return first;
    }
}
