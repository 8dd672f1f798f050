using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Dialogs;

/// <summary>What the operator wants of session timers.</summary>
/// <param name="Ttl">Session-Expires as offered, s; less than <paramref name="MinSE"/> counts as that.</param>
/// <param name="Segment">A session is refreshed every interval ÷ segment.</param>
/// <param name="MinSE">The shortest interval accepted, s (RFC 4028 §5: not below 90).</param>
public readonly record struct SessionRules(int Ttl, int Segment, int MinSE);

/// <summary>
/// The session timer of one dialog (RFC 4028), seen from our end of it: what the two ends agreed upon, who refreshes, and when that is due.
/// An agreement once made stays for the dialog's life: an end that stops speaking of it leaves the refreshing to us (docs/session-timers.md).
/// </summary>
public sealed class SessionTimer
{
    /// <summary>An interval beyond a day watches over nothing: it counts as no timer.</summary>
    public const int Longest = 86_400;

    // An answer below this breaks RFC 4028 §9 (never below the request's Min-SE); obeyed, it would only make a storm of refreshes.
    private const int ShortestAnswered = 60;

    // Each 422 may name a longer interval, as several proxies may; not for ever.
    private const int MostTooSmall = 3;

    private bool _permitted;
    private bool _theySupport;
    private SessionExpires _asked;
    private int _askedMinSE;
    private int _minSE;
    private int _tooSmall;

    /// <summary>The interval agreed upon, s; 0 = there is no timer.</summary>
    public int Seconds { get; private set; }

    public bool WeRefresh { get; private set; }

    /// <summary>When our refresh is due.</summary>
    public Instant RefreshAt { get; set; } = Instant.Never;

    /// <summary>When the call is ended unless a refresh came: RFC 4028 §10, a third of the interval but at most 32 s before it is over.</summary>
    public Instant ExpiresAt { get; private set; } = Instant.Never;

    /// <summary>When the far end last gave a sign of life in this dialog, by signalling.</summary>
    public Instant Heard { get; set; }

    public Instant Due => Instant.Min(RefreshAt, ExpiresAt);

    /// <summary>Whether a request that asks for a session timer asks for one too short, and may be told so (§9: only who supports timers gets 422).</summary>
    public static bool AsksTooShort(SipMessage request, in SessionRules rules) =>
        SessionExpires.TryParse(request.Header(HeaderName.SessionExpires), out SessionExpires asked) && asked.Seconds < rules.MinSE && Supports(request);

    /// <summary>A new dialog.</summary>
    /// <param name="permitted">False: this device is to be spared session timers.</param>
    public void Begin(bool permitted)
    {
        _permitted = permitted;
        _theySupport = false;
        _asked = default;
        _askedMinSE = _minSE = _tooSmall = Seconds = 0;
        WeRefresh = false;
        Heard = default;
        Stop();
    }

    /// <summary>The dialog is over.</summary>
    public void Stop() => RefreshAt = ExpiresAt = Instant.Never;

    /// <summary>Their request: what it asks for is kept for <see cref="WriteAnswer"/>.</summary>
    public void Ask(SipMessage request)
    {
        _theySupport = Supports(request);
        _ = SessionExpires.TryParse(request.Header(HeaderName.SessionExpires), out _asked);
        _ = SessionExpires.TryParseMinSE(request.Header(HeaderName.MinSE), out _askedMinSE);
    }

    /// <summary>Our 2xx to their request: the agreement, in headers and in force (RFC 4028 §9 and its Table 2).</summary>
    public void WriteAnswer(ref SipWriter w, in SessionRules rules, Instant now)
    {
        if (!_permitted) return;
        w.Header(HeaderName.Supported, "timer"u8);
        // A proxy may ask for a timer on behalf of an end that knows none; one too short cannot be refused then, so it is passed over.
        bool named = _asked.Seconds > 0 && (_theySupport || _asked.Seconds >= rules.MinSE);
        if (!_theySupport && !named && Seconds == 0) return;
        int seconds = Math.Max(Seconds > 0 ? Seconds : rules.Ttl, Math.Max(rules.MinSE, _askedMinSE));
        if (named) seconds = Math.Min(seconds, _asked.Seconds); // §9: never longer than asked
        if (seconds > Longest) return;
        bool weRefresh = !_theySupport || _asked.Refresher == Refresher.Uas || (_asked.Refresher == Refresher.Unsaid && (Seconds == 0 || WeRefresh));
        if (_theySupport) w.Header(HeaderName.Require, "timer"u8);
        Write(ref w, seconds, weRefresh ? "uas"u8 : "uac"u8);
        Agree(seconds, weRefresh, rules.Segment, now);
    }

    /// <summary>A request of ours that makes or refreshes the session: the first offers to refresh ourselves, later ones keep the roles (§7.1, §7.4).</summary>
    public void WriteOffer(ref SipWriter w, in SessionRules rules)
    {
        if (!_permitted) return;
        w.Header(HeaderName.Supported, "timer"u8);
        Write(ref w, Offered(rules), Seconds == 0 || WeRefresh ? "uac"u8 : "uas"u8);
        w.Header(HeaderName.MinSE, Math.Max(rules.MinSE, _minSE));
    }

    /// <summary>Their 2xx to our request (§7.2).</summary>
    public void TakeAnswer(SipMessage response, in SessionRules rules, Instant now)
    {
        Heard = now;
        if (!_permitted) return;
        if (!SessionExpires.TryParse(response.Header(HeaderName.SessionExpires), out SessionExpires said))
        {
            if (Seconds > 0) Agree(Seconds, weRefresh: true, rules.Segment, now);
            return;
        }
        int seconds = Math.Max(ShortestAnswered, Math.Min(said.Seconds, Offered(rules)));
        Agree(seconds, said.Refresher != Refresher.Uas, rules.Segment, now);
    }

    /// <summary>Their 422 to our request: true when it is worth sending again with the interval they want (§7.3).</summary>
    public bool TakeTooSmall(SipMessage response, in SessionRules rules)
    {
        if (!_permitted || !SessionExpires.TryParseMinSE(response.Header(HeaderName.MinSE), out int wanted)) return false;
        if (wanted <= Offered(rules) || wanted > Longest || ++_tooSmall > MostTooSmall) return false;
        _minSE = wanted;
        return true;
    }

    private static bool Supports(SipMessage request) => request.Lists(HeaderName.Supported, "timer"u8) || request.Lists(HeaderName.Require, "timer"u8);

    private int Offered(in SessionRules rules) => Math.Max(Seconds > 0 ? Seconds : rules.Ttl, Math.Max(rules.MinSE, _minSE));

    private static void Write(ref SipWriter w, int seconds, scoped ReadOnlySpan<byte> refresher)
    {
        w.OpenHeader(HeaderName.SessionExpires);
        w.Decimal(seconds);
        w.Text(";refresher="u8);
        w.Text(refresher);
        w.CloseHeader();
    }

    private void Agree(int seconds, bool weRefresh, int segment, Instant now)
    {
        Seconds = seconds;
        WeRefresh = weRefresh;
        _tooSmall = 0;
        RefreshAt = weRefresh ? now + (TimeSpan.FromSeconds(seconds) / segment) : Instant.Never;
        ExpiresAt = now + TimeSpan.FromSeconds(seconds - Math.Min(32.0, seconds / 3.0));
    }
}
