using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Api;

/// <summary>
/// Everything the HTTP API asks of the running switch. The host implements it on the loops (a command posted to an inbox,
/// answered through a completion); tests implement it in memory. Nothing here blocks a loop, and a method that answers has
/// answered for good: what it changed is in the journal and durable. Whatever takes <c>onRevision</c> changes nothing, and answers with a Stale fault, when another revision is in force.
/// </summary>
public interface ISwitchControl
{
    /// <summary>The configuration in force and its revision, read together.</summary>
    (SwitchConfiguration Configuration, int Revision) InForce { get; }

    /// <summary>Applies one JSON document, all or nothing; with <paramref name="dryRun"/> only says what would change. Invalid: every error with line and field.</summary>
    /// <param name="document">docs/configuration.md.</param>
    /// <param name="dryRun">Change nothing.</param>
    /// <param name="by">Who applies it.</param>
    /// <param name="stop">Whoever asks is gone.</param>
    /// <param name="onRevision">The revision the document was made from; null: any.</param>
    Task<Answer<ApplyView>> ApplyAsync(ReadOnlyMemory<byte> document, bool dryRun, string by, CancellationToken stop, int? onRevision = null);

    /// <summary>The whole configuration as a document that could be applied again, passwords left out.</summary>
    Task<ConfigurationView> ConfigurationAsync(CancellationToken stop);

    /// <summary>Calls in progress, oldest first.</summary>
    Task<IReadOnlyList<CallView>> CallsAsync(CancellationToken stop);

    /// <summary>Ends a call as <see cref="Refusal.OperatorDropped"/>. NotFound when it is not in progress.</summary>
    Task<Answer<CallView>> DropAsync(CallId call, string by, CancellationToken stop);

    /// <summary>Begins a callback: one end is called, when it answers the other, and the two are joined. NotFound: there is no such phone. Conflict: the first call was refused, with the reason.</summary>
    Task<Answer<CallbackView>> CallBackAsync(CallbackRequest asked, CancellationToken stop);

    /// <summary>Says for whom the next call of a number to an access number is. NotFound: there is no such phone.</summary>
    Task<Answer<ReservationView>> ReserveCalleeAsync(ReservationRequest asked, CancellationToken stop);

    /// <summary>Begins or ends the recording of a call in progress. NotFound when it is not; Conflict, with the reason, when it cannot be recorded.</summary>
    Task<Answer<CallView>> RecordAsync(CallId call, bool record, CancellationToken stop);

    /// <summary>The story so far of a call in progress. NotFound when there is none.</summary>
    Task<Answer<WhyView>> WhyAsync(CallId call, CancellationToken stop);

    /// <summary>The story of a finished call, from the decision log and the charges of its CDR, and what was put right of these later.</summary>
    Task<WhyView> WhyAsync(Cdr finished, CancellationToken stop);

    /// <summary>What would be done with a call; of an earlier time by the configuration of then. Conflict: that cannot be restored, with the reason.</summary>
    Task<Answer<RouteView>> RouteAsync(RouteOrder asked, CancellationToken stop);

    /// <summary>
    /// Begins to make the calls of the last days again, by the configuration in force and by one with a document or a deck applied to a copy. Invalid: what is wrong with it, as apply
    /// would say; nothing is ever changed. The job's result is a <see cref="WhatIfView"/>.
    /// </summary>
    Task<Answer<JobView>> WhatIfAsync(WhatIfOrder order, string by, CancellationToken stop);

    /// <summary>Long questions, the newest first.</summary>
    Task<IReadOnlyList<JobView>> JobsAsync(CancellationToken stop);

    Task<Answer<JobView>> JobAsync(string id, CancellationToken stop);

    /// <summary>Cancels a job that is being worked on; of one that has ended says how.</summary>
    Task<Answer<JobView>> CancelJobAsync(string id, CancellationToken stop);

    Task<IReadOnlyList<AccountView>> AccountsAsync(CancellationToken stop);

    Task<Answer<AccountView>> AccountAsync(string number, CancellationToken stop);

    /// <summary>Books a payment (negative: a deduction) once per id. The same id with other content is a Conflict.</summary>
    Task<Answer<PaymentView>> PayAsync(PaymentOrder order, string by, CancellationToken stop);

    /// <summary>Reads a CSV deck and makes it the current version of the deck of that name. Invalid: every error with its line.</summary>
    Task<Answer<DeckImportView>> ImportDeckAsync(DeckImportOrder order, Stream csv, string by, CancellationToken stop, int? onRevision = null);

    Task<IReadOnlyList<DeckView>> DecksAsync(CancellationToken stop);

    /// <summary>Begins to rate the calls of a time again by a deck put right. The job's result is a <see cref="RerateView"/>. NotFound: the deck or version. Invalid: the time.</summary>
    Task<Answer<JobView>> RerateAsync(RerateOrder order, string by, CancellationToken stop);

