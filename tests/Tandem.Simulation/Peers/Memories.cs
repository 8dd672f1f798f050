using Tandem.Primitives;

namespace Tandem.Simulation.Peers;

/// <summary>What a calling peer knows of a call when all is over.</summary>
internal sealed class CallMemory
{
    /// <summary>The number that this call alone has; empty for a call between phones.</summary>
    public required string Key { get; init; }

    public required string Caller { get; init; }

    public required string Callee { get; init; }

    public required bool ByPhone { get; init; }

    public Instant Began { get; init; }

    /// <summary>The failure that ended the INVITE; 0 if none came.</summary>
    public int FailedWith { get; set; }

    public Instant? Established { get; set; }

    public Instant? SaidBye { get; set; }

    public Instant? HeardBye { get; set; }

    public bool Deaf { get; set; }

    /// <summary>Its caller asked for a transfer and it was taken up: how it ends is the others' affair.</summary>
    public bool Transferred { get; set; }

    /// <summary>It asked for a place in another call: no call of its own.</summary>
    public bool Replaces { get; init; }

    /// <summary>When it lost its power, in the middle of the call; from then on it says and hears nothing.</summary>
    public Instant? Vanished { get; set; }

    /// <summary>The session interval agreed upon, s (RFC 4028); 0 = none.</summary>
    public int Session { get; set; }
}

/// <summary>What an answering peer knows of one dialog.</summary>
internal sealed class AnswerMemory
{
    public required string Callee { get; init; }

    public required string Caller { get; init; }

    public required Instant Answered { get; init; }

    public required bool Deaf { get; init; }

    /// <summary>False when so long nothing was said that the INVITE's transaction is over (RFC 3261 §17.1.1.2, Timer B): nobody hears this answer.</summary>
    public required bool InTime { get; init; }

    /// <summary>When it lost its power, in the middle of the call; from then on it says and hears nothing.</summary>
    public Instant? Vanished { get; set; }

    /// <summary>The session interval agreed upon, s (RFC 4028); 0 = none.</summary>
    public int Session { get; set; }

    /// <summary>It asked for a transfer, or its place was asked for: how its call ends is the others' affair.</summary>
    public bool Transferred { get; set; }

    public Instant? Acknowledged { get; set; }

    public Instant? SaidBye { get; set; }

    public Instant? HeardBye { get; set; }
}

/// <summary>What a peer knows of an INVITE made to it, answered or not.</summary>
internal sealed class InvitationMemory
{
    public required string Callee { get; init; }

    public required string Caller { get; init; }

    public required Instant Invited { get; init; }

    /// <summary>The first provisional response; from then on the switch owes an end: it waits for the answer or says CANCEL.</summary>
    public Instant? Acceded { get; set; }

    public bool Ended { get; set; }
}
