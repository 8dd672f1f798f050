using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Tandem.Server.Storage.Journal;

namespace Tandem.Server.CdrDelivery.Reports;

/// <summary>A journal position kept in a file of its own: whole or as it was, whatever happens to the machine.</summary>
internal sealed class DurablePosition(string folder)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path = Path.Combine(folder, "position.state");

    /// <summary>False when there is none; <paramref name="damaged"/> when there is one nobody can read.</summary>
    public bool TryRead(out long position, out bool damaged)
    {
        position = 0;
        damaged = false;
        if (!File.Exists(_path)) return false;
        string[] lines = File.ReadAllText(_path).Split('\n');
        damaged = lines.Length < 2 || lines[1] != Check(lines[0]) || !lines[0].StartsWith("position ", StringComparison.Ordinal)
            || !long.TryParse(lines[0].AsSpan("position ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out position);
        return !damaged;
    }

    public void Write(long position)
    {
        Directory.CreateDirectory(folder, Private | UnixFileMode.UserExecute);
        string line = string.Create(CultureInfo.InvariantCulture, $"position {position}");
        DurableFiles.Replace(_path, Encoding.ASCII.GetBytes($"{line}\n{Check(line)}\n"), Private);
    }

    private static string Check(string line) => $"check {XxHash3.HashToUInt64(Encoding.ASCII.GetBytes(line)):x16}";
}
