using Tandem.Server.Api;

namespace Tandem.Server.Configuration;

/// <summary>All that is wrong with a document, up to a bound: an operator mends it in one go.</summary>
internal sealed class FaultList
{
    public const int Most = 100;

    private readonly List<FieldFault> _faults = [];
    private int _more;

    public bool IsEmpty => _faults.Count == 0;

    public void Add(int line, string path, string says)
    {
        if (_faults.Count < Most) _faults.Add(new FieldFault(line, path, says));
        else _more++;
    }

    /// <summary>In order of line; beyond the bound one last entry says how many more there are.</summary>
    public IReadOnlyList<FieldFault> ToList()
    {
        List<FieldFault> sorted = [.. _faults.OrderBy(static f => f.Line)];
        if (_more > 0) sorted.Add(new FieldFault(0, "", $"and {_more} more errors"));
        return sorted;
    }
}
