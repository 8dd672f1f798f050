using System.Diagnostics;
using System.Globalization;
using Tandem.Bench.Cdrs;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Bench.Ledgers;

/// <summary>What something took.</summary>
/// <param name="Wall">Until the last of it was on disk.</param>
/// <param name="Cpu">Of the whole process.</param>
internal readonly record struct Taken(TimeSpan Wall, TimeSpan Cpu)
{
    public static Taken operator +(Taken a, Taken b) => new(a.Wall + b.Wall, a.Cpu + b.Cpu);
}

/// <summary>
/// Paid calls as the ledger meets them: the first slice held, answered, held further, closed with sale and cost; each of another account, so many open at a time. The records of the calls are
/// made beforehand and not measured.
/// </summary>
/// <param name="ledger">With the accounts 1 to <paramref name="accounts"/>, which have money.</param>
/// <param name="journal">The ledger's, to be written out; null: it is none that could be.</param>
/// <param name="accounts">How many.</param>
/// <param name="carrier">The clearing account.</param>
internal sealed class MoneyCalls(Ledger ledger, JournalFile? journal, int accounts, AccountId carrier)
{
    /// <summary>Records a call makes.</summary>
    public const int Verbs = 4;

    /// <summary>Verbs between two writes.</summary>
    public const int VerbsATurn = 256;

    private const int Chunk = 20_000, OpenAtOnce = 5_000;

    private static readonly BillingRules Rules = BillingRules.Plain;
    private static readonly Tariff SaleTariff = new(12_000_000, 0, 60, 6, Currency.Usd), CostTariff = new(9_000_000, 0, 1, 1, Currency.Usd);

    /// <summary>Runs so many calls, from the one of number <paramref name="first"/>; none can be run twice.</summary>
    public Taken Run(int first, int count, CancellationToken stop)
    {
        Taken all = default;
        for (int done = 0; done < count; done += Chunk)
        {
            stop.ThrowIfCancellationRequested();
            Cdr[] calls = new Cdr[Math.Min(Chunk, count - done)];
            for (int i = 0; i < calls.Length; i++) calls[i] = Make(first + done + i);
            GC.Collect(0);
            (long began, TimeSpan cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            for (int i = 0; i < calls.Length + OpenAtOnce; i++)
            {
                if (i < calls.Length) Begin(calls[i]);
                if (i >= OpenAtOnce && i - OpenAtOnce < calls.Length) End(calls[i - OpenAtOnce]);
                // What a turn of a busy loop writes at once, and a seal for each minute of calls.
                if (journal is null || i % (VerbsATurn / Verbs) != 0) continue;
                journal.SealIfDue(calls[Math.Min(i, calls.Length - 1)].Start, TimeSpan.FromMinutes(1));
                Disks.WriteOut(journal, stop);
            }
            if (journal is not null) Disks.WaitDurable(journal, stop);
            all += new Taken(Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - cpu);
        }
        return all;
    }

    private readonly Cdr _atEnd = CallOf31Days.Make(0, 1);

    private void Begin(Cdr call)
    {
        Done(ledger.OpenCall(call, 60, call.Start), "opened");
        Done(ledger.AnswerCall(call, call.Start), "answered");
        Done(ledger.ExtendTo(call.Call, 200, call.Start), "extended");
    }

    // What a call has at its end only: its story, its media, its attempts.
    private void End(Cdr call)
    {
        (call.DecisionLog, call.Tried, call.CallerMedia, call.CalleeMedia) = (_atEnd.DecisionLog, _atEnd.Tried, _atEnd.CallerMedia, _atEnd.CalleeMedia);
        int seconds = Rules.Billable(call.HoldTime);
        (call.Sale!.BilledSeconds, call.Sale.Nanos) = Rules.Price(call.Sale.Tariff, seconds);
        (call.Cost!.BilledSeconds, call.Cost.Nanos) = Rules.Price(call.Cost.Tariff, seconds);
        Done(ledger.CloseCall(call, call.Stop), "closed");
    }

    private static void Done(LedgerOutcome outcome, string what)
    {
        if (outcome != LedgerOutcome.Done) throw new BenchException($"a call was not {what}: {outcome.Says()}");
    }

    private Cdr Make(int n)
    {
        // As many calls as may ever be asked for have an instant of their own within the 31 days.
        Cdr call = CallOf31Days.Make(n, 20_000_000);
        call.Call = CallId.Mint(call.Start, 1, n);
        call.Answered = call.Start + TimeSpan.FromSeconds(5);
        call.Stop = call.Answered + TimeSpan.FromMilliseconds(5_000 + (n * 7_919L % 190_000));
        call.EndReason = 200;
        call.Rules = Rules;
        (call.DecisionLog, call.Tried, call.CallerMedia, call.CalleeMedia) = ([], [], default, default);
        int payer = (int)(unchecked((uint)n * 2_654_435_761) % (uint)accounts) + 1;
        call.Sale = call.Sale! with { Account = new AccountId(payer), AccountNumber = NumberOf(payer), Tariff = SaleTariff };
        call.Cost = call.Cost! with { Account = carrier, Tariff = CostTariff };
        return call;
    }

    /// <summary>The number of the account of an id.</summary>
    public static string NumberOf(int id) => string.Create(CultureInfo.InvariantCulture, $"A{id:D7}");
}
