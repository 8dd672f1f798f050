using System.Diagnostics;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.Storage.Journal;

/// <summary>What the journal proves by itself: charges and balances, its hash chain, an account's statement.</summary>
public sealed class ProofTests : IDisposable
{
    private const long Unit = Money.NanosPerUnit;
    private static readonly JournalOptions Small = new(64 << 10, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), 4 << 20);
    private static readonly Instant Day = Instant.FromUtc(new DateTime(2026, 4, 26, 0, 0, 0, DateTimeKind.Utc));
    private static readonly Tariff Sale = new(600_000_000, 20_000_000, 6, 6, Currency.Usd);
    private static readonly Tariff Agent = new(300_000_000, 0, 1, 1, Currency.Usd);
    private static readonly Tariff Cost = new(150_000_000, 0, 60, 60, Currency.Usd);

    private readonly string _folder = Directory.CreateTempSubdirectory("tandem-proof-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_charge_and_balance_of_a_day_is_equal_and_only_that_day_counts()
    {
        Write(calls: 300);
        Proof day = JournalProof.Run(_folder, Day, Day + TimeSpan.FromDays(1), 2);
        Assert.Equal([], day.Faults);
        Assert.Equal((300 * 3, 0L, 0L), (day.ChargesEqual, day.ChargesNot, day.BalancesNot));
        Assert.True(day.BalancesEqual == 900 && day.Holds);
        Proof next = JournalProof.Run(_folder, Day + TimeSpan.FromDays(1), Instant.Never, 1);
        Assert.Equal((0L, 1L), (next.ChargesEqual, next.BalancesEqual)); // the payment of the day after
    }

    [Fact]
    public void Several_threads_prove_what_one_proves_and_a_damaged_journal_ends_them_all()
    {
        Write(calls: 5_000, paid: 100_000 * Unit);
        Proof one = JournalProof.Run(_folder, default, Instant.Never, 1), three = JournalProof.Run(_folder, default, Instant.Never, 3);
        Assert.Equal((5_000 * 3, 0L, 0L, one.BalancesEqual), (three.ChargesEqual, three.ChargesNot, three.BalancesNot, three.BalancesEqual));
        Assert.Equal(one.ChargesEqual, three.ChargesEqual);
        string file = Directory.GetFiles(_folder, "*.journal").Order(StringComparer.Ordinal).ElementAt(2);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[20_000] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Throws<JournalCorruptException>(() => JournalProof.Run(_folder, default, Instant.Never, 3));
    }

    [Fact]
    public void A_charge_that_is_one_nano_off_is_found_and_named_and_hides_no_other()
    {
        using (JournalFile journal = JournalFile.Open(_folder, Small))
        {
            Ledger ledger = Open(journal, out AccountId customer, out AccountId agent, out AccountId carrier);
            Carry(ledger, journal, 1, 30, customer, agent, carrier);
            // Somebody writes a posting of his own.
            Cdr cdr = Call(2, customer, agent, carrier);
            Finish(cdr, 30);
            (cdr.Sale!.BilledSeconds, cdr.Sale.Nanos) = Pricing.Price(Sale, 30);
            cdr.Sale.Nanos++;
            (cdr.Further, cdr.Cost) = ([], null);
            ledger.OpenCall(cdr, customer, Unit, Day);
            ledger.CloseCall(cdr, cdr.Stop);
            Carry(ledger, journal, 3, 45, customer, agent, carrier);
            journal.WriteOut();
        }
        Proof proof = JournalProof.Run(_folder, default, Instant.Never, 1);
        Assert.False(proof.Holds);
        Assert.Equal((6L, 1L, 0L), (proof.ChargesEqual, proof.ChargesNot, proof.BalancesNot));
        Assert.Contains("its sale is 320000001 nanos in the CDR, 320000001 in the posting, and 320000000 is due", Assert.Single(proof.Faults));
    }

    [Fact]
    public void The_chain_holds_over_restarts_and_a_byte_changed_with_its_checksum_is_found()
    {
        Write(calls: 40);
        string noted = JournalChain.Verify(_folder, null).Head;
        Write(calls: 40, from: 1_000);
        ChainReport whole = JournalChain.Verify(_folder, noted);
        Assert.Null(whole.Fault);
        Assert.True(whole.Whole && whole.Seals >= 2 && whole.NotedAt > 0);
        Assert.Contains("is no seal of this journal", JournalChain.Verify(_folder, new string('0', 64)).Fault);

        Forge();
        ChainReport forged = JournalChain.Verify(_folder, null);
        Assert.False(forged.Whole);
        Assert.Contains("is not the hash of what stands before it", forged.Fault);
    }

    [Fact]
    public void A_statement_adds_up_and_a_partner_can_check_it_with_a_shell()
    {
        Write(calls: 20);
        string statement = Statement.Of(_folder, "1001", Day, Day + TimeSpan.FromDays(1))!;
        string[] lines = statement.TrimEnd('\n').Split('\n');
        Assert.Equal(("tandem-statement|1", $"opening|{500 * Unit}"), (lines[0], lines[4]));
        Assert.Equal(20, lines.Count(static l => l.Contains("|call|", StringComparison.Ordinal)));
        Assert.Null(Statement.Of(_folder, "nobody", Day, Instant.Never));
        Assert.Contains("|agent|", Statement.Of(_folder, "agent", Day, Instant.Never));
        Assert.Contains("|cost|", Statement.Of(_folder, "carrier", Day, Instant.Never));

        if (!File.Exists("/bin/sh")) Assert.Skip("there is no /bin/sh here");
        string script = Path.Combine(_folder, "check.sh"), file = Path.Combine(_folder, "statement.txt");
        File.WriteAllText(script, File.ReadAllText(Checkout.Path("docs", "statements.md")).Split("```sh\n")[1].Split("```")[0]);
        File.WriteAllText(file, statement);
        Assert.Equal((0, "the statement is whole and adds up\n"), Run(script, file));
        File.WriteAllText(file, statement.Replace("|call|", "|Call|", StringComparison.Ordinal));
        Assert.Equal(1, Run(script, file).Code);
    }

    private static (int Code, string Output) Run(string script, string file)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", [script, file]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return (shell.ExitCode, output);
    }

    private void Write(int calls, int from = 0, long paid = 0)
    {
        // Room for all of it in memory: how fast the disk is decides nothing.
        using JournalFile journal = JournalFile.Open(_folder, calls < 1_000 ? Small : Small with { SegmentBytes = 1 << 20, MaxStagedBytes = 64 << 20 });
        Ledger ledger;
        if (from == 0)
        {
            ledger = Open(journal, out _, out _, out _);
        }
        else
        {
            LedgerFold fold = new(new Ledger(journal));
            using JournalReader reader = journal.OpenReader(0);
            while (reader.TryRead(out JournalRecord record)) fold.Apply(record.Type, record.At, record.Payload, record.Position);
            Assert.Empty(fold.Faults);
            ledger = fold.Ledger;
        }
        if (paid > 0) ledger.Pay($"before {from}", new AccountId(1), paid, "", "", Day - TimeSpan.FromHours(1));
        if (paid > 0) ledger.Pay($"agent {from}", new AccountId(2), paid, "", "", Day - TimeSpan.FromHours(1));
        for (int i = 1; i <= calls; i++) Carry(ledger, journal, from + i, i % 61, new AccountId(1), new AccountId(2), new AccountId(3));
        // On disk before the last records are made, which say so: damage before them cannot be taken for a torn end, however slow the disk is.
        while (!journal.WriteOut()) Assert.True(journal.WaitDurable(journal.WrittenPosition, TimeSpan.FromMinutes(1)));
        Assert.True(journal.WaitDurable(journal.Position, TimeSpan.FromMinutes(1)));
        ledger.Pay($"later {from}", new AccountId(1), Unit, "", "", Day + TimeSpan.FromDays(1));
        journal.SealIfDue(Day + TimeSpan.FromDays(2), TimeSpan.Zero);
        while (!journal.WriteOut()) Assert.True(journal.WaitDurable(journal.WrittenPosition, TimeSpan.FromMinutes(1)));
    }

    private static Ledger Open(JournalFile journal, out AccountId customer, out AccountId agent, out AccountId carrier)
    {
        Ledger ledger = new(journal);
        Instant before = Day - TimeSpan.FromHours(1);
        ledger.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 0, false, before, out customer);
        ledger.OpenAccount("agent", Currency.Usd, AccountKind.Ordinary, 100 * Unit, false, before, out agent);
        ledger.OpenAccount("carrier", Currency.Usd, AccountKind.Clearing, 0, false, before, out carrier);
        ledger.Pay("first", customer, 500 * Unit, "a | b", "", before);
        return ledger;
    }

    private static void Carry(Ledger ledger, JournalFile journal, int id, int seconds, AccountId customer, AccountId agent, AccountId carrier)
    {
        Cdr cdr = Call(id, customer, agent, carrier);
        Assert.Equal(LedgerOutcome.Done, ledger.OpenCall(cdr, 60, cdr.Start));
        Finish(cdr, seconds);
        (cdr.Cost!.BilledSeconds, cdr.Cost.Nanos) = Pricing.Price(Cost, seconds);
        Assert.Equal(LedgerOutcome.Done, ledger.CloseCall(cdr, cdr.Stop));
        if (id % 7 == 0) journal.WriteOut();
        if (id % 50 == 0) journal.SealIfDue(cdr.Stop, TimeSpan.Zero);
    }

    private static Cdr Call(int id, AccountId customer, AccountId agent, AccountId carrier) => new()
    {
        Call = new CallId(id), Start = Day + TimeSpan.FromSeconds(id), CallerE164 = "49301", CalleeE164 = "44123", Rules = BillingRules.Plain,
        Sale = new CallCharge { Account = customer, AccountNumber = "1001", Tariff = Sale, RatePrefix = "44", Deck = "retail" },
        Further = [new CallCharge { Account = agent, AccountNumber = "agent", Tariff = Agent }],
        Cost = new CallCharge { Account = carrier, AccountNumber = "carrier", Tariff = Cost },
    };

    private static void Finish(Cdr cdr, int seconds)
    {
        cdr.Answered = cdr.Start;
        cdr.Stop = cdr.Start + TimeSpan.FromSeconds(seconds);
    }

    // One byte of the first payment's memo, and all checksums behind it made right again: what somebody with the files can do.
    private void Forge()
    {
        string path = Path.Combine(_folder, JournalFormat.FileName(0));
        byte[] bytes = File.ReadAllBytes(path);
        int at = bytes.AsSpan().IndexOf("a | b"u8);
        bytes[at] = (byte)'A';
        ulong previous = 0;
        bool first = true;
        foreach (long start in JournalFormat.Segments(_folder))
        {
            string file = Path.Combine(_folder, JournalFormat.FileName(start));
            byte[] segment = start == 0 ? bytes : File.ReadAllBytes(file);
            for (int i = JournalFormat.SegmentHeaderBytes; i + JournalFormat.RecordHeaderBytes <= segment.Length;)
            {
                RecordHeader header = JournalFormat.ReadHeader(segment.AsSpan(i));
                if (header.IsBlank) break;
                if (!first) System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(segment.AsSpan(i + 8), previous);
                first = false;
                previous = System.IO.Hashing.XxHash3.HashToUInt64(segment.AsSpan(i + 8, JournalFormat.RecordHeaderBytes + header.Length - 8));
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(segment.AsSpan(i), previous);
                i += JournalFormat.RecordBytes(header.Length);
            }
            File.WriteAllBytes(file, segment);
        }
    }
}
