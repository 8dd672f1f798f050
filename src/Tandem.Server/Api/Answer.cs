namespace Tandem.Server.Api;

/// <summary>Why a request was refused; each has one HTTP status.</summary>
public enum FaultKind
{
    /// <summary>400: the request or the document in it is wrong; the errors say where.</summary>
    Invalid,
    /// <summary>403: it is not for who asks.</summary>
    Forbidden,
    /// <summary>404: what it names does not exist.</summary>
    NotFound,
    /// <summary>409: it contradicts what is there (a payment id used for another payment, an account that is locked).</summary>
    Conflict,
    /// <summary>412: it was made from a revision that is no longer in force.</summary>
    Stale,
    /// <summary>503: the switch cannot take it now (journal cannot grow, stopping); the same request may be sent again.</summary>
    Unavailable,
}

/// <summary>One thing wrong in a request.</summary>
/// <param name="Line">Line in the document or CSV, from 1; 0 when the request has no lines.</param>
/// <param name="Field">Path of the field (<c>routingGateways[1].priority</c>), query parameter or column; empty for the whole.</param>
/// <param name="Says">What is wrong, without repeating line and field.</param>
public sealed record FieldFault(int Line, string Field, string Says)
{
    public override string ToString() => (Line > 0, Field.Length > 0) switch
    {
        (true, true) => $"line {Line}, {Field}: {Says}",
        (true, false) => $"line {Line}: {Says}",
        (false, true) => $"{Field}: {Says}",
        _ => Says,
    };
}

/// <summary>A refusal of the switch towards the API.</summary>
public sealed record Fault(FaultKind Kind, string Says, IReadOnlyList<FieldFault> Errors)
{
    public Fault(FaultKind kind, string says) : this(kind, says, []) { }
}

/// <summary>What was asked for, or why not. Exactly one of the two is there.</summary>
public readonly record struct Answer<T> where T : class
{
    private Answer(T? value, Fault? fault)
    {
        Value = value;
        Fault = fault;
    }

    public T? Value { get; }

    public Fault? Fault { get; }

    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Fault fault) => new(null, fault);
}
