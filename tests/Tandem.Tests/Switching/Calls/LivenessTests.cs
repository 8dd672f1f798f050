using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Phones asked between their registrations (SS_ENDPOINTTIMETOLIVE, livenessCheck).</summary>
public class LivenessTests
{
    private const string Contact = "sip:5552@192.0.2.52:5062;line=7";

    private readonly SwitchFixture _switch = new(static said => SwitchFixture.ChangePhone(said, SwitchFixture.NumberTwo, static p => p with { LivenessCheck = true }));

    private GatewayState State => _switch.Book.Current.TryFindPhone(DialString.Parse(SwitchFixture.NumberTwo), out var phone) ? phone.State : throw new InvalidOperationException();

    [Fact]
    public void A_phone_without_a_sign_of_life_is_asked_where_a_call_would_go_and_any_answer_is_one()
    {
        Register();
        Instant registered = _switch.Now;
        WireMessage asked = Asked(60, 75);
        Assert.Equal(("OPTIONS", Contact, $"<sip:5552@{SwitchFixture.PhoneTwo}>"), (asked.Method, asked.Uri, asked["To"]));
        Assert.InRange((_switch.Now - registered).TotalSeconds, 60, 75.1);
        Answer(asked, 481);
        Assert.Equal((false, _switch.Now), (State.IsSilent, State.Heard));
        Instant heard = _switch.Now;
        Answer(Asked(59, 61), 200);
        Assert.Equal(60, (_switch.Now - heard).TotalSeconds, 0.2);
        Leave();
    }

    [Fact]
    public void One_that_does_not_answer_is_away_for_calls_and_messages_until_it_answers_again()
    {
        Register();
        Asked(60, 75);
        Instant since = _switch.Now;
        _switch.Advance(31);
        Assert.False(State.IsSilent);
        _switch.Advance(2);
        Assert.True(State.IsSilent);
        Assert.InRange((since - State.SilentSince).TotalSeconds, -0.2, 0.2);
        _switch.Forget(SwitchFixture.PhoneTwo);

        CallerLeg caller = PhoneCallTests.Call(_switch, SwitchFixture.NumberTwo);
        caller.Expect(480);
        caller.AckFailure();
        Assert.Equal(0, _switch.Waiting(SwitchFixture.PhoneTwo));
        Assert.Equal((Refusal.CalleeOffline, 0), (_switch.Cdrs[^1].Refusal, _switch.Cdrs[^1].Attempts));
        Assert.Contains(DecisionLogReader.Read(_switch.Cdrs[^1].DecisionLog), static e => e.Kind == DecisionKind.PhoneSilent && e.Numbers[0] is 33 or 32);
        Assert.Contains(WhyStory.Of(_switch.Cdrs[^1]).Steps, static s => s.Says.StartsWith("5552 is registered, but has not answered OPTIONS for 3", StringComparison.Ordinal));

        new CallerLeg(_switch, to: SwitchFixture.NumberTwo).Request("MESSAGE").Expect(480, "MESSAGE");
        Answer(Asked(55, 60), 200);
        Assert.False(State.IsSilent);
        CallerLeg again = PhoneCallTests.Call(_switch, SwitchFixture.NumberTwo);
        var callee = new CalleeLeg(_switch, SwitchFixture.PhoneTwo);
        callee.Respond(486);
        callee.ExpectAck();
        again.Expect(486);
        again.AckFailure();
        Leave();
    }

    [Fact]
    public void A_registration_brings_it_back_and_outdoes_a_question_that_is_still_open()
    {
        Register();
        Asked(60, 75);
        _switch.Advance(40);
        Assert.True(State.IsSilent);
        _switch.Forget(SwitchFixture.PhoneTwo);
        Register();
        Assert.False(State.IsSilent);
        Asked(59, 76);
        _switch.Advance(10);
        _switch.Forget(SwitchFixture.PhoneTwo);
        Register();
        _switch.Advance(40);
        Assert.False(State.IsSilent);
        _switch.Forget(SwitchFixture.PhoneTwo);
        Leave();
    }

    [Fact]
    public void Its_own_requests_are_signs_of_life_from_its_port_alone()
    {
        Register();
        for (int i = 0; i < 10; i++)
        {
            _switch.Advance(50);
            Assert.Equal(0, _switch.Waiting(SwitchFixture.PhoneTwo));
            new CallerLeg(_switch, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, "100").Request("OPTIONS").Expect(200, "OPTIONS");
        }
        Instant heard = State.Heard;
        Assert.Equal(_switch.Now, heard);
        _switch.Advance(5);
        new CallerLeg(_switch, SwitchFixture.PhoneTwo.WithPort(9), SwitchFixture.NumberTwo, "100").Request("OPTIONS").Expect(200, "OPTIONS");
        Assert.Equal(heard, State.Heard);
        Leave();
    }

