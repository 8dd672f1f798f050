using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Snapshots;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Tests.Server.Storage.Journal;

namespace Tandem.Tests.Server.Storage.Snapshots;

public sealed class BooksTests : IDisposable
{
    private static readonly Instant T0 = new(1_790_000_000_000_000);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tandem-books-");
    private readonly List<string> _configurations = [];
    private IReadOnlyDictionary<string, byte[]>? _states;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public void A_snapshot_and_the_tail_are_the_fold_from_the_start()
    {
        byte[] before;
        using (Session session = Start())
        {
            session.Books.Journal.Append(JournalRecordType.Configuration, T0, "one"u8);
            Work(session.Books.Ledger, 0, 40);
            session.Settle();
            byte[] state = session.Books.Ledger.Save();
            Assert.True(session.Books.TakeSnapshot(session.Books.Journal.Position, T0, state, new Dictionary<string, byte[]> { ["configuration"] = [1, 2] }));
            session.Books.Journal.Append(JournalRecordType.Configuration, T0, "two"u8);
            Work(session.Books.Ledger, 40, 40);
            session.Settle();
            before = session.Books.Ledger.Save();
        }
        using (Session session = Start())
        {
            Assert.Equal(["two"], _configurations);
            Assert.Equal([1, 2], _states!["configuration"]);
            Assert.Equal(before, session.Books.Ledger.Save());
            BooksReport report = session.Check();
            Assert.True(report.IsGreen, string.Join('\n', report.Faults.Concat(report.Differences)));
        }
        Directory.Delete(Path.Combine(_data.FullName, Books.SnapshotFolder), recursive: true);
        using (Session session = Start())
        {
            Assert.Equal(["one", "two"], _configurations);
            Assert.True(Ledger.TryLoad(session.Books.Journal, before, out Ledger? live));
            Assert.Empty(LedgerCheck.Compare(session.Books.Ledger, live));
        }
    }

    [Fact]
    public void A_damaged_snapshot_is_passed_over_and_said()
    {
        byte[] before;
        using (Session session = Start())
        {
            for (int i = 0; i < 4; i++)
            {
                Work(session.Books.Ledger, i * 10, 10);
                session.Settle();
                Assert.True(session.Books.TakeSnapshot(session.Books.Journal.Position, T0, session.Books.Ledger.Save(), new Dictionary<string, byte[]>()));
            }
            before = session.Books.Ledger.Save();
        }
        string[] snapshots = [.. Directory.GetFiles(Path.Combine(_data.FullName, Books.SnapshotFolder)).Order(StringComparer.Ordinal)];
        Assert.Equal(2, snapshots.Length); // the newest two are kept
        byte[] bytes = File.ReadAllBytes(snapshots[1]);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(snapshots[1], bytes);
        using Session again = Start();
        Assert.Contains("is damaged", Assert.Single(again.Books.Notices), StringComparison.Ordinal);
        Assert.NotNull(_states);
        Assert.Equal(before, again.Books.Ledger.Save());
    }

    [Fact]
    public void A_start_reads_the_journal_from_its_newest_snapshot_on_and_goes_on_with_checksums_and_seals()
    {
        using (Session session = Start())
        {
            for (int i = 0; i < 6; i++)
            {
                Work(session.Books.Ledger, i * 40, 40);
                session.Books.Journal.SealIfDue(T0 + TimeSpan.FromHours(i), TimeSpan.FromMinutes(1));
                session.Settle();
            }
            Assert.True(session.Books.TakeSnapshot(session.Books.Journal.Position, T0, session.Books.Ledger.Save(), new Dictionary<string, byte[]>()));
        }
        string journal = Path.Combine(_data.FullName, Books.JournalFolder);
        Assert.True(Directory.GetFiles(journal, "*.journal").Length > 2);
        using (Session session = Start())
        {
            Assert.InRange(session.Books.Journal.Recovered.Records, 0, 300); // of the last segment, not of all
            Work(session.Books.Ledger, 240, 40);
            session.Books.Journal.SealIfDue(T0 + TimeSpan.FromHours(9), TimeSpan.FromMinutes(1));
            session.Settle();
            Assert.True(session.Check().IsGreen);
        }
        ChainReport chain = JournalChain.Verify(journal, null);
        Assert.True(chain.Whole, chain.Fault);
        Assert.True(chain.Seals >= 6);
    }

