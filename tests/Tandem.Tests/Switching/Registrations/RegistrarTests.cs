using Tandem.Primitives;
using Tandem.Switching.Configuration;
using Tandem.Switching.Registrations;
using Tandem.Switching.Settings;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Switching.Registrations;

public class RegistrarTests
{
    private const string Public = "Contact: <sip:5551@192.0.2.51:5062>\r\n";
    private const string Private = "Contact: <sip:5551@192.168.1.10:5062>\r\n";

    private static readonly NetAddress Elsewhere = NetAddress.Parse("192.0.2.77:5062");

    [Theory]
    [InlineData(Private, 300)]
    [InlineData("Contact: <sip:5551@10.1.2.3>;expires=120\r\n", 120)]
    [InlineData("Contact: <sip:5551@100.64.0.9>\r\n", 300)]
    [InlineData(Public, 3600)]
    [InlineData("Contact: <sip:5551@phone.example.com>\r\n", 3600)] // a name says nothing of a NAT
    public void A_phone_behind_a_NAT_is_granted_SS_ENDPOINT_NAT_EXPIRE_at_most(string contact, int granted)
    {
        var world = new SwitchFixture();
        Assert.EndsWith($";expires={granted}", Register(world, Phone(world), contact)["Contact"]);
        Assert.Equal(contact.Contains("192.168", StringComparison.Ordinal) || contact.Contains("@10", StringComparison.Ordinal), Assert.Single(world.Locations.All).BehindNat);
    }

    [Fact]
    public void A_private_contact_in_the_phones_own_network_is_behind_no_NAT()
    {
        var world = new SwitchFixture();
        var phone = new CallerLeg(world, NetAddress.Parse("192.168.1.10:5062"), SwitchFixture.NumberOne, SwitchFixture.NumberOne);
        Assert.EndsWith(";expires=3600", Register(world, phone, Private)["Contact"]);
    }

