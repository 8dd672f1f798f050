using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>A callback that is asked for (docs/callbacks.md).</summary>
/// <param name="Caller">The number that is called first.</param>
/// <param name="Callee">The number it is joined with, or several separated by commas: the first that answers.</param>
/// <param name="Access">The access number: a phone's.</param>
public sealed record CallbackRequest(string Caller, string Callee, string Access)
{
    /// <summary>The phone that pays for the call to the caller; left out: the access number's.</summary>
    public string? CallerPayer { get; init; }

    /// <summary>The phone that pays for the calls to the callees; left out: the access number's.</summary>
    public string? CalleePayer { get; init; }

    /// <summary>The calling number the caller sees; left out: the access number, as its phone is shown.</summary>
    public string? ShownToCaller { get; init; }

    /// <summary>The calling number the callees see; left out: the caller's.</summary>
    public string? ShownToCallee { get; init; }
}

/// <summary>A callback that has begun.</summary>
/// <param name="Call">The call to the caller: ending it ends the callback.</param>
public sealed record CallbackView(CallId Call);

/// <summary>A callee to be reserved (docs/callbacks.md).</summary>
/// <param name="Caller">Who will call the access number.</param>
/// <param name="Callee">Whom that call is for.</param>
/// <param name="Access">The access number: a phone's.</param>
public sealed record ReservationRequest(string Caller, string Callee, string Access);

/// <summary>A callee that is reserved.</summary>
/// <param name="Caller">Who will call the access number.</param>
/// <param name="Callee">Whom that call is for.</param>
/// <param name="Access">The access number.</param>
/// <param name="Until">From here on it is forgotten.</param>
public sealed record ReservationView(string Caller, string Callee, string Access, Instant Until);