    [Fact]
    public void A_snapshot_beyond_the_journals_end_is_removed()
    {
        using (Session session = Start())
        {
            Work(session.Books.Ledger, 0, 5);
            session.Settle();
            session.Books.Snapshots.Write(new Snapshot(session.Books.Journal.Position + 4096, T0, new Dictionary<string, byte[]> { [SnapshotStore.LedgerState] = [] }));
        }
        using Session again = Start();
        Assert.Contains("beyond the journal's end", Assert.Single(again.Books.Notices), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_data.FullName, Books.SnapshotFolder)));
        Assert.Equal(2, again.Books.Ledger.Accounts.Count);
    }

    [Fact]
    public void A_kill_at_any_turn_leaves_books_that_add_up_and_lost_calls_are_settled_once()
    {
        using Session session = Start();
        string journal = Path.Combine(_data.FullName, Books.JournalFolder);
        for (int turn = 0; turn < 12; turn++)
        {
            Work(session.Books.Ledger, turn * 7, 7);
            Assert.True(SpinWait.SpinUntil(session.Books.Journal.WriteOut, JournalFolder.Patience));
            string copy = Directory.CreateDirectory(Path.Combine(_data.FullName, $"killed-{turn}", Books.JournalFolder)).FullName;
            foreach (string file in Directory.GetFiles(journal, "*.journal"))
            {
                using FileStream from = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using FileStream to = File.Create(Path.Combine(copy, Path.GetFileName(file)));
                from.CopyTo(to);
            }
            Books reborn = Books.Open(Path.GetDirectoryName(copy)!, null, static (_, _) => { }, JournalFolder.Small);
            using (reborn.Journal)
            {
                Assert.Empty(LedgerCheck.Compare(session.Books.Ledger, reborn.Ledger));
                int lost = reborn.Ledger.Recover(T0 + TimeSpan.FromHours(1), 1000, 0);
                Assert.Equal(session.Books.Ledger.OpenCalls, lost);
                Assert.True(lost > 0);
                Assert.Equal(Int128.Zero, Assert.Single(reborn.Ledger.Totals()).ReservedNanos);
            }
            using BooksFold fold = BooksFold.Whole(JournalReader.Offline(copy));
            fold.ReadTo(long.MaxValue);
            fold.Hold(reborn.Ledger.Slice(0, int.MaxValue));
            BooksReport report = fold.Report();
            Assert.True(report.IsGreen, string.Join('\n', report.Faults.Concat(report.Differences)));
            Assert.Equal(0, report.OpenCalls);
        }
    }

    [Fact]
    public void The_check_names_what_the_live_ledger_has_wrong()
    {
        using Session session = Start();
        Work(session.Books.Ledger, 0, 5);
        session.Settle();
        Ledger wrong = new(new Deaf());
        wrong.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 0, false, T0, out _);
        BooksReport report = session.Check(wrong);
        Assert.False(report.IsGreen);
        Assert.Contains(report.Differences, static d => d.StartsWith("account 9001: expected, not found", StringComparison.Ordinal));
    }

    private Session Start()
    {
        _configurations.Clear();
        _states = null;
        return new Session(Books.Open(
            _data.FullName, states => _states = states, (_, payload) => _configurations.Add(System.Text.Encoding.UTF8.GetString(payload)), JournalFolder.Small));
    }

    /// <summary>A few accounts and calls, some closed, some still open.</summary>
    private static void Work(Ledger ledger, int from, int count)
    {
        ledger.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 0, false, T0, out AccountId payer);
        ledger.OpenAccount("9001", Currency.Usd, AccountKind.Clearing, 0, false, T0, out AccountId carrier);
        ledger.Pay($"pay-{from}", payer, Money.NanosPerUnit, "cash", "test", T0);
        Tariff tariff = new(60_000_000, 0, 6, 6, Currency.Usd);
        for (int n = from; n < from + count; n++)
        {
            Instant now = T0 + TimeSpan.FromSeconds(n);
            Cdr cdr = new()
            {
                Call = new CallId(n + 1), Start = now, Answered = now, Stop = now + TimeSpan.FromSeconds(n % 30), CalleeE164 = "44",
                Sale = new CallCharge { Account = payer, AccountNumber = "1001", Tariff = tariff }, Cost = new CallCharge { Account = carrier, AccountNumber = "9001", Tariff = tariff },
            };
            Assert.Equal(LedgerOutcome.Done, ledger.OpenCall(cdr, payer, 12_000_000, now));
            Assert.Equal(LedgerOutcome.Done, ledger.AnswerCall(cdr, now));
            if (n % 3 == 0) continue;
            (cdr.Sale.BilledSeconds, cdr.Sale.Nanos) = Pricing.Price(tariff, n % 12);
            (cdr.Cost.BilledSeconds, cdr.Cost.Nanos) = Pricing.Price(tariff, n % 12);
            Assert.Equal(LedgerOutcome.Done, ledger.CloseCall(cdr, now));
        }
    }

    private sealed record Session(Books Books) : IDisposable
    {
        public void Settle()
        {
            Assert.True(SpinWait.SpinUntil(Books.Journal.WriteOut, JournalFolder.Patience));
            Assert.True(Books.Journal.WaitDurable(Books.Journal.Position, JournalFolder.Patience));
        }

        public BooksReport Check(Ledger? live = null)
        {
            using BooksFold fold = BooksFold.Whole(Books.Journal.OpenReader(0));
            fold.ReadTo(Books.Journal.Position);
            fold.Hold((live ?? Books.Ledger).Slice(0, int.MaxValue));
            return fold.Report();
        }

        public void Dispose() => Books.Journal.Dispose();
    }

    private sealed class Deaf : IJournal
    {
        public long Position => 0;

        public bool AcceptsNewWork => true;

        public long Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload) => 0;
    }
}
