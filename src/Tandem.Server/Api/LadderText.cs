using System.Text;
using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>
/// The SIP ladder of a call as plain text: a column for the caller, one for the switch, one for each attempt, and before each
/// message the milliseconds since the first.
/// </summary>
public static class LadderText
{
    private const int Clock = 14;
    private const int Gap = 22;

    /// <summary>Lines ended by LF; empty when there is no message.</summary>
    public static string Render(WhyView why)
    {
        if (why.Ladder.Count == 0) return "";
        var text = new StringBuilder();
        int columns = 1 + Math.Max(why.Legs.Count, 1 + why.Ladder.Max(static s => s.Leg));
        char[] names = new char[At(columns - 1) + Gap];
        names.AsSpan().Fill(' ');
        for (int i = 0; i < columns; i++) Centre(names, Name(why, i), At(i));
        Append(text, names);

        Instant first = why.Ladder.Min(static s => s.At);
        foreach (LadderStep step in why.Ladder)
        {
            char[] row = new char[At(columns - 1) + 1];
            row.AsSpan().Fill(' ');
            for (int i = 0; i < columns; i++) row[At(i)] = '|';
            $"{(step.At - first).TotalMilliseconds:0} ms".PadLeft(Clock - 3).CopyTo(row);
            // The caller is left of the switch, every attempt right of it.
            int left = step.Leg == 0 ? At(0) : At(1), right = step.Leg == 0 ? At(1) : At(step.Leg + 1);
            bool rightwards = step.Received == (step.Leg == 0);
            row.AsSpan((left + 1)..right).Fill('-');
            row[rightwards ? right - 1 : left + 1] = rightwards ? '>' : '<';
            Centre(row, $" {Cut(step.Says, Gap - 8)} ", (left + right) / 2);
            Append(text, row);
        }
        return text.ToString();
    }

    private static int At(int column) => Clock + (Gap / 2) + (column * (Gap + 1));

    private static string Name(WhyView why, int column)
    {
        if (column == 1) return "switch";
        int leg = column == 0 ? 0 : column - 1;
        return Cut(leg < why.Legs.Count ? why.Legs[leg] : $"attempt {leg}", Gap - 1);
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "~";

    private static void Centre(char[] row, string text, int centre) => text.CopyTo(row.AsSpan(centre - (text.Length / 2)));

    private static void Append(StringBuilder text, char[] row) => text.Append(row.AsSpan().TrimEnd(' ')).Append('\n');
}
