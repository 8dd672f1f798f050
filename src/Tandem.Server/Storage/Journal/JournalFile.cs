using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Journal;

/// <param name="SegmentBytes">Length of a segment, a multiple of 4,096; 64 MiB.</param>
/// <param name="SyncEvery">The shortest time between two group commits.</param>
/// <param name="RetryEvery">How often a full disk is tried again.</param>
/// <param name="MaxStagedBytes">What may wait in memory for room on disk.</param>
public sealed record JournalOptions(int SegmentBytes, TimeSpan SyncEvery, TimeSpan RetryEvery, int MaxStagedBytes)
{
    public static readonly JournalOptions Default = new(64 << 20, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(500), 64 << 20);
}

/// <summary>
/// The journal on disk. One thread, the owner, stages records with <see cref="Append"/> and writes a turn's records out with
/// <see cref="WriteOut"/>: from then on they survive the process. A thread of its own makes them durable a few milliseconds later,
/// many at once (<see cref="DurablePosition"/>), and keeps the next segment ready. When it cannot, the second half of the running segment is the
/// reserve in which calls in progress close: <see cref="AcceptsNewWork"/> is false until there is room again. Format: docs/journal.md.
/// </summary>
public sealed class JournalFile : IJournal, IDisposable
{
    private readonly string _folder;
    private readonly JournalOptions _options;
    private readonly JournalDisk _disk;
    private readonly DataFolderLock _lock;
    private readonly Thread _syncThread;
    private readonly AutoResetEvent _work = new(initialState: false);
    private readonly ManualResetEventSlim _stopping = new(initialState: false, spinCount: 0);
    private readonly ConcurrentQueue<Segment> _retired = new();
    private readonly Lock _waitersLock = new();
    private readonly List<(long Position, TaskCompletionSource<bool> Done)> _waiters = [];

    // the owner's
    private byte[] _staging = new byte[1 << 18];
    private int _staged;
    private readonly List<(long Position, int Offset)> _runs = [];
    private long _position;
    private long _segmentEnd; // of the segment the next record goes to
    private ulong _lastChecksum;
    private readonly JournalChain _chain = new();
    private int _chained; // of what is staged
    private Instant _sealAt;

    // shared
    private Segment _current;
    private Segment? _ready;
    private long _written;
    private long _durable;
    private long _aheadEnd; // where the segment made ahead begins, as the owner wants it
    private int _syncerIdle;
    private volatile string? _growTrouble;
    private volatile string? _writeTrouble;
    private volatile string? _syncTrouble;

    private JournalFile(string folder, JournalOptions options, JournalDisk disk, DataFolderLock folderLock, Segment current, in JournalEnd end)
    {
        _folder = folder;
        _options = options;
        _disk = disk;
        _lock = folderLock;
        _current = current;
        _position = _written = _durable = end.End;
        _segmentEnd = current.End;
        _aheadEnd = current.End;
        _lastChecksum = end.LastChecksum;
        Recovered = end;
        _syncThread = new Thread(SyncLoop) { IsBackground = true, Name = "journal" };
    }

    /// <summary>What was found at the start.</summary>
    public JournalEnd Recovered { get; }

    /// <summary>One sentence when a torn tail was cut at the start; else null.</summary>
    public string? RecoveryNotice { get; private init; }

    public long Position => _position;

    /// <summary>Everything before survives the process (it is with the operating system).</summary>
    public long WrittenPosition => Volatile.Read(ref _written);

    /// <summary>Everything before survives the machine (it is on disk). Readers stop here.</summary>
    public long DurablePosition => Volatile.Read(ref _durable);

    public bool AcceptsNewWork =>
        _writeTrouble is null && _syncTrouble is null && _staged <= _options.MaxStagedBytes / 2
        && (_growTrouble is null || (_segmentEnd == _current.End && _segmentEnd - _position > _options.SegmentBytes / 2));

    /// <summary>What is wrong, in a sentence, or null: a full disk may be known some time before new work must be refused.</summary>
    public string? Trouble => _syncTrouble ?? _writeTrouble ?? _growTrouble;

