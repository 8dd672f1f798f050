using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Server.Hosting;

// Money beyond payments: what was booked, taken back, rented; calls made elsewhere; how long one could talk.
public sealed partial class SwitchControl : IMoneyControl
{
    private int _externalCalls;

    public async Task<Answer<PaymentHistoryView>> PaymentsAsync(MoneyQuery query, CancellationToken stop)
    {
        List<PaymentEntryView>? found = await OnLedger((ledger, _) =>
        {
            LedgerAccount? account = null;
            if (query.Account is { } number && !ledger.TryFindAccount(number, out account)) return null;
            return (account is null ? ledger.Payments() : ledger.PaymentsOf(account))
                .Where(p => (query.Since is null || p.At >= query.Since) && (query.Until is null || p.At < query.Until)).Take(query.Limit).Select(p => View(ledger, p)).ToList();
        }).WaitAsync(stop);
        return found is null ? NoAccount(query.Account!) : new PaymentHistoryView(found);
    }

    public async Task<Answer<PaymentEntryView>> PaymentAsync(string id, CancellationToken stop) =>
        await OnLedger((ledger, _) => ledger.TryFindPayment(id, out PaymentEntry entry) ? View(ledger, entry) : null).WaitAsync(stop) is { } found ? found : new Fault(FaultKind.NotFound, $"There is no payment '{id}'.");

    public Fault? NoJobNow() => host.Jobs.Full;

    public Answer<JobView> PayBatch(IReadOnlyList<BatchRow> rows, IReadOnlyList<BatchRowView> settled, string by) => host.Jobs.Start("payments", by, new BatchPayWork(host, rows, settled, by).RunAsync);

    public Answer<JobView> AssignDeck(DeckAssignment order, string by) =>
        AssignDeckWork.Refuse(host.Configuration.Current.Configuration, order) is { } fault ? fault : host.Jobs.Start("deck assignment", by, new AssignDeckWork(host, order, by).RunAsync);

    public Task<Answer<PaymentEntryView>> ReverseAsync(string id, string paymentId, string memo, string by, CancellationToken stop) =>
        BookAsync(id, (ledger, now) => ledger.Reverse(id, paymentId, memo, by, now), outcome => outcome == LedgerOutcome.ReferenceInvalid ? $"There is no payment '{paymentId}' that could be taken back: none has this id, it is a reversal itself, or it was taken back before." : null, stop);

    public Task<Answer<PaymentEntryView>> MakeZeroAsync(string id, string account, string memo, string by, CancellationToken stop) =>
        BookAsync(id, (ledger, now) => !ledger.TryFindAccount(account, out LedgerAccount? held) ? LedgerOutcome.AccountMissing : ledger.MakeZero(id, held.Id, memo, by, now),
            outcome => outcome == LedgerOutcome.AlreadyDone ? $"The balance of account {account} is zero; nothing was booked." : null, stop);

    private async Task<Answer<PaymentEntryView>> BookAsync(string id, Func<Ledger, Instant, LedgerOutcome> verb, Func<LedgerOutcome, string?> says, CancellationToken stop)
    {
        (LedgerOutcome outcome, PaymentEntryView? view, long position) = await OnLedger((ledger, now) =>
        {
            LedgerOutcome done = verb(ledger, now);
            bool booked = done is LedgerOutcome.Done or LedgerOutcome.AlreadyDone;
            return (done, booked && ledger.TryFindPayment(id, out PaymentEntry entry) ? View(ledger, entry) : null, host.Books.Journal.Position);
        }).WaitAsync(stop);
        if (view is not null) return await host.Books.Journal.WhenDurable(position) ? view : new Fault(FaultKind.Unavailable, $"{NotDurable}: send it again with the same id then, it is never booked twice.");
        return outcome switch
        {
            LedgerOutcome.AccountMissing => new Fault(FaultKind.NotFound, outcome.Says()),
            LedgerOutcome.JournalUnavailable => NoJournal,
            _ => new Fault(FaultKind.Conflict, says(outcome) ?? outcome.Says()),
        };
    }

