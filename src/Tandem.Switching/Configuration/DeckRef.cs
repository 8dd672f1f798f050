using Tandem.Primitives;

namespace Tandem.Switching.Configuration;

/// <summary>A deck's name and the version it stands for now. Versions are content addresses: the rates behind one never change.</summary>
/// <param name="Name">As accounts name it.</param>
/// <param name="Currency">The currency of all its rates.</param>
/// <param name="Version">Lower-case hexadecimal SHA-256 of the deck's canonical bytes.</param>
public sealed record DeckRef(string Name, Currency Currency, string Version)
{
    /// <summary>Seconds of what is announced to card users as a minute.</summary>
    public int FakeMinute { get; init; } = 60;

    public string Memo { get; init; } = "";
}
