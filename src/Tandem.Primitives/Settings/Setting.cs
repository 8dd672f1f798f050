using System.Globalization;
using System.Reflection;

namespace Tandem.Primitives.Settings;

/// <summary>One declared setting: what is known of it, how its text is read, checked and written. For the edges; reflection inside.</summary>
public sealed class Setting
{
    private readonly SettingAttribute _declared;

    internal Setting(SettingAttribute declared, PropertyInfo group, PropertyInfo property, object defaultGroup)
    {
        _declared = declared;
        Group = group;
        Property = property;
        DefaultText = Format(property.GetValue(defaultGroup)!);
    }

    public string Name => _declared.Name;

    public IReadOnlyList<string> Aliases => _declared.Aliases;

    public Unit Unit => _declared.Unit;

    public Applies Applies => _declared.Applies;

    public string Says => _declared.Says;

    /// <summary>The capability that will obey it and is not part of this version; empty: the switch obeys it.</summary>
    public string ObeyedBy => _declared.ObeyedBy;

    /// <summary>The default in canonical text.</summary>
    public string DefaultText { get; }

    /// <summary>The group's name: "Sip", "Calls".</summary>
    public string GroupName => Group.Name;

    internal PropertyInfo Group { get; }

    internal PropertyInfo Property { get; }

    private Type Type => Property.PropertyType;

    /// <summary>What is permitted, in words: "1 to 600 s", "On or Off", "401 or 407", "None or 0 to 100".</summary>
    public string RangeText
    {
        get
        {
            if (Type == typeof(bool)) return "On or Off";
            if (Type.IsEnum) return string.Join(" or ", Enum.GetNames(Type).Select(Spoken));
            if (Type == typeof(Amount)) return $"an amount of {_declared.Min} to {Number(_declared.Max)}, with at most nine decimals";
            if (Type == typeof(PrefixList)) return "beginnings of numbers with commas between, or empty";
            if (Type == typeof(ReportServer)) return "IP:port for lines over TCP, http:// or https:// and where for a webhook, or empty";
            if (Type == typeof(PushServer)) return "http:// or https:// and where, without a query, or empty";
            if (Type == typeof(string)) return $"a text of {_declared.Min} to {_declared.Max} printable characters without quotes";
            if (_declared.OneOf.Length > 0) return string.Join(" or ", _declared.OneOf);
            if (Type == typeof(HourList)) return "hours from 0 to 23 with commas between, as 18,19,20, or nothing";
            if (Type == typeof(SecondsList)) return $"1 to {SecondsList.MostEntries} lengths in seconds with commas between, as 0.5,1,2, each {SecondsList.Text(_declared.Min)} to {SecondsList.Text(_declared.Max)}";
            string unit = UnitText.Length == 0 ? "" : " " + UnitText;
            if (Type == typeof((int, int))) return $"two ports as first,last from {_declared.Min} to {_declared.Max}, the first the lower";
            return $"{(_declared.HasNone ? _declared.NoneWord + " or " : "")}{Number(_declared.Min)} to {Number(_declared.Max)}{unit}";
        }
    }

    /// <summary>"s", "ms", "min" ... empty where nothing is counted.</summary>
    public string UnitText => Unit switch
    {
        Unit.Milliseconds => "ms",
        Unit.Seconds => "s",
        Unit.Minutes => "min",
        Unit.Days => "days",
        Unit.Rows => "rows",
        Unit.Tries => "tries",
        Unit.Ports => "ports",
        _ => "",
    };

    /// <summary>The value's canonical text; reading it back gives the same value.</summary>
    internal string Format(object value) => value switch
    {
        bool on => on ? "On" : "Off",
        TimeSpan length => Number((int)(length.Ticks / UnitTicks)),
        int number => Number(number),
        SecondsList list => list.ToString(),
        Amount amount => amount.ToString(),
        PrefixList list => list.ToString(),
        HourList hours => hours.ToString(),
        ReportServer server => server.ToString(),
        PushServer server => server.ToString(),
        ValueTuple<int, int> range => $"{range.Item1},{range.Item2}",
        Enum word => Spoken(word.ToString()),
        _ => (string)value,
    };

    /// <summary>Reads a text; on failure the error is one sentence: "SS_SIP_TIMEOUT_INVITE must be 1 to 600 s; '0' is not".</summary>
    internal bool TryRead(string text, out object value, out string error)
    {
        error = "";
        bool ok = Type == typeof(bool) ? TryReadBool(text, out value)
            : Type == typeof(string) ? TryReadText(text, out value)
            : Type == typeof(SecondsList) ? TryReadList(text, out value)
            : Type == typeof(Amount) ? TryReadAmount(text, out value)
            : Type == typeof(PrefixList) ? TryReadPrefixes(text, out value)
            : Type == typeof(HourList) ? TryReadHours(text, out value)
            : Type == typeof(ReportServer) ? TryReadServer(text, out value)
            : Type == typeof(PushServer) ? TryReadPushServer(text, out value)
            : Type == typeof((int, int)) ? TryReadRange(text, out value)
            : Type.IsEnum ? TryReadWord(text, out value)
            : TryReadNumber(text, out value);
        if (!ok) error = $"{Name} must be {RangeText}; '{Shown(text)}' is not";
        return ok;
    }

