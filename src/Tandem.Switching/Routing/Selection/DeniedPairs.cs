using System.Diagnostics.CodeAnalysis;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Switching.Routing.Selection;

/// <summary>Pairs of prefixes, of the calling and of the called number: denyCallerCallee. They are not taken, or nothing but they.</summary>
public sealed class DeniedPairs
{
    public const int MaxPairs = 10_000;

    private readonly PrefixTree _callers; // prefix -> pair
    private readonly byte[][] _callees;
    private readonly bool _allow;

    private DeniedPairs(string[][] pairs, bool allow)
    {
        _callers = PrefixTree.Build([.. pairs.Select(static (p, i) => ((ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(p[0]), i))]);
        _callees = [.. pairs.Select(static p => Encoding.ASCII.GetBytes(p[1]))];
        _allow = allow;
    }

    public bool Permits(in DialString caller, in DialString callee) => Has(caller.Bytes, callee.Bytes) == _allow;

    /// <summary>Null where no pair is stated: everything is taken.</summary>
    /// <exception cref="InvalidOperationException">One is no pair; <see cref="Wrong"/> says so before.</exception>
    public static DeniedPairs? Of(IReadOnlyCollection<string> pairs, bool allow) =>
        pairs.Count == 0 ? null : new DeniedPairs([.. pairs.Select(static p => Wrong(p) is { } wrong ? throw new InvalidOperationException(wrong) : p.Split(':'))], allow);

    /// <summary>What is wrong with "caller:callee"; null: nothing. Either may be empty: any number.</summary>
    public static string? Wrong([NotNull] string pair) =>
        pair.Split(':') is [var caller, var callee] && DialString.TryParse(caller.AsSpan(), out _) && DialString.TryParse(callee.AsSpan(), out _) && caller.Length + callee.Length > 0
            ? null : $"'{pair}' is no pair of prefixes: 'caller:callee' is needed, as in 4930:1900";

    private bool Has(ReadOnlySpan<byte> caller, ReadOnlySpan<byte> callee)
    {
        int node = PrefixTree.Root, depth = 0;
        do
        {
            foreach (int pair in _callers.Values(node))
            {
                if (callee.StartsWith(_callees[pair])) return true;
            }
        }
        while (depth < caller.Length && _callers.TryStep(node, caller[depth++], out node));
        return false;
    }
}
