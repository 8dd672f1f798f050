using System.Text.Json.Nodes;
using Tandem.Primitives;

namespace Tandem.Server.Api;

// What the API shows, as it stands in JSON: names in camelCase, amounts as decimal strings, instants in RFC 3339 UTC,
// enumerations by name. The OpenAPI document is made from these records.

/// <summary>One thing an apply did or would do.</summary>
/// <param name="Kind">account, deck, mappingGateway, routingGateway, phone or setting.</param>
/// <param name="Key">Its number or name.</param>
/// <param name="What">added, changed or removed.</param>
/// <param name="Says">Which fields, from what to what; never a password.</param>
public sealed record ChangeView(string Kind, string Key, string What, string Says);

/// <param name="Revision">Revision in force afterwards; the same as before when nothing changed.</param>
/// <param name="DryRun">True when nothing was changed, only looked at.</param>
/// <param name="Changes">Empty when the document says what is in force already.</param>
public sealed record ApplyView(int Revision, bool DryRun, IReadOnlyList<ChangeView> Changes);

public sealed record ConfigurationView(int Revision, JsonObject Document);

public sealed record CallView
{
    public required CallId Id { get; init; }
    /// <summary>arrived, authorising, dialling, ringing, answered, ending; in events also ended.</summary>
    public required string State { get; init; }
    public required Instant Arrived { get; init; }
    public Instant? Answered { get; init; }
    public required long TalkSeconds { get; init; }
    public required string Caller { get; init; }
    public required string Callee { get; init; }
    /// <summary>Mapping gateway, or empty when a phone calls.</summary>
    public required string CallerGateway { get; init; }
    /// <summary>Routing gateway being tried or talking; empty for a phone or before the first attempt.</summary>
    public required string CalleeGateway { get; init; }
    public NetAddress CallerAddress { get; init; }
    public NetAddress CalleeAddress { get; init; }
    /// <summary>Number of the account that pays; empty when nobody does.</summary>
    public required string Account { get; init; }
    public Money? Reserved { get; init; }
    public required int Attempts { get; init; }
    /// <summary>What was heard from the caller so far; null: nothing.</summary>
    public MediaView? CallerMedia { get; init; }
    public MediaView? CalleeMedia { get; init; }
    /// <summary>Keys (DTMF) the switch heard from the caller; null: none.</summary>
    public PressedKeysView? CallerKeys { get; init; }
    public PressedKeysView? CalleeKeys { get; init; }
    /// <summary>File of its recording within the folder of recordings; null: it is not recorded.</summary>
    public string? Recording { get; init; }
}

/// <summary>Keys an end pressed. Which they were is not kept: they may be somebody's secret.</summary>
/// <param name="Count">How many.</param>
/// <param name="Latest">How the latest came: event (RFC 4733), inband, info.</param>
public sealed record PressedKeysView(int Count, string Latest)
{
    internal static PressedKeysView? Of(Switching.Calls.KeyCount keys) => keys.Count == 0 ? null : new PressedKeysView(keys.Count, keys.Latest.ToString().ToLowerInvariant());
}

/// <summary>One decision on the way of a call.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">identified, rewritten, candidate, attempt, money, ended…</param>
/// <param name="Says">One sentence.</param>
public sealed record WhyStep(Instant At, string Kind, string Says);

/// <summary>One SIP message of the ladder.</summary>
/// <param name="At">When.</param>
/// <param name="Leg">0: the caller's leg; 1, 2…: the attempts.</param>
/// <param name="Received">True when it came to the switch, false when the switch sent it.</param>
/// <param name="Says">Method or status with reason: <c>INVITE</c>, <c>180 Ringing</c>.</param>
public sealed record LadderStep(Instant At, int Leg, bool Received, string Says);

public sealed record WhyView
{
    public required CallId Call { get; init; }
    public required bool Live { get; init; }
    /// <summary>The whole call in one sentence.</summary>
    public required string Summary { get; init; }
    public required IReadOnlyList<WhyStep> Steps { get; init; }
    public required IReadOnlyList<LadderStep> Ladder { get; init; }
    /// <summary>Name over each leg of the ladder: index 0 the caller, then one per attempt.</summary>
    public required IReadOnlyList<string> Legs { get; init; }
    /// <summary>What was heard from each end, a line each; empty when media did not pass the switch.</summary>
    public required IReadOnlyList<string> Media { get; init; }
    /// <summary>The price of the sale and of the cost, each in steps; empty when nothing was charged.</summary>
    public required IReadOnlyList<string> Price { get; init; }
}

