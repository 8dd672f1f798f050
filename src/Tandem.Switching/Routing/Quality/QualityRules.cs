namespace Tandem.Switching.Routing.Quality;

/// <summary>The bounds of one gateway's quality, and what happens below them; as compiled.</summary>
public sealed record QualityRules
{
    public static readonly QualityRules None = new();

    /// <summary>Least answer rate, percent; 0: not asked.</summary>
    public int LeastAnswerRate { get; init; }

    /// <summary>Least average talk, s; 0: not asked.</summary>
    public int LeastTalkSeconds { get; init; }

    /// <summary>Fewer attempts in the window say nothing.</summary>
    public int LeastSamples { get; init; } = 20;

    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>While probing, one call in so many tries it in its place.</summary>
    public int ProbeEvery { get; init; } = 20;

    /// <summary>So many probes decide.</summary>
    public int ProbeSamples { get; init; } = 5;

    public bool Bounds => LeastAnswerRate > 0 || LeastTalkSeconds > 0;

    /// <summary>What a sample says, once it has so many attempts.</summary>
    public BreakerInput Judge(in QualitySample sample, int leastSamples) =>
        sample.Attempts < leastSamples ? BreakerInput.TooFew
        : LeastAnswerRate > 0 && sample.AnswerRate < LeastAnswerRate * 10 ? BreakerInput.Bad
        : LeastTalkSeconds > 0 && sample.Ended > 0 && sample.AverageTalkMillis < LeastTalkSeconds * 1000L ? BreakerInput.Bad
        : BreakerInput.Good;
}
