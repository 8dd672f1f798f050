namespace Tandem.Primitives.Settings;

/// <summary>An amount of money without a currency, as a setting has it: billionths of whatever unit it is applied to.</summary>
public readonly record struct Amount(long Nanos)
{
    public override string ToString() => new Money(Nanos, default).ToDecimalString();
}
