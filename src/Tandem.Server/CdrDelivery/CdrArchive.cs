using System.Globalization;
using Parquet;
using Parquet.Schema;
using Tandem.Primitives;
using Tandem.Server.Storage.Cdrs;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>
/// Closed days as Parquet files, <c>cdr-YYYYMMDD.parquet</c>, a column a field of the list under its database name: texts as UTF-8, times as microsecond timestamps in UTC, decimals and
/// integers as whole numbers of the unit docs/cdr.md names. A file is written aside and renamed whole.
/// </summary>
internal sealed class CdrArchive(string folder)
{
    private const int GroupRows = 20_000;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly DataField[] Columns = [.. CdrFields.All.Select(static f => (DataField)(
        f.IsText ? new DataField<string>(f.Column) : f.Type == CdrType.Time ? new DateTimeDataField(f.Column, DateTimeFormat.Timestamp, isAdjustedToUTC: true, unit: DateTimeTimeUnit.Micros, isNullable: true) : new DataField<long?>(f.Column)))];

    public string FileOf(CdrDay day) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"cdr-{day.From.ToUtc():yyyyMMdd}.parquet"));

    /// <summary>Whether the day's file is there with all its calls.</summary>
    public async Task<bool> HasAsync(CdrDay day, CancellationToken stop)
    {
        string file = FileOf(day);
        if (!File.Exists(file)) return false;
        try
        {
            await using FileStream from = File.OpenRead(file);
            await using ParquetReader reader = await ParquetReader.CreateAsync(from, cancellationToken: stop);
            return reader.Metadata?.NumRows == day.Calls;
        }
        catch (Exception e) when (e is not (OperationCanceledException or UnauthorizedAccessException))
        {
            return false; // it is no such file: written again
        }
    }

    /// <returns>How many calls.</returns>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public async Task<long> WriteAsync(CdrDay day, IAsyncEnumerable<Cdr> calls, CancellationToken stop)
    {
        Directory.CreateDirectory(folder, Private | UnixFileMode.UserExecute);
        string file = FileOf(day), aside = file + ".new";
        long written = 0;
        try
        {
            await using (var to = new FileStream(aside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, UnixCreateMode = Private }))
            {
                await using (ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(Columns), to, cancellationToken: stop))
                {
                    List<Cdr> group = new(GroupRows);
                    await foreach (Cdr cdr in calls.WithCancellation(stop))
                    {
                        group.Add(cdr);
                        if (group.Count < GroupRows) continue;
                        written += await WriteAsync(writer, group, stop);
                    }
                    written += await WriteAsync(writer, group, stop);
                }
                to.Flush(flushToDisk: true);
            }
            File.Move(aside, file, overwrite: true);
            DurableFiles.SyncFolder(folder);
            return written;
        }
        finally
        {
            if (File.Exists(aside)) File.Delete(aside);
        }
    }

    private static async Task<int> WriteAsync(ParquetWriter writer, List<Cdr> group, CancellationToken stop)
    {
        if (group.Count == 0) return 0;
        using ParquetRowGroupWriter rows = writer.CreateRowGroup();
        for (int i = 0; i < Columns.Length; i++)
        {
            CdrField field = CdrFields.All[i];
            if (field.IsText)
            {
                string?[] texts = [.. group.Select(c => field.Of(c).Text)];
                await rows.WriteAsync(Columns[i], texts!);
            }
            else if (field.Type == CdrType.Time)
            {
                DateTime?[] times = [.. group.Select(c => field.Of(c) is { IsNone: false } value ? new Instant(value.Number).ToUtc() : (DateTime?)null)];
                await rows.WriteAsync<DateTime>(Columns[i], times, cancellationToken: stop);
            }
            else
            {
                long?[] numbers = [.. group.Select(c => field.Of(c) is { IsNone: false } value ? value.Number : (long?)null)];
                await rows.WriteAsync<long>(Columns[i], numbers, cancellationToken: stop);
            }
        }
        rows.CompleteValidate();
        int count = group.Count;
        group.Clear();
        return count;
    }
}
