using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Tandem.Primitives;
using Tandem.Server.Loops;
using Tandem.Switching.Calls;

namespace Tandem.Server.Recording;

/// <summary>
/// Writes recordings: one thread for all, away from calls and media. The folder holds so many bytes and no more: the oldest finished recordings make
/// room, and where those under way alone are too much, or the disk is nearly full, no new one is begun (docs/recording.md).
/// </summary>
public sealed class Recorder : IRecorder, IDisposable
{
    private const int MostAtOnce = 1_000;
    private const long LeastFree = 1L << 30;
    private const int TurnMillis = 200;

    private readonly string _folder;
    private readonly long _mostBytes;
    private readonly LoopClock _clock;
    private readonly Action<string>? _say;
    private readonly ConcurrentQueue<WavRecording> _begun = new();
    private readonly List<WavRecording> _active = [];
    private readonly Queue<(string Path, long Bytes)> _finished = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private long _finishedBytes;
    private int _count;
    private long _failed;
    private volatile string? _refusal;
    private volatile bool _stopping;

    /// <param name="folder">Where recordings stand, in a folder for each day; made when the first is.</param>
    /// <param name="mostBytes">Of all recordings together.</param>
    /// <param name="clock">The server's.</param>
    /// <param name="say">Told of failures and of recordings deleted for room, in sentences.</param>
    public Recorder(string folder, long mostBytes, LoopClock clock, Action<string>? say = null)
    {
        _folder = folder;
        _mostBytes = mostBytes;
        _clock = clock;
        _say = say;
        _thread = new Thread(Run) { Name = "recordings", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Recordings under way.</summary>
    public int Active => Volatile.Read(ref _count);

    /// <summary>Recordings the disk did not take.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Why none is begun just now; null: they are.</summary>
    public string? Refusal => _refusal;

    /// <inheritdoc/>
    public bool TryBegin(CallId call, string caller, string callee, Instant now, [NotNullWhen(true)] out IRecording? recording, out string whyNot)
    {
        recording = null;
        whyNot = _refusal ?? (Volatile.Read(ref _count) >= MostAtOnce ? $"{MostAtOnce} calls are being recorded already" : "");
        if (whyNot.Length > 0) return false;
        string file = now.ToUtc().ToString("yyyyMMdd'/'HHmmss", CultureInfo.InvariantCulture) + $"-{call}.wav";
        var begun = new WavRecording(file, now);
        Interlocked.Increment(ref _count);
        _begun.Enqueue(begun);
        _wake.Set();
        recording = begun;
        return true;
    }

    /// <summary>Writes what is there and closes every file.</summary>
    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        FindFinished();
        while (!_stopping)
        {
            _wake.WaitOne(_active.Count > 0 ? TurnMillis : Timeout.Infinite);
            Turn();
        }
        foreach (WavRecording recording in _active) recording.End();
        Turn();
    }

    private void Turn()
    {
        while (_begun.TryDequeue(out WavRecording? begun)) _active.Add(begun);
        Instant now = _clock.Now();
        for (int i = _active.Count - 1; i >= 0; i--)
        {
            WavRecording recording = _active[i];
            bool over = true;
            try
            {
                over = recording.Advance(_folder, now);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                long failed = _failed + 1;
                Volatile.Write(ref _failed, failed);
                if (failed <= 16) _say?.Invoke($"The recording {recording.File} could not be written and ends here; the call goes on: {fault.Message}");
                recording.Close();
            }
            if (!over) continue;
            _active.RemoveAt(i);
            Interlocked.Decrement(ref _count);
            string path = Path.Combine(_folder, recording.File);
            if (File.Exists(path)) Keep(path, new FileInfo(path).Length);
        }
        MakeRoom();
    }

    private void Keep(string path, long bytes)
    {
        _finished.Enqueue((path, bytes));
        _finishedBytes += bytes;
    }

    private void MakeRoom()
    {
        long active = 0;
        foreach (WavRecording recording in _active) active += recording.Bytes;
        while (_finishedBytes + active > _mostBytes && _finished.TryDequeue(out (string Path, long Bytes) oldest))
        {
            _finishedBytes -= oldest.Bytes;
            try
            {
                File.Delete(oldest.Path);
                _say?.Invoke($"The recording {Path.GetRelativePath(_folder, oldest.Path)} was deleted: recordings may take {_mostBytes >> 20} MB, and newer ones need the room.");
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                _say?.Invoke($"The old recording {oldest.Path} could not be deleted: {fault.Message}");
            }
        }
        _refusal = active > _mostBytes ? $"the recordings under way take all of the {_mostBytes >> 20} MB that recordings may take"
            : _active.Count > 0 && FreeBytes() < LeastFree ? "the disk has less than 1 GB free"
            : null;
    }

    private long FreeBytes()
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(_folder)).AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue; // writing will tell
        }
    }

    // The names sort by time.
    private void FindFinished()
    {
        try
        {
            if (!Directory.Exists(_folder)) return;
            foreach (string path in Directory.EnumerateFiles(_folder, "*.wav", SearchOption.AllDirectories).Order(StringComparer.Ordinal)) Keep(path, new FileInfo(path).Length);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _say?.Invoke($"The folder of recordings cannot be read: {fault.Message}");
        }
    }
}
