using System.Globalization;
using System.Text;

namespace Tandem.Bench;

/// <summary>What was measured, as text: on the console line by line and, with machine, date and command above, in bench/results/.</summary>
internal sealed class Report(string name)
{
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static double Percentile(double[] sorted, double p) => sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(p * sorted.Length))];

    /// <summary>What happens now; not part of the results.</summary>
    public static void Progress(string says) => Console.Error.WriteLine($"bench: {says}");

    public List<string> Lines { get; } = [];

    public void Line(string line = "")
    {
        Console.WriteLine(line);
        Lines.Add(line);
    }

    /// <summary>bench/results, found by walking up to the solution; the working folder where there is none.</summary>
    public static string Folder
    {
        get
        {
            DirectoryInfo? house = new(AppContext.BaseDirectory);
            while (house is not null && !File.Exists(Path.Combine(house.FullName, "Tandem.slnx"))) house = house.Parent;
            return Path.Combine(house?.FullName ?? Environment.CurrentDirectory, "bench", "results");
        }
    }

    /// <summary>Writes bench/results/NAME.txt.</summary>
    public void Save()
    {
        Directory.CreateDirectory(Folder);
        var head = new StringBuilder();
        head.AppendLine(CultureInfo.InvariantCulture, $"./dev bench {name}    {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC");
        foreach (string line in Machine.Describe()) head.AppendLine(line);
        File.WriteAllText(Path.Combine(Folder, name + ".txt"), head.AppendLine().AppendJoin("\n", Lines).AppendLine().ToString());
    }
}
