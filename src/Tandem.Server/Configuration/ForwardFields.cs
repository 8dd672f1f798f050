using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>A phone's fields of forwards, bound numbers and what becomes of calls while it is away (docs/forwards.md).</summary>
internal static class ForwardFields
{
    private const int MostDids = 1_000;
    private const int MostPeriods = 20;
    private const int MostAlertSeconds = 600;
    private const int SecondsOfDay = 86_400;

    private static readonly (string Word, int Number, ForwardMethod Value)[] Methods =
        [("inOrder", 0, ForwardMethod.InOrder), ("random", 2, ForwardMethod.Random), ("simultaneous", 3, ForwardMethod.Simultaneous)];

    /// <summary>The operators' number of a word for how a forward rings; null: it is none.</summary>
    public static string? NumberOf(string word) => Array.Find(Methods, m => m.Word == word) is { Word: not null } method ? method.Number.ToString(CultureInfo.InvariantCulture) : null;

    public static Field<PhoneConfig>[] Phone(Func<string, string?> wrongNumber) =>
    [
        Field<PhoneConfig>.List("dids", static p => p.Dids, static (p, v) => p with { Dids = v }, 0, MostDids, n => n.Length == 0 ? "a number is empty" : wrongNumber(n)),
        Flag("doNotDisturb", static f => f.DoNotDisturb, static (f, v) => f with { DoNotDisturb = v }),
        Flag("periodForwarding", static f => f.Period, static (f, v) => f with { Period = v }),
        Field<PhoneConfig>.Parts("infoPhoneValueAddedPeriodForwardings", static p => new Periods(p.Forwards.Periods), static (p, v) => p with { Forwards = p.Forwards with { Periods = v.All } }, ReadPeriods, static (to, v) => WritePeriods(to, v.All)),
        Flag("unconditionalForward", static f => f.Unconditional, static (f, v) => f with { Unconditional = v }),
        Targets("unconditionalForwardE164", static f => f.UnconditionalTo, static (f, v) => f with { UnconditionalTo = v }),
        Flag("noAnswerForward", static f => f.NoAnswer, static (f, v) => f with { NoAnswer = v }),
        Targets("noAnswerForwardE164", static f => f.NoAnswerTo, static (f, v) => f with { NoAnswerTo = v }),
        Flag("offlineForward", static f => f.Offline, static (f, v) => f with { Offline = v }),
        Targets("offlineForwardE164", static f => f.OfflineTo, static (f, v) => f with { OfflineTo = v }),
        Flag("busyForward", static f => f.Busy, static (f, v) => f with { Busy = v }),
        Targets("busyForwardE164", static f => f.BusyTo, static (f, v) => f with { BusyTo = v }),
        Field<PhoneConfig>.Word("callForwardDisplay", static p => p.Forwards.Display, static (p, v) => p with { Forwards = p.Forwards with { Display = v } },
            ("system", 0, ForwardDisplay.System), ("original", 1, ForwardDisplay.Original), ("own", 2, ForwardDisplay.Own)),
        Field<PhoneConfig>.Word("useRoutingGatewayNotOnline", static p => p.Forwards.OfflineToGateways, static (p, v) => p with { Forwards = p.Forwards with { OfflineToGateways = v } },
            ("system", 0, OfflineRoute.System), ("on", 1, OfflineRoute.On), ("off", 2, OfflineRoute.Off)),
    ];

    private sealed record Periods(ImmutableArray<ForwardPeriod> All);

    private static Field<PhoneConfig> Flag(string name, Func<ForwardsConfig, bool> get, Func<ForwardsConfig, bool, ForwardsConfig> set) =>
        Field<PhoneConfig>.Flag(name, p => get(p.Forwards), (p, v) => v == get(p.Forwards) ? p : p with { Forwards = set(p.Forwards, v) });

    private static Field<PhoneConfig> Targets(string name, Func<ForwardsConfig, ForwardTargets> get, Func<ForwardsConfig, ForwardTargets, ForwardsConfig> set) =>
        Field<PhoneConfig>.Parts(name, p => get(p.Forwards), (p, v) => p with { Forwards = set(p.Forwards, v) }, ReadTargets, WriteTargets);

