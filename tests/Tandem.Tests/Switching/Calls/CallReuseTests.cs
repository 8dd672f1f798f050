using System.Collections;
using System.Reflection;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Transports;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Objects of calls are used again: nothing of the last call may stand in the next.</summary>
public class CallReuseTests
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // Room that is overwritten before it is read, and what is the slot's for ever.
    private static readonly string[] Kept = ["Slot", "Stamp", "HopOrder", "Targets", "Signer", "_callerSigner", "pool", "listeners", "_opened", "_spare", "_others", "_start", "<Dropped>k__BackingField"];

    [Fact]
    public void A_call_that_is_over_leaves_nothing_in_the_place_of_the_next()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeCarrier(
            SwitchFixture.ChangeAcme(said, static g => g with { CallTransfer = true, Sip100Rel = true }), "carrier-a",
            static g => g with { RegisterName = "user", Password = "secret", LocalDomain = "sip.example", FollowRedirects = true, Sip100Rel = true }));
        const string timer = "Supported: timer\r\nSession-Expires: 300;refresher=uac\r\n";
        CallerLeg caller = new CallerLeg(world).Invite(extra: timer + "Supported: 100rel\r\nP-Asserted-Identity: <sip:4930@x>\r\nPrivacy: id\r\n");
        caller.Expect(100);
        var asked = new CalleeLeg(world);
        asked.Respond(407, extra: "Proxy-Authenticate: Digest realm=\"carrier\", nonce=\"n1\", qop=\"auth\"\r\n");
        asked.ExpectAck();
        var moved = new CalleeLeg(world);
        moved.Respond(302, extra: "Contact: <sip:441@203.0.113.40:5080>\r\nReason: Q.850;cause=17\r\nRetry-After: 5\r\n");
        moved.ExpectAck();
        var there = new CalleeLeg(world, Tandem.Primitives.NetAddress.Parse("203.0.113.40:5080"));
        there.Respond(183, sdp: true, extra: "Require: 100rel\r\nRSeq: 7\r\n");
        there.Ok(there.ExpectRequest("PRACK"));
        WireMessage progress = caller.Expect(183);
        caller.Request("PRACK", extra: $"RAck: {progress["RSeq"]} 1 INVITE\r\n");
        caller.Expect(200, "PRACK");
        there.Respond(200, extra: "Session-Expires: 300;refresher=uas\r\nAllow: UPDATE, INVITE\r\n");
        there.ExpectAck();
        caller.CSeq = 1;
        caller.Expect(200);
        caller.Ack();
        caller.CSeq = 2;
        caller.Request("REFER", extra: "Refer-To: <sip:15551234@198.51.100.7>\r\n");
        caller.Expect(202, "REFER");
        caller.Ok(caller.ExpectRequest("NOTIFY"));
        var target = new CalleeLeg(world);
        target.Respond(200, sdp: true, extra: "Session-Expires: 300;refresher=uas\r\n");
        target.ExpectAck();
        WireMessage bridge = there.ExpectRequest("INVITE");
        world.Deliver(there.Address, Legs.Response(bridge, 200, "", $"<sip:in@{there.Address}>", "", there.Sdp));
        there.ExpectAck();
        caller.Ok(caller.ExpectRequest("NOTIFY"));
        caller.Ok(caller.ExpectRequest("BYE"));
        world.Advance(5);
        Assert.InRange(LeftIn(world).Count, 60, 1000); // what there is to leave
        target.Send(target.BuildRequest("BYE"));
        there.Ok(there.ExpectRequest("BYE"));
        target.Expect(200, "BYE");
        world.AssertEverythingReturned();

        Assert.Equal([], LeftIn(world));
    }

    private static List<string> LeftIn(SwitchFixture world)
    {
        var calls = (List<Call>)typeof(Shard).GetField("_calls", Fields)!.GetValue(world.Shard)!;
        Assert.Equal(2, calls.Count);
        var fresh = new Call(0, new BytePool(), new SipListeners([new SipListener(SwitchFixture.Us)]));
        List<string> left = [];
        foreach (Call call in calls) Compare(fresh, call, "", left);
        return left;
    }

    // Values must be equal; objects of ours are looked into.
    private static void Compare(object fresh, object used, string path, List<string> left)
    {
        foreach (FieldInfo field in fresh.GetType().GetFields(Fields))
        {
            if (Kept.Contains(field.Name) || Kept.Any(k => field.Name.StartsWith($"<{k}>P", StringComparison.Ordinal))) continue;
            (object? a, object? b) = (field.GetValue(fresh), field.GetValue(used));
            bool isOurs = a is not null && b is not null && !field.FieldType.IsValueType && a.GetType().Namespace?.StartsWith("Tandem.", StringComparison.Ordinal) == true
                && !a.GetType().IsAssignableTo(typeof(IEnumerable)) && a.GetType().Name is not ("BytePool" or "SipListeners" or "HopSet");
            if (isOurs) Compare(a!, b!, path + field.Name + ".", left);
            else if (a is Array x && b is Array y ? !x.Cast<object>().SequenceEqual(y.Cast<object>()) : !Equals(a, b) && a is not IEnumerable) left.Add($"{path}{field.Name}: {b}");
        }
    }
}
