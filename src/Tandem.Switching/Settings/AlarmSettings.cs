using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>What is told of what goes wrong; docs/alarms.md.</summary>
public sealed record AlarmSettings
{
    [Setting("SERVER_ALARM_DISABLE", Applies = Applies.Now,
        Says = "On: the switch raises no alarms of its own, and those that stand are cleared. What programs state is still kept.")]
    public bool Disabled { get; init; }
}
