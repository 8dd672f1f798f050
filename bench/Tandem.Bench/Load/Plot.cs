using System.Globalization;
using System.Text;

namespace Tandem.Bench.Load;

/// <summary>A line plot as SVG, both axes from zero or by powers of ten; readable in a browser, small enough to keep with the sources.</summary>
internal static class Plot
{
    private const int Width = 640, Height = 360, Left = 70, Right = 170, Top = 40, Bottom = 50;

    private static readonly string[] Colours = ["#0b6e4f", "#c8553d", "#588bae", "#8f6bb3", "#b8860b", "#555555"];

    public static void Save(string file, string title, string across, string up, IReadOnlyList<(string Name, IReadOnlyList<(double At, double Value)> Points)> lines)
    {
        double[] xs = [.. lines.SelectMany(static l => l.Points).Select(static p => p.At)];
        double[] ys = [.. lines.SelectMany(static l => l.Points).Select(static p => p.Value)];
        if (xs.Length == 0) return;
        bool powers = xs.Min() > 0 && xs.Max() / xs.Min() > 50;
        double low = powers ? Math.Floor(Math.Log10(xs.Min())) : 0, high = powers ? Math.Ceiling(Math.Log10(xs.Max())) : Nice(xs.Max()), top = Nice(ys.Max());
        double X(double v) => Left + (((powers ? Math.Log10(v) : v) - low) / (high - low) * (Width - Left - Right));
        double Y(double v) => Height - Bottom - (v / top * (Height - Top - Bottom));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        Text(svg, Left, 22, title, "start", 14);
        for (int i = 0; i <= 5; i++)
        {
            double v = top * i / 5, y = Y(v);
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" y1=\"{y:F1}\" x2=\"{Width - Right}\" y2=\"{y:F1}\" stroke=\"#dddddd\"/>\n");
            Text(svg, Left - 6, y + 4, Short(v), "end");
        }
        int steps = powers ? (int)(high - low) : 5;
        for (int i = 0; i <= steps; i++)
        {
            double v = powers ? Math.Pow(10, low + i) : high * i / 5;
            Text(svg, X(v), Height - Bottom + 18, Short(v), "middle");
        }
        Text(svg, (Left + Width - Right) / 2.0, Height - 10, across, "middle");
        Text(svg, 8, Top - 6, up, "start");
        for (int i = 0; i < lines.Count; i++)
        {
            string colour = Colours[i % Colours.Length];
            string points = string.Join(' ', lines[i].Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.At):F1},{Y(p.Value):F1}")));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n");
            foreach ((double at, double value) in lines[i].Points) svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(at):F1}\" cy=\"{Y(value):F1}\" r=\"3\" fill=\"{colour}\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Width - Right + 12}\" y=\"{Top + (i * 20)}\" width=\"12\" height=\"4\" fill=\"{colour}\"/>\n");
            Text(svg, Width - Right + 30, Top + (i * 20) + 7, lines[i].Name, "start");
        }
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, svg.Append("</svg>\n").ToString());
    }

    private static double Nice(double most)
    {
        if (most <= 0) return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return new[] { 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 }.First(step => step * power >= most * 0.9999) * power;
    }

    private static string Short(double v) => v >= 1e6 ? $"{(v / 1e6).ToString("0.#", CultureInfo.InvariantCulture)} M" : v >= 1e4 ? $"{(v / 1e3).ToString("0.#", CultureInfo.InvariantCulture)} k" : v.ToString("0.###", CultureInfo.InvariantCulture);

    private static void Text(StringBuilder svg, double x, double y, string text, string anchor, int size = 12) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{System.Security.SecurityElement.Escape(text)}</text>\n");
}