public sealed record RefusalView(string Refusal, int SipStatus, int EndReason, string Says)
{
    public static RefusalView Of(Refusal refusal)
    {
        RefusalMeaning meaning = refusal.Meaning();
        return new RefusalView(refusal.ToString(), meaning.SipStatus, meaning.EndReason, meaning.Says);
    }
}

public sealed record CandidateView
{
    public required string Gateway { get; init; }
    /// <summary>The prefix of the gateway that matched; empty for "all".</summary>
    public required string Prefix { get; init; }
    public required int Priority { get; init; }
    public required int CurrentCalls { get; init; }
    /// <summary>0: no limit.</summary>
    public required int Capacity { get; init; }
    /// <summary>Eligible, or why it lost.</summary>
    public required string Verdict { get; init; }
    public required string Says { get; init; }
    /// <summary>The calling number as it would be sent; empty for those that lost.</summary>
    public required string CallerSent { get; init; }
    /// <summary>The called number as it would be sent; empty for those that lost.</summary>
    public required string CalleeSent { get; init; }
    /// <summary>Whether media would pass through the switch and why, as far as that is known without a call; empty for those that lost.</summary>
    public required string Media { get; init; }
    public RateView? Cost { get; init; }

    /// <summary>Percent of attempts that are answered, where the order was made by it and there are enough; null: not asked, or not known.</summary>
    public double? AnswerRate { get; init; }

    /// <summary>Of so many attempts.</summary>
    public int Attempts { get; init; }

    /// <summary>Its quality was too low: it stands behind the others of its prefix.</summary>
    public bool Behind { get; init; }
}

/// <summary>A supposed call.</summary>
/// <param name="Number">As the caller would dial it.</param>
/// <param name="From">A mapping gateway's name, a phone's number, or the address the call would come from.</param>
/// <param name="Caller">The calling number; null: none, of a phone its own.</param>
/// <param name="At">When; null: now.</param>
public sealed record RouteOrder(string Number, string From, string? Caller = null, Instant? At = null);

public sealed record RouteView
{
    /// <summary>Of the configuration that decided.</summary>
    public required int Revision { get; init; }
    public required Instant At { get; init; }
    public required string Number { get; init; }
    public required string From { get; init; }
    /// <summary>The gateway or phone the caller is taken for; empty: nobody.</summary>
    public required string Identified { get; init; }
    /// <summary>Where the calling number is read from: From, P-Asserted-Identity...</summary>
    public required string CallerFrom { get; init; }
    /// <summary>Where the called number is read from: the request line, To, Diversion.</summary>
    public required string CalleeFrom { get; init; }
    /// <summary>The calling number after the dial plan of the way in.</summary>
    public required string Caller { get; init; }
    /// <summary>The called number after the dial plan of the way in.</summary>
    public required string Callee { get; init; }
    public required string Account { get; init; }
    /// <summary>The phone that would be called; empty: gateways.</summary>
    public required string Phone { get; init; }
    public RateView? Sale { get; init; }
    /// <summary>Why the call would be refused; null when it would be tried.</summary>
    public RefusalView? Refused { get; init; }
    /// <summary>What was decided and why, in the words of a real call's story.</summary>
    public required IReadOnlyList<WhyStep> Steps { get; init; }
    /// <summary>What the answer does not know; sentences.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
    /// <summary>In the order they would be tried; those that lost come last.</summary>
    public required IReadOnlyList<CandidateView> Candidates { get; init; }
}

public sealed record AccountView
{
    public required string Number { get; init; }
    public required string Name { get; init; }
    /// <summary>Ordinary, PhoneCard or Clearing.</summary>
    public required string Kind { get; init; }
    public required Currency Currency { get; init; }
    public required Money Balance { get; init; }
    public required Money CreditLimit { get; init; }
    /// <summary>Held for calls in progress.</summary>
    public required Money Reserved { get; init; }
    /// <summary>balance + credit limit − reserved.</summary>
    public required Money Available { get; init; }
    public required bool Locked { get; init; }
    /// <summary>What its calls cost it on this day (UTC).</summary>
    public required Money ConsumedToday { get; init; }
    /// <summary>From here on it begins no calls; never: it does not expire.</summary>
    public required Instant ValidUntil { get; init; }
    /// <summary>Name of the deck that prices its calls; empty for none.</summary>
    public required string Deck { get; init; }
}

/// <param name="Id">The payer's own id of this payment; the same id books once.</param>
/// <param name="Account">Account number.</param>
/// <param name="Nanos">Billionths of the account's currency; negative takes money away.</param>
/// <param name="Memo">Free text kept with the payment.</param>
/// <param name="IsOpening">It is the balance an account is opened with.</param>
public sealed record PaymentOrder(string Id, string Account, long Nanos, string Memo, bool IsOpening = false);

