using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Registrations;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Switching.Registrations;

public class RegisterTests
{
    private const string Contact = "sip:5551@192.0.2.51:5062";

    private readonly SwitchFixture _switch = new();
    private readonly CallerLeg _phone;
    private WireMessage? _challenge;

    public RegisterTests() => _phone = new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberOne);

    [Fact]
    public void A_phone_registers_and_is_told_for_how_long()
    {
        WireMessage ok = Register($"Contact: <{Contact}>\r\nExpires: 600\r\n");
        Assert.Equal($"<{Contact}>;expires=600", ok["Contact"]);
        Binding binding = Assert.Single(_switch.Locations.All);
        Assert.Equal((Contact, SwitchFixture.PhoneOne, _switch.Now + TimeSpan.FromSeconds(600)), (Encoding.UTF8.GetString(binding.Contact), binding.Source, binding.Expires));
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>;expires=120\r\nExpires: 600\r\n", 120)] // its own word counts before the general one
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>\r\n", 3600)]
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>\r\nExpires: 86400\r\n", 3600)] // SS_ENDPOINT_EXPIRE is the longest
    public void The_time_asked_for_is_granted_up_to_the_longest(string headers, int granted) =>
        Assert.EndsWith($";expires={granted}", Register(headers)["Contact"]);

    [Fact]
    public void A_phone_that_may_call_only_from_some_addresses_is_not_registered_from_others()
    {
        _switch.Reconfigure(static c => NumberLimitTests.Named(SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, static p => p with { Numbers = new() { IpAreas = ["office"] } })));
        Register($"Contact: <{Contact}>\r\n", 403);
        Assert.Empty(_switch.Locations.All);
        _switch.Reconfigure(static c => SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, static p => p with { Numbers = new() { IpAreas = ["test net"] } }));
        Register($"Contact: <{Contact}>\r\n");
    }

    [Fact]
    public void A_refresh_keeps_when_it_first_registered()
    {
        Instant first = _switch.Now;
        Register($"Contact: <{Contact}>\r\nExpires: 100\r\n");
        _switch.Advance(50);
        Register($"Contact: <{Contact}>\r\nExpires: 100\r\n");
        Binding binding = Assert.Single(_switch.Locations.All);
        Assert.Equal((first, _switch.Now + TimeSpan.FromSeconds(100)), (binding.Registered, binding.Expires));
    }

    [Fact]
    public void Another_contact_takes_the_first_ones_place()
    {
        Register($"Contact: <{Contact}>\r\n");
        WireMessage ok = Register("Contact: <sip:new@192.0.2.51:6000>\r\n");
        Assert.StartsWith("<sip:new@192.0.2.51:6000>", Assert.Single(ok.All("Contact")));
    }

    [Theory]
    [InlineData("Contact: *\r\nExpires: 0\r\n")]
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>;expires=0\r\n")]
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>\r\nExpires: 0\r\n")]
    public void A_phone_unregisters(string headers)
    {
        Register($"Contact: <{Contact}>\r\n");
        Assert.Empty(Register(headers).All("Contact"));
        Assert.Equal(0, _switch.Locations.Count);
    }

    [Fact]
    public void Unregistering_an_older_contact_leaves_the_newer()
    {
        Register("Contact: <sip:new@192.0.2.51:6000>\r\n");
        Register($"Contact: <{Contact}>;expires=0\r\n");
        Assert.Equal(1, _switch.Locations.Count);
    }

    [Fact]
    public void A_REGISTER_without_a_contact_asks_what_is_registered()
    {
        Assert.Empty(Register("").All("Contact"));
        Register($"Contact: <{Contact}>\r\nExpires: 100\r\n");
        _switch.Advance(40);
        Assert.Equal($"<{Contact}>;expires=60", Register("")["Contact"]);
    }

    [Theory]
    [InlineData("Contact: *\r\nExpires: 60\r\n")]
    [InlineData("Contact: *\r\n")]
    [InlineData("Contact: <sip:5551@192.0.2.51:5062>\r\nExpires: soon\r\n")]
    [InlineData("Contact: <not a uri>\r\n")]
    public void What_is_not_understood_gets_400_and_changes_nothing(string headers)
    {
        Register($"Contact: <{Contact}>\r\n");
        Register(headers, 400);
        Assert.Equal(1, _switch.Locations.Count);
    }

    [Fact]
    public void A_wrong_password_gets_403_and_no_binding()
    {
        WireMessage challenge = _phone.Request("REGISTER", extra: $"Contact: <{Contact}>\r\n").Expect(401, "REGISTER");
        _phone.Request("REGISTER", extra: $"Contact: <{Contact}>\r\n" + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, "guess")).Expect(403, "REGISTER");
        Assert.Equal(0, _switch.Locations.Count);
    }

    [Fact]
    public void A_phone_registers_nobody_but_itself()
    {
        var thief = new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberTwo, SwitchFixture.NumberTwo);
        WireMessage challenge = thief.Request("REGISTER", extra: $"Contact: <{Contact}>\r\n").Expect(401, "REGISTER");
        thief.Request("REGISTER", extra: $"Contact: <{Contact}>\r\n" + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, SwitchFixture.Password)).Expect(403, "REGISTER");
        Assert.Equal(0, _switch.Locations.Count);
    }

    [Fact]
    public void What_has_run_out_is_swept_away()
    {
        Register($"Contact: <{Contact}>\r\nExpires: 100\r\n");
        _switch.Locations.Sweep(_switch.Now + TimeSpan.FromSeconds(99));
        Assert.Equal(1, _switch.Locations.Count);
        _switch.Locations.Sweep(_switch.Now + TimeSpan.FromSeconds(100));
        Assert.Equal(0, _switch.Locations.Count);
    }

    private WireMessage Register(string headers, int status = 200)
    {
        _challenge ??= _phone.Request("REGISTER", extra: headers).Expect(401, "REGISTER");
        return _phone.Request("REGISTER", extra: headers + Digest.Answer(_challenge, "REGISTER", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, SwitchFixture.Password)).Expect(status, "REGISTER");
    }
}
