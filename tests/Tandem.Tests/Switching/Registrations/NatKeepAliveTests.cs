using Tandem.Primitives;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Registrations;
using Tandem.Switching.Settings;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Switching.Registrations;

public class NatKeepAliveTests
{
    private const string Private = "Contact: <sip:5551@192.168.1.10:5062>\r\nExpires: 100\r\n";

    private static readonly Instant Start = Instant.FromUtc(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc));

    private static readonly SipListeners Listeners = new([new(SwitchFixture.Us), new(SwitchFixture.Us, SipTransport.Tcp), new(SwitchFixture.Us.WithPort(5070))]);

    private readonly LocationBook _book = new();
    private readonly Wire _wire = new();

    [Fact]
    public void A_registered_phone_behind_a_NAT_hears_HELLO_every_30_seconds_until_it_is_gone()
    {
        var world = new SwitchFixture();
        Instant registered = world.Now;
        RegistrarTests.Register(world, new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberOne), Private);
        world.Advance(200);
        Assert.Equal([30.0, 60.0, 90.0], world.RawSent.Select(s => (s.At - registered).TotalSeconds));
        Assert.All(world.RawSent, static s => Assert.Equal((SwitchFixture.PhoneOne, "HELLO"), (s.To, s.Text)));
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>\r\n", "HELLO")]
    [InlineData(Private, "")] // an empty message turns it off
    public void Nothing_is_sent_to_a_phone_without_NAT_or_without_a_message(string contact, string message)
    {
        var world = new SwitchFixture(said => said with { Settings = said.Settings with { Sip = said.Settings.Sip with { NatKeepAliveMessage = message } } });
        RegistrarTests.Register(world, new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberOne), contact);
        world.Advance(95);
        Assert.Empty(world.RawSent);
    }

    [Fact]
    public void Message_and_period_are_obeyed_as_they_are_set()
    {
        var world = new SwitchFixture();
        RegistrarTests.Register(world, new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberOne), Private);
        Instant registered = world.Now;
        world.Reconfigure(static said => said with { Settings = said.Settings with { Sip = said.Settings.Sip with { NatKeepAliveMessage = "PING", NatKeepAlivePeriod = TimeSpan.FromSeconds(10) } } });
        world.Advance(25);
        Assert.Equal([(10.0, "PING"), (20.0, "PING")], world.RawSent.Select(s => ((s.At - registered).TotalSeconds, s.Text)));
    }

    [Fact]
    public void A_burst_has_SEND_ONE_TIME_datagrams_and_the_next_comes_SEND_INTERVAL_later()
    {
        NatKeepAlive keeper = Fill(250);
        SipSettings settings = Settings(oneTime: 100, interval: 500, period: 30);
        Run(keeper, settings, 35);
        Assert.Equal([(0, 100), (500, 100), (1000, 50), (30_000, 100), (30_500, 100), (31_000, 50)], _wire.Bursts(Start));
        Assert.Equal(250, _wire.Sent.Take(250).Select(static s => s.To).Distinct().Count());
    }

    [Fact]
    public void A_cycle_the_period_ends_too_early_is_followed_by_one_that_begins_with_those_left_out()
    {
        NatKeepAlive keeper = Fill(50);
        SipSettings settings = Settings(oneTime: 1, interval: 500, period: 10); // 20 a cycle
        Run(keeper, settings, 24.9);
        Assert.Equal(50, _wire.Sent.Count);
        Assert.Equal(50, _wire.Sent.Select(static s => s.To).Distinct().Count());
    }

    [Fact]
    public void Phones_that_leave_cost_no_datagram_and_nobody_else_his_turn()
    {
        NatKeepAlive keeper = Fill(50);
        SipSettings settings = Settings(oneTime: 10, interval: 500, period: 10);
        Run(keeper, settings, 9);
        for (int i = 0; i < 50; i += 2) _book.Remove(Number(i));
        _wire.Sent.Clear();
        Run(keeper, settings, 9.9, from: 10);
        Assert.Equal([(10_000, 10), (10_500, 10), (11_000, 5)], _wire.Bursts(Start));
        Assert.Equal(25, keeper.Count);
    }

    [Fact]
    public void When_the_last_phone_has_left_no_deadline_remains()
    {
        NatKeepAlive keeper = Fill(3);
        for (int i = 0; i < 3; i++) _book.Remove(Number(i));
        Assert.True(keeper.Send(Settings(1, 1, 10), _wire, Start));
        Assert.Equal(Instant.Never, keeper.Due(Settings(1, 1, 10)));
        Assert.Empty(_wire.Sent);
    }

    [Fact]
    public void A_shard_serves_the_phones_it_registered_and_no_others()
    {
        Fill(4);
        _book.Set(Behind(9) with { Shard = 1 });
        var other = new NatKeepAlive(_book, 1, Listeners);
        Run(other, Settings(100, 500, 10), 5);
        Assert.Equal(Behind(9).Source, Assert.Single(_wire.Sent).To);
    }

    [Fact]
    public void A_cycle_allocates_nothing()
    {
        NatKeepAlive keeper = Fill(1000);
        SipSettings settings = Settings(100, 500, 30);
        var silent = new Silence();
        Instant now = Start;
        void Cycle()
        {
            for (int i = 0; i < 10; i++)
            {
                now = keeper.Due(settings) > now ? keeper.Due(settings) : now;
                keeper.Send(settings, silent, now);
            }
        }
        Cycle();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Cycle();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2000, silent.Count);
    }

    private NatKeepAlive Fill(int phones)
    {
        for (int i = 0; i < phones; i++) _book.Set(Behind(i));
        return new NatKeepAlive(_book, 0, Listeners);
    }

    private void Run(NatKeepAlive keeper, SipSettings settings, double seconds, double from = 0)
    {
        Instant end = Start + TimeSpan.FromSeconds(from + seconds);
        for (Instant now = Start + TimeSpan.FromSeconds(from); now <= end; now = keeper.Due(settings))
        {
            _wire.Now = now;
            Assert.True(keeper.Send(settings, _wire, now));
        }
    }

    private static DialString Number(int i) => DialString.Parse((60_000 + i).ToString());

    private static Binding Behind(int i) =>
        new(Number(i), [.. "sip:a@10.0.0.1"u8], NetAddress.V4(0xc0000200 + (uint)(i >> 8), 1024 + (i & 255)), Start, Start + TimeSpan.FromHours(1), "") { BehindNat = true };

    private static SipSettings Settings(int oneTime, int interval, int period) => new()
    {
        NatKeepAliveSendOneTime = oneTime,
        NatKeepAliveSendInterval = TimeSpan.FromMilliseconds(interval),
        NatKeepAlivePeriod = TimeSpan.FromSeconds(period),
    };

    private sealed class Wire : ISipSender
    {
        public Instant Now { get; set; }

        public List<(Instant At, NetAddress To)> Sent { get; } = [];

        public IEnumerable<(int Millis, int Count)> Bursts(Instant start) => Sent.GroupBy(static s => s.At).Select(g => ((int)(g.Key - start).TotalMilliseconds, g.Count()));

        public void Send(int listener, in NetAddress to, ReadOnlySpan<byte> message) => Sent.Add((Now, to));
    }

    private sealed class Silence : ISipSender
    {
        public int Count { get; private set; }

        public void Send(int listener, in NetAddress to, ReadOnlySpan<byte> message) => Count++;
    }
}
