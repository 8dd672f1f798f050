using Tandem.Primitives;

namespace Tandem.Switching.Numbers;

/// <summary>Everything of one revision that numbers are judged, labelled and changed by beside dial plans.</summary>
public sealed class NumberTables
{
    public static readonly NumberTables Empty = new();

    public AreaTable Areas { get; init; } = AreaTable.Empty;

    public TransformTable Transforms { get; init; } = TransformTable.Empty;

    public Geofence Geofence { get; init; } = Geofence.Empty;

    /// <summary>Lists that hold for every call, white ones first.</summary>
    public NumberList[] SystemLists { get; init; } = [];

    public IReadOnlyDictionary<string, NumberGroup> Groups { get; init; } = new Dictionary<string, NumberGroup>();

    /// <summary>
    /// The list that decides on one end of a call: a white one of the system or the device, else a black one of the device, else of the system;
    /// null: no list names the number. White: the call goes on, and no dynamic black list is asked either.
    /// </summary>
    public NumberList? Decide(NumberRule device, in DialString number, ListedEnd end)
    {
        if (number.IsEmpty) return null;
        NumberList? system = null;
        foreach (NumberList one in SystemLists)
        {
            if ((one.End != ListedEnd.Both && one.End != end) || !one.Set.Contains(number)) continue;
            system = one;
            break;
        }
        if (system is { IsWhite: true }) return system;
        return device.ListOf(number) ?? system;
    }
}
