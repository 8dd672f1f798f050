using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Wrong passwords, replays, floods: what the switch bears, and that those it knows are served meanwhile.</summary>
public sealed class GuardTests
{
    private static readonly NetAddress Attacker = NetAddress.Parse("198.51.100.66:5060");

    [Fact]
    public void SS_AUTHENTICATION_MAX_RETRY_wrong_passwords_block_the_address_for_SS_AUTHENTICATION_FAILED_SUSPEND()
    {
        SwitchFixture world = With(static a => a with { MaxRetry = 3, FailedSuspend = TimeSpan.FromSeconds(60) });
        for (int i = 0; i < 3; i++) Guess(world, Attacker, SwitchFixture.NumberOne, $"guess {i}").Expect(403, "REGISTER");
        new CallerLeg(world, Attacker).Request("OPTIONS");
        new CallerLeg(world, Attacker).Invite();
        world.AssertQuiet();
        Assert.Equal(2, world.Shard.Counters.BlockedDropped);
        world.Advance(59);
        new CallerLeg(world, Attacker).Request("OPTIONS");
        world.AssertQuiet();
        world.Advance(1);
        new CallerLeg(world, Attacker).Request("OPTIONS").Expect(401, "OPTIONS");
    }

    [Fact]
    public void A_block_does_not_hold_for_a_phone_at_the_address_it_is_registered_from()
    {
        SwitchFixture world = With(static a => a with { MaxRetry = 2 });
        Guess(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.Password).Expect(200, "REGISTER");
        for (int i = 0; i < 2; i++) Guess(world, Attacker, SwitchFixture.NumberOne, $"guess {i}").Expect(403, "REGISTER");
        Assert.Equal(["198.51.100.66", SwitchFixture.NumberOne], world.Blocks.List(world.Now).Select(static b => b.Who));
        // From elsewhere even the right password is not looked at, and the answer is that to a wrong one.
        Guess(world, SwitchFixture.Stranger, SwitchFixture.NumberOne, SwitchFixture.Password).Expect(403, "REGISTER");
        Guess(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.Password).Expect(200, "REGISTER");
    }

    [Fact]
    public void A_neighbour_behind_the_same_NAT_who_forgot_his_password_locks_nobody_else_out()
    {
        SwitchFixture world = With(static a => a with { MaxRetry = 2 });
        Guess(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.Password).Expect(200, "REGISTER");
        for (int i = 0; i < 2; i++) Guess(world, SwitchFixture.PhoneOne.WithPort(7000), SwitchFixture.NumberTwo, $"guess {i}").Expect(403, "REGISTER");
        new CallerLeg(world, SwitchFixture.PhoneOne.WithPort(7000), SwitchFixture.NumberTwo, SwitchFixture.NumberTwo).Request("REGISTER");
        world.AssertQuiet();
        Guess(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.Password).Expect(200, "REGISTER");
    }

    [Fact]
    public void A_forged_source_without_a_nonce_of_ours_gets_nobody_blocked()
    {
        SwitchFixture world = With(static a => a with { MaxRetry = 1 });
        for (int i = 0; i < 20; i++)
        {
            new CallerLeg(world, SwitchFixture.Stranger, SwitchFixture.NumberOne, SwitchFixture.NumberOne).Request("REGISTER", extra:
                $"Authorization: Digest username=\"{SwitchFixture.NumberOne}\", realm=\"tandem\", nonce=\"{new string('a', 56)}\", uri=\"sip:x\", response=\"{new string('0', 32)}\"\r\n").Expect(401, "REGISTER");
        }
        Assert.Empty(world.Blocks.List(world.Now));
    }

    [Fact]
    public void The_same_wrong_answer_again_is_its_retransmission_and_not_another_try()
    {
        SwitchFixture world = With(static a => a with { MaxRetry = 2 });
        CallerLeg phone = Guess(world, Attacker, SwitchFixture.NumberOne, "guess");
        phone.Expect(403, "REGISTER");
        for (int i = 0; i < 5; i++) phone.Repeat();
        Assert.Empty(world.Blocks.List(world.Now));
    }

