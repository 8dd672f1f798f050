using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Journal;

/// <summary>
/// An account's statement: every change of its balance in a time, line by line, from the journal; a text that can be checked without this program
/// (docs/statements.md). Amounts are whole nanos of the currency, so that every tool adds them exactly.
/// </summary>
public static class Statement
{
    /// <param name="folder">The journal's folder; it may be written meanwhile.</param>
    /// <param name="account">The account's number.</param>
    /// <param name="from">The first moment of it.</param>
    /// <param name="until">Behind its last.</param>
    /// <returns>Null when there is no such account.</returns>
    /// <exception cref="JournalCorruptException">A record is damaged.</exception>
    public static string? Of(string folder, string account, Instant from, Instant until)
    {
        StringBuilder lines = new();
        AccountId id = AccountId.None;
        Currency currency = default;
        long balance = 0, opening = 0;
        int accounts = 0, count = 0;
        string seal = "-", sealedTo = "0";
        void Line(Instant at, string what, string reference, long nanos, long after, string text)
        {
            if (at < from)
            {
                opening = after;
            }
            else if (at < until)
            {
                count++;
                lines.Append(at).Append('|').Append(what).Append('|').Append(Clean(reference)).Append('|').Append(nanos).Append('|').Append(after).Append('|').Append(Clean(text)).Append('\n');
            }
            balance = after;
        }

        using JournalReader reader = JournalReader.Offline(folder);
        while (reader.TryRead(out JournalRecord record))
        {
            if (record.At >= until) break;
            switch (record.Type)
            {
                case JournalRecordType.AccountOpened when Records.TryRead(record.Payload, out AccountOpened opened):
                    accounts++;
                    if (opened.Number == account) (id, currency) = (opened.Account, opened.Currency);
                    break;
                case JournalRecordType.Seal when JournalChain.TryRead(record.Payload, out _, out ReadOnlySpan<byte> head):
                    (seal, sealedTo) = (Convert.ToHexStringLower(head), record.Position.ToString(CultureInfo.InvariantCulture));
                    break;
                case JournalRecordType.Payment when Records.TryRead(record.Payload, out Payment payment) && payment.Account == id:
                    Line(record.At, payment.Kind.ToString().ToLowerInvariant(), payment.Id, payment.Nanos, payment.BalanceAfterNanos, payment.Reference.Length > 0 ? $"{payment.Reference} {payment.Memo}".TrimEnd() : payment.Memo);
                    break;
                case JournalRecordType.PackageBegun when Records.TryRead(record.Payload, out PackageBegun begun) && begun.Account == id && begun.Terms.RentNanos != 0:
                    Line(record.At, "rent", begun.Id, -begun.Terms.RentNanos, begun.BalanceAfterNanos, begun.Terms.Name);
                    break;
                case JournalRecordType.PackageEnded when Records.TryRead(record.Payload, out PackageEnded ended) && ended.Account == id && ended.ShortfallNanos != 0:
                    Line(record.At, "shortfall", ended.Package.ToString(CultureInfo.InvariantCulture), -ended.ShortfallNanos, ended.BalanceAfterNanos, "");
                    break;
                case JournalRecordType.PhoneMonth when Records.TryRead(record.Payload, out PhoneMonth month) && month.Account == id && month.Nanos != 0:
                    Line(record.At, month.Kind == ConsumptionKind.PhoneRent ? "rent" : "shortfall", month.Id, -month.Nanos, month.BalanceAfterNanos, month.Phone);
                    break;
                case JournalRecordType.CallClosed when id != AccountId.None && Records.TryRead(record.Payload, out CallClosed closed) && Concerns(closed, id):
                    Call(record, closed, id, Line);
                    break;
            }
        }
        if (id == AccountId.None) return null;
        StringBuilder text = new();
        text.Append("tandem-statement|1\n").Append("account|").Append(account).Append('|').Append(currency).Append("|nanos\n")
            .Append("period|").Append(from).Append('|').Append(until).Append('\n').Append("journal|").Append(sealedTo).Append('|').Append(seal).Append('\n')
            .Append("opening|").Append(opening).Append('\n').Append(lines).Append("closing|").Append(balance).Append('|').Append(count).Append('\n');
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        return text.Append("sha256|").Append(hash).Append('\n').ToString();
    }

    private static bool Concerns(in CallClosed closed, AccountId id)
    {
        if ((closed.Payer == id && closed.SaleNanos != 0) || (closed.Clearing == id && closed.CostNanos != 0)) return true;
        foreach (WidePosting posting in closed.Wide ?? [])
        {
            if (posting.Account == id && posting.Nanos != 0) return true;
        }
        return false;
    }

    // An account that is charged twice for a call has two lines.
    private static void Call(in JournalRecord record, in CallClosed closed, AccountId id, Action<Instant, string, string, long, long, string> line)
    {
        if (!Records.TryReadCdr(record.Type, record.Payload, out Cdr? cdr)) return;
        if (closed.Wide is null && closed.Payer == id && closed.SaleNanos != 0) line(record.At, "call", closed.Call.ToString(), -closed.SaleNanos, closed.PayerBalanceAfterNanos, Of(cdr, cdr.Sale));
        for (int i = 0; i < (closed.Wide?.Length ?? 0); i++)
        {
            WidePosting posting = closed.Wide![i];
            if (posting.Account == id && posting.Nanos != 0) line(record.At, i == 0 ? "call" : "agent", closed.Call.ToString(), -posting.Nanos, posting.BalanceAfterNanos, Of(cdr, i == 0 ? cdr.Sale : cdr.Further[i - 1]));
        }
        if (closed.Clearing == id && closed.CostNanos != 0) line(record.At, "cost", closed.Call.ToString(), -closed.CostNanos, closed.ClearingBalanceAfterNanos, Of(cdr, cdr.Cost));
    }

    private static string Of(Cdr cdr, CallCharge? charge) =>
        charge is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{cdr.CallerE164} to {cdr.CalleeE164}, {cdr.HoldTime.TotalSeconds:0.###} s talked, {charge.BilledSeconds} s billed of prefix {charge.RatePrefix} in deck {charge.Deck} {charge.DeckVersion}");

    // One line each, whatever an operator wrote.
    private static string Clean(string text) => string.Create(text.Length, text, static (to, t) =>
    {
        for (int i = 0; i < t.Length; i++) to[i] = t[i] == '|' || char.IsControl(t[i]) ? ' ' : t[i];
    });
}
