namespace Tandem.Server.Access;

/// <summary>What is asked of users, keys and sessions: the fields each request may have.</summary>
public sealed record LoginRequest
{
    public required string User { get; init; }
    public required string Password { get; init; }
    /// <summary>Of the authenticator program, where one is set up.</summary>
    public string? Code { get; init; }
}

public sealed record PasswordRequest
{
    /// <summary>The one in use.</summary>
    public required string Password { get; init; }
    /// <summary>The new one.</summary>
    public required string Next { get; init; }
}

public sealed record CodeRequest
{
    /// <summary>What the authenticator program shows now.</summary>
    public required string Code { get; init; }
}

public sealed record UserRequest
{
    public required string Name { get; init; }
    /// <summary>administrator, finance, routing, support, readOnly, agent or customer.</summary>
    public required string Role { get; init; }
    /// <summary>Of an agent or customer.</summary>
    public string? Account { get; init; }
    /// <summary>Of a customer who is one device: phone:NUMBER or gateway:NAME.</summary>
    public string? Device { get; init; }
    /// <summary>Left out: one is made, and shown once.</summary>
    public string? Password { get; init; }
}

public sealed record UserChangeRequest
{
    public string? Role { get; init; }
    public string? Account { get; init; }
    public string? Device { get; init; }
    public string? Password { get; init; }
    public bool? Disabled { get; init; }
    /// <summary>Only false: his authenticator is lost.</summary>
    public bool? Totp { get; init; }
}

public sealed record KeyRequest
{
    public required string Name { get; init; }
    /// <summary>What it may, as a user of that role.</summary>
    public required string Role { get; init; }
    /// <summary>Of an agent or customer.</summary>
    public string? Account { get; init; }
    /// <summary>Of a customer who is one device: phone:NUMBER or gateway:NAME.</summary>
    public string? Device { get; init; }
    /// <summary>RFC 3339, or a date; left out: never.</summary>
    public string? Expires { get; init; }
}