    // One number, a comma list, or an object of forwardMethod, alertSecond and e164.
    private static ForwardTargets? ReadTargets(DocumentNode value, Action<string> fault)
    {
        ForwardMethod method = ForwardMethod.InOrder;
        int alert = 0;
        DocumentNode? numbers = value;
        bool ok = true;
        if (value.Kind == JsonValueKind.Null) return ForwardTargets.None;
        if (value.Kind == JsonValueKind.Object)
        {
            numbers = null;
            foreach ((string name, DocumentNode part) in value.Members)
            {
                switch (name)
                {
                    case "forwardMethod":
                        int found = Array.FindIndex(Methods, m => part.Kind == JsonValueKind.String ? m.Word == part.Text : part.Kind == JsonValueKind.Number && m.Number.ToString(CultureInfo.InvariantCulture) == part.Text);
                        if (found >= 0) method = Methods[found].Value;
                        else Wrong($"forwardMethod: {part.Shown} is not 'inOrder' (0), 'random' (2) or 'simultaneous' (3)");
                        break;
                    case "alertSecond":
                        if (!TryInt(part, 0, MostAlertSeconds, out alert)) Wrong($"alertSecond: {part.Shown} is not a whole number from 0 to {MostAlertSeconds}");
                        break;
                    case "e164":
                        numbers = part;
                        break;
                    default:
                        Wrong($"there is no '{DocumentNode.Printable(name)}' in a forward; there are forwardMethod, alertSecond, e164");
                        break;
                }
            }
        }
        ImmutableArray<string> to = [];
        if (numbers is { Kind: not JsonValueKind.Null })
        {
            string[] texts = numbers.Kind == JsonValueKind.String ? numbers.Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : numbers.Kind == JsonValueKind.Array ? [.. numbers.Items.Select(static i => i.Text)] : [];
            if (numbers.Kind is not (JsonValueKind.String or JsonValueKind.Array)) Wrong($"{numbers.Shown} is no list of numbers");
            foreach (string text in texts.Where(static t => t.Length == 0 || !DialString.TryParse(t.AsSpan(), out _))) Wrong($"'{DocumentNode.Printable(text)}' is no number: at most {DialString.MaxLength} of 0-9 * # + - . _ and letters");
            if (texts.Length > ForwardTargets.Most) Wrong($"a forward has at most {ForwardTargets.Most} numbers; this has {texts.Length}");
            if (texts.Distinct(StringComparer.Ordinal).Count() < texts.Length) Wrong("a number is in the list twice");
            to = [.. texts];
        }
        return ok ? new ForwardTargets(method, alert, to) : null;

        void Wrong(string says)
        {
            ok = false;
            fault(says);
        }
    }

    private static void WriteTargets(Utf8JsonWriter to, ForwardTargets targets)
    {
        to.WriteStartObject();
        to.WriteString("forwardMethod", Methods.First(m => m.Value == targets.Method).Word);
        to.WriteNumber("alertSecond", targets.AlertSeconds);
        to.WriteString("e164", string.Join(',', targets.Numbers));
        to.WriteEndObject();
    }

    private static Periods? ReadPeriods(DocumentNode value, Action<string> fault)
    {
        if (value.Kind != JsonValueKind.Array)
        {
            fault($"{value.Shown} is not a list of periods");
            return null;
        }
        if (value.Items.Length > MostPeriods)
        {
            fault($"a phone has at most {MostPeriods} periods; this has {value.Items.Length}");
            return null;
        }
        List<ForwardPeriod> all = [];
        foreach (DocumentNode item in value.Items)
        {
            if (ReadPeriod(item, fault) is { } period) all.Add(period);
        }
        return all.Count == value.Items.Length ? new Periods([.. all]) : null;
    }

    private static ForwardPeriod? ReadPeriod(DocumentNode item, Action<string> fault)
    {
        string[] names = ["weekOfDay", "beginSecondInDay", "endSecondInDay", "forwardE164"];
        if (item.Kind != JsonValueKind.Object || Array.Exists(item.Members, m => !names.Contains(m.Name)) || names.Any(n => item.Member(n) is null))
        {
            fault($"{item.Shown}: a period has weekOfDay, beginSecondInDay, endSecondInDay and forwardE164, and nothing else");
            return null;
        }
        DocumentNode days = item.Member("weekOfDay")!;
        string[] texts = days.Kind == JsonValueKind.Array ? [.. days.Items.Select(static d => d.Text)] : days.Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        bool ok = texts.Length > 0 && texts.All(static t => t.Length == 1 && t[0] is >= '0' and <= '6') && texts.Distinct().Count() == texts.Length;
        if (!ok) fault($"weekOfDay: {days.Shown} is no list of days, 0 (Sunday) to 6 (Saturday)");
        bool begins = TryInt(item.Member("beginSecondInDay")!, 0, SecondsOfDay - 1, out int begin), ends = TryInt(item.Member("endSecondInDay")!, 1, SecondsOfDay, out int end);
        if (!begins || !ends || begin == end)
        {
            fault($"beginSecondInDay and endSecondInDay must be two different seconds of the day, 0 to {SecondsOfDay}");
            ok = false;
        }
        ForwardTargets? to = ReadTargets(item.Member("forwardE164")!, fault);
        if (to is { Numbers.IsEmpty: true })
        {
            fault("forwardE164: a period needs a number to forward to");
            ok = false;
        }
        return ok && to is not null ? new ForwardPeriod([.. texts.Select(static t => t[0] - '0')], begin, end, to) : null;
    }

    private static void WritePeriods(Utf8JsonWriter to, ImmutableArray<ForwardPeriod> periods)
    {
        to.WriteStartArray();
        foreach (ForwardPeriod period in periods)
        {
            to.WriteStartObject();
            to.WriteString("weekOfDay", string.Join(',', period.WeekDays));
            to.WriteNumber("beginSecondInDay", period.BeginSecond);
            to.WriteNumber("endSecondInDay", period.EndSecond);
            to.WritePropertyName("forwardE164");
            WriteTargets(to, period.To);
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }

    private static bool TryInt(DocumentNode node, int least, int most, out int value)
    {
        value = 0;
        return node.Kind == JsonValueKind.Number && int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;
    }
}
