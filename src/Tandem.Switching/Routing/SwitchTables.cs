using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Switching.Admission;
using Tandem.Switching.Numbers;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Routing;

/// <summary>One revision of everything a call is decided by, compiled and checked whole; never modified. Built by <see cref="TableCompiler"/>.</summary>
public sealed class SwitchTables
{
    private readonly SourceTable _sources;
    private readonly HashSet<NetAddress> _carriers;
    private readonly RoutingGateway[] _named;
    private readonly RoutingGateway[] _publishers;
    private readonly Dictionary<DialString, Phone> _phones;
    private readonly Dictionary<DialString, Phone> _dids = [];
    private readonly Dictionary<DialString, MappingGateway> _users;
    private readonly HashSet<NetAddress> _staticPhones;
    private readonly Dictionary<AccountId, Account> _accounts;
    private readonly Dictionary<string, Account> _accountsByNumber;

    internal SwitchTables(int revision, SwitchSettings settings, RouteTable routes, IReadOnlyList<MappingGateway> mappingGateways, SourceTable sources,
        Dictionary<DialString, Phone> phones, Dictionary<AccountId, Account> accounts, Dictionary<string, Account> accountsByNumber)
    {
        Revision = revision;
        Settings = settings;
        Routes = routes;
        MappingGateways = mappingGateways;
        _sources = sources;
        _carriers = [.. routes.Gateways.Where(static g => g.Target.IsNumeric).Select(static g => g.Hops[0].Address.WithPort(0))];
        Trunks = [.. routes.Gateways.Where(static g => g.Registers)];
        _named = [.. routes.Gateways.Where(static g => !g.Target.IsNumeric)];
        _publishers = [.. routes.Gateways.Where(static g => g.AllowPublish)];
        _phones = phones;
        foreach (Phone phone in phones.Values)
        {
            foreach (DialString did in phone.Dids)
            {
                if (!_dids.TryAdd(did, phone)) throw new InvalidOperationException($"The number {did} is bound to two phones.");
            }
        }
        _users = mappingGateways.Where(static g => !g.User.IsEmpty).ToDictionary(static g => g.User);
        _staticPhones = [.. phones.Values.Where(static p => p.IsStatic).Select(static p => p.Stated!.Source.WithPort(0))];
        CheckedPhones = [.. phones.Values.Where(static p => p.LivenessCheck)];
        _accounts = accounts;
        _accountsByNumber = accountsByNumber;
    }

    /// <summary>Recorded in the CDR of every call decided by these tables.</summary>
    public int Revision { get; }

    public SwitchSettings Settings { get; }

    /// <summary>Calling numbers bound to cards.</summary>
    public IReadOnlyDictionary<DialString, BoundNumber> BoundNumbers { get; init; } = new Dictionary<DialString, BoundNumber>();

    public bool TryFindBound(in DialString number, [NotNullWhen(true)] out BoundNumber? bound) => BoundNumbers.TryGetValue(number, out bound);

    /// <summary>Active cards' accounts by PIN.</summary>
    public IReadOnlyDictionary<string, Account> Cards { get; init; } = new Dictionary<string, Account>();

    /// <summary>What is ordered and due month by month.</summary>
    public Billing.Rents Rents { get; init; } = Billing.Rents.None;

    public RouteTable Routes { get; }

    /// <summary>In which periods of the week are meant.</summary>
    public Selection.WorkCalendar Calendar { get; init; } = Selection.WorkCalendar.Utc;

    /// <summary>From when on the same configuration is other tables: a version of a deck takes another's place, a line of one begins or ceases to hold. <see cref="Instant.Never"/>: it stays these.</summary>
    public Instant ChangesAt { get; init; } = Instant.Never;

    /// <summary>What numbers are judged, labelled and changed by beside dial plans.</summary>
    public NumberTables Numbers { get; init; } = NumberTables.Empty;

    /// <summary>Sorted by name.</summary>
    public IReadOnlyList<MappingGateway> MappingGateways { get; }