    [Fact]
    public void Overheard_credentials_are_worth_nothing_a_second_time()
    {
        var world = new SwitchFixture();
        CallerLeg phone = Guess(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.Password);
        phone.Expect(200, "REGISTER");
        world.Advance(40); // the transaction is forgotten
        phone.Repeat();
        Assert.Contains("stale=true", phone.Expect(401, "REGISTER")["WWW-Authenticate"], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, world.Shard.Replays);
    }

    [Fact]
    public void SS_SIP_AUTHENTICATION_TIMEOUT_is_the_time_to_answer_a_challenge()
    {
        SwitchFixture world = With(static a => a with { Timeout = TimeSpan.FromSeconds(20) });
        CallerLeg phone = Phone(world, SwitchFixture.PhoneOne);
        WireMessage first = phone.Request("REGISTER").Expect(401, "REGISTER");
        world.Advance(21);
        WireMessage second = Answer(phone, first).Expect(401, "REGISTER");
        Assert.Contains("stale=true", second["WWW-Authenticate"], StringComparison.OrdinalIgnoreCase);
        world.Advance(20);
        Answer(phone, second).Expect(200, "REGISTER");
        world.Advance(200); // once answered in time, it serves for five minutes
        Answer(phone, second).Expect(200, "REGISTER");
    }

    [Fact]
    public void SS_SIP_AUTHENTICATION_RETRY_is_how_often_one_request_is_challenged()
    {
        SwitchFixture world = With(static a => a with { Retry = 3 });
        CallerLeg phone = Phone(world, SwitchFixture.PhoneOne);
        for (int i = 0; i < 3; i++) phone.Request("REGISTER").Expect(401, "REGISTER");
        phone.Request("REGISTER").Expect(403, "REGISTER");
        Assert.Empty(world.Blocks.List(world.Now)); // no password was tried
        world.Advance(301);
        WireMessage challenge = phone.Request("REGISTER").Expect(401, "REGISTER");
        Answer(phone, challenge).Expect(200, "REGISTER"); // answered: the count begins anew
        for (int i = 0; i < 3; i++) phone.Request("REGISTER").Expect(401, "REGISTER");
    }

