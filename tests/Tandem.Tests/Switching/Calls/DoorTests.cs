using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Switching.Admission;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Every method in every standing, sent to a switch in that standing; what comes back is what stands here.</summary>
public sealed class DoorTests
{
    // ok: served. -: no answer, nothing kept.
    private const string Outside = """
                   Stranger UnprovenPhone RegisteredAddress WrongCredentials Carrier Gateway LockedGateway Phone LockedPhone Blocked
        INVITE     401      401           401               403              401     ok      ok            ok    ok          -
        ACK        -        -             -                 -                -       -       -             -     -           -
        BYE        481      481           481               403              481     481     481           481   481         -
        CANCEL     481      481           481               403              481     481     481           481   481         -
        REGISTER   401      401           401               403              401     401     401           ok    ok          -
        OPTIONS    401      401           ok                403              ok      ok      ok            ok    ok          -
        INFO       401      401           401               403              ok      ok      405           ok    405         -
        PRACK      401      401           401               403              405     405     405           405   405         -
        UPDATE     401      401           401               403              405     405     405           405   405         -
        MESSAGE    401      401           401               403              401     ok      ok            ok    ok          -
        NOTIFY     401      401           401               403              ok      ok      405           ok    405         -
        SUBSCRIBE  401      401           401               403              ok      ok      405           ok    405         -
        REFER      401      401           401               403              ok      ok      405           ok    405         -
        PUBLISH    401      401           401               403              405     405     405           405   405         -
        FROBNICATE 401      401           401               403              405     405     405           405   405         -
        """;

    private const string StrayTag = """
                   Stranger UnprovenPhone RegisteredAddress WrongCredentials Carrier Gateway LockedGateway Phone LockedPhone Blocked
        INVITE     481      481           481               403              481     481     481           481   481         -
        ACK        -        -             -                 -                -       -       -             -     -           -
        BYE        481      481           481               403              481     481     481           481   481         -
        CANCEL     481      481           481               403              481     481     481           481   481         -
        REGISTER   401      401           401               403              401     401     401           ok    ok          -
        OPTIONS    481      481           481               403              481     481     481           481   481         -
        INFO       481      481           481               403              481     481     481           481   481         -
        PRACK      481      481           481               403              481     481     481           481   481         -
        UPDATE     481      481           481               403              481     481     481           481   481         -
        MESSAGE    481      481           481               403              481     481     481           481   481         -
        NOTIFY     481      481           481               403              481     481     481           481   481         -
        SUBSCRIBE  481      481           481               403              481     481     481           481   481         -
        REFER      481      481           481               403              481     481     481           481   481         -
        PUBLISH    481      481           481               403              481     481     481           481   481         -
        FROBNICATE 481      481           481               403              481     481     481           481   481         -
        """;

