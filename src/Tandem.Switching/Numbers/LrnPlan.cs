using Tandem.Primitives;
using Tandem.Switching.Configuration;

namespace Tandem.Switching.Numbers;

/// <summary>How a caller's calls are asked about number portability, as compiled; null where they are not.</summary>
public sealed class LrnPlan(LrnConfig said)
{
    public int EatPrefixLength { get; } = said.EatPrefixLength;

    public bool ContinueOnFailure { get; } = said.ContinueOnFailure;

    public DialString InterstatePrefix { get; } = DialString.Parse(said.InterstateBillingPrefix);

    public DialString UndeterminedPrefix { get; } = DialString.Parse(said.UndeterminedBillingPrefix);

    public static LrnPlan? Of(LrnConfig said) => said.Enable ? new LrnPlan(said) : null;
}
