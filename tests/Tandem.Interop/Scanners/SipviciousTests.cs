using System.Globalization;
using Tandem.Interop.Peers;
using Tandem.Interop.Switches;
using Tandem.Server.Api;

namespace Tandem.Interop.Scanners;

/// <summary>sipvicious from an address of its own: it finds a SIP server, and neither who it is, nor a number, nor a password.</summary>
public sealed class SipviciousTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Svmap_learns_no_name()
    {
        await using RunningSwitch running = await WithPhonesAsync();
        string said = await RunAsync(PeerProgram.Svmap, "-b", "127.0.0.11", "-p", Port(running), "127.0.0.1");
        foreach (string told in (string[])["tandem", "kestrel", ".net", "switch"]) Assert.DoesNotContain(told, said.ToLowerInvariant(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    [InlineData("OPTIONS")]
    public async Task Svwar_finds_no_number(string method)
    {
        await using RunningSwitch running = await WithPhonesAsync();
        string said = await RunAsync(PeerProgram.Svwar, "-b", "127.0.0.12", "-p", Port(running), "-m", method, "-e", "5545-5560", "127.0.0.1");
        // Where every number gets what a number there is not gets, svwar gives up; --force has it list what is different, and nothing is.
        Assert.DoesNotContain("5551", said, StringComparison.Ordinal);
        said = await RunAsync(PeerProgram.Svwar, "-b", "127.0.0.13", "-p", Port(running), "-m", method, "--force", "-e", "5545-5560", "127.0.0.1");
        Assert.Equal(said.Contains("5551", StringComparison.Ordinal), said.Contains("5549", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Svcrack_is_blocked_long_before_it_comes_to_the_password()
    {
        await using RunningSwitch running = await WithPhonesAsync();
        string said = await RunAsync(PeerProgram.Svcrack, "-p", Port(running), "-u", "5551", "-r", "100-300", "--maximumtime=5", "127.0.0.1");
        Assert.DoesNotContain("| 250", said, StringComparison.Ordinal);
        IReadOnlyList<BlockedView> blocked = await running.Host.Control.BlockedAsync(Stop);
        Assert.Equal(["127.0.0.1", "5551"], blocked.Select(static b => b.Who));
        await Eventually.BeAsync(() => running.Said.Any(static s => s.StartsWith("Address 127.0.0.1 is blocked", StringComparison.Ordinal)), "the block is said", TimeSpan.FromSeconds(5), Stop);
    }

    private static string Port(RunningSwitch running) => running.Sip.Port.ToString(CultureInfo.InvariantCulture);

    private static async Task<RunningSwitch> WithPhonesAsync()
    {
        RunningSwitch running = await RunningSwitch.StartAsync();
        await running.ApplyAsync(new
        {
            accounts = new[] { new { account = RunningSwitch.Customer, name = "Customer", currency = "USD" } },
            phones = new[] { new { e164 = "5551", account = RunningSwitch.Customer, password = "250" }, new { e164 = "5552", account = RunningSwitch.Customer, password = "correct horse" } },
        });
        return running;
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var scratch = new ScratchFolder();
        // It keeps its sessions below HOME.
        using PeerProcess scanner = PeerProcess.Start(program, arguments, [], new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = scratch.Path, ["TERM"] = "dumb" });
        await scanner.EndAsync(Patience, Stop);
        string said = scanner.Story();
        Assert.False(said.Contains("Traceback", StringComparison.Ordinal), said);
        return said;
    }
}
