using Tandem.Primitives;
using Tandem.Switching.Registrations;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Switching.Registrations;

/// <summary>SS_SIP_REGISTRATION_LIGTHWEIGHT: what is skipped, and for whom it is not.</summary>
public sealed class LightRefreshTests
{
    private const string Contact = "Contact: <sip:5551@192.0.2.51:5062>\r\n";

    private readonly SwitchFixture _switch = SwitchFixture.WithSettings(static s => s with { Authentication = s.Authentication with { RegistrationLightweight = true } });
    private readonly CallerLeg _phone;

    public LightRefreshTests()
    {
        _phone = new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberOne);
        Prove();
    }

    [Fact]
    public void A_refresh_is_granted_without_challenge_and_transaction()
    {
        _switch.Advance(600);
        int open = _switch.Shard.Transactions.OpenServers;
        Assert.EndsWith(";expires=3600", _phone.Request("REGISTER", extra: Contact).Expect(200, "REGISTER")["Contact"]);
        Assert.Equal((open, 1L, 2L), (_switch.Shard.Transactions.OpenServers, _switch.Shard.Counters.LightRefreshes, _switch.Shard.Counters.Registrations));
        Assert.Equal(_switch.Now + TimeSpan.FromSeconds(3600), Assert.Single(_switch.Locations.All).Expires);
    }

    [Fact]
    public void Its_retransmission_gets_the_same_and_prolongs_nothing()
    {
        _phone.Request("REGISTER", extra: Contact).Expect(200, "REGISTER");
        Instant expires = Assert.Single(_switch.Locations.All).Expires;
        _switch.Advance(2);
        _phone.Repeat();
        Assert.EndsWith(";expires=3598", _phone.Expect(200, "REGISTER")["Contact"]);
        Assert.Equal(expires, Assert.Single(_switch.Locations.All).Expires);
    }

    [Theory]
    [InlineData("Contact: <sip:5551@192.0.2.51:9999>\r\n")] // another contact
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>, <sip:5551@192.0.2.66:5062>\r\n")] // one more
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>;expires=0\r\n")] // unregisters
    [InlineData("Contact: *\r\nExpires: 0\r\n")]
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>\r\nExpires: 10\r\n")]
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>\r\nRequire: path\r\n")]
    [InlineData("")]
    public void Whatever_is_more_than_a_refresh_is_challenged(string headers) => _phone.Request("REGISTER", extra: headers).Expect(401, "REGISTER");

    [Fact]
    public void Another_port_address_Call_ID_or_an_older_number_is_challenged()
    {
        new CallerLeg(_switch, SwitchFixture.PhoneOne.WithPort(5999), SwitchFixture.NumberOne, SwitchFixture.NumberOne) { CallId = _phone.CallId, CSeq = 50 }.Request("REGISTER", extra: Contact).Expect(401, "REGISTER");
        new CallerLeg(_switch, SwitchFixture.Stranger, SwitchFixture.NumberOne, SwitchFixture.NumberOne) { CallId = _phone.CallId, CSeq = 50 }.Request("REGISTER", extra: Contact).Expect(401, "REGISTER");
        new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberOne) { CSeq = 50 }.Request("REGISTER", extra: Contact).Expect(401, "REGISTER");
        new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberOne) { CallId = _phone.CallId, CSeq = 0 }.Request("REGISTER", extra: Contact).Expect(401, "REGISTER");
    }

    [Fact]
    public void A_new_password_must_be_proven()
    {
        _switch.Reconfigure(static c => SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, static p => p with { Password = "another" }));
        _phone.Request("REGISTER", extra: Contact).Expect(401, "REGISTER");
    }

    [Fact]
    public void After_a_day_the_password_must_be_proven_again()
    {
        for (int hours = 0; hours < 24; hours++)
        {
            _switch.Advance(3599);
            _phone.Request("REGISTER", extra: Contact).Expect(200, "REGISTER");
        }
        _switch.Advance(3599);
        _phone.Request("REGISTER", extra: Contact).Expect(401, "REGISTER");
        Prove();
        _phone.Request("REGISTER", extra: Contact).Expect(200, "REGISTER");
    }

    [Fact]
    public void What_has_run_out_is_registered_anew_by_challenge()
    {
        _switch.Advance(3601);
        _phone.Request("REGISTER", extra: Contact).Expect(401, "REGISTER");
    }

    [Fact]
    public void Off_every_refresh_proves_its_password()
    {
        _switch.Reconfigure(static c => c with { Settings = c.Settings with { Authentication = c.Settings.Authentication with { RegistrationLightweight = false } } });
        _phone.Request("REGISTER", extra: Contact).Expect(401, "REGISTER");
    }

    private void Prove()
    {
        WireMessage challenge = _phone.Request("REGISTER").Expect(401, "REGISTER");
        _phone.Request("REGISTER", extra: Contact + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, SwitchFixture.Password)).Expect(200, "REGISTER");
    }
}
