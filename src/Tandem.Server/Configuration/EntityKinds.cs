using System.Buffers;
using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Locating;
using Tandem.Sip.Transports;
using Tandem.Server.WebApi;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Routing;
using Tandem.Switching.Identity;
using Tandem.Switching.Settings;

namespace Tandem.Server.Configuration;

/// <summary>Every kind of entity a document can state, with its fields. Names are VOS3000's where it has one; docs/configuration.md explains each.</summary>
internal static class EntityKinds
{
    private const int MostLines = 1_000_000;
    private const int MostTalkSeconds = 604_800;
    private const int MostPatienceSeconds = 600;
    internal const int MostNames = 1_000;
    private static readonly SearchValues<char> NeverInNames = SearchValues.Create("|,\"\\[]");

    private static readonly (string, int, AddressMethod)[] AddressWords =
        [("standard", -1, AddressMethod.Standard), ("socket", 0, AddressMethod.Socket), ("socketWithPort", 1, AddressMethod.SocketWithPort), ("stated", 2, AddressMethod.Stated)];

    private static readonly (string, int, IdentityMode)[] IdentityWords =
        [("none", 0, IdentityMode.None), ("pass", 1, IdentityMode.Pass), ("caller", 2, IdentityMode.Caller)];

    private static readonly (string, int, MediaCheckDirection)[] MediaCheckWords =
        [("none", 0, MediaCheckDirection.None), ("serverToRemote", 1, MediaCheckDirection.ServerToRemote), ("remoteToServer", 2, MediaCheckDirection.RemoteToServer), ("both", 3, MediaCheckDirection.Both)];

    private static readonly (string, int, SrtpPolicy)[] SrtpWords = [("off", 0, SrtpPolicy.Off), ("optional", 1, SrtpPolicy.Optional), ("required", 2, SrtpPolicy.Required)];

    private static readonly (string, int, DeviceProxy)[] ProxyWords =
        [("auto", 0, DeviceProxy.Auto), ("on", 1, DeviceProxy.On), ("off", 2, DeviceProxy.Off), ("mustOn", 3, DeviceProxy.MustOn)];

    public static readonly EntityKind<AccountConfig> Accounts = new()
    {
        List = "accounts",
        Noun = "account",
        NeverRemoved = "an account is never removed, since its money and history stay; set its 'canceled' to true",
        Blank = new AccountConfig { Number = "", Currency = default },
        Of = static c => c.Accounts,
        With = static (c, all) => c with { Accounts = all },
        Fields =
        [
            Field<AccountConfig>.Text("account", static a => a.Number, static (a, v) => a with { Number = v }, 1, 32, WrongName).Required(),
            Field<AccountConfig>.Text("name", static a => a.Name, static (a, v) => a with { Name = v }, 0, 128),
            Field<AccountConfig>.CurrencyCode("currency", static a => a.Currency, static (a, v) => a with { Currency = v }).Required().Fixed(),
            Field<AccountConfig>.Amount("limitMoney", static a => a.CreditLimitNanos, static (a, v) => a with { CreditLimitNanos = v }),
            Field<AccountConfig>.Reference("feeRateGroup", static a => a.Deck, static (a, v) => a with { Deck = v }),
            Field<AccountConfig>.Word("type", static a => a.Kind, static (a, v) => a with { Kind = v },
                ("ordinary", 0, AccountKind.Ordinary), ("phoneCard", 1, AccountKind.PhoneCard), ("clearing", 2, AccountKind.Clearing)).Fixed(),
            Field<AccountConfig>.Word("lockType", static a => a.Locked, static (a, v) => a with { Locked = v }, ("none", 0, false), ("locked", 1, true)),
            Field<AccountConfig>.Reference("agentAccount", static a => a.Agent, static (a, v) => a with { Agent = v }),
            Field<AccountConfig>.Moment("validTime", static a => a.ValidUntil, static (a, v) => a with { ValidUntil = v }),
            Field<AccountConfig>.Moment("startTime", static a => a.OpenedAt, static (a, v) => a with { OpenedAt = v }),
            Field<AccountConfig>.Flag("canceled", static a => a.Canceled, static (a, v) => a with { Canceled = v }),
            Field<AccountConfig>.Number("phoneBookLimit", static a => a.PhoneBookLimit, static (a, v) => a with { PhoneBookLimit = v }, 0, int.MaxValue),
            Field<AccountConfig>.Text("memo", static a => a.Memo, static (a, v) => a with { Memo = v }, 0, 256),
            Field<AccountConfig>.Texts(WebKept.Field, static e => e.Additional, static (e, v) => e with { Additional = v }, WebKept.Accounts.ContainsKey),
        ],
    };

