using Tandem.Primitives;

namespace Tandem.Switching.MediaProxy;

/// <summary>What is known of one end of an attempt when its media is decided on. Addresses that are not known are none.</summary>
public readonly record struct ProxyEnd
{
    public DeviceProxy Device { get; init; }

    /// <summary>Keys may be agreed on with it.</summary>
    public bool Srtp { get; init; }

    /// <summary>Where its signalling comes from, or goes.</summary>
    public NetAddress Source { get; init; }

    /// <summary>Where its SDP wants media.</summary>
    public NetAddress Media { get; init; }

    /// <summary>The host of its Contact, where that is an address.</summary>
    public NetAddress Contact { get; init; }

    /// <summary>Its registration showed a NAT.</summary>
    public bool RegisteredBehindNat { get; init; }

    /// <summary>It registers, or we at it, and the signalling is encrypted.</summary>
    public bool EncryptedRegistration { get; init; }

    /// <summary>It names itself by an address of another network than the one it is seen from, which is not the public one.</summary>
    public bool IsBehindNat => RegisteredBehindNat || IsHidden(Media) || IsHidden(Contact);

    /// <summary>Where its media is taken to be.</summary>
    internal NetAddress MediaPlace => Media.IsNone || Media.IsAny ? Source : Media;

    private bool IsHidden(in NetAddress named) =>
        !named.IsNone && !named.IsAny && !Source.IsNone && Networks.Of(named) != Network.Internet && Networks.Differ(named, Source);
}
