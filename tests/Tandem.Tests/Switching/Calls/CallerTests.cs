using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Who a caller is taken for, by which rule, and who was nearly it (docs/callers.md).</summary>
public sealed class CallerTests
{
    private static readonly NetAddress Elsewhere = NetAddress.Parse("192.0.2.77:5066");

    [Theory]
    [InlineData("9901442079460123", "pbx-east", "mapping gateway by address and callPrefix 9901")]
    [InlineData("9902442079460123", "pbx-west", "mapping gateway by address and callPrefix 9902")]
    [InlineData("442079460123", "acme", "mapping gateway by address")]
    public void Gateways_at_one_address_are_told_apart_by_what_their_numbers_begin_with(string number, string gateway, string rule)
    {
        var world = new SwitchFixture(static c => With(c, Prefixed("pbx-east", "9901"), Prefixed("pbx-west", "9902")));
        Cdr cdr = Hang(world, new CallerLeg(world, to: number));
        Assert.Equal(gateway, cdr.CallerGateway);
        Assert.Contains($"The caller is {gateway} ({rule}).", Story(cdr));
    }

    [Fact]
    public void The_longest_callPrefix_wins_and_the_story_names_those_that_were_nearly_it()
    {
        var world = new SwitchFixture(static c => With(c, Prefixed("short", "99"), Prefixed("long", "9901"), Prefixed("other", "7")));
        Cdr cdr = Hang(world, new CallerLeg(world, to: "9901442079460123"));
        Assert.Equal("long", cdr.CallerGateway);
        string[] story = Story(cdr);
        Assert.Contains("short has this address too, but less exactly.", story);
        Assert.Contains("acme has this address too, but less exactly.", story);
        Assert.Contains("other has this address, but its numbers begin with its callPrefix 7.", story);
    }

    [Fact]
    public void A_call_that_fits_no_callPrefix_of_its_address_is_challenged_and_its_record_says_who_was_nearly_it()
    {
        var world = new SwitchFixture(static c => With(c with { MappingGateways = c.MappingGateways.Clear() }, Prefixed("pbx-east", "9901"), new MappingGatewayConfig { Name = "trunk-side", RemoteIps = ["192.0.2.10:5099"], Account = "1001" }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(401);
        caller.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(Refusal.UnknownSource, cdr.Refusal);
        string[] story = Story(cdr);
        Assert.Contains("pbx-east has this address, but its numbers begin with its callPrefix 9901.", story);
        Assert.Contains("trunk-side has this address, but is known with another port.", story);
    }

    [Fact]
    public void A_more_exact_source_with_another_callPrefix_gives_way_to_a_less_exact_one_that_fits()
    {
        var world = new SwitchFixture(static c => With(c with { MappingGateways = c.MappingGateways.Clear() },
            Prefixed("exact", "9901"), new MappingGatewayConfig { Name = "net", RemoteIps = ["192.0.2.0/24"], Account = "1001" }));
        Cdr cdr = Hang(world, new CallerLeg(world));
        Assert.Equal("net", cdr.CallerGateway);
        Assert.Contains("The caller is net (mapping gateway by network, its first 24 bits).", Story(cdr));
    }

    [Fact]
    public void A_gateway_by_digest_is_who_shows_its_password_from_anywhere_and_calls_for_others()
    {
        var world = new SwitchFixture(static c => With(c, new MappingGatewayConfig { Name = "roaming", RemoteIps = [], Account = "1001", Authentication = MappingAuthentication.Digest, Password = "s3cret" }));
        var caller = new CallerLeg(world, Elsewhere, from: "4930999");
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.RemoteTag = "";
        Cdr cdr = Hang(world, caller, Digest.Answer(challenge, "INVITE", caller.RequestUri, "roaming", "s3cret"));
        Assert.Equal(("roaming", "4930999", BillingMode.MappingGateway), (cdr.CallerGateway, cdr.CallerE164, cdr.BillingMode));
        Assert.Contains("The caller is roaming (mapping gateway by digest, user roaming).", Story(cdr));
    }

    [Fact]
    public void A_gateway_by_digest_with_stated_addresses_must_come_from_one_of_them()
    {
        var world = new SwitchFixture(static c => With(c with { MappingGateways = c.MappingGateways.Clear() },
            new MappingGatewayConfig { Name = "roaming", RegisterName = "r-1", RemoteIps = [SwitchFixture.Customer.HostString()], Account = "1001", Authentication = MappingAuthentication.Digest, Password = "s3cret" }));
        var caller = new CallerLeg(world);
        WireMessage challenge = caller.Invite().Expect(401); // its address alone is not enough
        caller.AckFailure();
        caller.RemoteTag = "";
        Assert.Equal("roaming", Hang(world, caller, Digest.Answer(challenge, "INVITE", caller.RequestUri, "r-1", "s3cret")).CallerGateway);

        var elsewhere = new CallerLeg(world, Elsewhere);
        challenge = elsewhere.Invite().Expect(401);
        elsewhere.AckFailure();
        elsewhere.RemoteTag = "";
        elsewhere.Invite(extra: Digest.Answer(challenge, "INVITE", elsewhere.RequestUri, "r-1", "s3cret")).Expect(403);
        Cdr cdr = world.Cdrs.Single(static c => c.Refusal == Refusal.AuthenticationFailed);
        Assert.Contains("roaming showed its password, but from an address that is not stated for it.", Story(cdr));
    }

    [Fact]
    public void A_gateway_with_a_wrong_password_is_refused()
    {
        var world = new SwitchFixture(static c => With(c, new MappingGatewayConfig { Name = "roaming", RemoteIps = [], Account = "1001", Authentication = MappingAuthentication.Digest, Password = "s3cret" }));
        var caller = new CallerLeg(world, Elsewhere);
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.RemoteTag = "";
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, "roaming", "guess")).Expect(403);
        Assert.Equal(1, world.Shard.Counters.AuthenticationFailures);
    }

