using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Sip.Transactions;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Probing;

/// <summary>
/// Which gateway is asked when, and what its answers make of it. A gateway keeps its place from one revision of the tables to the next; a new one
/// is asked first at a moment chosen by chance within its interval, so that ten thousand are not asked at once. It sends nothing itself, and
/// allocates only when the tables changed.
/// </summary>
public sealed class GatewayProber(EntropySource entropy)
{
    private readonly List<Place> _places = [];
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);
    private readonly DeadlineQueue _due = new();
    private SwitchTables? _followed;

    public Instant Due(SwitchTables tables) => ReferenceEquals(tables, _followed) ? _due.Earliest : default;

    /// <summary>Takes up tables just published.</summary>
    public void Follow(SwitchTables tables, Instant now)
    {
        if (ReferenceEquals(tables, _followed)) return;
        _followed = tables;
        foreach (Place place in _places) place.Gateway = null;
        foreach (RoutingGateway gateway in tables.Routes.Gateways)
        {
            if (gateway.Probes.IntervalSeconds == 0) continue;
            if (!_byName.TryGetValue(gateway.Name, out int index))
            {
                _byName.Add(gateway.Name, index = _places.Count);
                _places.Add(new Place());
            }
            Place place = _places[index];
            if (place.IsScheduled && place.Interval == gateway.Probes.IntervalSeconds)
            {
                place.Gateway = gateway;
                continue;
            }
            place.Gateway = gateway;
            place.Interval = gateway.Probes.IntervalSeconds;
            place.IsScheduled = true;
            if (place.Asked is null) _due.Set(index, now + TimeSpan.FromMilliseconds(1 + (entropy.NextUInt64() % (ulong)(1000 * place.Interval))));
        }
        foreach (RoutingGateway gateway in tables.Routes.Gateways)
        {
            if (gateway.Probes.IntervalSeconds == 0) gateway.State.Forget();
        }
        for (int i = 0; i < _places.Count; i++)
        {
            Place place = _places[i];
            if (place.Gateway is not null || !place.IsScheduled) continue;
            place.IsScheduled = false;
            place.InARow = 0;
            if (place.Asked is null) _due.Clear(i);
        }
    }

    /// <summary>A place whose time has come: to ask, or, when <paramref name="late"/> is one, to give up its question.</summary>
    public bool TryTakeDue(Instant now, out int place, out RoutingGateway? gateway, out ClientTransaction? late)
    {
        gateway = null;
        late = null;
        if (!_due.TryTakeExpired(now, out place)) return false;
        gateway = _places[place].Gateway;
        late = _places[place].Asked;
        return true;
    }

    public void Asked(int place, ClientTransaction question, Instant now)
    {
        _places[place].Asked = question;
        _due.Set(place, now + ProbePlan.Patience);
    }

    /// <summary>False: nobody waits for this answer.</summary>
    public bool IsAwaited(int place, ClientTransaction question) => (uint)place < (uint)_places.Count && ReferenceEquals(_places[place].Asked, question);

    /// <summary>The outcome of a probe; the next is planned.</summary>
    public void Heard(int place, bool alive, Instant now)
    {
        Place p = _places[place];
        p.Asked = null;
        if (p.Gateway is not { } gateway) return;
        p.InARow = p.InARow == 0 || p.Alive != alive ? 1 : Math.Min(p.InARow + 1, 1_000_000);
        p.Alive = alive;
        if (p.InARow == 1) p.Since = now;
        ProbePlan plan = gateway.Probes;
        ProbeState next = ProbeMachine.On(gateway.State.Probe, alive, p.InARow, plan.FailuresToDown, plan.SuccessesToUp);
        gateway.State.Note(next, p.Since);
        _due.Set(place, now + plan.After(next));
    }

    private sealed class Place
    {
        public RoutingGateway? Gateway;
        public ClientTransaction? Asked;
        public int Interval;
        public int InARow;
        public bool Alive;
        public Instant Since;
        public bool IsScheduled;
    }
}
