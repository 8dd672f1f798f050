using System.Collections.Immutable;

namespace Tandem.Switching.Configuration;

/// <summary>Who may call the Web API (docs/webapi.md): an entry of its access list. What no entry allows is refused.</summary>
public sealed record WebAccessConfig
{
    public required string Name { get; init; }

    /// <summary><c>/external/server</c> for every method, <c>/external/server/METHOD</c> for one.</summary>
    public ImmutableArray<string> Directories { get; init; } = [];

    /// <summary>Addresses and networks.</summary>
    public ImmutableArray<string> AllowedIps { get; init; } = [];

    /// <summary>What must stand in <c>Authorization: Bearer</c> besides; empty: the address is enough.</summary>
    public string Token { get; init; } = "";

    public string Memo { get; init; } = "";
}
