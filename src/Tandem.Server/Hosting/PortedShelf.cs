using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Ported;
using Tandem.Switching.Numbers;

namespace Tandem.Server.Hosting;

/// <summary>The local table of ported numbers of a data folder: opened at the start, replaced by imports, one at a time.</summary>
internal sealed class PortedShelf(string dataFolder, PortedNumbers ported, Func<Instant> now, Action<string> say) : IDisposable
{
    private readonly string _path = Path.Combine(dataFolder, "ported-numbers");
    private readonly SemaphoreSlim _oneImport = new(1, 1);
    private volatile string _doing = "";

    /// <summary>At the start. A table that cannot be used is told and left where it is; the switch runs without.</summary>
    public void Open()
    {
        if (!File.Exists(_path)) return;
        try
        {
            ported.Table = PortedTable.Open(_path);
        }
        catch (DataFolderException e)
        {
            say($"{e.Message}; numbers are looked up without it. 'tandem lrn import' makes a new one.");
        }
    }

    public PortedTableView View() => ported.Table is PortedTable table
        ? new PortedTableView(table.Count, table.Routings, table.Bytes, table.Built, _doing)
        : new PortedTableView(0, 0, 0, null, _doing);

    /// <summary>Replaces the table by what the CSV says, all of it or nothing; calls go on by the old one until then.</summary>
    public async Task<Answer<PortedTableView>> ImportAsync(Stream csv, CancellationToken stop)
    {
        if (!await _oneImport.WaitAsync(TimeSpan.Zero, stop)) return new Fault(FaultKind.Conflict, $"Another import is under way: {_doing}.");
        try
        {
            _doing = "beginning to read";
            PortedImport outcome = await Task.Run(() => PortedBuilder.Build(csv, _path, now(), (what, count) => _doing = $"{count:N0} {(what == "read" ? "lines read" : "numbers written")}", stop), stop);
            if (outcome.ErrorCount > 0) return new Fault(FaultKind.Invalid, $"The file has {outcome.ErrorCount} errors; nothing was imported, the table that was there is in use.", outcome.Errors);
            _doing = "opening the table";
            ported.Table = PortedTable.Open(_path);
            _doing = "";
            say($"The local table of ported numbers is new: {outcome.Numbers} numbers, {outcome.Routings} routing numbers, {outcome.Bytes} bytes.");
            return View();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DataFolderException)
        {
            return new Fault(FaultKind.Unavailable, $"Nothing was imported, the table that was there is in use: {e.Message}");
        }
        finally
        {
            _doing = "";
            _oneImport.Release();
        }
    }

    public PortedTableView Remove()
    {
        PortedTableView was = View();
        ported.Table = null;
        File.Delete(_path);
        return was;
    }

    public void Dispose() => _oneImport.Dispose();
}
