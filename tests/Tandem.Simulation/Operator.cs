using System.Collections.Immutable;
using Tandem.Media.Codecs;
using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Transports;
using Tandem.Switching.Audio;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Selection;
using Tandem.Switching.Settings;

namespace Tandem.Simulation;

/// <summary>What a revision says about prices, kept apart from the compiled tables so that charges can be proved against it.</summary>
internal sealed class RevisionTerms(int precision, int free, Dictionary<string, (DeckRef? Deck, Currency Currency)> accounts, IReadOnlyCollection<ExchangeRateConfig> exchanges, Func<string, Deck> deckOf)
{
    public int Precision => precision;

    public int Free => free;

    /// <summary>The longest prefix of the number at a moment, found by looking at every line of the version that holds then.</summary>
    /// <param name="account">Whose deck.</param>
    /// <param name="callee">The number.</param>
    /// <param name="at">Which version and which lines.</param>
    /// <param name="came">When the call came: which part of the day.</param>
    /// <param name="tariff">The price.</param>
    public bool TryRate(string account, string callee, Instant at, Instant came, out Tariff tariff)
    {
        tariff = default;
        if (!accounts.TryGetValue(account, out (DeckRef? Deck, Currency Currency) said) || said.Deck is not { } named) return false;
        Deck deck = deckOf(named.Timeline.LastOrDefault(c => c.From <= at, new DeckChange(default, named.Version)).Version);
        int longest = 0;
        bool locked = false;
        foreach (Rate rate in deck.Rates)
        {
            string prefix = rate.Prefix.ToString();
            if (rate.From > at || (rate.Until != default && rate.Until <= at) || prefix.Length <= longest || !callee.StartsWith(prefix, StringComparison.Ordinal)) continue;
            longest = prefix.Length;
            tariff = rate.Tariff;
            TimeSpan day = came.ToUtc().TimeOfDay;
            foreach (RatePeriod period in rate.Details?.Periods ?? [])
            {
                if (day.TotalSeconds >= period.When.Begin && day.TotalSeconds < period.When.End) tariff = period.Tariff; // the simulation's are of every day
            }
            locked = rate.Locked;
        }
        if (tariff.Currency != said.Currency && longest > 0)
        {
            // The simulation's rates are all of the pair and direction that is needed.
            ExchangeRateConfig[] dated = [.. exchanges.Where(e => e.Exchange.StartsWith($"{deck.Currency}/{said.Currency}", StringComparison.Ordinal) && ExchangeRateConfig.TryRead(e.Exchange, out _, out _, out Instant date) && date <= came)];
            if (dated.Length == 0) return false;
            ExchangeRateConfig last = dated.MaxBy(static e => e.Exchange, StringComparer.Ordinal)!;
            ExchangeRateConfig.TryRead(last.Exchange, out Currency from, out _, out Instant since);
            tariff = tariff with { Currency = said.Currency, Terms = (tariff.Terms ?? TariffTerms.None) with { Exchange = new Exchange(from, last.RateNanos, since) } };
        }
        return longest > 0 && !locked;
    }
}

/// <summary>Draws configurations: accounts in two currencies with little money, decks of odd tariffs, gateways with few lines, phones.</summary>
/// <param name="chance">Of most.</param>
/// <param name="isReliable">Who has TCP.</param>
/// <param name="money">Of what decks have beside rates: what the rest of a seed is stays what it was.</param>
internal sealed class Operator(SeededEntropy chance, Func<int, bool> isReliable, SeededEntropy money)
{
    /// <summary>Of every gateway whose media is watched.</summary>
    public const int MediaCheckSeconds = 20;

    public const int Customers = 3;
    public const int Carriers = 3;
    public const int PhoneCount = 4;

    private static readonly string[] Prefixes = ["1", "1212", "44", "447", "49", "4930", "33", "7", "88", "886"];

    private readonly Dictionary<string, Deck> _decks = new(StringComparer.Ordinal);

    public static NetAddress CustomerAddress(int i) => Address(1 + i);

    public static NetAddress CarrierAddress(int i) => Address(11 + i);

