using System.Globalization;

namespace Tandem.Bench.Load;

/// <summary>One figure of one run.</summary>
/// <param name="When">UTC, to the minute.</param>
/// <param name="Part">The part of the kit it was taken by.</param>
/// <param name="Peer">Who was measured.</param>
/// <param name="At">Where on the part's axis: calls a second, open calls, accounts, rates.</param>
/// <param name="What">What was measured, with its unit.</param>
/// <param name="Value">The figure.</param>
internal sealed record Sample(string When, string Part, string Peer, double At, string What, double Value)
{
    public static Sample Now(string part, string peer, double at, string what, double value) => new(DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture), part, peer, at, what, value);
}

/// <summary>
/// The figures of all parts, a line each in bench/results/load/samples.tsv. A part that is run again replaces its own figures of the same peers and leaves the others: so the
/// kit can be run whole or in pieces.
/// </summary>
internal sealed class Samples
{
    private readonly string _file;
    private readonly List<Sample> _all = [];

    public Samples(string folder)
    {
        _file = Path.Combine(folder, "samples.tsv");
        if (!File.Exists(_file)) return;
        foreach (string line in File.ReadLines(_file).Skip(1))
        {
            string[] f = line.Split('\t');
            _all.Add(new Sample(f[0], f[1], f[2], Number(f[3]), f[4], Number(f[5])));
        }
    }

    public IReadOnlyList<Sample> All => _all;

    public void Replace(string part, IReadOnlyList<Sample> now)
    {
        HashSet<string> peers = [.. now.Select(static s => s.Peer)];
        _all.RemoveAll(s => s.Part == part && peers.Contains(s.Peer));
        _all.AddRange(now);
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        File.WriteAllLines(_file, ["utc\tpart\tpeer\tat\twhat\tvalue", .. _all.Select(static s => string.Create(CultureInfo.InvariantCulture, $"{s.When}\t{s.Part}\t{s.Peer}\t{s.At:G6}\t{s.What}\t{s.Value:G6}"))]);
    }

    public double Median(string part, string peer, string what, double? at = null) => Report.Median(_all.Where(s => s.Part == part && s.Peer == peer && s.What == what && (at is null || s.At == at)).Select(static s => s.Value));

    /// <summary>Of a peer: by place on the axis the median, in order.</summary>
    public IReadOnlyList<(double At, double Value)> Curve(string part, string peer, string what) =>
        [.. _all.Where(s => s.Part == part && s.Peer == peer && s.What == what).GroupBy(static s => s.At).OrderBy(static g => g.Key).Select(static g => (g.Key, Report.Median(g.Select(static s => s.Value))))];

    public IReadOnlyList<string> Peers(string part) => [.. _all.Where(s => s.Part == part).Select(static s => s.Peer).Distinct()];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
