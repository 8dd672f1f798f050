using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>A UTC day of calls.</summary>
/// <param name="From">Its midnight.</param>
/// <param name="Calls">That ended in it.</param>
public readonly record struct CdrDay(Instant From, long Calls)
{
    public Instant To => From + TimeSpan.FromDays(1);
}

/// <summary>The CDRs as a database that can be asked; a projection of the journal. One writer; any thread may ask.</summary>
public interface ICdrStore : ICdrConsumer, IDisposable
{
    /// <summary>One page, newest first. Waits while four others are asking.</summary>
    /// <exception cref="IOException">The database cannot be read; the message is a sentence for the operator.</exception>
    Task<CdrPage> QueryAsync(CdrQuery query, Instant now, CancellationToken stop);

    /// <summary>What the calls of a query come to. Whole hours without numbers, durations or amounts in the question are answered from the sums of the hours.</summary>
    /// <exception cref="IOException">The database cannot be read; the message is a sentence for the operator.</exception>
    Task<CdrSums> SumAsync(CdrQuery query, Instant now, CancellationToken stop);

    /// <summary>The calls of whole hours by what they are asked by: gateways, customers, destinations, hours.</summary>
    /// <exception cref="IOException">The database cannot be read; the message is a sentence for the operator.</exception>
    Task<IReadOnlyList<CdrAnalysisRow>> AnalyseAsync(CdrAnalysis analysis, CancellationToken stop);

    /// <summary>The CDR of one call, null when there is none.</summary>
    Task<Cdr?> FindAsync(CallId call, CancellationToken stop);

    /// <summary>Those of a batch that are not in the database, whatever was to be kept out of it.</summary>
    /// <exception cref="IOException">The database cannot be read; the message is a sentence for the operator.</exception>
    Task<IReadOnlyList<CallId>> MissingAsync(IReadOnlyList<Cdr> cdrs, CancellationToken stop);

    /// <summary>All calls of a query, newest first, page by page: for exports of any length.</summary>
    IAsyncEnumerable<Cdr> AllAsync(CdrQuery query, Instant now, long most, CancellationToken stop);

    /// <summary>The days there are, the oldest first.</summary>
    Task<IReadOnlyList<CdrDay>> DaysAsync(CancellationToken stop);

    /// <summary>Days that ended before an instant are dropped at the writer's next turn, with the sums of their hours. They are not built again, unless the whole database is.</summary>
    void ForgetBefore(Instant before);
}
