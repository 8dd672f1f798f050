using Tandem.Media.Srtp;
using Tandem.Primitives;
using Tandem.Sip.Transports;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.MediaProxy;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Keys in the descriptions of a call's legs (docs/srtp.md).</summary>
public class SrtpCallTests
{
    private const string TheirKey = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
    private const string Common = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + TheirKey + "|2^20\r\n";

    private static readonly SrtpKey Theirs = new(SrtpSuite.AesCm128HmacSha1Tag80, Convert.FromBase64String(TheirKey));

    [Fact]
    public void An_encrypted_caller_and_a_plain_called_end_each_get_what_they_speak()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Optional, callee: SrtpPolicy.Off);
        (CallerLeg caller, CalleeLeg callee, WireMessage answer) = Talk(world, Secure("192.0.2.99", 18200), SwitchFixture.Sdp("203.0.113.77", 30500));
        Assert.Contains("m=audio 20002 RTP/AVP 8", callee.Invite.Body);
        Assert.DoesNotContain("crypto", callee.Invite.Body);
        Assert.Contains("m=audio 20000 RTP/SAVP 8", answer.Body);
        SrtpKey ours = Assert.Single(Keys(answer.Body));
        Assert.Equal(SrtpSuite.AesCm128HmacSha1Tag80, ours.Suite);
        Assert.Contains("a=crypto:1 AES_CM", answer.Body);
        Assert.NotEqual(Theirs, ours);
        Assert.Equal((ours, Theirs), (world.Relay.Said[(0, MediaSide.Caller)].Send, world.Relay.Said[(0, MediaSide.Caller)].Receive));
        Assert.Equal((null, null), (world.Relay.Said[(0, MediaSide.Callee)].Send, world.Relay.Said[(0, MediaSide.Callee)].Receive));
        End(caller, callee);
    }

    [Fact]
    public void Who_requires_it_is_offered_SAVP_with_every_suite_and_a_key_for_each()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Off, callee: SrtpPolicy.Required);
        var caller = new CallerLeg(world);
        caller.Invite().Expect(100);
        var callee = new CalleeLeg(world) { Sdp = Secure("203.0.113.77", 30500, "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" + TheirKey + "\r\n") };
        Assert.Contains("m=audio 20002 RTP/SAVP 8", callee.Invite.Body);
        SrtpKey[] offered = Keys(callee.Invite.Body);
        Assert.Equal([SrtpSuite.AeadAes256Gcm, SrtpSuite.AeadAes128Gcm, SrtpSuite.AesCm128HmacSha1Tag80, SrtpSuite.AesCm128HmacSha1Tag32], offered.Select(static k => k.Suite));
        callee.Respond(200, sdp: true);
        Assert.Contains("m=audio 20000 RTP/AVP 8", caller.Expect(200).Body);
        caller.Ack();
        callee.ExpectAck();
        Assert.Equal((offered[2], Theirs), (world.Relay.Said[(0, MediaSide.Callee)].Send, world.Relay.Said[(0, MediaSide.Callee)].Receive));
        End(caller, callee);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_may_is_offered_keys_beside_AVP_and_takes_them_or_leaves_them(bool takes)
    {
        SwitchFixture world = World(caller: SrtpPolicy.Off, callee: SrtpPolicy.Optional);
        string plain = SwitchFixture.Sdp("203.0.113.77", 30500);
        var caller = new CallerLeg(world);
        caller.Invite().Expect(100);
        var callee = new CalleeLeg(world) { Sdp = takes ? plain + Common.Replace(":1 ", ":3 ") : plain };
        Assert.Contains("m=audio 20002 RTP/AVP 8", callee.Invite.Body);
        Assert.Equal(4, Keys(callee.Invite.Body).Length);
        callee.Respond(200, sdp: true);
        caller.Expect(200);
        caller.Ack();
        callee.ExpectAck();
        Assert.Equal(takes ? Theirs : null, world.Relay.Said[(0, MediaSide.Callee)].Receive);
        End(caller, callee);
    }

    [Fact]
    public void Both_ends_encrypted_have_keys_of_their_own_leg()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Required, callee: SrtpPolicy.Required);
        (CallerLeg caller, CalleeLeg callee, WireMessage answer) = Talk(world, Secure("192.0.2.99", 18200), Secure("203.0.113.77", 30500));
        Assert.Empty(Keys(answer.Body).Intersect(Keys(callee.Invite.Body)));
        Assert.DoesNotContain(TheirKey, answer.Body + callee.Invite.Body);
        End(caller, callee);
    }

    [Fact]
    public void A_refresh_and_a_hold_repeat_the_keys_and_new_ones_of_the_asker_are_followed()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Required, callee: SrtpPolicy.Off);
        (CallerLeg caller, CalleeLeg callee, WireMessage answer) = Talk(world, Secure("192.0.2.99", 18200), SwitchFixture.Sdp("203.0.113.77", 30500));
        byte[] fresh = [.. Enumerable.Range(0, 28).Select(static i => (byte)i)];
        string offer = Secure("192.0.2.99", 18200, $"a=crypto:7 AEAD_AES_128_GCM inline:{Convert.ToBase64String(fresh)}\r\n").Replace("a=sendrecv", "a=sendonly");
        caller.Request("INVITE", offer, $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        WireMessage asked = callee.ExpectRequest("INVITE");
        Assert.DoesNotContain("crypto", asked.Body);
        world.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp));
        callee.ExpectAck();
        WireMessage again = caller.Expect(200);
        caller.Ack();
        Assert.Contains("a=crypto:7 AEAD_AES_128_GCM", again.Body);
        Assert.NotEqual(Keys(answer.Body), Keys(again.Body));
        Assert.Equal((Keys(again.Body)[0], new SrtpKey(SrtpSuite.AeadAes128Gcm, fresh)), (world.Relay.Said[(0, MediaSide.Caller)].Send, world.Relay.Said[(0, MediaSide.Caller)].Receive));
        End(caller, callee);
    }

    [Theory]
    [InlineData(SrtpPolicy.Off, true)] // offered and not permitted
    [InlineData(SrtpPolicy.Required, false)] // required and not offered
    public void What_the_callers_policy_does_not_permit_is_refused_for_its_own_reason(SrtpPolicy policy, bool secure)
    {
        SwitchFixture world = World(caller: policy, callee: SrtpPolicy.Off);
        new CallerLeg(world) { Sdp = secure ? Secure("192.0.2.99", 18200) : SwitchFixture.Sdp("192.0.2.99", 18200) }.Invite().Expect(100);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(Refusal.EncryptionNotAgreed, cdr.Refusal);
        Assert.NotEqual(("", ""), (cdr.CallerE164, cdr.CalleeE164)); // whose call it was is known all the same
    }

    [Theory]
    [InlineData("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\r\n")] // a key too short
    [InlineData("a=crypto:1 F8_128_HMAC_SHA1_80 inline:" + TheirKey + "\r\n")]
    [InlineData("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + TheirKey + "|2^20|1:4\r\n")]
    [InlineData("")]
    public void Keys_that_cannot_be_used_are_none(string crypto)
    {
        SwitchFixture world = World(caller: SrtpPolicy.Optional, callee: SrtpPolicy.Off);
        new CallerLeg(world) { Sdp = Secure("192.0.2.99", 18200, crypto) }.Invite().Expect(100);
        Assert.Equal(Refusal.EncryptionNotAgreed, Assert.Single(world.Cdrs).Refusal);
    }

    [Fact]
    public void A_called_end_that_requires_it_and_answers_without_keys_is_hung_up_on()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Off, callee: SrtpPolicy.Required);
        new CallerLeg(world).Invite().Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        callee.ExpectRequest("BYE");
    }

    [Fact]
    public void Without_TLS_no_key_is_offered_or_taken_unless_the_operator_says_so()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Optional, callee: SrtpPolicy.Optional, anyway: false);
        new CallerLeg(world).Invite().Expect(100);
        Assert.DoesNotContain("crypto", new CalleeLeg(world).Invite.Body);
        new CallerLeg(world) { Sdp = Secure("192.0.2.99", 18200) }.Invite().Expect(100);
        Assert.Equal(Refusal.EncryptionNotAgreed, Assert.Single(world.Cdrs).Refusal);

        world = World(caller: SrtpPolicy.Off, callee: SrtpPolicy.Required, anyway: false);
        new CallerLeg(world).Invite().Expect(100);
        Assert.Equal(Refusal.EncryptionNotAgreed, Assert.Single(world.Cdrs).Refusal);
    }

    [Fact]
    public void Over_TLS_keys_are_offered()
    {
        SipListener[] listeners = [new(SwitchFixture.Us), new(NetAddress.Parse("198.51.100.7:5061"), SipTransport.Tls)];
        var world = new SwitchFixture(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { Srtp = SrtpPolicy.Required, Transport = SipTransport.Tls }), listeners: listeners);
        new CallerLeg(world).Invite().Expect(100);
        Assert.Contains("RTP/SAVP", world.Sent.Last(static m => m.Method == "INVITE").Body);
    }

    [Fact]
    public void Encrypted_media_is_relayed_whatever_the_proxy_settings_say()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Off, callee: SrtpPolicy.Optional, change: static said => said with
        {
            Settings = said.Settings with { Media = said.Settings.Media with { ProxyMode = Tandem.Switching.Settings.MediaProxyMode.Off } },
        });
        new CallerLeg(world).Invite().Expect(100);
        Assert.Contains("m=audio 20002", new CalleeLeg(world).Invite.Body);
    }

    [Fact]
    public void Every_line_has_keys_of_its_own_and_fax_has_none()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Off, callee: SrtpPolicy.Optional);
        new CallerLeg(world) { Sdp = SwitchFixture.Sdp("192.0.2.99", 18200) + "m=video 18400 RTP/AVPF 96\r\na=rtpmap:96 H264/90000\r\nm=image 18500 udptl t38\r\n" }.Invite().Expect(100);
        string offer = new CalleeLeg(world).Invite.Body;
        Assert.Equal(8, Keys(offer).Distinct().Count());
        Assert.Contains("RTP/AVPF 96", offer);
        Assert.DoesNotContain("crypto", offer[offer.IndexOf("m=image", StringComparison.Ordinal)..]);
    }

    [Fact]
    public void Who_takes_an_ends_place_by_a_transfer_is_given_keys_the_other_never_knew()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Off, callee: SrtpPolicy.Required, change: static said => SwitchFixture.ChangeAcme(said, static g => g with { CallTransfer = true }));
        (CallerLeg a, CalleeLeg b, _) = Talk(world, SwitchFixture.Sdp("192.0.2.99", 18200), Secure("203.0.113.77", 30500));
        a.Request("REFER", extra: $"Refer-To: <sip:15551234@{SwitchFixture.Us}>\r\n");
        a.Expect(202, "REFER");
        a.Ok(a.ExpectRequest("NOTIFY"));
        var c = new CalleeLeg(world, SwitchFixture.CarrierA) { Sdp = Secure("203.0.113.78", 30700).Replace("crypto:1 ", "crypto:3 ") };
        c.Respond(200, sdp: true);
        c.ExpectAck();
        WireMessage asked = b.ExpectRequest("INVITE");
        Assert.Contains("RTP/SAVP", asked.Body);
        SrtpKey[] offered = Keys(asked.Body);
        Assert.Equal(4, offered.Length);
        Assert.Empty(offered.Intersect(Keys(b.Invite.Body)));
        Assert.Empty(offered.Intersect(Keys(c.Invite.Body)));
        world.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
        Assert.Equal((offered[2], Theirs), (world.Relay.Said[(1, MediaSide.Caller)].Send, world.Relay.Said[(1, MediaSide.Caller)].Receive));
    }

    [Fact]
    public void A_caller_that_is_forwarded_keeps_its_keys_and_the_target_has_its_own()
    {
        SwitchFixture world = World(caller: SrtpPolicy.Required, callee: SrtpPolicy.Required, change: static c => c with
        {
            Phones = c.Phones.Add("33140", c.Phones[SwitchFixture.NumberTwo] with
            {
                E164 = "33140",
                Dids = ["442000"],
                Forwards = new ForwardsConfig { Unconditional = true, UnconditionalTo = new ForwardTargets(ForwardMethod.InOrder, 0, ["15550001"]) },
            }),
        });
        var caller = new CallerLeg(world, to: "442000") { Sdp = Secure("192.0.2.99", 18200) };
        caller.Invite().Expect(100);
        var callee = new CalleeLeg(world) { Sdp = Secure("203.0.113.77", 30500).Replace("crypto:1 ", "crypto:3 ") };
        Assert.Contains("RTP/SAVP", callee.Invite.Body);
        callee.Respond(200, sdp: true);
        WireMessage answer = caller.Expect(200);
        caller.Ack();
        callee.ExpectAck();
        Assert.Contains("RTP/SAVP", answer.Body);
        Assert.Equal(Assert.Single(Keys(answer.Body)), world.Relay.Said.Last(static s => s.Key.Side == MediaSide.Caller).Value.Send);
        End(caller, callee);
    }

    private static SwitchFixture World(SrtpPolicy caller, SrtpPolicy callee, bool anyway = true, Func<SwitchConfiguration, SwitchConfiguration>? change = null) => new(said =>
    {
        said = said with { Settings = said.Settings with { Media = said.Settings.Media with { SrtpWithoutTls = anyway } } };
        said = SwitchFixture.ChangeAcme(said, g => g with { Srtp = caller });
        foreach (string carrier in said.RoutingGateways.Keys.ToArray()) said = SwitchFixture.ChangeCarrier(said, carrier, g => g with { Srtp = callee });
        return change is null ? said : change(said);
    });

    private static string Secure(string address, int port, string crypto = Common) => SwitchFixture.Sdp(address, port).Replace("RTP/AVP", "RTP/SAVP") + crypto;

    private static (CallerLeg Caller, CalleeLeg Callee, WireMessage Answer) Talk(SwitchFixture world, string offer, string answer)
    {
        var caller = new CallerLeg(world) { Sdp = offer };
        caller.Invite().Expect(100);
        var callee = new CalleeLeg(world) { Sdp = answer };
        if (answer.Contains("crypto", StringComparison.Ordinal)) callee.Sdp = answer.Replace("crypto:1 ", "crypto:3 ");
        callee.Respond(200, sdp: true);
        WireMessage ok = caller.Expect(200);
        caller.Ack();
        callee.ExpectAck();
        return (caller, callee, ok);
    }

    private static SrtpKey[] Keys(string sdp) =>
    [
        .. sdp.Split("\r\n").Where(static line => line.StartsWith("a=crypto:", StringComparison.Ordinal)).Select(static line => line.Split(' ')).Select(static words =>
            SrtpSuites.TryParse(System.Text.Encoding.ASCII.GetBytes(words[1]), out SrtpSuite suite) ? new SrtpKey(suite, Convert.FromBase64String(words[2]["inline:".Length..])) : throw new FormatException(words[1])),
    ];

    private static void End(CallerLeg caller, CalleeLeg callee)
    {
        caller.Request("BYE");
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Expect(200, "BYE");
    }
}
