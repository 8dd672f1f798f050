using Tandem.Primitives;

namespace Tandem.Switching.Routing.Quality;

/// <summary>
/// A sliding window in buckets: what is noted counts until its bucket has passed. Every shard notes, with interlocked operations and no lock, each note
/// in constant time; the few notes that meet a bucket just being emptied for its next turn are lost.
/// </summary>
public sealed class QualityWindow
{
    private const long Emptying = -1;

    private readonly Bucket[] _buckets;
    private readonly long _bucketMicros;
    private long _brief; // second << 32 | attempts, at most 65535 << 16 | answer rate

    public QualityWindow(TimeSpan length, int buckets)
    {
        _buckets = new Bucket[buckets];
        _bucketMicros = Math.Max(1, length.Ticks / TimeSpan.TicksPerMicrosecond / buckets);
        (Length, Buckets) = (length, buckets);
    }

    public TimeSpan Length { get; }

    public int Buckets { get; }

    /// <summary>An attempt ended without an answer, or was answered.</summary>
    public void NoteAttempt(bool answered, bool delivered, int pddMillis, Instant now)
    {
        ref Bucket bucket = ref At(now, out bool ok);
        if (!ok) return;
        Interlocked.Increment(ref bucket.Attempts);
        if (answered) Interlocked.Increment(ref bucket.Answered);
        if (delivered) Interlocked.Increment(ref bucket.Delivered);
        if (pddMillis <= 0) return;
        Interlocked.Increment(ref bucket.Heard);
        Interlocked.Add(ref bucket.PddMillis, pddMillis);
    }

    /// <summary>An answered call ended.</summary>
    public void NoteTalk(TimeSpan talk, Instant now)
    {
        ref Bucket bucket = ref At(now, out bool ok);
        if (!ok) return;
        Interlocked.Increment(ref bucket.Ended);
        Interlocked.Add(ref bucket.TalkMillis, (long)talk.TotalMilliseconds);
        if (talk < TimeSpan.FromSeconds(QualitySample.ShortSeconds)) Interlocked.Increment(ref bucket.Short);
    }

    public QualitySample Sum(Instant now)
    {
        long epoch = EpochOf(now);
        long attempts = 0, answered = 0, delivered = 0, ended = 0, shorts = 0, talk = 0, heard = 0, pdd = 0;
        foreach (ref Bucket bucket in _buckets.AsSpan())
        {
            if (epoch - Volatile.Read(ref bucket.Epoch) >= _buckets.Length || bucket.Epoch <= 0) continue;
            attempts += bucket.Attempts;
            answered += bucket.Answered;
            delivered += bucket.Delivered;
            ended += bucket.Ended;
            shorts += bucket.Short;
            talk += bucket.TalkMillis;
            heard += bucket.Heard;
            pdd += bucket.PddMillis;
        }
        return new QualitySample(attempts, answered, delivered, ended, shorts, talk, heard, pdd);
    }

    /// <summary>Attempts (65,535 at most) and answer rate, a second old at most: what the order of gateways reads.</summary>
    public (int Attempts, int AnswerRate) Brief(Instant now)
    {
        long second = (now.Micros / 1_000_000) & int.MaxValue;
        long brief = Volatile.Read(ref _brief);
        if (brief >> 32 != second)
        {
            QualitySample sum = Sum(now);
            brief = (second << 32) | (Math.Min(sum.Attempts, ushort.MaxValue) << 16) | (uint)Math.Max(0, sum.AnswerRate);
            Volatile.Write(ref _brief, brief);
        }
        return ((int)(brief >> 16) & 0xffff, (int)brief & 0xffff);
    }

    /// <summary>What was noted so far counts no more: the failures of before must not condemn a gateway that has proved itself since.</summary>
    public void Forget()
    {
        foreach (ref Bucket bucket in _buckets.AsSpan()) Volatile.Write(ref bucket.Epoch, 0);
        Volatile.Write(ref _brief, 0);
    }

    /// <summary>Nothing counts any more.</summary>
    public bool IsIdle(Instant now) => Sum(now) is { Attempts: 0, Ended: 0 };

    private long EpochOf(Instant now) => (now.Micros / _bucketMicros) + 1; // 0 is a bucket never used

    private ref Bucket At(Instant now, out bool ok)
    {
        long epoch = EpochOf(now);
        ref Bucket bucket = ref _buckets[(int)(epoch % _buckets.Length)];
        long seen = Volatile.Read(ref bucket.Epoch);
        if (seen < epoch && seen != Emptying && Interlocked.CompareExchange(ref bucket.Epoch, Emptying, seen) == seen)
        {
            bucket.Attempts = bucket.Answered = bucket.Delivered = bucket.Ended = bucket.Short = bucket.TalkMillis = bucket.Heard = bucket.PddMillis = 0;
            Volatile.Write(ref bucket.Epoch, epoch);
        }
        ok = Volatile.Read(ref bucket.Epoch) == epoch;
        return ref bucket;
    }

    private struct Bucket
    {
        public long Epoch, Attempts, Answered, Delivered, Ended, Short, TalkMillis, Heard, PddMillis;
    }
}
