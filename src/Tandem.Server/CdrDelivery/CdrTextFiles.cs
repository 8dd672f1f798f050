using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>
/// CDRs as text files (docs/cdr.md "Text files"), each line exactly once whatever is killed when: before lines are added, a state file says how long
/// each file is; after them, at which journal position and lengths they are safe. A start cuts the files back to what the state says and goes on from
/// its position. A file grows as <c>NAME.part</c> and is renamed to <c>NAME.txt</c> when no call can end in its time any more: what is called .txt is final.
/// </summary>
public sealed class CdrTextFiles : ICdrConsumer
{
    private const string StateName = "position.state";

    /// <summary>While the files are switched off, the state follows the journal at this distance, in bytes, at most.</summary>
    private const long PassedUnsaid = 1 << 20;

    internal const string Growing = ".part", Final = ".txt";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder;
    private readonly CdrFilePlan _plan;
    private readonly Action<string>? _afterStep;
    private byte[] _line = new byte[2048];
    private List<(string Name, long Length)> _files = [];
    private long _position;
    private long _told = -1; // the position in the state file
    private bool _unfinished;
    private bool _opened;

    /// <param name="folder">The <c>cdr</c> folder; made when it is first needed.</param>
    /// <param name="plan">Which calls go into which file.</param>
    /// <param name="journalEnd">Where to begin when there is no state: files are not retroactive.</param>
    /// <param name="warn">Told, in sentences, what an operator should know.</param>
    /// <param name="afterStep">For tests: called after each step that touches the disk, may throw as a kill would.</param>
    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    public CdrTextFiles(string folder, CdrFilePlan plan, long journalEnd, Action<string> warn, Action<string>? afterStep = null)
    {
        _folder = folder;
        _plan = plan;
        _afterStep = afterStep;
        _position = journalEnd;
        try
        {
            bool known = TryReadState(warn);
            FindGrowing();
            if (!known)
            {
                Pass(_position); // at once: killed before the first batch is kept, the next start must not begin behind it
                return;
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the state of {plan.Name} cannot be read: {e.Message}", e);
        }
        if (_position <= journalEnd) return;
        warn($"{plan.Name} in {folder} were written up to journal position {_position}, but the journal ends at {journalEnd}: they go on from there");
        _position = journalEnd;
    }

    public string Name => _plan.Name;

    public long Position => Volatile.Read(ref _position);

    public void Take(IReadOnlyList<Cdr> cdrs, long position)
    {
        if (!_plan.On && !_unfinished)
        {
            Pass(position);
            return;
        }
        long asked = _position;
        Prepare();
        if (_position != asked) return; // a batch thought lost had been kept: go on after it
        var batch = new SortedDictionary<string, MemoryStream>(StringComparer.Ordinal);
        foreach (Cdr cdr in cdrs)
        {
            if (!_plan.Wants(cdr) || (cdr.Hidden & HiddenFrom.Files) != 0) continue;
            string name = _plan.FileOf(cdr.Stop) + Growing;
            if (!batch.TryGetValue(name, out MemoryStream? lines)) batch.Add(name, lines = new MemoryStream());
            lines.Write(Line(cdr));
        }
        if (batch.Count > 0) Append(batch);
        WriteState(position, durable: batch.Count > 0);
        Volatile.Write(ref _position, position);
        _unfinished = false;
        Step("remembered");
    }

    /// <summary>Files whose time is over, once everything that ended is written, get their final name; of those there may be a bound.</summary>
    public void Turn(Instant now, bool caughtUp)
    {
        if (_plan.On && _told >= 0 && _told != _position) WriteState(_position, durable: true); // switched on: a start must not begin farther back
        if (!caughtUp || _unfinished || _files.Count == 0 || !_files.Exists(f => IsOver(f.Name, now))) return;
        if (!_opened) Prepare();
        foreach ((string name, long length) in _files.FindAll(f => IsOver(f.Name, now)))
        {
            string from = Path.Combine(_folder, name), stem = name[..^Growing.Length];
            if (File.Exists(from))
            {
                string to = Path.Combine(_folder, stem + Final);
                // Lines that came after the file was final have one of their own.
                for (int i = 2; File.Exists(to); i++) to = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{stem}-{i}{Final}"));
                File.Move(from, to);
            }
            _files.Remove((name, length));
            Step("final");
        }
        DurableFiles.SyncFolder(_folder);
        WriteState(_position, durable: true);
        if (_plan.Most == 0) return;
        string[] final = [.. Directory.EnumerateFiles(_folder, "*" + Final).Order(StringComparer.Ordinal)];
        foreach (string old in final.AsSpan(0, Math.Max(0, final.Length - _plan.Most))) File.Delete(old);
    }

    private bool IsOver(string name, Instant now) => _plan.EndOf(name[..^Growing.Length]) + CdrFilePlan.Grace <= now;

    // Files that are growing and the state does not speak of: it remembers the last ones only, and can be lost.
    private void FindGrowing()
    {
        _files.RemoveAll(static f => !f.Name.EndsWith(Growing, StringComparison.Ordinal)); // of the version that named them finally at once
        if (!Directory.Exists(_folder)) return;
        foreach (string path in Directory.EnumerateFiles(_folder, "*" + Growing))
        {
            string name = Path.GetFileName(path);
            if (!_files.Exists(f => f.Name == name)) _files.Add((name, new FileInfo(path).Length));
        }
    }

    /// <summary>Switched off: only the position moves on, told to the state now and then, and a folder that cannot be written troubles nobody.</summary>
    private void Pass(long position)
    {
        Volatile.Write(ref _position, position);
        if (_told >= 0 && position - _told < PassedUnsaid) return;
        try
        {
            Directory.CreateDirectory(_folder, Private | UnixFileMode.UserExecute);
            WriteState(position, durable: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // what was told last stands
        }
    }

    private void Append(SortedDictionary<string, MemoryStream> batch)
    {
        _unfinished = true;
        // The intent: every file about to grow is in the state with its length, so that a start can take it back.
        var before = new List<(string Name, long Length)>();
        bool known = _told == _position;
        foreach (string name in batch.Keys)
        {
            var file = new FileInfo(Path.Combine(_folder, name));
            long length = file.Exists ? file.Length : 0;
            known &= _files.Contains((name, length));
            before.Add((name, length));
        }
        if (!known)
        {
            IEnumerable<(string, long)> others = _files.Where(f => !batch.ContainsKey(f.Name));
            _files = [.. before, .. others];
            WriteState(_position, durable: true);
            Step("intended");
        }
        foreach ((string name, long length) in before)
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.Read, UnixCreateMode = Private, BufferSize = 0 };
            using var file = new FileStream(Path.Combine(_folder, name), options);
            file.Position = length;
            MemoryStream lines = batch[name];
            file.Write(lines.GetBuffer(), 0, (int)(lines.Length / 2));
            Step("half a file");
            file.Write(lines.GetBuffer(), (int)(lines.Length / 2), (int)(lines.Length - (lines.Length / 2)));
            file.Flush(flushToDisk: true);
            Step("a file");
            if (length == 0) DurableFiles.SyncFolder(_folder);
            _files[_files.FindIndex(f => string.Equals(f.Name, name, StringComparison.Ordinal))] = (name, length + lines.Length);
        }
    }

