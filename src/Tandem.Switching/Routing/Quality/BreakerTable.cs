namespace Tandem.Switching.Routing.Quality;

/// <summary>How a gateway, or a gateway for a destination, stands.</summary>
public enum BreakerState : byte
{
    /// <summary>Tried in its place.</summary>
    Healthy = 0,

    /// <summary>Its quality was too low: tried after all others, until the pause is over.</summary>
    Penalised = 1,

    /// <summary>The pause is over: a trickle of calls tries it in its place, the rest as if it were penalised.</summary>
    Probing = 2,
}

/// <summary>What a breaker is told.</summary>
public enum BreakerInput : byte
{
    /// <summary>Too few samples to say anything.</summary>
    TooFew,

    /// <summary>Enough, and all bounds are kept.</summary>
    Good,

    /// <summary>Enough, and a bound is broken.</summary>
    Bad,

    PauseOver,
}

/// <summary>The circuit breaker as one table (docs/quality.md has it).</summary>
public static class BreakerTable
{
    public static BreakerState On(BreakerState state, BreakerInput input) => (state, input) switch
    {
        (BreakerState.Healthy,   BreakerInput.Bad)       => BreakerState.Penalised,
        (BreakerState.Penalised, BreakerInput.PauseOver) => BreakerState.Probing,
        (BreakerState.Probing,   BreakerInput.Good)      => BreakerState.Healthy,
        (BreakerState.Probing,   BreakerInput.Bad)       => BreakerState.Penalised,
        _                                                => state, // what calls under way still tell of a penalised one changes nothing
    };
}
