using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;
using Tandem.Tests.Server.CdrDelivery;

namespace Tandem.Tests.Server.Api;

/// <summary>A switch of one customer, one carrier, one call and one setting, in memory, that remembers what was asked of it.</summary>
internal sealed class SwitchInMemory : ISwitchControl
{
    public static readonly CallId LiveCall = CdrSamples.Call(500).Call;
    public static readonly Instant Now = CdrSamples.Midnight + TimeSpan.FromHours(12);

    private readonly Dictionary<string, PaymentView> _payments = [];
    private readonly List<AuditView> _audit = [];
    private readonly List<CallView> _calls = [Live()];
    private long _balance = 10 * Money.NanosPerUnit;
    private string _timeout = "10";

    public List<string> Asked { get; } = [];

    public bool Healthy { get; set; } = true;

    public bool Agrees { get; set; } = true;

    public Exception? Broken { get; set; }

    /// <summary>Done while a payment is being booked.</summary>
    public Func<Task>? Paying { get; set; }

    public int Revision { get; private set; } = 7;

    public (SwitchConfiguration Configuration, int Revision) InForce => (Configured, Revision);

    /// <summary>Account 1001 with its phone stands below agent 9000; 2002 is somebody else's.</summary>
    private static readonly SwitchConfiguration Configured = SwitchConfiguration.Empty with
    {
        Accounts = SwitchConfiguration.Empty.Accounts.Add("1001", new AccountConfig { Number = "1001", Currency = Currency.Usd, Agent = "9000" })
            .Add("2002", new AccountConfig { Number = "2002", Currency = Currency.Usd }).Add("9000", new AccountConfig { Number = "9000", Currency = Currency.Usd }).Add("9001", new AccountConfig { Number = "9001", Currency = Currency.Usd }),
        Phones = SwitchConfiguration.Empty.Phones.Add("2001", new PhoneConfig { E164 = "2001", Account = "1001", Password = "planted-phone-password" }),
        MappingGateways = SwitchConfiguration.Empty.MappingGateways.Add("cust-a", new MappingGatewayConfig { Name = "cust-a", RemoteIps = ["192.0.2.10"], Account = "1001" }).Add("even", new MappingGatewayConfig { Name = "even", RemoteIps = ["192.0.2.11"], Account = "1001" }),
    };

    public Task<Answer<ApplyView>> ApplyAsync(ReadOnlyMemory<byte> document, bool dryRun, string by, CancellationToken stop, int? onRevision = null)
    {
        Asked.Add($"apply {document.Length} bytes, dry {dryRun}, by {by}");
        try
        {
            if (JsonNode.Parse(document.Span)?["nonsense"] is not null)
                return Answer<ApplyView>(new Fault(FaultKind.Invalid, "1 error in the document", [new FieldFault(2, "nonsense", "there is no such field")]));
        }
        catch (JsonException)
        {
            return Answer<ApplyView>(new Fault(FaultKind.Invalid, "1 error in the document", [new FieldFault(1, "", "is not JSON")]));
        }
        if (!dryRun) Revision++;
        return Task.FromResult<Answer<ApplyView>>(new ApplyView(Revision, dryRun, [new ChangeView("account", "1001", "added", "USD, credit limit 5.00")]));
    }

    public Task<ConfigurationView> ConfigurationAsync(CancellationToken stop) =>
        Task.FromResult(new ConfigurationView(Revision, new JsonObject { ["accounts"] = new JsonArray(new JsonObject { ["number"] = "1001" }) }));

    public Task<IReadOnlyList<CallView>> CallsAsync(CancellationToken stop) =>
        Broken is null ? Task.FromResult<IReadOnlyList<CallView>>([.. _calls]) : Task.FromException<IReadOnlyList<CallView>>(Broken);

    public Task<Answer<CallView>> RecordAsync(CallId call, bool record, CancellationToken stop)
    {
        Asked.Add($"record {call} {record}");
        CallView? found = _calls.Find(c => c.Id == call);
        if (found is null) return Answer<CallView>(new Fault(FaultKind.NotFound, $"no call {call} is in progress"));
        return Task.FromResult<Answer<CallView>>(found with { Recording = "20260301/120000-x.wav" });
    }

    public Task<Answer<CallView>> DropAsync(CallId call, string by, CancellationToken stop)
    {
        Asked.Add($"drop {call} by {by}");
        CallView? found = _calls.Find(c => c.Id == call);
        if (found is null) return Answer<CallView>(new Fault(FaultKind.NotFound, $"no call {call} is in progress"));
        _calls.Remove(found);
        return Task.FromResult<Answer<CallView>>(found with { State = "ending" });
    }

