using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Server.CdrDelivery;

public sealed class CdrTextFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];
    private CdrSettings _settings = new() { RecordToFile = true };

    private string Cdrs => _folder["cdr"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_goes_to_the_file_of_the_hour_the_call_ended()
    {
        CdrTextFiles files = Open();
        files.Take([At(3599), At(3600), At(7205)], 3);
        Assert.Equal(["2026042600.part", "2026042601.part", "2026042602.part"], Names());
        Assert.StartsWith("12125553600|442079463600|2026-04-26 00:59:30|2026-04-26 01:00:00|20000|200|1|", Lines("2026042601.part").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_times_are_of_the_servers_zone()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("t", TimeSpan.FromHours(-3), "t", "t");
        new CdrTextFiles(Cdrs, CdrFilePlan.Hourly(zone, () => _settings), JournalEnd(Cdrs), _warnings.Add).Take([At(60)], 1);
        Assert.Equal(["2026042521.part"], Names());
        Assert.Contains("|2026-04-25 21:01:00|", Lines("2026042521.part").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false, true, 2)]
    [InlineData(true, true, true, 3)]
    [InlineData(true, false, false, 1)]
    [InlineData(true, true, false, 2)]
    [InlineData(false, true, true, 0)]
    public void The_settings_say_which_calls_are_written(bool toFile, bool nonConnect, bool illegal, int written)
    {
        _settings = new CdrSettings { RecordToFile = toFile, RecordNonConnect = nonConnect, RecordIllegal = illegal };
        Open().Take(
            [
                At(1),
                CdrSamples.Call(2, c => { c.Answered = Instant.Never; c.EndReason = 486; }),
                CdrSamples.Call(3, c => { c.Answered = Instant.Never; c.Refusal = Refusal.UnknownSource; c.EndReason = -1; }),
            ], 3);
        Assert.Equal(written, Names().Sum(n => Lines(n).Length));
    }

    [Fact]
    public void A_setting_changed_holds_from_the_next_batch_on_and_is_not_retroactive()
    {
        _settings = new CdrSettings();
        CdrTextFiles files = Open();
        files.Take([At(1)], 1);
        _settings = new CdrSettings { RecordToFile = true };
        files.Take([At(2)], 2);
        CdrTextFiles again = Open();
        Assert.Equal(2, again.Position);
        Assert.Equal(["12125550002"], Callers("2026042600.part"));
    }

    [Fact]
    public void While_switched_off_the_state_follows_the_journal_in_steps_and_is_exact_as_soon_as_they_are_switched_on()
    {
        _settings = new CdrSettings();
        CdrTextFiles files = Open();
        files.Take([At(1)], 300);
        Assert.Equal(300, files.Position);
        Assert.Equal(0, Open().Position);
        _settings = new CdrSettings { RecordToFile = true };
        files.Turn(Instant.FromUtc(new DateTime(2026, 4, 26, 0, 0, 2, DateTimeKind.Utc)), caughtUp: true);
        Assert.Equal(300, Open().Position);
        _settings = new CdrSettings();
        files.Take([At(2)], 5_000_000);
        Assert.StartsWith("position 5000000\n", File.ReadAllText(Path.Combine(Cdrs, "position.state")), StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_and_files_are_for_their_owner_alone()
    {
        Open().Take([At(1)], 1);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Cdrs, "2026042600.part")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Cdrs));
    }

    [Fact]
    public void Killed_at_any_step_of_any_batch_and_started_again_every_line_is_there_exactly_once()
    {
        // Five batches over three hours, the second going back to the first hour; killed once at each step there is.
        Cdr[][] batches = [[At(10), At(20)], [At(3610), At(30)], [At(3620)], [At(7210), At(40)], [At(7220)]];
        int steps = 0;
        Deliver(batches, _folder["counting"], () => steps++);
        Assert.InRange(steps, 20, 100);
        for (int killAt = 1; killAt <= steps; killAt++)
        {
            string folder = _folder[$"killed-{killAt}"];
            int step = 0;
            bool killed = false;
            while (true)
            {
                try
                {
                    Deliver(batches, folder, () =>
                    {
                        if (++step == killAt && !killed) throw new KilledException();
                    });
                    break;
                }
                catch (KilledException)
                {
                    killed = true; // and start again from what is on the disk
                }
            }
            Assert.True(killed);
            Assert.Empty(_warnings);
            Assert.Equal(["12125550010", "12125550020", "12125550030", "12125550040"], CallersIn(folder, "2026042600.part"));
            Assert.Equal(["12125553610", "12125553620"], CallersIn(folder, "2026042601.part"));
            Assert.Equal(["12125557210", "12125557220"], CallersIn(folder, "2026042602.part"));
        }
    }

    [Fact]
    public void A_write_that_failed_and_is_tried_again_by_the_same_process_leaves_every_line_once()
    {
        int step = 0, failAt = 0;
        Cdr[][] batches = [[At(10)], [At(20), At(3610)], [At(30)]];
        for (failAt = 1; failAt < 20; failAt++)
        {
            step = 0;
            string folder = _folder[$"failed-{failAt}"];
            var files = new CdrTextFiles(folder, CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => _settings), JournalEnd(folder), _warnings.Add, _ =>
            {
                if (++step == failAt) throw new IOException("No space left on device");
            });
            for (int tries = 0; files.Position < batches.Length && tries < 10; tries++)
            {
                try
                {
                    files.Take(batches[files.Position], files.Position + 1);
                }
                catch (IOException)
                {
                    continue;
                }
            }
            Assert.Equal(["12125550010", "12125550020", "12125550030"], CallersIn(folder, "2026042600.part"));
            Assert.Equal(["12125553610"], CallersIn(folder, "2026042601.part"));
        }
    }

    [Fact]
    public void A_file_its_reader_took_away_is_begun_anew()
    {
        CdrTextFiles files = Open();
        files.Take([At(1)], 1);
        File.Move(Path.Combine(Cdrs, "2026042600.part"), _folder["collected.txt"]);
        files.Take([At(2)], 2);
        Assert.Equal(["12125550002"], Callers("2026042600.part"));
        CdrTextFiles again = Open();
        again.Take([At(3)], 3);
        Assert.Equal(["12125550002", "12125550003"], Callers("2026042600.part"));
    }

    [Fact]
    public void Without_a_state_the_files_begin_where_the_journal_is_and_lines_before_are_not_doubled()
    {
        Open().Take([At(1)], 1);
        File.Delete(Path.Combine(Cdrs, "position.state"));
        var again = new CdrTextFiles(Cdrs, CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => _settings), 5, _warnings.Add);
        Assert.Equal(5, again.Position);
        Assert.Contains("have lost their position.state", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_state_is_said_and_not_believed()
    {
        Open().Take([At(1)], 1);
        string state = Path.Combine(Cdrs, "position.state");
        File.WriteAllText(state, File.ReadAllText(state).Replace("position 1", "position 0", StringComparison.Ordinal));
        var again = new CdrTextFiles(Cdrs, CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => _settings), 5, _warnings.Add);
        Assert.Equal(5, again.Position);
        Assert.Contains("is damaged", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_shorter_than_the_state_says_is_noticed()
    {
        Open().Take([At(1)], 100);
        var again = new CdrTextFiles(Cdrs, CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => _settings), 50, _warnings.Add);
        Assert.Equal(50, again.Position);
        Assert.Contains("the journal ends at 50", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_longer_than_any_number_is_written_whole()
    {
        Open().Take([CdrSamples.Call(1, c => c.CallerGateway = new string('g', 10_000))], 1);
        Assert.Equal(10_000, Lines("2026042600.part").Single().Split('|')[7].Length);
    }

    private static Cdr At(int second) => CdrSamples.Call(second);

    [Fact]
    public void A_file_is_final_when_its_hour_is_over_and_everything_is_written()
    {
        _settings = new CdrSettings { RecordToFile = true };
        CdrTextFiles files = Open();
        files.Take([At(60), At(3_700)], 2);
        files.Turn(CdrSamples.Midnight + TimeSpan.FromSeconds(3_630), caughtUp: true);
        Assert.Equal(["2026042600.part", "2026042601.part"], Names());
        files.Turn(CdrSamples.Midnight + TimeSpan.FromSeconds(3_660), caughtUp: false);
        Assert.Equal(["2026042600.part", "2026042601.part"], Names());
        files.Turn(CdrSamples.Midnight + TimeSpan.FromSeconds(3_660), caughtUp: true);
        Assert.Equal(["2026042600.txt", "2026042601.part"], Names());
        files.Take([At(61)], 3); // the clock went back, or a recovery found it
        files.Turn(CdrSamples.Midnight + TimeSpan.FromHours(3), caughtUp: true);
        Assert.Equal(["2026042600-2.txt", "2026042600.txt", "2026042601.txt"], Names());
        Assert.Single(Lines("2026042600-2.txt"));
    }

    [Fact]
    public void A_file_left_growing_by_a_killed_switch_becomes_final()
    {
        _settings = new CdrSettings { RecordToFile = true };
        Open().Take([At(60)], 1);
        CdrTextFiles again = Open();
        again.Turn(CdrSamples.Midnight + TimeSpan.FromHours(2), caughtUp: true);
        Assert.Equal(["2026042600.txt"], Names());
        File.Delete(Path.Combine(Cdrs, "position.state"));
        Assert.Single(Lines("2026042600.txt"));
    }

    [Fact]
    public void Killed_while_a_file_is_made_final_nothing_is_lost_or_doubled()
    {
        _settings = new CdrSettings { RecordToFile = true };
        Open().Take([At(60)], 1);
        var killed = new CdrTextFiles(Cdrs, CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => _settings), 1, _warnings.Add, static step =>
        {
            if (step == "final") throw new IOException("killed");
        });
        Assert.Throws<IOException>(() => killed.Turn(CdrSamples.Midnight + TimeSpan.FromHours(2), caughtUp: true));
        CdrTextFiles again = Open();
        again.Take([At(3_700)], 2);
        again.Turn(CdrSamples.Midnight + TimeSpan.FromHours(3), caughtUp: true);
        Assert.Equal(["2026042600.txt", "2026042601.txt"], Names());
        Assert.Single(Lines("2026042600.txt"));
    }

    [Fact]
    public void Files_by_interval_have_every_call_and_the_oldest_beyond_the_bound_go()
    {
        CdrSettings settings = new() { FileWriteInterval = 300, FileWriteMost = 10 };
        var files = new CdrTextFiles(Cdrs, CdrFilePlan.Interval(TimeZoneInfo.Utc, () => settings), 0, _warnings.Add);
        for (int i = 0; i < 12; i++) files.Take([CdrSamples.Call((i * 300) + 10, c => c.Answered = Instant.Never)], i + 1);
        files.Turn(CdrSamples.Midnight + TimeSpan.FromHours(2), caughtUp: true);
        Assert.Equal(10, Names().Length);
        Assert.Equal("20260426001000.txt", Names()[0]);
        Assert.Equal("20260426005500.txt", Names()[^1]);
    }

    [Theory]
    [InlineData("2026102502", "2026-10-25T02:00:00Z")] // there twice in Berlin: over when the later one is
    [InlineData("2026032901", "2026-03-29T01:00:00Z")]
    [InlineData("2026062012", "2026-06-20T11:00:00Z")]
    public void The_end_of_a_file_is_right_when_clocks_change(string file, string end)
    {
        CdrFilePlan plan = CdrFilePlan.Hourly(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), static () => new CdrSettings());
        Assert.Equal(DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture).UtcDateTime, plan.EndOf(file).ToUtc());
    }

    private CdrTextFiles Open() => new(Cdrs, CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => _settings), JournalEnd(Cdrs), _warnings.Add);

    private void Deliver(Cdr[][] batches, string folder, Action afterStep)
    {
        var files = new CdrTextFiles(folder, CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => _settings), JournalEnd(folder), _warnings.Add, _ => afterStep());
        while (files.Position < batches.Length) files.Take(batches[files.Position], files.Position + 1);
    }

    /// <summary>Where the journal ends: at 0 the first time, far beyond every position afterwards.</summary>
    private static long JournalEnd(string folder) => File.Exists(Path.Combine(folder, "position.state")) ? 1000 : 0;

    private string[] Names() => Directory.Exists(Cdrs) ? [.. Directory.EnumerateFiles(Cdrs).Where(static f => !f.EndsWith(".state", StringComparison.Ordinal)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)] : [];

    private string[] Lines(string name) => File.ReadAllLines(Path.Combine(Cdrs, name));

    private string[] Callers(string name) => CallersIn(Cdrs, name);

    private static string[] CallersIn(string folder, string name) =>
        [.. File.ReadAllLines(Path.Combine(folder, name)).Select(l => l.Split('|')[0]).Order(StringComparer.Ordinal)];

    private sealed class KilledException : Exception;
}
