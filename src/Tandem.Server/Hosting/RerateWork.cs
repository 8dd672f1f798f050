using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Server.Hosting;

/// <summary>Rates the calls of a time again by a deck put right (docs/rerating.md): page by page, priced beside the ledger and put right in turns of it. Broken off, what was done stays and a second run does the rest.</summary>
internal sealed class RerateWork(SwitchHost host, RerateOrder order, string by)
{
    private const int PageSize = 500;
    private const int MostExamples = 100;

    private readonly Dictionary<(AccountId, string), Account> _accounts = [];
    private readonly SortedDictionary<string, (int Charges, long Before, long After, Currency Currency)> _sums = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _left = new(StringComparer.Ordinal);
    private readonly List<RerateChargeView> _examples = [];
    private readonly DeckRef _deck = host.Configuration.Current.Configuration.Decks[order.Deck];
    private readonly SwitchTables _tables = host.Tables.Current;
    private readonly ExchangeTable _exchanges = new(host.Configuration.Current.Configuration.ExchangeRates.Values);
    private long _calls, _charges, _right, _wrong;

    /// <summary>What is wrong with the order, in words; null: nothing.</summary>
    public static Fault? Refuse(SwitchHost host, ref RerateOrder order)
    {
        if (!host.Configuration.Current.Configuration.Decks.TryGetValue(order.Deck, out DeckRef? deck)) return new Fault(FaultKind.NotFound, $"There is no deck {order.Deck}.");
        if (order.Until <= order.Since) return new Fault(FaultKind.Invalid, "The time ends before it begins.", [new FieldFault(0, "until", "must be after 'since'")]);
        foreach ((string field, string? version) in new[] { ("version", order.Version), ("pricedBy", order.PricedBy) })
        {
            if (version is null) continue;
            if (host.Shelf.Named(version) is not { } found || found.Currency != deck.Currency) return new Fault(FaultKind.NotFound, $"'{version}' is no stored version in {deck.Currency}.", [new FieldFault(0, field, "is no stored version")]);
            order = field == "version" ? order with { Version = found.Version } : order with { PricedBy = found.Version };
        }
        return null;
    }

    public async Task<object> RunAsync(JobProgress progress, CancellationToken stop)
    {
        await host.Projector.CaughtUpAsync(TimeSpan.FromSeconds(10), stop);
        CdrCursor? after = null;
        do
        {
            stop.ThrowIfCancellationRequested();
            CdrPage page = await host.Cdrs.QueryAsync(new CdrQuery { Since = order.Since, Until = order.Until, Limit = PageSize, After = after }, order.Until, stop);
            List<Due> due = await Task.Run(() => Price(page.Cdrs), stop);
            long position = await host.Control.OnLedger((ledger, now) => Put(ledger, due, now)).WaitAsync(stop);
            if (order.Apply && due.Count > 0 && !await host.Books.Journal.WhenDurable(position)) throw new IOException("The journal cannot be written; what was put right before stays so, and a second run does the rest");
            _calls += page.Cdrs.Count;
            after = page.Next;
            // The newest come first.
            if (page.Cdrs.Count > 0) progress.Say((order.Until - page.Cdrs[^1].Stop) / (order.Until - order.Since), $"{_calls} calls, {_wrong} charges {(order.Apply ? "put right" : "wrong")}, back to {page.Cdrs[^1].Stop}");
        }
        while (after is not null);
        return new RerateView
        {
            Deck = order.Deck, Since = order.Since, Until = order.Until, Applied = order.Apply, Calls = _calls, Charges = _charges, Right = _right, Wrong = _wrong, Left = _left, Examples = _examples,
            Accounts = [.. _sums.Select(static s => new RerateAccountView(s.Key, s.Value.Charges, new Money(s.Value.Before, s.Value.Currency), new Money(s.Value.After, s.Value.Currency), new Money(s.Value.After - s.Value.Before, s.Value.Currency)))],
        };
    }

