using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Identity;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Which numbers a call is from and to, and what each end is shown of the other (docs/identity.md).</summary>
public sealed class IdentityTests
{
    private const string Anonymous = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

    // ---- reading

    [Fact]
    public void The_numbers_are_taken_from_where_the_gateway_says_and_the_log_names_the_place()
    {
        SwitchFixture world = World(acme: g => g with { CallerFrom = CallerSource.PAssertedIdentity, CalleeFrom = CalleeSource.To });
        WireMessage invite = InviteOf(world, "P-Asserted-Identity: <tel:+33144556677>\r\n", c => c.ToValue = "<sip:442079460999@acme>");
        Assert.Equal("sip:442079460999@203.0.113.1", invite.Uri);
        Assert.Equal($"<sip:33144556677@{SwitchFixture.Us.HostString()}>", Bare(invite["From"]));
        Assert.Equal([(long)CallerSource.PAssertedIdentity, (long)CallerSource.PAssertedIdentity, (long)CalleeSource.To, (long)CalleeSource.To], Logged(world, DecisionKind.NumbersRead).Numbers);
        Assert.Equal(("33144556677", "442079460999"), (LogOf(world).Cdr.CallerAccessE164, LogOf(world).Cdr.CalleeAccessE164));
    }

    [Fact]
    public void A_missing_header_falls_back_and_the_log_says_so()
    {
        SwitchFixture world = World(acme: g => g with { CallerFrom = CallerSource.PAssertedIdentity, CalleeFrom = CalleeSource.Diversion });
        WireMessage invite = InviteOf(world);
        Assert.Equal("sip:442079460123@203.0.113.1", invite.Uri);
        Assert.Contains("<sip:4930123456@", invite["From"], StringComparison.Ordinal);
        Assert.Equal([3, 0, 2, 1], Logged(world, DecisionKind.NumbersRead).Numbers);
    }

    [Fact]
    public void A_diverted_call_tells_who_was_called_first()
    {
        SwitchFixture world = World();
        WireMessage invite = InviteOf(world, "Diversion: <sip:4420111@acme>;reason=no-answer\r\nDiversion: <sip:4420222@acme>;reason=unconditional\r\n");
        Assert.Equal(["4420222"], Logged(world, DecisionKind.Diverted).Texts);
        Assert.Empty(invite.All("Diversion"));
    }

    [Fact]
    public void An_invite_without_any_called_number_is_refused()
    {
        SwitchFixture world = World(acme: g => g with { CalleeFrom = CalleeSource.To });
        var caller = new CallerLeg(world, to: "442") { ToValue = "<sip:acme>" };
        caller.Invite();
        caller.Expect(100);
        Assert.Equal("sip:442@203.0.113.1", new CalleeLeg(world).Invite.Uri); // the request line had one
    }

    // ---- the display name

    [Theory]
    [InlineData(DisplayFrom.Ignore, "\"Ann \\\"A\\\" B\\\\\" <", "\"Ann \\\"A\\\" B\\\\\" ")]
    [InlineData(DisplayFrom.Ignore, "Ann B <", "\"Ann B\" ")]
    [InlineData(DisplayFrom.Ignore, "\"Änn 李\" <", "\"Änn 李\" ")]
    [InlineData(DisplayFrom.Ignore, "<", "")]
    [InlineData(DisplayFrom.Ignore, "\"A\r\n B\" <", "\"A   B\" ")]
    [InlineData(DisplayFrom.Ignore, "\"bell\u0007\" <", "")]
    [InlineData(DisplayFrom.Ignore, "\"a name of more than sixty-four bytes is left out, not cut, at any length\" <", "")]
    [InlineData(DisplayFrom.E164, "\"Ann\" <", "\"+4930123456\" ")]
    [InlineData(DisplayFrom.Name, "\"Ann\" <", "\"Ann\" ")]
    [InlineData(DisplayFrom.Name, "<", "\"4930123456\" ")]
    [InlineData(DisplayFrom.Account, "\"Ann\" <", "\"Acme Ltd\" ")]
    public void The_display_name_is_what_the_setting_says(DisplayFrom mode, string given, string shown)
    {
        SwitchFixture world = World(carrier: g => g with { Identity = new IdentityRules { Display = true } }, settings: s => s with { E164DisplayFrom = mode });
        WireMessage invite = InviteOf(world, change: c => c.FromValue = given + "sip:4930123456@192.0.2.10>");
        Assert.Equal($"{shown}<sip:4930123456@{SwitchFixture.Us.HostString()}>", Bare(invite["From"]));
    }

