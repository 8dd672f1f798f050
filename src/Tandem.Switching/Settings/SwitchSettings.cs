using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>Every setting the switch knows, as one immutable value: part of a revision of the tables. docs/settings.md comes from it.</summary>
public sealed record SwitchSettings
{
    /// <summary>Built once; reflection inside. For the edges.</summary>
    public static readonly SettingCatalogue<SwitchSettings> Catalogue = new();

    public SipSettings Sip { get; init; } = new();

    public EndpointSettings Endpoint { get; init; } = new();

    public AuthenticationSettings Authentication { get; init; } = new();

    public TrunkSettings Trunks { get; init; } = new();

    public CallSettings Calls { get; init; } = new();

    public RoutingSettings Routing { get; init; } = new();

    public BlackListSettings BlackList { get; init; } = new();

    public LrnSettings Lrn { get; init; } = new();

    public MediaSettings Media { get; init; } = new();

    public BillingSettings Billing { get; init; } = new();

    public CdrSettings Cdr { get; init; } = new();

    public PushSettings Push { get; init; } = new();

    public QuerySettings Query { get; init; } = new();

    public AlarmSettings Alarms { get; init; } = new();

    public ReportSettings Reports { get; init; } = new();

    public ServerSettings Server { get; init; } = new();

    public H323Settings H323 { get; init; } = new();

    public IvrSettings Ivr { get; init; } = new();
}