    /// <summary>Leads to the third carrier, and then to the first.</summary>
    public const string CarrierName = "sip.carrier.example";

    public static string CarrierUser(int i) => $"trunk{i}";

    public static string CarrierSecret(int i) => $"secret {i}";

    public static NetAddress PhoneAddress(int i) => Address(21 + i);

    public static NetAddress StrangerAddress => Address(31);

    public static string PhoneNumber(int i) => $"555000{i + 1}";

    public static string PhonePassword(int i) => $"secret-{i}";

    /// <summary>Whose messages come from there: the third part of the address and of every name a peer makes up.</summary>
    public static NetAddress Address(int id) => NetAddress.Parse($"198.18.{id}.9:5060");

    public Deck DeckOf(string version) => _decks[version];

    /// <summary>A number nobody else dials; now and then one without a rate, or without a route.</summary>
    public static string DrawNumber(SeededEntropy chance, int serial) => (chance.Below(12) switch
    {
        0 => "1212", 1 or 2 => "1", 3 => "44", 4 => "447", 5 => "49", 6 => "4930", 7 => "33", 8 => "886", 9 => "88", 10 => chance.Below(2) == 0 ? "7" : "99", _ => "4930",
    }) + (600_000 + serial).ToString();

    public SwitchConfiguration Draw(SwitchConfiguration? before, Instant now)
    {
        Currency usd = Currency.Usd, eur = Currency.Parse("EUR");
        var decks = ImmutableSortedDictionary.CreateBuilder<string, DeckRef>(StringComparer.Ordinal);
        foreach ((string name, Currency currency) in new[] { ("retail", usd), ("euro", eur), ("cost", usd), ("costeuro", eur) })
        {
            Deck deck = DrawDeck(name, currency, now);
            DeckRef said = new(name, currency, deck.Version);
            for (int i = money.Below(3); i > 0; i--)
            {
                Instant from = now + Seconds(1 + money.Below(200));
                said = said.Between(Varied(deck, now).Version, from, money.Below(2) == 0 ? from + Seconds(1 + money.Below(100)) : Instant.Never);
            }
            decks.Add(name, said);
        }
        var accounts = ImmutableSortedDictionary.CreateBuilder<string, AccountConfig>(StringComparer.Ordinal);
        for (int i = 0; i < Customers; i++)
        {
            bool euro = i == 1;
            accounts.Add($"c{i}", new AccountConfig
            {
                Number = $"c{i}",
                Currency = euro ? eur : usd,
                Deck = euro && money.Below(2) == 0 ? "euro" : "retail", // in dollars, by a rate of exchange
                CreditLimitNanos = before is null ? chance.Below(3) * Money.NanosPerUnit / 2 : before.Accounts[$"c{i}"].CreditLimitNanos,
            });
        }
        accounts.Add("phones", new AccountConfig { Number = "phones", Currency = usd, Deck = "retail" });
        for (int i = 0; i < Carriers; i++)
        {
            bool euro = i == 2;
            accounts.Add($"k{i}", new AccountConfig { Number = $"k{i}", Currency = euro ? eur : usd, Deck = euro && money.Below(2) == 0 ? "costeuro" : "cost", Kind = AccountKind.Clearing });
        }
        var mapping = ImmutableSortedDictionary.CreateBuilder<string, MappingGatewayConfig>(StringComparer.Ordinal);
        for (int i = 0; i < Customers; i++)
        {
            mapping.Add($"m{i}", new MappingGatewayConfig
            {
                Name = $"m{i}", RemoteIps = [CustomerAddress(i).HostString()], Account = $"c{i}", Capacity = chance.Below(4) == 0 ? 2 + chance.Below(4) : 0, Locked = before is not null && chance.Below(12) == 0,
                CallerFrom = (CallerSource)chance.Below(5), CalleeFrom = (CalleeSource)chance.Below(3), HeedsPrivacy = chance.Below(4) != 0, CallFailedSipCode = chance.Below(3) == 0 ? "486:600,0:480" : "",
                ExtraHeaders = DrawExtraHeaders(), ResponseAddress = DrawAddress(), RequestAddress = DrawAddress(), RtpForward = DrawProxy(),
                CallTransfer = chance.Below(4) != 0, Sip100Rel = chance.Below(2) == 0,
                MediaCheckDirection = (MediaCheckDirection)(i % 4), MediaCheckSeconds = MediaCheckSeconds, AllowPublish = i == 1,
                Numbers = i == 2 ? new NumberLimitsConfig { OwnDynamicList = true, Callee = new NumberRuleConfig { Lists = ["refused"] } } : NumberLimitsConfig.Anything,
                Lrn = i == 0 ? new LrnConfig { Enable = true, ContinueOnFailure = (i + (before is null ? 0 : 1)) % 2 == 0 } : LrnConfig.Off,
            });
        }
        var routing = ImmutableSortedDictionary.CreateBuilder<string, RoutingGatewayConfig>(StringComparer.Ordinal);
        bool byName = chance.Below(2) == 0;
        for (int i = 0; i < Carriers; i++)
        {
            routing.Add($"r{i}", new RoutingGatewayConfig
            {
                Name = $"r{i}",
                RemoteIp = i == 2 && byName ? CarrierName : CarrierAddress(i).ToString(),
                Transport = i == 2 && byName ? null : isReliable(11 + i) ? SipTransport.Tcp : SipTransport.Udp,
                Prefixes = i == 0 ? [""] : chance.Below(2) == 0 ? [""] : ["1", "44", "49"],
                PrefixStyle = chance.Below(3) == 0 ? PrefixStyle.Terminate : PrefixStyle.CarryOn,
                Priority = chance.Below(3),
                Capacity = chance.Below(4) == 0 ? 1 + chance.Below(4) : 0,
                ClearingAccount = $"k{i}",
                MediaCheckDirection = (MediaCheckDirection)((i + 2) % 4), MediaCheckSeconds = MediaCheckSeconds, AllowPublish = i == 0,
                Pool = i == 1 ? new CallerPoolConfig { Enable = true, Group = "pool", Lines = 2 } : CallerPoolConfig.Off,
                Numbers = i == 0 ? new NumberLimitsConfig { OwnDynamicList = true } : NumberLimitsConfig.Anything,
                RegisterName = chance.Below(6) == 0 ? "" : CarrierUser(i), Password = CarrierSecret(i),
                RegisterType = i == 1 && chance.Below(2) == 0 ? RegisterType.Register : RegisterType.Static,
                LocalDomain = chance.Below(4) == 0 ? "switch.example" : "",
                Sip100Rel = chance.Below(2) == 0,
                FollowRedirects = chance.Below(3) != 0, RetryAfter = (RetryAfterPolicy)chance.Below(3),
                Identity = DrawIdentity(), ExtraHeaders = DrawExtraHeaders(), ResponseAddress = DrawAddress(), RequestAddress = DrawAddress(), RtpForward = DrawProxy(),
            });
        }
        var phones = ImmutableSortedDictionary.CreateBuilder<string, PhoneConfig>(StringComparer.Ordinal);
        for (int i = 0; i < PhoneCount; i++) phones.Add(PhoneNumber(i), new PhoneConfig { E164 = PhoneNumber(i), Password = PhonePassword(i), Account = "phones", LineCapacity = chance.Below(3), CallTransfer = chance.Below(2) == 0, Sip100Rel = chance.Below(2) == 0, LivenessCheck = i % 2 == 0, RtpForward = DrawProxy() });
        return WithAudio(WithForwards(WithSelection(new SwitchConfiguration
        {
            Accounts = accounts.ToImmutable(),
            Decks = decks.ToImmutable(),
            ExchangeRates = DrawExchanges(now),
            MappingGateways = mapping.ToImmutable(),
            RoutingGateways = routing.ToImmutable(),
            Phones = phones.ToImmutable(),
            NumberGroups = SwitchConfiguration.Empty.NumberGroups.Add("pool", new NumberGroupConfig { Name = "pool", Numbers = before is null ? ["55501", "55502", "55503"] : ["55502", "55503", "55504"] }),
            NumberLists = SwitchConfiguration.Empty.NumberLists.Add("refused", new NumberListConfig { Name = "refused", Numbers = ["4471*"] }),
            Settings = DrawSettings(),
        })));
    }

