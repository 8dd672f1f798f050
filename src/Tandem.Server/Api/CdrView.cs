using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Api;

/// <summary>One side of the money of a call.</summary>
public sealed record ChargeView
{
    public required string Account { get; init; }
    public required Currency Currency { get; init; }
    public required Money Amount { get; init; }
    public required int BilledSeconds { get; init; }
    /// <summary>Talk seconds that packages gave.</summary>
    public int GiftSeconds { get; init; }
    /// <summary>What packages' gift money paid.</summary>
    public Money GiftAmount { get; init; }
    /// <summary>Content address of the deck version that priced the call.</summary>
    public required string DeckVersion { get; init; }
    /// <summary>How much of the amount is tax.</summary>
    public Money Tax { get; init; }

    /// <summary>What one unit of the deck's currency was in the charge's.</summary>
    public string ExchangeRate { get; init; } = "1.00";

    public required RateView Rate { get; init; }

    /// <summary>What the charge stands at after it was rated again; null: it was not, and is the amount.</summary>
    public Money? Corrected { get; init; }

    public static ChargeView? Of(CallCharge? charge, long? corrected = null) => charge is null ? null : new ChargeView
    {
        Corrected = corrected is { } stands ? new Money(stands, charge.Tariff.Currency) : null,
        Account = charge.AccountNumber,
        Currency = charge.Tariff.Currency,
        Amount = new Money(charge.Nanos, charge.Tariff.Currency),
        BilledSeconds = charge.BilledSeconds,
        GiftSeconds = charge.GiftSeconds,
        GiftAmount = new Money(charge.GiftNanos, charge.Tariff.Currency),
        DeckVersion = charge.DeckVersion,
        Tax = new Money(Pricing.TaxOf(charge.Tariff, charge.Nanos), charge.Tariff.Currency),
        ExchangeRate = new Money(charge.Tariff.Terms?.Exchange?.RateNanos ?? Money.NanosPerUnit, default).ToDecimalString(),
        Rate = RateView.Of(charge),
    };
}

/// <summary>A CDR as the API shows it (docs/cdr.md).</summary>
public sealed record CdrView
{
    public required CallId Id { get; init; }
    public required string CallerE164 { get; init; }
    public required string CalleeE164 { get; init; }
    public required string CallerAccessE164 { get; init; }
    public required string CalleeAccessE164 { get; init; }
    public required string CallerToGatewayE164 { get; init; }
    public required string CalleeToGatewayE164 { get; init; }
    public required Instant Start { get; init; }
    public required Instant? Answered { get; init; }
    public required Instant Stop { get; init; }
    public required long HoldMillis { get; init; }
    public required int EndReason { get; init; }
    public required EndDirection EndDirection { get; init; }
    /// <summary>Why the switch refused or ended the call; null when it did not.</summary>
    public required RefusalView? Refused { get; init; }
    /// <summary>Area code of the caller's number by the area table; empty: none is known.</summary>
    public string CallerAreaCode { get; init; } = "";

    public string CalleeAreaCode { get; init; } = "";

    public required string CallerGateway { get; init; }
    public required string CalleeGateway { get; init; }
    public required NetAddress CallerAddress { get; init; }
    public required NetAddress CalleeAddress { get; init; }
    public required CalleeBilling CalleeBilling { get; init; }
    public required BillingMode BillingMode { get; init; }
    public required int CallerPddMillis { get; init; }
    public required int CalleePddMillis { get; init; }
    public required int Attempts { get; init; }
    /// <summary>Each attempt, in order, and what became of it.</summary>
    public IReadOnlyList<AttemptView> Tried { get; init; } = [];
    public required int Revision { get; init; }
    /// <summary>File of the call's recording within the folder of recordings; null: it was not recorded.</summary>
    public string? Recording { get; init; }
    public required long CallerPackets { get; init; }
    public required long CalleePackets { get; init; }
    /// <summary>What was heard from the caller; null when no packet was.</summary>
    public required MediaView? CallerMedia { get; init; }
    public required MediaView? CalleeMedia { get; init; }
    public required ChargeView? Sale { get; init; }
    public required ChargeView? Cost { get; init; }
    /// <summary>What the agents keep of the sale together; null when nobody was charged.</summary>
    public Money? AgentIncome { get; init; }
    /// <summary>The agents above the payer who are charged by decks of their own, from below.</summary>
    public IReadOnlyList<AgentChargeView> Agents { get; init; } = [];

