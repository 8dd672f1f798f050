using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Api;

/// <summary>What the API asks and does of money beyond booking a payment. As <see cref="ISwitchControl"/>: what has answered is durable.</summary>
public interface IMoneyControl
{
    /// <summary>Payments, newest first; of one account, or of all.</summary>
    Task<Answer<PaymentHistoryView>> PaymentsAsync(MoneyQuery query, CancellationToken stop);

    /// <summary>One payment.</summary>
    Task<Answer<PaymentEntryView>> PaymentAsync(string id, CancellationToken stop);

    /// <summary>Why no job can be begun now; null: one can.</summary>
    Fault? NoJobNow();

    /// <summary>A job that books many; its result is a <see cref="BatchPaidView"/>.</summary>
    /// <param name="rows">To be booked.</param>
    /// <param name="settled">Rows of the same batch that are not; for the result.</param>
    /// <param name="by">Who asked.</param>
    Answer<JobView> PayBatch(IReadOnlyList<BatchRow> rows, IReadOnlyList<BatchRowView> settled, string by);

    /// <summary>A job that gives many accounts a deck in one revision; its result is a <see cref="DeckAssignedView"/>.</summary>
    Answer<JobView> AssignDeck(DeckAssignment order, string by);

    /// <summary>Takes an earlier payment back, whole, once. Conflict: it is not there, or was taken back, or calls hold the money.</summary>
    Task<Answer<PaymentEntryView>> ReverseAsync(string id, string paymentId, string memo, string by, CancellationToken stop);

    /// <summary>Brings an account's balance to zero.</summary>
    Task<Answer<PaymentEntryView>> MakeZeroAsync(string id, string account, string memo, string by, CancellationToken stop);

    /// <summary>Rents and shortfalls, newest first.</summary>
    Task<Answer<ConsumptionsView>> ConsumptionsAsync(MoneyQuery query, CancellationToken stop);

    /// <summary>Packages that are current, and how orders stand.</summary>
    Task<Answer<PackagesView>> PackagesAsync(string? account, CancellationToken stop);

    /// <summary>Ends a current package; nothing is charged for spending too little.</summary>
    Task<Answer<PackageView>> EndPackageAsync(int package, CancellationToken stop);

    /// <summary>Makes stock cards with PINs that nobody can guess and that none had before: all of them, or none. Only this answer tells their passwords.</summary>
    Task<Answer<CardsMadeView>> MakeCardsAsync(CardBatch batch, string by, CancellationToken stop);

    /// <summary>Uses a stock card up: recharges <see cref="CardUse.Account"/>, or, when that is null, opens what the card may open.</summary>
    Task<Answer<CardUsedView>> UseCardAsync(CardUse use, string by, CancellationToken stop);

    /// <summary>What a call made elsewhere would come to: its amount is the most that payer, agents or carrier would be charged. Repeated: its number is known. Nothing is recorded.</summary>
    Task<Answer<ExternalCallView>> QuoteAsync(ExternalCall call, CancellationToken stop);

    /// <summary>Charges a call that was made elsewhere; a known number changes nothing.</summary>
    Task<Answer<ExternalCallView>> ChargeAsync(ExternalCall call, string by, CancellationToken stop);

    /// <summary>How long a call could talk now; with the name of a routing gateway also how long its clearing account could pay for it.</summary>
    Task<Answer<AvailableTimeView>> AvailableTimeAsync(string payer, BillingMode mode, string callee, string? carrier, CancellationToken stop);
}

/// <summary>Of what is listed.</summary>
/// <param name="Account">Null: of all.</param>
/// <param name="Since">At or after.</param>
/// <param name="Until">Before.</param>
/// <param name="Limit">At most so many.</param>
public sealed record MoneyQuery(string? Account, Instant? Since, Instant? Until, int Limit);

public sealed record PaymentHistoryView(IReadOnlyList<PaymentEntryView> Payments, string? Next = null);

public sealed record PaymentEntryView
{
    public required string Id { get; init; }
    public required string Account { get; init; }
    /// <summary>Recharge, Deduction, Opening, Zero, Reversal or Adjustment.</summary>
    public required string Kind { get; init; }
    /// <summary>Cash, RechargeCard or Other.</summary>
    public required string Means { get; init; }
    public required Money Amount { get; init; }
    public required Currency Currency { get; init; }
    public required Money BalanceAfter { get; init; }
    public required Instant At { get; init; }
    public required string By { get; init; }
    public required string Memo { get; init; }
    /// <summary>The payment, call or card it refers to; empty for none.</summary>
    public required string Reference { get; init; }
    /// <summary>It was taken back.</summary>
    public required bool Reversed { get; init; }
}

public sealed record ConsumptionsView(IReadOnlyList<ConsumptionView> Consumptions, string? Next = null);

/// <param name="Account">Whose.</param>
/// <param name="Kind">PackageRent, PhoneRent, PhoneShortfall or PackageShortfall.</param>
/// <param name="Name">Of the package or phone.</param>
/// <param name="Amount">What was taken.</param>
/// <param name="BalanceAfter">The balance after it.</param>
/// <param name="At">When.</param>
public sealed record ConsumptionView(string Account, string Kind, string Name, Money Amount, Money BalanceAfter, Instant At);

