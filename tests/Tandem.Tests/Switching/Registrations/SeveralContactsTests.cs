using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Registrations;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Switching.Registrations;

/// <summary>One REGISTER, several contacts: all stand, and a call tries them one after another.</summary>
public sealed class SeveralContactsTests
{
    private const string Three = "Contact: <sip:low@192.0.2.51:5062>;q=0.2;expires=300, <sip:first@192.0.2.51:5062>;q=0.95, <sip:second@192.0.2.51:5062>;q=0.5;expires=60\r\nExpires: 600\r\n";

    private const string Number = "442079"; // one the customer has a rate for

    private readonly SwitchFixture _switch = new(static c => c with { Phones = c.Phones.Add(Number, c.Phones[SwitchFixture.NumberOne] with { E164 = Number }) });
    private readonly CallerLeg _phone;

    public SeveralContactsTests() => _phone = new CallerLeg(_switch, SwitchFixture.PhoneOne, Number, Number);

    [Fact]
    public void All_are_in_the_200_by_their_q_each_with_its_own_seconds()
    {
        string[] contacts = Register(Three).All("Contact");
        Assert.Equal(["<sip:first@192.0.2.51:5062>;expires=600", "<sip:second@192.0.2.51:5062>;expires=60", "<sip:low@192.0.2.51:5062>;expires=300"], contacts);
        _switch.Advance(61);
        Assert.Equal(["<sip:first@192.0.2.51:5062>;expires=539", "<sip:low@192.0.2.51:5062>;expires=239"], Register("").All("Contact"));
    }

    [Fact]
    public void A_call_tries_them_in_order_and_is_one_call_with_one_CDR()
    {
        Register(Three);
        CallerLeg caller = new CallerLeg(_switch, to: Number).Invite();
        caller.Expect(100);
        foreach (string uri in (string[])["sip:first@192.0.2.51:5062", "sip:second@192.0.2.51:5062"])
        {
            var refusing = new CalleeLeg(_switch, SwitchFixture.PhoneOne);
            Assert.Equal(uri, refusing.Invite.Uri);
            refusing.Respond(480);
            refusing.ExpectRequest("ACK");
        }
        var answering = new CalleeLeg(_switch, SwitchFixture.PhoneOne);
        Assert.Equal("sip:low@192.0.2.51:5062", answering.Invite.Uri);
        answering.Respond(200, sdp: true);
        answering.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(5);
        Legs.End(caller, answering);
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal((3, true), (cdr.Attempts, cdr.WasAnswered));
    }

    [Fact]
    public void When_none_takes_it_the_caller_hears_what_the_last_one_said()
    {
        Register("Contact: <sip:a@192.0.2.51:5062>, <sip:b@192.0.2.51:5062>\r\n");
        CallerLeg caller = new CallerLeg(_switch, to: Number).Invite();
        caller.Expect(100);
        foreach (int status in (int[])[404, 480])
        {
            var refusing = new CalleeLeg(_switch, SwitchFixture.PhoneOne);
            refusing.Respond(status);
            refusing.ExpectRequest("ACK");
        }
        caller.Expect(480);
        caller.AckFailure();
        Assert.Equal(2, Assert.Single(_switch.Cdrs).Attempts);
    }

    [Fact]
    public void A_busy_phone_is_busy_at_all_its_contacts()
    {
        Register("Contact: <sip:a@192.0.2.51:5062>, <sip:b@192.0.2.51:5062>\r\n");
        CallerLeg caller = new CallerLeg(_switch, to: Number).Invite();
        caller.Expect(100);
        var busy = new CalleeLeg(_switch, SwitchFixture.PhoneOne);
        busy.Respond(486);
        busy.ExpectRequest("ACK");
        caller.Expect(486);
        caller.AckFailure();
    }

    [Fact]
    public void One_is_taken_off_and_the_next_takes_the_first_ones_place()
    {
        Register(Three);
        Assert.Equal(["<sip:second@192.0.2.51:5062>;expires=60", "<sip:low@192.0.2.51:5062>;expires=300"], Register("Contact: <sip:first@192.0.2.51:5062>;expires=0\r\n").All("Contact"));
        Assert.Equal("<sip:second@192.0.2.51:5062>;expires=60", Assert.Single(Register("Contact: <sip:low@192.0.2.51:5062>;expires=0\r\n").All("Contact")));
        Assert.Empty(Register("Contact: <sip:second@192.0.2.51:5062>;expires=0\r\n").All("Contact"));
        Assert.Equal(0, _switch.Locations.Count);
    }

    [Fact]
    public void When_the_first_has_run_out_the_next_stands()
    {
        Register("Contact: <sip:a@192.0.2.51:5062>;expires=60, <sip:b@192.0.2.51:5062>;expires=600\r\n");
        _switch.Advance(61);
        Assert.True(_switch.Locations.TryFind(DialString.Parse(Number), _switch.Now, out Binding? binding));
        Assert.Equal("sip:b@192.0.2.51:5062", Encoding.UTF8.GetString(binding.Contact));
        _switch.Locations.Sweep(_switch.Now);
        Assert.True(_switch.Locations.IsHome(SwitchFixture.PhoneOne));
        _switch.Advance(600);
        _switch.Locations.Sweep(_switch.Now);
        Assert.False(_switch.Locations.IsHome(SwitchFixture.PhoneOne));
    }

    [Fact]
    public void More_than_eight_are_refused_and_change_nothing()
    {
        Register("Contact: <sip:a@192.0.2.51:5062>\r\n");
        Register(string.Concat(Enumerable.Range(0, 9).Select(static i => $"Contact: <sip:c{i}@192.0.2.51:5062>\r\n")), 403);
        Assert.Equal("sip:a@192.0.2.51:5062", Encoding.UTF8.GetString(Assert.Single(_switch.Locations.All).Contact));
        Assert.Equal(8, Register(string.Concat(Enumerable.Range(0, 8).Select(static i => $"Contact: <sip:c{i}@192.0.2.51:5062>\r\n"))).All("Contact").Length);
    }

    private WireMessage Register(string headers, int status = 200)
    {
        WireMessage challenge = _phone.Request("REGISTER").Expect(401, "REGISTER");
        return _phone.Request("REGISTER", extra: headers + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", Number, SwitchFixture.Password)).Expect(status, "REGISTER");
    }
}