    [Fact]
    public void Without_the_flag_nobody_is_asked_and_with_it_taken_away_nobody_is_silent()
    {
        PhoneCallTests.Register(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "sip:5551@192.0.2.51:5062");
        _switch.Advance(500);
        Assert.Equal(0, _switch.Waiting(SwitchFixture.PhoneOne));
        Register();
        Asked(60, 75);
        _switch.Advance(40);
        Assert.True(State.IsSilent);
        _switch.Forget(SwitchFixture.PhoneTwo);
        _switch.Reconfigure(static said => SwitchFixture.ChangePhone(said, SwitchFixture.NumberTwo, static p => p with { LivenessCheck = false }));
        PhoneCallTests.Register(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "sip:5551@192.0.2.51:5062");
        CallerLeg caller = PhoneCallTests.Call(_switch, SwitchFixture.NumberTwo);
        var callee = new CalleeLeg(_switch, SwitchFixture.PhoneTwo);
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(600)]
    public void The_setting_says_how_long_silence_may_last(int seconds)
    {
        _switch.Reconfigure(said => said with { Settings = said.Settings with { Endpoint = said.Settings.Endpoint with { TimeToLive = TimeSpan.FromSeconds(seconds) } } });
        PhoneCallTests.Register(_switch, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, Contact, 3600);
        Asked(seconds, seconds * 1.25);
    }

    [Fact]
    public void A_thousand_phones_of_an_earlier_life_are_asked_spread_over_a_quarter_of_the_time()
    {
        var book = new LocationBook();
        PhoneConfig[] phones = [.. Enumerable.Range(70_000, 1000).Select(static n => new PhoneConfig { E164 = $"{n}", Account = "2001", Password = "x", LivenessCheck = true })];
        Instant start = new SwitchFixture().Now;
        foreach (PhoneConfig phone in phones) book.Set(new Binding(DialString.Parse(phone.E164), Encoding.ASCII.GetBytes($"sip:{phone.E164}@192.0.2.51:5062"), SwitchFixture.PhoneOne, start, start + TimeSpan.FromHours(1), ""));
        var world = new SwitchFixture(said => said with { Phones = said.Phones.AddRange(phones.Select(static p => KeyValuePair.Create(p.E164, p))) }, locations: book);
        world.Turn();
        int before = 0, most = 0;
        var asked = new HashSet<string>();
        for (int second = 0; second < 16; second++)
        {
            world.Advance(1);
            asked.UnionWith(world.Sent.Skip(before).Where(static m => m.Method == "OPTIONS").Select(static m => m.Uri));
            most = Math.Max(most, asked.Count - before);
            before = asked.Count;
        }
        Assert.Equal(1000, asked.Count);
        Assert.InRange(most, 40, 120);
    }

    [Fact]
    public void Asking_allocates_nothing_once_a_phone_is_known()
    {
        Register();
        for (int i = 0; i < 5; i++) Answer(Asked(0, 80), 200);
        _switch.Listening = false;
        long before = _switch.Allocated;
        for (int i = 0; i < 3; i++) _switch.Advance(100);
        Assert.Equal(before, _switch.Allocated);
    }

    // The phone may not answer in time: what is said again is passed over.
    private WireMessage Asked(double from, double within)
    {
        double waited = 0;
        for (; _switch.Waiting(SwitchFixture.PhoneTwo) == 0 && waited < within + 0.2; waited += 0.1) _switch.Advance(0.1);
        Assert.True(waited >= from - 0.2, $"asked after {waited} s");
        WireMessage asked = _switch.Next(SwitchFixture.PhoneTwo);
        Assert.Equal("OPTIONS", asked.Method);
        return asked;
    }

    private void Answer(WireMessage asked, int status) => _switch.Deliver(SwitchFixture.PhoneTwo, Legs.Response(asked, status, "x1", "", "", ""));

    private void Register() => PhoneCallTests.Register(_switch, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, Contact);

    private void Leave()
    {
        _switch.Reconfigure(static said => SwitchFixture.ChangePhone(said, SwitchFixture.NumberTwo, static p => p with { LivenessCheck = false }));
        _switch.AssertEverythingReturned();
    }
}
