using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Numbers;

/// <summary>Where a number is at home.</summary>
/// <param name="Code">The area code, as CDRs carry it; empty: not known.</param>
/// <param name="Name">In words.</param>
/// <param name="Level">How far a call there goes.</param>
public sealed record Area(string Code, string Name, CallLevel Level)
{
    /// <summary>No area covers it; a call there counts as international.</summary>
    public static readonly Area Unknown = new("", "", CallLevel.International);
}

/// <summary>Numbers to areas by longest beginning: mobile areas before areas, for they are the finer ones.</summary>
public sealed class AreaTable
{
    public static readonly AreaTable Empty = new([], []);

    private readonly Area[] _areas;
    private readonly Area[] _homes; // of mobile prefixes
    private readonly PrefixTree? _byPrefix, _byMobile;

    public AreaTable(IReadOnlyCollection<AreaConfig> areas, IReadOnlyCollection<MobileAreaConfig> mobile)
    {
        _areas = [.. areas.Select(static a => new Area(a.AreaCode, a.AreaName, a.Level))];
        _byPrefix = _areas.Length == 0 ? null : PrefixTree.Build([.. _areas.Select(static (a, i) => ((ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(a.Code), i))]);
        Dictionary<string, Area> known = _areas.ToDictionary(static a => a.Code, StringComparer.Ordinal);
        // How far a call to a mobile goes is what the area it is at home in says.
        _homes = [.. mobile.Select(m => new Area(m.AreaCode, m.AreaName.Length > 0 ? m.AreaName : known.GetValueOrDefault(m.AreaCode)?.Name ?? "", known.GetValueOrDefault(m.AreaCode)?.Level ?? CallLevel.National))];
        _byMobile = _homes.Length == 0 ? null : PrefixTree.Build([.. mobile.Select(static (m, i) => ((ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(m.MobilePrefix), i))]);
    }

    public bool IsEmpty => _byPrefix is null && _byMobile is null;

    /// <summary>No allocation.</summary>
    public Area Find(in DialString number)
    {
        if (_byMobile is not null && _byMobile.LongestOf(number) is >= 0 and int mobile) return _homes[mobile];
        return _byPrefix is not null && _byPrefix.LongestOf(number) is >= 0 and int area ? _areas[area] : Area.Unknown;
    }
}