    public async Task<Answer<ConsumptionsView>> ConsumptionsAsync(MoneyQuery query, CancellationToken stop)
    {
        List<ConsumptionView>? found = await OnLedger((ledger, _) =>
        {
            LedgerAccount? account = null;
            if (query.Account is { } number && !ledger.TryFindAccount(number, out account)) return null;
            return ledger.Consumptions.Reverse().Where(c => (account is null || c.Account == account.Id) && (query.Since is null || c.At >= query.Since) && (query.Until is null || c.At < query.Until))
                .Take(query.Limit).Select(c => View(ledger, c)).ToList();
        }).WaitAsync(stop);
        return found is null ? NoAccount(query.Account!) : new ConsumptionsView(found);
    }

    public async Task<Answer<PackagesView>> PackagesAsync(string? account, CancellationToken stop)
    {
        SwitchConfiguration configuration = host.Configuration.Current.Configuration;
        if (account is not null && !configuration.Accounts.ContainsKey(account)) return NoAccount(account);
        return await OnLedger((ledger, now) => new PackagesView(
            [.. ledger.Packages.Select(p => View(ledger, p)).Where(p => account is null || p.Account == account)],
            [.. configuration.PackageOrders.Values.Where(o => account is null || OwnerOf(configuration, o) == account).Select(o => View(ledger, o, now))])).WaitAsync(stop);
    }

    public async Task<Answer<PackageView>> EndPackageAsync(int package, CancellationToken stop)
    {
        (LedgerOutcome outcome, PackageView? view, long position) = await OnLedger((ledger, now) =>
        {
            PackageView? view = ledger.Packages.FirstOrDefault(p => p.Id == package) is { } current ? View(ledger, current) : null;
            return (ledger.EndPackage(package, forgive: true, now), view, host.Books.Journal.Position);
        }).WaitAsync(stop);
        if (outcome == LedgerOutcome.Done) return await host.Books.Journal.WhenDurable(position) ? view! : new Fault(FaultKind.Unavailable, $"{NotDurable}.");
        return outcome == LedgerOutcome.JournalUnavailable ? NoJournal : new Fault(FaultKind.NotFound, $"There is no current package {package}.");
    }

    public async Task<Answer<ExternalCallView>> QuoteAsync(ExternalCall call, CancellationToken stop)
    {
        (Fault? fault, Cdr cdr, Account? account) = Rate(call, new CallId(Math.Max(0, call.FlowNumber)));
        if (fault is not null) return fault;
        BillingRules rules = cdr.Rules ?? BillingRules.Plain;
        int seconds = cdr.WasAnswered ? rules.Billable(cdr.HoldTime) : 0;
        long most = new[] { cdr.Sale, cdr.Cost }.Concat(cdr.Further).OfType<CallCharge>().Select(c => rules.Price(c.Tariff, seconds).Nanos).DefaultIfEmpty().Max();
        bool repeated = call.FlowNumber >= 0 && (await host.Cdrs.FindAsync(cdr.Call, stop) is not null || await OnLedger((ledger, _) => ledger.Knows(cdr.Call)).WaitAsync(stop));
        return new ExternalCallView(cdr.Call, account!.Number, new Money(most, account.Currency), seconds, repeated);
    }

