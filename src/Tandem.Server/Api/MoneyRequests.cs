namespace Tandem.Server.Api;

/// <summary>A payment that is made of another, or of a balance.</summary>
public sealed record ReversalRequest
{
    /// <summary>Its own id: the same id is booked once.</summary>
    public required string Id { get; init; }
    public string? Memo { get; init; }
}

/// <summary>A stock card used up.</summary>
public sealed record CardUseRequest
{
    public required string Pin { get; init; }
    public required string Password { get; init; }
    /// <summary>Recharged; left out: the card opens one of its own.</summary>
    public string? Account { get; init; }
    /// <summary>A calling number bound to the active card it opens.</summary>
    public string? BoundNumber { get; init; }
}

/// <summary>Stock cards to be made; what is of a card is as in section stockCards of a document (docs/cards.md).</summary>
public sealed record CardsRequest
{
    public required int Count { get; init; }
    /// <summary>Of a PIN; 12.</summary>
    public int? Digits { get; init; }
    /// <summary>What every PIN begins with.</summary>
    public string? Prefix { get; init; }
    /// <summary>Of a password; 8.</summary>
    public int? PasswordDigits { get; init; }
    public required string Currency { get; init; }
    public string? Money { get; init; }
    public string? LimitMoney { get; init; }
    public string? BitsOfConfig { get; init; }
    public string? FeeRateGroup { get; init; }
    public string? ExpireTime { get; init; }
    public string? AgentAccount { get; init; }
    public string? SuiteNames { get; init; }
    public string? Memo { get; init; }
}

/// <summary>A call made elsewhere.</summary>
public sealed record ExternalCallRequest
{
    /// <summary>Known once; left out or -1: the switch gives a number.</summary>
    public long? FlowNumber { get; init; }
    /// <summary>phone, gateway, boundNumber or card.</summary>
    public required string BillingMode { get; init; }
    /// <summary>Its number, name or PIN.</summary>
    public required string Payer { get; init; }
    public string? Caller { get; init; }
    /// <summary>As it is billed.</summary>
    public required string Callee { get; init; }
    /// <summary>RFC 3339, or a date.</summary>
    public required string Start { get; init; }
    public required int Seconds { get; init; }
    public string? CallerGateway { get; init; }
    public string? CalleeGateway { get; init; }
    /// <summary>200.</summary>
    public int? EndReason { get; init; }
}
