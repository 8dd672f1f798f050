using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>docs/pushes.md.</summary>
public sealed record PushSettings
{
    [Setting("OUT_POST_URL", Max = 512, Applies = Applies.Now,
        Says = "The web server that is told of phones, call states, balances and alarms: an http:// or https:// address to which the page's name is added (docs/pushes.md). Empty: nobody is told.")]
    public PushServer Server { get; init; } = PushServer.None;
}
