using Tandem.Sip.Messages;

namespace Tandem.Sip.Transactions;

/// <summary>What the transactions of one shard count; written by its thread alone.</summary>
public sealed class TransactionCounters
{
    public long Requests;
    public long Responses;
    public long Malformed;

    /// <summary>Malformed messages by their first defect.</summary>
    public readonly long[] Defects = new long[SipDefects.Count];

    /// <summary>Requests answered 513.</summary>
    public long HeadsTooLarge;
    public long RetransmissionsReceived;
    public long RetransmissionsSent;
    public long StrayResponses;
    public long ServersRefused;
    public long Merged;

    /// <summary>Answers sent without a transaction.</summary>
    public long StatelessAnswers;

    /// <summary>Answers not sent, being too long for what they answer.</summary>
    public long AnswersTooLong;
}
