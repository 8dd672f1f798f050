using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;

namespace Tandem.Tests.Switching.Calls;

/// <summary>What numbers gateways and phones may be used with (docs/numbers.md), met by calls.</summary>
public class NumberLimitTests
{
    private const string Caller = "4930123456";
    private const string Callee = "442079460123";

    public static readonly TheoryData<string, NumberLimitsConfig, Refusal> Customers = new()
    {
        { "forbidden beginning of the caller", new() { Caller = new() { Prefixes = ["49"] } }, Refusal.CallerPrefix },
        { "none of the permitted beginnings", new() { Caller = new() { Prefixes = ["33", "1"], PrefixesAllow = true } }, Refusal.CallerPrefix },
        { "forbidden beginning of the callee", new() { Callee = new() { Prefixes = ["4420"] } }, Refusal.CalleePrefix },
        { "length of the caller", new() { Caller = new() { Lengths = 1 << 11 | 1 << 12 } }, Refusal.CallerLength },
        { "length of the callee", new() { Callee = new() { Lengths = 1 << 10 } }, Refusal.CalleeLength },
        { "group that forbids the caller", new() { Caller = new() { Groups = ["germans"] } }, Refusal.CallerGroup },
        { "group that would permit the callee", new() { Callee = new() { Groups = ["germans"], GroupsAllow = true } }, Refusal.CalleeGroup },
        { "black list of the caller", new() { Caller = new() { Lists = ["fraud"] } }, Refusal.CallerBlackListed },
        { "black list of the callee", new() { Callee = new() { Lists = ["premium"] } }, Refusal.CalleeBlackListed },
        { "phones only", new() { CalleeMust = CalleeRestriction.Phone }, Refusal.CalleeKind },
        { "level", new() { Level = CallLevel.National }, Refusal.CallLevel },
        { "area of the address", new() { IpAreas = ["office"] }, Refusal.OutsideArea },
        { "forbidden area of the address", new() { IpAreas = ["test net"], IpAreasAllow = false }, Refusal.OutsideArea },
    };

    [Theory]
    [MemberData(nameof(Customers))]
    public void A_customers_number_that_breaks_a_limit_is_refused_for_that_reason(string what, NumberLimitsConfig limits, Refusal refusal)
    {
        var world = new SwitchFixture(c => Named(SwitchFixture.ChangeAcme(c, g => g with { Numbers = limits })));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        WireMessage final = caller.Next();
        Assert.True(final.Status == refusal.Meaning().SipStatus, $"{what}: {final}");
        caller.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(refusal, cdr.Refusal);
        world.AssertEverythingReturned();
    }

    public static readonly TheoryData<NumberLimitsConfig> Permitting = new()
    {
        new NumberLimitsConfig { Caller = new() { Prefixes = ["49"], PrefixesAllow = true }, Callee = new() { Prefixes = ["1"] } },
        new NumberLimitsConfig { Caller = new() { Lengths = 1 << 10 }, Callee = new() { Lengths = 1 << 12 } },
        new NumberLimitsConfig { Caller = new() { Groups = ["germans"], GroupsAllow = true }, Callee = new() { Groups = ["germans"] } },
        new NumberLimitsConfig { Caller = new() { Lists = ["fraud", "friends"] } },
        new NumberLimitsConfig { CalleeMust = CalleeRestriction.NoPhone, Level = CallLevel.International },
        new NumberLimitsConfig { IpAreas = ["test net"] },
    };

