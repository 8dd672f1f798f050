using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Linphone;

/// <summary>Two linphones, which send much that others do not (SDES and video offers, RTCP feedback, OPUS first), register and hear each other through the switch.</summary>
public sealed class LinphoneTests
{
    private const int HertzOf101 = 700, HertzOf102 = 1_100;

    // As with baresip: tones are played at -10 dBm0.
    private const double Loud = -13, Silent = -35;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_linphones_register_with_digest_and_hear_each_other()
    {
        await using RunningSwitch running = await SippTests.PlainSwitch(LoopbackPorts.Take(3));
        await running.ApplyAsync(new
        {
            phones = new[]
            {
                new { e164 = "101", account = RunningSwitch.Customer, password = "secret-one" },
                new { e164 = "102", account = RunningSwitch.Customer, password = "secret-two" },
            },
        });
        using LinphonePhone first = LinphonePhone.Start("101", "secret-one", HertzOf101, running.Sip);
        using LinphonePhone second = LinphonePhone.Start("102", "secret-two", HertzOf102, running.Sip);
        await UntilAsync(async () => (await running.Host.Control.RegistrationsAsync(Stop)).Count == 2, "two phones registered", first, second);

        first.Call($"sip:102@{running.Sip}");
        await UntilAsync(async () => await running.CounterAsync("calls.answered") == 1, "an answered call", first, second);
        await first.Process.HearAsync("Media streams established", Patience, Stop);
        await second.Process.HearAsync("Media streams established", Patience, Stop);
        await Eventually.PassAsync(TimeSpan.FromSeconds(2), Stop); // its streams are established before its files can be
        first.PlayAndRecord();
        second.PlayAndRecord();
        await Eventually.PassAsync(TimeSpan.FromSeconds(5), Stop);
        first.HangUp();

        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.Equal((true, 200, EndDirection.Caller, "101", "102"), (cdr.WasAnswered, cdr.EndReason, cdr.EndDirection, cdr.CallerE164, cdr.CalleeE164));
        Assert.True(cdr.CallerPackets > 150 && cdr.CalleePackets > 150, $"{cdr.CallerPackets} and {cdr.CalleePackets} packets");
        await UntilAsync(() => Task.FromResult(first.HasRecorded && second.HasRecorded), "both recordings", first, second);
        Assert.True(second.HeardDbm0(HertzOf101) > Loud && second.HeardDbm0(HertzOf102) < Silent, Hearing(second, first));
        Assert.True(first.HeardDbm0(HertzOf102) > Loud && first.HeardDbm0(HertzOf101) < Silent, Hearing(first, second));
        await running.AtRestAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what, params LinphonePhone[] phones)
    {
        try
        {
            await Eventually.BeAsync(condition, what, Patience, Stop);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(e.Message + "\n" + string.Join("\n", phones.Select(static p => $"{p.Number} recorded {p.Recording}\n{p.Process.Story()}")), e);
        }
    }

    private static string Hearing(params LinphonePhone[] phones) => string.Join("\n", phones.Select(static p =>
        $"{p.Number} heard {HertzOf101} Hz at {p.HeardDbm0(HertzOf101):0.0} dBm0, {HertzOf102} Hz at {p.HeardDbm0(HertzOf102):0.0} dBm0 in {p.Recording}.\n{p.Process.Story()}"));
}