    public static readonly EntityKind<MappingGatewayConfig> MappingGateways = new()
    {
        List = "mappingGateways",
        Noun = "mapping gateway",
        Blank = new MappingGatewayConfig { Name = "", RemoteIps = [] },
        Of = static c => c.MappingGateways,
        With = static (c, all) => c with { MappingGateways = all },
        Fields =
        [
            Field<MappingGatewayConfig>.Text("name", static g => g.Name, static (g, v) => g with { Name = v }, 1, 64, WrongName).Required(),
            Field<MappingGatewayConfig>.List("remoteIps", static g => g.RemoteIps, static (g, v) => g with { RemoteIps = v }, 0, MostNames, WrongSource).Required(),
            Field<MappingGatewayConfig>.Text("callPrefix", static g => g.CallPrefix, static (g, v) => g with { CallPrefix = v }, 0, DialString.MaxLength, WrongPrefix),
            Field<MappingGatewayConfig>.Word("registerType", static g => g.RegisterType, static (g, v) => g with { RegisterType = v },
                ("static", 0, MappingRegisterType.Static), ("dynamic", 1, MappingRegisterType.Dynamic)),
            Field<MappingGatewayConfig>.Word("sipAuthenticationMethod", static g => g.Authentication, static (g, v) => g with { Authentication = v },
                ("ip", 0, MappingAuthentication.Ip), ("ipAndPort", 1, MappingAuthentication.IpAndPort), ("digest", 2, MappingAuthentication.Digest)),
            Field<MappingGatewayConfig>.Text("registerName", static g => g.RegisterName, static (g, v) => g with { RegisterName = v }, 0, DialString.MaxLength, WrongNumber),
            Field<MappingGatewayConfig>.Text("password", static g => g.Password, static (g, v) => g with { Password = v }, 0, 64).Secret(),
            Field<MappingGatewayConfig>.Reference("account", static g => g.Account, static (g, v) => g with { Account = v }),
            Field<MappingGatewayConfig>.Number("capacity", static g => g.Capacity, static (g, v) => g with { Capacity = v }, 0, MostLines),
            Field<MappingGatewayConfig>.Word("lockType", static g => g.Locked, static (g, v) => g with { Locked = v }, ("none", 0, false), ("locked", 3, true)),
            Field<MappingGatewayConfig>.List("routingGatewayGroups", static g => g.RoutingGatewayGroups, static (g, v) => g with { RoutingGatewayGroups = v }, 0, MostNames, WrongName),
            Field<MappingGatewayConfig>.Flag("routingGatewayGroupsAllow", static g => g.RoutingGatewayGroupsAllow, static (g, v) => g with { RoutingGatewayGroupsAllow = v }),
            Field<MappingGatewayConfig>.DialRules("rewriteRulesOutCallee", static g => g.RewriteRulesOutCallee, static (g, v) => g with { RewriteRulesOutCallee = v }),
            Field<MappingGatewayConfig>.DialRules("rewriteRulesOutCaller", static g => g.RewriteRulesOutCaller, static (g, v) => g with { RewriteRulesOutCaller = v }),
            Field<MappingGatewayConfig>.Word("mediaCheckDirection", static d => d.MediaCheckDirection, static (d, v) => d with { MediaCheckDirection = v }, MediaCheckWords),
            Field<MappingGatewayConfig>.Number("mediaCheckSeconds", static d => d.MediaCheckSeconds, static (d, v) => d with { MediaCheckSeconds = v }, 5, 3_600),
            Field<MappingGatewayConfig>.Flag("sipTimer", static g => g.SipTimer, static (g, v) => g with { SipTimer = v }),
            Field<MappingGatewayConfig>.Number("maxCallDurationLower", static g => g.MaxCallDurationLower, static (g, v) => g with { MaxCallDurationLower = v }, -1, MostTalkSeconds),
            Field<MappingGatewayConfig>.Number("maxCallDurationUpper", static g => g.MaxCallDurationUpper, static (g, v) => g with { MaxCallDurationUpper = v }, -1, MostTalkSeconds),
            Field<MappingGatewayConfig>.Number("timeoutCallProceeding", static g => g.TimeoutCallProceeding, static (g, v) => g with { TimeoutCallProceeding = v }, -1, MostPatienceSeconds),
            Field<MappingGatewayConfig>.Word("sipCalleeE164Domain", static g => g.CalleeFrom, static (g, v) => g with { CalleeFrom = v },
                ("to", 0, CalleeSource.To), ("requestUri", 1, CalleeSource.RequestUri), ("diversion", 2, CalleeSource.Diversion)),
            Field<MappingGatewayConfig>.Word("sipCallerE164Domain", static g => g.CallerFrom, static (g, v) => g with { CallerFrom = v },
                ("from", 0, CallerSource.From), ("remotePartyId", 1, CallerSource.RemotePartyId), ("display", 2, CallerSource.Display),
                ("pAssertedIdentity", 3, CallerSource.PAssertedIdentity), ("pPreferredIdentity", 4, CallerSource.PPreferredIdentity)),
            Field<MappingGatewayConfig>.Flag("sipPrivacySupport", static g => g.HeedsPrivacy, static (g, v) => g with { HeedsPrivacy = v }),
            Field<MappingGatewayConfig>.Text("callFailedSipCode", static g => g.CallFailedSipCode, static (g, v) => g with { CallFailedSipCode = v }, 0, 4096,
                static text => CodeMap.TryParseStatuses(text, out _, out string error) ? null : error),
            Field<MappingGatewayConfig>.Text("callFailedQ931CauseValue", static g => g.CallFailedQ931CauseValue, static (g, v) => g with { CallFailedQ931CauseValue = v }, 0, 4096,
                static text => CodeMap.TryParseCauses(text, out _, out string error) ? null : error),
            Field<MappingGatewayConfig>.List("extraHeaders", static g => g.ExtraHeaders, static (g, v) => g with { ExtraHeaders = v }, 0, LegWords.MaxFields, ExtraHeaders.Wrong),
            Field<MappingGatewayConfig>.Word("sipResponseAddressMethod", static g => g.ResponseAddress, static (g, v) => g with { ResponseAddress = v }, AddressWords),
            Field<MappingGatewayConfig>.Word("sipRequestAddressMethod", static g => g.RequestAddress, static (g, v) => g with { RequestAddress = v }, AddressWords),
            Field<MappingGatewayConfig>.Flag("callTransfer", static g => g.CallTransfer, static (g, v) => g with { CallTransfer = v }),
            Field<MappingGatewayConfig>.Flag("sip100Rel", static g => g.Sip100Rel, static (g, v) => g with { Sip100Rel = v }),
            Field<MappingGatewayConfig>.Word("rtpForwardType", static g => g.RtpForward, static (g, v) => g with { RtpForward = v }, ProxyWords),
            Field<MappingGatewayConfig>.Word("srtp", static g => g.Srtp, static (g, v) => g with { Srtp = v }, SrtpWords),
            Field<MappingGatewayConfig>.Flag("allowPublish", static g => g.AllowPublish, static (g, v) => g with { AllowPublish = v }),
            .. NumberKinds.MappingNumbers(),
            .. AudioKinds.MappingAudio(),
            Field<MappingGatewayConfig>.Flag("allowPhoneBilling", static g => g.AllowPhoneBilling, static (g, v) => g with { AllowPhoneBilling = v }),
            Field<MappingGatewayConfig>.Flag("allowBindedE164Billing", static g => g.AllowBoundBilling, static (g, v) => g with { AllowBoundBilling = v }),
            .. RoutingKinds.MappingPolicy(),
            Field<MappingGatewayConfig>.Text("memo", static g => g.Memo, static (g, v) => g with { Memo = v }, 0, 256),
            Field<MappingGatewayConfig>.Texts(WebKept.Field, static e => e.Additional, static (e, v) => e with { Additional = v }, WebKept.MappingGateways.ContainsKey),
        ],
    };

