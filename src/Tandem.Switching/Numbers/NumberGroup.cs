using Tandem.Switching.Configuration;

namespace Tandem.Switching.Numbers;

/// <summary>A named set of numbers as compiled.</summary>
public sealed class NumberGroup(NumberGroupConfig said)
{
    public string Name { get; } = said.Name;

    public NumberSet Set { get; } = new(said.Numbers);
}

/// <summary>A black or white list as compiled.</summary>
public sealed class NumberList(NumberListConfig said)
{
    public string Name { get; } = said.Name;

    public bool IsWhite { get; } = said.IsWhite;

    public ListedEnd End { get; } = said.End;

    public NumberSet Set { get; } = new(said.Numbers);
}
