using System.Runtime.CompilerServices;
using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;
using Tandem.Switching.Probing;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing.Failover;
using Tandem.Switching.Routing.Quality;
using Tandem.Switching.Routing.Selection;
using Tandem.Switching.Settings;
using Tandem.Switching.Identity;

namespace Tandem.Switching.Routing;

/// <summary>Turns what the operator said into the tables calls are decided by. Run aside by one thread; the outcome is published whole or not at all.</summary>
public static class TableCompiler
{
    /// <param name="configuration">Checked already: references hold, texts parse.</param>
    /// <param name="revision">Recorded in every CDR decided by these tables.</param>
    /// <param name="rates">The compiled deck of a version; asked once for each version in use.</param>
    /// <param name="accounts">The ledger's id of an account number.</param>
    /// <param name="states">What is alive, kept between revisions.</param>
    /// <param name="now">As of when: which versions of decks are in force.</param>
    /// <exception cref="InvalidOperationException">The configuration does not hold after all; nothing was changed.</exception>
    public static SwitchTables Compile(SwitchConfiguration configuration, int revision, Func<string, RateTable> rates, Func<string, AccountId> accounts, GatewayStates states, Instant now = default)
    {
        NumberCompiler numbers = new(configuration);
        RoutingCompiler routing = new(configuration, states);
        Dictionary<string, Account> accountsByNumber = CompileAccounts(configuration, routing.Calendar, rates, accounts, now, out Instant changes);
        Groups groups = new();
        SourceTable sources = new();
        List<(SourcePattern Source, MappingGateway Gateway)> named = [];
        List<MappingGateway> mappingGateways = new(configuration.MappingGateways.Count);
        foreach (MappingGatewayConfig said in configuration.MappingGateways.Values)
        {
            MappingGateway gateway = new()
            {
                Name = said.Name,
                CallPrefix = DialString.Parse(said.CallPrefix),
                User = said.HasUser ? DialString.Parse(said.User) : default,
                Password = Encoding.UTF8.GetBytes(said.Password),
                HasSources = !said.RemoteIps.IsEmpty,
                IsDynamic = said.RegisterType == MappingRegisterType.Dynamic,
                PortCounts = said.Authentication == MappingAuthentication.IpAndPort,
                ByDigest = said.Authentication == MappingAuthentication.Digest,
                Account = Find(accountsByNumber, said.Account),
                Capacity = said.Capacity,
                Locked = said.Locked,
                CalleeRules = Plan(said.Name, said.RewriteRulesOutCallee),
                CallerRules = Plan(said.Name, said.RewriteRulesOutCaller),
                Groups = groups.Of(said.RoutingGatewayGroups),
                GroupsAllow = said.RoutingGatewayGroupsAllow,
                SipTimer = said.SipTimer,
                TalkLimit = new TalkLimit(said.MaxCallDurationLower, said.MaxCallDurationUpper),
                MediaCheck = new MediaCheck(said.MediaCheckDirection, said.MediaCheckSeconds),
                UnansweredSeconds = Math.Max(0, said.TimeoutCallProceeding),
                CalleeFrom = said.CalleeFrom,
                CallerFrom = said.CallerFrom,
                HeedsPrivacy = said.HeedsPrivacy,
                FailedStatus = CodeMap.TryParseStatuses(said.CallFailedSipCode, out CodeMap? map, out string wrong) ? map : throw new InvalidOperationException($"{said.Name}: {wrong}"),
                FailedCause = CodeMap.TryParseCauses(said.CallFailedQ931CauseValue, out CodeMap? causes, out string notCauses) ? causes : throw new InvalidOperationException($"{said.Name}: {notCauses}"),
                Shown = new ExtraHeaders(said.ExtraHeaders),
                Responses = said.ResponseAddress,
                Requests = said.RequestAddress,
                Sip100Rel = said.Sip100Rel,
                CallTransfer = said.CallTransfer,
                AllowPublish = said.AllowPublish,
                Numbers = numbers.Limits("mapping gateway", said.Name, said.Numbers),
                Lrn = LrnPlan.Of(said.Lrn),
                AllowPhoneBilling = said.AllowPhoneBilling,
                AllowBoundBilling = said.AllowBoundBilling,
                Policy = RoutingCompiler.Policy(said.Policy),
                HostNames = [.. said.RemoteIps.Select(static r => HostName.TryParse(r, out string host, out _) ? host : "").Where(static h => h.Length > 0).Distinct(StringComparer.Ordinal)],
                RtpForward = said.RtpForward,
                Audio = said.Audio,
                Srtp = said.Srtp,
                State = states.Mapping(said.Name),
            };
            mappingGateways.Add(gateway);
            foreach (string remoteIp in said.RemoteIps)
            {
                if (HostName.TryParse(remoteIp, out string host, out int port))
                {
                    if (gateway.State.Sources.TryGetValue(host, out ResolvedName? resolved)) named.AddRange(resolved.Hops.Choices.Select(c => (new SourcePattern(c.Hop.Address.WithPort(port), -1), gateway)));
                    continue;
                }
                if (!SourcePattern.TryParse(remoteIp, out SourcePattern source, out string error)) throw new InvalidOperationException($"{said.Name}: {error}");
                if (!sources.TryAdd(source, gateway)) throw new InvalidOperationException($"{said.Name}: the source {remoteIp} belongs to another gateway with the same callPrefix.");
            }
        }
        // What the operator stated as an address is never taken away by what the DNS says of a name; of two names with one address the first gateway has it.
        foreach ((SourcePattern source, MappingGateway gateway) in named) sources.TryAdd(source, gateway);
        List<RoutingGateway> routingGateways = new(configuration.RoutingGateways.Count);
        List<IReadOnlyList<string>> prefixes = new(configuration.RoutingGateways.Count);
        foreach (RoutingGatewayConfig said in configuration.RoutingGateways.Values)
        {
            routingGateways.Add(new RoutingGateway
            {
                Name = said.Name,
                Target = SipTarget.TryParse(said.RemoteIp, said.Transport, out SipTarget? target) ? target : throw new InvalidOperationException($"{said.Name}: '{said.RemoteIp}' is neither an address nor a host name."),
                TlsName = said.TlsName.Length > 0 ? said.TlsName : null,
                LargeRequestsByTcp = said.LargeRequestsByTcp,
                TlsFingerprint = Convert.FromHexString(said.TlsFingerprint),
                PrefixStyle = said.PrefixStyle,
                Priority = said.Priority,
                Capacity = said.Capacity,
                Locked = said.Locked,
                ClearingAccount = Find(accountsByNumber, said.ClearingAccount),
                RatePrefix = configuration.Settings.Billing.GatewayRoutePrefix,
                CalleeRules = Plan(said.Name, said.RewriteRulesInCallee),
                CallerRules = Plan(said.Name, said.RewriteRulesInCaller),
                Groups = groups.Of(said.GatewayGroups),
                SipTimer = said.SipTimer,
                TalkLimit = new TalkLimit(said.MaxCallDurationLower, said.MaxCallDurationUpper),
                MediaCheck = new MediaCheck(said.MediaCheckDirection, said.MediaCheckSeconds),
                Patience = new AttemptPatience(said.TimeoutInvite, said.TimeoutTrying, said.TimeoutSessionProgress, said.TimeoutSessionProgressSdp, said.TimeoutRinging),
                Identity = said.Identity,
                Shown = new ExtraHeaders(said.ExtraHeaders),
                Responses = said.ResponseAddress,
                Requests = said.RequestAddress,
                Sip100Rel = said.Sip100Rel,
                Probes = new ProbePlan(said.SipOptionsInterval, said.SipOptionsFailures, said.SipOptionsSuccesses),
                RetryAfter = said.RetryAfter,
                Failover = FailoverOf(said),
                Limits = routing.Limits(said),
                Quality = RoutingCompiler.Quality(said.Quality),
                FollowsRedirects = said.FollowRedirects,
                AllowPublish = said.AllowPublish,
                Registers = said.RegisterType == RegisterType.Register,
                RegisterName = Encoding.UTF8.GetBytes(said.RegisterName),
                Password = Encoding.UTF8.GetBytes(said.Password),
                LocalDomain = said.LocalDomain.Length > 0 ? Encoding.ASCII.GetBytes(said.LocalDomain) : null,
                Inbound = said.InboundMappingGateway is { } inbound ? mappingGateways.Find(g => g.Name == inbound) : null,
                RtpForward = said.RtpForward,
                Audio = said.Audio,
                Srtp = said.Srtp,
                Numbers = numbers.Limits("routing gateway", said.Name, said.Numbers),
                Pool = numbers.Pool(said.Name, said.Pool, states.Routing(said.Name).Pool),
                State = states.Routing(said.Name),
            });
            prefixes.Add(said.Prefixes);
        }
        Dictionary<DialString, Phone> phones = new(configuration.Phones.Count);
        foreach (PhoneConfig said in configuration.Phones.Values)
        {
            DialString number = DialString.Parse(said.E164);
            phones.Add(number, new Phone
            {
                Number = number,
                NumberText = said.E164,
                Account = Find(accountsByNumber, said.Account),
                Password = Encoding.UTF8.GetBytes(said.Password),
                Stated = said.RegisterType == PhoneRegisterType.Static ? StatedAt(number, NetAddress.Parse(said.Ip).WithPort(said.Port)) : null,
                Lock = said.Lock,
                LineCapacity = said.LineCapacity,
                DisplayNumber = said.DisplayNumber.Length == 0 ? number : DialString.Parse(said.DisplayNumber),
                SipTimer = said.SipTimerSupport,
                TalkLimit = new TalkLimit(said.CallDurationLimit, said.CallDurationLimit),
                MediaCheck = new MediaCheck(said.RtpInterruptDetection, said.MediaCheckSeconds),
                HeedsPrivacy = said.HeedsPrivacy,
                Identity = said.Identity,
                Responses = said.ResponseAddress,
                Requests = said.RequestAddress,
                Sip100Rel = said.Sip100Rel,
                CallTransfer = said.CallTransfer,
                Indication = said.RemainingPrompt,
                Language = said.Language,
                CallStateReport = said.CallStateReport,
                RtpForward = said.RtpForward,
                Audio = said.Audio,
                Srtp = said.Srtp,
                LivenessCheck = said.LivenessCheck,
                CalleeRulesOut = Plan(said.E164, said.RewriteRulesOutCallee),
                CalleeRulesIn = Plan(said.E164, said.RewriteRulesInCallee),
                CallerRulesIn = Plan(said.E164, said.RewriteRulesInCaller),
                Numbers = numbers.Limits("phone", said.E164, said.Numbers),
                Lrn = LrnPlan.Of(said.Lrn),
                CalleeBilling = said.CalleeBilling,
                NoBillingToPhone = said.NoBillingToPhone,
                MonthlyLimitNanos = said.MonthlyMaximumNanos,
                CountsMonth = said.MonthlyMaximumNanos > 0 || said.MonthlyMinimumNanos > 0,
                Policy = RoutingCompiler.Policy(said.Policy),
                Dids = [.. said.Dids.Select(static d => DialString.Parse(d))],
                Forwards = ReferenceEquals(said.Forwards, ForwardsConfig.None) ? PhoneForwards.None : new PhoneForwards(said.Forwards),
                State = states.Phone(said.E164),
            });
        }
        Dictionary<AccountId, Account> accountsById = accountsByNumber.Values.ToDictionary(static a => a.Id);
        RouteTable routes = new(routingGateways, prefixes, states.Rates, states.IndexRates);
        SwitchTables tables = new(revision, configuration.Settings, routes, mappingGateways, sources, phones, accountsById, accountsByNumber)
        {
            Numbers = numbers.Tables,
            Calendar = routing.Calendar,
            ChangesAt = changes,
            Rents = RentCompiler.Compile(configuration, accountsByNumber),
            Cards = configuration.ActiveCards.Values.ToDictionary(static c => c.Pin, c => Find(accountsByNumber, c.Account)!, StringComparer.Ordinal),
            BoundNumbers = configuration.BoundNumbers.Values.ToDictionary(static b => DialString.Parse(b.E164), b => new BoundNumber(
                b.Pin, Find(accountsByNumber, configuration.ActiveCards[b.Pin].Account)!, DialString.Parse(b.DisplayNumber.Length > 0 ? b.DisplayNumber : configuration.ActiveCards[b.Pin].DisplayNumber), Plan(b.E164, b.RewriteRulesOutCallee))),
        };
        if (!states.AreOwn) return tables;
        states.Rates = routes.Rates;
        foreach (RoutingGatewayConfig said in configuration.RoutingGateways.Values) states.Routing(said.Name).Count(ShapeOf(said.Quality.Counting, configuration.Settings.Routing));
        return tables;
    }