    [Fact]
    public void Without_sipDisplay_no_display_name_passes_whatever_the_setting_says()
    {
        SwitchFixture world = World(settings: s => s with { E164DisplayFrom = DisplayFrom.Name });
        Assert.StartsWith("<sip:4930123456@", InviteOf(world)["From"], StringComparison.Ordinal);
    }

    // ---- identities and privacy

    [Fact]
    public void The_caller_is_written_into_the_identity_headers_a_gateway_wants()
    {
        SwitchFixture world = World(carrier: g => g with
        {
            RewriteRulesInCaller = "49:0049",
            Identity = new IdentityRules { RemotePartyId = true, PAssertedIdentity = IdentityMode.Caller, PPreferredIdentity = IdentityMode.Caller },
        });
        WireMessage invite = InviteOf(world, "P-Asserted-Identity: <sip:999@acme>\r\n");
        string us = SwitchFixture.Us.HostString();
        Assert.Equal([$"<sip:004930123456@{us}>"], invite.All("P-Asserted-Identity"));
        Assert.Equal([$"<sip:004930123456@{us}>"], invite.All("P-Preferred-Identity"));
        Assert.Equal([$"<sip:004930123456@{us}>;party=calling;screen=no;privacy=off"], invite.All("Remote-Party-ID"));
        Assert.Empty(invite.All("Privacy"));
        Assert.Equal([(long)(CallerShown.AssertedIdentity | CallerShown.PreferredIdentity | CallerShown.RemotePartyId), 0, 0], Logged(world, DecisionKind.Shown).Numbers);
    }

    [Theory]
    [InlineData("P-Asserted-Identity: \"Boss\" <sip:+49 30 1@acme;x=y>\r\n", null)]
    [InlineData("P-Asserted-Identity: \"Boss\" <sip:+49-30-1@acme:5070;user=phone>;p=1\r\n", "<sip:+49301@US>")]
    [InlineData("P-Asserted-Identity: \"B, C\" <sip:200@acme>, <tel:+49-30-1;isub=2>\r\n", "<sip:200@US>, <tel:+49301>")]
    [InlineData("P-Asserted-Identity: <tel:0301;phone-context=+49>\r\nP-Asserted-Identity: <sip:200@acme>\r\n", "<sip:0301@US>")]
    [InlineData("P-Asserted-Identity: <sip:200@acme>, <sip:201@acme>, <sip:202@acme>\r\n", "<sip:200@US>")]
    [InlineData("P-Asserted-Identity: <sip:200@acme>\u0001\r\n", null)]
    [InlineData("", null)]
    public void A_passed_identity_is_written_anew_from_its_number_one_of_each_scheme(string headers, string? written)
    {
        SwitchFixture world = World(carrier: g => g with { Identity = new IdentityRules { PAssertedIdentity = IdentityMode.Pass } });
        string[] expected = written is null ? [] : [written.Replace("US", SwitchFixture.Us.HostString(), StringComparison.Ordinal)];
        Assert.Equal(expected, InviteOf(world, headers).All("P-Asserted-Identity"));
    }

