using Tandem.Primitives;

namespace Tandem.Server.Loops;

/// <summary>
/// What a <see cref="SwitchLoop"/> turns: a shard. All calls come from the loop's own thread, in the order of a turn: received
/// datagrams, <see cref="Turn"/>, <see cref="BeforeFlush"/>. An exception is counted and logged as our mistake; the loop goes on.
/// </summary>
public interface ILoopWork
{
    /// <summary>One datagram, at <paramref name="offset"/> of <paramref name="buffer"/>, valid until this returns.</summary>
    /// <param name="listener">Which of the loop's listeners it came to.</param>
    /// <param name="source">Who sent it.</param>
    /// <param name="buffer">The listener's slab.</param>
    /// <param name="offset">Where the datagram begins.</param>
    /// <param name="length">Its length in bytes; may be zero.</param>
    /// <param name="now">The time of this turn.</param>
    void Receive(int listener, in NetAddress source, byte[] buffer, int offset, int length, Instant now);

    /// <summary>Told before what was received: how long the sockets have not been emptied; zero when the last turn emptied them.</summary>
    void NoteLag(TimeSpan lag);

    /// <summary>Takes what other threads posted and what is due. Returns true if anything was done: then the loop turns again before it sleeps.</summary>
    bool Turn(Instant now);

    /// <summary>Writes out what must be on record (the journal) before this turn's messages leave. False when it could not: they wait for a turn in which it can.</summary>
    bool BeforeFlush(Instant now);

    /// <summary>When <see cref="Turn"/> must be called at the latest; <see cref="Instant.Never"/> if nothing is pending.</summary>
    Instant NextDeadline { get; }
}
