using Tandem.Switching.Settings;

namespace Tandem.Switching.Routing;

/// <summary>How long each phase of an attempt towards one gateway may last, s; 0: as the system's setting of the same name says.</summary>
public readonly record struct AttemptPatience(int Invite, int Trying, int SessionProgress, int SessionProgressSdp, int Ringing)
{
    public TimeSpan ForInvite(SipSettings system) => Invite > 0 ? TimeSpan.FromSeconds(Invite) : system.TimeoutInvite;

    public TimeSpan ForTrying(SipSettings system) => Trying > 0 ? TimeSpan.FromSeconds(Trying) : system.TimeoutTrying;

    public TimeSpan ForSessionProgress(SipSettings system) => SessionProgress > 0 ? TimeSpan.FromSeconds(SessionProgress) : system.TimeoutSessionProgress;

    public TimeSpan ForSessionProgressSdp(SipSettings system) => SessionProgressSdp > 0 ? TimeSpan.FromSeconds(SessionProgressSdp) : system.TimeoutSessionProgressSdp;

    public TimeSpan ForRinging(SipSettings system) => Ringing > 0 ? TimeSpan.FromSeconds(Ringing) : system.TimeoutRinging;
}
