namespace Tandem.Switching.Routing.Quality;

/// <summary>What attempts of a window came to. Shares are in thousandths; −1 where nothing was counted.</summary>
/// <param name="Attempts">Ended or answered in the window.</param>
/// <param name="Answered">Of those.</param>
/// <param name="Delivered">Of those: answered, or the called party was reached and did not (ITU-T E.425's network effectiveness).</param>
/// <param name="Ended">Answered calls that ended in the window.</param>
/// <param name="Short">Of those: shorter than <see cref="ShortSeconds"/>.</param>
/// <param name="TalkMillis">Of those.</param>
/// <param name="Heard">Attempts with a first sign of life.</param>
/// <param name="PddMillis">Of those, summed.</param>
public readonly record struct QualitySample(long Attempts, long Answered, long Delivered, long Ended, long Short, long TalkMillis, long Heard, long PddMillis)
{
    /// <summary>An answered call shorter than this is a short one.</summary>
    public const int ShortSeconds = 6;

    public int AnswerRate => Share(Answered, Attempts);

    public int Effectiveness => Share(Delivered, Attempts);

    public int ShortShare => Share(Short, Ended);

    /// <summary>Average talk of an answered call, ms; −1: none ended.</summary>
    public long AverageTalkMillis => Ended > 0 ? TalkMillis / Ended : -1;

    /// <summary>Average post-dial delay, ms; −1: nothing was heard.</summary>
    public long AveragePddMillis => Heard > 0 ? PddMillis / Heard : -1;

    private static int Share(long part, long whole) => whole > 0 ? (int)(part * 1000 / whole) : -1;
}