    public static TheoryData<string, string, string, bool, string> Cells()
    {
        var cells = new TheoryData<string, string, string, bool, string>();
        foreach (bool reply in (bool[])[true, false])
        {
            foreach ((string place, string grid) in ((string, string)[])[("Outside", Outside), ("StrayTag", StrayTag)])
            {
                string[][] rows = [.. grid.Split('\n').Select(static l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
                foreach (string[] row in rows.Skip(1))
                {
                    for (int i = 1; i < row.Length; i++)
                    {
                        bool silent = !reply && rows[0][i - 1] is "Stranger" or "WrongCredentials" && !reply;
                        cells.Add(place, rows[0][i - 1], row[0], reply, silent ? "-" : row[i]);
                    }
                }
            }
        }
        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Each_request_gets_what_its_sender_may_have(string place, string standing, string method, bool reply, string expected)
    {
        var scene = new Scene(Enum.Parse<Standing>(standing), reply);
        Assert.Equal(expected, scene.Send(method, place == "StrayTag" ? "9999999999999" : ""));
    }

    [Fact]
    public void The_grids_name_every_method_and_every_standing()
    {
        string[] methods = [.. Enum.GetValues<SipMethod>().Where(static m => m != SipMethod.Unknown).Select(static m => Encoding.ASCII.GetString(m.Token())), "FROBNICATE"];
        Assert.Equal(methods.Length * Enum.GetValues<Standing>().Length * 2 * 2, Cells().Count);
        Assert.All(methods, static m => Assert.Contains(m, Outside));
    }

    [Theory]
    [InlineData(Standing.Stranger)]
    [InlineData(Standing.WrongCredentials)]
    [InlineData(Standing.Blocked)]
    [InlineData(Standing.Gateway)]
    [InlineData(Standing.Phone)]
    public void In_its_dialog_a_peer_is_served_whatever_else_he_is(Standing standing)
    {
        foreach (SipMethod method in Enum.GetValues<SipMethod>())
        {
            bool served = method is not (SipMethod.Register or SipMethod.Publish or SipMethod.Cancel or SipMethod.Unknown);
            Assert.Equal((method, served), (method, Door.Decide(standing, method, Place.InDialog, replyUnauthorized: true) == DoorVerdict.Serve));
        }
    }

    [Fact]
    public void A_stranger_ends_nobodys_call()
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        world.Deliver(SwitchFixture.Stranger, callee.BuildRequest("BYE", theirTag: "9999999999999"));
        Assert.Equal(481, world.Next(SwitchFixture.Stranger).Status);
        Assert.Empty(world.Cdrs);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Nothing_is_kept_of_a_request_that_is_not_served()
    {
        var scene = new Scene(Standing.Stranger, reply: true);
        foreach (string method in (string[])["INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE"]) Assert.Equal("401", scene.Send(method, ""));
        Assert.Equal((0, 0), (scene.World.Shard.Transactions.OpenServers, scene.World.Shard.BuffersOutstanding));
        Assert.Equal(Instant.Never, scene.World.Shard.NextDeadline);
    }

    /// <summary>A switch, and somebody who stands to it as asked.</summary>
    private sealed class Scene
    {
        private static readonly NetAddress Elsewhere = NetAddress.Parse("192.0.2.222:5060");

        private readonly Standing _standing;
        private readonly NetAddress _from;
        private readonly string _number;
        private int _sent;

        public Scene(Standing standing, bool reply)
        {
            _standing = standing;
            World = new SwitchFixture(said => SwitchFixture.ChangeAcme(
                SwitchFixture.ChangePhone(said, SwitchFixture.NumberOne, p => p with { Lock = standing == Standing.LockedPhone ? PhoneLock.Both : PhoneLock.None }),
                g => g with { Locked = standing == Standing.LockedGateway }) with
            {
                Settings = said.Settings with
                {
                    Sip = said.Settings.Sip with { ReplyUnauthorized = reply },
                    Authentication = said.Settings.Authentication with { MaxRetry = standing == Standing.Blocked ? 1 : 6 },
                },
            });
            _number = standing is Standing.Stranger or Standing.Carrier or Standing.Gateway or Standing.LockedGateway ? "4930123456" : SwitchFixture.NumberOne;
            _from = standing switch
            {
                Standing.Carrier => SwitchFixture.CarrierA,
                Standing.Gateway or Standing.LockedGateway => SwitchFixture.Customer,
                Standing.RegisteredAddress or Standing.Phone or Standing.LockedPhone => SwitchFixture.PhoneOne,
                _ => Elsewhere,
            };
            if (standing == Standing.RegisteredAddress) Exchange("REGISTER", SwitchFixture.Password, "");
            if (standing == Standing.Blocked) Exchange("REGISTER", "wrong", "");
            World.Forget(_from);
        }

        public SwitchFixture World { get; }

        public string Send(string method, string toTag) => _standing switch
        {
            Standing.WrongCredentials => Exchange(method, "wrong", toTag),
            Standing.Phone or Standing.LockedPhone => Exchange(method, SwitchFixture.Password, toTag),
            _ => Once(method, "", toTag),
        };

        // A challenge is had by a REGISTER; it is answered in the request itself.
        private string Exchange(string method, string password, string toTag)
        {
            Once("REGISTER", "", "");
            WireMessage challenge = World.Next(_from);
            World.Forget(_from);
            string uri = method == "REGISTER" ? $"sip:{SwitchFixture.Us}" : $"sip:442079460123@{SwitchFixture.Us}";
            return Once(method, Digest.Answer(challenge, method, uri, SwitchFixture.NumberOne, password), toTag);
        }

        private string Once(string method, string credentials, string toTag)
        {
            World.Forget(_from);
            string token = $"d{++_sent}";
            string uri = method == "REGISTER" ? $"sip:{SwitchFixture.Us}" : $"sip:442079460123@{SwitchFixture.Us}";
            string to = method == "REGISTER" ? _number : "442079460123";
            string body = method == "INVITE" ? SwitchFixture.Sdp("192.0.2.99", 18200) : "";
            int open = World.Shard.Transactions.OpenServers;
            World.Deliver(_from,
                $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {_from};branch=z9hG4bK{token};rport\r\nMax-Forwards: 70\r\nFrom: <sip:{_number}@{_from}>;tag={token}\r\n"
                + $"To: <sip:{to}@{SwitchFixture.Us}>{(toTag.Length > 0 ? ";tag=" + toTag : "")}\r\nCall-ID: {token}@x\r\nCSeq: 1 {method}\r\nContact: <sip:{_number}@{_from}>\r\n{credentials}"
                + (body.Length > 0 ? "Content-Type: application/sdp\r\n" : "") + $"Content-Length: {body.Length}\r\n\r\n{body}");
            if (World.Shard.Transactions.OpenServers > open) return "ok";
            return World.Waiting(_from) == 0 ? "-" : World.Sent[^1].Status.ToString();
        }
    }
}
