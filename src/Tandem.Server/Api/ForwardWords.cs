using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Api;

/// <summary>What an operator reads of forwards.</summary>
internal static class ForwardWords
{
    public static string Forwards(string phone, string first, ForwardCause cause, ForwardMethod method, long count) =>
        $"Phone {phone} {Why(cause)} and forwards the call to {first}{(count > 1 ? $" and {count - 1} more, {How(method)}" : "")}.";

    public static string Leg(string number, CallId call, ForwardStage stage, string failure) => stage switch
    {
        ForwardStage.Begun => $"Forwarded to {number} (the call: {call}).",
        ForwardStage.Answered => $"{number} answered the forward (the call: {call}).",
        ForwardStage.Left => $"{number} is given up: another number answered (the call: {call}).",
        _ => $"The forward to {number} failed: {failure} (the call: {call}).",
    };

    private static string Why(ForwardCause cause) => cause switch
    {
        ForwardCause.Period => "takes no calls at this hour",
        ForwardCause.Unconditional => "takes no calls",
        ForwardCause.Busy => "is busy",
        ForwardCause.NoAnswer => "does not answer",
        ForwardCause.Offline => "is not there",
        ForwardCause.Reserved => "has a callee reserved for this caller",
        _ => "wants not to be disturbed",
    };

    private static string How(ForwardMethod method) => method switch
    {
        ForwardMethod.Random => "in an order drawn by chance",
        ForwardMethod.Simultaneous => "all at once",
        _ => "in order",
    };
}