    /// <summary>What a phone forwards to outside; nobody dials it.</summary>
    public static string ForwardNumber(int phone) => $"4479000{phone}";

    // Forwards of every kind, to numbers outside and to one another, circles included; drawn after all else, as above.
    private SwitchConfiguration WithForwards(SwitchConfiguration said)
    {
        // A second gateway at a customer's address, told apart by what it calls.
        SwitchConfiguration with = said with { MappingGateways = said.MappingGateways.Add("m0x", said.MappingGateways["m0"] with { Name = "m0x", CallPrefix = "4" }) };
        for (int i = 0; i < PhoneCount; i++)
        {
            if (chance.Below(3) == 0) continue;
            ForwardTargets To() => new((ForwardMethod)(chance.Below(3) is var m && m == 0 ? 0 : m + 1), chance.Below(2) * 5, chance.Below(3) switch { 0 => [ForwardNumber(i)], 1 => [PhoneNumber((i + 1) % PhoneCount)], _ => [ForwardNumber(i), PhoneNumber((i + 1) % PhoneCount), PhoneNumber((i + 2) % PhoneCount)] });
            ForwardsConfig forwards = new()
            {
                Unconditional = chance.Below(4) == 0, UnconditionalTo = To(), Busy = chance.Below(2) == 0, BusyTo = To(), NoAnswer = chance.Below(2) == 0, NoAnswerTo = To(),
                Offline = chance.Below(2) == 0, OfflineTo = To(), DoNotDisturb = chance.Below(8) == 0, Display = (ForwardDisplay)chance.Below(3), OfflineToGateways = (OfflineRoute)chance.Below(3),
            };
            with = with with { Phones = with.Phones.SetItem(PhoneNumber(i), with.Phones[PhoneNumber(i)] with { Forwards = forwards }) };
        }
        return with;
    }

