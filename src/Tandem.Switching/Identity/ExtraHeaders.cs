using System.Text;

namespace Tandem.Switching.Identity;

/// <summary>
/// The header fields of the far leg an endpoint is shown: none, all, or some by name. Whatever it says, what the switch owns
/// (<see cref="OwnedHeaders"/>) is never among them.
/// </summary>
public sealed class ExtraHeaders
{
    /// <summary>In place of names: every field that may pass.</summary>
    public const string All = "*";

    public static readonly ExtraHeaders None = new([]);

    private readonly bool _all;
    private readonly byte[][] _names;

    public ExtraHeaders(IReadOnlyCollection<string> names)
    {
        _all = names.Contains(All);
        _names = _all ? [] : [.. names.Select(Encoding.ASCII.GetBytes)];
    }

    public bool ShowsAny => _all || _names.Length > 0;

    /// <summary>The spelling to write a field with; empty when it is not shown. A field asked for by name is written as the operator spells it.</summary>
    public ReadOnlySpan<byte> Spelling(ReadOnlySpan<byte> name)
    {
        if (_all) return name;
        foreach (byte[] known in _names)
        {
            if (Ascii.EqualsIgnoreCase(known, name)) return known;
        }
        return [];
    }

    /// <summary>Null for an entry an operator may list; else why not, in one sentence.</summary>
    public static string? Wrong(string name) => name == All ? null : OwnedHeaders.WhyNever(name);
}
