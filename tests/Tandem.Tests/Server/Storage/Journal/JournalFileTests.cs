using Microsoft.Win32.SafeHandles;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using static Tandem.Tests.Server.Storage.Journal.JournalFolder;

namespace Tandem.Tests.Server.Storage.Journal;

public sealed class JournalFileTests : IDisposable
{
    private readonly JournalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Records_come_back_in_order_over_many_segments_and_reopenings()
    {
        const int Each = 700;
        for (int round = 0; round < 3; round++)
        {
            using JournalFile journal = _folder.Open();
            Assert.Equal(round * Each, journal.Recovered.Records);
            Assert.Null(journal.RecoveryNotice);
            for (int n = 0; n < Each; n += 10)
            {
                Append(journal, (round * Each) + n, 10);
                WriteAll(journal);
            }
            Assert.True(journal.WaitDurable(journal.Position, Patience));
            using JournalReader reader = journal.OpenReader(0);
            Assert.Equal(Enumerable.Range(0, (round + 1) * Each), Numbers(reader));
            Assert.Equal(journal.Position, reader.Position);
        }
        Assert.True(Directory.GetFiles(_folder.Path, "*.journal").Length > 8);
    }

    [Fact]
    public void What_was_written_out_survives_a_kill()
    {
        using JournalFile journal = _folder.Open();
        Append(journal, 0, 25);
        Assert.True(journal.WriteOut());
        Append(journal, 25, 5); // staged only: promised to nobody
        using JournalReader after = JournalReader.Offline(_folder.Copy());
        Assert.Equal(Enumerable.Range(0, 25), Numbers(after));
        using JournalReader once = JournalReader.InOnePass(_folder.Copy());
        Assert.Equal(Enumerable.Range(0, 25), Numbers(once));
    }

    [Fact]
    public void A_tail_torn_at_any_byte_of_the_last_record_is_cut_and_said()
    {
        using JournalFile journal = _folder.Open();
        Append(journal, 0, 10);
        long last = journal.Position;
        Append(journal, 10, 1);
        WriteAll(journal);
        Assert.True(journal.WaitDurable(journal.Position, Patience));
        int length = (int)(journal.Position - last);
        string copy = _folder.Copy();
        string file = Assert.Single(Directory.GetFiles(copy, "0000000000000000.journal"));
        byte[] whole = File.ReadAllBytes(file);
        for (int kept = 0; kept < length; kept++)
        {
            byte[] torn = (byte[])whole.Clone();
            torn.AsSpan((int)last + kept).Clear();
            File.WriteAllBytes(file, torn);
            foreach (string cut in Directory.GetFiles(copy, "*.cut")) File.Delete(cut);
            int junk = torn.AsSpan().LastIndexOfAnyExcept((byte)0) + 1 - (int)last;
            using (JournalFile opened = JournalFile.Open(copy, Small))
            {
                bool complete = torn.AsSpan().SequenceEqual(whole); // the record's own last bytes may be its padding
                Assert.Equal(complete ? 11 : 10, opened.Recovered.Records);
                if (complete || junk <= 0) Assert.Null(opened.RecoveryNotice);
                else Assert.StartsWith($"The journal's last {junk} bytes, from position {last},", opened.RecoveryNotice, StringComparison.Ordinal);
                Append(opened, 99, 1);
                Assert.True(opened.WriteOut());
            }
            using JournalReader again = JournalReader.Offline(copy);
            Assert.Equal(99, Numbers(again)[^1]);
            foreach (string other in Directory.GetFiles(copy, "*.journal").Where(f => f != file)) File.Delete(other);
        }
    }