    public async Task<Answer<ExternalCallView>> ChargeAsync(ExternalCall call, string by, CancellationToken stop)
    {
        CallId id = call.FlowNumber >= 0 ? new CallId(call.FlowNumber) : CallId.Mint(host.Clock.Now(), CallId.MaxShards - 1, Interlocked.Increment(ref _externalCalls));
        (Fault? fault, Cdr cdr, Account? account) = Rate(call, id);
        if (fault is not null) return fault;
        // The ledger remembers the newest calls; older ones are in the database.
        bool known = call.FlowNumber >= 0 && await host.Cdrs.FindAsync(id, stop) is not null;
        (LedgerOutcome outcome, long position) = known ? (LedgerOutcome.AlreadyClosed, 0) : await OnLedger((ledger, at) => (ledger.ChargeExternal(cdr, at), host.Books.Journal.Position)).WaitAsync(stop);
        if (outcome is not (LedgerOutcome.Done or LedgerOutcome.AlreadyClosed)) return outcome == LedgerOutcome.JournalUnavailable ? NoJournal : new Fault(FaultKind.Conflict, outcome.Says());
        bool repeated = outcome == LedgerOutcome.AlreadyClosed;
        if (!repeated && !await host.Books.Journal.WhenDurable(position)) return new Fault(FaultKind.Unavailable, $"{NotDurable}.");
        return new ExternalCallView(id, account!.Number, repeated || cdr.Sale is null ? null : new Money(cdr.Sale.Nanos, cdr.Sale.Tariff.Currency), repeated ? 0 : cdr.Sale?.BilledSeconds ?? 0, repeated);
    }

    // Its CDR with who is charged by which rate.
    private (Fault? Fault, Cdr Cdr, Account? Account) Rate(ExternalCall call, CallId id)
    {
        SwitchTables tables = host.Tables.Current;
        Cdr cdr = new()
        {
            Call = id, CallerE164 = call.Caller, CalleeE164 = call.Callee, CallerAccessE164 = call.Caller, CalleeAccessE164 = call.Callee,
            Start = call.Start, Stop = call.Start + TimeSpan.FromSeconds(call.Seconds), Answered = call.Seconds > 0 ? call.Start : Instant.Never,
            CallerGateway = call.CallerGateway, CalleeGateway = call.CalleeGateway, EndReason = call.EndReason, EndDirection = call.EndDirection, CallerToGatewayE164 = call.CallerToGateway, CalleeToGatewayE164 = call.CalleeToGateway,
            CallerAddress = call.CallerAddress, CalleeAddress = call.CalleeAddress, CalleeBilling = CalleeBilling.External, Revision = tables.Revision,
        };
        Refusal refusal = SupposedCall.TryRate(tables, call.Mode, call.Payer, cdr, out _, out Account? account);
        if (refusal != Refusal.None) return (new Fault(refusal == Refusal.AccountMissing ? FaultKind.NotFound : FaultKind.Conflict, refusal == Refusal.AccountMissing ? $"There is no {call.Mode} '{call.Payer}' with an account." : refusal.Meaning().Says), cdr, null);
        if (call.CalleeGateway.Length > 0)
        {
            RoutingGateway? carrier = tables.Routes.Gateways.FirstOrDefault(g => g.Name == call.CalleeGateway);
            if (carrier is null) return (new Fault(FaultKind.NotFound, $"There is no routing gateway {call.CalleeGateway}."), cdr, null);
            if (DialString.TryParse(call.Callee.AsSpan(), out DialString callee)) cdr.Cost = Arrival.CostOf(carrier, callee, cdr.Start);
        }
        return (null, cdr, account);
    }

