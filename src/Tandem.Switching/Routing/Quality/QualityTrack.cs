using Tandem.Primitives;

namespace Tandem.Switching.Routing.Quality;

/// <summary>The quality of one gateway, or of one gateway for one destination: its windows and its breaker. Noted by every shard.</summary>
public sealed class QualityTrack
{
    private int _state;
    private long _since;
    private int _probes, _probesAnswered;

    /// <param name="destination">Area code or first digits; empty: all destinations.</param>
    /// <param name="answers">Window of attempts.</param>
    /// <param name="talks">Window of talk; may be the same.</param>
    public QualityTrack(string destination, QualityWindow answers, QualityWindow talks) => (Destination, Answers, Talks) = (destination, answers, talks);

    public string Destination { get; }

    public QualityWindow Answers { get; }

    public QualityWindow Talks { get; }

    public BreakerState State => (BreakerState)Volatile.Read(ref _state);

    /// <summary>Since when; of one that was always healthy the zero instant.</summary>
    public Instant Since => new(Volatile.Read(ref _since));

    public QualitySample Sample(Instant now)
    {
        QualitySample answers = Answers.Sum(now);
        if (ReferenceEquals(Answers, Talks)) return answers;
        QualitySample talks = Talks.Sum(now);
        return answers with { Ended = talks.Ended, Short = talks.Short, TalkMillis = talks.TalkMillis };
    }

    public void NoteAttempt(QualityRules rules, bool answered, bool delivered, int pddMillis, Instant now)
    {
        Answers.NoteAttempt(answered, delivered, pddMillis, now);
        if (!rules.Bounds) return;
        BreakerInput input = State switch
        {
            BreakerState.Healthy => rules.Judge(Sample(now), rules.LeastSamples),
            BreakerState.Probing => JudgeProbe(rules, answered),
            _ => BreakerInput.TooFew,
        };
        Step(input, now);
    }

    public void NoteTalk(QualityRules rules, TimeSpan talk, Instant now)
    {
        Talks.NoteTalk(talk, now);
        if (rules.Bounds && State == BreakerState.Healthy) Step(rules.Judge(Sample(now), rules.LeastSamples), now);
    }

    /// <summary>Whether a call drawn so ranks it behind the others. A question asks the same without a step.</summary>
    public bool IsBehind(QualityRules rules, uint draw, Instant now, bool live)
    {
        BreakerState state = State;
        if (state == BreakerState.Healthy || !rules.Bounds) return false;
        if (state == BreakerState.Penalised)
        {
            if (now < Since + rules.Pause) return true;
            if (live) Step(BreakerInput.PauseOver, now);
        }
        return draw % (uint)rules.ProbeEvery != 0;
    }

    // While probing only the answers of the probes count: talk has not come to its end yet.
    private BreakerInput JudgeProbe(QualityRules rules, bool answered)
    {
        int probes = Interlocked.Increment(ref _probes);
        int good = answered ? Interlocked.Increment(ref _probesAnswered) : Volatile.Read(ref _probesAnswered);
        return rules.Judge(new QualitySample(probes, good, good, 0, 0, 0, 0, 0), rules.ProbeSamples);
    }

    private void Step(BreakerInput input, Instant now)
    {
        int state = Volatile.Read(ref _state);
        var next = (int)BreakerTable.On((BreakerState)state, input);
        if (next == state || Interlocked.CompareExchange(ref _state, next, state) != state) return;
        Volatile.Write(ref _probes, 0);
        Volatile.Write(ref _probesAnswered, 0);
        Volatile.Write(ref _since, now.Micros);
        if (next == (int)BreakerState.Healthy) Answers.Forget();
        if (next == (int)BreakerState.Healthy && !ReferenceEquals(Answers, Talks)) Talks.Forget();
    }
}
