using System.Collections.Immutable;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing.Failover;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Server.Configuration;

/// <summary>What is said of route selection, quality and failover beside a gateway's address and prefixes (docs/selection.md, docs/quality.md, docs/failover.md).</summary>
internal static class RoutingKinds
{
    private const int MostCodes = 100;
    private const int MostLines = 1_000_000;
    private const int MostProfit = 10_000;

    private static readonly (string, int, bool?)[] SystemOrOwn = [("system", -1, null), ("false", 0, false), ("true", 1, true)];

    private static readonly (string, int, RouteWish)[] Wishes = [("none", 0, RouteWish.None), ("answerRate", 1, RouteWish.AnswerRate), ("cost", 2, RouteWish.Cost)];

    private static readonly (string, int, RouteScope)[] Scopes = [("prefix", 0, RouteScope.Prefix), ("all", 1, RouteScope.All)];

    public static readonly EntityKind<GatewayGroupConfig> GatewayGroups = new()
    {
        List = "gatewayGroups",
        Noun = "gateway group",
        Blank = new GatewayGroupConfig { Name = "" },
        Of = static c => c.GatewayGroups,
        With = static (c, all) => c with { GatewayGroups = all },
        Fields =
        [
            Field<GatewayGroupConfig>.Text("name", static g => g.Name, static (g, v) => g with { Name = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<GatewayGroupConfig>.Number("capacity", static g => g.Capacity, static (g, v) => g with { Capacity = v }, 0, MostLines),
            Field<GatewayGroupConfig>.Text("memo", static g => g.Memo, static (g, v) => g with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<CalendarDayConfig> CalendarDays = new()
    {
        List = "calendarDays",
        Noun = "calendar day",
        Blank = new CalendarDayConfig { Date = "" },
        Of = static c => c.CalendarDays,
        With = static (c, all) => c with { CalendarDays = all },
        Fields =
        [
            Field<CalendarDayConfig>.Text("date", static d => d.Date, static (d, v) => d with { Date = v }, 10, 10, static t => WorkCalendar.IsDate(t) ? null : $"'{t}' is no date, as in 2026-12-25").Required(),
            Field<CalendarDayConfig>.Word("kind", static d => d.Kind, static (d, v) => d with { Kind = v }, ("work", 0, DayKind.Work), ("holiday", 1, DayKind.Holiday)),
            Field<CalendarDayConfig>.Text("memo", static d => d.Memo, static (d, v) => d with { Memo = v }, 0, 256),
        ],
    };

    public static Field<RoutingGatewayConfig>[] Failover() =>
    [
        Field<RoutingGatewayConfig>.Word("switchAllowRing", static g => g.SwitchAllowRing, static (g, v) => g with { SwitchAllowRing = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.Word("switchAllowSdp", static g => g.SwitchAllowSdp, static (g, v) => g with { SwitchAllowSdp = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.Word("switchAllowRtp", static g => g.SwitchAllowRtp, static (g, v) => g with { SwitchAllowRtp = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.Word("switchAllowBusy", static g => g.SwitchAllowBusy, static (g, v) => g with { SwitchAllowBusy = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.Word("switchAllowErrorCode", static g => g.SwitchAllowErrorCode, static (g, v) => g with { SwitchAllowErrorCode = v }, SystemOrOwn),
        Field<RoutingGatewayConfig>.List("switchStopCodes", static g => g.SwitchStopCodes, static (g, v) => g with { SwitchStopCodes = v }, 0, MostCodes, SwitchCodes.Wrong),
        Field<RoutingGatewayConfig>.List("switchNextCodes", static g => g.SwitchNextCodes, static (g, v) => g with { SwitchNextCodes = v }, 0, MostCodes, SwitchCodes.Wrong),
    ];

    public static Field<RoutingGatewayConfig>[] Limits() =>
    [
        Field<RoutingGatewayConfig>.Number("callsPerSecond", static g => g.Limits.CallsPerSecond, static (g, v) => g with { Limits = g.Limits with { CallsPerSecond = v } }, 0, 100_000),
        Periods("scheduledCapacity", static g => g.Limits.ScheduledCapacity, static (g, v) => g with { Limits = g.Limits with { ScheduledCapacity = v } }, RoutingCompiler.WrongCapacity),
        Periods("scheduledPriority", static g => g.Limits.ScheduledPriority, static (g, v) => g with { Limits = g.Limits with { ScheduledPriority = v } }, RoutingCompiler.WrongPriority),
        Periods("scheduledRewriteRulesInCallee", static g => g.Limits.ScheduledCalleeRules, static (g, v) => g with { Limits = g.Limits with { ScheduledCalleeRules = v } }, RoutingCompiler.WrongRules),
        Periods("scheduledCallinPrefixes", static g => g.Limits.ScheduledPrefixes, static (g, v) => g with { Limits = g.Limits with { ScheduledPrefixes = v } },
            static all => all.Select(static p => NumberPeriod.TryParse(p, out _, out string error) ? null : error).FirstOrDefault(static e => e is not null)),
        Field<RoutingGatewayConfig>.List("denyCallerCallee", static g => g.Limits.DeniedPairs, static (g, v) => g with { Limits = g.Limits with { DeniedPairs = v } }, 0, DeniedPairs.MaxPairs, DeniedPairs.Wrong),
        Field<RoutingGatewayConfig>.Flag("denyCallerCalleeAllow", static g => g.Limits.DeniedPairsAllow, static (g, v) => g with { Limits = g.Limits with { DeniedPairsAllow = v } }),
        Field<RoutingGatewayConfig>.Number("reservedLines", static g => g.Limits.ReservedLines, static (g, v) => g with { Limits = g.Limits with { ReservedLines = v } }, 0, MostLines),
        Field<RoutingGatewayConfig>.Flag("feerateRestrict", static g => g.Limits.NeedsRate, static (g, v) => g with { Limits = g.Limits with { NeedsRate = v } }),
        .. Margin<RoutingGatewayConfig>(static g => g.Limits.Margin, static (g, v) => g with { Limits = g.Limits with { Margin = v } }),
        Field<RoutingGatewayConfig>.Flag("protectRoute", static g => g.Limits.Protects, static (g, v) => g with { Limits = g.Limits with { Protects = v } }),
        Field<RoutingGatewayConfig>.Word("calculateRouteQuality", static g => g.Quality.Counting, static (g, v) => g with { Quality = g.Quality with { Counting = v } },
            ("default", 0, QualityCounting.Default), ("on", 1, QualityCounting.On), ("off", 2, QualityCounting.Off)),
        Field<RoutingGatewayConfig>.Number("qualityLeastAnswerRate", static g => g.Quality.LeastAnswerRate, static (g, v) => g with { Quality = g.Quality with { LeastAnswerRate = v } }, 0, 100),
        Field<RoutingGatewayConfig>.Number("qualityLeastTalkSeconds", static g => g.Quality.LeastTalkSeconds, static (g, v) => g with { Quality = g.Quality with { LeastTalkSeconds = v } }, 0, 86_400),
        Field<RoutingGatewayConfig>.Number("qualityLeastSamples", static g => g.Quality.LeastSamples, static (g, v) => g with { Quality = g.Quality with { LeastSamples = v } }, 1, 10_000),
        Field<RoutingGatewayConfig>.Number("qualityPauseSeconds", static g => g.Quality.PauseSeconds, static (g, v) => g with { Quality = g.Quality with { PauseSeconds = v } }, 1, 86_400),
        Field<RoutingGatewayConfig>.Number("qualityProbeEvery", static g => g.Quality.ProbeEvery, static (g, v) => g with { Quality = g.Quality with { ProbeEvery = v } }, 1, 10_000),
        Field<RoutingGatewayConfig>.Number("qualityProbeSamples", static g => g.Quality.ProbeSamples, static (g, v) => g with { Quality = g.Quality with { ProbeSamples = v } }, 1, 10_000),
    ];

    public static Field<MappingGatewayConfig>[] MappingPolicy() =>
    [
        .. Policy<MappingGatewayConfig>("firstRoutePolicy", "secondRoutePolicy", static g => g.Policy, static (g, v) => g with { Policy = v }),
        Field<MappingGatewayConfig>.List("proportionCalleePrefixs", static g => g.Policy.Proportions, static (g, v) => g with { Policy = g.Policy with { Proportions = v } }, 0, 100, Proportions.Wrong, Proportions.WrongTogether),
    ];

    public static Field<PhoneConfig>[] PhonePolicy() => Policy<PhoneConfig>("firstRoutingPolicy", "secondRoutingPolicy", static p => p.Policy, static (p, v) => p with { Policy = v });

    private static Field<T>[] Policy<T>(string first, string second, Func<T, RoutePolicyConfig> get, Func<T, RoutePolicyConfig, T> set) =>
    [
        Field<T>.Word(first, d => get(d).First, (d, v) => set(d, get(d) with { First = v }), Wishes),
        Field<T>.Word(second, d => get(d).Second, (d, v) => set(d, get(d) with { Second = v }), Wishes),
        Field<T>.Word("routeScope", d => get(d).Scope, (d, v) => set(d, get(d) with { Scope = v }), Scopes),
        Field<T>.Number("priceBandPercent", d => get(d).PriceBandPercent, (d, v) => set(d, get(d) with { PriceBandPercent = v }), 0, 1_000),
        .. Margin<T>(d => get(d).Margin, (d, v) => set(d, get(d) with { Margin = v })),
    ];

    private static Field<T>[] Margin<T>(Func<T, MarginConfig> get, Func<T, MarginConfig, T> set) =>
    [
        Field<T>.Flag("minProfitPercentEnable", d => get(d).ProfitEnable, (d, v) => set(d, get(d) with { ProfitEnable = v })),
        Field<T>.Number("minProfitPercent", d => get(d).LeastProfitPercent, (d, v) => set(d, get(d) with { LeastProfitPercent = v }), -MostProfit, MostProfit),
        Field<T>.Flag("maxSecondRatesEnable", d => get(d).CeilingEnable, (d, v) => set(d, get(d) with { CeilingEnable = v })),
        Field<T>.Amount("maxSecondRates", d => get(d).MostPerSecondNanos, (d, v) => set(d, get(d) with { MostPerSecondNanos = v })),
    ];

    private static Field<RoutingGatewayConfig> Periods(string name, Func<RoutingGatewayConfig, ImmutableArray<string>> get, Func<RoutingGatewayConfig, ImmutableArray<string>, RoutingGatewayConfig> set, Func<IReadOnlyList<string>, string?> wrong) =>
        Field<RoutingGatewayConfig>.List(name, get, set, 0, Timetable<int>.MaxPeriods, static text => text.Length is 0 or > 10_000 ? "a period is a text of 1 to 10000 characters" : null, wrong);
}
