using System.Collections.Immutable;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Configuration;

/// <summary>Everything the operator said, as one immutable value. Compiled by Routing/TableCompiler before anything obeys it.</summary>
public sealed record SwitchConfiguration
{
    public static readonly SwitchConfiguration Empty = new();

    /// <summary>By number.</summary>
    public ImmutableSortedDictionary<string, AccountConfig> Accounts { get; init; } = None<AccountConfig>();

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, DeckRef> Decks { get; init; } = None<DeckRef>();

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, MappingGatewayConfig> MappingGateways { get; init; } = None<MappingGatewayConfig>();

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, RoutingGatewayConfig> RoutingGateways { get; init; } = None<RoutingGatewayConfig>();

    /// <summary>By number.</summary>
    public ImmutableSortedDictionary<string, PhoneConfig> Phones { get; init; } = None<PhoneConfig>();

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, NumberGroupConfig> NumberGroups { get; init; } = None<NumberGroupConfig>();

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, NumberListConfig> NumberLists { get; init; } = None<NumberListConfig>();

    /// <summary>By area code.</summary>
    public ImmutableSortedDictionary<string, AreaConfig> Areas { get; init; } = None<AreaConfig>();

    /// <summary>By prefix.</summary>
    public ImmutableSortedDictionary<string, MobileAreaConfig> MobileAreas { get; init; } = None<MobileAreaConfig>();

    /// <summary>By platform number.</summary>
    public ImmutableSortedDictionary<string, NumberTransformConfig> NumberTransforms { get; init; } = None<NumberTransformConfig>();

    /// <summary>By first address or network.</summary>
    public ImmutableSortedDictionary<string, IpLimitConfig> IpLimits { get; init; } = None<IpLimitConfig>();

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, WebAccessConfig> WebAccess { get; init; } = None<WebAccessConfig>();

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, PackageConfig> Packages { get; init; } = None<PackageConfig>();

    /// <summary>By id.</summary>
    public ImmutableSortedDictionary<string, PackageOrderConfig> PackageOrders { get; init; } = None<PackageOrderConfig>();

    /// <summary>By PIN.</summary>
    public ImmutableSortedDictionary<string, StockCardConfig> StockCards { get; init; } = None<StockCardConfig>();

    /// <summary>By PIN.</summary>
    public ImmutableSortedDictionary<string, ActiveCardConfig> ActiveCards { get; init; } = None<ActiveCardConfig>();

    /// <summary>By number.</summary>
    public ImmutableSortedDictionary<string, BoundNumberConfig> BoundNumbers { get; init; } = None<BoundNumberConfig>();

    /// <summary>By pair and date.</summary>
    public ImmutableSortedDictionary<string, ExchangeRateConfig> ExchangeRates { get; init; } = None<ExchangeRateConfig>();

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, GatewayGroupConfig> GatewayGroups { get; init; } = None<GatewayGroupConfig>();

    /// <summary>By date.</summary>
    public ImmutableSortedDictionary<string, CalendarDayConfig> CalendarDays { get; init; } = None<CalendarDayConfig>();

    /// <summary>By account and number.</summary>
    public ImmutableSortedDictionary<string, PhoneBookConfig> PhoneBook { get; init; } = None<PhoneBookConfig>();

    /// <summary>By number.</summary>
    public ImmutableSortedDictionary<string, IvrAudioConfig> IvrAudios { get; init; } = None<IvrAudioConfig>();

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, DeckTemplateConfig> DeckTemplates { get; init; } = None<DeckTemplateConfig>();

    public SwitchSettings Settings { get; init; } = new();

    private static ImmutableSortedDictionary<string, T> None<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}