    public Task<Answer<WhyView>> WhyAsync(CallId call, CancellationToken stop) =>
        _calls.Exists(c => c.Id == call) ? Task.FromResult<Answer<WhyView>>(Story(call, live: true)) : Answer<WhyView>(new Fault(FaultKind.NotFound, $"there is no call {call}"));

    public Task<WhyView> WhyAsync(Cdr finished, CancellationToken stop) => Task.FromResult(Story(finished.Call, live: false));

    public Task<Answer<RouteView>> RouteAsync(RouteOrder asked, CancellationToken stop)
    {
        (string number, string from) = (asked.Number, asked.From);
        if (asked.At < Instant.FromUtc(new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc))) return Answer<RouteView>(new Fault(FaultKind.Conflict, "At that time nothing was configured yet"));
        if (from != "cust-a") return Answer<RouteView>(new Fault(FaultKind.NotFound, $"'{from}' is no mapping gateway and no phone"));
        return Task.FromResult<Answer<RouteView>>(new RouteView
        {
            Revision = Revision,
            Number = number,
            From = from,
            At = asked.At ?? Instant.FromUtc(new DateTime(2026, 4, 26, 12, 0, 0, DateTimeKind.Utc)),
            Identified = from,
            Caller = asked.Caller ?? "",
            Phone = "",
            Steps = [new WhyStep(Instant.FromUtc(new DateTime(2026, 4, 26, 12, 0, 0, DateTimeKind.Utc)), "identified", "The caller is cust-a (mapping gateway, as asked).")],
            Notes = [],
            CallerFrom = "From",
            CalleeFrom = "the request line",
            Callee = number,
            Account = "1001",
            Refused = number.StartsWith('9') ? RefusalView.Of(Refusal.NoRoute) : null,
            Sale = Rate("retail", 15_000_000),
            Candidates =
            [
                new CandidateView { Gateway = "carrier-1", Prefix = "44", Priority = 1, CurrentCalls = 3, Capacity = 30, Verdict = "Eligible", Says = "longest prefix", Media = "", CallerSent = "", CalleeSent = "00" + number, Cost = Rate("wholesale", 9_000_000) },
                new CandidateView { Gateway = "carrier-2", Prefix = "", Priority = 1, CurrentCalls = 0, Capacity = 0, Verdict = "ShadowedByLongerPrefix", Says = "a longer prefix terminates the search", Media = "", CallerSent = "", CalleeSent = "" },
            ],
        });
    }

    public Task<Answer<JobView>> WhatIfAsync(WhatIfOrder order, string by, CancellationToken stop)
    {
        Asked.Add($"what-if {order.Days} {order.Deck?.Name ?? "document"} by {by}");
        if (order.Days > 366) return Answer<JobView>(new Fault(FaultKind.Invalid, "days must be 1 to 366", [new FieldFault(0, "days", "must be 1 to 366")]));
        return Task.FromResult<Answer<JobView>>(WhatIfJob(JobState.Running));
    }

    public Task<IReadOnlyList<JobView>> JobsAsync(CancellationToken stop) => Task.FromResult<IReadOnlyList<JobView>>([WhatIfJob(JobState.Done)]);

    public Task<Answer<JobView>> JobAsync(string id, CancellationToken stop) =>
        id == "what-if-1" ? Task.FromResult<Answer<JobView>>(WhatIfJob(JobState.Done)) : Answer<JobView>(new Fault(FaultKind.NotFound, $"There is no job {id}"));

    public Task<Answer<JobView>> CancelJobAsync(string id, CancellationToken stop)
    {
        Asked.Add($"cancel {id}");
        return Task.FromResult<Answer<JobView>>(WhatIfJob(JobState.Cancelled));
    }

    private static JobView WhatIfJob(JobState state) => new()
    {
        Id = "what-if-1",
        What = "what-if",
        By = "test",
        State = state,
        Done = state == JobState.Done ? 1 : 0.5,
        Says = state.ToString().ToLowerInvariant(),
        Started = Instant.FromUtc(new DateTime(2026, 4, 26, 12, 0, 0, DateTimeKind.Utc)),
        Result = state != JobState.Done ? null : new WhatIfView
        {
            Since = Instant.FromUtc(new DateTime(2026, 4, 25, 12, 0, 0, DateTimeKind.Utc)),
            Until = Instant.FromUtc(new DateTime(2026, 4, 26, 12, 0, 0, DateTimeKind.Utc)),
            Revision = 3,
            Changes = [],
            Calls = 2,
            Answered = 1,
            Moved = 1,
            Lost = 0,
            Gained = 0,
            Totals = [Row("")],
            Customers = [Row("1001")],
            Carriers = [Row("carrier-1")],
            Destinations = [Row("United Kingdom")],
            Refused = [new WhatIfRefusalView("NoRoute", "No routing gateway and no phone serves the called number.", 0, 1)],
            Recorded = [new WhatIfRecordedView("USD", "0.62", "0.30", "0.32")],
        },
    };

    private static WhatIfRowView Row(string name) => new()
    {
        Name = name,
        Currency = "USD",
        CallsBefore = 2,
        CallsAfter = 2,
        Moved = 1,
        SaleBefore = "0.62",
        SaleAfter = "0.62",
        CostBefore = "0.30",
        CostAfter = "0.25",
        MarginBefore = "0.32",
        MarginAfter = "0.37",
        MarginChange = "0.05",
    };

    public Task<IReadOnlyList<AccountView>> AccountsAsync(CancellationToken stop) => Task.FromResult<IReadOnlyList<AccountView>>([Account()]);

    public Tandem.Switching.Billing.Deck? Deck(string name) => null;

    public Task<Answer<AccountView>> AccountAsync(string number, CancellationToken stop) =>
        number == "1001" ? Task.FromResult<Answer<AccountView>>(Account()) : Answer<AccountView>(NoAccount(number));

    /// <summary>A payment that was booked.</summary>
    public PaymentView? Paid(string id) => _payments.GetValueOrDefault(id);

    public async Task<Answer<PaymentView>> PayAsync(PaymentOrder order, string by, CancellationToken stop)
    {
        if (Paying is { } meanwhile) await meanwhile();
        return await BookAsync(order, by);
    }

    private Task<Answer<PaymentView>> BookAsync(PaymentOrder order, string by)
    {
        Asked.Add($"pay {order} by {by}");
        if (order.Account != "1001") return Answer<PaymentView>(NoAccount(order.Account));
        if (_payments.TryGetValue(order.Id, out PaymentView? before))
        {
            return before.Amount.Nanos == order.Nanos
                ? Task.FromResult<Answer<PaymentView>>(before with { Repeated = true })
                : Answer<PaymentView>(new Fault(FaultKind.Conflict, $"payment {order.Id} was booked before, of {before.Amount}"));
        }
        _balance += order.Nanos;
        var view = new PaymentView
        {
            Id = order.Id,
            Account = order.Account,
            Amount = Usd(order.Nanos),
            Currency = Currency.Usd,
            BalanceAfter = Usd(_balance),
            At = Now,
            Repeated = false,
        };
        _payments.Add(order.Id, view);
        return Task.FromResult<Answer<PaymentView>>(view);
    }

    public async Task<Answer<DeckImportView>> ImportDeckAsync(DeckImportOrder order, Stream csv, string by, CancellationToken stop, int? onRevision = null)
    {
        using var reader = new StreamReader(csv, Encoding.UTF8);
        // As the switch itself reads a deck: without await, on a thread of the pool.
        string[] lines = (await Task.Run(reader.ReadToEnd, stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Asked.Add($"deck {order.Name} {order.Currency} of {lines.Length} lines, dry {order.DryRun}, by {by}");
        var faults = lines.Select((line, at) => (line, at)).Skip(1).Where(l => l.line.Contains("bad", StringComparison.Ordinal)).Select(l => new FieldFault(l.at + 1, "rate_per_min", "'bad' is no rate")).ToList();
        if (faults.Count > 0) return new Fault(FaultKind.Invalid, $"{faults.Count} errors in the deck", faults);
        return new DeckImportView { Name = order.Name, Currency = order.Currency, Version = "ab12", Rates = lines.Length - 1, Added = lines.Length - 1, Changed = 0, Removed = 0, DryRun = order.DryRun, Revision = Revision };
    }

    public Task<Answer<JobView>> RerateAsync(RerateOrder order, string by, CancellationToken stop)
    {
        Asked.Add($"rerate {order.Deck} from {order.Since} apply {order.Apply} by {by}");
        return Task.FromResult<Answer<JobView>>(WhatIfJob(JobState.Running));
    }

    public Task<IReadOnlyList<CdrView>> WithCorrectionsAsync(IReadOnlyList<Cdr> cdrs, CancellationToken stop) => Task.FromResult<IReadOnlyList<CdrView>>([.. cdrs.Select(CdrView.Of)]);

    public Task<Answer<DeckVersionsView>> DeckVersionsAsync(string name, CancellationToken stop) => name == "retail"
        ? Task.FromResult<Answer<DeckVersionsView>>(new DeckVersionsView("retail", [new DeckVersionView("cd34", new Instant(2_000_000), null, "future", 8, "ann", 4), new DeckVersionView("ab12", new Instant(1_000_000), new Instant(2_000_000), "current", 7, "ann", 3)]))
        : Answer<DeckVersionsView>(new Fault(FaultKind.NotFound, $"There is no deck {name}."));

    public Task<Answer<DeckDifferenceView>> DeckDifferenceAsync(string from, string to, CancellationToken stop) =>
        Task.FromResult<Answer<DeckDifferenceView>>(new DeckDifferenceView(from, to, 1, 0, 1, 0, 0, [new DeckLineView("44", "United Kingdom", "dearer", Usd(1), Usd(2)), new DeckLineView("45", "Denmark", "added", null, Usd(3))]));

    public Task<IReadOnlyList<DeckView>> DecksAsync(CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<DeckView>>([new DeckView("retail", Currency.Usd, "ab12", 3, ["1001"])]);

    public Task<Answer<SettingsView>> SettingsAsync(Instant? at, CancellationToken stop) => Task.FromResult<Answer<SettingsView>>(new SettingsView([Timeout()]));

    public Task<Answer<SettingDifferenceView>> SettingDifferenceAsync(Instant from, Instant? to, CancellationToken stop) =>
        Task.FromResult<Answer<SettingDifferenceView>>(new SettingDifferenceView([new SettingChangeView("SS_A", "1", "2"), new SettingChangeView("SS_B", "1", "2")]));

    public Task<Answer<ApplyView>> RevertSettingsAsync(string? name, Instant at, bool dryRun, string by, CancellationToken stop, int? onRevision = null) => throw new NotSupportedException();

    public Task<Answer<SettingView>> SettingAsync(string name, Instant? at, CancellationToken stop) =>
        name is "SS_SIP_TIMEOUT_INVITE" ? Task.FromResult<Answer<SettingView>>(Timeout()) : Answer<SettingView>(NoSetting(name));

    public Task<Answer<SettingView>> SetSettingAsync(string name, string value, string by, CancellationToken stop, int? onRevision = null)
    {
        if (name is not "SS_SIP_TIMEOUT_INVITE") return Answer<SettingView>(NoSetting(name));
        if (!int.TryParse(value, out int seconds) || seconds is < 1 or > 600)
            return Answer<SettingView>(new Fault(FaultKind.Invalid, $"SS_SIP_TIMEOUT_INVITE must be 1 to 600 s; '{value}' is not", [new FieldFault(0, "value", "must be 1 to 600 s")]));
        _audit.Insert(0, new AuditView(++Revision, Now, by, name, _timeout, value));
        _timeout = value;
        return Task.FromResult<Answer<SettingView>>(Timeout());
    }

    public Task<Answer<SettingHistoryView>> SettingHistoryAsync(string? name, CancellationToken stop) =>
        name is null or "SS_SIP_TIMEOUT_INVITE" ? Task.FromResult<Answer<SettingHistoryView>>(new SettingHistoryView([.. _audit])) : Answer<SettingHistoryView>(NoSetting(name));

    public IReadOnlyList<Tandem.Server.Configuration.AuditEntry> Changes() => [new(3, Now - TimeSpan.FromHours(1), "ann", "settings.SS_SIP_TIMEOUT_INVITE", "10", "12"), new(4, Now - TimeSpan.FromMinutes(30), "bob", "accounts[1001].name", "A", "B")];

    public Task<Answer<ApplyView>> UndoAsync(int revision, string by, CancellationToken stop, int? onRevision = null)
    {
        Asked.Add($"undo {revision} by {by}");
        return revision == 3 ? Task.FromResult<Answer<ApplyView>>(new ApplyView(++Revision, false, [])) : Answer<ApplyView>(new Fault(FaultKind.NotFound, $"There is no revision {revision}."));
    }

    public Task<TrunksView> TrunksAsync(CancellationToken stop) => Task.FromResult(new TrunksView(
    [
        new TrunkView { Gateway = "carrier-a", RegisterName = "tandem-7", Up = false, State = "waiting", Since = new Instant(0), Next = new Instant(60_000_000), Registrar = "", LastError = "403 Forbidden from 203.0.113.1:5060", LastErrorAt = new Instant(0) },
    ]));

    public Task<Answer<QualitiesView>> QualityAsync(string? gateway, CancellationToken stop) => Task.FromResult<Answer<QualitiesView>>(gateway is null or "carrier-a"
        ? new QualitiesView([new QualityView { Gateway = "carrier-a", Destination = "", State = "Penalised", Since = new Instant(1_767_225_600_000_000), Attempts = 40, Answered = 10, Asr = 25, Ner = 50.5, Acd = 31.2, Pdd = 1.5 }])
        : new Fault(FaultKind.NotFound, $"There is no routing gateway '{gateway}'."));

    public Task<GatewaysView> GatewaysAsync(CancellationToken stop) => Task.FromResult(new GatewaysView(
    [
        new GatewayView
        {
            Name = "carrier-a", RemoteIp = "203.0.113.1:5060", Addresses = ["udp 203.0.113.1:5060"], CurrentCalls = 2, Capacity = 30, History = 71, Locked = false, SipOptions = "Down", SipOptionsSince = new Instant(1_767_225_600_000_000), RetryAfter = 1500, Trouble = "",
        },
        new GatewayView
        {
            Name = "carrier-two", RemoteIp = "nowhere.example", Addresses = [], CurrentCalls = 0, Capacity = 0, History = 0, Locked = false, SipOptions = "Unknown", RetryAfter = 0,
            Trouble = "nowhere.example did not resolve: NXDOMAIN since 2026-03-01 03:12 UTC.",
        },
    ],
    [
        new MappingGatewayView { Name = "pbx", RemoteIps = ["pbx.example"], Addresses = ["192.0.2.10"], ResolvedSince = new Instant(0), AgeSeconds = 12, LookedUpAgain = new Instant(1), CurrentCalls = 1, Capacity = 0, Locked = false, Trouble = "" },
    ]));

    public Task<IReadOnlyList<RegistrationView>> RegistrationsAsync(CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<RegistrationView>>([new RegistrationView("2001", "sip:2001@192.0.2.77:5060", NetAddress.Parse("192.0.2.77:5060"), Now, Now + TimeSpan.FromHours(1), "phone/1.0")]);

    public Task<IReadOnlyList<BlockedView>> BlockedAsync(CancellationToken stop) => Task.FromResult<IReadOnlyList<BlockedView>>([Block]);

    public Task<Answer<BlockedView>> ReleaseAsync(string who, string by, CancellationToken stop) =>
        who == Block.Who ? Task.FromResult<Answer<BlockedView>>(Block) : Answer<BlockedView>(new Fault(FaultKind.NotFound, $"{who} is not blocked."));

    public Task<IReadOnlyList<BlackListEntryView>> BlackListAsync(CancellationToken stop) => Task.FromResult<IReadOnlyList<BlackListEntryView>>([Listed]);

    public Task<Answer<BlackListView>> BlackListReleaseAsync(string number, string? list, string by, CancellationToken stop) =>
        number == Listed.Number && list is null or "" ? Task.FromResult<Answer<BlackListView>>(new BlackListView([Listed])) : Answer<BlackListView>(new Fault(FaultKind.NotFound, $"{number} is on no dynamic black list."));

    public Task<PortedTableView> PortedTableAsync(CancellationToken stop) => Task.FromResult(new PortedTableView(2, 1, 200, Now, ""));

    public async Task<Answer<PortedTableView>> ImportPortedAsync(Stream csv, string by, CancellationToken stop)
    {
        using var reader = new StreamReader(csv);
        string text = await reader.ReadToEndAsync(stop);
        return text.Contains(',', StringComparison.Ordinal) ? new PortedTableView(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 200, Now, "") : new Fault(FaultKind.Invalid, "The file has 1 errors; nothing was imported.", [new FieldFault(1, "", "has no comma")]);
    }

    public Task<PortedTableView> RemovePortedAsync(string by, CancellationToken stop) => PortedTableAsync(stop);

    public Task<Answer<PortedNumberView>> PortedNumberAsync(string number, CancellationToken stop) => Task.FromResult<Answer<PortedNumberView>>(new PortedNumberView(number, true, "1201", $"{number} was ported: it is routed and priced as 1201, by the local table."));

    public Task<Answer<CallbackView>> CallBackAsync(CallbackRequest asked, CancellationToken stop) =>
        asked.Access == "2001" ? Task.FromResult<Answer<CallbackView>>(new CallbackView(LiveCall)) : Answer<CallbackView>(new Fault(FaultKind.NotFound, $"There is no phone {asked.Access}."));

    public Task<Answer<ReservationView>> ReserveCalleeAsync(ReservationRequest asked, CancellationToken stop) =>
        asked.Access == "2001" ? Task.FromResult<Answer<ReservationView>>(new ReservationView(asked.Caller, asked.Callee, asked.Access, Now + TimeSpan.FromMinutes(10))) : Answer<ReservationView>(new Fault(FaultKind.NotFound, $"There is no phone {asked.Access}."));

    private static BlackListEntryView Listed => new("4930", "malicious", "", 1000, Now, Now + TimeSpan.FromHours(1));

    private static BlockedView Block => new("192.0.2.66", "address", 6, Now, Now + TimeSpan.FromMinutes(3), NetAddress.Parse("192.0.2.66:5060"));

    public Task<CheckView> CheckAsync(CancellationToken stop) =>
        Task.FromResult(new CheckView(Agrees, 4711, 99, 1, 1, Agrees ? [] : ["account 1001: balance 9.00 expected, 10.00 found"]));

    public Task<JournalView> JournalAsync(CancellationToken stop) => Task.FromResult(new JournalView
    {
        Position = 4711, Written = 4700, Durable = 4600, Snapshot = 4000, SealedTo = 4500, Head = "00ff", AcceptsNewWork = true, Trouble = "", Consumers = [new JournalConsumerView("the CDR database", 4500, 100, "")],
    });

    public Task<StatusView> StatusAsync(CancellationToken stop) => Task.FromResult(new StatusView
    {
        Version = "0.1.0",
        Started = CdrSamples.Midnight,
        Now = Now,
        Revision = Revision,
        CallsOpen = _calls.Count,
        PortsLent = 4,
        Registrations = 1,
        AcceptsNewCalls = Healthy,
        Warnings = [],
        Counters = new Dictionary<string, long> { ["sip.received"] = 12 },
    });

    public HealthView Health() => Healthy ? new HealthView(true, "calls are accepted") : new HealthView(false, "the journal cannot grow: No space left on device");

    private static CallView Live() => new()
    {
        Id = LiveCall,
        State = "answered",
        Arrived = Now - TimeSpan.FromSeconds(70),
        Answered = Now - TimeSpan.FromSeconds(60),
        TalkSeconds = 60,
        Caller = "12125550001",
        Callee = "442079460001",
        CallerGateway = "cust-a",
        CalleeGateway = "carrier-1",
        CallerAddress = NetAddress.Parse("192.0.2.10:5060"),
        Account = "1001",
        Reserved = Usd(30_000_000),
        Attempts = 1,
    };

    private static WhyView Story(CallId call, bool live) => new()
    {
        Call = call,
        Live = live,
        Summary = "12125550001 called 442079460001 by carrier-1",
        Media = [],
        Legs = ["cust-a", "carrier-1"],
        Steps = [new WhyStep(Now, "identified", "192.0.2.10 is mapping gateway cust-a"), new WhyStep(Now + TimeSpan.FromMilliseconds(1), "candidate", "carrier-1: eligible")],
        Ladder =
        [
            new LadderStep(Now, 0, true, "INVITE"),
            new LadderStep(Now + TimeSpan.FromMilliseconds(2), 1, false, "INVITE"),
            new LadderStep(Now + TimeSpan.FromMilliseconds(40), 1, true, "180 Ringing"),
            new LadderStep(Now + TimeSpan.FromMilliseconds(41), 0, false, "180 Ringing"),
        ],
        Price = ["60 s at 0.015 a minute: 0.015 USD"],
    };

    private AccountView Account() => new()
    {
        Number = "1001",
        Name = "Customer A",
        Kind = "Ordinary",
        Currency = Currency.Usd,
        Balance = Usd(_balance),
        CreditLimit = Usd(5 * Money.NanosPerUnit),
        Reserved = Usd(30_000_000),
        Available = Usd(_balance + (5 * Money.NanosPerUnit) - 30_000_000),
        Locked = false,
        ConsumedToday = new Money(0, Currency.Parse("USD")),
        ValidUntil = Instant.Never,
        Deck = "retail",
    };

    private SettingView Timeout() => new()
    {
        Name = "SS_SIP_TIMEOUT_INVITE",
        Aliases = ["SS_SIP_INVITE_TIMEOUT"],
        Value = _timeout,
        Default = "10",
        Range = "1 to 600 s",
        Applies = "next call",
        Says = "How long an INVITE may stay without any response before the next gateway is tried.",
    };

    private static RateView Rate(string deck, long nanos) => new()
    {
        Deck = deck,
        Prefix = "44",
        Area = "United Kingdom",
        RatePerMinute = Usd(nanos),
        ConnectFee = Usd(0),
        FirstSeconds = 1,
        NextSeconds = 1,
        Currency = Currency.Usd,
    };

    private static Money Usd(long nanos) => new(nanos, Currency.Usd);

    private static Fault NoAccount(string number) => new(FaultKind.NotFound, $"there is no account {number}");

    private static Fault NoSetting(string name) => new(FaultKind.NotFound, $"there is no setting {name}");

    private static Task<Answer<T>> Answer<T>(Fault fault) where T : class => Task.FromResult<Answer<T>>(fault);
}

/// <summary>The API on a free loopback port over a switch in memory and a CDR store in a temporary folder.</summary>
internal sealed class ApiInMemory : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly CdrStore _store;
    private readonly ApiServer _server;

    private ApiInMemory(TemporaryFolder folder, SwitchInMemory control, CdrStore store, ApiServer server, HttpClient http, List<string> said)
    {
        _folder = folder;
        Switch = control;
        _store = store;
        _server = server;
        Http = http;
        Said = said;
    }

    public SwitchInMemory Switch { get; }

    public HttpClient Http { get; }

    public List<string> Said { get; }

    public string Folder => _folder.Path;

    public Uri Address => _server.Address;

    public IReadOnlyList<string> Routes => _server.Routes;

    public static async Task<ApiInMemory> StartAsync(Func<ApiParts, ApiParts>? change = null, Action<string>? prepare = null)
    {
        var folder = new TemporaryFolder();
        var said = new List<string>();
        var control = new SwitchInMemory();
        var store = CdrStore.Open(folder["cdr.db"], 1000, new HandClock(), said.Add);
        store.Take([.. Enumerable.Range(1, 5).Select(n => CdrSamples.Call(n)), CdrSamples.Call(6, c => { c.Answered = Instant.Never; c.Refusal = Refusal.NoRoute; c.EndReason = -11; c.Sale = null; c.Cost = null; c.CalleeGateway = ""; })], 6);
        TokenBook tokens = TokenBook.Open(folder.Path, said.Add);
        var parts = new ApiParts
        {
            Control = control,
            Cdrs = store,
            QueryLimits = () => new QuerySettings { OnePageSize = 4, MaxDayInterval = 2 },
            Now = () => SwitchInMemory.Now,
            Audio = new AudioStore(folder["audio"]),
            Money = new MoneyInMemory(control),
            Decks = new DecksInMemory(),
            Alarms = new Tandem.Server.Alarms.AlarmBook(),
        };
        parts = change?.Invoke(parts) ?? parts;
        prepare?.Invoke(folder.Path);
        ApiServer server = await ApiServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), folder.Path, tokens, parts, said.Add);
        var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", File.ReadAllText(folder["admin.token"]).Trim());
        return new ApiInMemory(folder, control, store, server, http, said);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        _store.Dispose();
        _folder.Dispose();
    }
}

