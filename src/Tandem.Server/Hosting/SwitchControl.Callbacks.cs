using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Admission;
using Tandem.Switching.Calls;
using Tandem.Switching.Numbers;

namespace Tandem.Server.Hosting;

// Callbacks and reserved callees (docs/callbacks.md).
public sealed partial class SwitchControl
{
    private const int MostCallees = 10;

    public async Task<Answer<CallbackView>> CallBackAsync(CallbackRequest asked, CancellationToken stop)
    {
        var reader = new RequestReader();
        DialString caller = NumberOf(reader, "caller", asked.Caller);
        string[] callees = asked.Callee.Split(',', StringSplitOptions.TrimEntries);
        if (callees.Length > MostCallees) reader.Wrong("callee", $"at most {MostCallees} numbers are tried");
        DialString[] numbers = [.. callees.Take(MostCallees).Select(c => NumberOf(reader, "callee", c))];
        DialString shownToCaller = string.IsNullOrEmpty(asked.ShownToCaller) ? default : NumberOf(reader, "shownToCaller", asked.ShownToCaller);
        DialString shownToCallee = string.IsNullOrEmpty(asked.ShownToCallee) ? caller : NumberOf(reader, "shownToCallee", asked.ShownToCallee);
        if (reader.Fault is { } wrong) return wrong;
        if (PhoneOf(asked.Access) is not { } access) return NoSuchPhone(asked.Access);
        if (PhoneOf(asked.CallerPayer, access) is not { } first) return NoSuchPhone(asked.CallerPayer!);
        if (PhoneOf(asked.CalleePayer, access) is not { } second) return NoSuchPhone(asked.CalleePayer!);
        var order = new CallbackOrder(caller, numbers, access.Number, first.Number, second.Number, shownToCaller.IsEmpty ? access.DisplayNumber : shownToCaller, shownToCallee);
        int emptiest = Enumerable.Range(0, host.Shards.Length).MinBy(i => host.Shards[i].Counters.CallsOpen);
        (Refusal refusal, CallId call) = await OnShard(emptiest, (shard, now) => (shard.CallBack(order, now, out CallId id), id)).WaitAsync(stop);
        return refusal switch
        {
            Refusal.None => new CallbackView(call),
            Refusal.ServerStopping or Refusal.ServerFull => new Fault(FaultKind.Unavailable, refusal.Meaning().Says),
            _ => new Fault(FaultKind.Conflict, $"The call to {caller} was refused: {refusal.Meaning().Says}{(call == default ? "" : $" 'tandem why {call}' has the whole story.")}"),
        };
    }

    public Task<Answer<ReservationView>> ReserveCalleeAsync(ReservationRequest asked, CancellationToken stop) => Task.FromResult(ReserveCallee(asked));

    private Answer<ReservationView> ReserveCallee(ReservationRequest asked)
    {
        var reader = new RequestReader();
        DialString caller = NumberOf(reader, "caller", asked.Caller), callee = NumberOf(reader, "callee", asked.Callee);
        if (reader.Fault is { } wrong) return wrong;
        if (PhoneOf(asked.Access) is not { } access) return NoSuchPhone(asked.Access);
        Instant now = host.Clock.Now();
        return host.World.Reserved.TryReserve(access.Number, caller, callee, now)
            ? new ReservationView(asked.Caller, asked.Callee, asked.Access, now + ReservedCallees.Kept)
            : new Fault(FaultKind.Unavailable, "Too many callees are reserved already; send it again later.");
    }

    private static DialString NumberOf(RequestReader reader, string field, string text)
    {
        if (!DialString.TryParse(text, out DialString number) || number.IsEmpty) reader.Wrong(field, $"'{Configuration.DocumentNode.Printable(text)}' is no number");
        return number;
    }

    private Phone? PhoneOf(string? number, Phone? otherwise = null) =>
        string.IsNullOrEmpty(number) ? otherwise : DialString.TryParse(number, out DialString parsed) && host.Tables.Current.TryFindPhone(parsed, out Phone? phone) ? phone : null;

    private static Fault NoSuchPhone(string number) => new(FaultKind.NotFound, $"There is no phone {Configuration.DocumentNode.Printable(number)}.");
}
