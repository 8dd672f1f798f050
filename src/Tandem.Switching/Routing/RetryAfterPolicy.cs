namespace Tandem.Switching.Routing;

/// <summary>Which failures with a Retry-After rest the gateway that gave them.</summary>
public enum RetryAfterPolicy : byte
{
    /// <summary>500 and 503: those speak of the server. The others speak of the called party (RFC 3261 §20.33), whom other callers do not call.</summary>
    ServerErrors = 0,

    /// <summary>480, 486, 600 and 603 too: VOS3000's way, for carriers that speak of themselves by them.</summary>
    Any = 1,

    /// <summary>None.</summary>
    Ignore = 2,
}

public static class RetryAfterPolicies
{
    public static bool Rests(this RetryAfterPolicy policy, int status) => status switch
    {
        500 or 503 => policy != RetryAfterPolicy.Ignore,
        480 or 486 or 600 or 603 => policy == RetryAfterPolicy.Any,
        _ => false,
    };
}
