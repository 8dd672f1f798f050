using Tandem.Primitives;
using Tandem.Switching.Settings;

namespace Tandem.Switching.MediaProxy;

/// <summary>What the decision is made of.</summary>
public readonly record struct ProxyFacts
{
    /// <summary>SS_MEDIA_PROXY_MODE and its three companions.</summary>
    public required MediaSettings Settings { get; init; }

    public ProxyEnd Caller { get; init; }

    public ProxyEnd Callee { get; init; }

    /// <summary>The attempt is the far end of a transfer.</summary>
    public bool Transfers { get; init; }

    /// <summary>The attempt is of the first call of a callback.</summary>
    public bool CallsBack { get; init; }

    /// <summary>The switch is to record the call.</summary>
    public bool AudioWork { get; init; }

    /// <summary>The switch is to play the ring-back tone itself.</summary>
    public bool LocalRing { get; init; }
}

/// <summary>Relayed by the switch, or from end to end.</summary>
public readonly record struct ProxyDecision(bool Relay, ProxyStep Step);

/// <summary>Whether media passes through the switch: one table, from the top (docs/media.md has it with reasons).</summary>
public static class ProxyTable
{
    public static ProxyDecision Decide(in ProxyFacts f)
    {
        (MediaProxyMode mode, ProxyEnd a, ProxyEnd b) = (f.Settings.ProxyMode, f.Caller, f.Callee);
        return true switch
        {
            _ when OtherVersion(a.MediaPlace, b.MediaPlace)          => new(true, ProxyStep.IpVersions),
            _ when f.Transfers                                       => new(true, ProxyStep.Transfer),
            _ when f.CallsBack                                       => new(true, ProxyStep.Callback),
            _ when f.AudioWork                                       => new(true, ProxyStep.AudioWork),
            _ when a.Srtp || b.Srtp                                  => new(true, ProxyStep.Srtp),
            _ when mode == MediaProxyMode.MustOn                     => new(true, ProxyStep.ModeMustOn),
            _ when a.Device == DeviceProxy.MustOn                    => new(true, ProxyStep.CallerMustOn),
            _ when b.Device == DeviceProxy.MustOn                    => new(true, ProxyStep.CalleeMustOn),
            _ when a.Device == DeviceProxy.Off                       => new(false, ProxyStep.CallerOff),
            _ when b.Device == DeviceProxy.Off                       => new(false, ProxyStep.CalleeOff),
            _ when a.Device == DeviceProxy.On                        => new(true, ProxyStep.CallerOn),
            _ when b.Device == DeviceProxy.On                        => new(true, ProxyStep.CalleeOn),
            _ when mode == MediaProxyMode.Off                        => new(false, ProxyStep.ModeOff),
            _ when mode == MediaProxyMode.On                         => new(true, ProxyStep.ModeOn),
            _ when f.LocalRing                                       => new(true, ProxyStep.LocalRing),
            _ when a.EncryptedRegistration || b.EncryptedRegistration => new(true, ProxyStep.EncryptedRegistration),
            _ when f.Settings.ProxyBetweenNetworks && Networks.Differ(a.Source, b.Source) => new(true, ProxyStep.BetweenNetworks),
            _ when f.Settings.ProxySameNat && SameNat(a, b)          => new(true, ProxyStep.SameNat),
            _ when f.Settings.ProxyBehindNat && DifferentNats(a, b)  => new(true, ProxyStep.BehindNat),
            _                                                        => new(false, ProxyStep.Nothing),
        };
    }

    private static bool OtherVersion(in NetAddress one, in NetAddress other) => !one.IsNone && !other.IsNone && one.IsV6 != other.IsV6;

    private static bool AnyNat(in ProxyEnd a, in ProxyEnd b) => a.IsBehindNat || b.IsBehindNat;

    // One public address, as far as we see: behind it they may find each other by their own.
    private static bool SameNat(in ProxyEnd a, in ProxyEnd b) => AnyNat(a, b) && a.Source.SameHost(b.Source);

    private static bool DifferentNats(in ProxyEnd a, in ProxyEnd b) => AnyNat(a, b) && !a.Source.SameHost(b.Source);
}