    /// <summary>
    /// Compiles and throws the outcome away: whether a change holds, before the ledger has opened the accounts it brings. Touches no live state.
    /// </summary>
    /// <exception cref="InvalidOperationException">It does not hold.</exception>
    public static void Check(SwitchConfiguration configuration, Func<string, RateTable> rates, Instant now = default)
    {
        int opened = 0;
        Compile(configuration, 0, rates, _ => new AccountId(++opened), new GatewayStates { IndexRates = false }, now);
    }

    private static Dictionary<string, Account> CompileAccounts(SwitchConfiguration configuration, WorkCalendar calendar, Func<string, RateTable> rates, Func<string, AccountId> ids, Instant now, out Instant changes)
    {
        Instant next = Instant.Never;
        Dictionary<string, WorkCalendar> zones = new(StringComparer.Ordinal);
        ExchangeTable exchanges = new(configuration.ExchangeRates.Values);
        Dictionary<string, RateTable> byVersion = new(StringComparer.Ordinal);
        Dictionary<string, Account> accounts = new(configuration.Accounts.Count, StringComparer.Ordinal);
        foreach (AccountConfig said in configuration.Accounts.Values)
        {
            RateTable? table = null;
            DeckRef? deck = null;
            string version = "";
            if (said.Deck is { } name)
            {
                if (!configuration.Decks.TryGetValue(name, out deck)) throw new InvalidOperationException($"Account {said.Number}: there is no deck '{name}'.");
                version = deck.VersionAt(now);
                if (!byVersion.TryGetValue(version, out table)) byVersion.Add(version, table = rates(version));
                next = Instant.Min(next, Instant.Min(deck.ChangeAfter(now), table.Changes));
            }
            AccountId id = ids(said.Number);
            if (id == AccountId.None) throw new InvalidOperationException($"The ledger has no account '{said.Number}'.");
            accounts.Add(said.Number, new Account
            {
                Id = id,
                Number = said.Number,
                Name = said.Name,
                Currency = said.Currency,
                Locked = said.MayNotCall,
                Rates = table,
                Calendar = CalendarOf(table),
                Exchanges = exchanges,
                DeckName = deck?.Name ?? "",
                DeckVersion = version,
            });
        }
        foreach (AccountConfig said in configuration.Accounts.Values)
        {
            if (said.Agent is not null) accounts[said.Number].Agent = Find(accounts, said.Agent);
        }
        changes = next;
        return accounts;

        WorkCalendar CalendarOf(RateTable? table)
        {
            if (table is not { HasPeriods: true, Zone.Length: > 0 }) return calendar;
            if (!zones.TryGetValue(table.Zone, out WorkCalendar? own)) zones.Add(table.Zone, own = calendar.In(table.Zone));
            return own;
        }
    }