    // What is done to the audio of devices, and whether it is encrypted: all together, as one seed's devices meet one another in every combination.
    private SwitchConfiguration WithAudio(SwitchConfiguration said)
    {
        AudioRules Audio() => chance.Below(3) == 0 ? AudioRules.Nothing : new AudioRules
        {
            AssignsCodecs = chance.Below(4) == 0,
            Codecs = chance.Below(3) switch { 0 => [AudioEncoding.Pcmu], 1 => [AudioEncoding.Pcma, AudioEncoding.G729], _ => [] },
            Transcodes = chance.Below(2) == 0, PacketMillis = chance.Below(3) == 0 ? 10 + (10 * chance.Below(3)) : 0,
            DtmfSend = chance.Below(4) switch { 0 => DtmfSend.Rfc2833, 1 => DtmfSend.Info, 2 => DtmfSend.Off, _ => DtmfSend.Auto }, DtmfReceive = chance.Below(3) switch { 0 => DtmfReceive.Rfc2833, 1 => DtmfReceive.Signalling, _ => DtmfReceive.All }, IncludesInband = chance.Below(4) == 0, NeedsInband = chance.Below(4) == 0,
            Records = chance.Below(4) == 0, RingTone = chance.Below(3) == 0 ? "de" : "",
        };
        SrtpPolicy Srtp() => chance.Below(6) switch { 0 => SrtpPolicy.Required, 1 or 2 => SrtpPolicy.Optional, _ => SrtpPolicy.Off };
        return said with
        {
            MappingGateways = said.MappingGateways.ToImmutableSortedDictionary(static g => g.Key, g => g.Value with { Audio = Audio(), Srtp = Srtp() }, StringComparer.Ordinal),
            RoutingGateways = said.RoutingGateways.ToImmutableSortedDictionary(static g => g.Key, g => g.Value with { Audio = Audio(), Srtp = Srtp() }, StringComparer.Ordinal),
            Phones = said.Phones.ToImmutableSortedDictionary(static p => p.Key, p => p.Value with { Audio = Audio(), Srtp = Srtp() }, StringComparer.Ordinal),
            Settings = said.Settings with { Media = said.Settings.Media with { SrtpWithoutTls = chance.Below(2) == 0 } },
        };
    }

