using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>
/// Writes the hourly text files again from the journal: for files that were lost, or for hours in which they were switched off. Each file is written aside and
/// renamed whole; hours that are not over are left to the running switch.
/// </summary>
internal static class CdrRebuild
{
    /// <summary>Of the data folder.</summary>
    public const string Folder = "cdr";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int ProgressEvery = 10_000;

    /// <param name="journal">Read from its beginning.</param>
    /// <param name="into">The folder of the files.</param>
    /// <param name="plan">Which calls go into which file.</param>
    /// <param name="hours">The first and last file to write, as 2026042612; null: every one.</param>
    /// <param name="now">Hours that are not over by now are left out.</param>
    /// <param name="progress">Told how many records were read.</param>
    /// <param name="stop">Nothing is renamed when it is given up.</param>
    /// <returns>Files and lines written.</returns>
    public static (int Files, long Lines) Run(JournalReader journal, string into, CdrFilePlan plan, (string First, string Last)? hours, Instant now, Action<long> progress, CancellationToken stop)
    {
        Directory.CreateDirectory(into, Private | UnixFileMode.UserExecute);
        Dictionary<string, FileStream> open = new(StringComparer.Ordinal);
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
                if (plan.EndOf(file) > now) continue;
                if (hours is var (first, last) && (string.CompareOrdinal(file, first) < 0 || string.CompareOrdinal(file, last) > 0)) continue;
                if (!open.TryGetValue(file, out FileStream? to)) open.Add(file, to = Open(Aside(into, file)));
                var writer = new ByteWriter(line);
                CdrText.Write(ref writer, cdr, plan.Zone);
                while (writer.Overflowed)
                {
                    line = new byte[line.Length * 2];
                    writer = new ByteWriter(line);
                    CdrText.Write(ref writer, cdr, plan.Zone);
                }
                to.Write(writer.Written);
                lines++;
            }
            foreach ((string file, FileStream to) in open)
            {
                to.Flush(flushToDisk: true);
                to.Dispose();
                File.Move(Aside(into, file), Path.Combine(into, file + ".txt"), overwrite: true);
            }
            DurableFiles.SyncFolder(into);
            return (open.Count, lines);
        }
        finally
        {
            foreach ((string file, FileStream to) in open)
            {
                to.Dispose();
                File.Delete(Aside(into, file));
            }
        }
    }

    private static string Aside(string folder, string file) => Path.Combine(folder, file + ".rebuilt");

    private static FileStream Open(string path) => new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private, BufferSize = 64 * 1024 });
}
