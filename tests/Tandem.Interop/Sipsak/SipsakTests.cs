using System.Globalization;
using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;

namespace Tandem.Interop.Sipsak;

/// <summary>The operator's pocket knife: asks, registers, floods and sends rubbish, each bounded in number and time.</summary>
public sealed class SipsakTests
{
    private const int Ok = 0, AnotherAnswer = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_known_gateway_that_asks_for_life_is_answered()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SippTests.PlainSwitch(ports);
        (int code, string said) = await SipsakAsync("-vv", "-S", "-l", Text(ports[0]), "-s", $"sip:{running.Sip}");
        Assert.True(code == Ok, said);
        Assert.Contains("200 OK", said, StringComparison.Ordinal);
        Assert.Contains("Allow: INVITE", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_phone_registers_with_the_right_password_only()
    {
        await using RunningSwitch running = await SippTests.PlainSwitch(LoopbackPorts.Take(3));
        await running.ApplyAsync(new { phones = new[] { new { e164 = "101", account = RunningSwitch.Customer, password = "secret-one" } } });
        (int wrong, string refused) = await SipsakAsync("-v", "-U", "-x", "120", "-u", "101", "-a", "wrong", "-s", $"sip:101@{running.Sip}");
        Assert.True(wrong == AnotherAnswer, refused);
        Assert.Empty(await running.Host.Control.RegistrationsAsync(Stop));
        (int right, string accepted) = await SipsakAsync("-v", "-U", "-x", "120", "-u", "101", "-a", "secret-one", "-s", $"sip:101@{running.Sip}");
        Assert.True(right == Ok, accepted);
        Assert.Equal("101", Assert.Single(await running.Host.Control.RegistrationsAsync(Stop)).Phone);
    }

    [Fact]
    public async Task A_flood_leaves_the_known_gateway_its_answer()
    {
        const int Requests = 20_000;
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SippTests.PlainSwitch(ports);
        (int code, string said) = await SipsakAsync("-F", "-e", Text(Requests), "-s", $"sip:{running.Sip}");
        Assert.True(code == Ok, said);
        // While the heap of it is worked off even a known gateway may be put off with 503 and Retry-After; not for long.
        await Eventually.BeAsync(async () => (await SipsakAsync("-v", "-S", "-l", Text(ports[0]), "-s", $"sip:{running.Sip}")).Code == Ok, "an answer to the known gateway", Patience, Stop);
        // The kernel may drop what comes faster than it is read; most of it must have come, and nothing of it stays.
        long came = await running.CounterAsync("network.datagramsIn");
        Assert.True(came > Requests / 10, $"only {came} of {Requests} came");
        await running.AtRestAsync();
    }

    [Fact]
    public async Task Requests_with_more_and_more_rubbish_in_them_leave_it_standing()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SippTests.PlainSwitch(ports);
        // Each request has one more byte of rubbish, until one is not answered any more, or all are through: both are ends.
        using (PeerProcess rubbish = PeerProcess.Start(PeerProgram.Sipsak, ["-R", "-t", "60", "-S", "-l", Text(ports[0]), "-s", $"sip:{running.Sip}"], []))
        {
            try
            {
                await rubbish.EndAsync(TimeSpan.FromSeconds(8), Stop);
            }
            catch (TimeoutException)
            {
                rubbish.Kill(); // it repeats what silence was the right answer to
            }
        }
        Assert.True(await running.CounterAsync("network.datagramsIn") > 0);
        (int code, string said) = await SipsakAsync("-v", "-S", "-l", Text(ports[0]), "-s", $"sip:{running.Sip}");
        Assert.True(code == Ok, said);
        await running.AtRestAsync();
    }

    private static async Task<(int Code, string Said)> SipsakAsync(params string[] arguments)
    {
        using PeerProcess sipsak = PeerProcess.Start(PeerProgram.Sipsak, arguments, []);
        int code = await sipsak.EndAsync(Patience, Stop);
        return (code, sipsak.Story());
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
