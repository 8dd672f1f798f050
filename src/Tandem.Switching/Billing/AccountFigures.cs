using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>
/// The ledger's figures for whoever decides on another thread: written by the ledger after each change, read by anyone without a lock. A
/// figure may be a moment old by the time it is used; what is promised is promised by the ledger alone.
/// </summary>
public sealed class AccountFigures : Routing.Selection.IAccountMoney
{
    private const int PageBits = 12;
    private const int PageSize = 1 << PageBits;

    private long[][] _pages = [];

    /// <summary>What a new reservation could take, nanos of the account's currency; 0 for an account that does not exist.</summary>
    public long Available(AccountId id) => Read((id.Value - 1) * 2);

    /// <summary>Nanos; 0 for an account that does not exist.</summary>
    public long Balance(AccountId id) => Read(((id.Value - 1) * 2) + 1);

    internal void Note(LedgerAccount account)
    {
        int at = (account.Id.Value - 1) * 2;
        int page = at >> PageBits;
        if (page >= _pages.Length)
        {
            long[][] more = new long[Math.Max(4, page * 2)][];
            _pages.CopyTo(more, 0);
            for (int i = _pages.Length; i < more.Length; i++) more[i] = [];
            Volatile.Write(ref _pages, more);
        }
        if (_pages[page].Length == 0) Volatile.Write(ref _pages[page], new long[PageSize]);
        Volatile.Write(ref _pages[page][at & (PageSize - 1)], account.AvailableNanos);
        Volatile.Write(ref _pages[page][(at & (PageSize - 1)) + 1], account.BalanceNanos);
    }

    private long Read(int at)
    {
        long[][] pages = Volatile.Read(ref _pages);
        if (at < 0 || at >> PageBits >= pages.Length) return 0;
        long[] page = Volatile.Read(ref pages[at >> PageBits]);
        return page.Length == 0 ? 0 : Volatile.Read(ref page[at & (PageSize - 1)]);
    }
}