    public static readonly EntityKind<RoutingGatewayConfig> RoutingGateways = new()
    {
        List = "routingGateways",
        Noun = "routing gateway",
        Blank = new RoutingGatewayConfig { Name = "", RemoteIp = "" },
        Of = static c => c.RoutingGateways,
        With = static (c, all) => c with { RoutingGateways = all },
        Fields =
        [
            Field<RoutingGatewayConfig>.Text("name", static g => g.Name, static (g, v) => g with { Name = v }, 1, 64, WrongName).Required(),
            Field<RoutingGatewayConfig>.Text("remoteIp", static g => g.RemoteIp, static (g, v) => g with { RemoteIp = v }, 1, 128, WrongDestination).Required(),
            Field<RoutingGatewayConfig>.Word("transport", static g => g.Transport, static (g, v) => g with { Transport = v },
                ("auto", 3, (SipTransport?)null), ("udp", 0, SipTransport.Udp), ("tcp", 1, SipTransport.Tcp), ("tls", 2, SipTransport.Tls)),
            Field<RoutingGatewayConfig>.Flag("largeRequestsByTcp", static g => g.LargeRequestsByTcp, static (g, v) => g with { LargeRequestsByTcp = v }),
            Field<RoutingGatewayConfig>.Text("tlsName", static g => g.TlsName, static (g, v) => g with { TlsName = v }, 0, 253, WrongTlsName),
            Field<RoutingGatewayConfig>.Text("tlsFingerprint", static g => g.TlsFingerprint, static (g, v) => g with { TlsFingerprint = v }, 0, 64, WrongFingerprint),
            Field<RoutingGatewayConfig>.List("prefix", static g => g.Prefixes, static (g, v) => g with { Prefixes = v }, 1, 100_000, WrongPrefix),
            Field<RoutingGatewayConfig>.Word("prefixStyle", static g => g.PrefixStyle, static (g, v) => g with { PrefixStyle = v },
                ("terminate", 0, PrefixStyle.Terminate), ("carryOn", 1, PrefixStyle.CarryOn)),
            Field<RoutingGatewayConfig>.Number("priority", static g => g.Priority, static (g, v) => g with { Priority = v }, 0, int.MaxValue),
            Field<RoutingGatewayConfig>.Number("capacity", static g => g.Capacity, static (g, v) => g with { Capacity = v }, 0, MostLines),
            Field<RoutingGatewayConfig>.Word("lockType", static g => g.Locked, static (g, v) => g with { Locked = v }, ("none", 0, false), ("locked", 3, true)),
            Field<RoutingGatewayConfig>.Reference("clearingAccount", static g => g.ClearingAccount, static (g, v) => g with { ClearingAccount = v }),
            Field<RoutingGatewayConfig>.List("gatewayGroups", static g => g.GatewayGroups, static (g, v) => g with { GatewayGroups = v }, 0, MostNames, WrongName),
            Field<RoutingGatewayConfig>.DialRules("rewriteRulesInCallee", static g => g.RewriteRulesInCallee, static (g, v) => g with { RewriteRulesInCallee = v }),
            Field<RoutingGatewayConfig>.DialRules("rewriteRulesInCaller", static g => g.RewriteRulesInCaller, static (g, v) => g with { RewriteRulesInCaller = v }),
            Field<RoutingGatewayConfig>.Word("mediaCheckDirection", static d => d.MediaCheckDirection, static (d, v) => d with { MediaCheckDirection = v }, MediaCheckWords),
            Field<RoutingGatewayConfig>.Number("mediaCheckSeconds", static d => d.MediaCheckSeconds, static (d, v) => d with { MediaCheckSeconds = v }, 5, 3_600),
            Field<RoutingGatewayConfig>.Flag("sipTimer", static g => g.SipTimer, static (g, v) => g with { SipTimer = v }),
            Field<RoutingGatewayConfig>.Number("maxCallDurationLower", static g => g.MaxCallDurationLower, static (g, v) => g with { MaxCallDurationLower = v }, -1, MostTalkSeconds),
            Field<RoutingGatewayConfig>.Number("maxCallDurationUpper", static g => g.MaxCallDurationUpper, static (g, v) => g with { MaxCallDurationUpper = v }, -1, MostTalkSeconds),
            Field<RoutingGatewayConfig>.Number("timeoutInvite", static g => g.TimeoutInvite, static (g, v) => g with { TimeoutInvite = v }, 0, MostPatienceSeconds),
            Field<RoutingGatewayConfig>.Number("timeoutTrying", static g => g.TimeoutTrying, static (g, v) => g with { TimeoutTrying = v }, 0, MostPatienceSeconds),
            Field<RoutingGatewayConfig>.Number("timeoutSessionProgress", static g => g.TimeoutSessionProgress, static (g, v) => g with { TimeoutSessionProgress = v }, 0, MostPatienceSeconds),
            Field<RoutingGatewayConfig>.Number("timeoutSessionProgressSdp", static g => g.TimeoutSessionProgressSdp, static (g, v) => g with { TimeoutSessionProgressSdp = v }, 0, MostPatienceSeconds),
            Field<RoutingGatewayConfig>.Number("timeoutRinging", static g => g.TimeoutRinging, static (g, v) => g with { TimeoutRinging = v }, 0, MostPatienceSeconds),
            Field<RoutingGatewayConfig>.Flag("sipDisplay", static g => g.Identity.Display, static (g, v) => g with { Identity = g.Identity with { Display = v } }),
            Field<RoutingGatewayConfig>.Flag("sipRemotePartyId", static g => g.Identity.RemotePartyId, static (g, v) => g with { Identity = g.Identity with { RemotePartyId = v } }),
            Field<RoutingGatewayConfig>.Word("sipPrivacy", static g => g.Identity.Privacy, static (g, v) => g with { Identity = g.Identity with { Privacy = v } },
                ("none", 0, PrivacyMode.None), ("pass", 1, PrivacyMode.Pass), ("id", 2, PrivacyMode.Id), ("noneValue", 3, PrivacyMode.NoneValue)),
            Field<RoutingGatewayConfig>.Word("sipPPreferredIdentity", static g => g.Identity.PPreferredIdentity, static (g, v) => g with { Identity = g.Identity with { PPreferredIdentity = v } }, IdentityWords),
            Field<RoutingGatewayConfig>.Word("sipPAssertedIdentity", static g => g.Identity.PAssertedIdentity, static (g, v) => g with { Identity = g.Identity with { PAssertedIdentity = v } }, IdentityWords),
            Field<RoutingGatewayConfig>.List("extraHeaders", static g => g.ExtraHeaders, static (g, v) => g with { ExtraHeaders = v }, 0, LegWords.MaxFields, ExtraHeaders.Wrong),
            Field<RoutingGatewayConfig>.Word("sipResponseAddressMethod", static g => g.ResponseAddress, static (g, v) => g with { ResponseAddress = v }, AddressWords),
            Field<RoutingGatewayConfig>.Word("sipRequestAddressMethod", static g => g.RequestAddress, static (g, v) => g with { RequestAddress = v }, AddressWords),
            Field<RoutingGatewayConfig>.Flag("sip100Rel", static g => g.Sip100Rel, static (g, v) => g with { Sip100Rel = v }),
            Field<RoutingGatewayConfig>.Number("sipOptionsInterval", static g => g.SipOptionsInterval, static (g, v) => g with { SipOptionsInterval = v }, 0, 3_600),
            Field<RoutingGatewayConfig>.Number("sipOptionsFailures", static g => g.SipOptionsFailures, static (g, v) => g with { SipOptionsFailures = v }, 1, 100),
            Field<RoutingGatewayConfig>.Number("sipOptionsSuccesses", static g => g.SipOptionsSuccesses, static (g, v) => g with { SipOptionsSuccesses = v }, 1, 100),
            Field<RoutingGatewayConfig>.Word("retryAfter", static g => g.RetryAfter, static (g, v) => g with { RetryAfter = v },
                ("serverErrors", 0, RetryAfterPolicy.ServerErrors), ("any", 1, RetryAfterPolicy.Any), ("ignore", 2, RetryAfterPolicy.Ignore)),
            .. RoutingKinds.Failover(),
            .. RoutingKinds.Limits(),
            Field<RoutingGatewayConfig>.Word("registerType", static g => g.RegisterType, static (g, v) => g with { RegisterType = v },
                ("static", 0, RegisterType.Static), ("register", 2, RegisterType.Register)),
            Field<RoutingGatewayConfig>.Flag("followRedirects", static g => g.FollowRedirects, static (g, v) => g with { FollowRedirects = v }),
            Field<RoutingGatewayConfig>.Text("registerName", static g => g.RegisterName, static (g, v) => g with { RegisterName = v }, 0, 64, WrongUser),
            Field<RoutingGatewayConfig>.Text("password", static g => g.Password, static (g, v) => g with { Password = v }, 0, 64).Secret(),
            Field<RoutingGatewayConfig>.Reference("inboundMappingGateway", static g => g.InboundMappingGateway, static (g, v) => g with { InboundMappingGateway = v }),
            Field<RoutingGatewayConfig>.Text("localDomain", static g => g.LocalDomain, static (g, v) => g with { LocalDomain = v }, 0, 253, WrongDomain),
            Field<RoutingGatewayConfig>.Word("rtpForwardType", static g => g.RtpForward, static (g, v) => g with { RtpForward = v }, ProxyWords),
            Field<RoutingGatewayConfig>.Word("srtp", static g => g.Srtp, static (g, v) => g with { Srtp = v }, SrtpWords),
            Field<RoutingGatewayConfig>.Flag("allowPublish", static g => g.AllowPublish, static (g, v) => g with { AllowPublish = v }),
            .. NumberKinds.RoutingNumbers(),
            .. AudioKinds.RoutingAudio(),
            Field<RoutingGatewayConfig>.Text("memo", static g => g.Memo, static (g, v) => g with { Memo = v }, 0, 256),
            Field<RoutingGatewayConfig>.Texts(WebKept.Field, static e => e.Additional, static (e, v) => e with { Additional = v }, WebKept.RoutingGateways.ContainsKey),
        ],
    };

