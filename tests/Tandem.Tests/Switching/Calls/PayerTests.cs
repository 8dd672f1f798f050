using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Who pays, by which number and rules, and which calls leave no CDR; each setting of SERVER_BILLING_* at work.</summary>
public class PayerTests
{
    private const string Usa = "15551234"; // 0.12 a minute by the second; costs 0.03 a minute by the minute

    [Fact]
    public void A_free_number_costs_nobody_anything_and_needs_no_money()
    {
        SwitchFixture world = Billing(static b => b with { FreeNumbers = List("110,1555") }, balance: 0);
        Talk(world, Usa, 300);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((null, BillingMode.NotBilled, 0L), (cdr.Sale, cdr.BillingMode, world.Account("1001").BalanceNanos));
        Assert.Equal(150_000_000, cdr.Cost!.Nanos); // the carrier asks all the same
    }

    [Theory]
    [InlineData("0.01", "0", "0.01")] // 0.002 a second: 3 s are 0.006
    [InlineData("0.01", "0.006", "0.01")]
    [InlineData("0.01", "0.007", "0")]
    [InlineData("0", "0.005", "0.006")]
    public void A_fee_becomes_whole_units(string unit, string precision, string charged)
    {
        SwitchFixture world = Billing(b => b with { FeeUnit = Of(unit), FeePrecision = Of(precision) });
        Talk(world, Usa, 3);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(Of(charged).Nanos, cdr.Sale!.Nanos);
        Assert.Equal(new BillingRules(1000, 0, Of(unit).Nanos, Of(precision).Nanos), cdr.Rules);
        Assert.Equal(SwitchFixture.Nanos(100) - Of(charged).Nanos, world.Account("1001").BalanceNanos);
    }

    [Fact]
    public void The_carriers_side_is_rated_behind_a_prefix_of_its_own()
    {
        SwitchFixture world = Billing(static b => b with { GatewayRoutePrefix = "44" });
        Talk(world, Usa, 10);
        Assert.Equal(("44", "1"), (Assert.Single(world.Cdrs).Cost!.RatePrefix, world.Cdrs[0].Sale!.RatePrefix));
    }

    [Theory]
    [InlineData("1555", HiddenFrom.Database | HiddenFrom.Files)]
    [InlineData("44", HiddenFrom.Nobody)]
    public void Calls_to_some_numbers_leave_no_CDR_and_are_charged(string list, HiddenFrom hidden)
    {
        SwitchFixture world = Billing(b => b with { NoCdrNumbers = List(list) });
        Talk(world, Usa, 10);
        Assert.Equal((hidden, SwitchFixture.Nanos(0.02m)), (Assert.Single(world.Cdrs).Hidden, world.Cdrs[0].Sale!.Nanos));
    }

    [Fact]
    public void Calls_without_talk_and_calls_the_server_ends_are_kept_from_the_database_where_that_is_said()
    {
        SwitchFixture world = Billing(static b => b with { RecordZeroHoldTime = false, RecordServerHangUp = false }, balance: 0.14m);
        Talk(world, Usa, 5); // the caller hangs up
        Legs.Talk(world, Usa); // the money that is left ends it
        world.Advance(120);
        Assert.Equal([HiddenFrom.Nobody, HiddenFrom.Database], world.Cdrs.Select(static c => c.Hidden));
    }

    [Fact]
    public void Both_are_in_the_database_unless_that_is_said()
    {
        SwitchFixture world = new(balance: 0.12m);
        Legs.Talk(world, Usa);
        world.Advance(120);
        Assert.Equal(HiddenFrom.Nobody, Assert.Single(world.Cdrs).Hidden);
    }

    private static void Talk(SwitchFixture world, string to, double seconds)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, to);
        world.Advance(seconds);
        Legs.End(caller, callee);
    }

    private static SwitchFixture Billing(Func<BillingSettings, BillingSettings> change, decimal balance = 100m) =>
        new(c => c with { Settings = c.Settings with { Billing = change(c.Settings.Billing) } }, balance);

    private static PrefixList List(string text) => PrefixList.TryParse(text, out PrefixList list) ? list : throw new FormatException(text);

    private static Amount Of(string text) => Money.TryParseNanos(text, out long nanos) ? new Amount(nanos) : throw new FormatException(text);
}
