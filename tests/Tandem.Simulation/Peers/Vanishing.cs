using Tandem.Primitives;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Simulation.Peers;

/// <summary>
/// A phone with livenessCheck that leaves the network without a word and comes back. Once it is away for long the switch must know, as long as it holds the phone's
/// registration; and it must not think so of one that it has just heard.
/// </summary>
/// <param name="phone">The phone.</param>
/// <param name="state">What the switch of the hour keeps of it.</param>
/// <param name="locations">The registrations of that switch.</param>
/// <param name="chance">Its own: what the others of a seed do stays what it was.</param>
internal sealed class Vanishing(Peer phone, Func<GatewayState> state, Func<LocationBook> locations, SeededEntropy chance)
{
    // SS_ENDPOINTTIMETOLIVE, a quarter of it, the question's own end, and what the switch may be late.
    private static readonly TimeSpan Known = TimeSpan.FromSeconds(60 + 15 + 32 + 20);

    public void Live()
    {
        Check();
        if (phone.World.Closing) return;
        if (chance.Below(12) == 0) phone.Away = !phone.Away;
        phone.In(TimeSpan.FromSeconds(5 + chance.Below(20)), Live);
    }

    private void Check()
    {
        GatewayState now = state();
        phone.World.Must(!now.IsSilent || now.Heard <= now.SilentSince, $"{phone.Name} was heard after it was asked, and counts as away");
        if (!phone.Away || now.Heard == default || phone.Now - now.Heard < Known) return;
        bool held = locations().TryFind(DialString.Parse(phone.PhoneNumber!), phone.Now, out _);
        phone.World.Must(!held || now.IsSilent, $"{phone.Name} was heard last at {now.Heard}, is away, and is still called");
    }
}