    /// <summary>Gateways the switch registers at.</summary>
    public IReadOnlyList<RoutingGateway> Trunks { get; }

    public IReadOnlyCollection<Phone> Phones => _phones.Values;

    /// <summary>Those with livenessCheck.</summary>
    public IReadOnlyList<Phone> CheckedPhones { get; }

    public IReadOnlyCollection<Account> Accounts => _accounts.Values;

    /// <summary>Which gateway has which source address.</summary>
    public SourceTable Sources => _sources;

    /// <summary>A gateway of the source's, whatever is called; see <see cref="SourceTable.TryFind(in NetAddress, out MappingGateway?)"/>.</summary>
    public bool TryIdentify(in NetAddress source, [NotNullWhen(true)] out MappingGateway? gateway) => _sources.TryFind(source, out gateway);

    /// <summary>Somebody stated has this address: a mapping gateway, a carrier, a static phone.</summary>
    public bool IsStated(in NetAddress source) => _sources.IsKnown(source) || IsCarrier(source) || IsStaticPhone(source);

    /// <summary>A static phone has this address, whatever the port.</summary>
    public bool IsStaticPhone(in NetAddress source) => _staticPhones.Count > 0 && _staticPhones.Contains(source.WithPort(0));

    /// <summary>The mapping gateway that registers or shows its password under this name.</summary>
    public bool TryFindUser(in DialString user, [NotNullWhen(true)] out MappingGateway? gateway) => _users.TryGetValue(user, out gateway);

    /// <summary>A routing gateway has this address, whatever the port; one known by name, the addresses its name leads to now.</summary>
    public bool IsCarrier(in NetAddress source)
    {
        if (_carriers.Contains(source.WithPort(0))) return true;
        foreach (RoutingGateway gateway in _named)
        {
            if (gateway.Hops.HasHost(source)) return true;
        }
        return false;
    }

    /// <summary>
    /// The routing gateway that may publish and is meant by this source: the one with its address and port, else the only one with its address. Of two
    /// that are meant alike it is none.
    /// </summary>
    public bool TryFindPublisher(in NetAddress source, [NotNullWhen(true)] out RoutingGateway? gateway)
    {
        RoutingGateway? exact = null, host = null;
        int exacts = 0, hosts = 0;
        foreach (RoutingGateway one in _publishers)
        {
            if (!one.Hops.HasHost(source)) continue;
            hosts++;
            host = one;
            if (!HasHop(one, source)) continue;
            exacts++;
            exact = one;
        }
        gateway = exacts == 1 ? exact : exacts == 0 && hosts == 1 ? host : null;
        return gateway is not null;
    }

    private static bool HasHop(RoutingGateway gateway, in NetAddress source)
    {
        foreach (HopChoice choice in gateway.Hops.Choices)
        {
            if (choice.Hop.Address == source) return true;
        }
        return false;
    }

    public bool TryFindMappingGateway(string name, [NotNullWhen(true)] out MappingGateway? gateway)
    {
        int low = 0, high = MappingGateways.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            gateway = MappingGateways[middle];
            int order = string.CompareOrdinal(gateway.Name, name);
            if (order == 0) return true;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        gateway = null;
        return false;
    }

    /// <summary>The phone a number calls: its own, or one bound to it.</summary>
    public bool TryFindCalled(in DialString number, [NotNullWhen(true)] out Phone? phone) => _phones.TryGetValue(number, out phone) || (_dids.Count > 0 && _dids.TryGetValue(number, out phone));

    public bool TryFindPhone(in DialString number, [NotNullWhen(true)] out Phone? phone) => _phones.TryGetValue(number, out phone);

    public bool TryFindAccount(AccountId id, [NotNullWhen(true)] out Account? account) => _accounts.TryGetValue(id, out account);

    public bool TryFindAccount(string number, [NotNullWhen(true)] out Account? account) => _accountsByNumber.TryGetValue(number, out account);
}
