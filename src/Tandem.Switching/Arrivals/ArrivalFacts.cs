using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Numbers;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Switching.Arrivals;

/// <summary>What makes a call begin.</summary>
public enum ArrivalKind : byte
{
    /// <summary>Somebody calls: an INVITE, or a question about one.</summary>
    Call,

    /// <summary>A transferor's call to the target: its line is there already, and the calling number is decided (docs/transfers.md).</summary>
    Transfer,

    /// <summary>A call to a phone goes on to where the phone forwards it: the phone calls, and pays (docs/forwards.md).</summary>
    Forward,

    /// <summary>A call of a callback, to either end: a phone makes it, and pays; its line is another's matter, and the calling number is decided (docs/callbacks.md).</summary>
    Callback,
}

/// <summary>What is known of a call when it is to be decided: by a shard of a real one, by a question of a supposed one.</summary>
public readonly struct ArrivalFacts
{
    public ArrivalFacts()
    {
    }

    public required SwitchTables Tables { get; init; }

    public ArrivalKind Kind { get; init; }

    /// <summary>Who calls, and by which rule that is known.</summary>
    public required CallerId From { get; init; }

    /// <summary>Where the call comes from; none: nobody knows, it is only asked about.</summary>
    public NetAddress Source { get; init; }

    public MappingGateway? Gateway => From.Gateway;

    public Phone? Phone => From.Phone;

    /// <summary>The calling number as it was read; empty: none was given.</summary>
    public required DialString Caller { get; init; }

    /// <summary>The called number as it was read.</summary>
    public required DialString Callee { get; init; }

    /// <summary>Who is on a dynamic black list, whom numbers were ported to.</summary>
    public NumberWorld World { get; init; } = NumberWorld.Nothing;

    /// <summary>Chance, drawn once for the call: which share of a proportion it falls into, whether it tries a gateway of doubtful quality.</summary>
    public uint Draw { get; init; }

    /// <summary>A call that is made, not one that is asked about.</summary>
    public bool Live { get; init; }

    /// <summary>What accounts have; null: nobody knows.</summary>
    public IAccountMoney? Money { get; init; }

    internal RoutePolicy Policy => Gateway?.Policy ?? Phone!.Policy;
    /// <summary>Where phones are registered; null: every phone is taken to be there.</summary>
    public LocationBook? Locations { get; init; }

    internal NumberLimits Limits => Gateway?.Numbers ?? Phone!.Numbers;

    internal LrnPlan? Lrn => Gateway is { } gateway ? gateway.Lrn : Phone!.Lrn;

    /// <summary>The dynamic black list its calls are counted in; null: none.</summary>
    public string? DynamicList => Limits.OwnList ?? (Tables.Settings.BlackList.Central ? "" : null);
}