    private void Prepare()
    {
        if (_unfinished || !_opened)
        {
            if (_unfinished) TryReadState(static _ => { });
            Directory.CreateDirectory(_folder, Private | UnixFileMode.UserExecute);
            foreach ((string name, long length) in _files)
            {
                var file = new FileInfo(Path.Combine(_folder, name));
                if (!file.Exists || file.Length <= length) continue; // taken away or shortened by its reader: not ours to mend
                using var open = new FileStream(file.FullName, FileMode.Open, FileAccess.Write);
                open.SetLength(length);
                open.Flush(flushToDisk: true);
            }
            Step("cut back");
        }
        _unfinished = false;
        _opened = true;
    }

    private ReadOnlySpan<byte> Line(Cdr cdr)
    {
        while (true)
        {
            var writer = new ByteWriter(_line);
            CdrText.Write(ref writer, cdr, _plan.Zone);
            if (!writer.Overflowed) return _line.AsSpan(0, writer.Length);
            _line = new byte[_line.Length * 2];
        }
    }

    // The state: one line with the position, one per file with its length, then the XxHash3 of those lines. Written aside and renamed.
    private void WriteState(long position, bool durable)
    {
        var text = new StringBuilder();
        text.Append("position ").Append(position).Append('\n');
        foreach ((string name, long length) in _files) text.Append(name).Append(' ').Append(length).Append('\n');
        ulong check = XxHash3.HashToUInt64(Encoding.ASCII.GetBytes(text.ToString()));
        text.Append("check ").Append(check.ToString("x16", CultureInfo.InvariantCulture)).Append('\n');
        string path = Path.Combine(_folder, StateName);
        if (durable)
        {
            DurableFiles.Replace(path, Encoding.ASCII.GetBytes(text.ToString()), Private);
            _told = position;
            return;
        }
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private, BufferSize = 0 };
        using (var aside = new FileStream(path + ".new", options)) aside.Write(Encoding.ASCII.GetBytes(text.ToString()));
        File.Move(path + ".new", path, overwrite: true);
        _told = position;
    }

    private bool TryReadState(Action<string> warn)
    {
        string path = Path.Combine(_folder, StateName);
        if (!File.Exists(path))
        {
            if (Directory.Exists(_folder) && Directory.EnumerateFiles(_folder).Any(static f => f.EndsWith(Final, StringComparison.Ordinal) || f.EndsWith(Growing, StringComparison.Ordinal)))
                warn($"{_plan.Name} in {_folder} have lost their {StateName}: lines are added from now on, calls that ended while the switch was down may be missing there");
            return false;
        }
        string text = File.ReadAllText(path);
        int check = text.LastIndexOf("check ", StringComparison.Ordinal);
        bool good = check >= 0
            && ulong.TryParse(text.AsSpan(check + 6).TrimEnd('\n'), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong sum)
            && sum == XxHash3.HashToUInt64(Encoding.ASCII.GetBytes(text[..check]));
        if (!good)
        {
            warn($"{path} is damaged: CDR text lines are added from now on, the last lines before may be missing or doubled");
            return false;
        }
        var files = new List<(string, long)>();
        foreach (string line in text[..check].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            long number = long.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture);
            if (line.StartsWith("position ", StringComparison.Ordinal)) _position = number;
            else files.Add((line[..space], number));
        }
        _files = files;
        _told = _position;
        return true;
    }

    private void Step(string name) => _afterStep?.Invoke(name);
}
