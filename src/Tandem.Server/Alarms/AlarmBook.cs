using Tandem.Primitives;

namespace Tandem.Server.Alarms;

/// <summary>
/// The alarms that stand and the last that did. A condition that appears raises one, one that is gone clears it; between, its figures follow. What programs state stays until they
/// end it, or its time does. Any thread may call it.
/// </summary>
public sealed class AlarmBook
{
    public const int MostCleared = 1_000;
    private const int MostStated = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(AlarmKind, string), Alarm> _standing = [];
    private readonly List<Alarm> _cleared = [];
    private readonly Dictionary<string, Instant> _ends = new(StringComparer.Ordinal); // of stated ones
    private int _lastId;

    private Action<IReadOnlyList<Alarm>>? _told;

    /// <summary>From now on <paramref name="told"/> is told every alarm that is raised, confirmed or cleared, outside the lock and in order.</summary>
    public void Tell(Action<IReadOnlyList<Alarm>> told) => _told += told;

    /// <summary>What stands, the worst and oldest first.</summary>
    public IReadOnlyList<Alarm> Standing
    {
        get
        {
            lock (_lock) return [.. _standing.Values.OrderByDescending(static a => a.Level).ThenBy(static a => a.Raised).ThenBy(static a => a.Id)];
        }
    }

    /// <summary>The last that are over, the newest first.</summary>
    public IReadOnlyList<Alarm> Cleared
    {
        get
        {
            lock (_lock) return [.. Enumerable.Reverse(_cleared)];
        }
    }

    /// <summary>Everything that is wrong now, of the kinds the switch watches itself.</summary>
    public void Observe(IReadOnlyCollection<AlarmCondition> wrong, Instant now)
    {
        List<Alarm> changed = [];
        lock (_lock)
        {
            Dictionary<(AlarmKind, string), AlarmCondition> seen = [];
            foreach (AlarmCondition condition in wrong) seen[(condition.Kind, condition.Name)] = condition;
            foreach (Alarm alarm in _standing.Values.ToList())
            {
                (AlarmKind, string) key = (alarm.Kind, alarm.Name);
                if (alarm.Kind == AlarmKind.Stated)
                {
                    if (_ends.TryGetValue(alarm.Name, out Instant end) && end <= now) changed.Add(Clear(alarm, now));
                }
                else if (!seen.TryGetValue(key, out AlarmCondition? still)) changed.Add(Clear(alarm, now));
                else _standing[key] = alarm with { Says = still.Says, Value = still.Value, Upper = still.Upper, Lower = still.Lower };
            }
            foreach (((AlarmKind, string) key, AlarmCondition condition) in seen)
            {
                if (!_standing.ContainsKey(key)) changed.Add(Raise(condition, AlarmKinds.LevelOf(condition.Kind), now));
            }
        }
        Tell(changed);
    }

    /// <summary>Raises what a program states, or changes it where one of that name stands; with an end that is past, clears it.</summary>
    /// <returns>Null; or why not.</returns>
    public string? State(AlarmCondition condition, AlarmLevel level, Instant start, Instant end, Instant now)
    {
        List<Alarm> changed = [];
        lock (_lock)
        {
            (AlarmKind, string) key = (AlarmKind.Stated, condition.Name);
            bool stands = _standing.TryGetValue(key, out Alarm? alarm);
            if (end <= now)
            {
                if (!stands) return $"no alarm '{condition.Name}' stands that could end";
                changed.Add(Clear(alarm!, end));
            }
            else if (stands)
            {
                Alarm renewed = alarm! with { Level = level, Says = condition.Says, Value = condition.Value, Upper = condition.Upper, Lower = condition.Lower };
                _standing[key] = renewed;
                _ends[condition.Name] = end;
                changed.Add(renewed);
            }
            else
            {
                if (_ends.Count >= MostStated) return $"{MostStated} alarms of programs stand already";
                _ends[condition.Name] = end;
                changed.Add(Raise(condition with { Kind = AlarmKind.Stated }, level, start));
            }
        }
        Tell(changed);
        return null;
    }

    /// <summary>Notes that somebody has seen it; null when no such alarm stands.</summary>
    public Alarm? Confirm(int id, string by, Instant now)
    {
        Alarm? confirmed = null;
        lock (_lock)
        {
            foreach (((AlarmKind, string) key, Alarm alarm) in _standing)
            {
                if (alarm.Id != id) continue;
                confirmed = alarm with { ConfirmedBy = by, Confirmed = now };
                _standing[key] = confirmed;
                break;
            }
        }
        if (confirmed is not null) Tell([confirmed]);
        return confirmed;
    }

    private Alarm Raise(AlarmCondition condition, AlarmLevel level, Instant at)
    {
        Alarm alarm = new()
        {
            Id = ++_lastId, Kind = condition.Kind, Level = level, Name = condition.Name, Says = condition.Says, Value = condition.Value, Upper = condition.Upper, Lower = condition.Lower, Raised = at,
        };
        _standing[(alarm.Kind, alarm.Name)] = alarm;
        return alarm;
    }

    private Alarm Clear(Alarm alarm, Instant at)
    {
        _standing.Remove((alarm.Kind, alarm.Name));
        if (alarm.Kind == AlarmKind.Stated) _ends.Remove(alarm.Name);
        Alarm cleared = alarm with { Cleared = at };
        _cleared.Add(cleared);
        if (_cleared.Count > MostCleared) _cleared.RemoveAt(0);
        return cleared;
    }

    private void Tell(List<Alarm> changed)
    {
        if (changed.Count > 0) _told?.Invoke(changed);
    }
}
