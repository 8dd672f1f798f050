using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>Of H.323, which the switch does not speak: kept, so that what an operator has set elsewhere is not lost on the way here.</summary>
public sealed record H323Settings
{
    [Setting("SS_H245_PORT_RANGE", Min = 1024, Max = 65_535, Unit = Unit.Ports, ObeyedBy = H323, Says = "TCP ports of H.245.")]
    public (int First, int Last) PortRange { get; init; } = (10_000, 39_999);

    [Setting("SS_H323_DTMF_METHOD", ObeyedBy = H323, Says = "How digits are sent to H.323.")]
    public H323Dtmf Dtmf { get; init; } = H323Dtmf.H245Alphanumeric;

    [Setting("SS_H323_NUMBERING_PLAN", OneOf = [0, 1, 3, 4, 8, 9, 15], ObeyedBy = H323, Says = "Numbering plan of Q.931; 0 is unknown, 1 is E.164.")]
    public int NumberingPlan { get; init; }

    [Setting("SS_H323_NUMBER_TYPE", OneOf = [0, 1, 2, 3, 4, 6, 7], ObeyedBy = H323, Says = "Type of number of Q.931; 0 is unknown.")]
    public int NumberType { get; init; }

    [Setting("SS_H323_TIMEOUT_SETUP", Min = 1, Max = 600, Unit = Unit.Seconds, ObeyedBy = H323, Says = "From Setup to CallProceeding.")]
    public TimeSpan Setup { get; init; } = TimeSpan.FromSeconds(5);

    [Setting("SS_H323_TIMEOUT_CALLPROCEEDING", Min = 1, Max = 600, Unit = Unit.Seconds, ObeyedBy = H323, Says = "From CallProceeding to Alerting.")]
    public TimeSpan Proceeding { get; init; } = TimeSpan.FromSeconds(20);

    [Setting("SS_H323_TIMEOUT_CALLPROCEEDING_OLC", Min = 1, Max = 600, Unit = Unit.Seconds, ObeyedBy = H323, Says = "From CallProceeding with open logical channels to Alerting.")]
    public TimeSpan ProceedingWithMedia { get; init; } = TimeSpan.FromSeconds(20);

    [Setting("SS_H323_TIMEOUT_ALERTING", Min = 1, Max = 600, Unit = Unit.Seconds, ObeyedBy = H323, Says = "From Alerting to Connect.")]
    public TimeSpan Alerting { get; init; } = TimeSpan.FromSeconds(120);

    private const string H323 = "H.323";
}

/// <summary>Values of SS_H323_DTMF_METHOD.</summary>
public enum H323Dtmf : byte { Auto, Rfc2833, H245Alphanumeric, H245Signal, Q931Keypad, Off }
