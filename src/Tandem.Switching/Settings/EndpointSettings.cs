using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

public sealed record EndpointSettings
{
    [Setting("SS_ENDPOINT_EXPIRE", Min = 60, Max = 86_400, Unit = Unit.Seconds, Applies = Applies.NextRegistration,
        Says = "The longest time a registration is granted; a phone that asks for less gets less.")]
    public TimeSpan Expire { get; init; } = TimeSpan.FromSeconds(3600);

    [Setting("SS_ENDPOINT_NAT_EXPIRE", Min = 30, Max = 86_400, Unit = Unit.Seconds, Applies = Applies.NextRegistration,
        Says = "The longest time a phone behind a NAT is granted, if that is less than SS_ENDPOINT_EXPIRE: its refreshes keep the NAT open.")]
    public TimeSpan NatExpire { get; init; } = TimeSpan.FromSeconds(300);

    [Setting("SS_ENDPOINTTIMETOLIVE", Min = 10, Max = 86_400, Unit = Unit.Seconds, Applies = Applies.Now,
        Says = "How long a phone with livenessCheck may give no sign of life before it is asked by OPTIONS; without an answer calls to it are refused at once until it is heard again.")]
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("SS_ENDPOINT_REGISTER_REPLACE", Applies = Applies.NextRegistration,
        Says = "On: a registration from another device takes the old one's place. Off: it is refused (403) while the old one lives.")]
    public bool RegisterReplace { get; init; } = true;
}
