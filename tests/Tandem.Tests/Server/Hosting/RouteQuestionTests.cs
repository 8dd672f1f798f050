using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Server.Hosting;

/// <summary>'tandem route': a supposed call gets the decision, and the words, of a real one (docs/routing.md).</summary>
public sealed class RouteQuestionTests
{
    [Theory]
    [InlineData("442079460123", "4930123456")]
    [InlineData("99123", "4930123456")] // no route
    [InlineData("7495123", "")] // no rate
    [InlineData("4930123", "4930123456")] // a locked rate
    public void A_supposed_call_is_told_in_the_words_of_the_real_one(string number, string caller)
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangeCarrier(
            SwitchFixture.ChangeAcme(c, static g => g with { RewriteRulesOutCallee = "44:44", RewriteRulesOutCaller = "49:0049" }), "carrier-b", static g => g with { Locked = true }));
        RouteView route = RouteQuestion.Ask(world.Book.Current, world.Locations, world.Shard.World, new RouteOrder(number, SwitchFixture.Customer.ToString(), caller), world.Now).Value!;

        CallerLeg leg = new CallerLeg(world, from: caller.Length > 0 ? caller : "anonymous-caller", to: number) { FromValue = caller.Length > 0 ? null : "<sip:anonymous.invalid>" };
        leg.Invite().Expect(100);
        string[] real;
        if (route.Refused is null)
        {
            var callee = new CalleeLeg(world);
            callee.Respond(486);
            callee.ExpectAck();
            leg.Expect(486);
        }
        else
        {
            leg.Expect(route.Refused.SipStatus);
        }
        leg.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        string[] only = ["money", "attempt", "media", "ended", "shown", "numbers"]; // what a question does not come to
        real = [.. WhyStory.Of(cdr).Steps.Where(s => !only.Contains(s.Kind) && !(s.Kind == "rewritten" && s.Says.Contains("carrier", StringComparison.Ordinal))).Select(static s => s.Says)];
        Assert.Equal(real, route.Steps.Select(static s => s.Says));
        Assert.Equal(cdr.Refusal == Refusal.None ? null : cdr.Refusal.ToString(), route.Refused?.Refusal);
        Assert.Equal((cdr.CallerE164, cdr.CalleeE164), (route.Caller, route.Callee));
    }

    [Fact]
    public void An_address_that_is_nobodys_is_answered_with_who_was_nearly_it()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangeAcme(c, static g => g with { RemoteIps = ["192.0.2.10:5070"] }));
        RouteView route = RouteQuestion.Ask(world.Book.Current, world.Locations, world.Shard.World, new RouteOrder("442079460123", "192.0.2.10:5060"), world.Now).Value!;
        Assert.Equal("UnknownSource", route.Refused?.Refusal);
        Assert.Contains("acme has this address, but is known with another port.", route.Steps.Select(static s => s.Says));
        Assert.Contains("It would be refused with 403", WhyText.Of(route), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_has_the_order_the_prices_and_the_first_reason_of_each_that_lost()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangeCarrier(c, "carrier-b", static g => g with { Locked = true }));
        RouteView route = RouteQuestion.Ask(world.Book.Current, world.Locations, world.Shard.World, new RouteOrder("442079460123", "acme", "4930123456"), world.Now).Value!;
        string page = WhyText.Of(route);
        Assert.Contains("4930123456 would call 442079460123 by carrier-a, then carrier-c; account 1001 pays 0.60 USD a minute (United Kingdom, prefix 44 of deck retail).", page, StringComparison.Ordinal);
        Assert.Contains("carrier-b is locked (prefix of 2 digits).", page, StringComparison.Ordinal);
        Assert.Matches(@"carrier-a +44 +1 +0 +0 +442079460123 +4930123456 +0.30", page);
    }

    [Theory]
    [InlineData("44 20", "acme", "", "number")]
    [InlineData("4420", "acme", "not a number!", "caller")]
    public void What_is_no_number_is_refused_by_field(string number, string from, string caller, string field)
    {
        var world = new SwitchFixture();
        Fault fault = RouteQuestion.Ask(world.Book.Current, world.Locations, world.Shard.World, new RouteOrder(number, from, caller), world.Now).Fault!;
        Assert.Equal((FaultKind.Invalid, field), (fault.Kind, Assert.Single(fault.Errors).Field));
    }

    [Fact]
    public async Task Of_an_earlier_time_the_configuration_of_then_decides_and_before_the_first_there_is_none()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-route-");
        try
        {
            await using SwitchHost host = await SwitchHost.Start(new SwitchOptions { DataFolder = folder.FullName, Sip = [NetAddress.Parse("127.0.0.1:0")] }, static _ => { });
            Instant before = host.Clock.Now();
            await ApplyAsync(host, """{"decks":[{"name":"d","currency":"USD","rates":[{"prefix":"44","area":"UK","ratePerMinute":"0.5"}]}],"accounts":[{"account":"1","currency":"USD","feeRateGroup":"d"}],"mappingGateways":[{"name":"acme","remoteIps":["192.0.2.1"],"account":"1"}],"routingGateways":[{"name":"old","remoteIp":"203.0.113.1"}]}""");
            Instant then = host.Clock.Now();
            await ApplyAsync(host, """{"routingGateways":[{"name":"new","remoteIp":"203.0.113.2"}],"remove":{"routingGateways":["old"]},"decks":[{"name":"d","currency":"USD","rates":[{"prefix":"44","area":"UK","ratePerMinute":"0.9"}]}]}""");

            RouteView now = (await host.Control.RouteAsync(new RouteOrder("442079460123", "acme"), stop)).Value!;
            Assert.Equal((2, "new", "0.90 USD"), (now.Revision, Assert.Single(now.Candidates).Gateway, now.Sale!.RatePerMinute.ToString()));
            for (int again = 0; again < 2; again++) // folded, then remembered
            {
                RouteView past = (await host.Control.RouteAsync(new RouteOrder("442079460123", "acme", At: then), stop)).Value!;
                Assert.Equal((1, "old", "0.50 USD"), (past.Revision, Assert.Single(past.Candidates).Gateway, past.Sale!.RatePerMinute.ToString()));
                Assert.Contains(past.Notes, static n => n.Contains("revision 2 is in force now", StringComparison.Ordinal));
            }
            Fault none = (await host.Control.RouteAsync(new RouteOrder("442079460123", "acme", At: before), stop)).Fault!;
            Assert.Equal(FaultKind.Conflict, none.Kind);
            Assert.Contains("nothing was configured yet; revision 1 is of", none.Says, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task ApplyAsync(SwitchHost host, string document) =>
            Assert.Null((await host.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "test", stop)).Fault);
    }
}
