namespace Tandem.Primitives.Settings;

/// <summary>
/// Declares a setting, once: the property it stands on has its type and default, this its name, range, unit, and the sentence
/// operators read. API, command line and docs/settings.md come from it. Types: <see cref="bool"/> (On/Off), <see cref="int"/>,
/// <see cref="TimeSpan"/> (a whole number of <see cref="Unit"/>), <see cref="string"/>, <see cref="Amount"/> (its range in whole units), <see cref="PrefixList"/>, an enum (one of its names), <see cref="SecondsList"/> (its range is of an
/// entry, in milliseconds), and a pair of ints (a range "10000,39999").
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string name) : Attribute
{
    /// <summary>The operators' name, as in SS_SIP_TIMEOUT_INVITE.</summary>
    public string Name { get; } = name;

    /// <summary>Smallest value, in <see cref="Unit"/>; for a text its least length.</summary>
    public int Min { get; init; }

    /// <summary>Largest value, in <see cref="Unit"/>; for a text its greatest length.</summary>
    public int Max { get; init; } = int.MaxValue;

    public Unit Unit { get; init; }

    public Applies Applies { get; init; }

    public string Says { get; init; } = "";

    /// <summary>Where not empty: the capability that will obey it, which this version does not have. Until then it is kept, and everyone who is shown it is told so.</summary>
    public string ObeyedBy { get; init; } = "";

    /// <summary>Older names under which operators know it; accepted everywhere, never shown as the name.</summary>
    public string[] Aliases { get; init; } = [];

    /// <summary>Where not empty, only these values are permitted.</summary>
    public int[] OneOf { get; init; } = [];

    /// <summary>Written and preferably read as 0xa0.</summary>
    public bool Hex { get; init; }

    /// <summary>Where <see cref="HasNone"/>: the number that stands for "None" (no limit); it may lie outside the range.</summary>
    public int None { get; init; }

    /// <summary>The word None is a value.</summary>
    public bool HasNone { get; init; }

    /// <summary>Where <see cref="HasNone"/>: the word, if operators know it by another.</summary>
    public string NoneWord { get; init; } = "None";
}

/// <summary>What a setting's number counts.</summary>
public enum Unit { None, Milliseconds, Seconds, Minutes, Days, Rows, Tries, Ports }

/// <summary>From when on a changed setting is obeyed.</summary>
public enum Applies { NextCall, NextRegistration, NextRequest, Now, Restart }
