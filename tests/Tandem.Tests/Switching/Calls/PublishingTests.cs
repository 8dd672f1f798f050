using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Calls;

public class PublishingTests
{
    private readonly SwitchFixture _switch = new(static said => SwitchFixture.ChangeCarrier(
        SwitchFixture.ChangeAcme(said, static g => g with { AllowPublish = true, Capacity = 3 }), "carrier-a", static g => g with { AllowPublish = true, Capacity = 10 }));

    private int _sent;

    private RoutingGateway CarrierA => _switch.Book.Current.Routes.Gateways[0];

    [Fact]
    public void A_carriers_published_calls_count_against_its_lines_until_their_time_is_over()
    {
        WireMessage ok = Publish("concurrency=10\r\n");
        Assert.Equal((200, "300", 16), (ok.Status, ok["Expires"], ok["SIP-ETag"].Length));
        CallerLeg caller = Call(SwitchFixture.CarrierB);
        caller.AckFailure();
        IReadOnlyList<DecisionEntry> log = DecisionLogReader.Read(Assert.Single(_switch.Cdrs).DecisionLog);
        Assert.Contains(log, static e => e.Kind == DecisionKind.Candidate && e.Texts[0] == "carrier-a" && e.Numbers[0] == (long)RouteVerdict.PublishedFull);
        DecisionEntry why = log.Single(static e => e.Kind == DecisionKind.Published);
        Assert.Equal([0, 10, 10], why.Numbers);
        Assert.Contains("own calls 0 + published 10 of capacity 10", string.Join("\n", WhyStory.Of(_switch.Cdrs[0]).Steps.Select(static s => s.Says)));

        _switch.Advance(299 - (_switch.Now - ok.At).TotalSeconds);
        Assert.Equal(10, CarrierA.PublishedAt(_switch.Now));
        _switch.Advance(1);
        Assert.Equal(0, CarrierA.PublishedAt(_switch.Now));
        Call(SwitchFixture.CarrierA).AckFailure();
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Nine_published_of_ten_lines_leave_one_for_us()
    {
        Publish("concurrency=9");
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        Assert.Equal((1, RouteVerdict.PublishedFull), (_switch.LinesOf("carrier-a"), VerdictOfA()));
        Legs.End(caller, callee);
        Assert.Equal(RouteVerdict.Eligible, VerdictOfA());
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_customer_whose_published_calls_fill_its_lines_is_refused_as_busy_and_told_why()
    {
        Assert.Equal(200, Publish("concurrency=3", from: SwitchFixture.Customer).Status);
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        Assert.NotEqual(0, caller.Expect(503).Status);
        caller.AckFailure();
        Assert.Equal(Refusal.GatewayBusy, Assert.Single(_switch.Cdrs).Refusal);
        Assert.Equal([0, 3, 3], DecisionLogReader.Read(_switch.Cdrs[0].DecisionLog).Single(static e => e.Kind == DecisionKind.Published).Numbers);
        Assert.Equal(0, CarrierA.PublishedAt(_switch.Now)); // it is the customer's word, nobody else's
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_publication_is_refreshed_changed_and_taken_back_by_its_tag_and_each_answer_has_a_new_one()
    {
        string first = Publish("concurrency=4")["SIP-ETag"];
        _switch.Advance(200);
        WireMessage refreshed = Publish("", $"SIP-If-Match: {first}\r\n");
        Assert.Equal((200, true), (refreshed.Status, refreshed["SIP-ETag"] != first));
        _switch.Advance(200);
        Assert.Equal(4, CarrierA.PublishedAt(_switch.Now));
        WireMessage changed = Publish("concurrency=7", $"SIP-If-Match: {refreshed["SIP-ETag"]}\r\nExpires: 60\r\n");
        Assert.Equal((200, "60", 7), (changed.Status, changed["Expires"], CarrierA.PublishedAt(_switch.Now)));
        Assert.Equal(412, Publish("concurrency=1", $"SIP-If-Match: {first}\r\n").Status);
        Assert.Equal(7, CarrierA.PublishedAt(_switch.Now));
        WireMessage removed = Publish("", $"SIP-If-Match: {changed["SIP-ETag"]}\r\nExpires: 0\r\n");
        Assert.Equal((200, "0", 0), (removed.Status, removed["Expires"], CarrierA.PublishedAt(_switch.Now)));
        Assert.Equal(412, Publish("", $"SIP-If-Match: {removed["SIP-ETag"]}\r\n").Status);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_tag_whose_time_is_over_is_unknown_and_a_new_publication_takes_the_olds_place()
    {
        string first = Publish("concurrency=4", "Expires: 30\r\n")["SIP-ETag"];
        _switch.Advance(31);
        Assert.Equal(412, Publish("", $"SIP-If-Match: {first}\r\n").Status);
        string second = Publish("concurrency=5")["SIP-ETag"];
        Publish("concurrency=6");
        Assert.Equal((412, 6), (Publish("", $"SIP-If-Match: {second}\r\n").Status, CarrierA.PublishedAt(_switch.Now)));
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(45, "Expires: 3600\r\n", "45")]
    [InlineData(45, "Expires: 40\r\n", "40")]
    [InlineData(45, "", "45")]
    [InlineData(7200, "Expires: 9999999999\r\n", "7200")]
    public void The_lifetime_is_the_smaller_of_what_is_asked_and_the_setting(int setting, string asked, string granted)
    {
        _switch.Reconfigure(said => said with { Settings = said.Settings with { Sip = said.Settings.Sip with { PublishExpire = TimeSpan.FromSeconds(setting) } } });
        Assert.Equal(granted, Publish("concurrency=2", asked)["Expires"]);
    }

    [Theory]
    [InlineData("concurrency=-1", "", 400)]
    [InlineData("concurrency=1000001", "", 400)]
    [InlineData("concurrency=00000001", "", 400)]
    [InlineData("concurrency=", "", 400)]
    [InlineData("concurrency=1\r\nconcurrency=2", "", 400)]
    [InlineData("calls=1", "", 400)]
    [InlineData("", "", 400)]
    [InlineData("concurrency=1", "Expires: soon\r\n", 400)]
    [InlineData("concurrency=1", "Expires: 29\r\n", 423)]
    [InlineData("concurrency=1", "Require: frobs\r\n", 420)]
    [InlineData("concurrency=1", "Content-Encoding: gzip\r\n", 415)]
    [InlineData("concurrency=1", "SIP-If-Match: nonsense\r\n", 412)]
    public void What_is_no_publication_is_refused_and_changes_nothing(string body, string extra, int status)
    {
        Publish("concurrency=8");
        WireMessage refused = Publish(body, extra);
        Assert.Equal((status, 8), (refused.Status, CarrierA.PublishedAt(_switch.Now)));
        if (status == 423) Assert.Equal("30", refused["Min-Expires"]);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Another_event_package_or_type_of_body_is_refused_with_what_would_do()
    {
        WireMessage badEvent = Publish("concurrency=1", package: "presence");
        Assert.Equal((489, "tandem-concurrency"), (badEvent.Status, badEvent["Allow-Events"]));
        WireMessage badType = Publish("concurrency=1", type: "application/pidf+xml");
        Assert.Equal((415, "text/plain"), (badType.Status, badType["Accept"]));
        Assert.Equal(0, CarrierA.PublishedAt(_switch.Now));
    }

    [Fact]
    public void Without_the_flag_the_door_refuses_and_a_flag_taken_away_ends_what_was_published()
    {
        Publish("concurrency=10");
        Assert.Equal(RouteVerdict.PublishedFull, VerdictOfA());
        _switch.Reconfigure(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { AllowPublish = false }));
        Assert.Equal((405, RouteVerdict.Eligible), (Publish("concurrency=10").Status, VerdictOfA()));
        Assert.Equal(405, Publish("concurrency=1", from: SwitchFixture.CarrierB).Status);
        Assert.Equal(401, Publish("concurrency=1", from: SwitchFixture.Stranger).Status);
        Assert.Equal(0, _switch.Shard.Transactions.OpenClients);
    }

    [Fact]
    public void Of_two_carriers_at_one_address_the_port_decides_and_when_it_cannot_neither_may_publish()
    {
        _switch.Reconfigure(static said => SwitchFixture.ChangeCarrier(said, "carrier-b", static g => g with { AllowPublish = true, RemoteIp = $"{SwitchFixture.CarrierA.HostString()}:5080" }));
        Assert.Equal((200, 5), (Publish("concurrency=5").Status, CarrierA.PublishedAt(_switch.Now)));
        Assert.Equal(405, Publish("concurrency=6", from: SwitchFixture.CarrierA.WithPort(40_000)).Status);
        _switch.Reconfigure(static said => SwitchFixture.ChangeCarrier(said, "carrier-b", static g => g with { RemoteIp = SwitchFixture.CarrierA.ToString() }));
        Assert.Equal(405, Publish("concurrency=6").Status);
    }

    private RouteVerdict VerdictOfA()
    {
        var candidates = new CandidateList();
        _switch.Book.Current.Routes.Select(DialString.Parse("442079460123"), GroupSet.Empty, false, candidates, _switch.Now);
        return candidates.All.ToArray().Single(static c => c.Gateway.Name == "carrier-a").Verdict;
    }

    private CallerLeg Call(NetAddress by)
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch, by);
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        return caller;
    }

    private WireMessage Publish(string body, string extra = "", NetAddress from = default, string package = "tandem-concurrency", string type = "text/plain")
    {
        if (from.IsNone) from = SwitchFixture.CarrierA;
        string token = $"p{++_sent}";
        _switch.Deliver(from,
            $"PUBLISH sip:{SwitchFixture.Us} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{token};rport\r\nMax-Forwards: 70\r\nFrom: <sip:gw@{from}>;tag={token}\r\n"
            + $"To: <sip:gw@{SwitchFixture.Us}>\r\nCall-ID: {token}@x\r\nCSeq: 1 PUBLISH\r\nEvent: {package}\r\n{extra}"
            + (body.Length > 0 ? $"Content-Type: {type}\r\n" : "") + $"Content-Length: {body.Length}\r\n\r\n{body}");
        return _switch.Next(from);
    }
}