public sealed record PackagesView(IReadOnlyList<PackageView> Packages, IReadOnlyList<PackageOrderView> Orders, string? Next = null);

public sealed record PackageView
{
    public required int Id { get; init; }
    public required string Account { get; init; }
    public required string Package { get; init; }
    public required string Order { get; init; }
    public required Instant From { get; init; }
    public required Instant Until { get; init; }
    public required Money Rent { get; init; }
    public required Money Spent { get; init; }
    public required Money MinConsumption { get; init; }
    /// <summary>What it spent less than promised: not charged when it is ended by hand.</summary>
    internal Money Forgiven => new(Math.Max(0, MinConsumption.Nanos - Spent.Nanos), MinConsumption.Currency);
    public required Money GiftMoneyLeft { get; init; }
    /// <summary>Of each of its gift times, neither used nor held.</summary>
    public required IReadOnlyList<int> SecondsLeft { get; init; }
}

/// <param name="Id">The order's.</param>
/// <param name="Package">What is ordered.</param>
/// <param name="PaidUntil">The end of its newest period; null: none has begun.</param>
/// <param name="State">current, waiting, or over.</param>
public sealed record PackageOrderView(string Id, string Package, Instant? PaidUntil, string State);

/// <param name="Count">How many cards.</param>
/// <param name="Digits">Of a PIN, the prefix included.</param>
/// <param name="Prefix">What every PIN begins with; digits.</param>
/// <param name="PasswordDigits">Of a password.</param>
/// <param name="Card">What all of them say: the fields of a stock card (docs/configuration.md) without pin and password.</param>
public sealed record CardBatch(int Count, int Digits, string Prefix, int PasswordDigits, IReadOnlyDictionary<string, string> Card)
{
    /// <summary>A batch has at most so many.</summary>
    public const int Most = 10_000;

    /// <summary>Guesses of a PIN must be rare among the PINs there could be.</summary>
    public const int FreeDigits = 9;
}

/// <param name="Pin">Of the card.</param>
/// <param name="Password">Told this once.</param>
public sealed record CardMadeView(string Pin, string Password);

/// <param name="Revision">Of the configuration that has them.</param>
/// <param name="Cards">The cards.</param>
public sealed record CardsMadeView(int Revision, IReadOnlyList<CardMadeView> Cards);

/// <param name="Pin">Of the card.</param>
/// <param name="Password">Of the card.</param>
/// <param name="Account">Recharged; null: the card opens an account of its own.</param>
/// <param name="BoundNumber">Bound to the active card it opens; null: none.</param>
public sealed record CardUse(string Pin, string Password, string? Account, string? BoundNumber);

/// <param name="Pin">Of the card.</param>
/// <param name="Account">Recharged or opened.</param>
/// <param name="Opened">Whether it was opened.</param>
/// <param name="Amount">What was booked; null: nothing.</param>
/// <param name="Balance">The account's now.</param>
public sealed record CardUsedView(string Pin, string Account, bool Opened, Money? Amount, Money Balance);

/// <summary>A call that was made elsewhere.</summary>
public sealed record ExternalCall
{
    /// <summary>Its number; −1: the switch gives one.</summary>
    public long FlowNumber { get; init; } = -1;
    public required BillingMode Mode { get; init; }
    /// <summary>Account, phone, mapping gateway, bound number or active card's PIN, as the mode says.</summary>
    public required string Payer { get; init; }
    public string Caller { get; init; } = "";
    public required string Callee { get; init; }
    public required Instant Start { get; init; }
    public required int Seconds { get; init; }
    public string CallerGateway { get; init; } = "";
    /// <summary>A routing gateway: its clearing account is charged too.</summary>
    public string CalleeGateway { get; init; } = "";
    public int EndReason { get; init; } = 200;
    public EndDirection EndDirection { get; init; }
    /// <summary>Numbers as they were sent out; empty: as billed.</summary>
    public string CallerToGateway { get; init; } = "";
    public string CalleeToGateway { get; init; } = "";
    public NetAddress CallerAddress { get; init; }
    public NetAddress CalleeAddress { get; init; }
}

/// <param name="Call">Its id here.</param>
/// <param name="Account">Charged.</param>
/// <param name="Amount">Taken from the balance.</param>
/// <param name="BilledSeconds">Seconds paid by money.</param>
/// <param name="Repeated">It was known; nothing was recorded or charged now.</param>
public sealed record ExternalCallView(CallId Call, string Account, Money? Amount, int BilledSeconds, bool Repeated);

/// <param name="Account">Would pay.</param>
/// <param name="Balance">What it has.</param>
/// <param name="Seconds">How long a call could talk; null: without end. 0 or less: the negative end reason why not.</param>
/// <param name="Says">In words.</param>
/// <param name="CarrierSeconds">How long the carrier's clearing account could pay for it; null: none was asked about, or it is not charged.</param>
public sealed record AvailableTimeView(string Account, Money Balance, int? Seconds, string Says, int? CarrierSeconds = null);
