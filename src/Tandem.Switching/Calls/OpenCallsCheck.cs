using Tandem.Primitives;

namespace Tandem.Switching.Calls;

/// <summary>A call as its shard carries it.</summary>
/// <param name="Call">The call.</param>
/// <param name="IsOpen">It is dialled or answered: the ledger let it, and has it open.</param>
/// <param name="MediaSessions">Sessions of the relay that it holds.</param>
public readonly record struct CarriedCall(CallId Call, bool IsOpen, int MediaSessions);

/// <summary>
/// Holds against one another who knows of calls in progress: the ledger, the shards, the media relay. They are asked one after the other while calls come and go, so a difference is
/// one only when it stands in two looks, which must be further apart than any answer takes.
/// </summary>
public sealed class OpenCallsCheck
{
    private HashSet<string> _seen = [];

    /// <summary>What was so at the last look already, in words; empty: they agree.</summary>
    /// <param name="ledger">Calls open in the ledger.</param>
    /// <param name="carried">Calls of all shards, but for those whose CDR is written.</param>
    /// <param name="relay">How many sessions the relay lends to whom.</param>
    public IReadOnlyList<string> Look(IReadOnlyCollection<CallId> ledger, IReadOnlyCollection<CarriedCall> carried, IReadOnlyDictionary<CallId, int> relay)
    {
        HashSet<CallId> open = [.. ledger], known = [.. carried.Select(static c => c.Call)];
        HashSet<string> now = [];
        foreach (CallId call in open.Where(c => !known.Contains(c))) now.Add($"call {call} is open in the ledger, and nobody carries it: its money stays held");
        foreach ((CallId call, int lent) in relay.Where(c => !known.Contains(c.Key))) now.Add($"{Sessions(lent)} lent to call {call}, which nobody carries: the ports stay taken");
        foreach (CarriedCall call in carried)
        {
            if (call.IsOpen && !open.Contains(call.Call)) now.Add($"call {call.Call} goes on, and is not open in the ledger: it would not be charged");
            int lent = relay.GetValueOrDefault(call.Call);
            if (lent != call.MediaSessions) now.Add($"call {call.Call} holds {Sessions(call.MediaSessions)}, the relay lends it {lent}");
        }
        string[] stands = [.. now.Where(_seen.Contains).Order(StringComparer.Ordinal)];
        _seen = now;
        return stands;
    }

    private static string Sessions(int count) => count == 1 ? "1 media session" : $"{count} media sessions";
}