    [Theory]
    [MemberData(nameof(Permitting))]
    public void A_customers_number_that_keeps_every_limit_is_connected(NumberLimitsConfig limits)
    {
        var world = new SwitchFixture(c => Named(SwitchFixture.ChangeAcme(c, g => g with { Numbers = limits })));
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Legs.End(caller, callee);
        Assert.True(Assert.Single(world.Cdrs).WasAnswered);
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("callee")]
    [InlineData("caller")]
    [InlineData("list")]
    [InlineData("length")]
    public void A_carrier_that_does_not_take_the_numbers_is_passed_over_and_owns_no_prefix(string what)
    {
        NumberLimitsConfig limits = what switch
        {
            "callee" => new() { Callee = new() { Prefixes = ["4420"] } },
            "caller" => new() { Caller = new() { Groups = ["germans"] } },
            "list" => new() { Callee = new() { Lists = ["premium"] } },
            _ => new() { Callee = new() { Lengths = 1 << 11 } },
        };
        var world = new SwitchFixture(c => Named(SwitchFixture.ChangeCarrier(c, "carrier-a", g => g with { Numbers = limits })));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierA));
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierB));
    }

    [Fact]
    public void A_call_that_no_carrier_takes_for_its_number_ends_for_that_reason()
    {
        var world = new SwitchFixture(static c => Named(Everyone(c, new NumberLimitsConfig { Callee = new() { Lists = ["premium"] } })));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        caller.Expect(403);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(Refusal.CalleeBlackListed, cdr.Refusal);
        Assert.Contains("carrier-a has the called number on a black list (prefix of 2 digits).", WhyText.Of(WhyStory.Of(cdr)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_story_names_the_list_and_the_number()
    {
        var world = new SwitchFixture(c => Named(SwitchFixture.ChangeAcme(c, g => g with { Numbers = new() { Callee = new() { Lists = ["premium"] } } })));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        caller.Expect(403);
        Assert.Contains($"{Callee} is on the black list premium.", WhyText.Of(WhyStory.Of(Assert.Single(world.Cdrs))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_the_system_holds_for_every_call_and_a_white_list_of_the_system_overrules_every_black_one()
    {
        NumberListConfig black = new() { Name = "all bad", OfSystem = true, Numbers = ["4420*"], End = ListedEnd.Callee };
        var world = new SwitchFixture(c => c with { NumberLists = c.NumberLists.Add(black.Name, black) });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        caller.Expect(403);
        Assert.Equal(Refusal.CalleeBlackListed, Assert.Single(world.Cdrs).Refusal);

        world.Reconfigure(c => c with { NumberLists = c.NumberLists.Add("rescue", new NumberListConfig { Name = "rescue", IsWhite = true, OfSystem = true, Numbers = [Callee] }) });
        (CallerLeg again, CalleeLeg callee) = Legs.Talk(world);
        Legs.End(again, callee);

        world.Reconfigure(c => c with { NumberLists = c.NumberLists.SetItem(black.Name, black with { End = ListedEnd.Caller }).Remove("rescue") });
        (again, callee) = Legs.Talk(world); // the number is called, not calling
        Legs.End(again, callee);
    }

    [Fact]
    public void Limits_on_form_see_the_number_as_dialled_and_groups_see_it_rewritten()
    {
        var world = new SwitchFixture(c => Named(SwitchFixture.ChangeAcme(c, g => g with
        {
            RewriteRulesOutCallee = "9900:44",
            Numbers = new() { Callee = new() { Prefixes = ["9900"], PrefixesAllow = true, Groups = ["britons"], GroupsAllow = true } },
        })));
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, "99002079460123");
        Legs.End(caller, callee);
        Assert.Equal(Callee, Assert.Single(world.Cdrs).CalleeE164);
    }

    [Fact]
    public void A_phone_says_whom_it_may_call_and_who_may_call_it()
    {
        var world = new SwitchFixture(static c => Named(SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, static p => p with { Numbers = new() { Caller = new() { Lists = ["fraud"] } } })));
        CallerLeg caller = new CallerLeg(world, to: SwitchFixture.NumberOne).Invite();
        caller.Expect(100);
        caller.Expect(403);
        Assert.Equal(Refusal.CallerBlackListed, Assert.Single(world.Cdrs).Refusal);
    }

    [Fact]
    public void A_phones_dial_plans_rewrite_what_it_calls_and_what_it_is_told()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangePhone(SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, static p => p with { RewriteRulesOutCallee = "0:44" }),
            SwitchFixture.NumberTwo, static p => p with { RewriteRulesInCaller = "555:0", RewriteRulesInCallee = "555:7" }));
        var caller = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "02079460123");
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.RemoteTag = "";
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password));
        caller.Expect(100);
        Assert.StartsWith("sip:442079460123@", new CalleeLeg(world).Invite.Uri, StringComparison.Ordinal);

        world.Locations.Set(new Tandem.Switching.Registrations.Binding(DialString.Parse(SwitchFixture.NumberTwo), "sip:5552@192.0.2.52:5062"u8.ToArray(), SwitchFixture.PhoneTwo, world.Now, world.Now + TimeSpan.FromHours(1), "test"));
        caller = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberTwo);
        challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.RemoteTag = "";
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password));
        caller.Expect(100);
        WireMessage invite = new CalleeLeg(world, SwitchFixture.PhoneTwo).Invite;
        Assert.Contains("sip:01@", invite["From"], StringComparison.Ordinal);
        Assert.Contains("sip:72@", invite["To"], StringComparison.Ordinal);
        Assert.Equal("sip:5552@192.0.2.52:5062", invite.Uri);
    }

    [Fact]
    public void Areas_of_both_ends_are_told_and_the_level_is_that_of_the_called_area()
    {
        var world = new SwitchFixture(static c => Named(SwitchFixture.ChangeAcme(c, static g => g with { Numbers = new() { Level = CallLevel.National } })) with
        {
            Areas = SwitchConfiguration.Empty.Areas
                .Add("44", new AreaConfig { AreaCode = "44", AreaName = "Britain", Level = CallLevel.International })
                .Add("4420", new AreaConfig { AreaCode = "4420", AreaName = "London", Level = CallLevel.National })
                .Add("49", new AreaConfig { AreaCode = "49", AreaName = "Germany" }),
            MobileAreas = SwitchConfiguration.Empty.MobileAreas.Add("447", new MobileAreaConfig { MobilePrefix = "447", AreaCode = "44" }),
        });
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Legs.End(caller, callee);
        Assert.Equal(("49", "4420"), (world.Cdrs[^1].CallerAreaCode, world.Cdrs[^1].CalleeAreaCode));
        Assert.Contains("The caller is in area 49, the called number in area 4420.", WhyText.Of(WhyStory.Of(Assert.Single(world.Cdrs))), StringComparison.Ordinal);

        CallerLeg mobile = new CallerLeg(world, to: "447700900123").Invite();
        mobile.Expect(100);
        mobile.Expect(403);
        Assert.Equal(Refusal.CallLevel, world.Cdrs[^1].Refusal);
    }

    [Fact]
    public void The_transform_table_changes_the_caller_as_it_comes_in_and_the_callee_as_it_goes_out_where_the_gateway_says_so()
    {
        NumberTransformConfig hotline = new() { E164 = "15550100", MappingGatewayCallers = [Caller, "4930999"], RoutingGatewayCallee = "1800555" };
        var world = new SwitchFixture(c => Named(c) with { NumberTransforms = c.NumberTransforms.Add(hotline.E164, hotline) });
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, "15550100");
        Assert.StartsWith("sip:15550100@", callee.Invite.Uri, StringComparison.Ordinal);
        Legs.End(caller, callee);

        world.Reconfigure(static c => SwitchFixture.ChangeCarrier(SwitchFixture.ChangeAcme(c, static g => g with { Numbers = new() { Transforms = true } }), "carrier-a", static g => g with { Numbers = new() { Transforms = true }, RewriteRulesInCallee = "1800:800" }));
        (caller, callee) = Legs.Talk(world, "15550100");
        Assert.StartsWith("sip:800555@", callee.Invite.Uri, StringComparison.Ordinal); // then the dial plan
        Assert.Contains("sip:15550100@", callee.Invite["From"], StringComparison.Ordinal);
        Legs.End(caller, callee);
        Cdr cdr = world.Cdrs[^1];
        Assert.Equal((Caller, "15550100", "15550100", "800555"), (cdr.CallerAccessE164, cdr.CallerE164, cdr.CalleeE164, cdr.CalleeToGatewayE164));
        Assert.Contains("The transform table makes 15550100 1800555 for carrier-a.", WhyText.Of(WhyStory.Of(cdr)), StringComparison.Ordinal);
    }

    internal static SwitchConfiguration Named(SwitchConfiguration said) => said with
    {
        NumberGroups = said.NumberGroups.Add("germans", new NumberGroupConfig { Name = "germans", Numbers = ["49*"] }).Add("britons", new NumberGroupConfig { Name = "britons", Numbers = [Callee] }),
        NumberLists = said.NumberLists
            .Add("fraud", new NumberListConfig { Name = "fraud", Numbers = ["493*", "1"] })
            .Add("premium", new NumberListConfig { Name = "premium", Numbers = [Callee] })
            .Add("friends", new NumberListConfig { Name = "friends", IsWhite = true, Numbers = [Caller] }),
        IpLimits = said.IpLimits
            .Add("192.0.2.0/24", new IpLimitConfig { Ip = "192.0.2.0/24", Area = "test net" })
            .Add("198.51.100.16", new IpLimitConfig { Ip = "198.51.100.16", Count = 16, Area = "office" }),
    };

    private static SwitchConfiguration Everyone(SwitchConfiguration said, NumberLimitsConfig limits)
    {
        foreach (string carrier in said.RoutingGateways.Keys) said = SwitchFixture.ChangeCarrier(said, carrier, g => g with { Numbers = limits });
        return said;
    }
}
