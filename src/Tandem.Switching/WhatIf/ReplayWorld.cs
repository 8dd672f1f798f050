using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Locating;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Numbers;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.WhatIf;

/// <summary>
/// One configuration in which calls that were made are made again: decided by the function a real call is decided by, priced by the function a real one is priced by. Every
/// gateway answers, every name resolves and every trunk is registered; lines are taken as long as the call lasted. The first gateway in the order carries the call.
/// </summary>
/// <param name="tables">Compiled with states of their own, which are used up here.</param>
public sealed class ReplayWorld(SwitchTables tables)
{
    private readonly SwitchTables _tables = WithEveryGatewayUp(tables);
    private readonly ArrivalPlan _plan = new();
    private readonly DecisionLog _log = new(new BytePool());
    private readonly PriorityQueue<GatewayState, long> _lines = new();

    /// <summary>The call again, at its time. Calls come in the order they began.</summary>
    public Replayed Replay(Cdr cdr)
    {
        while (_lines.TryPeek(out GatewayState? state, out long until) && until <= cdr.Start.Micros)
        {
            _lines.Dequeue();
            state.ReleaseLine();
        }
        if (!TryFindCaller(cdr, out CallerId from)) return new Replayed("", "", "", Refusal.UnknownSource, default, default);
        var facts = new ArrivalFacts { Tables = _tables, From = from, Caller = NumberOf(cdr.CallerAccessE164), Callee = NumberOf(cdr.CalleeAccessE164), Draw = unchecked((uint)cdr.Call.Value * 2_654_435_761u) };
        _log.Begin(cdr.Start);
        Arrival.Decide(facts, new SeededEntropy((ulong)cdr.Call.Value), _log, cdr.Start, _plan);
        // No server is asked: who is not in the local table counts as not ported.
        if (!_plan.Asks.IsEmpty) Arrival.Resume(facts, (_plan.Caller, _plan.Callee), _plan.Payer!, new LrnAnswer(true, _plan.Asks, DialString.Empty, ""), _log, cdr.Start, _plan);
        _log.Release();
        string customer = _plan.Payer?.Number ?? "", destination = _plan.Sale?.Area ?? "";
        RoutingGateway? gateway = _plan.TargetPhone is null && _plan.Candidates.EligibleCount > 0 ? _plan.Candidates[0].Gateway : null;
        if (_plan.Refusal != Refusal.None || (gateway is null && _plan.TargetPhone is null)) return new Replayed(customer, "", destination, _plan.Refusal == Refusal.None ? Refusal.NoRoute : _plan.Refusal, Nothing(_plan.Payer), default);
        TakeLines(from, gateway, cdr);
        BillingRules rules = _tables.Settings.Billing.Rules;
        int seconds = cdr.WasAnswered ? rules.Billable(cdr.HoldTime) : 0;
        CallCharge? cost = gateway is null ? null : Arrival.CostOf(gateway, _plan.RoutedBy, cdr.Start);
        return new Replayed(customer, gateway?.Name ?? Replayed.Phones, destination, Refusal.None, _plan.Sale is { } sale ? PriceOf(sale, seconds, rules) : Nothing(_plan.Payer), cost is null ? default : PriceOf(cost, seconds, rules));
    }

    private static Money Nothing(Account? payer) => new(0, payer?.Currency ?? default);

    private static Money PriceOf(CallCharge charge, int seconds, in BillingRules rules) => new(rules.Price(charge.Tariff, seconds).Nanos, charge.Tariff.Currency);

    private bool TryFindCaller(Cdr cdr, out CallerId from)
    {
        from = default;
        if (cdr.CallerGateway.Length > 0)
        {
            if (!_tables.TryFindMappingGateway(cdr.CallerGateway, out MappingGateway? gateway)) return false;
            from = new CallerId(gateway, null, CallerRule.Stated);
            return true;
        }
        if (!_tables.TryFindPhone(NumberOf(cdr.CallerAccessE164), out Phone? phone)) return false;
        from = new CallerId(null, phone, CallerRule.Stated);
        return true;
    }

    private void TakeLines(in CallerId from, RoutingGateway? gateway, Cdr cdr)
    {
        Take(from.Gateway?.State ?? from.Phone!.State, from.Gateway?.Capacity ?? from.Phone!.LineCapacity);
        if (gateway is not null) Take(gateway.State, gateway.Capacity);

        void Take(GatewayState state, int capacity)
        {
            if (state.TryTakeLine(capacity)) _lines.Enqueue(state, cdr.Stop.Micros);
        }
    }

    private static DialString NumberOf(string text) => DialString.TryParse(text.AsSpan(), out DialString number) ? number : default;

    private static SwitchTables WithEveryGatewayUp(SwitchTables tables)
    {
        var somewhere = new HopSet([new HopChoice(new Hop(NetAddress.V4(0x7f000001, 5060), SipTransport.Udp), 0, 0, 0)]);
        foreach (RoutingGateway gateway in tables.Routes.Gateways)
        {
            if (!gateway.Target.IsNumeric) gateway.State.Name = new ResolvedName(gateway.Target, somewhere, "", default, default, Instant.Never, false);
            if (gateway.Registers) gateway.State.Trunk = new TrunkStatus { State = TrunkState.Registered, IsUp = true, Since = default };
        }
        return tables;
    }
}
