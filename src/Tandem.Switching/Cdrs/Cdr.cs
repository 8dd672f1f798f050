using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Numbers;

namespace Tandem.Switching.Cdrs;

/// <summary>Who ended the call (docs/cdr.md): the CDR's end direction.</summary>
public enum EndDirection : byte { Caller = 0, Callee = 1, Server = 2 }

/// <summary>Whose account the call was charged to (docs/cdr.md).</summary>
public enum BillingMode : sbyte { NotBilled = -1, Phone = 0, MappingGateway = 1, BoundNumber = 2, PhoneCard = 3 }

/// <summary>Which end pays.</summary>
public enum CalleeBilling : byte { CallerPays = 0, CalleePays = 1, External = 2 }

/// <summary>Who is not given a CDR. Numbers are for ever: they stand in the journal.</summary>
[Flags]
public enum HiddenFrom : byte { Nobody = 0, Database = 1, Files = 2 }

/// <summary>
/// One side of the money of a call: who was charged, by which deck version and rate, for how many seconds, how much.
/// For the caller it is the sale, for the carrier's clearing account the cost.
/// </summary>
public sealed record CallCharge
{
    public AccountId Account { get; init; }

    public string AccountNumber { get; init; } = "";

    public string Deck { get; init; } = "";

    /// <summary>Content address of the deck version that priced the call.</summary>
    public string DeckVersion { get; init; } = "";

    public string RatePrefix { get; init; } = "";

    public string Area { get; init; } = "";

    public Tariff Tariff { get; init; }

    /// <summary>The rate's type, as the deck states it; 0: it does not.</summary>
    public CallLevel Level { get; init; }

    /// <summary>The part of the week the tariff is of, as the deck writes it; empty: it holds always.</summary>
    public string Period { get; init; } = "";

    /// <summary>Seconds after the tariff's rounding up; zero when the call was not answered.</summary>
    public int BilledSeconds { get; set; }

    /// <summary>What was charged to the balance, in nanos of the tariff's currency.</summary>
    public long Nanos { get; set; }

    /// <summary>Talk seconds that packages gave; not in <see cref="BilledSeconds"/>.</summary>
    public int GiftSeconds { get; set; }

    /// <summary>What was paid from packages' gift money; not in <see cref="Nanos"/>.</summary>
    public long GiftNanos { get; set; }

    /// <summary>An agent's: what the account below it was charged, less its own charge.</summary>
    public long IncomeNanos { get; set; }

    /// <summary>The phone whose month the charge counts in; empty for none.</summary>
    public string Phone { get; init; } = "";
}

/// <summary>
/// The record of one call: exactly one per call that reached admission, written when the call is over, never changed. Filled
/// by the shard that owns the call; from the moment it is handed to the ledger it is read-only. Fields and meanings: docs/cdr.md.
/// </summary>
public sealed class Cdr
{
    public CallId Call { get; set; }

    /// <summary>Caller number as billed: after the dial plan of the way in.</summary>
    public string CallerE164 { get; set; } = "";

    /// <summary>Called number as billed.</summary>
    public string CalleeE164 { get; set; } = "";

    /// <summary>Numbers as received.</summary>
    public string CallerAccessE164 { get; set; } = "";

    public string CalleeAccessE164 { get; set; } = "";

    /// <summary>Numbers as sent to the gateway or phone called.</summary>
    public string CallerToGatewayE164 { get; set; } = "";

    public string CalleeToGatewayE164 { get; set; } = "";

    /// <summary>Area codes of the numbers as billed, by the area table; empty: none is known.</summary>
    public string CallerAreaCode { get; set; } = "";

    public string CalleeAreaCode { get; set; } = "";

    /// <summary>When the call arrived.</summary>
    public Instant Start { get; set; }

    /// <summary>When it was answered; <see cref="Instant.Never"/> if it was not.</summary>
    public Instant Answered { get; set; } = Instant.Never;

    public Instant Stop { get; set; }

    /// <summary>SIP status as received (200 = normal), Q.850 cause, or our own negative reason (docs/refusals.md).</summary>
    public int EndReason { get; set; }

    public Refusal Refusal { get; set; }

    public EndDirection EndDirection { get; set; }

    /// <summary>Mapping gateway's name; empty for a phone.</summary>
    public string CallerGateway { get; set; } = "";

    /// <summary>Routing gateway's name; empty for a phone or when nothing was dialled.</summary>
    public string CalleeGateway { get; set; } = "";

    public NetAddress CallerAddress { get; set; }

    public NetAddress CalleeAddress { get; set; }

    public CalleeBilling CalleeBilling { get; set; }

    public BillingMode BillingMode { get; set; } = BillingMode.NotBilled;

    /// <summary>From the caller's INVITE to the first ringing or answer passed to it, ms; 0 if there was none.</summary>
    public int CallerPddMillis { get; set; }

    /// <summary>From the INVITE sent to the gateway that took the call to its first ringing or answer, ms.</summary>
    public int CalleePddMillis { get; set; }

    /// <summary>Revision of the tables the call was decided by.</summary>
    public int Revision { get; set; }

    public int Attempts { get; set; }

    /// <summary>Each attempt that was made, in order.</summary>
    public IReadOnlyList<CdrAttempt> Tried { get; set; } = [];

    /// <summary>What the payer was charged; null when nobody was.</summary>
    public CallCharge? Sale { get; set; }

    /// <summary>What the carrier's clearing account was charged; null when there is none.</summary>
    public CallCharge? Cost { get; set; }

    /// <summary>The agents above the payer who are charged by decks of their own, from below.</summary>
    public IReadOnlyList<CallCharge> Further { get; set; } = [];

    /// <summary>The rules that made prices of seconds; null in records of earlier versions.</summary>
    public BillingRules? Rules { get; set; }

    /// <summary>Where the operator wants no CDR of this call (docs/billing.md); the journal has it all the same.</summary>
    public HiddenFrom Hidden { get; set; }

    /// <summary>What was heard from the caller.</summary>
    public LegMedia CallerMedia { get; set; }

    /// <summary>What was heard from the called end.</summary>
    public LegMedia CalleeMedia { get; set; }

    public long CallerPackets => CallerMedia.Packets;

    public long CalleePackets => CalleeMedia.Packets;

    /// <summary>File of the call's recording, within the folder of recordings; empty: it was not recorded.</summary>
    public string Recording { get; set; } = "";

    /// <summary>The compact decision log (Calls/DecisionLog): why the call went as it did, and its SIP ladder.</summary>
    public byte[] DecisionLog { get; set; } = [];

    /// <summary>The record as it is now, apart from what becomes of this one.</summary>
    public Cdr Copy()
    {
        var copy = (Cdr)MemberwiseClone();
        copy.Sale = Sale is null ? null : Sale with { };
        copy.Cost = Cost is null ? null : Cost with { };
        if (Further.Count > 0) copy.Further = [.. Further.Select(static c => c with { })];
        return copy;
    }

    public bool WasAnswered => Answered != Instant.Never;

    /// <summary>Talk time; zero if the call was not answered.</summary>
    public TimeSpan HoldTime => WasAnswered ? Stop - Answered : TimeSpan.Zero;
}
