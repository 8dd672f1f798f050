using Tandem.Media.Srtp;
using Tandem.Switching.Calls;

namespace Tandem.Server.Media;

/// <summary>The keys of one side of a bridge, at work. The media thread's; null where nothing is encrypted.</summary>
internal sealed class SideSrtp
{
    public SrtpReceiver? Receiver { get; private set; }

    public SrtpSender? Sender { get; private set; }

    /// <summary>What was agreed on. The same keys go on where they are: their counters must not begin anew.</summary>
    public void Follow(in RemoteMedia remote)
    {
        if (!Equals(remote.Receive, Receiver?.Key))
        {
            Receiver?.Dispose();
            Receiver = remote.Receive is { } theirs ? new SrtpReceiver(theirs) : null;
        }
        if (Equals(remote.Send, Sender?.Key)) return;
        Sender?.Dispose();
        Sender = remote.Send is { } ours ? new SrtpSender(ours) : null;
    }
}
