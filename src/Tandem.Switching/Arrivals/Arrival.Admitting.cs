using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Admission;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

// Admitting: who calls, whether he may, and whether he has a line.
public static partial class Arrival
{
    private static Refusal Admit(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        LogIdentified(facts, log, now);
        plan.Payer = facts.Gateway is { } customer ? customer.Account : facts.Phone!.Account;
        if (facts.Phone is { } phone && facts.Kind == ArrivalKind.Call) plan.Caller = phone.DisplayNumber.IsEmpty ? phone.Number : phone.DisplayNumber;
        if (facts.Gateway is { Locked: true } || facts.Phone is { Lock: PhoneLock.Outgoing or PhoneLock.Both }) return Refusal.OriginatorLocked;
        if (plan.Payer is null) return Refusal.AccountMissing;
        if (plan.Payer.Locked) return Refusal.AccountLocked;
        return facts.Kind != ArrivalKind.Call || HasLine(facts, log, now) ? Refusal.None : Refusal.GatewayBusy;
    }

    private static bool HasLine(in ArrivalFacts facts, DecisionLog log, Instant now)
    {
        if (facts.Gateway is not { } gateway) return facts.Phone!.State.HasLine(facts.Phone.LineCapacity);
        int published = gateway.PublishedAt(now);
        if (gateway.State.HasLine(gateway.Capacity, published)) return true;
        if (published > 0) log.Published(now, gateway.Name, gateway.State.CurrentCalls, published, gateway.Capacity);
        return false;
    }

    private static void LogIdentified(in ArrivalFacts facts, DecisionLog log, Instant now)
    {
        var rule = new ByteWriter(stackalloc byte[128]);
        if (facts.Kind == ArrivalKind.Transfer) rule.Text("transfer of a call"u8);
        else if (facts.Kind == ArrivalKind.Callback) rule.Text("phone that has a callback made"u8);
        else if (facts.Kind == ArrivalKind.Forward) rule.Text("phone that forwards its calls"u8);
        else WriteRule(ref rule, facts);
        log.Identified(now, facts.Gateway?.Name ?? facts.Phone!.NumberText, rule.Written);
        if (facts.Kind != ArrivalKind.Call || facts.Gateway is null || facts.Source.IsNone || !facts.Tables.Sources.IsShared(facts.Source)) return;
        LogNearMisses(facts.Tables, facts.Source, new CalledAs(facts.Callee), facts.Gateway, log, now);
    }

    /// <summary>The gateways that were nearly the caller, in the story.</summary>
    public static void LogNearMisses<TCalled>(SwitchTables tables, in NetAddress source, in TCalled called, MappingGateway? found, DecisionLog log, Instant now)
        where TCalled : ICalledNumber, allows ref struct
    {
        foreach (NearMiss miss in tables.Sources.NearMisses(source, called, found)) log.NearMiss(now, miss.Gateway.Name, miss.Kind, miss.Gateway.CallPrefix);
    }

    private static void WriteRule(ref ByteWriter w, in ArrivalFacts facts)
    {
        switch (facts.From.Rule)
        {
            case CallerRule.Trunk:
                w.Text("over trunk "u8);
                w.Text(facts.From.Trunk!.Name);
                w.Text(": to the contact registered there, from its registrar"u8);
                return;
            case CallerRule.AddressAndPort:
                w.Text("mapping gateway by address and port "u8);
                w.HostPort(facts.Source);
                break;
            case CallerRule.Address:
                w.Text("mapping gateway by address"u8);
                break;
            case CallerRule.Registered:
                w.Text("mapping gateway registered from "u8);
                w.HostPort(facts.Source);
                break;
            case CallerRule.Network:
                w.Text("mapping gateway by network, its first "u8);
                w.Decimal(facts.From.NetworkLength);
                w.Text(" bits"u8);
                break;
            case CallerRule.GatewayDigest:
                w.Text("mapping gateway by digest, user "u8);
                w.Text(facts.Gateway!.User.Bytes);
                break;
            case CallerRule.PhoneAddress:
                w.Text("phone by the address stated for it"u8);
                return;
            case CallerRule.PhoneDigest:
                w.Text(facts.Caller.IsEmpty ? "phone by digest, no number in From"u8 : "phone by digest"u8);
                return;
            default:
                w.Text(facts.Gateway is null ? "phone, as asked"u8 : "mapping gateway, as asked"u8);
                return;
        }
        if (facts.Gateway is not { CallPrefix.IsEmpty: false } gateway) return;
        w.Text(" and callPrefix "u8);
        w.Text(gateway.CallPrefix.Bytes);
    }

    private readonly struct CalledAs(DialString number) : ICalledNumber
    {
        public DialString At(Identity.CalleeSource place) => number;

        public bool IsAny => false;
    }
}
