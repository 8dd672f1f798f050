namespace Tandem.Switching.Settings;

/// <summary>Values of SS_MEDIA_PROXY_MODE: whether media passes through the switch where the devices of a call say nothing of it.</summary>
public enum MediaProxyMode : byte
{
    /// <summary>As the steps of docs/media.md find.</summary>
    Auto = 0,

    On = 1,

    Off = 2,

    /// <summary>Always, whatever devices say.</summary>
    MustOn = 3,
}
