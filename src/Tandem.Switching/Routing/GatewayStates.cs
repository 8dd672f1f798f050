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

    /// <summary>In which periods of the week are meant.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>The rates of the tables compiled last, for the next that have the same decks; null: there were none yet.</summary>
    public Billing.RateIndex? Rates { get; set; }

    /// <summary>False: the tables are only checked, and nobody asks them for a price.</summary>
    public bool IndexRates { get; init; } = true;

    /// <summary>False: they are of other tables that are in force, and are only read.</summary>
    public bool AreOwn { get; private init; } = true;

    /// <summary>What is alive of the tables in force, for other tables to be compiled beside them: what these do not know is new.</summary>
    public static GatewayStates Of(SwitchTables tables)
    {
        var states = new GatewayStates { Zone = tables.Calendar.Zone, AreOwn = false, Rates = tables.Routes.Rates };
        foreach (Admission.MappingGateway gateway in tables.MappingGateways) states._mapping.Add(gateway.Name, gateway.State);
        foreach (RoutingGateway gateway in tables.Routes.Gateways) states._routing.Add(gateway.Name, gateway.State);
        foreach (Admission.Phone phone in tables.Phones) states._phones.Add(phone.NumberText, phone.State);
        return states;
    }

    public GatewayState Mapping(string name) => Of(_mapping, name);

    public GatewayState Routing(string name) => Of(_routing, name);

    public GatewayState Phone(string number) => Of(_phones, number);

    private static GatewayState Of(Dictionary<string, GatewayState> states, string name)
    {
        if (!states.TryGetValue(name, out GatewayState? state)) states.Add(name, state = new GatewayState());
        return state;
    }
}
