using Tandem.Primitives;
using Tandem.Switching.Configuration;

namespace Tandem.Switching.Admission;

/// <summary>Why a call to a phone is forwarded. Numbers stand in decision logs: they are for ever.</summary>
public enum ForwardCause : byte { Period = 1, Unconditional = 2, Busy = 3, NoAnswer = 4, Offline = 5, DoNotDisturb = 6, Reserved = 7 }

/// <summary>Where a forward goes, as compiled.</summary>
public sealed class ForwardPlan(ForwardTargets said)
{
    public ForwardMethod Method { get; } = said.Method;

    /// <summary>How long each target may ring, s; 0: as the system says.</summary>
    public int AlertSeconds { get; } = said.AlertSeconds;

    public DialString[] Targets { get; } = [.. said.Numbers.Select(static n => DialString.Parse(n))];

    internal static ForwardPlan? Of(bool on, ForwardTargets said) => on && !said.Numbers.IsEmpty ? new ForwardPlan(said) : null;
}

/// <summary>A phone's forwards as compiled (docs/forwards.md).</summary>
public sealed class PhoneForwards
{
    public static readonly PhoneForwards None = new(ForwardsConfig.None);

    private const int SecondsOfDay = 86_400;

    private readonly (int Days, int Begin, int End, ForwardPlan Plan)[] _periods;
    private readonly ForwardPlan? _unconditional;

    public PhoneForwards(ForwardsConfig said)
    {
        _periods = said.Period ? [.. said.Periods.Where(static p => !p.To.Numbers.IsEmpty).Select(static p => (p.WeekDays.Aggregate(0, static (days, day) => days | (1 << day)), p.BeginSecond, p.EndSecond, new ForwardPlan(p.To)))] : [];
        _unconditional = ForwardPlan.Of(said.Unconditional, said.UnconditionalTo);
        Busy = ForwardPlan.Of(said.Busy, said.BusyTo);
        NoAnswer = ForwardPlan.Of(said.NoAnswer, said.NoAnswerTo);
        Offline = ForwardPlan.Of(said.Offline, said.OfflineTo);
        DoNotDisturb = said.DoNotDisturb;
        Display = said.Display;
        OfflineToGateways = said.OfflineToGateways;
    }

    public ForwardPlan? Busy { get; }

    public ForwardPlan? NoAnswer { get; }

    public ForwardPlan? Offline { get; }

    public bool DoNotDisturb { get; }

    public ForwardDisplay Display { get; }

    public OfflineRoute OfflineToGateways { get; }

    /// <summary>Where calls go without the phone being asked: the first period that holds, else always.</summary>
    public ForwardPlan? AtOnce(Instant now, out ForwardCause cause)
    {
        cause = ForwardCause.Period;
        if (_periods.Length > 0)
        {
            long second = now.Micros / 1_000_000;
            int day = (int)(((second / SecondsOfDay) + 4) % 7), ofDay = (int)(second % SecondsOfDay); // 1970-01-01 was a Thursday
            foreach ((int days, int begin, int end, ForwardPlan plan) in _periods)
            {
                bool today = (days >> day & 1) != 0, yesterday = (days >> ((day + 6) % 7) & 1) != 0;
                if (begin < end ? today && ofDay >= begin && ofDay < end : (today && ofDay >= begin) || (yesterday && ofDay < end)) return plan;
            }
        }
        cause = ForwardCause.Unconditional;
        return _unconditional;
    }

    /// <summary>Where a call goes that met this; null: nowhere else.</summary>
    public ForwardPlan? On(ForwardCause cause) => cause switch
    {
        ForwardCause.Busy or ForwardCause.DoNotDisturb => Busy,
        ForwardCause.NoAnswer => NoAnswer,
        ForwardCause.Offline => Offline,
        _ => null,
    };
}
