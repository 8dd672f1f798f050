using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Digest;
using Tandem.Sip.Locating;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Calls;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Registrations;

/// <summary>One registration at a carrier and all it holds. Touched by one thread, the owner of its shard.</summary>
internal sealed class Trunk(int slot, RoutingGateway gateway, BytePool pool, EntropySource entropy)
{
    public readonly int Slot = slot;

    /// <summary>The gateway as compiled last.</summary>
    public RoutingGateway Gateway = gateway;

    public TrunkState State;
    public TrunkStatus Status = null!;
    public readonly DigestClient Signer = new(pool, entropy);

    // RFC 3261 §10.2: one Call-ID for all REGISTERs of this life, CSeq growing.
    public readonly byte[] CallId = new byte[OwnCallId.Length];
    public ulong Tag;
    public uint CSeq;

    public HopSet Hops = HopSet.Empty;
    public readonly byte[] Order = new byte[HopSet.MaxHops];
    public int NextHop;
    public Hop Hop;
    public int Listener;
    public ClientTransaction? Out;

    /// <summary>Challenges answered for the request under way.</summary>
    public int Rounds;

    /// <summary>Of the request under way, s.</summary>
    public int AskedSeconds;

    /// <summary>What the registrar wants at least (423), s; 0: it did not say.</summary>
    public int LeastSeconds;

    /// <summary>The longest pause a registrar asked for with Retry-After since the request began.</summary>
    public TimeSpan RetryAfter;

    public string Trouble = "";
    public Instant DueAt = Instant.Never;

    public Instant NextDeadline => Status.IsUp ? Instant.Min(DueAt, Status.Expires) : DueAt;

    /// <summary>The same registration: another name, password, place or domain is another one, and this is to be ended.</summary>
    public bool IsFor(RoutingGateway other) =>
        Gateway.Target == other.Target
        && Gateway.RegisterName.AsSpan().SequenceEqual(other.RegisterName)
        && Gateway.Password.AsSpan().SequenceEqual(other.Password)
        && Gateway.LocalDomain.AsSpan().SequenceEqual(other.LocalDomain);
}
