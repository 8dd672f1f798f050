using System.Globalization;
using SharpFuzz;

namespace Tandem.Fuzz;

/// <summary>
/// One parser under afl-fuzz, and what ./dev fuzz needs around it. The parsers are instrumented in a copy of the program
/// (<c>--instrument</c>); this assembly is not, so only their own branches count.
/// </summary>
internal static class Program
{
    private const int Done = 0, Failed = 1, WrongUse = 2;

    private static int Main(string[] args) => args switch
    {
        ["--targets"] => Targets(),
        ["--instrument", string folder] => Instrument(folder),
        ["--minimise", string name, string into, .. string[] from] => WithTarget(name, target => Minimise(target, into, from)),
        ["--replay", string name, .. string[] files] => WithTarget(name, target => Replay(target, files)),
        [string name] => WithTarget(name, UnderAfl),
        _ => Usage(),
    };

    private static int Targets()
    {
        foreach (FuzzTarget target in FuzzTarget.All) Console.WriteLine(target.Name);
        return Done;
    }

    // Before anything of Tandem.Sip is loaded: the file is written anew.
    private static int Instrument(string folder)
    {
        int types = Fuzzer.Instrument(Path.Combine(folder, "Tandem.Sip.dll"), static _ => true, Options.Value).Count();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{types} types of Tandem.Sip are instrumented"));
        return types > 0 ? Done : Failed;
    }

    private static int UnderAfl(FuzzTarget target)
    {
        byte[] room = new byte[FuzzTarget.MaxBytes];
        Fuzzer.Run(stream =>
        {
            int length = stream.ReadAtLeast(room, room.Length, throwOnEndOfStream: false);
            target.Check(room.AsSpan(0, length));
        });
        return Done;
    }

    private static int Replay(FuzzTarget target, string[] files)
    {
        _ = new EdgeMap(); // an instrumented parser writes to it
        int broken = 0;
        foreach (string file in files)
        {
            try
            {
                target.Check(Read(file));
            }
            catch (Exception e) // whatever it is, it is the finding
            {
                broken++;
                Console.WriteLine($"{file}: {e}");
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {files.Length} inputs, {broken} broken"));
        return broken == 0 ? Done : Failed;
    }

    /// <summary>Of all files in the folders the small ones that reach what no smaller one did, written into one folder under names that say their content.</summary>
    private static int Minimise(FuzzTarget target, string into, string[] from)
    {
        var map = new EdgeMap();
        byte[][] inputs = [.. from.SelectMany(Directory.EnumerateFiles).Select(Read).OrderBy(static i => i.Length).ThenBy(static i => Convert.ToHexString(i), StringComparer.Ordinal)];
        foreach (byte[] input in inputs) target.Check(input); // what runs once only (static constructors) must not count as reached
        List<byte[]> kept = [.. inputs.Where(input => map.Reaches(() => target.Check(input)))];
        Directory.CreateDirectory(into);
        foreach (string old in Directory.EnumerateFiles(into)) File.Delete(old);
        foreach (byte[] input in kept) File.WriteAllBytes(Path.Combine(into, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..16]), input);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {map.Edges} edges; {kept.Count} of {inputs.Length} inputs kept, {kept.Sum(static k => k.Length)} bytes"));
        return map.Edges > 0 ? Done : Failed;
    }

    private static byte[] Read(string file)
    {
        byte[] input = File.ReadAllBytes(file);
        return input.Length <= FuzzTarget.MaxBytes ? input : input[..FuzzTarget.MaxBytes];
    }

    private static int WithTarget(string name, Func<FuzzTarget, int> run)
    {
        if (FuzzTarget.Find(name) is { } target) return run(target);
        Console.Error.WriteLine($"there is no target '{name}'; there are {string.Join(", ", FuzzTarget.All.Select(static t => t.Name))}");
        return WrongUse;
    }

    private static int Usage()
    {
        Console.Error.WriteLine("use: Tandem.Fuzz TARGET | --targets | --instrument FOLDER | --minimise TARGET INTO FROM... | --replay TARGET FILE...");
        return WrongUse;
    }
}
