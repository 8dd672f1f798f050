using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>What was written again.</summary>
/// <param name="Files">Files, each whole.</param>
/// <param name="Lines">In all of them.</param>
/// <param name="Growing">Hours left to the switch: their files are not final yet.</param>
internal sealed record CdrRebuilt(int Files, long Lines, IReadOnlyList<string> Growing);

/// <summary>
/// Writes the hourly text files again from the journal: for files that were lost, or for hours in which they were switched off. Each file is written aside and
/// renamed whole, in place of all there were of that hour; hours that are not over, or whose file still grows, are left to the running switch.
/// </summary>
internal static class CdrRebuild
{
    /// <summary>Of the data folder.</summary>
    public const string Folder = "cdr";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int ProgressEvery = 100_000;
    private const int MostOpen = 100;

    /// <param name="journal">Read from its beginning.</param>
    /// <param name="into">The folder of the files.</param>
    /// <param name="plan">Which calls go into which file.</param>
    /// <param name="hours">The first and last file to write, as 2026042612; null: every one.</param>
    /// <param name="now">Hours that were not over twice the grace before now are left out: the switch may be about to name theirs.</param>
    /// <param name="progress">Told how many records were read.</param>
    /// <param name="stop">Nothing is renamed when it is given up.</param>
    public static CdrRebuilt Run(JournalReader journal, string into, CdrFilePlan plan, (string First, string Last)? hours, Instant now, Action<long> progress, CancellationToken stop)
    {
        Directory.CreateDirectory(into, Private | UnixFileMode.UserExecute);
        Dictionary<string, FileStream> open = new(StringComparer.Ordinal);
        SortedSet<string> files = new(StringComparer.Ordinal), growing = new(StringComparer.Ordinal);
        byte[] line = new byte[8192];
        long records = 0, lines = 0;
        try
        {
            while (journal.TryRead(out JournalRecord record))
            {
                if (++records % ProgressEvery == 0) progress(records);
                stop.ThrowIfCancellationRequested();
                if (record.Type != JournalRecordType.CallClosed || !Records.TryReadCdr(record.Type, record.Payload, out Cdr? cdr) || !plan.Wants(cdr) || (cdr.Hidden & HiddenFrom.Files) != 0) continue;
                string file = plan.FileOf(cdr.Stop);
                if (plan.EndOf(file) + CdrFilePlan.Grace + CdrFilePlan.Grace > now) continue;
                if (hours is var (first, last) && (string.CompareOrdinal(file, first) < 0 || string.CompareOrdinal(file, last) > 0)) continue;
                if (growing.Contains(file)) continue;
                if (!files.Contains(file) && File.Exists(Path.Combine(into, file + CdrTextFiles.Growing)))
                {
                    growing.Add(file);
                    continue;
                }
                if (!open.TryGetValue(file, out FileStream? to))
                {
                    if (open.Count == MostOpen) Close(open); // calls end about in the journal's order: few come back
                    open.Add(file, to = Open(Aside(into, file), files.Add(file) ? FileMode.Create : FileMode.Append));
                }
                to.Write(Line(cdr, plan.Zone, ref line));
                lines++;
            }
            Close(open);
            foreach (string file in files)
            {
                File.Move(Aside(into, file), Path.Combine(into, file + CdrTextFiles.Final), overwrite: true);
                foreach (string later in Directory.EnumerateFiles(into, $"{file}-*{CdrTextFiles.Final}")) File.Delete(later); // its lines are in the one file now
            }
            DurableFiles.SyncFolder(into);
            return new CdrRebuilt(files.Count, lines, [.. growing]);
        }
        finally
        {
            foreach (FileStream to in open.Values) to.Dispose();
            foreach (string file in files) File.Delete(Aside(into, file));
        }
    }

    private static ReadOnlySpan<byte> Line(Cdr cdr, TimeZoneInfo zone, ref byte[] buffer)
    {
        while (true)
        {
            var writer = new ByteWriter(buffer);
            CdrText.Write(ref writer, cdr, zone);
            if (!writer.Overflowed) return buffer.AsSpan(0, writer.Length);
            buffer = new byte[buffer.Length * 2];
        }
    }

    private static void Close(Dictionary<string, FileStream> open)
    {
        foreach (FileStream to in open.Values)
        {
            to.Flush(flushToDisk: true);
            to.Dispose();
        }
        open.Clear();
    }

    private static string Aside(string folder, string file) => Path.Combine(folder, file + ".rebuilt");

    private static FileStream Open(string path, FileMode mode) => new(path, new FileStreamOptions { Mode = mode, Access = FileAccess.Write, UnixCreateMode = Private, BufferSize = 64 * 1024 });
}
