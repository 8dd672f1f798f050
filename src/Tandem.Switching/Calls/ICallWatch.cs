using Tandem.Primitives;

namespace Tandem.Switching.Calls;

/// <summary>Told of calls as they come, ring, are answered and end.</summary>
public interface ICallWatch
{
    /// <summary>A call has another state. On the shard's own thread, which waits: what takes time is for another.</summary>
    void OnState(Shard shard, Call call, Instant now);
}
