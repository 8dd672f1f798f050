using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

public sealed record EndpointSettings
{
    [Setting("SS_ENDPOINT_EXPIRE", Min = 60, Max = 86_400, Unit = Unit.Seconds, Applies = Applies.NextRegistration,
        Says = "The longest time a registration is granted; a phone that asks for less gets less.")]
    public TimeSpan Expire { get; init; } = TimeSpan.FromSeconds(3600);
}
