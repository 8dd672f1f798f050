using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;

namespace Tandem.Server.Configuration;

/// <summary>What is said of numbers: groups, lists, areas, the transform table, address areas, and the limits of gateways and phones (docs/numbers.md).</summary>
internal static class NumberKinds
{
    private const int MostLines = 1_000_000;
    private const int MostNames = 1_000;
    private const int MostNumbers = 1_000_000;
    private const int MostEaten = DialString.MaxLength - 1;

    private static readonly (string, int, CallLevel)[] LevelWords =
        [("net", 1, CallLevel.Net), ("local", 2, CallLevel.Local), ("national", 4, CallLevel.National), ("national", 3, CallLevel.National), ("international", 5, CallLevel.International)];

    public static readonly EntityKind<NumberGroupConfig> NumberGroups = new()
    {
        List = "numberGroups",
        Noun = "number group",
        Blank = new NumberGroupConfig { Name = "" },
        Of = static c => c.NumberGroups,
        With = static (c, all) => c with { NumberGroups = all },
        Fields =
        [
            Field<NumberGroupConfig>.Text("name", static g => g.Name, static (g, v) => g with { Name = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<NumberGroupConfig>.List("numbers", static g => g.Numbers, static (g, v) => g with { Numbers = v }, 0, MostNumbers, NumberSet.Wrong),
            Field<NumberGroupConfig>.Text("memo", static g => g.Memo, static (g, v) => g with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<NumberListConfig> NumberLists = new()
    {
        List = "numberLists",
        Noun = "number list",
        Blank = new NumberListConfig { Name = "" },
        Of = static c => c.NumberLists,
        With = static (c, all) => c with { NumberLists = all },
        Fields =
        [
            Field<NumberListConfig>.Text("name", static l => l.Name, static (l, v) => l with { Name = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<NumberListConfig>.Word("kind", static l => l.IsWhite, static (l, v) => l with { IsWhite = v }, ("black", 0, false), ("white", 1, true)),
            Field<NumberListConfig>.Word("scope", static l => l.OfSystem, static (l, v) => l with { OfSystem = v }, ("device", 0, false), ("system", 1, true)),
            Field<NumberListConfig>.Word("end", static l => l.End, static (l, v) => l with { End = v },
                ("both", 0, ListedEnd.Both), ("caller", 1, ListedEnd.Caller), ("callee", 2, ListedEnd.Callee)),
            Field<NumberListConfig>.List("numbers", static l => l.Numbers, static (l, v) => l with { Numbers = v }, 0, MostNumbers, NumberSet.Wrong),
            Field<NumberListConfig>.Text("memo", static l => l.Memo, static (l, v) => l with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<AreaConfig> Areas = new()
    {
        List = "areas",
        Noun = "area",
        Blank = new AreaConfig { AreaCode = "" },
        Of = static c => c.Areas,
        With = static (c, all) => c with { Areas = all },
        Fields =
        [
            Field<AreaConfig>.Text("areaCode", static a => a.AreaCode, static (a, v) => a with { AreaCode = v }, 1, 16, EntityKinds.WrongPrefix).Required(),
            Field<AreaConfig>.Text("areaName", static a => a.AreaName, static (a, v) => a with { AreaName = v }, 0, 64),
            Field<AreaConfig>.Word("type", static a => a.Level, static (a, v) => a with { Level = v }, LevelWords),
            Field<AreaConfig>.Text("memo", static a => a.Memo, static (a, v) => a with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<MobileAreaConfig> MobileAreas = new()
    {
        List = "mobileAreas",
        Noun = "mobile area",
        Blank = new MobileAreaConfig { MobilePrefix = "", AreaCode = "" },
        Of = static c => c.MobileAreas,
        With = static (c, all) => c with { MobileAreas = all },
        Fields =
        [
            Field<MobileAreaConfig>.Text("mobilePrefix", static a => a.MobilePrefix, static (a, v) => a with { MobilePrefix = v }, 1, 16, EntityKinds.WrongPrefix).Required(),
            Field<MobileAreaConfig>.Text("areaCode", static a => a.AreaCode, static (a, v) => a with { AreaCode = v }, 1, 16, EntityKinds.WrongPrefix).Required(),
            Field<MobileAreaConfig>.Text("areaName", static a => a.AreaName, static (a, v) => a with { AreaName = v }, 0, 64),
            Field<MobileAreaConfig>.Text("memo", static a => a.Memo, static (a, v) => a with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<NumberTransformConfig> NumberTransforms = new()
    {
        List = "numberTransforms",
        Noun = "number transform",
        Blank = new NumberTransformConfig { E164 = "" },
        Of = static c => c.NumberTransforms,
        With = static (c, all) => c with { NumberTransforms = all },
        Fields =
        [
            Field<NumberTransformConfig>.Text("e164", static t => t.E164, static (t, v) => t with { E164 = v }, 1, DialString.MaxLength, EntityKinds.WrongNumber).Required(),
            Field<NumberTransformConfig>.List("mappingGatewayCallerE164", static t => t.MappingGatewayCallers, static (t, v) => t with { MappingGatewayCallers = v }, 0, MostNames, WrongWholeNumber),
            Field<NumberTransformConfig>.Text("routingGatewayCalleeE164", static t => t.RoutingGatewayCallee, static (t, v) => t with { RoutingGatewayCallee = v }, 0, DialString.MaxLength, EntityKinds.WrongNumber),
            Field<NumberTransformConfig>.Text("memo", static t => t.Memo, static (t, v) => t with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<IpLimitConfig> IpLimits = new()
    {
        List = "ipLimits",
        Noun = "address range",
        Blank = new IpLimitConfig { Ip = "", Area = "" },
        Of = static c => c.IpLimits,
        With = static (c, all) => c with { IpLimits = all },
        Fields =
        [
            Field<IpLimitConfig>.Text("ip", static r => r.Ip, static (r, v) => r with { Ip = v }, 1, 64,
                static text => IpRange.TryRead(new IpLimitConfig { Ip = text, Area = "" }, out _, out string error) ? null : DocumentNode.Printable(error, 200)).Required(),
            Field<IpLimitConfig>.Number("count", static r => r.Count, static (r, v) => r with { Count = v }, 1, int.MaxValue),
            Field<IpLimitConfig>.Text("area", static r => r.Area, static (r, v) => r with { Area = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<IpLimitConfig>.Text("memo", static r => r.Memo, static (r, v) => r with { Memo = v }, 0, 256),
        ],
    };

    public static Field<MappingGatewayConfig>[] MappingNumbers() =>
    [
        .. Rules<MappingGatewayConfig>(static g => g.Numbers, static (g, v) => g with { Numbers = v }, "calloutCallerPrefixes", "calloutCalleePrefixes", "calleeLimitE164GroupsAllow"),
        Field<MappingGatewayConfig>.Word("callLevel", static g => g.Numbers.Level, static (g, v) => g with { Numbers = g.Numbers with { Level = v } }, LevelWords),
        .. CallsFrom<MappingGatewayConfig>(static g => g.Numbers, static (g, v) => g with { Numbers = v }),
        .. Ported<MappingGatewayConfig>(static g => g.Lrn, static (g, v) => g with { Lrn = v }),
        Field<MappingGatewayConfig>.Flag("groupE164Change", static g => g.Numbers.Transforms, static (g, v) => g with { Numbers = g.Numbers with { Transforms = v } }),
    ];

    public static Field<RoutingGatewayConfig>[] RoutingNumbers() =>
    [
        .. Rules<RoutingGatewayConfig>(static g => g.Numbers, static (g, v) => g with { Numbers = v }, "callinCallerPrefixes", "callinCalleePrefixes", "calleeLimitE164GroupsAllow"),
        Field<RoutingGatewayConfig>.Flag("groupE164Change", static g => g.Numbers.Transforms, static (g, v) => g with { Numbers = g.Numbers with { Transforms = v } }),
        Field<RoutingGatewayConfig>.Flag("rewriteRulesInCallerUseE164GroupEnable", static g => g.Pool.Enable, static (g, v) => g with { Pool = g.Pool with { Enable = v } }),
        Field<RoutingGatewayConfig>.Reference("rewriteRulesInCallerUseE164Group", static g => g.Pool.Group, static (g, v) => g with { Pool = g.Pool with { Group = v } }),
        Field<RoutingGatewayConfig>.Number("rewriteRulesInCallerUseE164GroupLine", static g => g.Pool.Lines, static (g, v) => g with { Pool = g.Pool with { Lines = v } }, 1, MostLines),
    ];

    public static Field<PhoneConfig>[] PhoneNumbers() =>
    [
        Field<PhoneConfig>.DialRules("rewriteRulesOutCallee", static p => p.RewriteRulesOutCallee, static (p, v) => p with { RewriteRulesOutCallee = v }),
        Field<PhoneConfig>.DialRules("rewriteRulesInCallee", static p => p.RewriteRulesInCallee, static (p, v) => p with { RewriteRulesInCallee = v }),
        Field<PhoneConfig>.DialRules("rewriteRulesInCaller", static p => p.RewriteRulesInCaller, static (p, v) => p with { RewriteRulesInCaller = v }),
        .. Rules<PhoneConfig>(static g => g.Numbers, static (g, v) => g with { Numbers = v }, "", "", "calleeLimitE164Allow"),
        Field<PhoneConfig>.Word("callLevel", static g => g.Numbers.Level, static (g, v) => g with { Numbers = g.Numbers with { Level = v } }, LevelWords),
        .. CallsFrom<PhoneConfig>(static g => g.Numbers, static (g, v) => g with { Numbers = v }),
        .. Ported<PhoneConfig>(static g => g.Lrn, static (g, v) => g with { Lrn = v }),
    ];

    // A phone has no lists of beginnings; its own number is its caller.
    private static IEnumerable<Field<T>> Rules<T>(Func<T, NumberLimitsConfig> get, Func<T, NumberLimitsConfig, T> set, string callerPrefixes, string calleePrefixes, string calleeGroupsAllow)
    {
        T Caller(T to, Func<NumberRuleConfig, NumberRuleConfig> change) => set(to, get(to) with { Caller = change(get(to).Caller) });
        T Callee(T to, Func<NumberRuleConfig, NumberRuleConfig> change) => set(to, get(to) with { Callee = change(get(to).Callee) });
        if (callerPrefixes.Length > 0)
        {
            yield return Field<T>.List(callerPrefixes, d => get(d).Caller.Prefixes, (d, v) => Caller(d, r => r with { Prefixes = v }), 0, MostNames * 10, EntityKinds.WrongPrefix);
            yield return Field<T>.Flag(callerPrefixes + "Allow", d => get(d).Caller.PrefixesAllow, (d, v) => Caller(d, r => r with { PrefixesAllow = v }));
            yield return Field<T>.List(calleePrefixes, d => get(d).Callee.Prefixes, (d, v) => Callee(d, r => r with { Prefixes = v }), 0, MostNames * 10, EntityKinds.WrongPrefix);
            yield return Field<T>.Flag(calleePrefixes + "Allow", d => get(d).Callee.PrefixesAllow, (d, v) => Callee(d, r => r with { PrefixesAllow = v }));
            yield return Field<T>.Number("callerAllowLength", d => get(d).Caller.Lengths, (d, v) => Caller(d, r => r with { Lengths = v }), 0, int.MaxValue);
            yield return Field<T>.Number("calleeAllowLength", d => get(d).Callee.Lengths, (d, v) => Callee(d, r => r with { Lengths = v }), 0, int.MaxValue);
            yield return Field<T>.Word("calleeE164Restrict", d => get(d).CalleeMust, (d, v) => set(d, get(d) with { CalleeMust = v }),
                ("anything", 0, CalleeRestriction.Anything), ("phone", 1, CalleeRestriction.Phone), ("noPhone", 2, CalleeRestriction.NoPhone));
        }
        yield return Field<T>.List("callerLimitE164Groups", d => get(d).Caller.Groups, (d, v) => Caller(d, r => r with { Groups = v }), 0, MostNames, EntityKinds.WrongName);
        yield return Field<T>.Flag("callerLimitE164GroupsAllow", d => get(d).Caller.GroupsAllow, (d, v) => Caller(d, r => r with { GroupsAllow = v }));
        yield return Field<T>.List("calleeLimitE164Groups", d => get(d).Callee.Groups, (d, v) => Callee(d, r => r with { Groups = v }), 0, MostNames, EntityKinds.WrongName);
        yield return Field<T>.Flag(calleeGroupsAllow, d => get(d).Callee.GroupsAllow, (d, v) => Callee(d, r => r with { GroupsAllow = v }));
        yield return Field<T>.List("callerNumberLists", d => get(d).Caller.Lists, (d, v) => Caller(d, r => r with { Lists = v }), 0, MostNames, EntityKinds.WrongName);
        yield return Field<T>.List("calleeNumberLists", d => get(d).Callee.Lists, (d, v) => Callee(d, r => r with { Lists = v }), 0, MostNames, EntityKinds.WrongName);
        yield return Field<T>.Flag("dynamicBlackListInStandalone", d => get(d).OwnDynamicList, (d, v) => set(d, get(d) with { OwnDynamicList = v }));
    }

    private static IEnumerable<Field<T>> CallsFrom<T>(Func<T, NumberLimitsConfig> get, Func<T, NumberLimitsConfig, T> set)
    {
        yield return Field<T>.List("ipLimitAreas", d => get(d).IpAreas, (d, v) => set(d, get(d) with { IpAreas = v }), 0, MostNames, EntityKinds.WrongName);
        yield return Field<T>.Flag("ipLimitAreasAllow", d => get(d).IpAreasAllow, (d, v) => set(d, get(d) with { IpAreasAllow = v }));
    }

    private static IEnumerable<Field<T>> Ported<T>(Func<T, LrnConfig> get, Func<T, LrnConfig, T> set)
    {
        yield return Field<T>.Flag("lrnEnable", d => get(d).Enable, (d, v) => set(d, get(d) with { Enable = v }));
        yield return Field<T>.Number("lrnEatPrefixLength", d => get(d).EatPrefixLength, (d, v) => set(d, get(d) with { EatPrefixLength = v }), 0, MostEaten);
        yield return Field<T>.Word("lrnFailureAction", d => get(d).ContinueOnFailure, (d, v) => set(d, get(d) with { ContinueOnFailure = v }), ("reject", 0, false), ("continue", 1, true));
        yield return Field<T>.Text("lrnInterstateBillingPrefix", d => get(d).InterstateBillingPrefix, (d, v) => set(d, get(d) with { InterstateBillingPrefix = v }), 0, 16, EntityKinds.WrongPrefix);
        yield return Field<T>.Text("lrnUndeterminedBillingPrefix", d => get(d).UndeterminedBillingPrefix, (d, v) => set(d, get(d) with { UndeterminedBillingPrefix = v }), 0, 16, EntityKinds.WrongPrefix);
    }

    private static string? WrongWholeNumber(string number) => number.Length == 0 ? "a number is empty" : EntityKinds.WrongNumber(number);
}
