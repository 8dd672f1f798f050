using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Media.Tones;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Baresip;

/// <summary>Phones that nobody here wrote: registration, digest, calls with audio, to each other and to and from gateways.</summary>
public sealed class BaresipTests
{
    private const int HertzOf101 = 700;
    private const int HertzOf102 = 1_100;
    private const int HertzOf103 = 1_600;

    // Tones are played at -10 dBm0; G.711 there and back costs next to nothing.
    private const double Loud = -13, Silent = -35;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_phones_register_with_digest_and_hear_each_other()
    {
        await using RunningSwitch running = await SwitchWithPhones(LoopbackPorts.Take(3));
        using BaresipPhone first = BaresipPhone.Start("101", "secret-one", HertzOf101, running.Sip);
        using BaresipPhone second = BaresipPhone.Start("102", "secret-two", HertzOf102, running.Sip);
        await Registered(running, 2, first, second);

        await first.CommandAsync("dial", $"sip:102@{running.Sip}", Stop);
        await Answered(running, first, second);
        await Eventually.PassAsync(TimeSpan.FromSeconds(4), Stop);
        await first.CommandAsync("hangup", "", Stop);

        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.Equal((true, 200, EndDirection.Caller, "101", "102"), (cdr.WasAnswered, cdr.EndReason, cdr.EndDirection, cdr.CallerE164, cdr.CalleeE164));
        Assert.InRange(cdr.HoldTime.TotalSeconds, 3.5, 8);
        Assert.InRange(cdr.CallerPackets, 120, 500); // 50 a second
        Assert.InRange(cdr.CalleePackets, 120, 500);
        foreach (LegMedia media in new[] { cdr.CallerMedia, cdr.CalleeMedia })
        {
            Assert.True(media is { Lost: 0, Late: 0, JitterMicros: < 20_000, MosHundredths: > 400 } && media.Last - media.First > TimeSpan.FromSeconds(3), media.ToString());
        }
        Assert.True(second.HeardDbm0(HertzOf101) > Loud, Hearing(second, first));
        Assert.True(second.HeardDbm0(HertzOf102) < Silent, Hearing(second, first));
        Assert.True(first.HeardDbm0(HertzOf102) > Loud, Hearing(first, second));
        Assert.True(first.HeardDbm0(HertzOf101) < Silent, Hearing(first, second));
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_phone_of_A_law_only_and_one_of_mu_law_only_hear_each_other_and_are_recorded_side_by_side()
    {
        await using RunningSwitch running = await SwitchWithPhones(LoopbackPorts.Take(3));
        await running.ApplyAsync(new { phones = new[] { new { e164 = "102", account = RunningSwitch.Customer, password = "secret-two", audioCodecTranscodingEnable = true, mediaRecord = true, packetTime = "30" } } });
        using BaresipPhone first = BaresipPhone.Start("101", "secret-one", HertzOf101, running.Sip);
        using BaresipPhone second = BaresipPhone.Start("102", "secret-two", HertzOf102, running.Sip, codec: "PCMU");
        await Registered(running, 2, first, second);
        await first.CommandAsync("dial", $"sip:102@{running.Sip}", Stop);
        await Answered(running, first, second);
        await Eventually.PassAsync(TimeSpan.FromSeconds(4), Stop);
        await first.CommandAsync("hangup", "", Stop);

        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.True(second.HeardDbm0(HertzOf101) > Loud, Hearing(second, first));
        Assert.True(first.HeardDbm0(HertzOf102) > Loud, Hearing(first, second));
        Assert.Equal((0L, 0L), (cdr.CallerMedia.Lost, cdr.CalleeMedia.Lost));
        await running.AtRestAsync();
        byte[] wav = await RecordingAsync(running, cdr.Recording);
        short[] left = Channel(wav, 0), right = Channel(wav, 1);
        Assert.InRange(left.Length, 3 * 8_000, 10 * 8_000);
        int middle = left.Length / 2;
        Assert.True(ToneMeter.LevelDbm0(left.AsSpan(middle, 8_000), HertzOf101) > Loud && ToneMeter.LevelDbm0(left.AsSpan(middle, 8_000), HertzOf102) < Silent);
        Assert.True(ToneMeter.LevelDbm0(right.AsSpan(middle, 8_000), HertzOf102) > Loud && ToneMeter.LevelDbm0(right.AsSpan(middle, 8_000), HertzOf101) < Silent);
    }

    [Theory]
    [InlineData("auto", false)]
    [InlineData("rfc2833", false)]
    [InlineData("info", false)]
    [InlineData("off", true)]
    public async Task A_key_sent_as_an_event_is_told_as_the_other_phone_wants_it(string way, bool tones)
    {
        await using RunningSwitch running = await SwitchWithPhones(LoopbackPorts.Take(3));
        await running.ApplyAsync(new { phones = new[] { new { e164 = "102", account = RunningSwitch.Customer, password = "secret-two", dtmfSIPSendMethod = way, rtpNeedDtmfInband = tones } } });
        using BaresipPhone first = BaresipPhone.Start("101", "secret-one", HertzOf101, running.Sip);
        using BaresipPhone second = BaresipPhone.Start("102", "secret-two", HertzOf102, running.Sip);
        await Registered(running, 2, first, second);
        await first.CommandAsync("dial", $"sip:102@{running.Sip}", Stop);
        await Answered(running, first, second);
        await Eventually.PassAsync(TimeSpan.FromSeconds(1), Stop);
        Task Press() => first.CommandAsync("sndcode", "5", Stop);
        if (way is "auto" or "rfc2833") Assert.Equal('5', await second.HearEventAsync(Press, Stop).WaitAsync(Patience, Stop));
        else await Press();
        if (way == "info") await Eventually.BeAsync(() => second.Process.Story().Contains("received DTMF: '5'", StringComparison.Ordinal), "the phone told of an INFO", Patience, Stop);
        await Eventually.PassAsync(TimeSpan.FromSeconds(1), Stop);
        CallView call = Assert.Single(await running.Host.Control.CallsAsync(Stop));
        if (tones || way == "info") Assert.Equal(1, call.CallerKeys!.Count); // else there is nothing to convert: it went by as it came
        await first.CommandAsync("hangup", "", Stop);
        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.True(cdr.WasAnswered);
        Assert.Equal(tones, second.HeardKeyDbm0(770, 1_336) > -16);
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_key_that_is_a_tone_in_the_speech_is_heard_and_told_as_an_event_and_its_tone_is_muted()
    {
        await using RunningSwitch running = await SwitchWithPhones(LoopbackPorts.Take(3));
        await running.ApplyAsync(new { phones = new[] { new { e164 = "101", account = RunningSwitch.Customer, password = "secret-one", rtpIncludeDtmfInband = true } } });
        short[] says = new short[40 * 8_000];
        for (int at = 3 * 8_000; at < says.Length; at += 8_000) new ToneGenerator(852, 1_477).Fill(says.AsSpan(at, 800)); // 9, for a tenth of a second, every second
        using BaresipPhone first = BaresipPhone.Start("101", "secret-one", HertzOf101, running.Sip, says: says);
        using BaresipPhone second = BaresipPhone.Start("102", "secret-two", HertzOf102, running.Sip);
        await Registered(running, 2, first, second);
        await first.CommandAsync("dial", $"sip:102@{running.Sip}", Stop);
        await Answered(running, first, second);
        Assert.Equal('9', await second.HearEventAsync(static () => Task.CompletedTask, Stop).WaitAsync(Patience, Stop));
        await Eventually.PassAsync(TimeSpan.FromSeconds(2), Stop);
        Assert.InRange(Assert.Single(await running.Host.Control.CallsAsync(Stop)).CallerKeys!.Count, 2, 10);
        await first.CommandAsync("hangup", "", Stop);
        Assert.True(Assert.Single(await running.CdrsAsync(1)).WasAnswered);
        Assert.True(second.HeardKeyDbm0(852, 1_477) < -20, $"{second.HeardKeyDbm0(852, 1_477):0.0} dBm0");
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_key_sent_by_INFO_is_told_to_a_phone_as_an_event()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SwitchWithPhones(ports);
        await running.ImportDeckAsync("sale", SippTests.PlainDeck + "10,Phones,0.006,0,1,1\n");
        await running.ApplyAsync(new { phones = new[] { new { e164 = "102", account = RunningSwitch.Customer, password = "secret-two", dtmfSIPSendMethod = "rfc2833" } } });
        using BaresipPhone phone = BaresipPhone.Start("102", "secret-two", HertzOf102, running.Sip);
        await Registered(running, 1, phone);
        using SippRun caller = SippRun.Caller("caller-presses", ports[0], running.Sip, ["102;4930555;2000"], 1);
        await Answered(running, phone);
        Assert.Equal('7', await phone.HearEventAsync(static () => Task.CompletedTask, Stop).WaitAsync(Patience, Stop));
        await caller.AllWellAsync(Patience, Stop);
        Assert.True(Assert.Single(await running.CdrsAsync(1)).WasAnswered);
        await running.AtRestAsync();
    }

    // It is complete when its header says how long it is.
    private static async Task<byte[]> RecordingAsync(RunningSwitch running, string file)
    {
        string path = Path.Combine(running.DataFolder, "recordings", file);
        byte[] wav = [];
        await Eventually.BeAsync(() =>
        {
            wav = File.Exists(path) ? File.ReadAllBytes(path) : [];
            return wav.Length > 44 && System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(40)) == wav.Length - 44;
        }, $"{path} is complete", Patience, Stop);
        return wav;
    }

    private static short[] Channel(byte[] wav, int which) =>
        [.. Enumerable.Range(0, (wav.Length - 44) / 4).Select(i => System.Buffers.Binary.BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(44 + (4 * i) + (2 * which))))];