    // wish: what the caller's INVITE says; then per sipPrivacy whether From is anonymous, the Privacy header, whether identities are written.
    [Theory]
    [InlineData("", PrivacyMode.None, false, "", true)]
    [InlineData("", PrivacyMode.Pass, false, "", true)]
    [InlineData("", PrivacyMode.Id, true, "id", true)]
    [InlineData("", PrivacyMode.NoneValue, false, "none", true)]
    [InlineData("Privacy: none\r\n", PrivacyMode.None, false, "", true)]
    [InlineData("Privacy: none\r\n", PrivacyMode.Pass, false, "none", true)]
    [InlineData("Privacy: id\r\n", PrivacyMode.None, true, "", false)]
    [InlineData("Privacy: id\r\n", PrivacyMode.Pass, true, "id", true)]
    [InlineData("Privacy: user;id;critical\r\n", PrivacyMode.Pass, true, "id;critical", true)]
    [InlineData("Privacy: id\r\n", PrivacyMode.Id, true, "id", true)]
    [InlineData("Privacy: id\r\n", PrivacyMode.NoneValue, true, "", false)]
    [InlineData("Remote-Party-ID: <sip:1@x>;privacy=full\r\n", PrivacyMode.Pass, true, "id", true)]
    public void Who_asks_to_stay_unknown_is_anonymous_and_asserted_only_to_whom_can_keep_it(string wish, PrivacyMode mode, bool anonymous, string privacy, bool identities)
    {
        SwitchFixture world = World(carrier: g => g with { Identity = new IdentityRules { Display = true, RemotePartyId = true, Privacy = mode, PAssertedIdentity = IdentityMode.Caller, PPreferredIdentity = IdentityMode.Caller } });
        WireMessage invite = InviteOf(world, wish);
        Assert.Equal(anonymous, Bare(invite["From"]) == Anonymous);
        Assert.Equal(privacy, string.Join('|', invite.All("Privacy")));
        Assert.Equal(identities ? 3 : 0, invite.All("P-Asserted-Identity").Length + invite.All("P-Preferred-Identity").Length + invite.All("Remote-Party-ID").Length);
        if (identities) Assert.EndsWith(anonymous ? ";privacy=full" : ";privacy=off", invite["Remote-Party-ID"], StringComparison.Ordinal);
        if (anonymous && !identities) Assert.DoesNotContain("4930123456", invite.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gateway_without_privacy_support_is_shown_whatever_it_asks()
    {
        SwitchFixture world = World(acme: g => g with { HeedsPrivacy = false }, carrier: g => g with { Identity = new IdentityRules { Privacy = PrivacyMode.Pass } });
        WireMessage invite = InviteOf(world, "Privacy: id\r\n");
        Assert.Contains("<sip:4930123456@", invite["From"], StringComparison.Ordinal);
        Assert.Empty(invite.All("Privacy"));
    }

    [Fact]
    public void An_anonymous_caller_stays_so_in_every_request_of_the_call()
    {
        SwitchFixture world = World();
        CallerLeg caller = new CallerLeg(world) { Extra = "Privacy: id\r\n" }.Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        Assert.Equal(Anonymous, Bare(callee.ExpectAck()["From"]));
        caller.Expect(200);
        caller.Ack();
        caller.Request("BYE");
        WireMessage bye = callee.ExpectRequest("BYE");
        Assert.Equal(Anonymous, Bare(bye["From"]));
        callee.Ok(bye);
        caller.Expect(200, "BYE");
        Assert.All(world.Sent.Where(m => m.To == SwitchFixture.CarrierA), m => Assert.DoesNotContain("4930123456", m.Text, StringComparison.Ordinal));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_identity_a_phone_asserts_is_not_believed()
    {
        SwitchFixture world = World(carrier: g => g with { Identity = new IdentityRules { PAssertedIdentity = IdentityMode.Pass, PPreferredIdentity = IdentityMode.Caller, RemotePartyId = true } });
        var caller = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "15551234");
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.RemoteTag = "";
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password) + "P-Asserted-Identity: <sip:4999@x>\r\n");
        caller.Expect(100);
        WireMessage invite = new CalleeLeg(world).Invite;
        Assert.Empty(invite.All("P-Asserted-Identity"));
        Assert.Equal([$"<sip:{SwitchFixture.NumberOne}@{SwitchFixture.Us.HostString()}>"], invite.All("P-Preferred-Identity"));
        Assert.Contains("screen=yes", invite["Remote-Party-ID"], StringComparison.Ordinal);
    }

    // ---- To, extra headers, statuses, addresses

    [Theory]
    [InlineData(false, "0044207946012")]
    [InlineData(true, "44207946012")]
    public void To_keeps_the_dialled_number_when_the_setting_says_so(bool on, string to)
    {
        SwitchFixture world = World(carrier: g => g with { RewriteRulesInCallee = "44:0044" }, settings: s => s with { RoutingGatewayInviteUseContact = on });
        CallerLeg caller = new CallerLeg(world, to: "44207946012").Invite();
        caller.Expect(100);
        WireMessage invite = new CalleeLeg(world).Invite;
        Assert.Equal("sip:0044207946012@203.0.113.1", invite.Uri);
        Assert.Equal($"<sip:{to}@203.0.113.1>", invite["To"]);
    }

