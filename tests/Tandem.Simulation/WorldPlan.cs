using Tandem.Primitives;

namespace Tandem.Simulation;

/// <summary>A mistake put in on purpose, to see that the invariants catch it.</summary>
internal enum PlantedBug { None, PostedTwice, PortForgotten, LegShown }

/// <summary>What one run is made of; all of it follows from the seed.</summary>
internal sealed record WorldPlan
{
    public required ulong Seed { get; init; }

    public required NetworkProfile Network { get; init; }

    public required int Shards { get; init; }

    public required int MaxCalls { get; init; }

    public required int MediaLeases { get; init; }

    public required int Calls { get; init; }

    /// <summary>Calls begin within this.</summary>
    public required TimeSpan Arrivals { get; init; }

    /// <summary>After this an operator drops what is still up.</summary>
    public required TimeSpan Patience { get; init; }

    public required int Crashes { get; init; }

    public required int Reconfigurations { get; init; }

    public required int OperatorActs { get; init; }

    public required int Strangers { get; init; }

    public required int Floods { get; init; }

    /// <summary>Passwords tried by a stranger, each eighth time a flood.</summary>
    public required int Guesses { get; init; }

    public required int LedgerStalls { get; init; }

    /// <summary>Peers break rules as often as this.</summary>
    public required double Rudeness { get; init; }

    /// <summary>Peers of TCP, a bit each by their id: nothing between them and the switch is lost, doubled or overtaken, and neither repeats.</summary>
    public required ulong ReliablePeers { get; init; }

    public PlantedBug Planted { get; init; }

    public static WorldPlan Draw(ulong seed, PlantedBug planted = PlantedBug.None)
    {
        SeededEntropy chance = new(seed);
        bool patient = chance.Below(6) == 0;
        return new WorldPlan
        {
            Seed = seed,
            Network = NetworkProfile.Draw(chance),
            Shards = chance.Below(3) == 0 ? 2 + chance.Below(2) : 1,
            MaxCalls = chance.Below(8) == 0 ? 4 + chance.Below(8) : 1000,
            MediaLeases = chance.Below(6) == 0 ? 3 + chance.Below(6) : 500,
            Calls = 20 + chance.Below(80),
            Arrivals = TimeSpan.FromSeconds(chance.Below(4) == 0 ? 10 + chance.Below(60) : 30 + chance.Below(patient ? 3600 : 600)),
            Patience = TimeSpan.FromSeconds(patient ? 7200 : 1200),
            Crashes = chance.Below(3) == 0 ? 1 + chance.Below(2) : 0,
            Reconfigurations = chance.Below(4),
            OperatorActs = chance.Below(12),
            Strangers = chance.Below(3) == 0 ? 0 : chance.Below(40),
            Floods = chance.Below(4) == 0 ? 1 : 0,
            LedgerStalls = chance.Below(3) == 0 ? 1 + chance.Below(3) : 0,
            Rudeness = chance.Below(3) switch { 0 => 0, 1 => 0.1, _ => 0.4 },
            ReliablePeers = chance.Below(3) switch { 0 => 0, 1 => chance.NextUInt64(), _ => chance.NextUInt64() | chance.NextUInt64() },
            Guesses = chance.Below(3) == 0 ? 0 : chance.Below(40),
            Planted = planted,
        };
    }
}