/// <summary>So that the routes are there: three packages, the payments of the switch, and no other money.</summary>
internal sealed class MoneyInMemory(SwitchInMemory control) : IMoneyControl
{
    public Task<Answer<PaymentHistoryView>> PaymentsAsync(MoneyQuery query, CancellationToken stop) => Task.FromResult<Answer<PaymentHistoryView>>(new PaymentHistoryView([]));

    public Task<Answer<PaymentEntryView>> PaymentAsync(string id, CancellationToken stop) => Task.FromResult<Answer<PaymentEntryView>>(control.Paid(id) is not { } paid ? new Fault(FaultKind.NotFound, $"There is no payment '{id}'.") : new PaymentEntryView
    {
        Id = id, Account = paid.Account, Kind = "Recharge", Means = "Cash", Amount = paid.Amount, Currency = paid.Currency, BalanceAfter = paid.BalanceAfter, At = paid.At, By = "", Memo = "", Reference = "", Reversed = false,
    });

    public Fault? NoJobNow() => null;

    public Answer<JobView> PayBatch(IReadOnlyList<BatchRow> rows, IReadOnlyList<BatchRowView> settled, string by) => throw new NotSupportedException();

    public Answer<JobView> AssignDeck(DeckAssignment order, string by) => throw new NotSupportedException();