    [Fact]
    public void Header_fields_pass_to_the_carrier_when_it_is_shown_them_and_no_others()
    {
        const string extra = "X-Account: 17\r\nx-trace: a\r\n  b\r\nX-Bad: bell\u0007\r\nj: compact\r\nUser-Agent: Edge 7\r\nRoute: <sip:evil>\r\nPath: <sip:evil>\r\nWarning: 399 a b\r\nX-Account: 18\r\n";
        WireMessage none = InviteOf(World(), extra);
        Assert.DoesNotContain(none.Headers, static h => h.Name.StartsWith("x-", StringComparison.OrdinalIgnoreCase));

        SwitchFixture all = World(carrier: g => g with { ExtraHeaders = [ExtraHeaders.All] });
        WireMessage shown = InviteOf(all, extra);
        Assert.Equal([("X-Account", "17"), ("x-trace", "a b"), ("X-Account", "18")], shown.Headers.Where(static h => h.Name.StartsWith("x-", StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain("evil", shown.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Edge 7", shown.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("compact", shown.Text, StringComparison.Ordinal);
        Assert.Equal([0, 3, 1], Logged(all, DecisionKind.Shown).Numbers);

        WireMessage some = InviteOf(World(carrier: g => g with { ExtraHeaders = ["X-TRACE"] }), extra);
        Assert.Equal([("X-TRACE", "a b")], some.Headers.Where(static h => h.Name.StartsWith("x-", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void Header_fields_of_the_called_end_pass_to_the_caller_when_he_is_shown_them()
    {
        SwitchFixture world = World(acme: g => g with { ExtraHeaders = ["X-Carrier"] });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(503, extra: "X-Carrier: f\r\nX-Other: no\r\nReason: Q.850;cause=34\r\nServer: Soft 1\r\nWarning: 399 carrier.example \"who\"\r\n");
        callee.ExpectAck();
        var second = new CalleeLeg(world, SwitchFixture.CarrierB);
        second.Respond(180, extra: "X-Carrier: r\r\nX-Other: no\r\nServer: Soft 1\r\nWarning: 399 carrier.example \"who\"\r\n");
        Assert.Equal(["r"], caller.Expect(180).All("X-Carrier"));
        second.Respond(486, extra: "X-Carrier: busy\r\nWarning: 399 carrier.example \"who\"\r\n");
        second.ExpectAck();
        WireMessage final = caller.Expect(486);
        Assert.Equal(["busy"], final.All("X-Carrier"));
        caller.AckFailure();
        Assert.All(world.Sent.Where(m => m.To == SwitchFixture.Customer), m =>
        {
            Assert.DoesNotContain("Soft 1", m.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("carrier.example", m.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("X-Other", m.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("Whatever", m.Text, StringComparison.Ordinal); // the carrier's reason phrase
        });
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("486:600", 486, 600)]
    [InlineData("503:480,0:500", 486, 500)]
    [InlineData("486:0,0:500", 486, 486)]
    [InlineData("", 486, 486)]
    public void The_customer_hears_the_status_his_map_says(string map, int said, int heard)
    {
        SwitchFixture world = World(acme: g => g with { CallFailedSipCode = map });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(said);
        callee.ExpectAck();
        caller.Expect(heard);
        caller.AckFailure();
        Assert.Equal(said, Assert.Single(world.Cdrs).EndReason);
        if (said != heard) Assert.Equal([said, heard], DecisionLogReader.Read(world.Cdrs[0].DecisionLog).Single(static e => e.Kind == DecisionKind.StatusChanged).Numbers);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_switchs_own_refusals_are_mapped_and_a_cancel_never_is()
    {
        SwitchFixture world = World(acme: g => g with { CallFailedSipCode = "0:502" });
        CallerLeg nowhere = new CallerLeg(world, to: "99999").Invite();
        nowhere.Expect(100);
        nowhere.Expect(502);
        nowhere.AckFailure();
        CallerLeg cancels = new CallerLeg(world).Invite();
        cancels.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(180);
        cancels.Expect(180);
        cancels.Cancel();
        cancels.Expect(200, "CANCEL");
        cancels.Expect(487);
        cancels.AckFailure();
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Respond(487);
        callee.ExpectAck();
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(AddressMethod.Standard, "192.0.2.10:5060", "192.0.2.77:5099")]
    [InlineData(AddressMethod.Socket, "192.0.2.10:5060", "192.0.2.10:5060")]
    [InlineData(AddressMethod.SocketWithPort, "192.0.2.10:5099", "192.0.2.10:5099")]
    [InlineData(AddressMethod.Stated, "192.0.2.77:5099", "192.0.2.77:5099")]
    public void Responses_and_requests_go_to_the_address_the_gateway_wants(AddressMethod method, string responses, string requests)
    {
        SwitchFixture world = World(acme: g => g with { ResponseAddress = method, RequestAddress = method });
        var caller = new CallerLeg(world) { SentBy = "192.0.2.77:5099", ContactLine = "Contact: <sip:4930123456@192.0.2.77:5099>\r\n" };
        caller.Invite();
        Assert.Equal(100, world.Next(NetAddress.Parse(responses)).Status);
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        WireMessage ok = world.Next(NetAddress.Parse(responses));
        caller.RemoteTag = ok.ToTag;
        caller.Ack();
        callee.Send(callee.BuildRequest("BYE"));
        Assert.Equal("BYE", world.Next(NetAddress.Parse(requests)).Method);
        var asks = new CallerLeg(world) { SentBy = "192.0.2.77:5099" };
        asks.Request("OPTIONS");
        Assert.Equal("OPTIONS", world.Next(NetAddress.Parse(responses)).Method);
        asks.Invite();
        world.Forget(NetAddress.Parse(responses));
        asks.Cancel();
        Assert.Contains(world.Sent, m => m is { Status: 200, Method: "CANCEL" } && m.To == NetAddress.Parse(responses));
    }

    [Theory]
    [InlineData(AddressMethod.Socket, "203.0.113.1:5060")]
    [InlineData(AddressMethod.SocketWithPort, "203.0.113.1:5088")]
    [InlineData(AddressMethod.Stated, "10.9.8.7:5088")]
    [InlineData(AddressMethod.Standard, "203.0.113.1:5060")]
    public void Requests_to_a_carrier_go_to_the_address_it_wants(AddressMethod method, string requests)
    {
        SwitchFixture world = World(carrier: g => g with { RequestAddress = method });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world) { Contact = "<sip:in@10.9.8.7:5088>" };
        callee.Respond(200, sdp: true);
        Assert.Equal("ACK", world.Next(NetAddress.Parse(requests)).Method);
    }

    [Fact]
    public void Of_a_multipart_body_the_session_description_goes_on_alone()
    {
        SwitchFixture world = World();
        var caller = new CallerLeg(world);
        caller.Sdp = $"--b\r\nContent-Type: application/ISUP;version=itu-t92+\r\n\r\nsecret isup\r\n--b\r\nContent-Type: application/sdp\r\n\r\n{caller.Sdp}\r\n--b--\r\n";
        caller.Invite(extra: "Content-Type: multipart/mixed;boundary=b\r\nMIME-Version: 1.0\r\n").Expect(100);
        WireMessage invite = new CalleeLeg(world).Invite;
        Assert.Equal("application/sdp", invite["Content-Type"]);
        Assert.StartsWith("v=0", invite.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("isup", invite.Text, StringComparison.OrdinalIgnoreCase);

        var other = new CallerLeg(world) { Sdp = "--b\r\nContent-Type: application/ISUP\r\n\r\nx\r\n--b--\r\n" };
        Assert.Equal("application/sdp", other.Invite(extra: "Content-Type: multipart/mixed;boundary=b\r\n").Expect(415)["Accept"]);
    }

    // ---- the stage

    private static SwitchFixture World(Func<MappingGatewayConfig, MappingGatewayConfig>? acme = null, Func<RoutingGatewayConfig, RoutingGatewayConfig>? carrier = null, Func<SipSettings, SipSettings>? settings = null) =>
        new(said =>
        {
            said = SwitchFixture.ChangeAccount(said, "1001", static a => a with { Name = "Acme Ltd" });
            if (acme is not null) said = SwitchFixture.ChangeAcme(said, acme);
            if (carrier is not null) said = SwitchFixture.ChangeCarrier(said, "carrier-a", carrier);
            return settings is null ? said : said with { Settings = said.Settings with { Sip = settings(said.Settings.Sip) } };
        });

    private static WireMessage InviteOf(SwitchFixture world, string headers = "", Action<CallerLeg>? change = null)
    {
        var caller = new CallerLeg(world) { Extra = headers };
        change?.Invoke(caller);
        caller.Invite();
        caller.Expect(100);
        return new CalleeLeg(world).Invite;
    }

    private static Call LogOf(SwitchFixture world) => world.Shard.LiveCalls.Single();

    private static DecisionEntry Logged(SwitchFixture world, DecisionKind kind) => DecisionLogReader.Read(LogOf(world).LogSoFar).Single(e => e.Kind == kind);

    private static string Bare(string from) => from[..from.IndexOf(";tag=", StringComparison.Ordinal)];
}
