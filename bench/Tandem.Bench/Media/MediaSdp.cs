using System.Text.RegularExpressions;
using Tandem.Media.Srtp;
using Tandem.Primitives;

namespace Tandem.Bench.Media;

/// <summary>The descriptions the ends of a bench call give and get: one line of G.711 on loopback, A-law where nothing else is said.</summary>
internal static partial class MediaSdp
{
    public const int Alaw = 8, Mulaw = 0;

    public static string At(in NetAddress end, int format = Alaw) =>
        $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {end.Port} RTP/AVP {format}\r\na=rtpmap:{format} {(format == Alaw ? "PCMA" : "PCMU")}/8000\r\n";

    /// <summary>The same over SRTP, with the key the end sends with.</summary>
    public static string At(in NetAddress end, SrtpKey key) =>
        $"{At(end).Replace("RTP/AVP", "RTP/SAVP", StringComparison.Ordinal)}a=crypto:1 {System.Text.Encoding.ASCII.GetString(key.Suite.Name())} inline:{Convert.ToBase64String(key.Bytes)}\r\n";

    /// <summary>Where a description within the text wants its audio; none when there is no such line.</summary>
    public static NetAddress Read(string text)
    {
        Match media = MediaLine().Match(text);
        return media.Success ? NetAddress.Parse($"127.0.0.1:{media.Groups["port"].Value}") : default;
    }

    [GeneratedRegex(@"m=audio (?<port>\d+) ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MediaLine();
}
