using System.Text;

namespace Tandem.Server.Api;

/// <summary>Rows under a head, in columns as wide as their widest cell; columns that are empty in every row are left out.</summary>
internal static class TextTable
{
    public static void Write(StringBuilder text, string[] head, IEnumerable<string[]> rows)
    {
        string[][] all = [.. rows];
        int[] shown = [.. Enumerable.Range(0, head.Length).Where(i => all.Any(r => r[i].Length > 0))];
        int[] widths = [.. shown.Select(i => all.Max(r => r[i].Length)).Zip(shown, (width, i) => Math.Max(width, head[i].Length))];
        foreach (string[] row in all.Prepend(head))
        {
            for (int i = 0; i < shown.Length; i++) text.Append("  ").Append(i == shown.Length - 1 ? row[shown[i]] : row[shown[i]].PadRight(widths[i]));
            text.Append('\n');
        }
    }
}
