using Tandem.Primitives;

namespace Tandem.Switching.WhatIf;

/// <summary>What became of one call in one world.</summary>
/// <param name="Customer">Number of the account that pays; empty: nobody could.</param>
/// <param name="Carrier">The routing gateway, or <see cref="Phones"/>; empty: none would take it.</param>
/// <param name="Destination">The area of the payer's rate; empty: no rate.</param>
/// <param name="Refusal">Why it was not carried; None: it was.</param>
/// <param name="Sale">What the payer is charged; nothing, in his currency, where it is free or was not carried.</param>
/// <param name="Cost">What the carrier charges; the currency is default where that is not known.</param>
public readonly record struct Replayed(string Customer, string Carrier, string Destination, Refusal Refusal, Money Sale, Money Cost)
{
    /// <summary>Carried to a phone of the switch itself.</summary>
    public const string Phones = "(phones)";

    public bool WasCarried => Carrier.Length > 0;
}
