namespace Tandem.Switching.MediaProxy;

/// <summary>Whether a device's media is encrypted (docs/srtp.md). The numbers are the API's.</summary>
public enum SrtpPolicy : byte
{
    /// <summary>It is not: what it offers with keys is refused.</summary>
    Off = 0,

    /// <summary>Where the device wants it; offered to it in a way that those who cannot do not notice (RFC 8643).</summary>
    Optional = 1,

    /// <summary>It is, or there is no call.</summary>
    Required = 2,
}
