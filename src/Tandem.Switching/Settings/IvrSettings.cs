using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>Of the voice services: alarm calls, lines kept for callbacks, voice mail. Kept, until the switch has them.</summary>
public sealed record IvrSettings
{
    private const string Ivr = "the IVR";
    private const string AlarmCalls = "alarm calls";
    private const string CallBack = "keeping the line of who is called back";
    private const string VoiceMail = "voice mail";

    [Setting("IVR_ALARM_CALLER_E164", Max = 32, ObeyedBy = AlarmCalls, Says = "The number alarm calls show.")]
    public string AlarmCaller { get; init; } = "";

    [Setting("IVR_ALARM_CONFIRM_KEY", Max = 1, ObeyedBy = AlarmCalls, Says = "The key that confirms an alarm; empty: any.")]
    public string AlarmConfirmKey { get; init; } = "";

    [Setting("IVR_ALARM_PERIOD", Min = 1, Max = 10_000, Unit = Unit.Minutes, ObeyedBy = AlarmCalls, Says = "After so long an alarm that stands is told again.")]
    public TimeSpan AlarmPeriod { get; init; } = TimeSpan.FromMinutes(5);

    [Setting("IVR_ALARM_PRE_AUDIO", Max = 255, ObeyedBy = AlarmCalls, Says = "What is played before the alarm's text.")]
    public string AlarmAudio { get; init; } = "alarmpreaudio";

    [Setting("IVR_ALARM_RETRY", Min = 0, Max = 100, ObeyedBy = AlarmCalls, Says = "So often an alarm call is tried again.")]
    public int AlarmTries { get; init; } = 6;

    [Setting("IVR_ALARM_RETRY_INTERVAL", Min = 1, Max = 86_400, Unit = Unit.Seconds, ObeyedBy = AlarmCalls, Says = "From one try of an alarm call to the next.")]
    public TimeSpan AlarmRetryAfter { get; init; } = TimeSpan.FromSeconds(20);

    [Setting("IVR_CALL_REPORT_IP", Max = 45, ObeyedBy = Ivr, Says = "Where states of the IVR's calls are told, by UDP.")]
    public string ReportIp { get; init; } = "";

    [Setting("IVR_CALL_REPORT_PORT", Min = 1, Max = 65_535, ObeyedBy = Ivr, Says = "The port of IVR_CALL_REPORT_IP.")]
    public int ReportPort { get; init; } = 8000;

    [Setting("IVR_CALL_REPORT_RETRY", Min = 0, Max = 100, ObeyedBy = Ivr, Says = "So often a state nobody acknowledged is told again.")]
    public int ReportTries { get; init; } = 6;

    [Setting("IVR_CALL_REPORT_RETRY_INTERVAL", Min = 1, Max = 3600, Unit = Unit.Seconds, ObeyedBy = Ivr, Says = "From one try of telling a state to the next.")]
    public TimeSpan ReportRetryAfter { get; init; } = TimeSpan.FromSeconds(3);

    [Setting("IVR_CALLBACK_KEEP_LINE_RING_TIME", Min = 0, Max = 120, Unit = Unit.Seconds, ObeyedBy = CallBack, Says = "How long it rings while the caller's line is kept.")]
    public TimeSpan CallBackRing { get; init; } = TimeSpan.FromSeconds(5);

    [Setting("IVR_CALLBACK_KEEP_LINE_TIME", Min = 0, Max = 3600, Unit = Unit.Seconds, ObeyedBy = CallBack, Says = "How long the caller's line is kept.")]
    public TimeSpan CallBackKeep { get; init; } = TimeSpan.FromSeconds(30);

    [Setting("IVR_CODEC_PRIORITY", Max = 255, ObeyedBy = Ivr, Says = "Codecs of prompts, the preferred first.")]
    public string Codecs { get; init; } = "g729a,g729,g723,g711a,g711u";

    [Setting("IVR_DEFAULT_LANGUAGE", Max = 16, ObeyedBy = Ivr, Says = "The language of prompts.")]
    public string Language { get; init; } = "en";

    [Setting("IVR_MEDIA_CHECK_TIMEOUT", Min = 0, Max = 1440, Unit = Unit.Minutes, Aliases = ["IVR_MEDIA_CHECK_TIME_OUT"], ObeyedBy = Ivr, Says = "After so long without media a call of the IVR is ended.")]
    public TimeSpan MediaCheck { get; init; } = TimeSpan.FromMinutes(2);

    [Setting("IVR_PARSE_DTMF_MODE", ObeyedBy = Ivr, Says = "How digits are collected.")]
    public DigitParsing Digits { get; init; }

    [Setting("IVR_RINGING_TIMEOUT", Min = 1, Max = 3600, Unit = Unit.Seconds, ObeyedBy = Ivr, Says = "How long a call of the IVR may ring.")]
    public TimeSpan Ringing { get; init; } = TimeSpan.FromSeconds(120);

    [Setting("IVR_RTP_PORT", Min = 1024, Max = 65_535, Unit = Unit.Ports, ObeyedBy = Ivr, Says = "RTP ports of the IVR.")]
    public (int First, int Last) PortRange { get; init; } = (40_000, 47_999);

    [Setting("IVR_SETUP_TIMEOUT", Min = 1, Max = 600, Unit = Unit.Seconds, ObeyedBy = Ivr, Says = "How long a call of the IVR may stay without a first answer.")]
    public TimeSpan Setup { get; init; } = TimeSpan.FromSeconds(20);

    [Setting("IVR_SIP_SESSION_TTL", Min = 90, Max = 86_400, Unit = Unit.Seconds, ObeyedBy = Ivr, Says = "Session timer of the IVR's legs.")]
    public TimeSpan SessionTimer { get; init; } = TimeSpan.FromSeconds(600);

    [Setting("IVR_VOICEMAIL_MAX_TIME", Min = 1, Max = 3600, Unit = Unit.Seconds, Aliases = ["IVR_VOICEMAIL_MAX_DURATION"], ObeyedBy = VoiceMail, Says = "How long a message may be.")]
    public TimeSpan MailLength { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("IVR_VOICEMAIL_EXPIRE_DAY", Min = 1, Max = 3660, Unit = Unit.Days, ObeyedBy = VoiceMail, Says = "So long messages are kept.")]
    public int MailDays { get; init; } = 7;

    [Setting("IVR_VOICEMAIL_MAX_NUMBER", Min = 1, Max = 10_000, ObeyedBy = VoiceMail, Says = "So many messages a box holds.")]
    public int MostMails { get; init; } = 10;

    [Setting("IVR_VOICEMAILWELCOME", Max = 255, ObeyedBy = VoiceMail, Says = "The greeting.")]
    public string Greeting { get; init; } = "voicemailwelcome";
}

/// <summary>Values of IVR_PARSE_DTMF_MODE.</summary>
public enum DigitParsing : byte { Auto, Manual }