    [Fact]
    public void A_gateway_that_registers_is_known_by_where_it_registered_until_that_is_over()
    {
        var world = new SwitchFixture(static c => With(c, Dynamic("branch")));
        new CallerLeg(world, Elsewhere).Invite().Expect(401);
        Register(world, Elsewhere, "branch", expires: 120);
        Cdr cdr = Hang(world, new CallerLeg(world, Elsewhere.WithPort(5070)));
        Assert.Equal("branch", cdr.CallerGateway);
        Assert.Contains("The caller is branch (mapping gateway registered from 192.0.2.77:5070).", Story(cdr));
        world.Advance(120);
        new CallerLeg(world, Elsewhere).Invite().Expect(401);
    }

    [Fact]
    public void Where_the_port_counts_another_port_of_the_registered_address_is_nobody()
    {
        var world = new SwitchFixture(static c => With(c, Dynamic("branch") with { Authentication = MappingAuthentication.IpAndPort }));
        Register(world, Elsewhere, "branch");
        new CallerLeg(world, Elsewhere.WithPort(5070)).Invite().Expect(401);
        Assert.Equal("branch", Hang(world, new CallerLeg(world, Elsewhere)).CallerGateway);
    }

    [Fact]
    public void Of_two_gateways_behind_one_address_each_is_known_by_its_port()
    {
        var world = new SwitchFixture(static c => With(c, Dynamic("branch-1"), Dynamic("branch-2")));
        Register(world, Elsewhere, "branch-1");
        Register(world, Elsewhere.WithPort(5067), "branch-2");
        Assert.Equal("branch-1", Hang(world, new CallerLeg(world, Elsewhere)).CallerGateway);
        Assert.Equal("branch-2", Hang(world, new CallerLeg(world, Elsewhere.WithPort(5067))).CallerGateway);
    }

    [Fact]
    public void A_static_phone_calls_and_is_called_at_its_stated_address_without_registering()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangePhone(
            SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, static p => Static(p, SwitchFixture.PhoneOne)), SwitchFixture.NumberTwo, static p => Static(p, SwitchFixture.PhoneTwo)));
        Cdr cdr = Hang(world, new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "15551234"));
        Assert.Equal((BillingMode.Phone, "2001"), (cdr.BillingMode, cdr.Sale!.AccountNumber));
        Assert.Contains($"The caller is {SwitchFixture.NumberOne} (phone by the address stated for it).", Story(cdr));
        new CallerLeg(world, SwitchFixture.Stranger, SwitchFixture.NumberOne, "15551234").Invite().Expect(401); // its number from elsewhere is no proof

        new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberTwo).Invite().Expect(100);
        Assert.Equal($"sip:{SwitchFixture.NumberTwo}@{SwitchFixture.PhoneTwo}", new CalleeLeg(world, SwitchFixture.PhoneTwo).Invite.Uri);
    }

    private static PhoneConfig Static(PhoneConfig phone, NetAddress at) => phone with { RegisterType = PhoneRegisterType.Static, Ip = at.HostString(), Port = at.Port };

    private static MappingGatewayConfig Prefixed(string name, string prefix) =>
        new() { Name = name, RemoteIps = [SwitchFixture.Customer.HostString()], CallPrefix = prefix, Account = "1001", RewriteRulesOutCallee = $"{prefix}:" };

    private static MappingGatewayConfig Dynamic(string name) =>
        new() { Name = name, RemoteIps = [], Account = "1001", RegisterType = MappingRegisterType.Dynamic, Password = "s3cret" };

    private static SwitchConfiguration With(SwitchConfiguration c, params MappingGatewayConfig[] gateways) =>
        c with { MappingGateways = c.MappingGateways.SetItems(gateways.Select(static g => KeyValuePair.Create(g.Name, g))) };

    private static void Register(SwitchFixture world, NetAddress from, string user, int expires = 600)
    {
        var gateway = new CallerLeg(world, from, user);
        string contact = $"Contact: <sip:{user}@{from}>\r\nExpires: {expires}\r\n";
        WireMessage challenge = gateway.Request("REGISTER", extra: contact).Expect(401, "REGISTER");
        gateway.Request("REGISTER", extra: contact + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", user, "s3cret")).Expect(200, "REGISTER");
    }

    // Calls, is taken for somebody, and cancels.
    private static Cdr Hang(SwitchFixture world, CallerLeg caller, string extra = "")
    {
        int before = world.Cdrs.Count;
        caller.Invite(extra: extra);
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        return world.Cdrs[before];
    }

    private static string[] Story(Cdr cdr) => [.. WhyStory.Of(cdr).Steps.Select(static s => s.Says)];
}
