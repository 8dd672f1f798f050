namespace Tandem.Switching.Routing;

/// <summary>Which way a device's media is watched, as seen from the switch; the numbers are the operators'.</summary>
public enum MediaCheckDirection : byte { None = 0, ServerToRemote = 1, RemoteToServer = 2, Both = 3 }

/// <summary>When media of a device's calls counts as dead (docs/media.md).</summary>
/// <param name="Direction">Which way is watched.</param>
/// <param name="Seconds">Silence longer than this ends the call.</param>
public readonly record struct MediaCheck(MediaCheckDirection Direction, int Seconds)
{
    public const int DefaultSeconds = 60;

    /// <summary>The longest silence of the device itself; zero: not watched.</summary>
    public TimeSpan FromDevice => Direction is MediaCheckDirection.RemoteToServer or MediaCheckDirection.Both ? TimeSpan.FromSeconds(Seconds) : TimeSpan.Zero;

    /// <summary>The longest time it may go without hearing the other end; zero: not watched.</summary>
    public TimeSpan ToDevice => Direction is MediaCheckDirection.ServerToRemote or MediaCheckDirection.Both ? TimeSpan.FromSeconds(Seconds) : TimeSpan.Zero;
}
