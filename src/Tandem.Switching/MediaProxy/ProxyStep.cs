namespace Tandem.Switching.MediaProxy;

/// <summary>Which step decided whether an attempt's media is relayed. Numbers are for ever: they stand in decision logs.</summary>
public enum ProxyStep : byte
{
    // Before the steps: directly it could not work.

    /// <summary>One end speaks IPv4, the other IPv6.</summary>
    IpVersions = 1,

    /// <summary>A transfer: who speaks to whom changes without either end having said so.</summary>
    Transfer = 2,

    /// <summary>The switch has work with the audio that nobody else can do: a recording.</summary>
    AudioWork = 3,

    /// <summary>An end's media may be encrypted: the switch agrees on keys with each end by itself.</summary>
    Srtp = 4,

    /// <summary>A callback: its first end speaks with the switch before there is another.</summary>
    Callback = 5,

    // Step 1
    ModeMustOn = 10,
    CallerMustOn = 11,
    CalleeMustOn = 12,

    // Step 2
    CallerOff = 20,
    CalleeOff = 21,

    // Step 3
    CallerOn = 30,
    CalleeOn = 31,

    // No device has said anything: the mode, unless it is Auto
    ModeOff = 35,
    ModeOn = 36,

    /// <summary>Step 4: the switch plays the ring-back tone.</summary>
    LocalRing = 40,

    /// <summary>Step 5.</summary>
    EncryptedRegistration = 50,

    /// <summary>Step 6 (SS_MEDIA_PROXY_BETWEEN_NET).</summary>
    BetweenNetworks = 60,

    // Step 7

    /// <summary>SS_MEDIA_PROXY_SAME_NAT.</summary>
    SameNat = 70,

    /// <summary>SS_MEDIA_PROXY_BEHIND_NAT.</summary>
    BehindNat = 71,

    /// <summary>Step 8: nothing asks for the relay.</summary>
    Nothing = 80,
}
