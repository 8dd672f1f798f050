// Generated from the OpenAPI document of the API by a test (ClientTests); do not edit. Written anew with TANDEM_WRITE_DOCS=1.
#nullable enable
#pragma warning disable // what the document says

using System.Net.Http;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Tandem.Client;

public sealed partial class TandemClient
{
    /// <summary>Whether new calls are accepted; needs no token.</summary>
    public Task<HealthView> GetHealthAsync(CancellationToken stop = default) =>
        ReadAsync<HealthView>(HttpMethod.Get, $"/health", null, [], stop);

    /// <summary>Accounts with their money.</summary>
    public Task<AccountsView> GetAccountsAsync(string? @number = null, string? @name = null, string? @kind = null, string? @currency = null, string? @deck = null, string? @locked = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<AccountsView>(HttpMethod.Get, Query($"/v1/accounts", ("number", @number), ("name", @name), ("kind", @kind), ("currency", @currency), ("deck", @deck), ("locked", @locked), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>One account.</summary>
    public Task<AccountView> GetAccountsByNumberAsync(string @number, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<AccountView>(HttpMethod.Get, $"/v1/accounts/{Escape(@number)}", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Bring a balance to zero. 202: it waits for a second person.</summary>
    public Task<JsonNode> PostAccountsByNumberZeroAsync(string @number, ReversalRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JsonNode>(HttpMethod.Post, $"/v1/accounts/{Escape(@number)}/zero", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Alarms that stand, the worst first, and the last that are over.</summary>
    public Task<AlarmsView> GetAlarmsAsync(string? @kind = null, string? @level = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<AlarmsView>(HttpMethod.Get, Query($"/v1/alarms", ("kind", @kind), ("level", @level), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Say that an alarm was seen.</summary>
    public Task<AlarmView> PostAlarmsByIdConfirmAsync(string @id, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<AlarmView>(HttpMethod.Post, $"/v1/alarms/{Escape(@id)}/confirm", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Apply a document. Accounts, decks, gateways, phones and settings in one JSON document (docs/configuration.md): all of it or nothing. The same document twice changes nothing the second time.</summary>
    public Task<ApplyView> PostApplyAsync(HttpContent body, bool? @dryRun = null, string? idempotencyKey = null, string? ifMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<ApplyView>(HttpMethod.Post, Query($"/v1/apply", ("dryRun", @dryRun)), body, [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop, head);

    /// <summary>Changes of the configuration, users, keys and waiting payments, newest first.</summary>
    public Task<AuditListView> GetAuditAsync(string? @by = null, string? @what = null, DateTimeOffset? @since = null, DateTimeOffset? @until = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<AuditListView>(HttpMethod.Get, Query($"/v1/audit", ("by", @by), ("what", @what), ("since", @since), ("until", @until), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Take the changes of one revision back, by a new one. Refused when what it changed was changed again since. Money is never undone, only reversed.</summary>
    public Task<ApplyView> PostAuditByRevisionUndoAsync(string @revision, string? idempotencyKey = null, string? ifMatch = null, CancellationToken stop = default) =>
        ReadAsync<ApplyView>(HttpMethod.Post, $"/v1/audit/{Escape(@revision)}/undo", null, [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop);

    /// <summary>How long a call could talk now.</summary>
    public Task<AvailableTimeView> GetAvailableTimeAsync(string? @billingMode = null, string? @payer = null, string? @callee = null, string? @routingGateway = null, CancellationToken stop = default) =>
        ReadAsync<AvailableTimeView>(HttpMethod.Get, Query($"/v1/available-time", ("billingMode", @billingMode), ("payer", @payer), ("callee", @callee), ("routingGateway", @routingGateway)), null, [], stop);

    /// <summary>Numbers on dynamic black lists.</summary>
    public Task<BlackListView> GetBlacklistAsync(string? @number = null, string? @kind = null, string? @list = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<BlackListView>(HttpMethod.Get, Query($"/v1/blacklist", ("number", @number), ("kind", @kind), ("list", @list), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Take a number off the dynamic black lists.</summary>
    public Task<BlackListView> DeleteBlacklistByNumberAsync(string @number, string? @list = null, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<BlackListView>(HttpMethod.Delete, Query($"/v1/blacklist/{Escape(@number)}", ("list", @list)), null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Addresses and phones blocked after wrong passwords.</summary>
    public Task<BlockedListView> GetBlockedAsync(string? @kind = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<BlockedListView>(HttpMethod.Get, Query($"/v1/blocked", ("kind", @kind), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>End a block.</summary>
    public Task<BlockedView> DeleteBlockedByWhoAsync(string @who, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<BlockedView>(HttpMethod.Delete, $"/v1/blocked/{Escape(@who)}", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Call one end, then the other, and join them. Two calls with their own records and payers (docs/callbacks.md). The call that is given back is the first; ending it ends both.</summary>
    public Task<CallbackView> PostCallbacksAsync(CallbackRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<CallbackView>(HttpMethod.Post, $"/v1/callbacks", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Say for whom a caller's next call to an access number is.</summary>
    public Task<ReservationView> PostCallbacksReservationsAsync(ReservationRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<ReservationView>(HttpMethod.Post, $"/v1/callbacks/reservations", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Calls in progress, oldest first.</summary>
    public Task<CallsView> GetCallsAsync(string? @account = null, string? @caller = null, string? @callee = null, string? @callerGateway = null, string? @calleeGateway = null, string? @state = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<CallsView>(HttpMethod.Get, Query($"/v1/calls", ("account", @account), ("caller", @caller), ("callee", @callee), ("callerGateway", @callerGateway), ("calleeGateway", @calleeGateway), ("state", @state), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>End a call.</summary>
    public Task<CallView> DeleteCallsByIdAsync(string @id, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<CallView>(HttpMethod.Delete, $"/v1/calls/{Escape(@id)}", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>End the recording of a call.</summary>
    public Task<CallView> DeleteCallsByIdRecordingAsync(string @id, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<CallView>(HttpMethod.Delete, $"/v1/calls/{Escape(@id)}/recording", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Begin to record a call.</summary>
    public Task<CallView> PostCallsByIdRecordingAsync(string @id, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<CallView>(HttpMethod.Post, $"/v1/calls/{Escape(@id)}/recording", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Make stock cards. Up to 10,000 with PINs and passwords drawn at random: all of them, or none. Only this answer tells the passwords.</summary>
    public Task<CardsMadeView> PostCardsAsync(CardsRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<CardsMadeView>(HttpMethod.Post, $"/v1/cards", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Use a stock card. With 'account' it recharges that account; without, it opens an account of its own, and an active card and a phone where it may. 202: it waits for a second person.</summary>
    public Task<JsonNode> PostCardsUseAsync(CardUseRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JsonNode>(HttpMethod.Post, $"/v1/cards/use", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Finished calls, newest first. By the end of the call; one day up to now unless said otherwise. Page with 'cursor'.</summary>
    public Task<CdrsView> GetCdrsAsync(DateTimeOffset? @since = null, DateTimeOffset? @until = null, string? @account = null, string? @gateway = null, string? @callerGateway = null, string? @calleeGateway = null, string? @caller = null, string? @callee = null, bool? @answered = null, int? @endReason = null, int? @endDirection = null, int? @minSeconds = null, int? @maxSeconds = null, string? @minCost = null, string? @maxCost = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<CdrsView>(HttpMethod.Get, Query($"/v1/cdrs", ("since", @since), ("until", @until), ("account", @account), ("gateway", @gateway), ("callerGateway", @callerGateway), ("calleeGateway", @calleeGateway), ("caller", @caller), ("callee", @callee), ("answered", @answered), ("endReason", @endReason), ("endDirection", @endDirection), ("minSeconds", @minSeconds), ("maxSeconds", @maxSeconds), ("minCost", @minCost), ("maxCost", @maxCost), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>ASR, ACD, PDD, NER, short calls and who hung up, by gateway, customer, destination, reason, hour or day.</summary>
    public Task<CdrAnalysisView> GetCdrsAnalysisAsync(string? @by = null, DateTimeOffset? @since = null, DateTimeOffset? @until = null, int? @minCalls = null, string? @pattern = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<CdrAnalysisView>(HttpMethod.Get, Query($"/v1/cdrs/analysis", ("by", @by), ("since", @since), ("until", @until), ("minCalls", @minCalls), ("pattern", @pattern), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Calls as CSV or XLSX. Newest first, every field. X-Total-Count says how many come; closing the connection ends it. 'mask' hides the end of numbers.</summary>
    public Task<TandemDownload> GetCdrsExportAsync(DateTimeOffset? @since = null, DateTimeOffset? @until = null, string? @account = null, string? @gateway = null, string? @callerGateway = null, string? @calleeGateway = null, string? @caller = null, string? @callee = null, bool? @answered = null, int? @endReason = null, int? @endDirection = null, int? @minSeconds = null, int? @maxSeconds = null, string? @minCost = null, string? @maxCost = null, string? @format = null, bool? @mask = null, CancellationToken stop = default) =>
        DownloadAsync(HttpMethod.Get, Query($"/v1/cdrs/export", ("since", @since), ("until", @until), ("account", @account), ("gateway", @gateway), ("callerGateway", @callerGateway), ("calleeGateway", @calleeGateway), ("caller", @caller), ("callee", @callee), ("answered", @answered), ("endReason", @endReason), ("endDirection", @endDirection), ("minSeconds", @minSeconds), ("maxSeconds", @maxSeconds), ("minCost", @minCost), ("maxCost", @maxCost), ("format", @format), ("mask", @mask)), null, [], stop);

    /// <summary>What calls come to: how many, how long, charged by currency. With 'since' and 'until' on the hour, and gateways, reasons and directions alone, it is answered from the sums of the hours, however many calls there are.</summary>
    public Task<CdrSumsView> GetCdrsSumsAsync(DateTimeOffset? @since = null, DateTimeOffset? @until = null, string? @account = null, string? @gateway = null, string? @callerGateway = null, string? @calleeGateway = null, string? @caller = null, string? @callee = null, bool? @answered = null, int? @endReason = null, int? @endDirection = null, int? @minSeconds = null, int? @maxSeconds = null, string? @minCost = null, string? @maxCost = null, CancellationToken stop = default) =>
        ReadAsync<CdrSumsView>(HttpMethod.Get, Query($"/v1/cdrs/sums", ("since", @since), ("until", @until), ("account", @account), ("gateway", @gateway), ("callerGateway", @callerGateway), ("calleeGateway", @calleeGateway), ("caller", @caller), ("callee", @callee), ("answered", @answered), ("endReason", @endReason), ("endDirection", @endDirection), ("minSeconds", @minSeconds), ("maxSeconds", @maxSeconds), ("minCost", @minCost), ("maxCost", @maxCost)), null, [], stop);

    /// <summary>One finished call.</summary>
    public Task<CdrView> GetCdrsByIdAsync(string @id, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<CdrView>(HttpMethod.Get, $"/v1/cdrs/{Escape(@id)}", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Compare the live state with the journal.</summary>
    public Task<CheckView> GetCheckAsync(CancellationToken stop = default) =>
        ReadAsync<CheckView>(HttpMethod.Get, $"/v1/check", null, [], stop);

    /// <summary>The configuration in force, as a document.</summary>
    public Task<ConfigurationView> GetConfigurationAsync(string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<ConfigurationView>(HttpMethod.Get, $"/v1/configuration", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Rents and shortfalls, newest first.</summary>
    public Task<ConsumptionsView> GetConsumptionsAsync(string? @account = null, DateTimeOffset? @since = null, DateTimeOffset? @until = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<ConsumptionsView>(HttpMethod.Get, Query($"/v1/consumptions", ("account", @account), ("since", @since), ("until", @until), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Reports on carriers' files, newest first.</summary>
    public Task<DeckReportsView> GetDeckReportsAsync(string? @deck = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<DeckReportsView>(HttpMethod.Get, Query($"/v1/deck-reports", ("deck", @deck), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Read a carrier's file and tell what it would change. CSV or .xlsx as carriers send them (docs/deck-import.md). Nothing is changed. The answer is a job: its result is the report, which is kept.</summary>
    public Task<JobView> PostDeckReportsAsync(HttpContent body, string? @deck = null, string? @currency = null, string? @fileName = null, string? @template = null, string? @sheet = null, string? @decimal = null, string? @dates = null, string? @codes = null, string? @rows = null, string? @from = null, string? @noticeDays = null, string? @stakeDays = null, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JobView>(HttpMethod.Post, Query($"/v1/deck-reports", ("deck", @deck), ("currency", @currency), ("fileName", @fileName), ("template", @template), ("sheet", @sheet), ("decimal", @decimal), ("dates", @dates), ("codes", @codes), ("rows", @rows), ("from", @from), ("noticeDays", @noticeDays), ("stakeDays", @stakeDays)), body, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>A report.</summary>
    public Task<DeckReportView> GetDeckReportsByIdAsync(string @id, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<DeckReportView>(HttpMethod.Get, $"/v1/deck-reports/{Escape(@id)}", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Make what a report speaks of the deck in force. Refused when the deck is another than it was when the file was read; and with rows that cannot be read, unless acceptInvalid is true.</summary>
    public Task<DeckImportView> PostDeckReportsByIdApplyAsync(string @id, string? @acceptInvalid = null, string? idempotencyKey = null, string? ifMatch = null, CancellationToken stop = default) =>
        ReadAsync<DeckImportView>(HttpMethod.Post, Query($"/v1/deck-reports/{Escape(@id)}/apply", ("acceptInvalid", @acceptInvalid)), null, [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop);

    /// <summary>Every code a report speaks of, as CSV.</summary>
    public Task<TandemDownload> GetDeckReportsByIdLinesAsync(string @id, CancellationToken stop = default) =>
        DownloadAsync(HttpMethod.Get, $"/v1/deck-reports/{Escape(@id)}/lines", null, [], stop);

    /// <summary>Layouts of carriers' files that are known.</summary>
    public Task<DeckTemplatesView> GetDeckTemplatesAsync(string? @name = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<DeckTemplatesView>(HttpMethod.Get, Query($"/v1/deck-templates", ("name", @name), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>What differs between two deck versions. From the version in the path to the one in 'to', each by its content address or the first digits of it.</summary>
    public Task<DeckDifferenceView> GetDeckVersionsByVersionDifferenceAsync(string @version, string? @to = null, CancellationToken stop = default) =>
        ReadAsync<DeckDifferenceView>(HttpMethod.Get, Query($"/v1/deck-versions/{Escape(@version)}/difference", ("to", @to)), null, [], stop);

    /// <summary>Decks in force.</summary>
    public Task<DecksView> GetDecksAsync(string? @name = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<DecksView>(HttpMethod.Get, Query($"/v1/decks", ("name", @name), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Import a deck. CSV with the columns prefix, destination, rate_per_min, connect_fee, first_interval, next_interval. All of it or nothing; every error with its line.</summary>
    public Task<DeckImportView> PostDecksAsync(HttpContent body, string? @name = null, string? @currency = null, bool? @dryRun = null, string? @from = null, DateTimeOffset? @until = null, string? idempotencyKey = null, string? ifMatch = null, CancellationToken stop = default) =>
        ReadAsync<DeckImportView>(HttpMethod.Post, Query($"/v1/decks", ("name", @name), ("currency", @currency), ("dryRun", @dryRun), ("from", @from), ("until", @until)), body, [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop);

    /// <summary>Give many accounts a deck. Those named in 'accounts', or those that have the deck 'ofDeck' now or stand below the agent 'ofAgent'. All of them in one revision, which undo takes back, or none.</summary>
    public Task<JobView> PostDecksByNameAssignmentsAsync(string @name, AssignmentRequest body, bool? @dryRun = null, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JobView>(HttpMethod.Post, Query($"/v1/decks/{Escape(@name)}/assignments", ("dryRun", @dryRun)), Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>A deck as CSV, as it can be imported again.</summary>
    public Task<TandemDownload> GetDecksByNameRatesAsync(string @name, string? @version = null, CancellationToken stop = default) =>
        DownloadAsync(HttpMethod.Get, Query($"/v1/decks/{Escape(@name)}/rates", ("version", @version)), null, [], stop);

    /// <summary>Versions of a deck: past, current and future.</summary>
    public Task<DeckVersionsView> GetDecksByNameVersionsAsync(string @name, string? @state = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<DeckVersionsView>(HttpMethod.Get, Query($"/v1/decks/{Escape(@name)}/versions", ("state", @state), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Calls, alarms and counters as they change. Server-sent events. A slow reader is told how many it lost; with Last-Event-ID it goes on where it was, as far as the switch remembers. Tenants read their calls.</summary>
    public IAsyncEnumerable<TandemEvent> GetEventsAsync(string? @topics = null, string? lastEventId = null, CancellationToken stop = default) =>
        EventsAsync(Query($"/v1/events", ("topics", @topics)), [("Last-Event-ID", lastEventId)], stop);

    /// <summary>Charge a call made elsewhere. Once per flowNumber; without one the switch gives a number. It is charged whole, whatever the balance. 202: it waits for a second person.</summary>
    public Task<JsonNode> PostExternalCallsAsync(ExternalCallRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JsonNode>(HttpMethod.Post, $"/v1/external-calls", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Gateways as they stand: addresses, where host names lead, lines in use, whether they answer OPTIONS, whether they rest.</summary>
    public Task<GatewaysView> GetGatewaysAsync(string? @name = null, string? @kind = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<GatewaysView>(HttpMethod.Get, Query($"/v1/gateways", ("name", @name), ("kind", @kind), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Long questions under way and the last answers.</summary>
    public Task<JobsView> GetJobsAsync(string? @what = null, string? @state = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<JobsView>(HttpMethod.Get, Query($"/v1/jobs", ("what", @what), ("state", @state), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Cancel a job.</summary>
    public Task<JobView> DeleteJobsByIdAsync(string @id, string? idempotencyKey = null, string? ifMatch = null, CancellationToken stop = default) =>
        ReadAsync<JobView>(HttpMethod.Delete, $"/v1/jobs/{Escape(@id)}", null, [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop);

    /// <summary>One job: how far it is, and its result.</summary>
    public Task<JobView> GetJobsByIdAsync(string @id, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<JobView>(HttpMethod.Get, $"/v1/jobs/{Escape(@id)}", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>How far the journal is, and how far those that read it.</summary>
    public Task<JournalView> GetJournalAsync(CancellationToken stop = default) =>
        ReadAsync<JournalView>(HttpMethod.Get, $"/v1/journal", null, [], stop);

    /// <summary>API keys, never what they are.</summary>
    public Task<KeysView> GetKeysAsync(string? @role = null, string? @account = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<KeysView>(HttpMethod.Get, Query($"/v1/keys", ("role", @role), ("account", @account), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Make a key; it is shown once.</summary>
    public Task<KeyView> PostKeysAsync(KeyRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<KeyView>(HttpMethod.Post, $"/v1/keys", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Revoke a key.</summary>
    public Task<KeyView> DeleteKeysByIdAsync(string @id, string? idempotencyKey = null, string? ifMatch = null, CancellationToken stop = default) =>
        ReadAsync<KeyView>(HttpMethod.Delete, $"/v1/keys/{Escape(@id)}", null, [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop);

    /// <summary>One key, by id or name.</summary>
    public Task<KeyView> GetKeysByIdAsync(string @id, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<KeyView>(HttpMethod.Get, $"/v1/keys/{Escape(@id)}", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Begin a session by user and password; needs no token.</summary>
    public Task<LoginView> PostLoginAsync(LoginRequest body, CancellationToken stop = default) =>
        ReadAsync<LoginView>(HttpMethod.Post, $"/v1/login", Body(body), [], stop);

    /// <summary>End this session.</summary>
    public Task<SessionView> PostLogoutAsync(string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<SessionView>(HttpMethod.Post, $"/v1/logout", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Who asks.</summary>
    public Task<MeView> GetMeAsync(string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<MeView>(HttpMethod.Get, $"/v1/me", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Change one's password; other sessions end.</summary>
    public Task<MeView> PostMePasswordAsync(PasswordRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<MeView>(HttpMethod.Post, $"/v1/me/password", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>A secret for an authenticator program; asked for after it was confirmed.</summary>
    public Task<TotpView> PostMeTotpAsync(string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<TotpView>(HttpMethod.Post, $"/v1/me/totp", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Confirm it by a code.</summary>
    public Task<MeView> PostMeTotpConfirmAsync(CodeRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<MeView>(HttpMethod.Post, $"/v1/me/totp/confirm", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Do without, by a last code.</summary>
    public Task<MeView> PostMeTotpRemovalAsync(CodeRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<MeView>(HttpMethod.Post, $"/v1/me/totp/removal", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Current packages, and how orders stand.</summary>
    public Task<PackagesView> GetPackagesAsync(string? @account = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<PackagesView>(HttpMethod.Get, Query($"/v1/packages", ("account", @account), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>End a current package. 202: what it spent less than promised, which is not charged then, waits for a second person.</summary>
    public Task<JsonNode> DeletePackagesByIdAsync(string @id, string? idempotencyKey = null, string? ifMatch = null, CancellationToken stop = default) =>
        ReadAsync<JsonNode>(HttpMethod.Delete, $"/v1/packages/{Escape(@id)}", null, [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop);

    /// <summary>One current package.</summary>
    public Task<PackageView> GetPackagesByIdAsync(string @id, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<PackageView>(HttpMethod.Get, $"/v1/packages/{Escape(@id)}", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>A password for a phone or gateway, as SERVER_PASSWORD_… say.</summary>
    public Task<MadePasswordView> PostPasswordsAsync(string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<MadePasswordView>(HttpMethod.Post, $"/v1/passwords", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Payments, newest first.</summary>
    public Task<PaymentHistoryView> GetPaymentsAsync(string? @account = null, DateTimeOffset? @since = null, DateTimeOffset? @until = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<PaymentHistoryView>(HttpMethod.Get, Query($"/v1/payments", ("account", @account), ("since", @since), ("until", @until), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Book a payment. Once per id: 201 when it was booked, 200 when it had been before, 409 when the id was used for another payment; 202 when it waits for a second person (SERVER_PAYMENT_CONFIRM_ABOVE).</summary>
    public Task<JsonNode> PostPaymentsAsync(PaymentRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JsonNode>(HttpMethod.Post, $"/v1/payments", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Book many payments. Up to 100,000, each with an id of its own. With a row that cannot be read nothing is booked; a row that cannot be booked is told in the job's result and keeps no other. The same batch sent again, or after it was cancelled, books what is not booked yet.</summary>
    public Task<JobView> PostPaymentsBatchAsync(BatchRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JobView>(HttpMethod.Post, $"/v1/payments/batch", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Take a payment back. 202: it waits for a second person. Whole, once, by a payment of its own that names it. What calls in progress hold cannot be taken.</summary>
    public Task<JsonNode> PostPaymentsByPaymentReversalAsync(string @payment, ReversalRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JsonNode>(HttpMethod.Post, $"/v1/payments/{Escape(@payment)}/reversal", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Payments that wait for a second person.</summary>
    public Task<PendingPaymentsView> GetPendingPaymentsAsync(string? @account = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<PendingPaymentsView>(HttpMethod.Get, Query($"/v1/pending-payments", ("account", @account), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Confirm a payment somebody else asked for: it is booked. Of re-rating: its job is begun.</summary>
    public Task<ConfirmedView> PostPendingPaymentsByIdConfirmAsync(string @id, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<ConfirmedView>(HttpMethod.Post, $"/v1/pending-payments/{Escape(@id)}/confirm", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Refuse a waiting payment, or withdraw one's own.</summary>
    public Task<PendingPaymentView> PostPendingPaymentsByIdRefuseAsync(string @id, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<PendingPaymentView>(HttpMethod.Post, $"/v1/pending-payments/{Escape(@id)}/refuse", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Do without the local table.</summary>
    public Task<PortedTableView> DeletePortedNumbersAsync(string? idempotencyKey = null, string? ifMatch = null, CancellationToken stop = default) =>
        ReadAsync<PortedTableView>(HttpMethod.Delete, $"/v1/ported-numbers", null, [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop);

    /// <summary>The local table of ported numbers.</summary>
    public Task<PortedTableView> GetPortedNumbersAsync(string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<PortedTableView>(HttpMethod.Get, $"/v1/ported-numbers", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Import ported numbers. CSV lines number,routing in any order, of any length of file. All of it or nothing; every error with its line. The table in use stays until the new one is whole.</summary>
    public Task<PortedTableView> PostPortedNumbersAsync(HttpContent body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<PortedTableView>(HttpMethod.Post, $"/v1/ported-numbers", body, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>What is known of one number.</summary>
    public Task<PortedNumberView> GetPortedNumbersByNumberAsync(string @number, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<PortedNumberView>(HttpMethod.Get, $"/v1/ported-numbers/{Escape(@number)}", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Answer rate, effectiveness, talk, delay and breaker of gateways; of one gateway with its destinations.</summary>
    public Task<QualitiesView> GetQualityAsync(string? @gateway = null, string? @state = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<QualitiesView>(HttpMethod.Get, Query($"/v1/quality", ("gateway", @gateway), ("state", @state), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Phones registered now.</summary>
    public Task<RegistrationsView> GetRegistrationsAsync(string? @phone = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<RegistrationsView>(HttpMethod.Get, Query($"/v1/registrations", ("phone", @phone), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Rate the calls of a time again by a deck put right. What is wrong is given back and charged anew by payments that name the call (docs/rerating.md). Without apply=true nothing is changed. The answer is a job (202): its result has the difference per account; 200: nothing is begun, with apply=true it waits for a second person (SERVER_PAYMENT_CONFIRM_ABOVE).</summary>
    public Task<JsonNode> PostRerateAsync(string? @deck = null, DateTimeOffset? @since = null, DateTimeOffset? @until = null, string? @version = null, string? @pricedBy = null, string? @apply = null, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JsonNode>(HttpMethod.Post, Query($"/v1/rerate", ("deck", @deck), ("since", @since), ("until", @until), ("version", @version), ("pricedBy", @pricedBy), ("apply", @apply)), null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>What would be done with a call. By the decision a real call gets, told in the same words; with 'at' by the configuration of that time. As text with Accept: text/plain.</summary>
    public Task<RouteView> GetRouteAsync(string? @number = null, string? @from = null, string? @caller = null, string? @at = null, CancellationToken stop = default) =>
        ReadAsync<RouteView>(HttpMethod.Get, Query($"/v1/route", ("number", @number), ("from", @from), ("caller", @caller), ("at", @at)), null, [], stop);

    /// <summary>What would be done with a call. By the decision a real call gets, told in the same words; with 'at' by the configuration of that time. As text with Accept: text/plain.</summary>
    public Task<string> GetRouteTextAsync(string? @number = null, string? @from = null, string? @caller = null, string? @at = null, CancellationToken stop = default) =>
        TextAsync(HttpMethod.Get, Query($"/v1/route", ("number", @number), ("from", @from), ("caller", @caller), ("at", @at)), null, [], stop);

    /// <summary>Sessions: one's own, of an administrator everybody's.</summary>
    public Task<SessionsView> GetSessionsAsync(string? @user = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<SessionsView>(HttpMethod.Get, Query($"/v1/sessions", ("user", @user), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>End a session.</summary>
    public Task<SessionView> DeleteSessionsByIdAsync(string @id, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<SessionView>(HttpMethod.Delete, $"/v1/sessions/{Escape(@id)}", null, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Every setting; with 'at' as it was then.</summary>
    public Task<SettingsView> GetSettingsAsync(string? @at = null, string? @name = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<SettingsView>(HttpMethod.Get, Query($"/v1/settings", ("at", @at), ("name", @name), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Settings that differ between two times.</summary>
    public Task<SettingDifferenceView> GetSettingsDifferenceAsync(string? @from = null, string? @to = null, string? @name = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<SettingDifferenceView>(HttpMethod.Get, Query($"/v1/settings/difference", ("from", @from), ("to", @to), ("name", @name), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Who changed which setting when.</summary>
    public Task<SettingHistoryView> GetSettingsHistoryAsync(int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<SettingHistoryView>(HttpMethod.Get, Query($"/v1/settings/history", ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Give one setting, or all, the values of a time. One new revision, all of it or nothing. With 'dryRun' it is only said what would change.</summary>
    public Task<ApplyView> PostSettingsRevertAsync(SettingRevertRequest body, string? idempotencyKey = null, string? ifMatch = null, CancellationToken stop = default) =>
        ReadAsync<ApplyView>(HttpMethod.Post, $"/v1/settings/revert", Body(body), [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop);

    /// <summary>One setting, by name or alias; with 'at' as it was then.</summary>
    public Task<SettingView> GetSettingsByNameAsync(string @name, string? @at = null, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<SettingView>(HttpMethod.Get, Query($"/v1/settings/{Escape(@name)}", ("at", @at)), null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Change a setting.</summary>
    public Task<SettingView> PutSettingsByNameAsync(string @name, SettingRequest body, string? idempotencyKey = null, string? ifMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<SettingView>(HttpMethod.Put, $"/v1/settings/{Escape(@name)}", Body(body), [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop, head);

    /// <summary>Changes of one setting.</summary>
    public Task<SettingHistoryView> GetSettingsByNameHistoryAsync(string @name, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<SettingHistoryView>(HttpMethod.Get, Query($"/v1/settings/{Escape(@name)}/history", ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Counters and warnings.</summary>
    public Task<StatusView> GetStatusAsync(CancellationToken stop = default) =>
        ReadAsync<StatusView>(HttpMethod.Get, $"/v1/status", null, [], stop);

    /// <summary>Our registrations at carriers.</summary>
    public Task<TrunksView> GetTrunksAsync(string? @gateway = null, string? @state = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<TrunksView>(HttpMethod.Get, Query($"/v1/trunks", ("gateway", @gateway), ("state", @state), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Users.</summary>
    public Task<UsersView> GetUsersAsync(string? @role = null, string? @account = null, int? @limit = null, string? @cursor = null, CancellationToken stop = default) =>
        ReadAsync<UsersView>(HttpMethod.Get, Query($"/v1/users", ("role", @role), ("account", @account), ("limit", @limit), ("cursor", @cursor)), null, [], stop);

    /// <summary>Add a user; without a password one is made and shown once.</summary>
    public Task<UserView> PostUsersAsync(UserRequest body, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<UserView>(HttpMethod.Post, $"/v1/users", Body(body), [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Remove a user, his sessions and the keys he made.</summary>
    public Task<UserView> DeleteUsersByNameAsync(string @name, string? idempotencyKey = null, string? ifMatch = null, CancellationToken stop = default) =>
        ReadAsync<UserView>(HttpMethod.Delete, $"/v1/users/{Escape(@name)}", null, [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop);

    /// <summary>One user.</summary>
    public Task<UserView> GetUsersByNameAsync(string @name, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<UserView>(HttpMethod.Get, $"/v1/users/{Escape(@name)}", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Change a user; what is left out stays. Another role, account or password, and 'disabled', end his sessions. 'totp' can only be set to false, when his authenticator is lost.</summary>
    public Task<UserView> PutUsersByNameAsync(string @name, UserChangeRequest body, string? idempotencyKey = null, string? ifMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<UserView>(HttpMethod.Put, $"/v1/users/{Escape(@name)}", Body(body), [("Idempotency-Key", idempotencyKey), ("If-Match", ifMatch)], stop, head);

    /// <summary>Make the calls of the last days again, as if a document or a deck had been in force. The body is a document as for /v1/apply, or with 'deck' and 'currency' a CSV deck. Nothing is changed. The answer is a job: its result has calls moved and margins before and after, per customer, carrier and destination (docs/what-if.md).</summary>
    public Task<JobView> PostWhatIfAsync(HttpContent body, string? @days = null, string? @deck = null, string? @currency = null, string? idempotencyKey = null, CancellationToken stop = default) =>
        ReadAsync<JobView>(HttpMethod.Post, Query($"/v1/what-if", ("days", @days), ("deck", @deck), ("currency", @currency)), body, [("Idempotency-Key", idempotencyKey)], stop);

    /// <summary>Why a call went as it did. Live or finished: every decision with its reason, the SIP ladder, the price in steps. As text with Accept: text/plain.</summary>
    public Task<WhyView> GetWhyByIdAsync(string @id, string? ifNoneMatch = null, AnswerHead? head = null, CancellationToken stop = default) =>
        ReadAsync<WhyView>(HttpMethod.Get, $"/v1/why/{Escape(@id)}", null, [("If-None-Match", ifNoneMatch)], stop, head);

    /// <summary>Why a call went as it did. Live or finished: every decision with its reason, the SIP ladder, the price in steps. As text with Accept: text/plain.</summary>
    public Task<string> GetWhyByIdTextAsync(string @id, string? ifNoneMatch = null, CancellationToken stop = default) =>
        TextAsync(HttpMethod.Get, $"/v1/why/{Escape(@id)}", null, [("If-None-Match", ifNoneMatch)], stop);

}

public sealed record AccountView
{
    public required string Number { get; init; }
    public required string Name { get; init; }
    /// <summary>Ordinary, PhoneCard or Clearing.</summary>
    public required string Kind { get; init; }
    public required string Currency { get; init; }
    public required decimal Balance { get; init; }
    public required decimal CreditLimit { get; init; }
    /// <summary>Held for calls in progress.</summary>
    public required decimal Reserved { get; init; }
    /// <summary>balance + credit limit − reserved.</summary>
    public required decimal Available { get; init; }
    public required bool Locked { get; init; }
    /// <summary>What its calls cost it on this day (UTC).</summary>
    public required decimal ConsumedToday { get; init; }
    /// <summary>From here on it begins no calls; never: it does not expire.</summary>
    public DateTimeOffset? ValidUntil { get; init; }
    /// <summary>Name of the deck that prices its calls; empty for none.</summary>
    public required string Deck { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record AccountsView : IPage<AccountsView>
{
    public required IReadOnlyList<AccountView> Accounts { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public AccountsView And(AccountsView further) => this with { Accounts = [.. Accounts, .. further.Accounts], Next = further.Next };
}

/// <summary>What an agent was charged for a call below it.</summary>
public sealed record AgentChargeView
{
    /// <summary>The agent's.</summary>
    public required string Account { get; init; }
    /// <summary>What it was charged.</summary>
    public required decimal Amount { get; init; }
    /// <summary>Of its deck.</summary>
    public required string Currency { get; init; }
    /// <summary>What the account below it was charged, less its own charge.</summary>
    public required decimal Income { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>One alarm; docs/alarms.md.</summary>
public sealed record AlarmView
{
    public required int Id { get; init; }
    /// <summary>DiskSpace, CdrsWaiting, MediaPorts, Journal, Trunk, Books, CdrConsumer or Stated.</summary>
    public required string Kind { get; init; }
    /// <summary>The operators' number of the kind.</summary>
    public required int Code { get; init; }
    /// <summary>General, Minor, Major or Critical.</summary>
    public required string Level { get; init; }
    public required string Name { get; init; }
    public required string Says { get; init; }
    public double? Value { get; init; }
    public double? Upper { get; init; }
    public double? Lower { get; init; }
    public DateTimeOffset? Raised { get; init; }
    public DateTimeOffset? Cleared { get; init; }
    /// <summary>Empty: nobody has said that it was seen.</summary>
    public required string ConfirmedBy { get; init; }
    public DateTimeOffset? Confirmed { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record AlarmsView : IPage<AlarmsView>
{
    public required IReadOnlyList<AlarmView> Standing { get; init; }
    public required IReadOnlyList<AlarmView> Cleared { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public AlarmsView And(AlarmsView further) => this with { Standing = [.. Standing, .. further.Standing], Cleared = [.. Cleared, .. further.Cleared], Next = further.Next };
}

/// <summary>By what calls are told apart.</summary>
public enum AnalysisBy { CallerGateway, CalleeGateway, Customer, Destination, Hour, EndReason, Day }

public sealed record ApplyView
{
    /// <summary>Revision in force afterwards; the same as before when nothing changed.</summary>
    public required int Revision { get; init; }
    /// <summary>True when nothing was changed, only looked at.</summary>
    public required bool DryRun { get; init; }
    /// <summary>Empty when the document says what is in force already.</summary>
    public required IReadOnlyList<ChangeView> Changes { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>Whose deck it is to be: accounts named one by one, or chosen.</summary>
public sealed record AssignmentRequest
{
    /// <summary>Their numbers.</summary>
    public IReadOnlyList<string>? Accounts { get; init; }
    /// <summary>Accounts that have this deck now.</summary>
    public string? OfDeck { get; init; }
    /// <summary>Accounts directly below this agent.</summary>
    public string? OfAgent { get; init; }
}

/// <summary>One attempt of a call.</summary>
public sealed record AttemptView
{
    /// <summary>The routing gateway, or the number of the phone.</summary>
    public required string To { get; init; }
    /// <summary>The called number as it was sent.</summary>
    public required string Number { get; init; }
    /// <summary>Where it was sent.</summary>
    public required string Address { get; init; }
    /// <summary>When.</summary>
    public DateTimeOffset? Start { get; init; }
    /// <summary>To its first ringing, early media or answer, ms; 0: none came.</summary>
    public required int PddMillis { get; init; }
    /// <summary>Its final SIP status; 0: it gave none.</summary>
    public required int Status { get; init; }
    /// <summary>Why the switch gave it up; empty: it did not.</summary>
    public required string Refusal { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record AuditListView : IPage<AuditListView>
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<ChangeEntryView> Changes { get; init; }
    /// <summary>The cursor of the page after; null: it is the last.</summary>
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public AuditListView And(AuditListView further) => this with { Changes = [.. Changes, .. further.Changes], Next = further.Next };
}

/// <summary>One change of a setting.</summary>
public sealed record AuditView
{
    public required int Revision { get; init; }
    public DateTimeOffset? At { get; init; }
    public required string By { get; init; }
    public required string Name { get; init; }
    public required string From { get; init; }
    public required string To { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record AvailableTimeView
{
    /// <summary>Would pay.</summary>
    public required string Account { get; init; }
    /// <summary>What it has.</summary>
    public required decimal Balance { get; init; }
    /// <summary>How long a call could talk; null: without end. 0 or less: the negative end reason why not.</summary>
    public int? Seconds { get; init; }
    /// <summary>In words.</summary>
    public required string Says { get; init; }
    /// <summary>How long the carrier's clearing account could pay for it; null: none was asked about, or it is not charged.</summary>
    public int? CarrierSeconds { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>What became of a batch of payments.</summary>
public sealed record BatchPaidView
{
    public required int Rows { get; init; }
    public required int Booked { get; init; }
    public required int Repeated { get; init; }
    public required int Waiting { get; init; }
    public required int Refused { get; init; }
    public required IReadOnlyList<BatchSumView> Sums { get; init; }
    /// <summary>The first rows that were not booked now.</summary>
    public required IReadOnlyList<BatchRowView> NotBooked { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>Many payments.</summary>
public sealed record BatchRequest
{
    /// <summary>Each is booked once, under its id.</summary>
    public required IReadOnlyList<PaymentRequest> Payments { get; init; }
}

/// <summary>What became of a row that was not booked now.</summary>
public sealed record BatchRowView
{
    /// <summary>Which, from 1.</summary>
    public required int Row { get; init; }
    /// <summary>The payment's id.</summary>
    public required string Id { get; init; }
    /// <summary>Whose balance.</summary>
    public required string Account { get; init; }
    /// <summary>repeated: booked before; waiting: for a second person; refused.</summary>
    public required string Outcome { get; init; }
    /// <summary>Why, in words.</summary>
    public required string Says { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record BatchSumView
{
    /// <summary>Three capital letters, as in USD.</summary>
    public required string Currency { get; init; }
    /// <summary>Booked now.</summary>
    public required int Payments { get; init; }
    /// <summary>An exact amount, at most nine decimals: "0.0125".</summary>
    public required decimal Amount { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>Whose account the call was charged to (docs/cdr.md).</summary>
public enum BillingMode { Phone, MappingGateway, BoundNumber, PhoneCard, NotBilled }

/// <summary>A number on a dynamic black list.</summary>
public sealed record BlackListEntryView
{
    /// <summary>The number.</summary>
    public required string Number { get; init; }
    /// <summary>malicious, concurrent or noAnswer.</summary>
    public required string Kind { get; init; }
    /// <summary>The device whose list it is; empty: the list of all.</summary>
    public required string List { get; init; }
    /// <summary>Calls counted when it came on the list.</summary>
    public required int Calls { get; init; }
    /// <summary>When that was.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>When it goes by itself.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record BlackListView : IPage<BlackListView>
{
    public required IReadOnlyList<BlackListEntryView> Entries { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public BlackListView And(BlackListView further) => this with { Entries = [.. Entries, .. further.Entries], Next = further.Next };
}

public sealed record BlockedListView : IPage<BlockedListView>
{
    public required IReadOnlyList<BlockedView> Blocked { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public BlockedListView And(BlockedListView further) => this with { Blocked = [.. Blocked, .. further.Blocked], Next = further.Next };
}

public sealed record BlockedView
{
    /// <summary>An address (IPv6: its /64), or a phone's number.</summary>
    public required string Who { get; init; }
    /// <summary>address or phone.</summary>
    public required string Kind { get; init; }
    /// <summary>Wrong passwords counted.</summary>
    public required int Tries { get; init; }
    /// <summary>When the block began.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>When it ends by itself.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Where the last wrong password came from.</summary>
    public string? LastSource { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record CallView
{
    public required string Id { get; init; }
    /// <summary>arrived, authorising, dialling, ringing, answered, ending; in events also ended.</summary>
    public required string State { get; init; }
    public DateTimeOffset? Arrived { get; init; }
    public DateTimeOffset? Answered { get; init; }
    public required long TalkSeconds { get; init; }
    public required string Caller { get; init; }
    public required string Callee { get; init; }
    /// <summary>Mapping gateway, or empty when a phone calls.</summary>
    public required string CallerGateway { get; init; }
    /// <summary>Routing gateway being tried or talking; empty for a phone or before the first attempt.</summary>
    public required string CalleeGateway { get; init; }
    public string? CallerAddress { get; init; }
    public string? CalleeAddress { get; init; }
    /// <summary>Number of the account that pays; empty when nobody does.</summary>
    public required string Account { get; init; }
    public decimal? Reserved { get; init; }
    public required int Attempts { get; init; }
    public MediaView? CallerMedia { get; init; }
    public MediaView? CalleeMedia { get; init; }
    public PressedKeysView? CallerKeys { get; init; }
    public PressedKeysView? CalleeKeys { get; init; }
    /// <summary>File of its recording within the folder of recordings; null: it is not recorded.</summary>
    public string? Recording { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A callback that is asked for (docs/callbacks.md).</summary>
public sealed record CallbackRequest
{
    /// <summary>The number that is called first.</summary>
    public required string Caller { get; init; }
    /// <summary>The number it is joined with, or several separated by commas: the first that answers.</summary>
    public required string Callee { get; init; }
    /// <summary>The access number: a phone's.</summary>
    public required string Access { get; init; }
    /// <summary>The phone that pays for the call to the caller; left out: the access number's.</summary>
    public string? CallerPayer { get; init; }
    /// <summary>The phone that pays for the calls to the callees; left out: the access number's.</summary>
    public string? CalleePayer { get; init; }
    /// <summary>The calling number the caller sees; left out: the access number, as its phone is shown.</summary>
    public string? ShownToCaller { get; init; }
    /// <summary>The calling number the callees see; left out: the caller's.</summary>
    public string? ShownToCallee { get; init; }
}

/// <summary>A callback that has begun.</summary>
public sealed record CallbackView
{
    /// <summary>The call to the caller: ending it ends the callback.</summary>
    public required string Call { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>Which end pays.</summary>
public enum CalleeBilling { CallerPays, CalleePays, External }

public sealed record CallsView : IPage<CallsView>
{
    public required IReadOnlyList<CallView> Calls { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public CallsView And(CallsView further) => this with { Calls = [.. Calls, .. further.Calls], Next = further.Next };
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
    public int? Attempts { get; init; }
    /// <summary>Its quality was too low: it stands behind the others of its prefix.</summary>
    public bool? Behind { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record CardMadeView
{
    /// <summary>Of the card.</summary>
    public required string Pin { get; init; }
    /// <summary>Told this once.</summary>
    public required string Password { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A stock card used up.</summary>
public sealed record CardUseRequest
{
    public required string Pin { get; init; }
    public required string Password { get; init; }
    /// <summary>Recharged; left out: the card opens one of its own.</summary>
    public string? Account { get; init; }
    /// <summary>A calling number bound to the active card it opens.</summary>
    public string? BoundNumber { get; init; }
}

public sealed record CardUsedView
{
    /// <summary>Of the card.</summary>
    public required string Pin { get; init; }
    /// <summary>Recharged or opened.</summary>
    public required string Account { get; init; }
    /// <summary>Whether it was opened.</summary>
    public required bool Opened { get; init; }
    public decimal? Amount { get; init; }
    /// <summary>The account's now.</summary>
    public required decimal Balance { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record CardsMadeView
{
    /// <summary>Of the configuration that has them.</summary>
    public required int Revision { get; init; }
    /// <summary>The cards.</summary>
    public required IReadOnlyList<CardMadeView> Cards { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>Stock cards to be made; what is of a card is as in section stockCards of a document (docs/cards.md).</summary>
public sealed record CardsRequest
{
    public required int Count { get; init; }
    /// <summary>Of a PIN; 12.</summary>
    public int? Digits { get; init; }
    /// <summary>What every PIN begins with.</summary>
    public string? Prefix { get; init; }
    /// <summary>Of a password; 8.</summary>
    public int? PasswordDigits { get; init; }
    public required string Currency { get; init; }
    public string? Money { get; init; }
    public string? LimitMoney { get; init; }
    public string? BitsOfConfig { get; init; }
    public string? FeeRateGroup { get; init; }
    public string? ExpireTime { get; init; }
    public string? AgentAccount { get; init; }
    public string? SuiteNames { get; init; }
    public string? Memo { get; init; }
}

/// <summary>One row: counts, and what they say.</summary>
public sealed record CdrAnalysisRow
{
    public required string Key { get; init; }
    public required long Calls { get; init; }
    public required long Answered { get; init; }
    public required long HoldMillis { get; init; }
    public required long ShortCalls { get; init; }
    public required long EndedByCaller { get; init; }
    public required long EndedByCallee { get; init; }
    public required long EndedByServer { get; init; }
    /// <summary>Answered within six seconds of its end, and the called end hung up.</summary>
    public required long ShortCalleeHangUps { get; init; }
    /// <summary>Answer-seizure ratio, percent.</summary>
    public required double Asr { get; init; }
    /// <summary>Average duration of answered calls, seconds.</summary>
    public required double Acd { get; init; }
    /// <summary>Average post-dial delay towards the called end, seconds; null when none was heard.</summary>
    public double? Pdd { get; init; }
    /// <summary>Network effectiveness ratio, percent.</summary>
    public required double Ner { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record CdrAnalysisView : IPage<CdrAnalysisView>
{
    /// <summary>The hour it begins with.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>The hour it ends before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>What each row is of.</summary>
    public required AnalysisBy By { get; init; }
    /// <summary>What each row shows.</summary>
    public required FraudPattern Pattern { get; init; }
    /// <summary>Most calls first.</summary>
    public required IReadOnlyList<CdrAnalysisRow> Rows { get; init; }
    /// <summary>The cursor of the page after; null: it was the last.</summary>
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public CdrAnalysisView And(CdrAnalysisView further) => this with { Rows = [.. Rows, .. further.Rows], Next = further.Next };
}

public sealed record CdrSumsView
{
    public required long Calls { get; init; }
    public required long Answered { get; init; }
    public required long HoldMillis { get; init; }
    public required IReadOnlyList<CurrencySumView> ByCurrency { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A CDR as the API shows it (docs/cdr.md).</summary>
public sealed record CdrView
{
    public required string Id { get; init; }
    public required string CallerE164 { get; init; }
    public required string CalleeE164 { get; init; }
    public required string CallerAccessE164 { get; init; }
    public required string CalleeAccessE164 { get; init; }
    public required string CallerToGatewayE164 { get; init; }
    public required string CalleeToGatewayE164 { get; init; }
    public DateTimeOffset? Start { get; init; }
    public DateTimeOffset? Answered { get; init; }
    public DateTimeOffset? Stop { get; init; }
    public required long HoldMillis { get; init; }
    public required int EndReason { get; init; }
    public required EndDirection EndDirection { get; init; }
    public RefusalView? Refused { get; init; }
    /// <summary>Area code of the caller's number by the area table; empty: none is known.</summary>
    public string? CallerAreaCode { get; init; }
    public string? CalleeAreaCode { get; init; }
    public required string CallerGateway { get; init; }
    public required string CalleeGateway { get; init; }
    public string? CallerAddress { get; init; }
    public string? CalleeAddress { get; init; }
    public required CalleeBilling CalleeBilling { get; init; }
    public required BillingMode BillingMode { get; init; }
    public required int CallerPddMillis { get; init; }
    public required int CalleePddMillis { get; init; }
    public required int Attempts { get; init; }
    /// <summary>Each attempt, in order, and what became of it.</summary>
    public IReadOnlyList<AttemptView>? Tried { get; init; }
    public required int Revision { get; init; }
    /// <summary>File of the call's recording within the folder of recordings; null: it was not recorded.</summary>
    public string? Recording { get; init; }
    public required long CallerPackets { get; init; }
    public required long CalleePackets { get; init; }
    public MediaView? CallerMedia { get; init; }
    public MediaView? CalleeMedia { get; init; }
    public ChargeView? Sale { get; init; }
    public ChargeView? Cost { get; init; }
    public decimal? AgentIncome { get; init; }
    /// <summary>The agents above the payer who are charged by decks of their own, from below.</summary>
    public IReadOnlyList<AgentChargeView>? Agents { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record CdrsView : IPage<CdrsView>
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<CdrView> Cdrs { get; init; }
    /// <summary>Give it as `after` to get the next page; null when this is the last.</summary>
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public CdrsView And(CdrsView further) => this with { Cdrs = [.. Cdrs, .. further.Cdrs], Next = further.Next };
}

/// <summary>One change, of the configuration or of who may.</summary>
public sealed record ChangeEntryView
{
    /// <summary>The revision it began; null: it is of users, keys, sessions or waiting payments.</summary>
    public int? Revision { get; init; }
    /// <summary>When.</summary>
    public DateTimeOffset? At { get; init; }
    /// <summary>Who.</summary>
    public required string By { get; init; }
    /// <summary>What: "settings.NAME", "routingGateways[NAME].FIELD", "users[NAME].role".</summary>
    public required string What { get; init; }
    /// <summary>Before; null: it is new.</summary>
    public string? From { get; init; }
    /// <summary>After; null: it is gone.</summary>
    public string? To { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>One thing an apply did or would do.</summary>
public sealed record ChangeView
{
    /// <summary>account, deck, mappingGateway, routingGateway, phone or setting.</summary>
    public required string Kind { get; init; }
    /// <summary>Its number or name.</summary>
    public required string Key { get; init; }
    /// <summary>added, changed or removed.</summary>
    public required string What { get; init; }
    /// <summary>Which fields, from what to what; never a password.</summary>
    public required string Says { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>One side of the money of a call.</summary>
public sealed record ChargeView
{
    public required string Account { get; init; }
    public required string Currency { get; init; }
    public required decimal Amount { get; init; }
    public required int BilledSeconds { get; init; }
    /// <summary>Talk seconds that packages gave.</summary>
    public int? GiftSeconds { get; init; }
    /// <summary>What packages' gift money paid.</summary>
    public decimal? GiftAmount { get; init; }
    /// <summary>Content address of the deck version that priced the call.</summary>
    public required string DeckVersion { get; init; }
    /// <summary>How much of the amount is tax.</summary>
    public decimal? Tax { get; init; }
    /// <summary>What one unit of the deck's currency was in the charge's.</summary>
    public string? ExchangeRate { get; init; }
    public required RateView Rate { get; init; }
    public decimal? Corrected { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record CheckView
{
    /// <summary>Live state and journal agree in everything.</summary>
    public required bool Passed { get; init; }
    /// <summary>Journal position compared.</summary>
    public required long Position { get; init; }
    /// <summary>Records folded.</summary>
    public required long Records { get; init; }
    /// <summary>Accounts compared.</summary>
    public required int Accounts { get; init; }
    /// <summary>Reservations open at that position.</summary>
    public required int OpenCalls { get; init; }
    /// <summary>Each difference in words.</summary>
    public required IReadOnlyList<string> Differences { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record CodeRequest
{
    /// <summary>What the authenticator program shows now.</summary>
    public required string Code { get; init; }
}

public sealed record ConfigurationView
{
    public required int Revision { get; init; }
    public required JsonNode Document { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>What a second person confirmed, as it was done.</summary>
public sealed record ConfirmedView
{
    public required string Id { get; init; }
    public required PendingKind Kind { get; init; }
    public required string Account { get; init; }
    public decimal? Amount { get; init; }
    public decimal? BalanceAfter { get; init; }
    /// <summary>It had been booked before.</summary>
    public bool? Repeated { get; init; }
    public JobView? Job { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record ConsumptionView
{
    /// <summary>Whose.</summary>
    public required string Account { get; init; }
    /// <summary>PackageRent, PhoneRent, PhoneShortfall or PackageShortfall.</summary>
    public required string Kind { get; init; }
    /// <summary>Of the package or phone.</summary>
    public required string Name { get; init; }
    /// <summary>What was taken.</summary>
    public required decimal Amount { get; init; }
    /// <summary>The balance after it.</summary>
    public required decimal BalanceAfter { get; init; }
    /// <summary>When.</summary>
    public DateTimeOffset? At { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record ConsumptionsView : IPage<ConsumptionsView>
{
    public required IReadOnlyList<ConsumptionView> Consumptions { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public ConsumptionsView And(ConsumptionsView further) => this with { Consumptions = [.. Consumptions, .. further.Consumptions], Next = further.Next };
}

public sealed record CurrencySumView
{
    /// <summary>What was paid in.</summary>
    public required string Currency { get; init; }
    /// <summary>Seconds charged.</summary>
    public required long BilledSeconds { get; init; }
    /// <summary>Charged to payers.</summary>
    public required decimal Sale { get; init; }
    /// <summary>Charged to carriers' clearing accounts of the same calls.</summary>
    public required decimal Cost { get; init; }
    /// <summary>What the agents above the payers keep of the sale.</summary>
    public required decimal AgentIncome { get; init; }
    public decimal? Profit { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record DeckAssignedView
{
    /// <summary>The deck.</summary>
    public required string Deck { get; init; }
    /// <summary>That got it.</summary>
    public required int Accounts { get; init; }
    /// <summary>Had it already.</summary>
    public required int Unchanged { get; init; }
    /// <summary>The one revision that holds all of it, and that undo takes back; of a dry run, or with nothing to change, the one in force.</summary>
    public required int Revision { get; init; }
    /// <summary>Nothing was changed.</summary>
    public required bool DryRun { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>How a code fares.</summary>
public enum DeckChangeKind { Increase, Decrease, Terms, New, Deleted, Blocked, Unblocked, Renamed }

public sealed record DeckDifferenceView
{
    /// <summary>The first version.</summary>
    public required string From { get; init; }
    /// <summary>The second.</summary>
    public required string To { get; init; }
    /// <summary>Lines only the second has.</summary>
    public required int Added { get; init; }
    /// <summary>Lines only the first has.</summary>
    public required int Removed { get; init; }
    /// <summary>Lines whose rate a minute rose.</summary>
    public required int Dearer { get; init; }
    /// <summary>Whose rate fell.</summary>
    public required int Cheaper { get; init; }
    /// <summary>Whose rate is the same and whose terms are not.</summary>
    public required int Changed { get; init; }
    /// <summary>The first 1,000 of them, by prefix.</summary>
    public required IReadOnlyList<DeckLineView> Lines { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record DeckImportView
{
    public required string Name { get; init; }
    public required string Currency { get; init; }
    /// <summary>Content address of the deck: equal decks have equal versions.</summary>
    public required string Version { get; init; }
    public required int Rates { get; init; }
    public required int Added { get; init; }
    public required int Changed { get; init; }
    public required int Removed { get; init; }
    public required bool DryRun { get; init; }
    public required int Revision { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A line that two versions do not have alike.</summary>
public sealed record DeckLineView
{
    /// <summary>Its prefix.</summary>
    public required string Prefix { get; init; }
    /// <summary>In words.</summary>
    public required string Area { get; init; }
    /// <summary>added, removed, dearer, cheaper or changed.</summary>
    public required string Change { get; init; }
    public decimal? Before { get; init; }
    public decimal? After { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A report in a line.</summary>
public sealed record DeckReportHeadView
{
    public required string Id { get; init; }
    public required string Deck { get; init; }
    public required string FileName { get; init; }
    public required string By { get; init; }
    public required string At { get; init; }
    public string? Applied { get; init; }
    public required int Rows { get; init; }
    public required int Increases { get; init; }
    public required int Decreases { get; init; }
    public required int New { get; init; }
    public required int Deleted { get; init; }
    public required int Invalid { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>One code a file changes.</summary>
public sealed record DeckReportLineView
{
    /// <summary>The prefix.</summary>
    public required string Code { get; init; }
    /// <summary>In words.</summary>
    public required string Area { get; init; }
    /// <summary>How it fares.</summary>
    public required DeckChangeKind Change { get; init; }
    public DateTimeOffset? From { get; init; }
    public decimal? Before { get; init; }
    public decimal? After { get; init; }
    /// <summary>By so much it rises or falls.</summary>
    public double? Percent { get; init; }
    /// <summary>Calls of the last days it prices otherwise.</summary>
    public required long Calls { get; init; }
    /// <summary>Their talk.</summary>
    public required long Seconds { get; init; }
    /// <summary>What they would have come to more (or, below zero, less). Calls without a rate any more count with what they came to, below zero.</summary>
    public required decimal Stake { get; init; }
    /// <summary>It becomes dearer before the notice is over.</summary>
    public required bool TooEarly { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>What a carrier's file would do to a deck (docs/deck-import.md).</summary>
public sealed record DeckReportView
{
    public required string Id { get; init; }
    public required string Deck { get; init; }
    public required string Currency { get; init; }
    public required string FileName { get; init; }
    public required string By { get; init; }
    public DateTimeOffset? At { get; init; }
    public DateTimeOffset? Applied { get; init; }
    public string? AppliedBy { get; init; }
    /// <summary>What the file is, by whose headings it was read, and how: in words.</summary>
    public required string ReadAs { get; init; }
    /// <summary>Columns that mean nothing here.</summary>
    public required IReadOnlyList<string> PassedOver { get; init; }
    /// <summary>Codes it does not name are no longer offered.</summary>
    public required bool IsWhole { get; init; }
    /// <summary>The version in force when it was read; null: there was no such deck.</summary>
    public string? Before { get; init; }
    /// <summary>The version that would be.</summary>
    public required string After { get; init; }
    public required int Rows { get; init; }
    public required int Codes { get; init; }
    /// <summary>Lines of the deck as it would be.</summary>
    public required int Rates { get; init; }
    public required int Increases { get; init; }
    public required int Decreases { get; init; }
    public required int Terms { get; init; }
    public required int New { get; init; }
    public required int Deleted { get; init; }
    public required int Blocked { get; init; }
    public required int Unblocked { get; init; }
    public required int Renamed { get; init; }
    public required int Unchanged { get; init; }
    public required int TooEarly { get; init; }
    public required int NoticeDays { get; init; }
    /// <summary>Rows that cannot be read.</summary>
    public required int Invalid { get; init; }
    public required int Repeated { get; init; }
    public required int Rounded { get; init; }
    public required int SoldNotBought { get; init; }
    public DeckStakeView? Stake { get; init; }
    /// <summary>The first of the rows that cannot be read.</summary>
    public required IReadOnlyList<SheetFaultView> Faults { get; init; }
    /// <summary>The codes with the most money at stake, then those that rise most: at most 1,000.</summary>
    public required IReadOnlyList<DeckReportLineView> Lines { get; init; }
    /// <summary>At most 1,000.</summary>
    public required IReadOnlyList<SoldNotBoughtView> SoldNotBoughtCodes { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record DeckReportsView : IPage<DeckReportsView>
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<DeckReportHeadView> Reports { get; init; }
    /// <summary>The cursor of the page after; null: it was the last.</summary>
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public DeckReportsView And(DeckReportsView further) => this with { Reports = [.. Reports, .. further.Reports], Next = further.Next };
}

/// <summary>The calls of the last days priced by the deck as it is and as it would be.</summary>
public sealed record DeckStakeView
{
    /// <summary>How many days were asked for.</summary>
    public required int Days { get; init; }
    /// <summary>How far back the calls that were looked at go.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Charges by this deck that were priced.</summary>
    public required long Calls { get; init; }
    /// <summary>Their talk.</summary>
    public required long Seconds { get; init; }
    /// <summary>What they come to by the deck as it is.</summary>
    public required decimal Before { get; init; }
    /// <summary>By the deck as it would be.</summary>
    public required decimal After { get; init; }
    /// <summary>The one less the other.</summary>
    public required decimal Difference { get; init; }
    /// <summary>Calls that would have no rate any more; they are in neither sum.</summary>
    public required long WithoutRate { get; init; }
    /// <summary>What those come to by the deck as it is.</summary>
    public required decimal WithoutRateAmount { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record DeckTemplateView
{
    /// <summary>Of the template.</summary>
    public required string Name { get; init; }
    /// <summary>The operator's, in section deckTemplates of the configuration.</summary>
    public required bool Own { get; init; }
    /// <summary>COLUMN=HEADING, letters and digits of headings alone.</summary>
    public required IReadOnlyList<string> Columns { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record DeckTemplatesView : IPage<DeckTemplatesView>
{
    public required IReadOnlyList<DeckTemplateView> Templates { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public DeckTemplatesView And(DeckTemplatesView further) => this with { Templates = [.. Templates, .. further.Templates], Next = further.Next };
}

/// <summary>A version of a deck and its time.</summary>
public sealed record DeckVersionView
{
    /// <summary>Its content address.</summary>
    public required string Version { get; init; }
    /// <summary>Since when it holds or held; when it will.</summary>
    public DateTimeOffset? From { get; init; }
    public DateTimeOffset? Until { get; init; }
    /// <summary>past, current or future.</summary>
    public required string State { get; init; }
    /// <summary>Of the configuration that brought it.</summary>
    public required int Revision { get; init; }
    /// <summary>Who did.</summary>
    public required string By { get; init; }
    /// <summary>Its lines.</summary>
    public required int Rates { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record DeckVersionsView : IPage<DeckVersionsView>
{
    /// <summary>The deck's.</summary>
    public required string Name { get; init; }
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<DeckVersionView> Versions { get; init; }
    /// <summary>The cursor of the page after; null: it was the last.</summary>
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public DeckVersionsView And(DeckVersionsView further) => this with { Versions = [.. Versions, .. further.Versions], Next = further.Next };
}

public sealed record DeckView
{
    public required string Name { get; init; }
    public required string Currency { get; init; }
    public required string Version { get; init; }
    public required int Rates { get; init; }
    public required IReadOnlyList<string> UsedBy { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record DecksView : IPage<DecksView>
{
    public required IReadOnlyList<DeckView> Decks { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public DecksView And(DecksView further) => this with { Decks = [.. Decks, .. further.Decks], Next = further.Next };
}

/// <summary>Who ended the call (docs/cdr.md): the CDR's end direction.</summary>
public enum EndDirection { Caller, Callee, Server }

/// <summary>A call made elsewhere.</summary>
public sealed record ExternalCallRequest
{
    /// <summary>Known once; left out or -1: the switch gives a number.</summary>
    public long? FlowNumber { get; init; }
    /// <summary>phone, gateway, boundNumber or card.</summary>
    public required string BillingMode { get; init; }
    /// <summary>Its number, name or PIN.</summary>
    public required string Payer { get; init; }
    public string? Caller { get; init; }
    /// <summary>As it is billed.</summary>
    public required string Callee { get; init; }
    /// <summary>RFC 3339, or a date.</summary>
    public required string Start { get; init; }
    public required int Seconds { get; init; }
    public string? CallerGateway { get; init; }
    public string? CalleeGateway { get; init; }
    /// <summary>200.</summary>
    public int? EndReason { get; init; }
}

public sealed record ExternalCallView
{
    /// <summary>Its id here.</summary>
    public required string Call { get; init; }
    /// <summary>Charged.</summary>
    public required string Account { get; init; }
    public decimal? Amount { get; init; }
    /// <summary>Seconds paid by money.</summary>
    public required int BilledSeconds { get; init; }
    /// <summary>It was known; nothing was recorded or charged now.</summary>
    public required bool Repeated { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>Patterns that point to fraud or to a route that fakes.</summary>
public enum FraudPattern { None, ServerHangUps, ShortCalleeHangUps }

/// <summary>A routing gateway as it stands now: where calls go.</summary>
public sealed record GatewayView
{
    public required string Name { get; init; }
    /// <summary>As the operator stated it.</summary>
    public required string RemoteIp { get; init; }
    /// <summary>Where calls go: "udp 203.0.113.5:5060". Of a host name what the DNS said last, in its order.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }
    public DateTimeOffset? ResolvedSince { get; init; }
    /// <summary>How long ago the DNS was looked at.</summary>
    public long? AgeSeconds { get; init; }
    public DateTimeOffset? LookedUpAgain { get; init; }
    /// <summary>No name server answers; these are the last addresses known.</summary>
    public bool? Stale { get; init; }
    public required int CurrentCalls { get; init; }
    /// <summary>Calls it carries outside this switch, as it published; they count against its lines. Null: none that hold.</summary>
    public int? PublishedCalls { get; init; }
    public DateTimeOffset? PublishedUntil { get; init; }
    /// <summary>0: no limit.</summary>
    public required int Capacity { get; init; }
    /// <summary>Calls sent since the start.</summary>
    public required long History { get; init; }
    public required bool Locked { get; init; }
    /// <summary>Unknown (not asked, or not yet), Up, Suspect or Down.</summary>
    public required string SipOptions { get; init; }
    public DateTimeOffset? SipOptionsSince { get; init; }
    /// <summary>Milliseconds for which no call is sent to it because it answered with Retry-After; 0: calls are sent.</summary>
    public required long RetryAfter { get; init; }
    /// <summary>Why its host name has no address, in a sentence; empty: it has, or needs none.</summary>
    public required string Trouble { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record GatewaysView : IPage<GatewaysView>
{
    public required IReadOnlyList<GatewayView> RoutingGateways { get; init; }
    public required IReadOnlyList<MappingGatewayView> MappingGateways { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public GatewaysView And(GatewaysView further) => this with { RoutingGateways = [.. RoutingGateways, .. further.RoutingGateways], MappingGateways = [.. MappingGateways, .. further.MappingGateways], Next = further.Next };
}

public sealed record HealthView
{
    /// <summary>New calls are accepted.</summary>
    public required bool Ok { get; init; }
    /// <summary>One sentence; says what is wrong when not ok.</summary>
    public required string Says { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>How a job stands.</summary>
public enum JobState { Running, Done, Failed, Cancelled }

/// <summary>A long question to the switch.</summary>
public sealed record JobView
{
    public required string Id { get; init; }
    /// <summary>what-if…</summary>
    public required string What { get; init; }
    public required string By { get; init; }
    public required JobState State { get; init; }
    /// <summary>Share that is done, 0 to 1.</summary>
    public required double Done { get; init; }
    /// <summary>Where it stands, or what went wrong.</summary>
    public required string Says { get; init; }
    public DateTimeOffset? Started { get; init; }
    public DateTimeOffset? Ended { get; init; }
    /// <summary>The answer, as 'what' says; null until it is done.</summary>
    public JsonNode? Result { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record JobsView : IPage<JobsView>
{
    public required IReadOnlyList<JobView> Jobs { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public JobsView And(JobsView further) => this with { Jobs = [.. Jobs, .. further.Jobs], Next = further.Next };
}

/// <summary>One place CDRs go to from the journal.</summary>
public sealed record JournalConsumerView
{
    /// <summary>As in "the CDR database".</summary>
    public required string Name { get; init; }
    /// <summary>Everything before is kept there.</summary>
    public required long Position { get; init; }
    /// <summary>Durable bytes of the journal it has not read yet.</summary>
    public required long Behind { get; init; }
    /// <summary>What keeps it, in a sentence; empty: nothing.</summary>
    public required string Trouble { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

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
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record KeyRequest
{
    public required string Name { get; init; }
    /// <summary>What it may, as a user of that role.</summary>
    public required string Role { get; init; }
    /// <summary>Of an agent or customer.</summary>
    public string? Account { get; init; }
    /// <summary>Of a customer who is one device: phone:NUMBER or gateway:NAME.</summary>
    public string? Device { get; init; }
    /// <summary>RFC 3339, or a date; left out: never.</summary>
    public string? Expires { get; init; }
}

public sealed record KeyView
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required Role Role { get; init; }
    public string? Account { get; init; }
    public DateTimeOffset? Created { get; init; }
    public DateTimeOffset? Expires { get; init; }
    public required string By { get; init; }
    /// <summary>Of a customer who is one device: phone:NUMBER or gateway:NAME.</summary>
    public string? Device { get; init; }
    /// <summary>The key itself; shown now and never again.</summary>
    public string? Key { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record KeysView : IPage<KeysView>
{
    public required IReadOnlyList<KeyView> Keys { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public KeysView And(KeysView further) => this with { Keys = [.. Keys, .. further.Keys], Next = further.Next };
}

/// <summary>One SIP message of the ladder.</summary>
public sealed record LadderStep
{
    /// <summary>When.</summary>
    public DateTimeOffset? At { get; init; }
    /// <summary>0: the caller's leg; 1, 2…: the attempts.</summary>
    public required int Leg { get; init; }
    /// <summary>True when it came to the switch, false when the switch sent it.</summary>
    public required bool Received { get; init; }
    /// <summary>Method or status with reason: `INVITE`, `180 Ringing`.</summary>
    public required string Says { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>What is asked of users, keys and sessions: the fields each request may have.</summary>
public sealed record LoginRequest
{
    public required string User { get; init; }
    public required string Password { get; init; }
    /// <summary>Of the authenticator program, where one is set up.</summary>
    public string? Code { get; init; }
}

public sealed record LoginView
{
    /// <summary>Shown now and never again.</summary>
    public required string Token { get; init; }
    /// <summary>When the session ends by itself.</summary>
    public DateTimeOffset? Expires { get; init; }
    /// <summary>Whose.</summary>
    public required string Name { get; init; }
    /// <summary>What he may.</summary>
    public required Role Role { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record MadePasswordView
{
    /// <summary>Made by chance; it is kept nowhere.</summary>
    public required string Password { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A mapping gateway as it stands now: where calls come from.</summary>
public sealed record MappingGatewayView
{
    public required string Name { get; init; }
    /// <summary>As the operator stated them.</summary>
    public required IReadOnlyList<string> RemoteIps { get; init; }
    /// <summary>The same with host names replaced by what they lead to.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }
    public DateTimeOffset? ResolvedSince { get; init; }
    public long? AgeSeconds { get; init; }
    public DateTimeOffset? LookedUpAgain { get; init; }
    public bool? Stale { get; init; }
    public required int CurrentCalls { get; init; }
    /// <summary>Calls it carries outside this switch, as it published; they count against its lines. Null: none that hold.</summary>
    public int? PublishedCalls { get; init; }
    public DateTimeOffset? PublishedUntil { get; init; }
    /// <summary>0: no limit.</summary>
    public required int Capacity { get; init; }
    public required bool Locked { get; init; }
    /// <summary>Which of its host names have no address, and why; empty: none.</summary>
    public required string Trouble { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record MeView
{
    /// <summary>As it stands in histories.</summary>
    public required string Name { get; init; }
    /// <summary>What he may.</summary>
    public required Role Role { get; init; }
    /// <summary>Of a tenant.</summary>
    public string? Account { get; init; }
    /// <summary>Whether a code is asked for at the login.</summary>
    public required bool Totp { get; init; }
    /// <summary>The session's id; null: a key, or the admin's token.</summary>
    public string? Session { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>What the switch heard of the media of one end (docs/media.md).</summary>
public sealed record MediaView
{
    public required long Packets { get; init; }
    public required long Bytes { get; init; }
    public required long RtcpPackets { get; init; }
    public DateTimeOffset? First { get; init; }
    public DateTimeOffset? Last { get; init; }
    public required long Lost { get; init; }
    /// <summary>Came after their successors, or twice.</summary>
    public required long Late { get; init; }
    public required double JitterMillis { get; init; }
    /// <summary>Between the switch and this end, by RTCP; null where it could not be measured.</summary>
    public double? RoundTripMillis { get; init; }
    /// <summary>Estimated, 1 to 4.5; null: no estimate.</summary>
    public double? Mos { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record PackageOrderView
{
    /// <summary>The order's.</summary>
    public required string Id { get; init; }
    /// <summary>What is ordered.</summary>
    public required string Package { get; init; }
    public DateTimeOffset? PaidUntil { get; init; }
    /// <summary>current, waiting, or over.</summary>
    public required string State { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record PackageView
{
    public required int Id { get; init; }
    public required string Account { get; init; }
    public required string Package { get; init; }
    public required string Order { get; init; }
    public DateTimeOffset? From { get; init; }
    public DateTimeOffset? Until { get; init; }
    public required decimal Rent { get; init; }
    public required decimal Spent { get; init; }
    public required decimal MinConsumption { get; init; }
    public required decimal GiftMoneyLeft { get; init; }
    /// <summary>Of each of its gift times, neither used nor held.</summary>
    public required IReadOnlyList<int> SecondsLeft { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record PackagesView : IPage<PackagesView>
{
    public required IReadOnlyList<PackageView> Packages { get; init; }
    public required IReadOnlyList<PackageOrderView> Orders { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public PackagesView And(PackagesView further) => this with { Packages = [.. Packages, .. further.Packages], Orders = [.. Orders, .. further.Orders], Next = further.Next };
}

public sealed record PasswordRequest
{
    /// <summary>The one in use.</summary>
    public required string Password { get; init; }
    /// <summary>The new one.</summary>
    public required string Next { get; init; }
}

public sealed record PaymentEntryView
{
    public required string Id { get; init; }
    public required string Account { get; init; }
    /// <summary>Recharge, Deduction, Opening, Zero, Reversal or Adjustment.</summary>
    public required string Kind { get; init; }
    /// <summary>Cash, RechargeCard or Other.</summary>
    public required string Means { get; init; }
    public required decimal Amount { get; init; }
    public required string Currency { get; init; }
    public required decimal BalanceAfter { get; init; }
    public DateTimeOffset? At { get; init; }
    public required string By { get; init; }
    public required string Memo { get; init; }
    /// <summary>The payment, call or card it refers to; empty for none.</summary>
    public required string Reference { get; init; }
    /// <summary>It was taken back.</summary>
    public required bool Reversed { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record PaymentHistoryView : IPage<PaymentHistoryView>
{
    public required IReadOnlyList<PaymentEntryView> Payments { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public PaymentHistoryView And(PaymentHistoryView further) => this with { Payments = [.. Payments, .. further.Payments], Next = further.Next };
}

/// <summary>A payment as it is asked for; `id` is chosen by who pays, so that asking again books nothing twice.</summary>
public sealed record PaymentRequest
{
    public required string Id { get; init; }
    public required string Account { get; init; }
    /// <summary>Decimal, at most nine decimals; negative takes money away.</summary>
    public required string Amount { get; init; }
    public string? Memo { get; init; }
}

public sealed record PaymentView
{
    public required string Id { get; init; }
    public required string Account { get; init; }
    public required decimal Amount { get; init; }
    public required string Currency { get; init; }
    /// <summary>The account's balance after this payment was booked.</summary>
    public required decimal BalanceAfter { get; init; }
    public DateTimeOffset? At { get; init; }
    /// <summary>True when the id had been booked before and nothing was done now.</summary>
    public required bool Repeated { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>What waits for a second person: besides payments the use of a stock card, a call made elsewhere, the end of a package that spent too little, and re-rating.</summary>
public enum PendingKind { Payment, Reversal, Zero, Card, Call, Package, Rerate }

public sealed record PendingPaymentView
{
    /// <summary>The payment's own id.</summary>
    public required string Id { get; init; }
    /// <summary>Whose balance it changes.</summary>
    public required string Account { get; init; }
    /// <summary>In the account's currency.</summary>
    public required string Amount { get; init; }
    /// <summary>Kept with it.</summary>
    public required string Memo { get; init; }
    /// <summary>When it was asked for.</summary>
    public DateTimeOffset? At { get; init; }
    /// <summary>Who asked; somebody else confirms.</summary>
    public required string By { get; init; }
    /// <summary>Payment, Reversal, or Zero: the balance is brought to zero, whatever it is when it is confirmed.</summary>
    public required PendingKind Kind { get; init; }
    /// <summary>The payment a reversal takes back; else empty.</summary>
    public required string Reference { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record PendingPaymentsView : IPage<PendingPaymentsView>
{
    public required IReadOnlyList<PendingPaymentView> Payments { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public PendingPaymentsView And(PendingPaymentsView further) => this with { Payments = [.. Payments, .. further.Payments], Next = further.Next };
}

/// <summary>What is known of one number.</summary>
public sealed record PortedNumberView
{
    /// <summary>The number.</summary>
    public required string Number { get; init; }
    /// <summary>By the local table or a server's earlier answer.</summary>
    public required bool Known { get; init; }
    /// <summary>Its routing number; empty: it was not ported, or nothing is known.</summary>
    public required string Routing { get; init; }
    /// <summary>The same in words.</summary>
    public required string Says { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>The local table of ported numbers.</summary>
public sealed record PortedTableView
{
    /// <summary>How many.</summary>
    public required long Numbers { get; init; }
    /// <summary>How many they lead to.</summary>
    public required int RoutingNumbers { get; init; }
    /// <summary>Of the file.</summary>
    public required long Bytes { get; init; }
    public DateTimeOffset? Built { get; init; }
    /// <summary>How far an import under way has come; empty: there is none.</summary>
    public required string Importing { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>Keys an end pressed. Which they were is not kept: they may be somebody's secret.</summary>
public sealed record PressedKeysView
{
    /// <summary>How many.</summary>
    public required int Count { get; init; }
    /// <summary>How the latest came: event (RFC 4733), inband, info.</summary>
    public required string Latest { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record ProblemDetails
{
    public string? Type { get; init; }
    public string? Title { get; init; }
    public int? Status { get; init; }
    public string? Detail { get; init; }
    public string? Instance { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record QualitiesView : IPage<QualitiesView>
{
    public required IReadOnlyList<QualityView> Quality { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public QualitiesView And(QualitiesView further) => this with { Quality = [.. Quality, .. further.Quality], Next = further.Next };
}

/// <summary>What became of the attempts and calls of one gateway, or of one gateway for one destination, in the windows of docs/quality.md. Null: nothing to tell it by.</summary>
public sealed record QualityView
{
    public required string Gateway { get; init; }
    /// <summary>Area code or first digits; empty: all destinations.</summary>
    public required string Destination { get; init; }
    /// <summary>Healthy, Penalised or Probing.</summary>
    public required string State { get; init; }
    public DateTimeOffset? Since { get; init; }
    public required long Attempts { get; init; }
    public required long Answered { get; init; }
    /// <summary>Percent answered.</summary>
    public double? Asr { get; init; }
    /// <summary>Percent that reached the called party.</summary>
    public double? Ner { get; init; }
    /// <summary>Average talk, s.</summary>
    public double? Acd { get; init; }
    /// <summary>Average post-dial delay, s.</summary>
    public double? Pdd { get; init; }
    /// <summary>Percent of answered calls shorter than 6 s.</summary>
    public double? ShortCalls { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>The rate a call is or was charged by (docs/decks.md).</summary>
public sealed record RateView
{
    public required string Deck { get; init; }
    public required string Prefix { get; init; }
    public required string Area { get; init; }
    public required decimal RatePerMinute { get; init; }
    public required decimal ConnectFee { get; init; }
    public required int FirstSeconds { get; init; }
    public required int NextSeconds { get; init; }
    /// <summary>The deck's.</summary>
    public required string Currency { get; init; }
    /// <summary>1 net, 2 local, 4 national, 5 international; 0: the deck does not say.</summary>
    public int? Type { get; init; }
    /// <summary>The part of the week the price is of; empty: it holds always.</summary>
    public string? Period { get; init; }
    /// <summary>What else makes the price, a phrase each.</summary>
    public IReadOnlyList<string>? Terms { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record RefusalView
{
    public required string Refusal { get; init; }
    public required int SipStatus { get; init; }
    public required int EndReason { get; init; }
    public required string Says { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record RegistrationView
{
    public required string Phone { get; init; }
    public required string Contact { get; init; }
    public string? Source { get; init; }
    public DateTimeOffset? Registered { get; init; }
    public DateTimeOffset? Expires { get; init; }
    public required string UserAgent { get; init; }
    public DateTimeOffset? LastHeard { get; init; }
    public DateTimeOffset? SilentSince { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record RegistrationsView : IPage<RegistrationsView>
{
    public required IReadOnlyList<RegistrationView> Registrations { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public RegistrationsView And(RegistrationsView further) => this with { Registrations = [.. Registrations, .. further.Registrations], Next = further.Next };
}

/// <summary>What re-rating comes to for one account.</summary>
public sealed record RerateAccountView
{
    /// <summary>Its number.</summary>
    public required string Account { get; init; }
    /// <summary>That are wrong.</summary>
    public required int Charges { get; init; }
    /// <summary>An exact amount, at most nine decimals: "0.0125".</summary>
    public required decimal Before { get; init; }
    /// <summary>An exact amount, at most nine decimals: "0.0125".</summary>
    public required decimal After { get; init; }
    /// <summary>An exact amount, at most nine decimals: "0.0125".</summary>
    public required decimal Difference { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A charge that was put right, or would be.</summary>
public sealed record RerateChargeView
{
    /// <summary>Thirteen letters and digits; sorts by time.</summary>
    public required string Call { get; init; }
    /// <summary>Who was charged.</summary>
    public required string Account { get; init; }
    /// <summary>An exact amount, at most nine decimals: "0.0125".</summary>
    public required decimal Before { get; init; }
    /// <summary>An exact amount, at most nine decimals: "0.0125".</summary>
    public required decimal After { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>What came of rating again.</summary>
public sealed record RerateView
{
    public required string Deck { get; init; }
    /// <summary>RFC 3339, UTC.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>RFC 3339, UTC.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>False: nothing was changed.</summary>
    public required bool Applied { get; init; }
    /// <summary>Calls looked at.</summary>
    public required long Calls { get; init; }
    /// <summary>Charges by the deck among them.</summary>
    public required long Charges { get; init; }
    /// <summary>Those that are as they should be.</summary>
    public required long Right { get; init; }
    /// <summary>Those that are not and were put right, or would be.</summary>
    public required long Wrong { get; init; }
    /// <summary>Those that were left as they are, by why.</summary>
    public required IReadOnlyDictionary<string, long> Left { get; init; }
    public required IReadOnlyList<RerateAccountView> Accounts { get; init; }
    /// <summary>The first hundred charges that are wrong.</summary>
    public required IReadOnlyList<RerateChargeView> Examples { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A callee to be reserved (docs/callbacks.md).</summary>
public sealed record ReservationRequest
{
    /// <summary>Who will call the access number.</summary>
    public required string Caller { get; init; }
    /// <summary>Whom that call is for.</summary>
    public required string Callee { get; init; }
    /// <summary>The access number: a phone's.</summary>
    public required string Access { get; init; }
}

/// <summary>A callee that is reserved.</summary>
public sealed record ReservationView
{
    /// <summary>Who will call the access number.</summary>
    public required string Caller { get; init; }
    /// <summary>Whom that call is for.</summary>
    public required string Callee { get; init; }
    /// <summary>The access number.</summary>
    public required string Access { get; init; }
    /// <summary>From here on it is forgotten.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A payment that is made of another, or of a balance.</summary>
public sealed record ReversalRequest
{
    /// <summary>Its own id: the same id is booked once.</summary>
    public required string Id { get; init; }
    public string? Memo { get; init; }
}

/// <summary>What a user or key is. Few, because each is a row of Permission Roles.May(Role role) that somebody must understand (docs/users.md).</summary>
public enum Role { Administrator, Finance, Routing, Support, ReadOnly, Agent, Customer }

public sealed record RouteView
{
    /// <summary>Of the configuration that decided.</summary>
    public required int Revision { get; init; }
    public DateTimeOffset? At { get; init; }
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
    public RefusalView? Refused { get; init; }
    /// <summary>What was decided and why, in the words of a real call's story.</summary>
    public required IReadOnlyList<WhyStep> Steps { get; init; }
    /// <summary>What the answer does not know; sentences.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
    /// <summary>In the order they would be tried; those that lost come last.</summary>
    public required IReadOnlyList<CandidateView> Candidates { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record SessionView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }
    /// <summary>Whose.</summary>
    public required string User { get; init; }
    /// <summary>When he logged in.</summary>
    public DateTimeOffset? Created { get; init; }
    /// <summary>When it ends by itself.</summary>
    public DateTimeOffset? Expires { get; init; }
    /// <summary>The address he came from.</summary>
    public required string From { get; init; }
    /// <summary>It is the one that asks.</summary>
    public required bool Own { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record SessionsView : IPage<SessionsView>
{
    public required IReadOnlyList<SessionView> Sessions { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public SessionsView And(SessionsView further) => this with { Sessions = [.. Sessions, .. further.Sessions], Next = further.Next };
}

/// <summary>A setting with its values at two times.</summary>
public sealed record SettingChangeView
{
    public required string Name { get; init; }
    public required string From { get; init; }
    public required string To { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record SettingDifferenceView : IPage<SettingDifferenceView>
{
    /// <summary>By name.</summary>
    public required IReadOnlyList<SettingChangeView> Changes { get; init; }
    /// <summary>The cursor of the page after; null: it was the last.</summary>
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public SettingDifferenceView And(SettingDifferenceView further) => this with { Changes = [.. Changes, .. further.Changes], Next = further.Next };
}

public sealed record SettingHistoryView : IPage<SettingHistoryView>
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<AuditView> Changes { get; init; }
    /// <summary>The cursor of the page after; null: it was the last.</summary>
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public SettingHistoryView And(SettingHistoryView further) => this with { Changes = [.. Changes, .. further.Changes], Next = further.Next };
}

public sealed record SettingRequest
{
    public required string Value { get; init; }
}

public sealed record SettingRevertRequest
{
    /// <summary>RFC 3339, or a date.</summary>
    public required string At { get; init; }
    /// <summary>One setting, by name or alias; left out: all.</summary>
    public string? Name { get; init; }
    public bool? DryRun { get; init; }
}

public sealed record SettingView
{
    public required string Name { get; init; }
    public required IReadOnlyList<string> Aliases { get; init; }
    public required string Value { get; init; }
    public required string Default { get; init; }
    /// <summary>What may be set, in words: "1 to 600 s".</summary>
    public required string Range { get; init; }
    /// <summary>What a number counts: "s", "ms", "rows"; empty where it counts nothing.</summary>
    public string? Unit { get; init; }
    /// <summary>When a change takes effect.</summary>
    public required string Applies { get; init; }
    public required string Says { get; init; }
    /// <summary>The capability it is kept for, which this version does not have; null: the switch obeys it.</summary>
    public string? ObeyedBy { get; init; }
    public DateTimeOffset? ChangedAt { get; init; }
    /// <summary>By whom.</summary>
    public string? ChangedBy { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record SettingsView : IPage<SettingsView>
{
    public required IReadOnlyList<SettingView> Settings { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public SettingsView And(SettingsView further) => this with { Settings = [.. Settings, .. further.Settings], Next = further.Next };
}

/// <summary>A row of the file that cannot be read.</summary>
public sealed record SheetFaultView
{
    public required int Row { get; init; }
    public required string Says { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A code some deck sells and none buys any more.</summary>
public sealed record SoldNotBoughtView
{
    /// <summary>The prefix.</summary>
    public required string Code { get; init; }
    /// <summary>In words.</summary>
    public required string Area { get; init; }
    /// <summary>The decks that still sell it.</summary>
    public required IReadOnlyList<string> SoldBy { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record StatusView
{
    public required string Version { get; init; }
    public DateTimeOffset? Started { get; init; }
    public DateTimeOffset? Now { get; init; }
    public required int Revision { get; init; }
    public required int CallsOpen { get; init; }
    public required int PortsLent { get; init; }
    public required int Registrations { get; init; }
    public required bool AcceptsNewCalls { get; init; }
    /// <summary>What an operator should know now, in sentences.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
    /// <summary>Counters since the start, by dotted name.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record TotpView
{
    /// <summary>Base32, for the authenticator program; shown now and never again.</summary>
    public required string Secret { get; init; }
    /// <summary>The same as otpauth: URI.</summary>
    public required string Uri { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>A registration of ours at a carrier.</summary>
public sealed record TrunkView
{
    /// <summary>The routing gateway.</summary>
    public required string Gateway { get; init; }
    /// <summary>The name we are registered by.</summary>
    public required string RegisterName { get; init; }
    /// <summary>Calls go and come.</summary>
    public required bool Up { get; init; }
    /// <summary>idle, registering, registered, refreshing, waiting (after a failure) or leaving.</summary>
    public required string State { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Expires { get; init; }
    public DateTimeOffset? Next { get; init; }
    /// <summary>"udp 203.0.113.5:5060": where it was granted last; empty while it never was.</summary>
    public required string Registrar { get; init; }
    /// <summary>What went wrong last; empty: nothing since it was granted.</summary>
    public required string LastError { get; init; }
    public DateTimeOffset? LastErrorAt { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record TrunksView : IPage<TrunksView>
{
    public required IReadOnlyList<TrunkView> Trunks { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public TrunksView And(TrunksView further) => this with { Trunks = [.. Trunks, .. further.Trunks], Next = further.Next };
}

public sealed record UserChangeRequest
{
    public string? Role { get; init; }
    public string? Account { get; init; }
    public string? Device { get; init; }
    public string? Password { get; init; }
    public bool? Disabled { get; init; }
    /// <summary>Only false: his authenticator is lost.</summary>
    public bool? Totp { get; init; }
}

public sealed record UserRequest
{
    public required string Name { get; init; }
    /// <summary>administrator, finance, routing, support, readOnly, agent or customer.</summary>
    public required string Role { get; init; }
    /// <summary>Of an agent or customer.</summary>
    public string? Account { get; init; }
    /// <summary>Of a customer who is one device: phone:NUMBER or gateway:NAME.</summary>
    public string? Device { get; init; }
    /// <summary>Left out: one is made, and shown once.</summary>
    public string? Password { get; init; }
}

public sealed record UserView
{
    public required string Name { get; init; }
    public required Role Role { get; init; }
    public string? Account { get; init; }
    public required bool Totp { get; init; }
    public required bool Disabled { get; init; }
    public required int Sessions { get; init; }
    public DateTimeOffset? Created { get; init; }
    public required string By { get; init; }
    /// <summary>Of a customer who is one device: phone:NUMBER or gateway:NAME.</summary>
    public string? Device { get; init; }
    /// <summary>The password the switch made; shown now and never again.</summary>
    public string? Password { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record UsersView : IPage<UsersView>
{
    public required IReadOnlyList<UserView> Users { get; init; }
    public string? Next { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
    public UsersView And(UsersView further) => this with { Users = [.. Users, .. further.Users], Next = further.Next };
}

/// <summary>What calls were charged when they were made.</summary>
public sealed record WhatIfRecordedView
{
    public required string Currency { get; init; }
    public required string Sale { get; init; }
    public required string Cost { get; init; }
    public required string Margin { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>Calls that were not carried.</summary>
public sealed record WhatIfRefusalView
{
    public required string Refusal { get; init; }
    public required string Says { get; init; }
    public required long Before { get; init; }
    public required long After { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>One customer, carrier or destination in one currency.</summary>
public sealed record WhatIfRowView
{
    /// <summary>Account, gateway or area; empty: none.</summary>
    public required string Name { get; init; }
    /// <summary>Empty: nobody pays and no cost is known.</summary>
    public required string Currency { get; init; }
    /// <summary>Calls carried.</summary>
    public required long CallsBefore { get; init; }
    public required long CallsAfter { get; init; }
    /// <summary>Calls another gateway carries, or none any more, or one newly.</summary>
    public required long Moved { get; init; }
    public required string SaleBefore { get; init; }
    public required string SaleAfter { get; init; }
    public required string CostBefore { get; init; }
    public required string CostAfter { get; init; }
    public required string MarginBefore { get; init; }
    public required string MarginAfter { get; init; }
    public required string MarginChange { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record WhatIfView
{
    /// <summary>RFC 3339, UTC.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>RFC 3339, UTC.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Of the configuration in force, which is "before".</summary>
    public required int Revision { get; init; }
    /// <summary>What the document or deck would change, as many as are shown.</summary>
    public required IReadOnlyList<ChangeView> Changes { get; init; }
    public required long Calls { get; init; }
    public required long Answered { get; init; }
    /// <summary>Calls another gateway would carry.</summary>
    public required long Moved { get; init; }
    /// <summary>Carried before, not after.</summary>
    public required long Lost { get; init; }
    public required long Gained { get; init; }
    public required IReadOnlyList<WhatIfRowView> Totals { get; init; }
    public required IReadOnlyList<WhatIfRowView> Customers { get; init; }
    public required IReadOnlyList<WhatIfRowView> Carriers { get; init; }
    public required IReadOnlyList<WhatIfRowView> Destinations { get; init; }
    public required IReadOnlyList<WhatIfRefusalView> Refused { get; init; }
    public required IReadOnlyList<WhatIfRecordedView> Recorded { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

/// <summary>One decision on the way of a call.</summary>
public sealed record WhyStep
{
    /// <summary>When.</summary>
    public DateTimeOffset? At { get; init; }
    /// <summary>identified, rewritten, candidate, attempt, money, ended…</summary>
    public required string Kind { get; init; }
    /// <summary>One sentence.</summary>
    public required string Says { get; init; }
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}

public sealed record WhyView
{
    public required string Call { get; init; }
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
    /// <summary>What a newer switch says besides.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Besides { get; init; }
}