    public static readonly EntityKind<PhoneConfig> Phones = new()
    {
        List = "phones",
        Noun = "phone",
        Blank = new PhoneConfig { E164 = "", Password = "" },
        Of = static c => c.Phones,
        With = static (c, all) => c with { Phones = all },
        Fields =
        [
            Field<PhoneConfig>.Text("e164", static p => p.E164, static (p, v) => p with { E164 = v }, 1, DialString.MaxLength, WrongNumber).Required(),
            Field<PhoneConfig>.Reference("account", static p => p.Account, static (p, v) => p with { Account = v }),
            Field<PhoneConfig>.Text("password", static p => p.Password, static (p, v) => p with { Password = v }, 1, 64).Required().Secret(),
            Field<PhoneConfig>.Word("registerType", static p => p.RegisterType, static (p, v) => p with { RegisterType = v },
                ("static", 0, PhoneRegisterType.Static), ("dynamic", 1, PhoneRegisterType.Dynamic)),
            Field<PhoneConfig>.Text("ip", static p => p.Ip, static (p, v) => p with { Ip = v }, 0, 64, WrongHost),
            Field<PhoneConfig>.Number("port", static p => p.Port, static (p, v) => p with { Port = v }, 1, 65_535),
            Field<PhoneConfig>.Text("displayNumber", static p => p.DisplayNumber, static (p, v) => p with { DisplayNumber = v }, 0, DialString.MaxLength, WrongNumber),
            Field<PhoneConfig>.Word("lockType", static p => p.Lock, static (p, v) => p with { Lock = v },
                ("none", 0, PhoneLock.None), ("outgoing", 1, PhoneLock.Outgoing), ("incoming", 2, PhoneLock.Incoming), ("both", 3, PhoneLock.Both)),
            Field<PhoneConfig>.Number("lineCapacity", static p => p.LineCapacity, static (p, v) => p with { LineCapacity = v }, 0, MostLines),
            Field<PhoneConfig>.Word("rtpInterruptDetection", static d => d.RtpInterruptDetection, static (d, v) => d with { RtpInterruptDetection = v }, MediaCheckWords),
            Field<PhoneConfig>.Number("mediaCheckSeconds", static d => d.MediaCheckSeconds, static (d, v) => d with { MediaCheckSeconds = v }, 5, 3_600),
            Field<PhoneConfig>.Flag("sipTimerSupport", static p => p.SipTimerSupport, static (p, v) => p with { SipTimerSupport = v }),
            Field<PhoneConfig>.Number("callDurationLimit", static p => p.CallDurationLimit, static (p, v) => p with { CallDurationLimit = v }, -1, MostTalkSeconds),
            Field<PhoneConfig>.Flag("sipPrivacySupport", static p => p.HeedsPrivacy, static (p, v) => p with { HeedsPrivacy = v }),
            Field<PhoneConfig>.Word("sipPrivacy", static g => g.Identity.Privacy, static (g, v) => g with { Identity = g.Identity with { Privacy = v } },
                ("none", 0, PrivacyMode.None), ("pass", 1, PrivacyMode.Pass), ("id", 2, PrivacyMode.Id), ("noneValue", 3, PrivacyMode.NoneValue)),
            Field<PhoneConfig>.Word("sipPPreferredIdentity", static g => g.Identity.PPreferredIdentity, static (g, v) => g with { Identity = g.Identity with { PPreferredIdentity = v } }, IdentityWords),
            Field<PhoneConfig>.Word("sipPAssertedIdentity", static g => g.Identity.PAssertedIdentity, static (g, v) => g with { Identity = g.Identity with { PAssertedIdentity = v } }, IdentityWords),
            Field<PhoneConfig>.Word("sipResponseAddress", static g => g.ResponseAddress, static (g, v) => g with { ResponseAddress = v }, AddressWords),
            Field<PhoneConfig>.Word("sipRequestAddress", static g => g.RequestAddress, static (g, v) => g with { RequestAddress = v }, AddressWords),
            Field<PhoneConfig>.Flag("callTransfer", static p => p.CallTransfer, static (p, v) => p with { CallTransfer = v }),
            Field<PhoneConfig>.Word("callRemainingTimePrompts", static p => p.RemainingPrompt, static (p, v) => p with { RemainingPrompt = v },
                ("default", 0, null), ("money", 1, AccountIndication.PromptBalance), ("minutes", 2, AccountIndication.PromptDuration), ("none", 3, AccountIndication.Off)),
            Field<PhoneConfig>.Flag("callStateReport", static p => p.CallStateReport, static (p, v) => p with { CallStateReport = v }),
            Field<PhoneConfig>.Text("language", static p => p.Language, static (p, v) => p with { Language = v }, 0, 16),
            Field<PhoneConfig>.Flag("sip100Rel", static p => p.Sip100Rel, static (p, v) => p with { Sip100Rel = v }),
            Field<PhoneConfig>.Word("rtpForwardType", static p => p.RtpForward, static (p, v) => p with { RtpForward = v }, ProxyWords),
            Field<PhoneConfig>.Word("srtp", static p => p.Srtp, static (p, v) => p with { Srtp = v }, SrtpWords),
            Field<PhoneConfig>.Flag("livenessCheck", static p => p.LivenessCheck, static (p, v) => p with { LivenessCheck = v }),
            .. NumberKinds.PhoneNumbers(),
            .. AudioKinds.PhoneAudio(),
            Field<PhoneConfig>.Amount("monthlyRentFee", static p => p.MonthlyRentNanos, static (p, v) => p with { MonthlyRentNanos = v }),
            Field<PhoneConfig>.Amount("monthlyMoneyMinimum", static p => p.MonthlyMinimumNanos, static (p, v) => p with { MonthlyMinimumNanos = v }),
            Field<PhoneConfig>.Amount("monthlyMoneyMaximum", static p => p.MonthlyMaximumNanos, static (p, v) => p with { MonthlyMaximumNanos = v }),
            Field<PhoneConfig>.Flag("calleeBilling", static p => p.CalleeBilling, static (p, v) => p with { CalleeBilling = v }),
            Field<PhoneConfig>.Word("noBillingToPhone", static p => p.NoBillingToPhone, static (p, v) => p with { NoBillingToPhone = v }, ("charged", 0, false), ("free", 1, true)),
            .. RoutingKinds.PhonePolicy(),
            .. ForwardFields.Phone(WrongNumber),
            Field<PhoneConfig>.Text("memo", static p => p.Memo, static (p, v) => p with { Memo = v }, 0, 256),
            Field<PhoneConfig>.Texts(WebKept.Field, static e => e.Additional, static (e, v) => e with { Additional = v }, WebKept.Phones.ContainsKey),
        ],
    };

