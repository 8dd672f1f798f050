using Tandem.Bench.Load;

namespace Tandem.Bench.Media;

/// <summary>What relays the media of a bench.</summary>
internal interface IRelay : IDisposable
{
    string Name { get; }

    IReadOnlyList<int> Pids { get; }

    /// <summary>Has a call set up for each pair of streams, and tells them where to send.</summary>
    void Open(RtpStreams streams, CancellationToken stop);
}

/// <summary>Nothing between: each end sends to the other.</summary>
internal sealed class NoRelay : IRelay
{
    public string Name => "nothing between";

    public IReadOnlyList<int> Pids => [];

    public void Open(RtpStreams streams, CancellationToken stop)
    {
        for (int i = 0; i < 2 * streams.Calls; i++) streams.Send(i, streams.Local(i ^ 1));
    }

    public void Dispose()
    {
    }
}
