using System.Collections.Immutable;
using Tandem.Primitives;

namespace Tandem.Sip.Locating;

/// <summary>The record types by which SIP servers are located (RFC 3263).</summary>
public enum DnsType : byte { A, Aaaa, Srv, Naptr }

/// <summary>What a name server is asked.</summary>
/// <param name="Name">Lower case, without a final dot.</param>
/// <param name="Type">One type.</param>
public readonly record struct DnsQuestion(string Name, DnsType Type);

/// <summary>What became of a question.</summary>
public enum DnsOutcome : byte
{
    /// <summary>At least one record.</summary>
    Found,

    /// <summary>The name exists, without records of the type (RFC 2308 §2.2).</summary>
    NoData,

    /// <summary>NXDOMAIN: the name does not exist.</summary>
    NoSuchName,

    /// <summary>No name server answered, or the answer was a failure of its own: nothing is known.</summary>
    Unanswered,
}

/// <summary>RFC 2782: target and port of a service.</summary>
public readonly record struct SrvRecord(int Priority, int Weight, int Port, string Target);

/// <summary>RFC 3403: of which only flag "s" and the services of RFC 3263 §4.1 are used here.</summary>
public readonly record struct NaptrRecord(int Order, int Preference, string Flags, string Service, string Replacement);

/// <summary>The answer to one question, as received.</summary>
public sealed record DnsAnswer
{
    public required DnsOutcome Outcome { get; init; }

    /// <summary>How long it may be kept: the least of its records; of a negative answer what its SOA says (RFC 2308 §5).</summary>
    public TimeSpan Ttl { get; init; }

    /// <summary>With port 0, in the order received.</summary>
    public ImmutableArray<NetAddress> Addresses { get; init; } = [];

    public ImmutableArray<SrvRecord> Services { get; init; } = [];

    public ImmutableArray<NaptrRecord> Pointers { get; init; } = [];
}