    private static QualityShape? ShapeOf(QualityCounting counting, RoutingSettings settings) =>
        counting == QualityCounting.On || (counting == QualityCounting.Default && (settings.AnswerRateCalculate || settings.TalkCalculate))
            ? new QualityShape(settings.AnswerRateReserveTime, settings.TalkReserveTime, settings.AnswerRateReserveSeparate)
            : null;

    private static FailoverRules FailoverOf(RoutingGatewayConfig said) =>
        said is { SwitchAllowRing: null, SwitchAllowSdp: null, SwitchAllowRtp: null, SwitchAllowBusy: null, SwitchAllowErrorCode: null, SwitchStopCodes.Length: 0, SwitchNextCodes.Length: 0 }
            ? FailoverRules.System
            : new FailoverRules
            {
                Ring = said.SwitchAllowRing,
                Sdp = said.SwitchAllowSdp,
                Rtp = said.SwitchAllowRtp,
                Busy = said.SwitchAllowBusy,
                ErrorCode = said.SwitchAllowErrorCode,
                Stop = SwitchCodes.Of(said.SwitchStopCodes),
                Next = SwitchCodes.Of(said.SwitchNextCodes),
            };

    private static Account? Find(Dictionary<string, Account> accounts, string? number) =>
        number is null ? null : accounts.TryGetValue(number, out Account? account) ? account : throw new InvalidOperationException($"There is no account '{number}'.");

    private static Binding StatedAt(in DialString number, in NetAddress address) =>
        new(number, Encoding.ASCII.GetBytes($"sip:{number.ToString().Replace("#", "%23", StringComparison.Ordinal)}@{address}"), address, default, Instant.Never, "") { IsStated = true };

    // A text is compiled once, however many revisions have it.
    private static readonly ConditionalWeakTable<string, DialPlan> Plans = [];

    private static DialPlan Plan(string owner, string rules)
    {
        if (rules.Length == 0) return DialPlan.Empty;
        if (Plans.TryGetValue(rules, out DialPlan? known)) return known;
        if (!DialPlan.TryParse(rules, out DialPlan? plan, out string error)) throw new InvalidOperationException($"{owner}: {error}");
        Plans.AddOrUpdate(rules, plan);
        return plan;
    }

    /// <summary>Group names to indices, as they are met.</summary>
    private sealed class Groups
    {
        private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);

        public GroupSet Of(IEnumerable<string> names) => new(names.Select(Index));

        private int Index(string name)
        {
            if (!_indices.TryGetValue(name, out int index)) _indices.Add(name, index = _indices.Count);
            return index;
        }
    }
}
