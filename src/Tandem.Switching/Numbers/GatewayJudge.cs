using Tandem.Primitives;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Numbers;

/// <summary>Whether routing gateways take the numbers of one call: the filter of route selection. Used again from call to call by its owner.</summary>
public sealed class GatewayJudge
{
    private SwitchTables? _tables;
    private NumberWorld? _world;
    private DialString _caller, _callee;
    private bool _toPhone;
    private Instant _now;

    internal void Begin(SwitchTables tables, NumberWorld world, in DialString caller, in DialString callee, Instant now)
    {
        (_tables, _world, _caller, _callee, _now) = (tables, world, caller, callee, now);
        _toPhone = tables.TryFindPhone(callee, out _);
    }

    /// <summary>Eligible, or the first limit of the gateway that the numbers break.</summary>
    public RouteVerdict Of(RoutingGateway gateway)
    {
        NumberLimits limits = gateway.Numbers;
        Refusal refusal = Refusal.None;
        if (!limits.IsAnything)
        {
            refusal = limits.JudgeForm(_caller, _callee, out _);
            if (refusal == Refusal.None) refusal = NumberJudge.Judge(_tables!, _world!, limits, limits.OwnList, ofDeviceOnly: true, _caller, _callee, _toPhone, _now, out _);
        }
        if (refusal == Refusal.None && gateway.Pool is { } pool && !pool.HasFree()) refusal = Refusal.CallerPoolUsedUp;
        return NumberLimits.VerdictOf(refusal);
    }
}

/// <summary>The numbers of a call against groups and lists.</summary>
internal static class NumberJudge
{
    /// <summary>What broke a limit: the number, and the group or list; and who is on a white list.</summary>
    internal record struct Findings(DialString Number, string By, bool CallerIsWhite, bool CalleeIsWhite);

    /// <param name="tables">In force.</param>
    /// <param name="world">Who is on a dynamic list.</param>
    /// <param name="limits">Of the device.</param>
    /// <param name="dynamicList">Which dynamic list its calls are counted in; null: none.</param>
    /// <param name="ofDeviceOnly">Lists of the system were asked already.</param>
    /// <param name="caller">Rewritten.</param>
    /// <param name="callee">Rewritten.</param>
    /// <param name="toPhone">The callee is a phone of this switch.</param>
    /// <param name="now">Which entries are over.</param>
    /// <param name="findings">What was broken, and who is white.</param>
    public static Refusal Judge(SwitchTables tables, NumberWorld world, NumberLimits limits, string? dynamicList, bool ofDeviceOnly, in DialString caller, in DialString callee, bool toPhone, Instant now, out Findings findings)
    {
        findings = new Findings(default, "", false, false);
        if (limits.CalleeMust == CalleeRestriction.Phone && !toPhone) return Break(Refusal.CalleeKind, callee, "calleeE164Restrict", ref findings);
        if (limits.CalleeMust == CalleeRestriction.NoPhone && toPhone) return Break(Refusal.CalleeKind, callee, "calleeE164Restrict", ref findings);
        if (!limits.Caller.PermitsGroups(caller, out string group)) return Break(Refusal.CallerGroup, caller, group, ref findings);
        if (!limits.Callee.PermitsGroups(callee, out group)) return Break(Refusal.CalleeGroup, callee, group, ref findings);
        NumberList? ofCaller = tables.Numbers.Decide(limits.Caller, caller, ListedEnd.Caller);
        if (ofCaller is { IsWhite: false } && !(ofDeviceOnly && limits.Caller.ListOf(caller) is null)) return Break(Refusal.CallerBlackListed, caller, ofCaller.Name, ref findings);
        NumberList? ofCallee = tables.Numbers.Decide(limits.Callee, callee, ListedEnd.Callee);
        if (ofCallee is { IsWhite: false } && !(ofDeviceOnly && limits.Callee.ListOf(callee) is null)) return Break(Refusal.CalleeBlackListed, callee, ofCallee.Name, ref findings);
        (findings.CallerIsWhite, findings.CalleeIsWhite) = (ofCaller is { IsWhite: true }, ofCallee is { IsWhite: true });
        if (dynamicList is null) return Refusal.None;
        if (ofCaller is null && world.Dynamic.OfCaller(dynamicList, caller, now) is { } entry)
            return Break(entry.Kind == DynamicKind.Malicious ? Refusal.CallerMalicious : Refusal.CallerConcurrent, caller, dynamicList, ref findings);
        if (ofCallee is null && world.Dynamic.OfCallee(dynamicList, callee, now) is not null) return Break(Refusal.CalleeNoAnswer, callee, dynamicList, ref findings);
        return Refusal.None;
    }

    private static Refusal Break(Refusal refusal, in DialString number, string by, ref Findings findings)
    {
        (findings.Number, findings.By) = (number, by);
        return refusal;
    }
}