    [Fact]
    public async Task A_phone_that_loses_its_power_in_a_call_is_missed_by_its_silence_and_paid_to_its_last_packet()
    {
        await using RunningSwitch running = await SwitchWithPhones(LoopbackPorts.Take(3));
        await running.ApplyAsync(new { phones = new[] { new { e164 = "102", account = RunningSwitch.Customer, password = "secret-two", rtpInterruptDetection = "remoteToServer", mediaCheckSeconds = 5 } } });
        using BaresipPhone first = BaresipPhone.Start("101", "secret-one", HertzOf101, running.Sip);
        using BaresipPhone second = BaresipPhone.Start("102", "secret-two", HertzOf102, running.Sip);
        await Registered(running, 2, first, second);
        await first.CommandAsync("dial", $"sip:102@{running.Sip}", Stop);
        await Answered(running, first, second);
        await Eventually.PassAsync(TimeSpan.FromSeconds(3), Stop);
        second.Process.Kill();

        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.Equal((true, Refusal.MediaTimeout, EndDirection.Server), (cdr.WasAnswered, cdr.Refusal, cdr.EndDirection));
        Assert.Equal(cdr.CalleeMedia.Last, cdr.Stop);
        Assert.InRange(cdr.HoldTime.TotalSeconds, 2, 8);
        Assert.True(cdr.CallerMedia.Last - cdr.CalleeMedia.Last > TimeSpan.FromSeconds(4), $"{cdr.CallerMedia} {cdr.CalleeMedia}"); // the other went on talking
    }

