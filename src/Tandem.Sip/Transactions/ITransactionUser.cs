using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Transactions;

/// <summary>
/// Who stands above the transactions (RFC 3261 §5: the transaction user). Messages are views: valid during the call only.
/// </summary>
public interface ITransactionUser
{
    /// <summary>
    /// A request that belongs to no transaction, before one is made for it. False: it was answered by <see cref="TransactionLayer.SendStateless"/> or
    /// not at all, and nothing is kept of it. True: <see cref="OnRequest"/> or <see cref="OnAck"/> follows at once.
    /// </summary>
    bool Admits(SipMessage request, int listener, in NetAddress source, Instant now);

    /// <summary>Whether this source is told what is wrong with a request that cannot be understood.</summary>
    bool AnswersMalformed(in NetAddress source, Instant now);

    /// <summary>A new request; answer through <see cref="TransactionLayer"/>, now or later.</summary>
    void OnRequest(SipMessage request, ServerTransaction transaction, Instant now);

    /// <summary>A CANCEL found <paramref name="invite"/>, and was itself answered 200.</summary>
    void OnCancel(SipMessage cancel, ServerTransaction invite, Instant now);

    /// <summary>An ACK that belongs to no transaction: the one for a 2xx (RFC 3261 §13.3.1.4).</summary>
    void OnAck(SipMessage ack, in NetAddress source, Instant now);

    void OnResponse(SipMessage response, ClientTransaction transaction, in NetAddress source, Instant now);

    /// <summary>No final response came in time (timer B or F).</summary>
    void OnTimeout(ClientTransaction transaction, Instant now);

    /// <summary>The connection could not be opened, or broke before an answer came.</summary>
    void OnTransportError(ClientTransaction transaction, Instant now);

    /// <summary>No ACK came for our failure response (timer H): nothing to do but know it.</summary>
    void OnAckMissing(ServerTransaction transaction, Instant now);
}