    public static CdrView Of(Cdr cdr) => Of(cdr, null, null);

    /// <param name="cdr">The record.</param>
    /// <param name="sale">What the sale was corrected to; null: it was not.</param>
    /// <param name="cost">Likewise the cost.</param>
    public static CdrView Of(Cdr cdr, long? sale, long? cost) => new()
    {
        Id = cdr.Call,
        CallerE164 = cdr.CallerE164,
        CalleeE164 = cdr.CalleeE164,
        CallerAccessE164 = cdr.CallerAccessE164,
        CalleeAccessE164 = cdr.CalleeAccessE164,
        CallerToGatewayE164 = cdr.CallerToGatewayE164,
        CalleeToGatewayE164 = cdr.CalleeToGatewayE164,
        Start = cdr.Start,
        Answered = cdr.WasAnswered ? cdr.Answered : null,
        Stop = cdr.Stop,
        HoldMillis = (long)cdr.HoldTime.TotalMilliseconds,
        EndReason = cdr.EndReason,
        EndDirection = cdr.EndDirection,
        Refused = cdr.Refusal == Refusal.None ? null : RefusalView.Of(cdr.Refusal),
        CallerAreaCode = cdr.CallerAreaCode,
        CalleeAreaCode = cdr.CalleeAreaCode,
        CallerGateway = cdr.CallerGateway,
        CalleeGateway = cdr.CalleeGateway,
        CallerAddress = cdr.CallerAddress,
        CalleeAddress = cdr.CalleeAddress,
        CalleeBilling = cdr.CalleeBilling,
        BillingMode = cdr.BillingMode,
        CallerPddMillis = cdr.CallerPddMillis,
        CalleePddMillis = cdr.CalleePddMillis,
        Attempts = cdr.Attempts,
        Tried = [.. cdr.Tried.Select(static t => new AttemptView(t.To, t.Number, t.Address.ToString(), t.Start, t.PddMillis, t.Status, t.Refusal == Tandem.Primitives.Refusal.None ? "" : t.Refusal.ToString()))],
        Revision = cdr.Revision,
        Recording = cdr.Recording.Length > 0 ? cdr.Recording : null,
        CallerPackets = cdr.CallerPackets,
        CalleePackets = cdr.CalleePackets,
        CallerMedia = MediaView.Of(cdr.CallerMedia),
        CalleeMedia = MediaView.Of(cdr.CalleeMedia),
        Sale = ChargeView.Of(cdr.Sale, sale),
        Cost = ChargeView.Of(cdr.Cost, cost),
        AgentIncome = cdr.Sale is { } paid ? new Money(cdr.Further.Sum(static a => a.IncomeNanos), paid.Tariff.Currency) : null,
        Agents = [.. cdr.Further.Select(static a => new AgentChargeView(a.AccountNumber, new Money(a.Nanos, a.Tariff.Currency), a.Tariff.Currency, new Money(a.IncomeNanos, a.Tariff.Currency)))],
    };
}

/// <param name="Cdrs">Newest first.</param>
/// <param name="Next">Give it as <c>after</c> to get the next page; null when this is the last.</param>
public sealed record CdrsView(IReadOnlyList<CdrView> Cdrs, string? Next);

/// <summary>One attempt of a call.</summary>
/// <param name="To">The routing gateway, or the number of the phone.</param>
/// <param name="Number">The called number as it was sent.</param>
/// <param name="Address">Where it was sent.</param>
/// <param name="Start">When.</param>
/// <param name="PddMillis">To its first ringing, early media or answer, ms; 0: none came.</param>
/// <param name="Status">Its final SIP status; 0: it gave none.</param>
/// <param name="Refusal">Why the switch gave it up; empty: it did not.</param>
public sealed record AttemptView(string To, string Number, string Address, Tandem.Primitives.Instant Start, int PddMillis, int Status, string Refusal);

/// <summary>What an agent was charged for a call below it.</summary>
/// <param name="Account">The agent's.</param>
/// <param name="Amount">What it was charged.</param>
/// <param name="Currency">Of its deck.</param>
/// <param name="Income">What the account below it was charged, less its own charge.</param>
public sealed record AgentChargeView(string Account, Money Amount, Currency Currency, Money Income);