    // How gateways are chosen and left: drawn last, so that the rest of a seed's configuration stays as it was.
    private SwitchConfiguration WithSelection(SwitchConfiguration said)
    {
        bool? Own() => chance.Below(4) switch { 0 => true, 1 => false, _ => null };
        return said with
        {
            MappingGateways = said.MappingGateways.ToImmutableSortedDictionary(static g => g.Key, g => g.Value with
            {
                Policy = chance.Below(2) == 0 ? RoutePolicyConfig.Usual : new RoutePolicyConfig
                {
                    First = (RouteWish)chance.Below(3), Second = (RouteWish)chance.Below(3), Scope = (RouteScope)chance.Below(2), PriceBandPercent = chance.Below(3) * 20,
                    Margin = chance.Below(4) == 0 ? new MarginConfig { ProfitEnable = true, LeastProfitPercent = -chance.Below(1_000) } : MarginConfig.None,
                    Proportions = chance.Below(4) == 0 ? ["40:1", "20:44"] : [],
                },
            }, StringComparer.Ordinal),
            RoutingGateways = said.RoutingGateways.ToImmutableSortedDictionary(static g => g.Key, g => g.Value with
            {
                SwitchAllowRing = Own(), SwitchAllowSdp = Own(), SwitchAllowBusy = Own(), SwitchAllowErrorCode = chance.Below(4) == 0 ? false : null, SwitchStopCodes = chance.Below(4) == 0 ? ["404"] : [],
                GatewayGroups = chance.Below(2) == 0 ? ["shared"] : [],
                Limits = chance.Below(2) == 0 ? GatewayLimitsConfig.None : new GatewayLimitsConfig
                {
                    CallsPerSecond = chance.Below(3) == 0 ? 1 + chance.Below(3) : 0, ReservedLines = chance.Below(2), Protects = chance.Below(6) == 0,
                    ScheduledCapacity = chance.Below(3) == 0 ? ["all 00:00-24:00 = 3"] : [],
                },
                Quality = chance.Below(2) == 0 ? GatewayQualityConfig.None : new GatewayQualityConfig { Counting = QualityCounting.On, LeastAnswerRate = 40, LeastSamples = 3, PauseSeconds = 30, ProbeEvery = 2, ProbeSamples = 2 },
            }, StringComparer.Ordinal),
            GatewayGroups = said.GatewayGroups.Add("shared", new GatewayGroupConfig { Name = "shared", Capacity = 2 + chance.Below(6) }),
            Settings = said.Settings with { Routing = said.Settings.Routing with { AnswerRateCalculate = chance.Below(2) == 0, AnswerRateSortConfig = chance.Below(5), FeeRateSortConfig = chance.Below(5), VerifyClearingCustomer = false } },
        };
    }

    public static bool PermitsDirect(SwitchConfiguration said) => said.Settings.Media.ProxyMode switch
    {
        MediaProxyMode.MustOn => false,
        MediaProxyMode.On => said.Phones.Values.Select(static p => p.RtpForward).Concat(said.MappingGateways.Values.Select(static g => g.RtpForward))
            .Concat(said.RoutingGateways.Values.Select(static g => g.RtpForward)).Contains(DeviceProxy.Off),
        _ => true,
    };

    public RevisionTerms TermsOf(SwitchConfiguration said) => new(
        said.Settings.Billing.HoldTimePrecision, said.Settings.Billing.FreeTime,
        said.Accounts.Values.ToDictionary(static a => a.Number, a => (a.Deck is null ? null : said.Decks[a.Deck], a.Currency), StringComparer.Ordinal), [.. said.ExchangeRates.Values], DeckOf);

    private ImmutableArray<string> DrawExtraHeaders() => chance.Below(3) switch { 0 => [ExtraHeaders.All], 1 => ["X-Free"], _ => [] };

    private DeviceProxy DrawProxy() => chance.Below(2) == 0 ? DeviceProxy.Auto : (DeviceProxy)chance.Below(4);

    private AddressMethod DrawAddress() => (AddressMethod)(chance.Below(4) - 1);

