using System.Collections.Immutable;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;

namespace Tandem.Server.Configuration;

/// <summary>What must hold across entities where numbers are spoken of: names that refer, numbers and addresses that stand once.</summary>
internal static class NumberChecks
{
    /// <param name="all">As it would be.</param>
    /// <param name="anew">An operator states it; else it was in force already, and what was permitted then stays.</param>
    /// <param name="stated">Whether the document in hand states "list/key": of two that clash it is to blame.</param>
    /// <param name="wrong">Whether it stated it, and wrongly: who refers to it is not to blame.</param>
    /// <param name="fault">List, key, field, what is wrong.</param>
    public static void Check(SwitchConfiguration all, bool anew, Func<string, bool> stated, Func<string, bool> wrong, Action<string, string, string, string> fault)
    {
        HashSet<string> areas = [.. all.IpLimits.Values.Select(static r => r.Area)];
        foreach (MappingGatewayConfig gateway in all.MappingGateways.Values) CheckLimits("mappingGateways", gateway.Name, gateway.Numbers);
        foreach (RoutingGatewayConfig gateway in all.RoutingGateways.Values)
        {
            CheckLimits("routingGateways", gateway.Name, gateway.Numbers);
            CheckPool(gateway);
        }
        foreach (PhoneConfig phone in all.Phones.Values) CheckLimits("phones", phone.E164, phone.Numbers);
        CheckTransforms();
        CheckRanges();
        if (!anew) return;
        foreach (MappingGatewayConfig gateway in all.MappingGateways.Values.Where(g => stated($"mappingGateways/{g.Name}")))
        {
            CheckPlan("mappingGateways", gateway.Name, "rewriteRulesOutCallee", gateway.RewriteRulesOutCallee);
            CheckPlan("mappingGateways", gateway.Name, "rewriteRulesOutCaller", gateway.RewriteRulesOutCaller);
        }
        foreach (RoutingGatewayConfig gateway in all.RoutingGateways.Values.Where(g => stated($"routingGateways/{g.Name}")))
        {
            CheckPlan("routingGateways", gateway.Name, "rewriteRulesInCallee", gateway.RewriteRulesInCallee);
            CheckPlan("routingGateways", gateway.Name, "rewriteRulesInCaller", gateway.RewriteRulesInCaller);
        }
        foreach (PhoneConfig phone in all.Phones.Values.Where(p => stated($"phones/{p.E164}")))
        {
            CheckPlan("phones", phone.E164, "rewriteRulesOutCallee", phone.RewriteRulesOutCallee);
            CheckPlan("phones", phone.E164, "rewriteRulesInCallee", phone.RewriteRulesInCallee);
            CheckPlan("phones", phone.E164, "rewriteRulesInCaller", phone.RewriteRulesInCaller);
        }

        void CheckPlan(string list, string key, string field, string rules)
        {
            if (DialPlan.TryParse(rules, out DialPlan? plan, out _) && plan.Ambiguity is { } says) fault(list, key, field, says);
        }

        void CheckLimits(string list, string key, NumberLimitsConfig limits)
        {
            if (ReferenceEquals(limits, NumberLimitsConfig.Anything)) return;
            CheckNames(list, key, "callerLimitE164Groups", limits.Caller.Groups, all.NumberGroups, NumberKinds.NumberGroups);
            CheckNames(list, key, "calleeLimitE164Groups", limits.Callee.Groups, all.NumberGroups, NumberKinds.NumberGroups);
            CheckNames(list, key, "callerNumberLists", limits.Caller.Lists, all.NumberLists, NumberKinds.NumberLists);
            CheckNames(list, key, "calleeNumberLists", limits.Callee.Lists, all.NumberLists, NumberKinds.NumberLists);
            foreach (string area in limits.IpAreas)
            {
                if (!areas.Contains(area)) fault(list, key, "ipLimitAreas", $"no address range is of the area '{area}'");
            }
        }

        void CheckNames<T>(string list, string key, string field, ImmutableArray<string> names, ImmutableSortedDictionary<string, T> there, EntityKind<T> kind)
            where T : class
        {
            foreach (string name in names)
            {
                if (!there.ContainsKey(name) && !wrong($"{kind.List}/{name}")) fault(list, key, field, $"there is no {kind.Noun} '{name}'");
            }
        }

        void CheckPool(RoutingGatewayConfig gateway)
        {
            const string Field = "rewriteRulesInCallerUseE164Group";
            if (gateway.Pool.Group is not { } name)
            {
                if (gateway.Pool.Enable) fault("routingGateways", gateway.Name, Field, "a pool of calling numbers needs a number group");
                return;
            }
            if (!all.NumberGroups.TryGetValue(name, out NumberGroupConfig? group))
            {
                if (!wrong($"numberGroups/{name}")) fault("routingGateways", gateway.Name, Field, $"there is no number group '{name}'");
            }
            else if (gateway.Pool.Enable && (group.Numbers.IsEmpty || group.Numbers.Any(static n => n.EndsWith('*'))))
            {
                fault("routingGateways", gateway.Name, Field, group.Numbers.IsEmpty ? $"the number group '{name}' has no number" : $"the number group '{name}' has a beginning of numbers ('{group.Numbers.First(static n => n.EndsWith('*'))}'); a call can be shown only by a whole number");
            }
        }

        void CheckTransforms()
        {
            Dictionary<string, string> seen = new(StringComparer.Ordinal);
            foreach (NumberTransformConfig row in all.NumberTransforms.Values.OrderBy(t => stated($"numberTransforms/{t.E164}")))
            {
                foreach (string caller in row.MappingGatewayCallers)
                {
                    if (!seen.TryAdd(caller, row.E164)) fault("numberTransforms", row.E164, "mappingGatewayCallerE164", $"'{caller}' becomes {seen[caller]} already");
                }
            }
        }

        void CheckRanges()
        {
            List<IpRange> ranges = [];
            foreach (IpLimitConfig said in all.IpLimits.Values)
            {
                if (IpRange.TryRead(said, out IpRange? range, out string error)) ranges.Add(range);
                else fault("ipLimits", said.Ip, "count", error);
            }
            ranges.Sort(static (a, b) => a.First.CompareTo(b.First));
            for (int i = 1; i < ranges.Count; i++)
            {
                if (ranges[i].First > ranges[i - 1].Last) continue;
                (IpRange late, IpRange early) = stated($"ipLimits/{ranges[i].Said.Ip}") ? (ranges[i], ranges[i - 1]) : (ranges[i - 1], ranges[i]);
                fault("ipLimits", late.Said.Ip, "ip", $"its addresses overlap those of '{early.Said.Ip}' ({early.Said.Area})");
            }
        }
    }
}
