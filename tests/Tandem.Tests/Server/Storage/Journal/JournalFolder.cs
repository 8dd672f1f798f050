using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Server.Storage.Journal;

/// <summary>A journal folder of a test's own, with small segments.</summary>
internal sealed class JournalFolder : IDisposable
{
    public static readonly JournalOptions Small = new(16 * 1024, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20), 1 << 20);
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("tandem-journal-");
    private int _copies;

    public JournalFolder() => Path = System.IO.Path.Combine(_root.FullName, "journal");

    public string Path { get; }

    public JournalFile Open(JournalDisk? disk = null, JournalOptions? options = null) => JournalFile.Open(Path, options ?? Small, disk);

    /// <summary>The files as another process would find them now: what a kill leaves.</summary>
    public string Copy()
    {
        string to = System.IO.Path.Combine(_root.FullName, $"copy-{_copies++}");
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(Path, "*.journal"))
        {
            using FileStream from = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using FileStream copy = File.Create(System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
            from.CopyTo(copy);
        }
        return to;
    }

    public static byte[] Payload(int n, int bytes = 40)
    {
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) payload[i] = (byte)((n * 31) + i + 1);
        return payload;
    }

    /// <summary>Appends records numbered by their instants.</summary>
    public static void Append(JournalFile journal, int from, int count, int bytes = 40)
    {
        for (int n = from; n < from + count; n++) journal.Append(JournalRecordType.Payment, new Instant(n), Payload(n, bytes));
    }

    /// <summary>The numbers of the records, each proven to have its own payload.</summary>
    public static List<int> Numbers(JournalReader reader, int bytes = 40)
    {
        List<int> numbers = [];
        while (reader.TryRead(out JournalRecord record))
        {
            Assert.Equal(JournalRecordType.Payment, record.Type);
            Assert.True(record.Payload.SequenceEqual(Payload((int)record.At.Micros, bytes)));
            numbers.Add((int)record.At.Micros);
        }
        return numbers;
    }

    public void Dispose() => _root.Delete(recursive: true);
}