    private IdentityRules DrawIdentity() => new()
    {
        Display = chance.Below(2) == 0, RemotePartyId = chance.Below(2) == 0, Privacy = (PrivacyMode)chance.Below(4),
        PPreferredIdentity = (IdentityMode)chance.Below(3), PAssertedIdentity = (IdentityMode)chance.Below(3),
    };

    private SwitchSettings DrawSettings()
    {
        SwitchSettings settings = new();
        return settings with
        {
            BlackList = settings.BlackList with { MaliciousLimit = 12, ConcurrentLimit = 6, NoAnswerLimit = 5, MaliciousExpire = Seconds(120), ConcurrentExpire = Seconds(60), NoAnswerExpire = Seconds(90) },
            Lrn = settings.Lrn with { ServerIp = "198.51.100.9", CacheTtl = Seconds(30) },
            Media = settings.Media with { ProxyMode = (MediaProxyMode)chance.Below(4), ProxyBetweenNetworks = chance.Below(2) == 0, ProxyBehindNat = chance.Below(2) == 0, ProxySameNat = chance.Below(2) == 0 },
            Sip = settings.Sip with
            {
                TimeoutInvite = Seconds(3 + chance.Below(10)),
                TimeoutTrying = Seconds(5 + chance.Below(20)),
                TimeoutRinging = Seconds(20 + chance.Below(100)),
                ReplyUnauthorized = chance.Below(4) > 0,
                AuthenticationCode = chance.Below(2) == 0 ? 401 : 407,
                StopSwitchAfterSdp = chance.Below(2) == 0,
                E164DisplayFrom = chance.Below(2) == 0 ? DisplayFrom.E164 : DisplayFrom.Account, // the caller's own name bears his mark
                RoutingGatewayInviteUseContact = chance.Below(2) == 0,
            },
            Endpoint = settings.Endpoint with { Expire = Seconds(60 + chance.Below(600)) },
            Calls = settings.Calls with
            {
                MaxCallDuration = chance.Below(3) == 0 ? Seconds(60 + chance.Below(600)) : TimeSpan.Zero,
                TransferNormalDisplay = (TransferDisplay)chance.Below(2), TransferAskDisplay = (TransferDisplay)chance.Below(2),
                SwitchUntilConnect = chance.Below(2) == 0,
                SwitchStopAfterUserBusy = chance.Below(2) == 0,
                GatewaySwitchLimit = chance.Below(3) - 1,
            },
            Billing = settings.Billing with
            {
                HoldTimePrecision = chance.Below(4) switch { 0 => 0, 1 => 50, 2 => 500, _ => 1000 },
                FreeTime = chance.Below(4) == 0 ? 1 + chance.Below(8) : 0,
                PreventOverdraftAdvanceTime = 1 + chance.Below(3),
                AccountIndication = (AccountIndication)chance.Below(3),
            },
        };
    }

    private Deck DrawDeck(string name, Currency currency, Instant now)
    {
        List<Rate> rates = [];
        foreach (string prefix in chance.Below(2) == 0 ? Prefixes : [.. Prefixes, "555"]) // with 555 calls to phones have a price
        {
            int first = chance.Below(4) switch { 0 => 1, 1 => 60, 2 => 6, _ => 1 + chance.Below(90) };
            int next = chance.Below(4) switch { 0 => 1, 1 => 60, 2 => 6, _ => 1 + chance.Below(90) };
            long rate = chance.Below(12) == 0 ? 0 : 1 + (long)(chance.NextUInt64() % 400_000_000);
            long fee = chance.Below(3) == 0 ? (long)(chance.NextUInt64() % 100_000_000) : 0;
            rates.Add(new Rate(DialString.Parse(prefix), $"area {prefix}", new Tariff(rate, fee, first, next, currency), Locked: prefix == "7"));
        }
        return Kept(name, currency, rates.SelectMany(r => WithTerms(r, now)));
    }

    // The same lines at other prices.
    private Deck Varied(Deck deck, Instant now) => Kept(deck.Name, deck.Currency, deck.Rates.Where(static r => r.From == default).SelectMany(r => WithTerms(r with { Until = default, Details = null, Tariff = r.Tariff with { Terms = null, RatePerMinuteNanos = 1 + (long)(money.NextUInt64() % 400_000_000) } }, now)));

