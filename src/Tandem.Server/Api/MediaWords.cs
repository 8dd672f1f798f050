using Tandem.Switching.MediaProxy;

namespace Tandem.Server.Api;

/// <summary>Why media passes through the switch or not, in words (docs/media.md has the steps).</summary>
internal static class MediaWords
{
    /// <summary>A sentence: "Media goes from end to end: nothing asks for the switch in between (step 8)."</summary>
    public static string Says(bool relay, ProxyStep step) => $"Media {(relay ? "passes through the switch" : "goes from end to end")}: {Because(step)}.";

    /// <summary>The same without a call, whose addresses have the last word in Auto.</summary>
    public static string Foreseen(ProxyDecision decision) => decision.Step == ProxyStep.Nothing
        ? "as the addresses of the call say (steps 5 to 8)"
        : $"{(decision.Relay ? "through the switch" : "from end to end")}: {Because(decision.Step)}";

    public static string Because(ProxyStep step) => step switch
    {
        ProxyStep.IpVersions => "one end speaks IPv4, the other IPv6",
        ProxyStep.Transfer => "the call is transferred",
        ProxyStep.Callback => "the switch calls back, and speaks itself until the other end has come",
        ProxyStep.AudioWork => "the call is to be recorded",
        ProxyStep.Srtp => "the media of an end may be encrypted (srtp)",
        ProxyStep.ModeMustOn => "SS_MEDIA_PROXY_MODE is Must On (step 1)",
        ProxyStep.CallerMustOn => "the calling device's rtpForwardType is mustOn (step 1)",
        ProxyStep.CalleeMustOn => "the called device's rtpForwardType is mustOn (step 1)",
        ProxyStep.CallerOff => "the calling device's rtpForwardType is off (step 2)",
        ProxyStep.CalleeOff => "the called device's rtpForwardType is off (step 2)",
        ProxyStep.CallerOn => "the calling device's rtpForwardType is on (step 3)",
        ProxyStep.CalleeOn => "the called device's rtpForwardType is on (step 3)",
        ProxyStep.ModeOff => "SS_MEDIA_PROXY_MODE is Off",
        ProxyStep.ModeOn => "SS_MEDIA_PROXY_MODE is On",
        ProxyStep.LocalRing => "the switch plays the ring-back tone (step 4)",
        ProxyStep.EncryptedRegistration => "an end is registered over TLS (step 5)",
        ProxyStep.BetweenNetworks => "the ends are in different networks (step 6, SS_MEDIA_PROXY_BETWEEN_NET)",
        ProxyStep.SameNat => "both ends are behind one NAT (step 7, SS_MEDIA_PROXY_SAME_NAT)",
        ProxyStep.BehindNat => "an end is behind a NAT (step 7, SS_MEDIA_PROXY_BEHIND_NAT)",
        ProxyStep.Nothing => "nothing asks for the switch in between (step 8)",
        _ => $"step {(int)step}",
    };
}
