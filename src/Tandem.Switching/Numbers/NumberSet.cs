using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Numbers;

/// <summary>Numbers stated one by one, and beginnings of numbers stated with a star at the end ("44*"); compiled. One hash look-up and one walk along the digits, no allocation.</summary>
public sealed class NumberSet
{
    public static readonly NumberSet Empty = new([]);

    private readonly HashSet<DialString> _numbers;
    private readonly PrefixTree? _prefixes;

    /// <param name="texts">Each a number or a beginning with a star; checked by <see cref="Wrong"/>.</param>
    public NumberSet(IEnumerable<string> texts)
    {
        _numbers = [];
        List<(ReadOnlyMemory<byte>, int)> prefixes = [];
        foreach (string text in texts)
        {
            if (text[^1] == '*') prefixes.Add((Encoding.ASCII.GetBytes(text[..^1]), 0));
            else _numbers.Add(DialString.Parse(text));
        }
        _prefixes = prefixes.Count == 0 ? null : PrefixTree.Build(prefixes);
    }

    /// <summary>Numbers stated one by one, in no order.</summary>
    public IReadOnlyCollection<DialString> Numbers => _numbers;

    public bool Contains(in DialString number) => _numbers.Contains(number) || (_prefixes is not null && _prefixes.HasPrefixOf(number));

    /// <summary>What is wrong with an entry; null: nothing.</summary>
    public static string? Wrong(string text) =>
        text.Length > 0 && DialString.TryParse(text.AsSpan(), out _) ? null
        : $"'{(text.Length > 64 ? text[..64] + "..." : text)}' is no number (at most {DialString.MaxLength} of 0-9 # + - . _ and letters) and no beginning of one with * at its end";
}