    [Fact]
    public async Task A_phone_calls_a_number_behind_a_carrier_and_pays()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SwitchWithPhones(ports);
        using BaresipPhone phone = BaresipPhone.Start("101", "secret-one", HertzOf101, running.Sip);
        await Registered(running, 1, phone);
        using SippRun carrier = await SippRun.CalleeAsync("callee", ports[1], 1, Stop);
        await phone.CommandAsync("dial", $"sip:4930123456@{running.Sip}", Stop);
        await Answered(running, phone);
        await Eventually.PassAsync(TimeSpan.FromSeconds(2), Stop);
        await phone.CommandAsync("hangup", "", Stop);
        await carrier.AllWellAsync(Patience, Stop);

        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.Equal((true, "one", "101", "4930123456", BillingMode.Phone), (cdr.WasAnswered, cdr.CalleeGateway, cdr.CallerE164, cdr.CalleeE164, cdr.BillingMode));
        Assert.Equal(1_000_000L * (long)cdr.HoldTime.TotalSeconds, cdr.Sale!.Nanos); // 0.06 a minute
        Assert.True(cdr.CallerPackets > 60, $"{cdr.CallerPackets} packets from the phone");
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_gateway_calls_a_phone()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SwitchWithPhones(ports);
        await running.ImportDeckAsync("sale", SippTests.PlainDeck + "10,Phones,0.006,0,1,1\n");
        using BaresipPhone phone = BaresipPhone.Start("102", "secret-two", HertzOf102, running.Sip);
        await Registered(running, 1, phone);
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, ["102;4930555;2300"], 1);
        await caller.AllWellAsync(Patience, Stop);

        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.Equal((true, "customer", "102"), (cdr.WasAnswered, cdr.CallerGateway, cdr.CalleeE164));
        Assert.Equal(100_000L * (long)cdr.HoldTime.TotalSeconds, cdr.Sale!.Nanos);
        Assert.True(cdr.CalleePackets > 60, $"{cdr.CalleePackets} packets from the phone");
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_phone_holds_resumes_and_transfers_its_call_to_a_third_and_leaves()
    {
        await using RunningSwitch running = await SwitchWithPhones(LoopbackPorts.Take(3));
        using BaresipPhone first = BaresipPhone.Start("101", "secret-one", HertzOf101, running.Sip);
        using BaresipPhone second = BaresipPhone.Start("102", "secret-two", HertzOf102, running.Sip);
        using BaresipPhone third = BaresipPhone.Start("103", "plain", HertzOf103, running.Sip);
        await Registered(running, 3, first, second, third);

        await first.CommandAsync("dial", $"sip:102@{running.Sip}", Stop);
        await Answered(running, first, second);
        await Eventually.PassAsync(TimeSpan.FromSeconds(1), Stop);
        await first.CommandAsync("hold", "", Stop);
        await Eventually.PassAsync(TimeSpan.FromSeconds(1), Stop);
        await first.CommandAsync("resume", "", Stop);
        await Eventually.PassAsync(TimeSpan.FromSeconds(1), Stop);
        await first.CommandAsync("transfer", $"sip:103@{running.Sip}", Stop);
        try
        {
            await Eventually.BeAsync(async () => await running.CounterAsync("calls.answered") == 2, "the call to the target answered", Patience, Stop);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{first.Process.Story()}\n{second.Process.Story()}\n{third.Process.Story()}", e);
        }
        await Eventually.PassAsync(TimeSpan.FromSeconds(4), Stop);
        await second.CommandAsync("hangup", "", Stop);

        IReadOnlyList<Cdr> cdrs = await running.CdrsAsync(2);
        Cdr before = Assert.Single(cdrs, static c => c.CalleeE164 == "102"), after = Assert.Single(cdrs, static c => c.CalleeE164 == "103");
        Assert.Equal((true, EndDirection.Callee), (before.WasAnswered, before.EndDirection));
        Assert.Equal((true, EndDirection.Caller), (after.WasAnswered, after.EndDirection));
        Assert.Equal(before.Stop, after.Stop); // one conversation
        Assert.True(before.HoldTime > after.HoldTime + TimeSpan.FromSeconds(2.5), $"{before.HoldTime} and {after.HoldTime}");
        Assert.True(third.HeardDbm0(HertzOf102) > Loud && third.HeardDbm0(HertzOf101) < Silent, Hearing(third, second));
        // The second phone's recorder stands still from the hold on; what reached it is counted.
        Assert.InRange(after.CallerPackets, 120, 500);
        Assert.InRange(after.CalleePackets, 120, 500);
        Assert.Contains("SSRC changed", second.Process.Story());
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_phone_with_the_wrong_password_is_not_registered_and_cannot_call()
    {
        await using RunningSwitch running = await SwitchWithPhones(LoopbackPorts.Take(3));
        using BaresipPhone phone = BaresipPhone.Start("101", "secret-two", HertzOf101, running.Sip);
        await Eventually.BeAsync(async () => await running.CounterAsync("authentication.failures") > 0, "a refused registration", Patience, Stop);
        Assert.Empty(await running.Host.Control.RegistrationsAsync(Stop));
        Assert.Equal(0, await running.CounterAsync("registrations.accepted"));
    }

    [Fact]
    public async Task Sipp_as_a_phone_answers_the_challenge()
    {
        int[] ports = LoopbackPorts.Take(4);
        await using RunningSwitch running = await SwitchWithPhones(ports);
        using SippRun carrier = await SippRun.CalleeAsync("callee", ports[1], 1, Stop);
        using SippRun phone = SippRun.Caller("caller-digest", ports[3], running.Sip, ["4930123;103;1200;[authentication username=103 password=plain]"], 1);
        await phone.AllWellAsync(Patience, Stop);
        await carrier.AllWellAsync(Patience, Stop);
        Assert.Equal("103", Assert.Single(await running.CdrsAsync(1)).CallerE164);
        await running.AtRestAsync();
    }

    private static async Task<RunningSwitch> SwitchWithPhones(int[] ports)
    {
        RunningSwitch running = await SippTests.PlainSwitch(ports);
        await running.ApplyAsync(new
        {
            phones = new[]
            {
                new { e164 = "101", account = RunningSwitch.Customer, password = "secret-one", callTransfer = true },
                new { e164 = "102", account = RunningSwitch.Customer, password = "secret-two", callTransfer = false },
                new { e164 = "103", account = RunningSwitch.Customer, password = "plain", callTransfer = false },
            },
        });
        return running;
    }

    private static async Task Registered(RunningSwitch running, int phones, params BaresipPhone[] all)
    {
        try
        {
            await Eventually.BeAsync(async () => (await running.Host.Control.RegistrationsAsync(Stop)).Count == phones, $"{phones} phones registered", Patience, Stop);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(e.Message + "\n" + string.Join("\n", all.Select(static p => p.Process.Story())), e);
        }
    }

    private static async Task Answered(RunningSwitch running, params BaresipPhone[] all)
    {
        try
        {
            await Eventually.BeAsync(async () => await running.CounterAsync("calls.answered") == 1, "an answered call", Patience, Stop);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(e.Message + "\n" + string.Join("\n", all.Select(static p => p.Process.Story())), e);
        }
    }

    private static string Hearing(BaresipPhone who, BaresipPhone other) =>
        $"{who.Number} heard {who.Heard().Length} samples: {HertzOf101} Hz at {who.HeardDbm0(HertzOf101):0.0} dBm0, {HertzOf102} Hz at {who.HeardDbm0(HertzOf102):0.0} dBm0.\n{who.Process.Story()}\n{other.Process.Story()}";
}