    [Fact]
    public void A_flipped_bit_in_the_middle_is_refused_with_its_position_and_nothing_changes()
    {
        long position;
        using (JournalFile journal = _folder.Open())
        {
            Append(journal, 0, 5);
            position = journal.Position;
            Append(journal, 5, 1);
            WriteAll(journal);
            Assert.True(journal.WaitDurable(journal.Position, Patience));
            Append(journal, 6, 3);
        }
        string file = Path.Combine(_folder.Path, "0000000000000000.journal");
        byte[] sound = File.ReadAllBytes(file);
        for (int bit = 0; bit < 72 * 8; bit += 13)
        {
            byte[] damaged = (byte[])sound.Clone();
            damaged[position + (bit / 8)] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(file, damaged);
            JournalCorruptException refused = Assert.Throws<JournalCorruptException>(() => _folder.Open());
            Assert.Equal(position, refused.Position);
            Assert.Contains($"damaged at position {position}", refused.Message, StringComparison.Ordinal);
            Assert.Throws<JournalCorruptException>(() => JournalReader.Offline(_folder.Path));
            using JournalReader once = JournalReader.InOnePass(_folder.Path);
            Assert.Equal(position, Assert.Throws<JournalCorruptException>(() => Numbers(once)).Position);
            Assert.Equal(damaged, File.ReadAllBytes(file));
        }
        File.WriteAllBytes(file, sound);
        using JournalReader reader = JournalReader.Offline(_folder.Path);
        Assert.Equal(Enumerable.Range(0, 9), Numbers(reader));
    }

    [Fact]
    public void A_hole_in_what_was_never_durable_is_a_torn_tail()
    {
        // A power failure keeps later pages and loses earlier ones; no record claims that the hole was durable.
        BrokenDisk disk = new() { SyncFails = true };
        long hole;
        using (JournalFile journal = _folder.Open(disk))
        {
            Append(journal, 0, 5);
            hole = journal.Position;
            Append(journal, 5, 5);
            WriteAll(journal);
        }
        string file = Path.Combine(_folder.Path, "0000000000000000.journal");
        byte[] bytes = File.ReadAllBytes(file);
        bytes.AsSpan((int)hole, 72).Clear();
        File.WriteAllBytes(file, bytes);
        using (JournalReader once = JournalReader.InOnePass(_folder.Path)) Assert.Equal(Enumerable.Range(0, 5), Numbers(once));
        using JournalFile opened = _folder.Open();
        Assert.Equal((5, hole), (opened.Recovered.Records, opened.Position));
        Assert.NotNull(opened.RecoveryNotice);
        Assert.Single(Directory.GetFiles(_folder.Path, "*.cut"));
    }

    [Fact]
    public void Records_swapped_or_removed_break_the_chain()
    {
        long first, second, third;
        using (JournalFile journal = _folder.Open())
        {
            Append(journal, 0, 1);
            first = journal.Position;
            Append(journal, 1, 1);
            second = journal.Position;
            Append(journal, 2, 1);
            third = journal.Position;
            WriteAll(journal);
            Assert.True(journal.WaitDurable(third, Patience));
            Append(journal, 3, 1);
        }
        string file = Path.Combine(_folder.Path, "0000000000000000.journal");
        byte[] bytes = File.ReadAllBytes(file);
        byte[] one = bytes[(int)first..(int)second];
        bytes.AsSpan((int)second, (int)(third - second)).CopyTo(bytes.AsSpan((int)first));
        one.CopyTo(bytes.AsSpan((int)second));
        File.WriteAllBytes(file, bytes);
        Assert.Equal(first, Assert.Throws<JournalCorruptException>(() => _folder.Open()).Position);
        using JournalReader once = JournalReader.InOnePass(_folder.Path);
        Assert.Throws<JournalCorruptException>(() => Numbers(once));
    }