    /// <summary>
    /// Opens or creates the journal in a folder, for one process. Scans to the last whole record and cuts a torn tail
    /// (<see cref="RecoveryNotice"/> says how many bytes).
    /// </summary>
    /// <param name="folder">The journal's own folder.</param>
    /// <param name="options">Sizes and times.</param>
    /// <param name="disk">Null for the real one.</param>
    /// <param name="provenUpTo">Where the scan begins: 0, or the position of a snapshot.</param>
    /// <exception cref="DataFolderException">In use, not writable, or damaged in the middle (<see cref="JournalCorruptException"/>).</exception>
    public static JournalFile Open(string folder, JournalOptions? options = null, JournalDisk? disk = null, long provenUpTo = 0)
    {
        options ??= JournalOptions.Default;
        disk ??= new JournalDisk();
        DataFolderLock folderLock = DataFolderLock.Take(folder);
        try
        {
            foreach (string aside in Directory.EnumerateFiles(folder, "*.new")) File.Delete(aside);
            JournalEnd end = JournalRecovery.Find(folder, provenUpTo);
            if (end.End < provenUpTo) end = JournalRecovery.Find(folder, 0);
            string? notice = null;
            if (end.TornBytes > 0)
            {
                JournalRecovery.Cut(folder, end);
                notice = $"The journal's last {end.TornBytes} bytes, from position {end.End}, were torn by a crash before they were confirmed; they were cut and kept in {folder} as .cut.";
            }
            List<long> starts = JournalFormat.Segments(folder);
            if (starts.Count == 0)
            {
                Create(disk, folder, 0, options.SegmentBytes);
                starts.Add(0);
            }
            long start = starts.FindLast(s => s <= end.End);
            foreach (long unused in starts.Where(s => s > start)) File.Delete(Path.Combine(folder, JournalFormat.FileName(unused)));
            Segment current = Segment.Open(folder, start);
            disk.Sync(current.File);
            long at = Math.Max(end.End, start + JournalFormat.SegmentHeaderBytes);
            JournalFile journal = new(folder, options, disk, folderLock, current, end with { End = at }) { RecoveryNotice = notice };
            journal.TakeUpChain(end);
            journal._syncThread.Start();
            return journal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            folderLock.Dispose();
            throw new DataFolderException($"The journal in {folder} cannot be opened: {e.Message}", e);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Stages one record. No file is touched; no allocation once the staging buffer has grown to a turn's size.</summary>
    /// <exception cref="InvalidOperationException">The payload is larger than a record can be, or more waits for room than memory was given for it.</exception>
    public long Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload)
    {
        int bytes = JournalFormat.RecordBytes(payload.Length);
        if (payload.Length > JournalFormat.MaxPayloadBytes || bytes > (_options.SegmentBytes / 2) - JournalFormat.SegmentHeaderBytes)
            throw new InvalidOperationException($"A journal record of {payload.Length} bytes is too large for segments of {_options.SegmentBytes}.");
        if (_staged + bytes > _staging.Length) GrowStaging(bytes);
        if (bytes > _segmentEnd - _position)
        {
            _position = _segmentEnd + JournalFormat.SegmentHeaderBytes;
            _segmentEnd += _options.SegmentBytes;
            _runs.Add((_position, _staged));
        }
        else if (_runs.Count == 0)
        {
            _runs.Add((_position, _staged));
        }
        _lastChecksum = JournalFormat.WriteRecord(_staging.AsSpan(_staged, bytes), _lastChecksum, type, at, _position - Volatile.Read(ref _durable), payload);
        _staged += bytes;
        _position += bytes;
        return _position;
    }

    /// <summary>The newest seal's hash in hex and where it reaches to. The owner's thread.</summary>
    public (string Head, long SealedTo) LastSeal => (Convert.ToHexStringLower(_chain.Head), _chain.SealedTo);

    /// <summary>Seals what was recorded since the last seal, once <paramref name="every"/> has passed since that. The owner's thread.</summary>
    public void SealIfDue(Instant now, TimeSpan every)
    {
        if (now < _sealAt || (_staged == 0 && _position - _chain.SealedTo <= JournalFormat.RecordBytes(JournalChain.SealBytes) + JournalFormat.SegmentHeaderBytes)) return;
        _sealAt = now + every;
        Chain();
        Append(JournalRecordType.Seal, now, _chain.Seal(_position));
    }

    private void Chain()
    {
        _chain.Add(_staging.AsSpan(_chained, _staged - _chained));
        _chained = _staged;
    }

    // What stands behind the last seal is hashed again, the seal's own record first.
    private void TakeUpChain(in JournalEnd end)
    {
        using JournalCursor cursor = new(_folder, Math.Max(0, end.LastSeal));
        while (cursor.Read(end.End) == JournalCursor.Found.Record)
        {
            if (cursor.Position == end.LastSeal && JournalChain.TryRead(cursor.Payload, out _, out ReadOnlySpan<byte> head)) _chain.Begin(head, cursor.Position);
            _chain.Add(cursor.Record);
        }
    }

    /// <summary>
    /// Hands the staged records to the operating system, at the end of the turn and before its messages leave. False when
    /// some could not be written: they stay staged and are tried again next time.
    /// </summary>
    public bool WriteOut()
    {
        if (_staged == 0) return true;
        Chain();
        int done = 0;
        try
        {
            for (int i = 0; i < _runs.Count; i++)
            {
                (long position, int offset) = _runs[i];
                int until = i + 1 < _runs.Count ? _runs[i + 1].Offset : _staged;
                if (position >= _current.End && !Advance()) break;
                _disk.Write(_current.File, _staging.AsSpan(offset, until - offset), position - _current.Start);
                Volatile.Write(ref _written, position + until - offset);
                done = i + 1;
            }
            _writeTrouble = null;
        }
        catch (IOException e)
        {
            _writeTrouble = $"The journal cannot be written: {e.Message}";
        }
        bool all = done == _runs.Count;
        if (all)
        {
            _staged = _chained = 0;
            _runs.Clear();
        }
        else
        {
            KeepFrom(done);
        }
        if (done > 0 && Interlocked.Exchange(ref _syncerIdle, 0) == 1) _work.Set();
        return all;
    }

    /// <summary>Blocks until everything before the position is durable; false when it is not within the time, or never will be.</summary>
    public bool WaitDurable(long position, TimeSpan timeout) =>
        DurablePosition >= position || (WhenDurable(position) is { } done && done.Wait(timeout) && done.Result);

    /// <summary>Completes true once everything before the position is durable, false when the journal closes or fails first. Any thread.</summary>
    public Task<bool> WhenDurable(long position)
    {
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waitersLock)
        {
            if (DurablePosition >= position) return Task.FromResult(true);
            if (_syncTrouble is not null || _stopping.IsSet) return Task.FromResult(false);
            _waiters.Add((position, done));
        }
        return done.Task;
    }

