namespace Tandem.Switching.Routing;

/// <summary>
/// The live state of every gateway and phone by name, kept from one revision of the tables to the next. Used only by the one
/// thread that compiles; calls hold the states themselves.
/// </summary>
public sealed class GatewayStates
{
    private readonly Dictionary<string, GatewayState> _mapping = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GatewayState> _routing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GatewayState> _phones = new(StringComparer.Ordinal);

    public GatewayState Mapping(string name) => Of(_mapping, name);

    public GatewayState Routing(string name) => Of(_routing, name);

    public GatewayState Phone(string number) => Of(_phones, number);

    private static GatewayState Of(Dictionary<string, GatewayState> states, string name)
    {
        if (!states.TryGetValue(name, out GatewayState? state)) states.Add(name, state = new GatewayState());
        return state;
    }
}
