using Tandem.Primitives;

namespace Tandem.Switching.Routing;

/// <summary>A calling number bound to an active card, as compiled.</summary>
/// <param name="Pin">The card's.</param>
/// <param name="Account">Pays.</param>
/// <param name="DisplayNumber">Shown in place of the calling number; empty: that one.</param>
/// <param name="CalleeRules">Applied to the called number.</param>
public sealed record BoundNumber(string Pin, Account Account, DialString DisplayNumber, DialPlan CalleeRules);
