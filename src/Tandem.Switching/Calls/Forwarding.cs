using Tandem.Switching.Admission;
using Tandem.Switching.Configuration;

namespace Tandem.Switching.Calls;

/// <summary>
/// One forward under way (docs/forwards.md): the call to the phone waits while its numbers are called, each by a call of its own that the phone pays for. One after another each of them has the caller's leg
/// while it lasts; all at once, the one that answers gets it. It ends with an answer, or when no number is left.
/// </summary>
internal sealed class Forwarding(Phone phone, ForwardCause cause, ForwardPlan plan, int[] order)
{
    internal Phone Phone { get; } = phone;

    internal ForwardCause Cause { get; } = cause;

    internal ForwardPlan Plan { get; } = plan;

    internal bool AllAtOnce => Plan.Method == ForwardMethod.Simultaneous && order.Length > 1;

    /// <summary>The calls to its numbers that are under way.</summary>
    internal List<Call> Legs { get; } = [];

    /// <summary>Legs are being started: what fails meanwhile is looked at afterwards.</summary>
    internal bool Starting { get; set; }

    /// <summary>The caller was told that it rings.</summary>
    internal bool Rings { get; set; }

    /// <summary>An answer, the caller or the server ended it: what becomes of its legs is nobody's concern.</summary>
    internal bool Over { get; set; }

    private int _next;

    internal bool TryTakeNumber(out Primitives.DialString number)
    {
        number = default;
        if (_next >= order.Length) return false;
        number = Plan.Targets[order[_next++]];
        return true;
    }
}