    /// <summary>A reader that follows what is durable.</summary>
    public JournalReader OpenReader(long from) => new(_folder, from, () => DurablePosition);

    /// <summary>Bytes staged and not yet written out; above zero after <see cref="Dispose"/> only when the disk took no more.</summary>
    public int StagedBytes => _staged;

    /// <summary>Writes out, makes durable, closes. The owner's thread, last.</summary>
    public void Dispose()
    {
        WriteOut();
        _stopping.Set();
        _work.Set();
        _syncThread.Join();
        while (!WriteOut() && _ready is null && MakeAhead())
        {
            // The thread had not made the segment yet: made here, and written to.
        }
        Sync();
        lock (_waitersLock)
        {
            foreach ((long position, TaskCompletionSource<bool> done) in _waiters) done.TrySetResult(DurablePosition >= position);
            _waiters.Clear();
        }
        while (_retired.TryDequeue(out Segment? old)) old.File.Dispose();
        _current.File.Dispose();
        _ready?.File.Dispose();
        _chain.Dispose();
        _lock.Dispose();
        _work.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Goes on to the segment made ahead; false when there is none.</summary>
    private bool Advance()
    {
        Segment? next = Volatile.Read(ref _ready);
        if (next is null) return false;
        Volatile.Write(ref _aheadEnd, next.End);
        _retired.Enqueue(_current);
        Volatile.Write(ref _current, next);
        Volatile.Write(ref _ready, null); // from here on the thread makes the one after it
        _work.Set();
        return true;
    }

    private void GrowStaging(int bytes)
    {
        if (_staged + bytes > _options.MaxStagedBytes) throw new InvalidOperationException($"The journal has had no room for {_staged} bytes; no more can wait.");
        Array.Resize(ref _staging, Math.Min(_options.MaxStagedBytes, Math.Max(_staging.Length * 2, _staged + bytes)));
    }

    private void KeepFrom(int run)
    {
        int from = _runs[run].Offset;
        _staging.AsSpan(from, _staged - from).CopyTo(_staging);
        _staged -= from;
        _chained -= from;
        _runs.RemoveRange(0, run);
        for (int i = 0; i < _runs.Count; i++) _runs[i] = (_runs[i].Position, _runs[i].Offset - from);
    }

    private void SyncLoop()
    {
        long retryAt = 0;
        while (!_stopping.IsSet)
        {
            long ticks = Environment.TickCount64;
            if (Volatile.Read(ref _ready) is null && ticks >= retryAt && !MakeAhead()) retryAt = ticks + (long)_options.RetryEvery.TotalMilliseconds;
            if (Sync())
            {
                _stopping.Wait(_options.SyncEvery);
                continue;
            }
            Volatile.Write(ref _syncerIdle, 1);
            Interlocked.MemoryBarrier();
            bool nothing = WrittenPosition == DurablePosition || _syncTrouble is not null;
            if (nothing) _work.WaitOne(Volatile.Read(ref _ready) is null ? _options.RetryEvery : Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _syncerIdle, 0);
        }
        Sync();
    }

    /// <summary>Makes the segment after the running one; false when there is no room for it.</summary>
    private bool MakeAhead()
    {
        long start = Volatile.Read(ref _aheadEnd);
        try
        {
            if (!File.Exists(Path.Combine(_folder, JournalFormat.FileName(start)))) Create(_disk, _folder, start, _options.SegmentBytes);
            Volatile.Write(ref _ready, Segment.Open(_folder, start));
            _growTrouble = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _growTrouble = $"The journal has no room for its next segment of {_options.SegmentBytes} bytes: {e.Message}";
            return false;
        }
    }

    /// <summary>Makes durable what was written before now; true when there was anything.</summary>
    private bool Sync()
    {
        // The order matters: what is written before `written` is read lies in the segment read after it, or in a retired one.
        long written = WrittenPosition;
        Segment current = Volatile.Read(ref _current);
        if (_syncTrouble is not null || written == DurablePosition) return false;
        try
        {
            bool retired = false;
            while (_retired.TryDequeue(out Segment? old))
            {
                _disk.Sync(old.File);
                old.File.Dispose();
                retired |= ReferenceEquals(old, current);
            }
            if (!retired) _disk.Sync(current.File);
        }
        catch (IOException e)
        {
            // After a failed fdatasync nobody knows which pages are on disk: no second try can prove it.
            _syncTrouble = $"The journal can no longer be made durable: {e.Message}. Calls in progress close; restart once the disk is sound.";
        }
        lock (_waitersLock)
        {
            if (_syncTrouble is null) Volatile.Write(ref _durable, written);
            for (int i = _waiters.Count - 1; i >= 0; i--)
            {
                bool durable = _waiters[i].Position <= DurablePosition;
                if (!durable && _syncTrouble is null) continue;
                _waiters[i].Done.TrySetResult(durable);
                _waiters.RemoveAt(i);
            }
        }
        return true;
    }

    private static void Create(JournalDisk disk, string folder, long start, int length)
    {
        Span<byte> header = stackalloc byte[JournalFormat.SegmentHeaderBytes];
        JournalFormat.WriteSegmentHeader(header, start, length);
        disk.CreateSegment(Path.Combine(folder, JournalFormat.FileName(start)), header, length);
    }

    private sealed record Segment(long Start, long End, SafeFileHandle File)
    {
        public static Segment Open(string folder, long start)
        {
            SafeFileHandle file = System.IO.File.OpenHandle(
                Path.Combine(folder, JournalFormat.FileName(start)), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return new Segment(start, start + RandomAccess.GetLength(file), file);
        }
    }
}
