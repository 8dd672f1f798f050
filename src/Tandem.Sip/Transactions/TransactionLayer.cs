using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Primitives.Bytes;
using Tandem.Primitives.Settings;
using Tandem.Sip.Messages;
using Tandem.Sip.Transports;

namespace Tandem.Sip.Transactions;

/// <summary>
/// The live transactions of one shard (RFC 3261 §17): recognises retransmissions, answers and repeats by the four tables, keeps
/// their deadlines. Bytes in and bytes out, time handed in; pooled, so a message in the steady state allocates nothing. Server transactions are
/// found by a keyed hash of branch and sent-by, client transactions by the slot our own branch carries.
/// </summary>
public sealed partial class TransactionLayer
{
    /// <summary>z9hG4bK and thirteen characters.</summary>
    public const int BranchLength = 7 + Base32.Length;

    /// <summary>No answer to a request nobody vouches for is longer than this many times the request.</summary>
    public const int MostAmplification = 3;

    // RFC 3261 §18.1.1: a request above this goes by a transport with congestion control.
    private const int LargestOverUdp = 1300;

    // How long a peer that refused TCP is not asked again, and how many such peers are remembered.
    private static readonly TimeSpan TcpRefusalHolds = TimeSpan.FromMinutes(5);
    private const int MostTcpRefusals = 1024;

    private readonly ITransactionUser _user;
    private readonly ISipSender _sender;
    private readonly BytePool _pool;
    private readonly EntropySource _entropy;
    private readonly SipTimers _timers;
    private readonly KeyedHash _hash;
    private readonly int _maxServers;
    private readonly SipListeners? _listeners;

    private readonly SipMessage _message = new();
    private readonly SipMessage _stored = new();
    private readonly byte[] _text = new byte[65_536];

    private readonly List<ServerTransaction> _servers = [];
    private readonly Stack<int> _freeServers = new();
    private readonly Dictionary<ulong, int> _serversByKey = [];
    private readonly Dictionary<ulong, int> _invitesByMergeKey = [];
    private readonly DeadlineQueue _serverDeadlines = new();

    private readonly List<ClientTransaction> _clients = [];
    private readonly Stack<int> _freeClients = new();
    private readonly DeadlineQueue _clientDeadlines = new();
    private readonly Dictionary<NetAddress, Instant> _tcpRefused = [];
    private readonly List<(int Slot, ulong Branch)> _struck = [];
    private int _headLength;
    private int _receivedLength;

    /// <param name="user">Who stands above.</param>
    /// <param name="sender">Where bytes leave.</param>
    /// <param name="pool">Of the shard.</param>
    /// <param name="entropy">For branches and for the hash key.</param>
    /// <param name="timers">RFC 3261 Table 4.</param>
    /// <param name="maxServers">Server transactions at once; beyond it a request gets a stateless 503.</param>
    /// <param name="listeners">Which of them are reliable; null: all are UDP.</param>
    public TransactionLayer(ITransactionUser user, ISipSender sender, BytePool pool, EntropySource entropy, SipTimers? timers = null, int maxServers = 1 << 20, SipListeners? listeners = null)
    {
        _user = user;
        _sender = sender;
        _pool = pool;
        _entropy = entropy;
        _timers = timers ?? SipTimers.Default;
        _hash = new KeyedHash(entropy.NextUInt64());
        _maxServers = maxServers;
        _listeners = listeners;
    }

    /// <summary>The pauses between retransmissions of a request over UDP, in the place of Timers A and E; after the last and the first once more it is given up. Null: RFC 3261's.</summary>
    public SecondsList? ResendSchedule { get; set; }

    public TransactionCounters Counters { get; } = new();

    public int OpenServers => _servers.Count - _freeServers.Count;

    public int OpenClients => _clients.Count - _freeClients.Count;

    public Instant NextDeadline => Instant.Min(_serverDeadlines.Earliest, _clientDeadlines.Earliest);

    /// <summary>One datagram. Malformed requests that can be answered get 400, everything else that is no SIP gets silence.</summary>
    public void Receive(int listener, in NetAddress source, byte[] buffer, int offset, int length, Instant now)
    {
        _receivedLength = length;
        SipDefect defect = _message.Parse(buffer, offset, length);
        if (defect == SipDefect.Empty) return;
        if (defect != SipDefect.None)
        {
            Counters.Malformed++;
            Counters.Defects[(int)defect]++;
            if (_message.IsRequest && _message.CanBeAnswered && defect.AnswerStatus() > 0 && _user.AnswersMalformed(source, now)) RespondStateless(_message, source, listener, defect.AnswerStatus(), defect.ReasonBytes());
            return;
        }
        if (!_message.IsRequest)
        {
            Counters.Responses++;
            OnResponse(source, now);
            return;
        }
        Counters.Requests++;
        OnRequest(listener, source, now);
    }

    /// <summary>Every deadline not after now. True if there was one.</summary>
    public bool Expire(Instant now)
    {
        bool any = false;
        while (_clientDeadlines.TryTakeExpired(now, out int slot))
        {
            any = true;
            OnClientDeadline(_clients[slot], now);
        }
        while (_serverDeadlines.TryTakeExpired(now, out int slot))
        {
            any = true;
            OnServerDeadline(_servers[slot], now);
        }
        return any;
    }

    private void Store(ref byte[]? buffer, ref int length, ReadOnlySpan<byte> bytes)
    {
        Drop(ref buffer);
        buffer = _pool.Copy(bytes);
        length = bytes.Length;
    }

    private void Drop(ref byte[]? buffer)
    {
        if (buffer is not null) _pool.Return(buffer);
        buffer = null;
    }
}