public sealed record PaymentView
{
    public required string Id { get; init; }
    public required string Account { get; init; }
    public required Money Amount { get; init; }
    public required Currency Currency { get; init; }
    /// <summary>The account's balance after this payment was booked.</summary>
    public required Money BalanceAfter { get; init; }
    public required Instant At { get; init; }
    /// <summary>True when the id had been booked before and nothing was done now.</summary>
    public required bool Repeated { get; init; }
}

public sealed record DeckImportOrder(string Name, Currency Currency, bool DryRun)
{
    /// <summary>When it takes the place of the version in force; default: at once.</summary>
    public Instant From { get; init; }

    /// <summary>When what was meant to be in force then takes its place again; default: never.</summary>
    public Instant Until { get; init; }
}

public sealed record DeckImportView
{
    public required string Name { get; init; }
    public required Currency Currency { get; init; }
    /// <summary>Content address of the deck: equal decks have equal versions.</summary>
    public required string Version { get; init; }
    public required int Rates { get; init; }
    public required int Added { get; init; }
    public required int Changed { get; init; }
    public required int Removed { get; init; }
    public required bool DryRun { get; init; }
    public required int Revision { get; init; }
}

public sealed record DeckView(string Name, Currency Currency, string Version, int Rates, IReadOnlyList<string> UsedBy);

public sealed record SettingView
{
    public required string Name { get; init; }
    public required IReadOnlyList<string> Aliases { get; init; }
    public required string Value { get; init; }
    public required string Default { get; init; }
    /// <summary>What may be set, in words: "1 to 600 s".</summary>
    public required string Range { get; init; }
    /// <summary>What a number counts: "s", "ms", "rows"; empty where it counts nothing.</summary>
    public string Unit { get; init; } = "";
    /// <summary>When a change takes effect.</summary>
    public required string Applies { get; init; }
    public required string Says { get; init; }
    /// <summary>The capability it is kept for, which this version does not have; null: the switch obeys it.</summary>
    public string? ObeyedBy { get; init; }
    /// <summary>When it was changed last; null: never, as far as changes are kept.</summary>
    public Instant? ChangedAt { get; init; }
    /// <summary>By whom.</summary>
    public string? ChangedBy { get; init; }
}

/// <summary>One change of a setting.</summary>
public sealed record AuditView(int Revision, Instant At, string By, string Name, string From, string To);

/// <param name="Changes">Newest first.</param>
/// <param name="Next">The cursor of the page after; null: it was the last.</param>
public sealed record SettingHistoryView(IReadOnlyList<AuditView> Changes, string? Next = null);

public sealed record RegistrationView(string Phone, string Contact, NetAddress Source, Instant Registered, Instant Expires, string UserAgent)
{
    /// <summary>Of a phone with livenessCheck: its last sign of life; null: none since the start, or it is not checked.</summary>
    public Instant? LastHeard { get; init; }

    /// <summary>Since when it leaves OPTIONS unanswered, and calls to it are refused; null: it is there.</summary>
    public Instant? SilentSince { get; init; }
}

/// <param name="Who">An address (IPv6: its /64), or a phone's number.</param>
/// <param name="Kind">address or phone.</param>
/// <param name="Tries">Wrong passwords counted.</param>
/// <param name="Since">When the block began.</param>
/// <param name="Until">When it ends by itself.</param>
/// <param name="LastSource">Where the last wrong password came from.</param>
public sealed record BlockedView(string Who, string Kind, int Tries, Instant Since, Instant Until, NetAddress LastSource);

/// <param name="Passed">Live state and journal agree in everything.</param>
/// <param name="Position">Journal position compared.</param>
/// <param name="Records">Records folded.</param>
/// <param name="Accounts">Accounts compared.</param>
/// <param name="OpenCalls">Reservations open at that position.</param>
/// <param name="Differences">Each difference in words.</param>
public sealed record CheckView(bool Passed, long Position, long Records, int Accounts, int OpenCalls, IReadOnlyList<string> Differences);

/// <summary>How far the journal is. Positions count its bytes from the beginning (docs/journal.md).</summary>
public sealed record JournalView
{
    /// <summary>Behind the newest record there is.</summary>
    public required long Position { get; init; }
    /// <summary>Everything before survives the process.</summary>
    public required long Written { get; init; }
    /// <summary>Everything before survives the machine; who reads the journal reads up to here.</summary>
    public required long Durable { get; init; }
    /// <summary>Of the newest snapshot: a start reads the journal from there; 0: from its beginning.</summary>
    public required long Snapshot { get; init; }
    /// <summary>Everything before is in the chain of hashes.</summary>
    public required long SealedTo { get; init; }
    /// <summary>Hash of the newest seal, in hex; empty before the first. Whoever notes it can prove later what stood here (docs/statements.md).</summary>
    public required string Head { get; init; }
    public required bool AcceptsNewWork { get; init; }
    /// <summary>What is wrong, in a sentence; empty: nothing.</summary>
    public required string Trouble { get; init; }
    public required IReadOnlyList<JournalConsumerView> Consumers { get; init; }
}

