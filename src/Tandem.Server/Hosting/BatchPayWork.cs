using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Billing;

namespace Tandem.Server.Hosting;

/// <summary>Books the rows of a batch, some in each turn of the ledger, durable before the next are begun. Broken off, what was booked stays and the same batch again does the rest: an id books once.</summary>
/// <param name="host">The switch.</param>
/// <param name="rows">To be booked, in order.</param>
/// <param name="settled">Rows that are not: refused already, or waiting for a second person.</param>
/// <param name="by">Who asked.</param>
internal sealed class BatchPayWork(SwitchHost host, IReadOnlyList<BatchRow> rows, IReadOnlyList<BatchRowView> settled, string by)
{
    private const int AtOnce = 256;

    private readonly List<BatchRowView> _notBooked = [.. settled];
    private readonly SortedDictionary<string, (Currency Currency, int Payments, long Nanos)> _sums = new(StringComparer.Ordinal);
    private int _booked, _repeated, _refused = settled.Count(static s => s.Outcome == "refused");

    public async Task<object> RunAsync(JobProgress progress, CancellationToken stop)
    {
        for (int from = 0; from < rows.Count; from += AtOnce)
        {
            stop.ThrowIfCancellationRequested();
            (int first, int last) = (from, Math.Min(rows.Count, from + AtOnce));
            // Not left by a cancellation: what it booked is told.
            long position = await host.Control.OnLedger((ledger, now) => Book(ledger, first, last, now));
            if (!await host.Books.Journal.WhenDurable(position)) throw new IOException("The journal cannot be written: send the same batch again when it can, nothing of it is booked twice.");
            progress.Say(last / (double)rows.Count, $"{last} of {rows.Count} rows, {_refused} refused");
        }
        return new BatchPaidView
        {
            Rows = rows.Count + settled.Count, Booked = _booked, Repeated = _repeated, Waiting = settled.Count(static s => s.Outcome == "waiting"), Refused = _refused,
            Sums = [.. _sums.Values.Select(static s => new BatchSumView(s.Currency, s.Payments, new Money(s.Nanos, s.Currency)))],
            NotBooked = [.. _notBooked.OrderBy(static r => r.Row).Take(BatchPaidView.MostTold)],
        };
    }

    private long Book(Ledger ledger, int first, int last, Instant now)
    {
        for (int i = first; i < last; i++)
        {
            (int number, PaymentOrder order) = (rows[i].Row, rows[i].Order);
            if (!ledger.TryFindAccount(order.Account, out LedgerAccount? account))
            {
                Told(number, order, "refused", $"There is no account {order.Account}.");
                continue;
            }
            LedgerOutcome outcome = ledger.Pay(order.Id, account.Id, order.Nanos, order.Memo, by, now, null);
            if (outcome == LedgerOutcome.Done)
            {
                _booked++;
                string currency = account.Currency.ToString();
                (Currency Currency, int Payments, long Nanos) sum = _sums.GetValueOrDefault(currency);
                _sums[currency] = (account.Currency, sum.Payments + 1, sum.Nanos + order.Nanos);
            }
            else Told(number, order, outcome == LedgerOutcome.AlreadyDone ? "repeated" : "refused", outcome.Says());
        }
        return host.Books.Journal.Position;
    }

    private void Told(int row, PaymentOrder order, string outcome, string says)
    {
        if (outcome == "repeated") _repeated++;
        else _refused++;
        if (_notBooked.Count < BatchPaidView.MostTold * 2) _notBooked.Add(new BatchRowView(row, order.Id, order.Account, outcome, says));
    }
}
