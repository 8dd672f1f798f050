namespace Tandem.Switching.Identity;

/// <summary>The Privacy header towards an endpoint (sipPrivacy).</summary>
public enum PrivacyMode : byte
{
    /// <summary>None is written: the endpoint cannot be told that a caller wants to stay unknown, so it is not told who he is.</summary>
    None = 0,

    /// <summary>As the caller said it.</summary>
    Pass = 1,

    /// <summary>Always id.</summary>
    Id = 2,

    /// <summary>The value none, for callers who ask for nothing.</summary>
    NoneValue = 3,
}

/// <summary>P-Asserted-Identity or P-Preferred-Identity towards an endpoint.</summary>
public enum IdentityMode : byte
{
    None = 0,

    /// <summary>The numbers the caller's gateway gave in the same header.</summary>
    Pass = 1,

    /// <summary>The calling number as sent to this endpoint.</summary>
    Caller = 2,
}

/// <summary>What an endpoint is shown of a caller besides the number in From. The default is nothing.</summary>
public sealed record IdentityRules
{
    public static readonly IdentityRules Nothing = new();

    /// <summary>A display name in From; which one is SS_SIP_E164_DISPLAY_FROM.</summary>
    public bool Display { get; init; }

    public bool RemotePartyId { get; init; }

    public PrivacyMode Privacy { get; init; }

    public IdentityMode PPreferredIdentity { get; init; }

    public IdentityMode PAssertedIdentity { get; init; }

    /// <summary>
    /// True when the endpoint belongs to the trust domain (RFC 3325 §2.3): the operator says so by letting it have the Privacy header, so that
    /// it can keep a secret it is told.
    /// </summary>
    public bool IsTrusted => Privacy is PrivacyMode.Pass or PrivacyMode.Id;
}
