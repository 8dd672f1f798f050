using Tandem.Primitives;

namespace Tandem.Server.Network.Streams;

/// <summary>Who gets what streams bring: the shards. Any thread.</summary>
public interface IStreamUser
{
    /// <summary>One message, copied before this returns. False when its shard has no room just now: it is offered again.</summary>
    bool TryDeliver(int listener, in NetAddress source, ReadOnlySpan<byte> message);

    /// <summary>A connection requests were sent on could not be opened, or (<paramref name="wasOpen"/>) broke. False when some shard has not heard it yet: it is said again to all.</summary>
    bool TryTellBroken(int listener, in NetAddress peer, bool wasOpen);

    /// <summary>An address that belongs to a gateway.</summary>
    bool IsKnown(in NetAddress address);
}