    [Fact]
    public void SHA_256_is_accepted_too()
    {
        var world = new SwitchFixture();
        CallerLeg phone = Phone(world, SwitchFixture.PhoneOne);
        WireMessage challenge = phone.Request("REGISTER").Expect(401, "REGISTER");
        phone.Request("REGISTER", extra: Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, SwitchFixture.Password, "SHA-256")).Expect(200, "REGISTER");
    }

    [Fact]
    public void A_call_of_a_carrier_that_is_no_customer_is_challenged_and_recorded_once()
    {
        var world = new SwitchFixture();
        CallerLeg carrier = new CallerLeg(world, SwitchFixture.CarrierA).Invite();
        carrier.Expect(401);
        carrier.Repeat();
        Assert.Equal(Refusal.UnknownSource, Assert.Single(world.Cdrs).Refusal);
    }

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    [InlineData("OPTIONS")]
    [InlineData("SUBSCRIBE")]
    public void A_number_there_is_and_one_there_is_not_get_the_same_answers(string method)
    {
        var world = new SwitchFixture();
        string[] answers = [.. ((string[])[SwitchFixture.NumberOne, "5999"]).Select(number =>
        {
            var scanner = new CallerLeg(world, Attacker, number, number);
            WireMessage challenge = scanner.Request(method).Expect(401, method);
            string uri = method == "REGISTER" ? $"sip:{SwitchFixture.Us}" : scanner.RequestUri;
            WireMessage refused = scanner.Request(method, extra: Digest.Answer(challenge, method, uri, number, "guess")).Expect(403, method);
            return Digest.Shape(challenge).Replace(number, "N") + Digest.Shape(refused).Replace(number, "N");
        })];
        Assert.Equal(answers[0], answers[1]);
        Assert.DoesNotContain("Server", answers[0]);
    }

    [Fact]
    public void Strangers_have_a_rate_each_network_and_in_all_and_those_known_are_served_meanwhile()
    {
        SwitchFixture world = With(static a => a with { StrangerRatePrefix = 10, StrangerRate = 50 });
        for (int i = 0; i < 1000; i++) Flood(world, NetAddress.V4(0x0a000000 + (uint)(i % 200), 5060), i);
        Assert.Equal(20, world.Sent.Count); // one network: two seconds of its rate
        for (int i = 0; i < 5000; i++) Flood(world, NetAddress.V4(0x0b000000 + ((uint)i << 8), 5060), i);
        Assert.Equal(100, world.Sent.Count); // many: two seconds of the rate of all
        Assert.Equal(5900, world.Shard.Counters.StrangersDropped);
        Assert.Equal(0, world.Shard.Transactions.OpenServers);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Legs.End(caller, callee);
    }

    [Fact]
    public void A_phone_that_saw_its_challenge_gets_through_a_flood_of_forged_sources()
    {
        SwitchFixture world = With(static a => a with { StrangerRate = 5 });
        CallerLeg phone = Phone(world, SwitchFixture.PhoneOne);
        WireMessage challenge = phone.Request("REGISTER").Expect(401, "REGISTER");
        for (int i = 0; i < 100; i++) Flood(world, NetAddress.V4(0x0b000000 + ((uint)i << 8), 5060), i);
        Phone(world, SwitchFixture.PhoneTwo.WithPort(5099)).Request("REGISTER"); // a newcomer is lost in it
        Assert.Equal(0, world.Waiting(SwitchFixture.PhoneTwo.WithPort(5099)));
        Answer(phone, challenge).Expect(200, "REGISTER");
        Answer(phone, challenge).Expect(200, "REGISTER"); // and is known from now on
    }

    [Fact]
    public void A_flood_of_what_looks_like_dialogs_has_a_share_of_its_own()
    {
        SwitchFixture world = With(static a => a with { StrangerRatePrefix = 1, StrangerRate = 5 });
        for (int i = 0; i < 500; i++) new CallerLeg(world, Attacker).Request("BYE");
        Assert.Equal((20, 480L), (world.Sent.Count, world.Shard.Counters.DialogShareDropped));
        new CallerLeg(world, Attacker).Request("OPTIONS").Next(); // the other share is untouched
    }

    [Fact]
    public void Behind_the_switch_hears_no_strangers_and_far_behind_it_takes_no_new_work_but_ends_calls()
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        world.Shard.NoteLag(Shard.Behind + TimeSpan.FromMilliseconds(1));
        new CallerLeg(world, Attacker).Request("OPTIONS");
        Assert.Equal((0, 1L), (world.Waiting(Attacker), world.Shard.Counters.OverloadDropped));
        world.Shard.NoteLag(Shard.FarBehind + TimeSpan.FromMilliseconds(1));
        int open = world.Shard.Transactions.OpenServers;
        Assert.Equal("5", new CallerLeg(world).Invite().Expect(503)["Retry-After"]);
        Assert.Equal(open, world.Shard.Transactions.OpenServers);
        Assert.Equal(1, world.Shard.Counters.OverloadRefused);
        Legs.End(caller, callee);
        Assert.Single(world.Cdrs);
        world.Shard.NoteLag(TimeSpan.Zero);
        Legs.Talk(world);
    }

    [Fact]
    public void No_answer_to_a_stranger_is_more_than_three_times_as_long_as_what_it_answers()
    {
        SwitchFixture world = With(static a => a with { StrangerRatePrefix = 100_000, StrangerRate = 100_000 });
        string[] methods = ["INVITE", "REGISTER", "OPTIONS", "BYE", "CANCEL", "SUBSCRIBE", "MESSAGE", "FROBNICATE"];
        int answered = 0;
        foreach (string method in methods)
        {
            foreach (string vias in (string[])["v:SIP/2.0/UDP a;branch=z9hG4bK1", "Via: SIP/2.0/UDP 192.0.2.200;rport;branch=z9hG4bK1" + string.Concat(Enumerable.Repeat("\r\nVia: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bKxyz", 60))])
            {
                foreach (string to in (string[])["t:<a:b>", "t:<a:b>;tag=1", "t:<sip:5551@a>", "To: \"" + new string('x', 2000) + "\" <sip:5551@a>"])
                {
                    foreach (string rest in (string[])["", "l:0\r\n", "Max-Forwards: nonsense\r\n", "Content-Length: 77\r\n", "Require: " + new string('r', 1000) + "\r\n"])
                    {
                        world.Sent.Clear();
                        string request = $"{method} sip:a SIP/2.0\r\n{vias}\r\nf:<a:b>;tag=1\r\n{to}\r\ni:1{answered}\r\nCSeq:1 {method}\r\n{rest}\r\n";
                        world.Deliver(SwitchFixture.Stranger, request);
                        Assert.True(world.Sent.Count <= 1);
                        foreach (WireMessage answer in world.Sent) Assert.True(answer.Text.Length <= 3 * request.Length, $"{answer.Text.Length} bytes for {request.Length}:\n{request}{answer.Text}");
                        answered += world.Sent.Count;
                    }
                }
            }
        }
        Assert.True(answered > 200, answered.ToString());
        Assert.True(world.Shard.Transactions.Counters.AnswersTooLong > 0);
    }

    [Fact]
    public void A_flood_of_strangers_allocates_nothing()
    {
        SwitchFixture world = With(static a => a with { StrangerRatePrefix = 1_000_000, StrangerRate = 1_000_000 });
        world.Reconfigure(static c => c with { Settings = c.Settings with { Cdr = c.Settings.Cdr with { RecordIllegal = false } } });
        world.Listening = false;
        byte[] request = Encoding.ASCII.GetBytes($"REGISTER sip:{SwitchFixture.Us} SIP/2.0\r\nVia: SIP/2.0/UDP {Attacker};branch=z9hG4bKflood;rport\r\nMax-Forwards: 70\r\nFrom: <sip:5551@x>;tag=1\r\nTo: <sip:5551@x>\r\nCall-ID: flood\r\nCSeq: 1 REGISTER\r\nContact: <sip:a@b>\r\nContent-Length: 0\r\n\r\n");
        void Flood()
        {
            for (int i = 0; i < 100; i++) world.Shard.Receive(0, Attacker, request, 0, request.Length, world.Now);
        }
        Flood();
        Assert.Equal(0, Allocations.Least(Flood));
    }

    private static void Flood(SwitchFixture world, NetAddress source, int i)
    {
        byte[] bytes = Encoding.ASCII.GetBytes($"REGISTER sip:{SwitchFixture.Us} SIP/2.0\r\nVia: SIP/2.0/UDP {source};branch=z9hG4bKf{i};rport\r\nMax-Forwards: 70\r\nFrom: <sip:{i}@x>;tag=1\r\nTo: <sip:{i}@x>\r\nCall-ID: f{i}\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n");
        world.Shard.Receive(0, source, bytes, 0, bytes.Length, world.Now);
    }

    private static SwitchFixture With(Func<AuthenticationSettings, AuthenticationSettings> change) =>
        SwitchFixture.WithSettings(s => s with { Authentication = change(s.Authentication) });

    private static CallerLeg Phone(SwitchFixture world, NetAddress source) => new(world, source, SwitchFixture.NumberOne, SwitchFixture.NumberOne);

    private static CallerLeg Answer(CallerLeg phone, WireMessage challenge) => phone.Request("REGISTER", extra:
        $"Contact: <sip:{SwitchFixture.NumberOne}@{phone.Address}>\r\n" + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, SwitchFixture.Password));

    private static CallerLeg Guess(SwitchFixture world, NetAddress source, string number, string password)
    {
        var phone = new CallerLeg(world, source, number, number);
        WireMessage challenge = phone.Request("REGISTER").Expect(401, "REGISTER");
        return phone.Request("REGISTER", extra: $"Contact: <sip:{number}@{source}>\r\n" + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", number, password));
    }
}
