using System.Collections.Concurrent;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Journal;

/// <summary>Runs a <see cref="Proof"/> over a journal: one thread follows the books, others price the calls.</summary>
public static class JournalProof
{
    /// <param name="folder">The journal's folder; it may be written meanwhile.</param>
    /// <param name="from">What is proved, from here on.</param>
    /// <param name="until">And before here.</param>
    /// <param name="threads">That price; at least 1.</param>
    /// <exception cref="JournalCorruptException">A record is damaged.</exception>
    public static Proof Run(string folder, Instant from, Instant until, int threads)
    {
        Proof proof = new(from, until);
        using BlockingCollection<ProofBatch> work = new(threads * 4);
        ConcurrentBag<ProofBatch> free = [];
        Exception? broken = null;
        Thread[] pricing = new Thread[Math.Max(1, threads)];
        for (int i = 0; i < pricing.Length; i++)
        {
            pricing[i] = new Thread(() =>
            {
                try
                {
                    foreach (ProofBatch batch in work.GetConsumingEnumerable())
                    {
                        Proof.Verdict[] verdicts = new Proof.Verdict[batch.Calls.Count];
                        for (int v = 0; v < verdicts.Length; v++) verdicts[v] = Proof.Prove(batch.Calls[v]);
                        lock (proof)
                        {
                            foreach (Proof.Verdict verdict in verdicts) proof.Count(verdict);
                        }
                        batch.Clear();
                        free.Add(batch);
                    }
                }
                catch (Exception e) // told by the thread that asked; the queue is emptied so that it does not wait for us
                {
                    broken = e;
                    foreach (ProofBatch _ in work.GetConsumingEnumerable())
                    {
                    }
                }
            }) { IsBackground = true, Name = $"proof-{i}" };
            pricing[i].Start();
        }
        try
        {
            ProofBatch next = new();
            using JournalReader reader = JournalReader.InOnePass(folder);
            while (reader.TryRead(out JournalRecord record) && proof.Follow(record.Type, record.At, record.Payload, record.Position, next))
            {
                if (!next.IsFull) continue;
                work.Add(next);
                next = free.TryTake(out ProofBatch? used) ? used : new ProofBatch();
            }
            if (next.Calls.Count > 0) work.Add(next);
        }
        finally
        {
            work.CompleteAdding();
            foreach (Thread thread in pricing) thread.Join();
        }
        return broken is null ? proof : throw new InvalidOperationException("A call could not be proved.", broken);
    }
}
