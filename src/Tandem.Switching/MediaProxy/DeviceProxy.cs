namespace Tandem.Switching.MediaProxy;

/// <summary>What a device's <c>rtpForwardType</c> says of its media. The numbers are the API's.</summary>
public enum DeviceProxy : byte { Auto = 0, On = 1, Off = 2, MustOn = 3 }
