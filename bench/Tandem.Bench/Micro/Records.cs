using System.Diagnostics;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;

namespace Tandem.Bench.Micro;

/// <summary>A record of a call's size staged and handed to the operating system; the disk follows on the journal's own thread.</summary>
internal sealed class AppendRecord : IMicro, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tandem-bench-").FullName;
    private readonly byte[] _payload = new byte[700];
    private readonly JournalFile _journal;

    public AppendRecord() => _journal = JournalFile.Open(_folder);

    public string Name => "journal: append 700 bytes and write out";

    public TimeSpan Run(int count)
    {
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            _journal.Append(JournalRecordType.Heartbeat, new Instant(i), _payload);
            _journal.WriteOut();
        }
        return Stopwatch.GetElapsedTime(began);
    }

    public void Dispose()
    {
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>The decision log of a plain call: some fifteen entries.</summary>
internal sealed class LogDecisions : IMicro
{
    private readonly DecisionLog _log = new(new BytePool());
    private readonly DialString _number = DialString.Parse("442079460123");
    private readonly NetAddress _address = NetAddress.Parse("203.0.113.1:5060");

    public string Name => "decision log: the 15 entries of a call";

    public TimeSpan Run(int count)
    {
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            var now = new Instant(i);
            _log.Begin(now);
            _log.Revision(now, 7);
            _log.Identified(now, "customer", "mapping gateway by address"u8);
            _log.Candidate(now, "carrier-1", 0, 2);
            _log.Candidate(now, "carrier-2", 0, 2);
            _log.Reserved(now, 123_000_000, 60);
            _log.Attempt(now, 1, "carrier-1", _number, _address);
            for (int message = 0; message < 7; message++) _log.Message(now, MediaSide.Caller, sent: true, 180, 1);
            _log.Charged(now, TimeSpan.FromSeconds(9), 9, 9, 1_800_000, "1001");
            _log.Ended(now, 0, 200);
            _log.Release();
        }
        return Stopwatch.GetElapsedTime(began);
    }
}