    public static readonly EntityKind<WebAccessConfig> WebAccess = new()
    {
        List = "webAccess",
        Noun = "entry of the web access list",
        Blank = new WebAccessConfig { Name = "" },
        Of = static c => c.WebAccess,
        With = static (c, all) => c with { WebAccess = all },
        Fields =
        [
            Field<WebAccessConfig>.Text("name", static a => a.Name, static (a, v) => a with { Name = v }, 1, 64, WrongName).Required(),
            Field<WebAccessConfig>.List("directories", static a => a.Directories, static (a, v) => a with { Directories = v }, 1, MostNames, WebApi.WebAccess.Wrong).Required(),
            Field<WebAccessConfig>.List("allowedIps", static a => a.AllowedIps, static (a, v) => a with { AllowedIps = v }, 1, MostNames, WrongWebSource).Required(),
            Field<WebAccessConfig>.Text("token", static a => a.Token, static (a, v) => a with { Token = v }, 0, 255, static t => t.Length is 0 or >= 16 ? null : "a token has at least 16 characters").Secret(),
            Field<WebAccessConfig>.Text("memo", static a => a.Memo, static (a, v) => a with { Memo = v }, 0, 256),
        ],
    };

    /// <summary>Every kind, in the order they stand in documents.</summary>
    public static readonly ImmutableArray<EntityKind> All =
    [
        Accounts, MappingGateways, RoutingGateways, Phones,
        NumberKinds.NumberGroups, NumberKinds.NumberLists, NumberKinds.Areas, NumberKinds.MobileAreas, NumberKinds.NumberTransforms, NumberKinds.IpLimits, WebAccess,
        MoneyKinds.ExchangeRates, MoneyKinds.Packages, MoneyKinds.PackageOrders, MoneyKinds.StockCards, MoneyKinds.ActiveCards, MoneyKinds.BoundNumbers,
        RoutingKinds.GatewayGroups, RoutingKinds.CalendarDays, ServiceKinds.PhoneBook, ServiceKinds.IvrAudios, DeckTemplateKind.DeckTemplates,
    ];

