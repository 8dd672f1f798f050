using System.Text;
using Microsoft.Data.Sqlite;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.CdrDelivery;
using Tandem.Server.CdrDelivery.Reports;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Server.CdrDelivery;

/// <summary>
/// Database, text files and reports together under faults drawn from a seed: kills in the middle of a write, a full disk, a server that dies or refuses, a database file overwritten, the clock
/// an hour back. In the end all of them are equal to the journal.
/// </summary>
public sealed class CdrFaultTests : IDisposable
{
    private static readonly CdrSettings Settings = new() { RecordToFile = true, RecordNonConnect = true };

    private readonly TemporaryFolder _folder = new();
    private readonly CallsInMemory _journal = new();
    private readonly HandClock _clock = new() { Now = new DateTimeOffset(CdrSamples.Midnight.ToUtc(), TimeSpan.Zero) };
    private readonly List<string> _said = [];
    private Random _random = new(0);
    private bool _full;
    private int _killIn = -1;
    private CdrStore? _store;
    private CdrProjector? _projector;

    public void Dispose()
    {
        Stop();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, int.TryParse(Environment.GetEnvironmentVariable("TANDEM_FAULT_SEEDS"), out int seeds) ? seeds : 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_in_whatever_order_all_consumers_end_equal_to_the_journal(int seed)
    {
        _random = new Random(seed);
        using var peer = new ReportPeer();
        Start(peer);
        for (int step = 0; step < 60; step++)
        {
            switch (_random.Next(10))
            {
                case 0: // kill -9 between two writes of the text files, some steps ahead
                    _killIn = _random.Next(6);
                    break;
                case 1: // and at rest
                    Restart(peer);
                    break;
                case 2:
                    _full = true;
                    break;
                case 3:
                    _full = false;
                    break;
                case 4:
                    peer.Dies = _random.Next(40);
                    break;
                case 5:
                    peer.Refuses = !peer.Refuses;
                    break;
                case 6 when _random.Next(4) == 0: // a page of the database is overwritten while the switch is down
                    Stop();
                    Damage();
                    Start(peer);
                    break;
                case 7 when _random.Next(3) == 0:
                    _clock.Now -= TimeSpan.FromHours(1);
                    break;
                default:
                    Add(_random.Next(60));
                    break;
            }
            _clock.Now += TimeSpan.FromSeconds(_random.Next(400));
            Turn(peer);
        }
        (_full, _killIn, peer.Dies, peer.Refuses) = (false, -1, -1, false);
        for (int turn = 0; turn < 40; turn++)
        {
            _clock.Now += TimeSpan.FromMinutes(1);
            Turn(peer);
        }
        Assert.Empty(_projector!.Warnings);
        Assert.All(_projector.Backlog, static b => Assert.Equal(0, b.Bytes));
        EqualToTheJournal(peer);
    }

    [Fact]
    public void A_clock_that_goes_back_an_hour_lets_no_consumer_wait_for_it()
    {
        using var peer = new ReportPeer { Refuses = true };
        Start(peer);
        Add(3);
        _projector!.Turn();
        Assert.NotEmpty(_projector.Warnings);
        peer.Refuses = false;
        _clock.Now -= TimeSpan.FromHours(1);
        _clock.Now += TimeSpan.FromSeconds(1); // the pause after the first failure
        _projector.Turn();
        Assert.Empty(_projector.Warnings);
        EqualToTheJournal(peer);
    }

    private void EqualToTheJournal(ReportPeer peer)
    {
        string[] lines = [.. _journal.Calls.Select(Line).Order(StringComparer.Ordinal)];
        Assert.Equal(lines, Directory.GetFiles(_folder["cdr"]).Where(static f => f.EndsWith(".part", StringComparison.Ordinal) || f.EndsWith(".txt", StringComparison.Ordinal)).SelectMany(File.ReadAllLines).Order(StringComparer.Ordinal));
        Assert.Equal(lines, peer.Accepted.Distinct().Order(StringComparer.Ordinal));
        using var connection = new SqliteConnection($"Data Source={_folder["cdr.db"]};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM cdr ORDER BY id";
        List<string> ids = [];
        using (SqliteDataReader rows = command.ExecuteReader())
        {
            while (rows.Read()) ids.Add(rows.GetString(0));
        }
        Assert.Equal(_journal.Calls.Select(static c => c.Call.ToString()).Order(StringComparer.Ordinal), ids);
        command.CommandText = "SELECT sum(calls) FROM cdr_hours";
        Assert.Equal((long)_journal.Calls.Count, command.ExecuteScalar());
    }

    private void Add(int count)
    {
        int n = _journal.Calls.Count;
        Instant now = Instant.FromUtc(_clock.Now.UtcDateTime);
        for (int i = 1; i <= count; i++) _journal.Calls.Add(CdrSamples.Call(n + i, c => (c.Start, c.Answered, c.Stop) = (now - TimeSpan.FromSeconds(30), now - TimeSpan.FromSeconds(20), now)));
    }

    private void Turn(ReportPeer peer)
    {
        try
        {
            _projector!.Turn();
        }
        catch (KilledException)
        {
            Restart(peer);
        }
        if (_killIn == -2) Restart(peer); // the projector took the kill for a failure; it is none
    }

    private void Start(ReportPeer peer)
    {
        _store = CdrStore.Open(_folder["cdr.db"], _journal.End, _clock, _said.Add);
        var files = new CdrTextFiles(_folder["cdr"], CdrFilePlan.Hourly(TimeZoneInfo.Utc, static () => Settings), _journal.End, _said.Add, _ => Step());
        var reporter = new CdrReporter(_folder["report"], () => peer.Server, TimeZoneInfo.Utc, _journal.End, _said.Add, TimeSpan.FromSeconds(30));
        var pending = new PendingCalls(_journal, static () => 50);
        ICdrConsumer[] consumers = [_store, files, reporter];
        foreach (ICdrConsumer consumer in consumers) pending.Serve(() => consumer.Position);
        _projector = new CdrProjector(pending, consumers, _clock, _said.Add);
    }

    private void Step()
    {
        if (_full) throw new IOException("No space left on device");
        if (_killIn == -2) throw new KilledException(); // a dead process does nothing more
        if (_killIn >= 0 && _killIn-- == 0)
        {
            _killIn = -2;
            throw new KilledException();
        }
    }

    private void Stop()
    {
        _projector?.Dispose();
        _store?.Dispose();
    }

    private void Restart(ReportPeer peer)
    {
        Stop();
        _killIn = -1;
        Start(peer);
    }

    private void Damage()
    {
        SqliteConnection.ClearAllPools();
        using FileStream file = new(_folder["cdr.db"], FileMode.Open, FileAccess.Write);
        byte[] noise = new byte[4096];
        _random.NextBytes(noise);
        file.Write(noise);
    }

    private static string Line(Cdr cdr)
    {
        var writer = new ByteWriter(new byte[2048]);
        CdrText.Write(ref writer, cdr, TimeZoneInfo.Utc);
        return Encoding.UTF8.GetString(writer.Written).TrimEnd('\n');
    }

    private sealed class KilledException : Exception;
}
