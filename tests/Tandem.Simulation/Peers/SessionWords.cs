using System.Globalization;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Simulation.Peers;

/// <summary>What a peer says and understands of session timers (RFC 4028), by plain text.</summary>
internal static class SessionWords
{
    private const string Supported = "Supported: timer\r\n";

    /// <summary>What a caller asks for; "" when it knows no timers.</summary>
    public static string Ask(SeededEntropy chance) => chance.Below(8) switch
    {
        0 or 1 => Supported,
        2 => Supported + $"Session-Expires: {90 + chance.Below(300)}\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n",
        3 => Supported + $"Session-Expires: {90 + chance.Below(300)};refresher=uac\r\n",
        4 => Supported + $"Session-Expires: {90 + chance.Below(300)};refresher=uas\r\nMin-SE: 90\r\n",
        5 when chance.Below(4) == 0 => Supported + "Session-Expires: 30\r\n", // 422
        _ => "",
    };

    /// <summary>What a callee makes of an INVITE's offer in its 200; "" when it knows no timers.</summary>
    public static string Answer(SeededEntropy chance, Heard invite)
    {
        (int offered, _) = Read(invite);
        if (offered == 0 || chance.Below(2) == 0) return "";
        int seconds = Math.Min(offered, 90 + chance.Below(400));
        return $"Require: timer\r\nSession-Expires: {seconds};refresher={(chance.Below(3) == 0 ? "uas" : "uac")}\r\n" + (chance.Below(2) == 0 ? "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n" : "");
    }

    /// <summary>Seconds, 0 when there are none, and whether the sender of the request refreshes.</summary>
    public static (int Seconds, bool Uac) Read(Heard heard) => Read(heard.All(HeaderName.SessionExpires).FirstOrDefault() ?? "");

    public static (int Seconds, bool Uac) Read(string header)
    {
        string value = header.Contains("Session-Expires: ", StringComparison.Ordinal) ? header[(header.IndexOf("Session-Expires: ", StringComparison.Ordinal) + 17)..].Split('\r')[0] : header;
        string[] parts = value.Split(';');
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? (seconds, !value.EndsWith("refresher=uas", StringComparison.Ordinal)) : (0, false);
    }

    public static string Refresh(int seconds, string refresher) => $"{Supported}Session-Expires: {seconds};refresher={refresher}\r\n";
}
