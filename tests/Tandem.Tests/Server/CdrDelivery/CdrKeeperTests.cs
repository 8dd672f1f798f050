using Microsoft.Data.Sqlite;
using Parquet;
using Parquet.Schema;
using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.CdrDelivery;

public sealed class CdrKeeperTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];
    private readonly CdrStore _store;
    private Instant _now = CdrSamples.Midnight + TimeSpan.FromHours(25);

    public CdrKeeperTests() => _store = CdrStore.Open(_folder["cdr.db"], long.MaxValue, new HandClock(), _said.Add);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_closed_day_becomes_a_parquet_file_with_every_field_of_the_list()
    {
        Cdr whole = CdrFieldsTests.Whole();
        _store.Take([whole, CdrSamples.Call(2, static c => { c.Sale = null; c.Answered = Instant.Never; c.CallerMedia = default; })], 2);
        await Keeper().LookAsync(Stop);
        Assert.Equal(["2 CDRs of 2026-04-26 are archived in cdr-20260426.parquet"], _said);
        await using FileStream file = File.OpenRead(Path.Combine(_folder["archive"], "cdr-20260426.parquet"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.SafeFileHandle));
        await using ParquetReader reader = await ParquetReader.CreateAsync(file, cancellationToken: Stop);
        DataField[] columns = reader.Schema.GetDataFields();
        Assert.Equal(CdrFields.All.Select(static f => f.Column), columns.Select(static c => c.Name));
        using ParquetRowGroupReader rows = reader.OpenRowGroupReader(0);
        for (int i = 0; i < columns.Length; i++)
        {
            CdrField field = CdrFields.All[i];
            object? read = await LastAsync(rows, columns[i], field); // newest first: the whole one ended first
            CdrValue value = field.Of(whole);
            object expected = field.IsText ? value.Text! : field.Type == CdrType.Time ? new Instant(value.Number).ToUtc() : value.Number;
            Assert.Equal((field.Column, expected), (field.Column, read));
        }
    }

    [Fact]
    public async Task A_call_that_came_late_makes_its_days_file_anew_and_a_whole_one_is_left_alone()
    {
        _store.Take([CdrSamples.Call(1)], 1);
        await Keeper().LookAsync(Stop);
        await Keeper().LookAsync(Stop);
        Assert.Single(_said);
        _store.Take([CdrSamples.Call(2)], 2);
        await Keeper().LookAsync(Stop);
        Assert.Equal("2 CDRs of 2026-04-26 are archived in cdr-20260426.parquet", _said[^1]);
        string file = Path.Combine(_folder["archive"], "cdr-20260426.parquet");
        File.WriteAllText(file, "no parquet");
        await Keeper().LookAsync(Stop);
        Assert.Equal(3, _said.Count);
    }

    [Fact]
    public async Task A_day_that_is_not_over_for_an_hour_is_not_archived()
    {
        _now = CdrSamples.Midnight + TimeSpan.FromHours(25) - TimeSpan.FromSeconds(1);
        _store.Take([CdrSamples.Call(1)], 1);
        await Keeper().LookAsync(Stop);
        Assert.False(Directory.Exists(_folder["archive"]));
    }

    [Fact]
    public async Task Days_older_than_what_is_kept_go_with_their_sums_and_the_archive_stays()
    {
        _store.Take([CdrSamples.Call(1), CdrSamples.Call(90_000), CdrSamples.Call(180_000)], 3);
        _now = CdrSamples.Midnight + TimeSpan.FromHours(51);
        await Keeper(days: 1).LookAsync(Stop);
        Assert.Equal(3, (await _store.DaysAsync(Stop)).Count); // the writer drops them at its next turn
        _store.Turn(_now, caughtUp: true);
        Assert.Equal([CdrSamples.Midnight + TimeSpan.FromDays(1), CdrSamples.Midnight + TimeSpan.FromDays(2)], (await _store.DaysAsync(Stop)).Select(static d => d.From));
        Assert.Equal(2, (await _store.SumAsync(new CdrQuery { Since = default(Instant), Until = _now }, _now, Stop)).Calls);
        Assert.Equal(["cdr-20260426.parquet", "cdr-20260427.parquet"], Directory.GetFiles(_folder["archive"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_day_that_cannot_be_archived_stays_in_the_database()
    {
        File.WriteAllText(_folder["archive"], "in the way");
        _store.Take([CdrSamples.Call(1)], 1);
        _now = CdrSamples.Midnight + TimeSpan.FromDays(10);
        await Keeper(days: 1).LookAsync(Stop);
        _store.Turn(_now, caughtUp: true);
        Assert.Single(await _store.DaysAsync(Stop));
        Assert.Contains("the CDRs of 2026-04-26 could not be archived", Assert.Single(_said), StringComparison.Ordinal);
    }

    private CdrKeeper Keeper(int days = 0) => new(_store, days, _folder["archive"], () => _now, _said.Add);

    private static async Task<object?> LastAsync(ParquetRowGroupReader rows, DataField column, CdrField field)
    {
        const int Rows = 2;
        if (field.IsText)
        {
            string?[] texts = new string?[Rows];
            await rows.ReadAsync(column, texts.AsMemory(), cancellationToken: Stop);
            return texts[^1];
        }
        if (field.Type == CdrType.Time)
        {
            DateTime?[] times = new DateTime?[Rows];
            await rows.ReadAsync<DateTime>(column, times.AsMemory(), cancellationToken: Stop);
            return times[^1] is { } time ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : null;
        }
        long?[] numbers = new long?[Rows];
        await rows.ReadAsync<long>(column, numbers.AsMemory(), cancellationToken: Stop);
        return numbers[^1];
    }
}
