namespace Tandem.Sip.Transactions;

/// <summary>
/// The timers of RFC 3261 §17.1.1.1 and Table 4. All are lengths to be added to the moment a state was entered; over reliable
/// transports the tables ask for none of A, D, E, G, I, J, K.
/// </summary>
/// <param name="T1">Round-trip estimate.</param>
/// <param name="T2">The longest pause between retransmissions of anything but an INVITE request.</param>
/// <param name="T4">How long a message may linger in the network.</param>
public sealed record SipTimers(TimeSpan T1, TimeSpan T2, TimeSpan T4)
{
    /// <summary>500 ms, 4 s, 5 s.</summary>
    public static readonly SipTimers Default = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5));

    /// <summary>First INVITE retransmission; doubles each time, without a ceiling.</summary>
    public TimeSpan A => T1;

    /// <summary>INVITE without any response.</summary>
    public TimeSpan B => 64 * T1;

    /// <summary>At least 32 s, for the server's Timer H.</summary>
    public TimeSpan D => 64 * T1 > ThirtyTwoSeconds ? 64 * T1 : ThirtyTwoSeconds;

    /// <summary>First retransmission of another request; doubles up to T2, and is T2 once a provisional response came.</summary>
    public TimeSpan E => T1;

    /// <summary>Another request without a final response.</summary>
    public TimeSpan F => 64 * T1;

    /// <summary>First retransmission of a failure to INVITE; doubles up to T2.</summary>
    public TimeSpan G => T1;

    /// <summary>A failure to INVITE without its ACK.</summary>
    public TimeSpan H => 64 * T1;

    /// <summary>Absorbs further ACKs.</summary>
    public TimeSpan I => T4;

    /// <summary>Absorbs further requests.</summary>
    public TimeSpan J => 64 * T1;

    /// <summary>Absorbs further responses.</summary>
    public TimeSpan K => T4;

    /// <summary>How long an accepted INVITE transaction absorbs INVITEs (RFC 6026 §7.1).</summary>
    public TimeSpan L => 64 * T1;

    /// <summary>How long an accepted INVITE transaction passes 2xx up (RFC 6026 §7.2).</summary>
    public TimeSpan M => 64 * T1;

    /// <summary>The pause after <paramref name="last"/> for timers E and G.</summary>
    public TimeSpan NextUpToT2(TimeSpan last) => 2 * last < T2 ? 2 * last : T2;

    private static readonly TimeSpan ThirtyTwoSeconds = TimeSpan.FromSeconds(32);
}
