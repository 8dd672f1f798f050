using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Server.Api;

namespace Tandem.Interop.Crashes;

/// <summary>What cannot be is one clear sentence and exit code 1, and nothing on disk is the worse for it.</summary>
public sealed class BadStartTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var folder = new ScratchFolder();
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)holder.LocalEndPoint!).Port;
        await RefusedAsync(folder.File("data"), port, $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_named()
    {
        using var folder = new ScratchFolder();
        await File.WriteAllTextAsync(folder.File("in-the-way"), "a file", Stop);
        string data = Path.Combine(folder.File("in-the-way"), "data");
        await RefusedAsync(data, LoopbackPorts.Take(), data);
    }

    [Fact]
    public async Task A_data_folder_on_a_disk_that_only_reads_is_named()
    {
        using var disk = TinyDisk.Mount(megabytes: 4, Stop);
        disk.MakeReadOnly();
        string data = Path.Combine(disk.Path, "data");
        await RefusedAsync(data, LoopbackPorts.Take(), data);
    }

    [Fact]
    public async Task A_disk_too_small_for_the_journal_is_named()
    {
        using var disk = TinyDisk.Mount(megabytes: 8, Stop);
        await RefusedAsync(Path.Combine(disk.Path, "data"), LoopbackPorts.Take(), disk.Path);
    }

    [Fact]
    public async Task A_data_folder_another_switch_runs_on_is_named_and_left_alone()
    {
        using var folder = new ScratchFolder();
        string data = folder.File("data");
        await using RunningSwitch running = await RunningSwitch.StartAsync(data);
        await RefusedAsync(data, LoopbackPorts.Take(), data);
        await running.CheckAsync();
    }

    [Fact]
    public async Task A_torn_tail_is_cut_and_told_and_the_rest_stands()
    {
        using var folder = new ScratchFolder();
        string data = folder.File("data");
        string before = await WithOneAccount(data);
        string segment = Directory.GetFiles(Path.Combine(data, "journal")).Where(static f => new FileInfo(f).Length > 1 << 20).Order(StringComparer.Ordinal).First();
        await using (FileStream file = File.Open(segment, FileMode.Open, FileAccess.ReadWrite))
        {
            long end = EndOfRecords(file);
            file.Position = end;
            byte[] torn = new byte[300];
            new Random(3).NextBytes(torn);
            file.Write(torn);
        }
        await using RunningSwitch running = await RunningSwitch.StartAsync(data);
        Assert.Contains(running.Said, static s => s.Contains("journal", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(before, (await running.AccountAsync(RunningSwitch.Customer)).Balance.ToString());
        await running.CheckAsync();
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_journal_stops_the_start_and_changes_nothing()
    {
        using var folder = new ScratchFolder();
        string data = folder.File("data");
        await WithOneAccount(data);
        Directory.Delete(Path.Combine(data, "snapshots"), recursive: true);
        string segment = Directory.GetFiles(Path.Combine(data, "journal")).Where(static f => new FileInfo(f).Length > 1 << 20).Order(StringComparer.Ordinal).First();
        long end;
        await using (FileStream file = File.Open(segment, FileMode.Open, FileAccess.ReadWrite))
        {
            end = EndOfRecords(file);
            file.Position = end / 3;
            int was = file.ReadByte();
            file.Position = end / 3;
            file.WriteByte((byte)(was ^ 0x55));
        }
        byte[] damaged = (await File.ReadAllBytesAsync(segment, Stop))[..(int)end];
        await RefusedAsync(data, LoopbackPorts.Take(), "journal");
        Assert.Equal(damaged, (await File.ReadAllBytesAsync(segment, Stop))[..(int)end]);
    }

    [Fact]
    public async Task A_disk_that_fills_up_under_load_costs_no_CDR()
    {
        using var disk = TinyDisk.Mount(megabytes: 200, Stop);
        int[] ports = LoopbackPorts.Take(2);
        await using RunningSwitch running = await RunningSwitch.StartAsync(Path.Combine(disk.Path, "data"));
        await running.SetUpAsync(ports[0], SippTests.PlainDeck, SippTests.PlainDeck, "100", ("one", ports[1]));
        string filler = Path.Combine(disk.Path, "filler");
        Fill(filler);
        using SippRun callee = await SippRun.CalleeAsync("callee", ports[1], 100, Stop);
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, SippTests.Calls(100, talk: 1_200), 50);
        await caller.AllWellAsync(TimeSpan.FromSeconds(30), Stop);
        await callee.AllWellAsync(TimeSpan.FromSeconds(30), Stop);
        await running.CheckAsync();
        File.Delete(filler);
        Assert.All(await running.CdrsAsync(100), static c => Assert.True(c.WasAnswered));
        await running.AtRestAsync();
    }

    private static void Fill(string file)
    {
        byte[] block = new byte[1 << 16];
        using FileStream filler = File.Create(file, bufferSize: 0);
        try
        {
            while (true) filler.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    // The journal's segments are zero-filled: what is not zero has been written.
    private static long EndOfRecords(FileStream file)
    {
        byte[] bytes = new byte[file.Length];
        file.Position = 0;
        file.ReadExactly(bytes);
        return bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
    }

    private static async Task<string> WithOneAccount(string data)
    {
        int[] ports = LoopbackPorts.Take(2);
        await using RunningSwitch running = await RunningSwitch.StartAsync(data);
        await running.SetUpAsync(ports[0], SippTests.PlainDeck, SippTests.PlainDeck, "12.345", ("one", ports[1]));
        AccountView account = await running.AccountAsync(RunningSwitch.Customer);
        return account.Balance.ToString();
    }

    private static async Task RefusedAsync(string data, int port, string names)
    {
        using PeerProcess process = TandemProgram.Start("run", "--data", data, "--sip", TandemProgram.Loopback(port).ToString(), "--http", TandemProgram.Loopback(LoopbackPorts.Take()).ToString());
        int code = await process.EndAsync(TimeSpan.FromSeconds(30), Stop);
        string[] said = [.. process.Story().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)];
        Assert.True(code == 1, $"exit code {code}\n{process.Story()}");
        string sentence = Assert.Single(said);
        Assert.Contains(names, sentence, StringComparison.Ordinal);
    }

    /// <summary>A disk in memory; needs to be root, the test is skipped otherwise.</summary>
    private sealed class TinyDisk : IDisposable
    {
        private readonly ScratchFolder _folder = new();

        private TinyDisk() { }

        public string Path => _folder.Path;

        public static TinyDisk Mount(int megabytes, CancellationToken stop)
        {
            var disk = new TinyDisk();
            int code = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes.ToString(CultureInfo.InvariantCulture)}m", "tmpfs", disk.Path);
            stop.ThrowIfCancellationRequested();
            if (code != 0)
            {
                disk._folder.Dispose();
                Assert.Skip("A small disk cannot be mounted here (it takes root).");
            }
            return disk;
        }

        public void MakeReadOnly() => Assert.Equal(0, Run("mount", "-o", "remount,ro", Path));

        public void Dispose()
        {
            Run("umount", "-l", Path);
            _folder.Dispose();
        }

        private static int Run(string program, params string[] arguments)
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
                process.WaitForExit(10_000);
                return process.ExitCode;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return -1;
            }
        }
    }
}