    private Deck Kept(string name, Currency currency, IEnumerable<Rate> rates)
    {
        if (!Deck.TryCreate(name, currency, rates, out Deck? deck, out string? error)) throw new InvalidOperationException(error);
        return _decks[deck.Version] = deck;
    }

    // A line as it is, or with terms, with other prices at parts of the day, or followed by another from a moment on.
    private IEnumerable<Rate> WithTerms(Rate rate, Instant now)
    {
        if (money.Below(2) == 0) rate = rate with { Tariff = DrawTerms(rate.Tariff) };
        if (money.Below(4) == 0)
        {
            int second = (int)now.ToUtc().TimeOfDay.TotalSeconds + money.Below(120), end = Math.Min(86_400, second + 1 + money.Below(200));
            string Clock(int s) => $"{s / 3600:00}:{s / 60 % 60:00}:{s % 60:00}";
            if (second < end && WeekPeriod.TryParse($"all {Clock(second)}-{Clock(end)}", out WeekPeriod? when, out _)) rate = rate with { Details = new RateDetails { Periods = [new RatePeriod(when, DrawTerms(rate.Tariff with { Terms = null }))] } };
        }
        if (money.Below(4) != 0)
        {
            yield return rate;
            yield break;
        }
        Instant then = now + Seconds(1 + money.Below(200));
        yield return rate with { Until = then };
        if (money.Below(4) != 0) yield return rate with { From = then + Seconds(money.Below(2)), Tariff = DrawTerms(rate.Tariff with { Terms = null, ConnectFeeNanos = 7 }) };
    }

    private ImmutableSortedDictionary<string, ExchangeRateConfig> DrawExchanges(Instant now)
    {
        var rates = ImmutableSortedDictionary.CreateBuilder<string, ExchangeRateConfig>(StringComparer.Ordinal);
        foreach (Instant from in (Instant[])[now - TimeSpan.FromDays(9), now + Seconds(money.Below(200)), now + Seconds(money.Below(200))])
        {
            string exchange = $"USD/EUR {from.ToUtc():yyyy-MM-dd'T'HH:mm:ss'Z'}";
            rates[exchange] = new ExchangeRateConfig { Exchange = exchange, RateNanos = 1 + (long)(money.NextUInt64() % 2_000_000_000) };
        }
        return rates.ToImmutable();
    }

    private Tariff DrawTerms(Tariff tariff)
    {
        TariffTerms terms = new()
        {
            FirstFeeNanos = money.Below(3) == 0 ? (long)(money.NextUInt64() % 50_000_000) : null,
            MinimumNanos = money.Below(4) == 0 ? (long)(money.NextUInt64() % 50_000_000) : 0,
            MinimumSeconds = money.Below(4) == 0 ? money.Below(40) : 0,
            GraceSeconds = money.Below(4) == 0 ? money.Below(12) : 0,
            TaxMillionths = money.Below(3) == 0 ? money.Below(300_000) : 0,
        };
        if (money.Below(3) == 0 && (terms.FirstFeeNanos is not null || tariff.FirstSeconds % tariff.NextSeconds == 0))
        {
            long fee = (long)(money.NextUInt64() % 5_000_000);
            (tariff, terms) = (tariff with { RatePerMinuteNanos = Tariff.PerMinute(fee, tariff.NextSeconds) }, terms with { CycleFeeNanos = fee });
        }
        if (money.Below(3) == 0)
        {
            int after = tariff.FirstSeconds + (tariff.NextSeconds * money.Below(4)), cycle = 1 + money.Below(20);
            long fee = (long)(money.NextUInt64() % 5_000_000);
            terms = terms with { Stages = [money.Below(2) == 0 ? new TariffStage(after, cycle, fee) : new TariffStage(after, cycle, Tariff.PerMinute(fee, cycle), fee)] };
        }
        return tariff with { Terms = terms.OrNull() };
    }

    private static TimeSpan Seconds(int s) => TimeSpan.FromSeconds(s);
}
