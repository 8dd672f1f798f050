using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>
/// One place CDRs go to. It remembers, together with what it keeps, how far in the journal it has got; after a crash it is
/// asked for its position and handed everything from there again.
/// </summary>
public interface ICdrConsumer
{
    /// <summary>As operators know it: "the CDR database".</summary>
    string Name { get; }

    /// <summary>Journal position up to which everything was kept.</summary>
    long Position { get; }

    /// <summary>Keeps all of the batch and the position, or throws and has kept neither: the same batch comes again.</summary>
    /// <param name="cdrs">In journal order; may be empty.</param>
    /// <param name="position">Journal position after the last of them.</param>
    void Take(IReadOnlyList<Cdr> cdrs, long position);

    /// <summary>It waits for somebody outside this machine's disk, and gets a thread of its own: others do not wait with it.</summary>
    bool Alone => false;

    /// <summary>Breaks off what another thread may be waiting for in <see cref="Take"/>, which then throws.</summary>
    void BreakOff() { }

    /// <summary>Called between batches, some times a second: what is to be done as time passes.</summary>
    /// <param name="now">The time.</param>
    /// <param name="caughtUp">It has taken everything the journal holds.</param>
    void Turn(Instant now, bool caughtUp) { }
}

/// <summary>The finished calls in the journal, in its order, up to where it is durable. Any thread.</summary>
public interface IFinishedCalls
{
    /// <summary>Position up to which the journal can be read now.</summary>
    long End { get; }

    /// <summary>Adds the CDRs of finished calls after <paramref name="position"/> to <paramref name="into"/>, at most <paramref name="most"/> and none behind <paramref name="until"/>, and returns the position after what was read.</summary>
    long Read(long position, int most, List<Cdr> into, long until = long.MaxValue);
}