    [Fact]
    public void A_missing_segment_is_refused()
    {
        using (JournalFile journal = _folder.Open())
        {
            for (int n = 0; n < 800; n += 10)
            {
                Append(journal, n, 10);
                WriteAll(journal);
            }
        }
        string[] files = [.. Directory.GetFiles(_folder.Path, "*.journal").Order(StringComparer.Ordinal)];
        File.Delete(files[1]);
        Assert.Contains("misses a segment", Assert.Throws<JournalCorruptException>(() => _folder.Open()).Message, StringComparison.Ordinal);
        using JournalReader once = JournalReader.InOnePass(_folder.Path);
        Assert.Contains("misses a segment", Assert.Throws<JournalCorruptException>(() => Numbers(once)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_cannot_share_a_folder()
    {
        using (_folder.Open())
        {
            Assert.Contains("in use by another tandem process", Assert.Throws<DataFolderException>(() => _folder.Open()).Message, StringComparison.Ordinal);
        }
        using JournalFile alone = _folder.Open();
        Assert.True(alone.AcceptsNewWork);
    }

    [Fact]
    public void A_full_disk_refuses_new_work_from_the_reserve_on_loses_nothing_and_recovers_by_itself()
    {
        BrokenDisk disk = new() { IsFull = true };
        using JournalFile journal = Opened(disk);
        int n = 0;
        while (journal.AcceptsNewWork)
        {
            Append(journal, n++, 1);
            Assert.True(journal.WriteOut());
            Assert.True(journal.WaitDurable(journal.Position, Patience)); // the thread has tried to make the next segment by now
        }
        Assert.InRange(journal.Position, Small.SegmentBytes / 4, Small.SegmentBytes * 3 / 4);
        Assert.Contains("no room for its next segment", journal.Trouble, StringComparison.Ordinal);
        Assert.Contains("No space left", journal.Trouble, StringComparison.Ordinal);
        int refusedAt = n;
        while (journal.WriteOut()) Append(journal, n++, 1); // calls in progress close, from the reserve and then from memory
        Append(journal, n++, 1);
        Assert.False(journal.WriteOut());
        Assert.True(n > refusedAt + 50);

        disk.IsFull = false;
        WriteAll(journal);
        Assert.True(journal.WaitDurable(journal.Position, Patience));
        Assert.True(journal.AcceptsNewWork);
        Assert.Null(journal.Trouble);
        using JournalReader reader = journal.OpenReader(0);
        Assert.Equal(Enumerable.Range(0, n), Numbers(reader));
    }

    [Fact]
    public void A_disk_that_refuses_writes_keeps_records_staged_until_it_takes_them()
    {
        BrokenDisk disk = new();
        using JournalFile journal = Opened(disk);
        disk.WriteFails = true;
        Append(journal, 0, 3);
        Assert.False(journal.WriteOut());
        Assert.False(journal.AcceptsNewWork);
        Assert.Contains("cannot be written", journal.Trouble, StringComparison.Ordinal);
        Append(journal, 3, 1);
        disk.WriteFails = false;
        Assert.True(journal.WriteOut());
        Assert.True(journal.AcceptsNewWork);
        Assert.True(journal.WaitDurable(journal.Position, Patience));
        using JournalReader reader = journal.OpenReader(0);
        Assert.Equal([0, 1, 2, 3], Numbers(reader));
    }

    [Fact]
    public void A_failed_sync_is_never_taken_back()
    {
        BrokenDisk disk = new();
        using JournalFile journal = Opened(disk);
        Append(journal, 0, 1);
        WriteAll(journal);
        Assert.True(journal.WaitDurable(journal.Position, Patience));
        long durable = journal.DurablePosition;
        disk.SyncFails = true;
        Append(journal, 1, 1);
        Assert.True(journal.WriteOut());
        Assert.False(journal.WaitDurable(journal.Position, Patience));
        disk.SyncFails = false;
        Append(journal, 2, 1);
        Assert.True(journal.WriteOut());
        Assert.False(journal.WaitDurable(journal.Position, Patience));
        Assert.False(journal.AcceptsNewWork);
        Assert.Equal(durable, journal.DurablePosition);
        Assert.Contains("can no longer be made durable", journal.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_follows_from_where_it_was_and_stops_at_what_is_durable()
    {
        using JournalFile journal = _folder.Open();
        long remembered = 0;
        List<int> seen = [];
        for (int round = 0; round < 60; round++)
        {
            Append(journal, round * 10, 10, bytes: 100);
            WriteAll(journal);
            Assert.True(journal.WaitDurable(journal.Position, Patience));
            using JournalReader reader = journal.OpenReader(remembered);
            seen.AddRange(Numbers(reader, bytes: 100));
            remembered = reader.Position;
        }
        Assert.Equal(Enumerable.Range(0, 600), seen);
        using JournalReader one = journal.OpenReader(0);
        List<int> followed = Numbers(one, 100);
        Append(journal, 600, 300, bytes: 100);
        Assert.False(one.TryRead(out _)); // staged, not durable
        WriteAll(journal);
        Assert.True(journal.WaitDurable(journal.Position, Patience));
        followed.AddRange(Numbers(one, 100));
        Assert.Equal(Enumerable.Range(0, 900), followed);
    }

    [Fact]
    public async Task Waiting_for_durability_ends_false_when_the_journal_closes_first()
    {
        Task<bool> never;
        using (JournalFile journal = _folder.Open())
        {
            never = journal.WhenDurable(journal.Position + 1_000_000);
            Assert.False(never.IsCompleted);
        }
        Assert.False(await never);
    }

    [Fact]
    public void Any_payload_up_to_the_limit_comes_back()
    {
        using JournalFile journal = _folder.Open();
        int largest = (Small.SegmentBytes / 2) - 64;
        List<int> lengths = [0, 1, 7, 8, 9, 31, 32, 33, 1000, largest, 5, largest, largest, 0];
        foreach (int length in lengths)
        {
            journal.Append(JournalRecordType.Configuration, new Instant(length), Payload(length, length));
            WriteAll(journal);
        }
        Assert.Throws<InvalidOperationException>(() => journal.Append(JournalRecordType.Configuration, default, new byte[largest + 64]));
        Assert.True(journal.WaitDurable(journal.Position, Patience));
        using JournalReader reader = journal.OpenReader(0);
        foreach (int length in lengths)
        {
            Assert.True(reader.TryRead(out JournalRecord record));
            Assert.Equal(length, record.At.Micros);
            Assert.True(record.Payload.SequenceEqual(Payload(length, length)));
        }
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void Appending_and_writing_out_allocate_nothing()
    {
        using JournalFile journal = _folder.Open(options: Small with { SegmentBytes = 1 << 20 });
        byte[] payload = Payload(1, 500);
        void Turn()
        {
            for (int i = 0; i < 10; i++) journal.Append(JournalRecordType.CallClosed, new Instant(1), payload);
            journal.WriteOut();
        }
        for (int i = 0; i < 20; i++) Turn();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 10; i++) Turn(); // all rounds together stay within the first segment
        }));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_one_sentence()
    {
        string file = Path.Combine(Directory.GetParent(_folder.Path)!.FullName, "a-file");
        File.WriteAllText(file, "");
        DataFolderException refused = Assert.Throws<DataFolderException>(() => JournalFile.Open(Path.Combine(file, "journal"), Small));
        Assert.StartsWith($"The data folder {file}", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Writes out all that is staged; where a segment is still being made, waits for the thread that makes it.</summary>
    private static void WriteAll(JournalFile journal) =>
        Assert.True(SpinWait.SpinUntil(journal.WriteOut, Patience));

    /// <summary>The first segment is made before the disk fills.</summary>
    private JournalFile Opened(BrokenDisk disk)
    {
        bool full = disk.IsFull;
        disk.Spare = 1;
        JournalFile journal = _folder.Open(disk);
        Assert.Equal(full, disk.IsFull);
        return journal;
    }

    private sealed class BrokenDisk : JournalDisk
    {
        public volatile bool IsFull;
        public volatile bool WriteFails;
        public volatile bool SyncFails;
        public int Spare;

        public override void CreateSegment(string path, ReadOnlySpan<byte> header, long length)
        {
            if (IsFull && Interlocked.Decrement(ref Spare) < 0) throw new IOException($"No space left on device : '{path}'");
            base.CreateSegment(path, header, length);
        }

        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
        {
            if (WriteFails) throw new IOException("Input/output error");
            base.Write(file, bytes, offset);
        }

        private int _syncs;

        public override void Sync(SafeFileHandle file)
        {
            if (Interlocked.Increment(ref _syncs) > 1 && SyncFails) throw new IOException("Input/output error"); // the first is at the opening
            base.Sync(file);
        }
    }
}
