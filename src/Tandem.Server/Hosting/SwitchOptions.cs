using Tandem.Primitives;
using Tandem.Server.Media;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;

namespace Tandem.Server.Hosting;

/// <summary>How one switch is started: what is not a setting (docs/cli.md, <c>tandem run</c>).</summary>
public sealed record SwitchOptions
{
    /// <summary>Holds everything the switch knows: journal, snapshots, decks, CDR database and files.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where SIP is listened for; at least one.</summary>
    public IReadOnlyList<SipBinding> Sip { get; init; } = [NetAddress.Parse("127.0.0.1:5060")];

    /// <summary>Certificates and authorities, for listeners of TLS.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>What a peer of TCP or TLS may cost.</summary>
    public StreamLimits Streams { get; init; } = new();

    /// <summary>What peers are told instead of the address bound, for 0.0.0.0 and behind 1:1 NAT; one of each IP version at most.</summary>
    public IReadOnlyList<NetAddress> Advertise { get; init; } = [];

    /// <summary>The local addresses media is relayed on, and what whom is told of them; for an IP version not among them that of the first SIP listener of it.</summary>
    public IReadOnlyList<RelayAddress> Media { get; init; } = [];

    /// <summary>How long a media port rests between two calls, so that late packets of one do not reach the next; each port that rests is a file handle.</summary>
    public TimeSpan MediaPortRest { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How media threads meet the kernel.</summary>
    public PumpChoice MediaPump { get; init; }

    /// <summary>What all recordings together may take of the disk; the oldest make room (docs/recording.md).</summary>
    public long RecordingBytes { get; init; } = 10L << 30;

    /// <summary>The PostgreSQL database of CDRs; null: SQLite in the data folder (docs/cdr.md).</summary>
    public string? CdrDatabase { get; init; }

    /// <summary>Days of CDRs the database keeps; 0: all.</summary>
    public int CdrKeepDays { get; init; }

    /// <summary>Folder closed days are written to as Parquet files; null: none are.</summary>
    public string? CdrArchive { get; init; }

    /// <summary>Name servers to ask; none: those of the machine (/etc/resolv.conf).</summary>
    public IReadOnlyList<NetAddress> NameServers { get; init; } = [];

    /// <summary>The mail server alarm mails are given to, unencrypted and without a password: the machine's own.</summary>
    public (string Host, int Port) Smtp { get; init; } = ("127.0.0.1", 25);

    /// <summary>Call loops. Each has a thread and a socket of its own per listener.</summary>
    public int Shards { get; init; } = 1;

    public int MaxCallsPerShard { get; init; } = 100_000;

    /// <summary>NAME=VALUE settings applied at the start, as if by an operator called "command line".</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];
}