    public Task<Answer<PaymentEntryView>> ReverseAsync(string id, string paymentId, string memo, string by, CancellationToken stop) => throw new NotSupportedException();

    public Task<Answer<PaymentEntryView>> MakeZeroAsync(string id, string account, string memo, string by, CancellationToken stop) => throw new NotSupportedException();

    public Task<Answer<ConsumptionsView>> ConsumptionsAsync(MoneyQuery query, CancellationToken stop) => Task.FromResult<Answer<ConsumptionsView>>(new ConsumptionsView([]));

    public Task<Answer<PackagesView>> PackagesAsync(string? account, CancellationToken stop) => Task.FromResult<Answer<PackagesView>>(account is not (null or "1001")
        ? new PackagesView([], [])
        : new PackagesView([.. Enumerable.Range(1, 3).Select(Package)], [new PackageOrderView("o1", "small", null, "waiting"), new PackageOrderView("o2", "large", null, "over")]));

    private static PackageView Package(int id) => new()
    {
        Id = id, Account = "1001", Package = "small", Order = "o1", From = new Instant(1), Until = new Instant(2), Rent = new Money(1, Currency.Usd), Spent = new Money(0, Currency.Usd), MinConsumption = new Money(0, Currency.Usd), GiftMoneyLeft = new Money(0, Currency.Usd), SecondsLeft = [],
    };

