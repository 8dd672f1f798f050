using Tandem.Primitives;

namespace Tandem.Sip.Transactions;

/// <summary>Where messages leave. The bytes are copied before the call returns.</summary>
public interface ISipSender
{
    /// <summary>Over TCP and TLS by the open connection to exactly this address, else by one opened for it; what fails is told by <see cref="TransactionLayer.OnTransportError"/>.</summary>
    void Send(int listener, in NetAddress to, ReadOnlySpan<byte> message);

    /// <summary>True while a connection of the listener to exactly this address is open; over UDP never.</summary>
    bool IsConnected(int listener, in NetAddress to) => false;

    /// <summary>Before a request to there: whom the certificate must name if a TLS connection has to be opened.</summary>
    void Expect(in NetAddress at, string serverName)
    {
    }
}
