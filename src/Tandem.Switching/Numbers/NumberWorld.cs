namespace Tandem.Switching.Numbers;

/// <summary>What is alive of numbers, shared by all shards and questions: who is on a dynamic black list, whom numbers were ported to, whom calls to access numbers are for.</summary>
public sealed class NumberWorld
{
    /// <summary>Nobody is listed, nothing is known of ported numbers; never written to.</summary>
    public static readonly NumberWorld Nothing = new();

    public DynamicBlackList Dynamic { get; } = new();

    public PortedNumbers Ported { get; } = new();

    public ReservedCallees Reserved { get; } = new();
}
