using Tandem.Primitives;

namespace Tandem.Sip.Transactions;

/// <summary>Where messages leave. The bytes are copied before the call returns.</summary>
public interface ISipSender
{
    void Send(int listener, in NetAddress to, ReadOnlySpan<byte> message);
}
