using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>
/// How talk time becomes money: a fee for connecting, then a rate per minute counted in intervals (docs/billing.md).
/// </summary>
/// <param name="RatePerMinuteNanos">Rate for sixty seconds, nanos of the currency; not negative.</param>
/// <param name="ConnectFeeNanos">Charged once when the call was answered and lasted at least one billable second.</param>
/// <param name="FirstSeconds">The first interval: talk up to this is charged as this; at least 1.</param>
/// <param name="NextSeconds">Each further interval, rounded up; at least 1.</param>
/// <param name="Currency">The deck's currency.</param>
public readonly record struct Tariff(long RatePerMinuteNanos, long ConnectFeeNanos, int FirstSeconds, int NextSeconds, Currency Currency);
