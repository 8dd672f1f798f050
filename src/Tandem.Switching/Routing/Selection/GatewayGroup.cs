namespace Tandem.Switching.Routing.Selection;

/// <summary>A gateway group with a limit: its calls are those of its members, counted when they are asked for, so that nothing can be given back twice.</summary>
public sealed class GatewayGroup
{
    private GatewayState[] _members = [];

    public required string Name { get; init; }

    /// <summary>Lines of all members together.</summary>
    public required int Capacity { get; init; }

    /// <summary>Once, before the first selection.</summary>
    public void Join(IEnumerable<GatewayState> members) => _members = [.. members];

    public int CurrentCalls
    {
        get
        {
            int calls = 0;
            foreach (GatewayState member in _members) calls += member.CurrentCalls;
            return calls;
        }
    }
}