    [Fact]
    public void A_private_address_in_the_phones_Via_shows_the_NAT_too()
    {
        var world = new SwitchFixture();
        CallerLeg phone = Phone(world);
        WireMessage challenge = phone.Request("REGISTER").Expect(401, "REGISTER");
        string behind = phone.LastRequest.Replace("UDP 192.0.2.51:5062", "UDP 172.31.0.4:5062", StringComparison.Ordinal)
            .Replace("branch=z9hG4bK", "branch=z9hG4bKvia", StringComparison.Ordinal)
            .Replace("Content-Length", Public + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, SwitchFixture.Password) + "Content-Length", StringComparison.Ordinal);
        world.Deliver(SwitchFixture.PhoneOne, behind);
        Assert.EndsWith(";expires=300", phone.Expect(200, "REGISTER")["Contact"]);
    }

    [Fact]
    public void SS_ENDPOINT_NAT_EXPIRE_never_grants_more_than_SS_ENDPOINT_EXPIRE()
    {
        var world = new SwitchFixture(With(static e => e with { NatExpire = TimeSpan.FromSeconds(500), Expire = TimeSpan.FromSeconds(200) }));
        Assert.EndsWith(";expires=200", Register(world, Phone(world), Private)["Contact"]);
    }

    [Theory]
    [InlineData(29, 423)]
    [InlineData(1, 423)]
    [InlineData(30, 200)]
    public void Less_than_30_seconds_is_too_brief_and_the_phone_is_told_what_is_not(int seconds, int status)
    {
        var world = new SwitchFixture();
        WireMessage answer = Register(world, Phone(world), Public + $"Expires: {seconds}\r\n", status);
        Assert.Equal(status == 423 ? "30" : "", answer["Min-Expires"]);
        Assert.Equal(status == 423 ? 0 : 1, world.Locations.Count);
    }

    [Fact]
    public void With_SS_ENDPOINT_REGISTER_REPLACE_Off_another_device_is_refused_while_the_first_lives()
    {
        var world = new SwitchFixture(With(static e => e with { RegisterReplace = false }));
        Register(world, Phone(world), Public + "Expires: 100\r\n");
        CallerLeg other = Phone(world, Elsewhere);
        Register(world, other, "Contact: <sip:5551@192.0.2.77:5062>\r\n", 403);
        Assert.Equal(SwitchFixture.PhoneOne, Assert.Single(world.Locations.All).Source);
        world.Advance(101);
        Register(world, Phone(world, Elsewhere), "Contact: <sip:5551@192.0.2.77:5062>\r\n");
        Assert.Equal(Elsewhere, Assert.Single(world.Locations.All).Source);
    }

    [Fact]
    public void With_SS_ENDPOINT_REGISTER_REPLACE_Off_the_phone_itself_refreshes_moves_and_restarts()
    {
        var world = new SwitchFixture(With(static e => e with { RegisterReplace = false }));
        CallerLeg phone = Phone(world);
        Register(world, phone, Public);
        Register(world, phone, Public);
        Register(world, phone, "Contact: <sip:5551@192.0.2.51:7000>\r\n"); // the same Call-ID: it moved
        Register(world, Phone(world), "Contact: <sip:5551@192.0.2.51:7000>\r\n"); // the same contact: it restarted
        Assert.Equal(1, world.Locations.Count);
    }

    [Fact]
    public void With_SS_ENDPOINT_REGISTER_REPLACE_Off_the_same_private_contact_behind_another_NAT_is_another_phone()
    {
        var world = new SwitchFixture(With(static e => e with { RegisterReplace = false }));
        Register(world, Phone(world), Private);
        Register(world, Phone(world, Elsewhere), Private, 403);
        Assert.Equal(SwitchFixture.PhoneOne, Assert.Single(world.Locations.All).Source);
    }

    [Fact]
    public void With_SS_ENDPOINT_REGISTER_REPLACE_On_another_device_takes_the_place()
    {
        var world = new SwitchFixture();
        Register(world, Phone(world), Public);
        Register(world, Phone(world, Elsewhere), "Contact: <sip:5551@192.0.2.77:5062>\r\n");
        Assert.Equal(Elsewhere, Assert.Single(world.Locations.All).Source);
    }

    [Fact]
    public void An_older_REGISTER_of_the_same_Call_ID_changes_nothing()
    {
        var world = new SwitchFixture();
        CallerLeg phone = Phone(world);
        phone.CSeq = 10;
        Register(world, phone, Public);
        phone.CSeq = 4;
        Register(world, phone, "Contact: *\r\nExpires: 0\r\n", 500);
        phone.CSeq = 4;
        Register(world, phone, "Contact: <sip:late@192.0.2.51:9>\r\n", 500);
        Assert.EndsWith("192.0.2.51:5062", System.Text.Encoding.UTF8.GetString(Assert.Single(world.Locations.All).Contact));
        phone.CSeq = 4;
        Assert.Single(Register(world, phone, "").All("Contact")); // a question is never late
    }

    [Theory]
    [InlineData("Contact: *\r\nContact: <sip:5551@192.0.2.51:5062>;expires=0\r\nExpires: 0\r\n", 400)]
    [InlineData("Contact: <sip:new@192.0.2.51:1>\r\nContact: <not a uri>\r\n", 400)]
    [InlineData("Contact: <sip:new@192.0.2.51:1>\r\nContact: <sip:new@192.0.2.51:2>;expires=5\r\n", 423)]
    public void Nothing_of_a_REGISTER_is_done_unless_all_of_it_can_be(string headers, int status)
    {
        var world = new SwitchFixture();
        CallerLeg phone = Phone(world);
        Register(world, phone, Public);
        Binding before = Assert.Single(world.Locations.All);
        Register(world, phone, headers, status);
        Assert.Same(before, Assert.Single(world.Locations.All));
    }

    [Fact]
    public void A_REGISTER_that_requires_Path_gets_420_and_no_binding()
    {
        var world = new SwitchFixture();
        WireMessage answer = Register(world, Phone(world), Public + "Require: path\r\nPath: <sip:edge.example.com;lr>\r\n", 420);
        Assert.Equal("path", answer["Unsupported"]);
        Assert.Equal(0, world.Locations.Count);
    }

    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("172.15.255.255", false)]
    [InlineData("172.16.0.0", true)]
    [InlineData("172.31.255.255", true)]
    [InlineData("172.32.0.0", false)]
    [InlineData("192.168.255.255", true)]
    [InlineData("169.254.0.1", true)]
    [InlineData("100.63.255.255", false)]
    [InlineData("100.64.0.0", true)]
    [InlineData("100.127.255.255", true)]
    [InlineData("100.128.0.0", false)]
    [InlineData("203.0.113.1", false)]
    [InlineData("fd00::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("2001:db8::1", false)]
    public void Private_is_what_the_RFCs_set_aside(string address, bool expected) =>
        Assert.Equal(expected, NatDetection.IsPrivate(NetAddress.Parse(address)));

    private static CallerLeg Phone(SwitchFixture world, NetAddress? address = null) =>
        new(world, address ?? SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberOne);

    private static Func<SwitchConfiguration, SwitchConfiguration> With(Func<EndpointSettings, EndpointSettings> change) =>
        said => said with { Settings = said.Settings with { Endpoint = change(said.Settings.Endpoint) } };

    internal static WireMessage Register(SwitchFixture world, CallerLeg phone, string headers, int status = 200)
    {
        int cseq = phone.CSeq;
        WireMessage challenge = phone.Request("REGISTER", extra: headers).Expect(401, "REGISTER");
        phone.CSeq = cseq;
        return phone.Request("REGISTER", extra: headers + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", phone.From, SwitchFixture.Password)).Expect(status, "REGISTER");
    }
}
