using Tandem.Interop.Baresip;
using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Primitives;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;
using Tandem.Sip.Transports;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Transports;

/// <summary>baresip phones over UDP, TCP and TLS, IPv4 and IPv6, calling each other with audio through the relay.</summary>
public sealed class BaresipTransportTests
{
    private const int HertzOf101 = 700, HertzOf102 = 1_100;
    private const double Loud = -13;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // By transport, for IPv6 three more.
    private static readonly SipBinding[] Everywhere = [.. new[] { "udp:127.0.0.1:0", "tcp:127.0.0.1:0", "tls:127.0.0.1:0", "udp:[::1]:0", "tcp:[::1]:0", "tls:[::1]:0" }.Select(static b => SipBinding.TryParse(b, out SipBinding binding) ? binding : default)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Tcp, false, SipTransport.Udp, false)]
    [InlineData(SipTransport.Udp, false, SipTransport.Tls, false)]
    [InlineData(SipTransport.Tls, false, SipTransport.Tcp, false)]
    [InlineData(SipTransport.Udp, true, SipTransport.Udp, false)]
    [InlineData(SipTransport.Udp, false, SipTransport.Tcp, true)]
    public async Task Phones_of_different_transports_and_IP_versions_hear_each_other(SipTransport firstTransport, bool firstV6, SipTransport secondTransport, bool secondV6)
    {
        await using RunningSwitch running = await RunningSwitch.StartAsync(new TlsOptions(), 1, Everywhere);
        await running.ApplyAsync(new
        {
            accounts = new[] { new { account = "2001", currency = "USD" } },
            phones = new[] { new { e164 = "101", account = "2001", password = "secret-one" }, new { e164 = "102", account = "2001", password = "secret-two" } },
        });
        NetAddress firstAt = At(running, firstTransport, firstV6), secondAt = At(running, secondTransport, secondV6);
        using BaresipPhone first = BaresipPhone.Start("101", "secret-one", HertzOf101, firstAt, firstTransport);
        using BaresipPhone second = BaresipPhone.Start("102", "secret-two", HertzOf102, secondAt, secondTransport);
        await StoryAsync(async () => (await running.Host.Control.RegistrationsAsync(Stop)).Count == 2, "two registrations", first, second);

        string parameter = firstTransport == SipTransport.Udp ? "" : ";transport=" + firstTransport.ToString().ToLowerInvariant();
        await first.CommandAsync("dial", $"sip:102@{firstAt}{parameter}", Stop);
        await StoryAsync(async () => await running.CounterAsync("calls.answered") == 1, "an answered call", first, second);
        await Eventually.PassAsync(TimeSpan.FromSeconds(4), Stop);
        await second.CommandAsync("hangup", "", Stop);

        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.Equal((true, EndDirection.Callee, "101", "102"), (cdr.WasAnswered, cdr.EndDirection, cdr.CallerE164, cdr.CalleeE164));
        Assert.Equal((firstV6, secondV6), (cdr.CallerAddress.IsV6, cdr.CalleeAddress.IsV6));
        Assert.InRange(cdr.CallerPackets, 100, 500);
        Assert.InRange(cdr.CalleePackets, 100, 500);
        Assert.True(second.HeardDbm0(HertzOf101) > Loud, $"the second phone did not hear the first.\n{second.Process.Story()}");
        Assert.True(first.HeardDbm0(HertzOf102) > Loud, $"the first phone did not hear the second.\n{first.Process.Story()}");
        await running.AtRestAsync();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Phones_with_and_without_SRTP_hear_each_other(bool firstEncrypted, bool secondEncrypted)
    {
        await using RunningSwitch running = await RunningSwitch.StartAsync(new TlsOptions(), 1, Everywhere);
        await running.ApplyAsync(new
        {
            accounts = new[] { new { account = "2001", currency = "USD" } },
            phones = new[]
            {
                new { e164 = "101", account = "2001", password = "secret-one", srtp = firstEncrypted ? "required" : "off" },
                new { e164 = "102", account = "2001", password = "secret-two", srtp = secondEncrypted ? "required" : "off" },
            },
        });
        NetAddress at = At(running, SipTransport.Tls, false);
        using BaresipPhone first = BaresipPhone.Start("101", "secret-one", HertzOf101, at, SipTransport.Tls, encrypted: firstEncrypted);
        using BaresipPhone second = BaresipPhone.Start("102", "secret-two", HertzOf102, at, SipTransport.Tls, encrypted: secondEncrypted);
        await StoryAsync(async () => (await running.Host.Control.RegistrationsAsync(Stop)).Count == 2, "two registrations", first, second);
        await first.CommandAsync("dial", $"sip:102@{at};transport=tls", Stop);
        await StoryAsync(async () => await running.CounterAsync("calls.answered") == 1, "an answered call", first, second);
        await Eventually.PassAsync(TimeSpan.FromSeconds(4), Stop);
        Assert.Equal(0, await running.CounterAsync("media.dropped.notAuthentic"));
        await second.CommandAsync("hangup", "", Stop);
        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.InRange(cdr.CallerPackets, 100, 500);
        Assert.InRange(cdr.CalleePackets, 100, 500);
        Assert.True(second.HeardDbm0(HertzOf101) > Loud, $"the second phone did not hear the first.\n{second.Process.Story()}");
        Assert.True(first.HeardDbm0(HertzOf102) > Loud, $"the first phone did not hear the second.\n{first.Process.Story()}");
        await running.AtRestAsync();
    }

    private static NetAddress At(RunningSwitch running, SipTransport transport, bool v6) => running.Host.SipAddresses[(int)transport + (v6 ? 3 : 0)];

    private static async Task StoryAsync(Func<Task<bool>> holds, string what, params BaresipPhone[] phones)
    {
        try
        {
            await Eventually.BeAsync(holds, what, Patience, Stop);
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}\n{string.Join("\n", phones.Select(static p => p.Process.Story()))}");
        }
    }
}
