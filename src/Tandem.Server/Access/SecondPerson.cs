using System.Collections.Concurrent;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Access;

/// <summary>
/// The rule of two persons (docs/users.md): a movement of money above SERVER_PAYMENT_CONFIRM_ABOVE waits until somebody else than who asked for it confirms it. Where the one
/// who asks cannot wait, it is refused. Each entry is confirmed or refused by one at a time; what was booked never stands as refused.
/// </summary>
internal sealed class SecondPerson(ApiParts parts, AccessBook book)
{
    private const string Confirmed = "confirmed", Refused = "refused";

    // Being confirmed or refused now. Not written: after a crash an entry waits on, and its id is booked once however often it is confirmed.
    private readonly ConcurrentDictionary<string, bool> _claimed = new(StringComparer.Ordinal);

    /// <summary>Whether anything needs a second person.</summary>
    public bool IsAsked => parts.Authentication().PaymentConfirmAbove > 0;

    public bool IsAbove(long nanos) => IsAbove(nanos, parts.Authentication().PaymentConfirmAbove);

    /// <summary>Of one who is answered at once and cannot wait (the Web API): why an amount is refused, in words; null: it is not.</summary>
    public static string? Refuse(ApiParts parts, long nanos) => parts.Authentication().PaymentConfirmAbove is var above && IsAbove(nanos, above)
        ? $"more than {above} (SERVER_PAYMENT_CONFIRM_ABOVE) needs a second person, which the Web API cannot wait for: ask for it by the switch's own API or command line"
        : null;

    /// <summary>Lets a movement of money wait; null: it need not, or it is booked already and booking it again says so. Asking again with the same id and content changes nothing.</summary>
    public async Task<Answer<PendingPaymentView>?> HoldAsync(PendingPayment asked, Asker asker, CancellationToken stop)
    {
        if (!Needs(asked) || await BookedAsync(asked, stop) is not null) return null;
        Instant now = parts.Now();
        PendingPayment waiting = asked with { AtMicros = now.Micros, By = asker.Name, Person = asker.Person };
        PendingPayment? before = null;
        bool full = false;
        book.Change(state => (before = state.Pending.Find(p => p.Id == waiting.Id)) is not null || (full = state.Pending.Count >= AccessBook.MostPending) ? null : state with
        {
            Pending = state.Pending.Add(waiting),
            Changes = state.Changes.Add(AccessBook.Note(now, asker.Name, What(waiting.Id), null, Words(waiting))),
        });
        if (full) return new Fault(FaultKind.Conflict, $"{AccessBook.MostPending} payments wait already: have some confirmed or refused");
        if (before is not null && before with { AtMicros = 0, By = "", Memo = "" } != waiting with { AtMicros = 0, By = "", Memo = "" }) return new Fault(FaultKind.Conflict, $"another payment waits under the id {waiting.Id}");
        return PendingPaymentView.Of(before ?? waiting);
    }

    /// <summary>Books what waits, by both; what cannot be booked waits on.</summary>
    /// <param name="id">Of the entry.</param>
    /// <param name="asker">The second person.</param>
    /// <param name="bookAsync">Books it by these names.</param>
    public Task<Answer<T>> ConfirmAsync<T>(string id, Asker asker, Func<PendingPayment, string, Task<Answer<T>>> bookAsync)
        where T : class => ClaimedAsync(id, async waiting =>
    {
        if (asker.Person == waiting.Person) return new Fault(FaultKind.Forbidden, $"payment {id} was asked for by {waiting.By}: somebody else must confirm it");
        Answer<T> booked = await bookAsync(waiting, $"{waiting.By}+{asker.Name}");
        if (booked.Fault is null) Take(waiting, asker, Confirmed);
        return booked;
    });

    /// <summary>Takes what waits off the list, unbooked.</summary>
    public Task<Answer<PendingPaymentView>> RefuseAsync(string id, Asker asker, CancellationToken stop) => ClaimedAsync<PendingPaymentView>(id, async waiting =>
    {
        // The switch stopped between booking it and taking it off.
        bool booked = await BookedAsync(waiting, stop) is { } entry && entry.Account == waiting.Account && (waiting.Kind == PendingKind.Zero ? entry.Kind == nameof(PendingKind.Zero) : entry.Amount.Nanos == waiting.Nanos);
        Take(waiting, asker, booked ? Confirmed : Refused);
        return booked ? new Fault(FaultKind.Conflict, $"payment {id} is booked already; it can be reversed") : PendingPaymentView.Of(waiting);
    });

    // What re-rating comes to nobody knows before.
    private bool Needs(PendingPayment asked) => asked.Kind == PendingKind.Rerate ? IsAsked : IsAbove(asked.Nanos);

    private static bool IsAbove(long nanos, int confirmAbove) => confirmAbove > 0 && Int128.Abs(nanos) > (Int128)confirmAbove * Money.NanosPerUnit;

    private async Task<Answer<T>> ClaimedAsync<T>(string id, Func<PendingPayment, Task<Answer<T>>> doAsync)
        where T : class
    {
        if (!_claimed.TryAdd(id, true)) return new Fault(FaultKind.Conflict, $"payment {id} is being confirmed or refused at this moment");
        try
        {
            return book.State.Pending.Find(p => p.Id == id) is { } waiting ? await doAsync(waiting) : new Fault(FaultKind.NotFound, $"No payment {id} waits.");
        }
        finally
        {
            _claimed.TryRemove(id, out _);
        }
    }

    private void Take(PendingPayment waiting, Asker asker, string how) => book.Change(state => state with
    {
        Pending = state.Pending.RemoveAll(p => p.Id == waiting.Id),
        Changes = state.Changes.Add(AccessBook.Note(parts.Now(), asker.Name, What(waiting.Id), Words(waiting), how)),
    });

    private async Task<PaymentEntryView?> BookedAsync(PendingPayment asked, CancellationToken stop)
    {
        string? payment = asked.Kind switch
        {
            PendingKind.Payment or PendingKind.Reversal or PendingKind.Zero => asked.Id,
            PendingKind.Card => StockCardConfig.PaymentOf(asked.Reference),
            _ => null, // no payment
        };
        return payment is null ? null : (await parts.Money.PaymentAsync(payment, stop)).Value;
    }

    private static string What(string id) => $"pendingPayments[{id}]";

    private static string Words(PendingPayment waiting) => waiting.Kind == PendingKind.Rerate ? $"re-rating by {waiting.Reference}" : $"{PendingPaymentView.Of(waiting).Amount} to {waiting.Account}{waiting.Kind switch
    {
        PendingKind.Reversal => $", taking {waiting.Reference} back",
        PendingKind.Zero => ", bringing it to zero",
        PendingKind.Card => $", by card {waiting.Reference}",
        PendingKind.Call => ", a call made elsewhere",
        PendingKind.Package => $", ending package {waiting.Reference}",
        _ => "",
    }}";
}