    public async Task<Answer<AvailableTimeView>> AvailableTimeAsync(string payer, BillingMode mode, string callee, string? carrier, CancellationToken stop)
    {
        CallCharge? cost = null;
        if (carrier is not null)
        {
            RoutingGateway? gateway = host.Tables.Current.Routes.Gateways.FirstOrDefault(g => g.Name == carrier);
            if (gateway is null) return new Fault(FaultKind.NotFound, $"There is no routing gateway {carrier}.");
            if (DialString.TryParse(callee.AsSpan(), out DialString number)) cost = Arrival.CostOf(gateway, number, host.Clock.Now());
        }
        Cdr cdr = new() { Call = new CallId(0), CalleeE164 = callee, Start = host.Clock.Now() };
        Refusal refusal = SupposedCall.TryRate(host.Tables.Current, mode, payer, cdr, out long limit, out Account? account);
        if (account is null) return new Fault(FaultKind.NotFound, $"There is no {mode} '{payer}' with an account.");
        return await OnLedger((ledger, now) =>
        {
            ledger.TryFindAccount(account.Id, out LedgerAccount? held);
            Money balance = new(held?.BalanceNanos ?? 0, account.Currency);
            int seconds = 0;
            int? paid = cost is not null && ledger.TryFindAccount(cost.Account, out LedgerAccount? clearing) ? Pricing.CoveredSeconds(cost.Tariff, Math.Max(0, clearing.AvailableNanos)) : null;
            Refusal why = refusal != Refusal.None ? refusal : ledger.AvailableSeconds(cdr, now, out seconds, limit == 0 ? long.MaxValue : limit).ToRefusal();
            if (why != Refusal.None) return new AvailableTimeView(account.Number, balance, why.Meaning().EndReason, why.Meaning().Says, paid);
            return new AvailableTimeView(account.Number, balance, seconds == int.MaxValue ? null : seconds, seconds == int.MaxValue ? "Without end." : $"{seconds} s.", paid);
        }).WaitAsync(stop);
    }

    private static Fault NoAccount(string number) => new(FaultKind.NotFound, $"There is no account {number}.");

    private static string? OwnerOf(SwitchConfiguration configuration, PackageOrderConfig order) =>
        order.Account ?? (order.Phone is { } phone ? configuration.Phones.GetValueOrDefault(phone)?.Account : null);

    private static PaymentEntryView View(Ledger ledger, in PaymentEntry entry)
    {
        Payment payment = entry.Payment;
        LedgerAccount account = ledger.Accounts[payment.Account.Value - 1];
        return new PaymentEntryView
        {
            Id = payment.Id,
            Account = account.Number,
            Kind = payment.Kind.ToString(),
            Means = payment.Means.ToString(),
            Amount = new Money(payment.Nanos, account.Currency),
            Currency = account.Currency,
            BalanceAfter = new Money(payment.BalanceAfterNanos, account.Currency),
            At = entry.At,
            By = payment.By,
            Memo = payment.Memo,
            Reference = payment.Reference,
            Reversed = entry.Reversed,
        };
    }

    private static ConsumptionView View(Ledger ledger, in ConsumptionEntry entry)
    {
        LedgerAccount account = ledger.Accounts[entry.Account.Value - 1];
        return new ConsumptionView(account.Number, entry.Kind.ToString(), entry.Name, new Money(entry.Nanos, account.Currency), new Money(entry.BalanceAfterNanos, account.Currency), entry.At);
    }

    private static PackageView View(Ledger ledger, CurrentPackage package)
    {
        LedgerAccount account = ledger.Accounts[package.Account.Value - 1];
        return new PackageView
        {
            Id = package.Id,
            Account = account.Number,
            Package = package.Terms.Name,
            Order = package.Order,
            From = package.From,
            Until = package.Until,
            Rent = new Money(package.Terms.RentNanos, account.Currency),
            Spent = new Money(package.ConsumedNanos, account.Currency),
            MinConsumption = new Money(package.Terms.MinConsumptionNanos, account.Currency),
            GiftMoneyLeft = new Money(package.GiftNanosLeft, account.Currency),
            SecondsLeft = [.. package.SecondsLeft],
        };
    }

    private static PackageOrderView View(Ledger ledger, PackageOrderConfig order, Instant now)
    {
        Ledger.OrderState state = ledger.Order(order.Id);
        bool over = state.PutOffUntil == Instant.Never || order.Until <= now;
        return new PackageOrderView(order.Id, order.Package, state.First == Instant.Never ? null : state.PaidUntil, state.PaidUntil > now ? "current" : over ? "over" : "waiting");
    }
}