    private static bool TryReadBool(string text, out object value)
    {
        bool on = text.Equals("On", StringComparison.OrdinalIgnoreCase) || text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase);
        value = on;
        return on || text.Equals("Off", StringComparison.OrdinalIgnoreCase) || text == "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    // Quotes and control characters could break out of the header the text is written into.
    private bool TryReadText(string text, out object value)
    {
        value = text;
        return text.Length >= _declared.Min && text.Length <= _declared.Max && text.All(static c => c is >= ' ' and <= '~' and not '"' and not '\\');
    }

    private bool TryReadWord(string text, out object value)
    {
        string? word = Array.Find(Enum.GetNames(Type), name => name.Equals(text.Replace(" ", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
        value = Enum.Parse(Type, word ?? Enum.GetNames(Type)[0]);
        return word is not null;
    }

    // MustOn as operators say it: "Must On".
    private static string Spoken(string name) => string.Concat(name.Select(static (c, i) => i > 0 && char.IsUpper(c) ? $" {c}" : $"{c}"));

    private bool TryReadList(string text, out object value)
    {
        bool read = SecondsList.TryParse(text, _declared.Min, _declared.Max, out SecondsList? list);
        value = list!;
        return read;
    }

    private bool TryReadAmount(string text, out object value)
    {
        bool read = Money.TryParseNanos(text, out long nanos);
        value = new Amount(nanos);
        return read && nanos >= _declared.Min * Money.NanosPerUnit && nanos <= _declared.Max * Money.NanosPerUnit;
    }

    private bool TryReadPrefixes(string text, out object value)
    {
        bool read = PrefixList.TryParse(text, out PrefixList list) && text.Length <= _declared.Max;
        value = list;
        return read;
    }

    private static bool TryReadHours(string text, out object value)
    {
        bool read = HourList.TryParse(text, out HourList hours);
        value = hours;
        return read;
    }

    private bool TryReadServer(string text, out object value)
    {
        bool read = ReportServer.TryParse(text, out ReportServer? server);
        value = server!;
        return read && text.Length <= _declared.Max;
    }

    private bool TryReadPushServer(string text, out object value)
    {
        bool read = PushServer.TryParse(text, out PushServer? server);
        value = server!;
        return read && text.Length <= _declared.Max;
    }

    private bool TryReadRange(string text, out object value)
    {
        value = (0, 0);
        int comma = text.IndexOf(',');
        if (comma < 0 || !TryParseInt(text.AsSpan(0, comma).Trim(), out int first) || !TryParseInt(text.AsSpan(comma + 1).Trim(), out int last)) return false;
        value = (first, last);
        return first >= _declared.Min && last <= _declared.Max && first < last;
    }

    private bool TryReadNumber(string text, out object value)
    {
        int number = 0;
        bool none = _declared.HasNone && (text.Equals(_declared.NoneWord, StringComparison.OrdinalIgnoreCase) || text.Length == 0);
        bool ok = none || TryParseInt(text.Trim(), out number);
        if (none) number = _declared.None;
        value = Type == typeof(TimeSpan) ? new TimeSpan(number * UnitTicks) : number;
        if (!ok) return false;
        if (_declared.HasNone && number == _declared.None) return true;
        return _declared.OneOf.Length > 0 ? _declared.OneOf.Contains(number) : number >= _declared.Min && number <= _declared.Max;
    }

    private static bool TryParseInt(ReadOnlySpan<char> text, out int number) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? int.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private long UnitTicks => Unit switch
    {
        Unit.Milliseconds => TimeSpan.TicksPerMillisecond,
        Unit.Minutes => TimeSpan.TicksPerMinute,
        Unit.Days => TimeSpan.TicksPerDay,
        _ => TimeSpan.TicksPerSecond,
    };

    private string Number(int number) =>
        _declared.HasNone && number == _declared.None ? _declared.NoneWord
        : _declared.Hex ? "0x" + number.ToString("x2", CultureInfo.InvariantCulture)
        : number.ToString(CultureInfo.InvariantCulture);

    private static string Shown(string text)
    {
        string printable = string.Concat(text.Take(40).Select(static c => char.IsControl(c) ? '?' : c));
        return text.Length > 40 ? printable + "…" : printable;
    }
}
