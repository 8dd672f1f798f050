using Tandem.Server.Storage.Journal;

namespace Tandem.Bench.Ledgers;

/// <summary>Writing a journal faster than a switch would: where the next segment is not made yet, it is waited for, and that time counts.</summary>
internal static class Disks
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static void WriteOut(JournalFile journal, CancellationToken stop)
    {
        while (!journal.WriteOut())
        {
            stop.ThrowIfCancellationRequested();
            if (journal.Trouble is { } trouble) throw new BenchException(trouble);
            Thread.Sleep(1);
        }
    }

    public static void WaitDurable(JournalFile journal, CancellationToken stop)
    {
        WriteOut(journal, stop);
        if (!journal.WaitDurable(journal.Position, Patience)) throw new BenchException(journal.Trouble ?? "the journal was not on disk within a minute");
    }
}
