using System.Text;
using Tandem.Primitives;
using Tandem.Server.Pushes;
using Tandem.Switching.Calls;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Server.Pushes;

public sealed class PushPagesTests : ICallWatch
{
    private readonly List<(CallState State, bool Reports, string Identifier)> _seen = [];

    [Fact]
    public void A_call_state_has_the_incumbents_fields()
    {
        var facts = new CallStateFacts(new CallId(0x1_0000_002A), -11, new Instant(1_790_000_000_123_456), "4930", "44", "", "carrier", NetAddress.Parse("192.0.2.7:5062"), default, NetAddress.Parse("198.51.100.7:5060"), "abc@192.0.2.7");
        Assert.Equal(
            """{"callId":42,"callState":-11,"eventTime":1790000000123,"callerE164":"4930","calleeE164":"44","callerGatewayId":"","calleeGatewayId":"carrier","callerIp":"192.0.2.7","calleeIp":"","callerLocalIp":"198.51.100.7","calleeLocalIp":"198.51.100.7","transactionId":"","callIdentifier":"abc@192.0.2.7"}""",
            Encoding.UTF8.GetString(PushPages.CallState(facts)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Only_calls_of_a_phone_that_wants_it_are_reported(bool wanted)
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangePhone(said, SwitchFixture.NumberTwo, p => p with { CallStateReport = wanted })) { Shard = { Watch = this } };
        PhoneCallTests.Register(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, $"sip:two@{SwitchFixture.PhoneTwo}");
        CallerLeg caller = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberTwo);
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.RemoteTag = "";
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password));
        caller.Expect(100);
        var two = new CalleeLeg(world, SwitchFixture.PhoneTwo);
        two.Respond(200, sdp: true);
        Assert.Contains((CallState.Answered, wanted, caller.CallId), _seen);
        Assert.DoesNotContain(_seen, s => s.State == CallState.Answered && s.Reports != wanted);
    }

    void ICallWatch.OnState(Shard shard, Call call, Instant now) => _seen.Add((call.State, call.ReportsState, Encoding.UTF8.GetString(call.CallerDialog.CallId)));
}