    private readonly record struct Due(CallId Call, int Role, CallCharge Charge, long Nanos, string Version);

    private List<Due> Price(IReadOnlyList<Cdr> cdrs)
    {
        List<Due> due = [];
        foreach (Cdr cdr in cdrs)
        {
            string forward = _tables.Settings.Billing.ForwardPrefix;
            string carrier = _tables.Routes.Gateways.FirstOrDefault(g => g.Name == cdr.CalleeGateway)?.RatePrefix ?? "";
            if (cdr.Sale is { } sale) Add(cdr, 0, sale, [forward, ""]);
            for (int i = 0; i < cdr.Further.Count; i++) Add(cdr, i + 1, cdr.Further[i], [forward, ""]);
            if (cdr.Cost is { } cost) Add(cdr, Ledger.CostRole, cost, [carrier, ""]);
        }
        return due;

        void Add(Cdr cdr, int role, CallCharge charge, string[] prefixes)
        {
            if (charge.Deck != order.Deck || charge.Account == AccountId.None || !cdr.WasAnswered || (order.PricedBy is { } only && charge.DeckVersion != only)) return;
            _charges++;
            string version = order.Version ?? _deck.VersionAt(cdr.Start);
            switch (Rerating.Price(cdr, charge, AccountBy(charge, version, cdr.Start), prefixes, out long nanos))
            {
                case RerateOutcome.Priced: due.Add(new Due(cdr.Call, role, charge, nanos, version)); break;
                case RerateOutcome.NoRate: Left("the deck has no rate for the number, or it is locked"); break;
                case RerateOutcome.NumberUnknown: Left("the number it was rated by is not in the record"); break;
                case RerateOutcome.NoExchange: Left("there is no rate of exchange for its day"); break;
                default: Left("it was not charged what its tariff gives: a crash ended it, or what was reserved bounded it"); break;
            }
        }
    }

    private void Left(string why) => _left[why] = _left.GetValueOrDefault(why) + 1;

    private Account AccountBy(CallCharge charge, string version, Instant at)
    {
        RateTable rates = host.Shelf.Rates(version, at);
        if (_accounts.TryGetValue((charge.Account, version), out Account? known) && known.Rates == rates) return known;
        WorkCalendar calendar = _tables.Calendar.In(rates.Zone);
        return _accounts[(charge.Account, version)] = new Account { Id = charge.Account, Number = charge.AccountNumber, Currency = charge.Tariff.Currency, Locked = false, Rates = rates, Calendar = calendar, Exchanges = _exchanges, DeckName = order.Deck, DeckVersion = version };
    }

    private long Put(Ledger ledger, List<Due> due, Instant now)
    {
        foreach ((CallId call, int role, CallCharge charge, long nanos, string version) in due)
        {
            long before = ledger.ChargeOf(call, role, charge.Nanos);
            if (before == nanos)
            {
                _right++;
                continue;
            }
            if (order.Apply)
            {
                LedgerOutcome outcome = ledger.Recharge(call, role, charge.Account, charge.Nanos, nanos, $"rated again by {order.Deck} {version[..12]}", by, now);
                if (outcome == LedgerOutcome.JournalUnavailable) throw new IOException("The journal cannot be written; what was put right before stays so, and a second run does the rest");
                if (outcome is not (LedgerOutcome.Done or LedgerOutcome.AlreadyDone))
                {
                    Left(outcome.Says());
                    continue;
                }
            }
            _wrong++;
            Currency currency = charge.Tariff.Currency;
            (int charges, long stood, long should, _) = _sums.GetValueOrDefault(charge.AccountNumber);
            _sums[charge.AccountNumber] = (charges + 1, checked(stood + before), checked(should + nanos), currency);
            if (_examples.Count < MostExamples) _examples.Add(new RerateChargeView(call, charge.AccountNumber, new Money(before, currency), new Money(nanos, currency)));
        }
        return host.Books.Journal.Position;
    }
}