    /// <summary>CDRs as the API shows them, with what was put right of their charges since.</summary>
    Task<IReadOnlyList<CdrView>> WithCorrectionsAsync(IReadOnlyList<Switching.Cdrs.Cdr> cdrs, CancellationToken stop);

    /// <summary>The versions a deck's name has stood for and will, newest first. NotFound: there is no such deck.</summary>
    Task<Answer<DeckVersionsView>> DeckVersionsAsync(string name, CancellationToken stop);

    /// <summary>What differs between two versions, each by its content address or the first digits of it that are one version's only. NotFound: there is no such version.</summary>
    Task<Answer<DeckDifferenceView>> DeckDifferenceAsync(string from, string to, CancellationToken stop);

    /// <summary>The version of a deck that is in force; null when there is no deck of that name.</summary>
    Deck? Deck(string name);

    /// <summary>As they are, or as they were. Conflict: nothing was configured then, or the journal cannot give it back.</summary>
    Task<Answer<SettingsView>> SettingsAsync(Instant? at, CancellationToken stop);

    /// <summary>One, by name or alias. NotFound: there is no such setting.</summary>
    Task<Answer<SettingView>> SettingAsync(string name, Instant? at, CancellationToken stop);

    /// <summary>Settings that differ between two times; null: now.</summary>
    Task<Answer<SettingDifferenceView>> SettingDifferenceAsync(Instant from, Instant? to, CancellationToken stop);

    /// <summary>Gives one setting, or all where <paramref name="name"/> is null, the values of a time, by one new revision.</summary>
    Task<Answer<ApplyView>> RevertSettingsAsync(string? name, Instant at, bool dryRun, string by, CancellationToken stop, int? onRevision = null);

    Task<Answer<SettingView>> SetSettingAsync(string name, string value, string by, CancellationToken stop, int? onRevision = null);

    /// <summary>Changes of one setting, or of all when <paramref name="name"/> is null; newest first.</summary>
    Task<Answer<SettingHistoryView>> SettingHistoryAsync(string? name, CancellationToken stop);

    /// <summary>The last changes of the configuration, oldest first.</summary>
    IReadOnlyList<Configuration.AuditEntry> Changes();

    /// <summary>Takes the changes of one revision back by a new one. NotFound: there is no such revision. Conflict: what it changed was changed again since, or cannot be taken back.</summary>
    Task<Answer<ApplyView>> UndoAsync(int revision, string by, CancellationToken stop, int? onRevision = null);

    /// <summary>Our registrations at carriers, by gateway.</summary>
    Task<TrunksView> TrunksAsync(CancellationToken stop);

    /// <summary>Routing and mapping gateways by name, with what is alive of them.</summary>
    Task<GatewaysView> GatewaysAsync(CancellationToken stop);

    /// <summary>The quality of every gateway that is counted, or of one with its destinations.</summary>
    Task<Answer<QualitiesView>> QualityAsync(string? gateway, CancellationToken stop);

    Task<IReadOnlyList<RegistrationView>> RegistrationsAsync(CancellationToken stop);

    /// <summary>Addresses and phones blocked after too many wrong passwords, addresses first.</summary>
    Task<IReadOnlyList<BlockedView>> BlockedAsync(CancellationToken stop);

    /// <summary>Ends the block of an address or a phone. NotFound when there is none.</summary>
    Task<Answer<BlockedView>> ReleaseAsync(string who, string by, CancellationToken stop);

    /// <summary>Numbers on dynamic black lists, by list, kind and number.</summary>
    Task<IReadOnlyList<BlackListEntryView>> BlackListAsync(CancellationToken stop);

    /// <summary>Takes a number off every dynamic black list it is on, or off that of one device. NotFound when it is on none.</summary>
    Task<Answer<BlackListView>> BlackListReleaseAsync(string number, string? list, string by, CancellationToken stop);

    /// <summary>The local table of ported numbers, and how far an import has come.</summary>
    Task<PortedTableView> PortedTableAsync(CancellationToken stop);

    /// <summary>Replaces the local table by a CSV file, all of it or nothing. Invalid: every error with its line.</summary>
    Task<Answer<PortedTableView>> ImportPortedAsync(Stream csv, string by, CancellationToken stop);

    /// <summary>Takes the local table out of use and away; what it was.</summary>
    Task<PortedTableView> RemovePortedAsync(string by, CancellationToken stop);

    /// <summary>What is known of one number, without asking a server.</summary>
    Task<Answer<PortedNumberView>> PortedNumberAsync(string number, CancellationToken stop);

    /// <summary>Folds the journal from its beginning and compares it with what is live.</summary>
    Task<CheckView> CheckAsync(CancellationToken stop);

    /// <summary>How far the journal is, and how far those that read it.</summary>
    Task<JournalView> JournalAsync(CancellationToken stop);

    Task<StatusView> StatusAsync(CancellationToken stop);

    /// <summary>Without waiting for any loop: may be asked every second by a monitor.</summary>
    HealthView Health();
}
