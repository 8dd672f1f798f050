using Tandem.Primitives;

namespace Tandem.Switching.Calls;

/// <summary>A callback that is asked for (docs/callbacks.md).</summary>
/// <param name="Caller">Who is called first.</param>
/// <param name="Callees">Whom it is joined with: the first of these that answers, in this order.</param>
/// <param name="Access">The access number: a phone's. It takes one of the phone's lines.</param>
/// <param name="FirstPayer">The phone that makes the call to the caller, and pays.</param>
/// <param name="SecondPayer">The phone that makes the calls to the callees, and pays.</param>
/// <param name="ShownToCaller">The calling number the caller sees.</param>
/// <param name="ShownToCallee">The calling number the callees see.</param>
public sealed record CallbackOrder(DialString Caller, IReadOnlyList<DialString> Callees, DialString Access, DialString FirstPayer, DialString SecondPayer, DialString ShownToCaller, DialString ShownToCallee);

/// <summary>One callback under way: the call to its caller knows it, and stands with nobody at its own caller's place.</summary>
internal sealed class Callback(CallbackOrder order)
{
    internal CallbackOrder Order { get; } = order;

    private int _next;

    internal bool TryTakeCallee(out DialString number)
    {
        number = default;
        if (_next >= Order.Callees.Count) return false;
        number = Order.Callees[_next++];
        return true;
    }
}
