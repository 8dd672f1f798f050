using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>One line of a deck: what calls to numbers beginning so cost.</summary>
/// <param name="Prefix">1 to 16 of 0-9 * #.</param>
/// <param name="Area">The destination in words.</param>
/// <param name="Tariff">The price, in the deck's currency.</param>
/// <param name="Locked">Calls there are refused.</param>
public readonly record struct Rate(DialString Prefix, string Area, Tariff Tariff, bool Locked);

/// <summary>What a deck has for a number.</summary>
public enum RateLookup : byte
{
    /// <summary>No prefix of the number is in the deck.</summary>
    None,
    Found,
    /// <summary>The longest prefix is there and locked: the call is refused (<see cref="Refusal.NoRate"/>).</summary>
    Locked,
}
