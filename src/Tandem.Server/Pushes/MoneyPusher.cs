using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Server.CdrDelivery.Reports;
using Tandem.Server.Hosting;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;

namespace Tandem.Server.Pushes;

/// <summary>
/// Pushes what becomes of balances by other things than calls (CustomerMoneyChange), out of the journal: in order, each at least once, from the position it keeps. While there is no server the position
/// moves on: what happened then is not pushed later.
/// </summary>
internal sealed class MoneyPusher : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500), FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);
    private const int AtOnce = 100, MostRecords = 20_000;

    private readonly SwitchHost _host;
    private readonly Func<PushServer> _server;
    private readonly PushLink _link;
    private readonly Action<string> _say;
    private readonly DurablePosition _kept;
    private readonly PeriodicTimer _timer = new(Every);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private long _position;

    public MoneyPusher(SwitchHost host, Func<PushServer> server, PushLink link, Action<string> say)
    {
        (_host, _server, _link, _say) = (host, server, link, say);
        _kept = new DurablePosition(Path.Combine(host.Options.DataFolder, "push"));
        if (!_kept.TryRead(out _position, out _) || _position > host.Books.Journal.Position) _position = host.Books.Journal.Position;
        _run = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _timer.Dispose();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        TimeSpan pause = FirstPause;
        string? trouble = null;
        while (await _timer.WaitForNextTickAsync())
        {
            try
            {
                while (await TurnAsync())
                {
                    // As long as there is more.
                }
                pause = FirstPause;
                trouble = null;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or DataFolderException or UnavailableException)
            {
                if (trouble != e.Message) _say($"Changes of balances cannot be pushed ({e.Message}); they wait in the journal and are pushed when it can be.");
                trouble = e.Message;
                try
                {
                    await Task.Delay(pause, _stop.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task<bool> TurnAsync()
    {
        long end = _host.Books.Journal.DurablePosition;
        if (_server().IsNone)
        {
            _position = end;
            return false;
        }
        if (_position >= end) return false;
        (List<(AccountId Account, long Balance)> changes, long next) = Read();
        if (changes.Count > 0)
        {
            (string Number, Currency Currency)[] accounts = await _host.Control.OnLedger((ledger, _) => changes.Select(c => ledger.Accounts[c.Account.Value - 1]).Select(static a => (a.Number, a.Currency)).ToArray()).WaitAsync(_stop.Token);
            for (int i = 0; i < changes.Count; i++)
                await _link.SendAsync(_server(), PushPages.CustomerMoneyChange, PushPages.Money(accounts[i].Number, new Money(changes[i].Balance, accounts[i].Currency)), _stop.Token);
        }
        _kept.Write(next);
        _position = next;
        return _position < end;
    }

    private (List<(AccountId, long)> Changes, long Next) Read()
    {
        List<(AccountId, long)> changes = [];
        using JournalReader reader = _host.Books.Journal.OpenReader(_position);
        long next = _position;
        for (int i = 0; i < MostRecords && changes.Count < AtOnce && reader.TryRead(out JournalRecord record); i++)
        {
            next = record.Next;
            if (Of(record) is { } change) changes.Add(change);
        }
        return (changes, next);
    }

    private static (AccountId, long)? Of(in JournalRecord record) => record.Type switch
    {
        JournalRecordType.Payment when Records.TryRead(record.Payload, out Payment payment) => (payment.Account, payment.BalanceAfterNanos),
        JournalRecordType.PackageBegun when Records.TryRead(record.Payload, out PackageBegun begun) && begun.Terms.RentNanos > 0 => (begun.Account, begun.BalanceAfterNanos),
        JournalRecordType.PackageEnded when Records.TryRead(record.Payload, out PackageEnded ended) && ended.ShortfallNanos > 0 => (ended.Account, ended.BalanceAfterNanos),
        JournalRecordType.PhoneMonth when Records.TryRead(record.Payload, out PhoneMonth month) && month.Nanos > 0 => (month.Account, month.BalanceAfterNanos),
        _ => null,
    };
}
