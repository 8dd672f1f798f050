namespace Tandem.Simulation;

/// <summary>What must always hold did not: the run is over.</summary>
public sealed class BrokenInvariantException(string what) : Exception(what);