/// <summary>One place CDRs go to from the journal.</summary>
/// <param name="Name">As in "the CDR database".</param>
/// <param name="Position">Everything before is kept there.</param>
/// <param name="Behind">Durable bytes of the journal it has not read yet.</param>
/// <param name="Trouble">What keeps it, in a sentence; empty: nothing.</param>
public sealed record JournalConsumerView(string Name, long Position, long Behind, string Trouble);

public sealed record StatusView
{
    public required string Version { get; init; }
    public required Instant Started { get; init; }
    public required Instant Now { get; init; }
    public required int Revision { get; init; }
    public required int CallsOpen { get; init; }
    public required int PortsLent { get; init; }
    public required int Registrations { get; init; }
    public required bool AcceptsNewCalls { get; init; }
    /// <summary>What an operator should know now, in sentences.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
    /// <summary>Counters since the start, by dotted name.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }
}

/// <param name="Ok">New calls are accepted.</param>
/// <param name="Says">One sentence; says what is wrong when not ok.</param>
public sealed record HealthView(bool Ok, string Says);

public sealed record CallsView(IReadOnlyList<CallView> Calls, string? Next = null);

public sealed record AccountsView(IReadOnlyList<AccountView> Accounts, string? Next = null);

public sealed record DecksView(IReadOnlyList<DeckView> Decks, string? Next = null);

/// <param name="Changes">By name.</param>
/// <param name="Next">The cursor of the page after; null: it was the last.</param>
public sealed record SettingDifferenceView(IReadOnlyList<SettingChangeView> Changes, string? Next = null);

/// <summary>A setting with its values at two times.</summary>
public sealed record SettingChangeView(string Name, string From, string To);

public sealed record SettingsView(IReadOnlyList<SettingView> Settings, string? Next = null);

public sealed record BlackListView(IReadOnlyList<BlackListEntryView> Entries, string? Next = null);

/// <summary>A number on a dynamic black list.</summary>
/// <param name="Number">The number.</param>
/// <param name="Kind">malicious, concurrent or noAnswer.</param>
/// <param name="List">The device whose list it is; empty: the list of all.</param>
/// <param name="Calls">Calls counted when it came on the list.</param>
/// <param name="Since">When that was.</param>
/// <param name="Until">When it goes by itself.</param>
public sealed record BlackListEntryView(string Number, string Kind, string List, int Calls, Instant Since, Instant Until);

/// <summary>The local table of ported numbers.</summary>
/// <param name="Numbers">How many.</param>
/// <param name="RoutingNumbers">How many they lead to.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Built">When; null: there is none.</param>
/// <param name="Importing">How far an import under way has come; empty: there is none.</param>
public sealed record PortedTableView(long Numbers, int RoutingNumbers, long Bytes, Instant? Built, string Importing);

/// <summary>What is known of one number.</summary>
/// <param name="Number">The number.</param>
/// <param name="Known">By the local table or a server's earlier answer.</param>
/// <param name="Routing">Its routing number; empty: it was not ported, or nothing is known.</param>
/// <param name="Says">The same in words.</param>
public sealed record PortedNumberView(string Number, bool Known, string Routing, string Says);

public sealed record BlockedListView(IReadOnlyList<BlockedView> Blocked, string? Next = null);

public sealed record RegistrationsView(IReadOnlyList<RegistrationView> Registrations, string? Next = null);

/// <summary>A payment as it is asked for; <c>id</c> is chosen by who pays, so that asking again books nothing twice.</summary>
public sealed record PaymentRequest
{
    public required string Id { get; init; }
    public required string Account { get; init; }
    /// <summary>Decimal, at most nine decimals; negative takes money away.</summary>
    public required string Amount { get; init; }
    public string? Memo { get; init; }
}

public sealed record SettingRevertRequest
{
    /// <summary>RFC 3339, or a date.</summary>
    public required string At { get; init; }
    /// <summary>One setting, by name or alias; left out: all.</summary>
    public string? Name { get; init; }
    public bool? DryRun { get; init; }
}

public sealed record SettingRequest
{
    public required string Value { get; init; }
}

/// <summary>RFC 9457.</summary>
public sealed record Problem(string Type, string Title, int Status, string Detail, IReadOnlyList<FieldFault> Errors);
