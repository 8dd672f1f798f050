using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Switching.Routing;

/// <summary>An account as compiled: whom to charge, and by which rates. Its money is the ledger's.</summary>
public sealed class Account
{
    public required AccountId Id { get; init; }

    public required string Number { get; init; }

    /// <summary>Free text of the operator; shown to carriers only where SS_SIP_E164_DISPLAY_FROM is Account.</summary>
    public string Name { get; init; } = "";

    public required Currency Currency { get; init; }

    public required bool Locked { get; init; }

    /// <summary>The agent above it; null for none. A tree: no account is above itself.</summary>
    public Account? Agent { get; internal set; }

    /// <summary>Null when the account has no deck: its calls have no rate.</summary>
    public required RateTable? Rates { get; init; }

    /// <summary>In which the deck's periods are meant: its own time zone, or the switch's.</summary>
    public Selection.WorkCalendar Calendar { get; init; } = Selection.WorkCalendar.Utc;

    /// <summary>What turns prices of a deck in another currency into the account's.</summary>
    public ExchangeTable Exchanges { get; init; } = ExchangeTable.Empty;

    /// <summary>
    /// What the deck has for a number at a moment: the price of the period of the week where the line has some, in the account's currency by the rate of exchange
    /// of that moment. Where there is none it stays in the deck's, and nobody can be charged by it.
    /// </summary>
    public RateLookup FindRate(in DialString number, Instant now, out Rate rate, out string period)
    {
        period = "";
        rate = default;
        RateLookup found = Rates?.Find(number, out rate) ?? RateLookup.None;
        if (rate.HasPeriods) rate = rate with { Tariff = rate.TariffAt(Calendar.At(now), out period) };
        if (rate.Tariff.Currency != Currency && found == RateLookup.Found && Exchanges.TryFind(rate.Tariff.Currency, Currency, now, out Exchange? exchange))
            rate = rate with { Tariff = rate.Tariff with { Currency = Currency, Terms = (rate.Tariff.Terms ?? TariffTerms.None) with { Exchange = exchange } } };
        return found;
    }

    /// <summary>Empty when there is none.</summary>
    public required string DeckName { get; init; }

    /// <summary>Content address of the deck's version; empty when there is none.</summary>
    public required string DeckVersion { get; init; }
}