    public Task<Answer<PackageView>> EndPackageAsync(int package, CancellationToken stop) => throw new NotSupportedException();

    public Task<Answer<CardsMadeView>> MakeCardsAsync(CardBatch batch, string by, CancellationToken stop) => throw new NotSupportedException();

    public Task<Answer<CardUsedView>> UseCardAsync(CardUse use, string by, CancellationToken stop) => throw new NotSupportedException();

    public Task<Answer<ExternalCallView>> QuoteAsync(ExternalCall call, CancellationToken stop) => throw new NotSupportedException();

    public Task<Answer<ExternalCallView>> ChargeAsync(ExternalCall call, string by, CancellationToken stop) => throw new NotSupportedException();

    public Task<Answer<AvailableTimeView>> AvailableTimeAsync(string payer, Tandem.Switching.Cdrs.BillingMode mode, string callee, string? carrier, CancellationToken stop) => throw new NotSupportedException();
}

/// <summary>Three reports, of which one is kept, and layouts.</summary>
internal sealed class DecksInMemory : IDeckControl
{
    public Task<Answer<JobView>> ReportDeckAsync(DeckReportOrder order, Stream file, string by, CancellationToken stop) => throw new NotSupportedException();

    public Task<DeckReportsView> DeckReportsAsync(CancellationToken stop) =>
        Task.FromResult(new DeckReportsView([.. Enumerable.Range(1, 3).Select(static n => new DeckReportHeadView($"r{4 - n}", "retail", "rates.csv", "ann", $"2026-04-26T12:00:0{4 - n}Z", null, 3, 1, 1, 1, 0, 0))]));

    public Task<Answer<JsonNode>> DeckReportAsync(string id, CancellationToken stop) =>
        Task.FromResult(id == "r1" ? (Answer<JsonNode>)new JsonObject { ["id"] = id } : new Fault(FaultKind.NotFound, $"There is no report {id}."));

    public Task<Answer<DeckText>> DeckReportLinesAsync(string id, CancellationToken stop) => throw new NotSupportedException();

    public Task<Answer<DeckImportView>> ApplyDeckReportAsync(string id, bool acceptInvalid, string by, CancellationToken stop, int? onRevision = null) => throw new NotSupportedException();

    public Task<Answer<DeckText>> ExportDeckAsync(string name, string? version, CancellationToken stop) => throw new NotSupportedException();

    public Task<DeckTemplatesView> DeckTemplatesAsync(CancellationToken stop) => Task.FromResult(new DeckTemplatesView([new DeckTemplateView("ours", true, []), new DeckTemplateView("a", false, []), new DeckTemplateView("b", false, [])]));
}