    /// <summary>Names stand in CDR lines between pipes, and in comma lists.</summary>
    internal static string? WrongName(string name) =>
        name.Length == 0 ? "a name is empty"
        : name.Length > 64 ? $"'{DocumentNode.Printable(name)}' is longer than 64 characters"
        : name.AsSpan().ContainsAny(NeverInNames) || name.Any(char.IsControl) ? $"'{DocumentNode.Printable(name)}' has one of | , \" \\ [ ] or a control character"
        : char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) ? $"'{name}' begins or ends with a space"
        : null;

    internal static string? WrongNumber(string number) =>
        DialString.TryParse(number.AsSpan(), out _) ? null : $"'{DocumentNode.Printable(number)}' is no number: at most {DialString.MaxLength} of 0-9 * # + - . _ and letters";

    internal static string? WrongPrefix(string prefix) =>
        DialString.TryParse(prefix.AsSpan(), out _) ? null : $"'{DocumentNode.Printable(prefix)}' is no prefix: at most {DialString.MaxLength} of 0-9 * # + - . _ and letters";

    private static string? WrongSource(string source) => SourcePattern.TryParse(source, out _, out string error) || HostName.TryParse(source, out _, out _) ? null : DocumentNode.Printable(error, 200);

    private static string? WrongHost(string text) =>
        text.Length == 0 || (NetAddress.TryParse(text, 0, out NetAddress address) && address.Port == 0 && !address.IsAny) ? null : $"'{DocumentNode.Printable(text)}' is no address, as in 192.0.2.1 or 2001:db8::1";

    private static string? WrongWebSource(string source) =>
        SourcePattern.TryParse(source, out SourcePattern pattern, out string error) ? pattern.Address.Port == 0 ? null : $"'{source}' has a port; callers of the Web API have any" : DocumentNode.Printable(error, 200);

    // It stands in URIs and between quotes of credentials.
    private static string? WrongUser(string user) =>
        user.All(static c => c is > ' ' and <= '~' and not ('"' or '\\' or '<' or '>' or '@' or ':' or ';' or ',' or '?')) ? null
        : $"'{DocumentNode.Printable(user)}' is no user name: letters, digits and signs without space, quotes, brackets, @ : ; , ?";

    private static string? WrongDomain(string text) =>
        text.Length == 0 || (HostName.TryParse(text, out _, out int port) && port == 0) ? null : $"'{DocumentNode.Printable(text)}' is no host name";

    private static string? WrongTlsName(string name) =>
        name.Length == 0 || Uri.CheckHostName(name) is UriHostNameType.Dns ? null : $"'{DocumentNode.Printable(name)}' is no host name";

    private static string? WrongFingerprint(string text) =>
        text.Length == 0 || (text.Length == 64 && text.All(char.IsAsciiHexDigit)) ? null : $"'{DocumentNode.Printable(text)}' is no SHA-256 fingerprint: 64 hex digits are needed, as 'openssl x509 -fingerprint -sha256' prints them without the colons";

    private static string? WrongDestination(string text) =>
        NetAddress.TryParse(text, 5060, out NetAddress address) ? address.IsAny || address.Port == 0 ? $"'{text}' is no address a call could be sent to" : null
        : HostName.TryParse(text, out _, out _) ? null
        : $"'{DocumentNode.Printable(text)}' is neither an address (192.0.2.1:5060, [2001:db8::1]:5060) nor a host name (sip.example.com, sip.example.com:5070)";
}
