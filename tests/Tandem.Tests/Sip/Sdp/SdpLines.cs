using Tandem.Sip.Sdp;

namespace Tandem.Tests.Sip.Sdp;

/// <summary>What the lines of a relayed description are told in tests.</summary>
internal static class SdpLines
{
    /// <summary>Ports from the first on, two for each m-line; 0 for none.</summary>
    public static RelayedLine[] From(int port)
    {
        var lines = new RelayedLine[SdpLimits.Media];
        for (int i = 0; i < lines.Length; i++) lines[i] = new RelayedLine { Port = port == 0 ? 0 : port + (2 * i) };
        return lines;
    }
}
