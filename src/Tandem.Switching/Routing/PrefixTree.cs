using System.Runtime.InteropServices;
using Tandem.Primitives;

namespace Tandem.Switching.Routing;

/// <summary>
/// Prefixes of numbers, compiled: a trie in one flat array, as wide as the characters that occur. Nodes are numbered; each has the
/// values put under exactly its prefix. Walking a number costs one array read per matched digit and allocates nothing.
/// </summary>
internal sealed class PrefixTree
{
    private readonly byte[] _class; // character -> column + 1; 0 = occurs in no prefix
    private readonly int _width;
    private readonly int[] _children; // node * width + column -> node; 0 = none (the root is nobody's child)
    private readonly int[] _starts; // node -> first of its values; one more at the end
    private readonly int[] _values;

    private PrefixTree(byte[] classes, int width, int[] children, int[] starts, int[] values)
    {
        _class = classes;
        _width = width;
        _children = children;
        _starts = starts;
        _values = values;
    }

    /// <summary>Values of one prefix keep the order in which they are given.</summary>
    public static PrefixTree Build(IReadOnlyList<(ReadOnlyMemory<byte> Prefix, int Value)> entries)
    {
        byte[] classes = new byte[256];
        int width = 0;
        foreach ((ReadOnlyMemory<byte> prefix, _) in entries)
        {
            foreach (byte b in prefix.Span)
            {
                if (classes[b] == 0) classes[b] = (byte)++width;
            }
        }
        List<int> children = [.. new int[width]];
        List<List<int>> values = [[]];
        foreach ((ReadOnlyMemory<byte> prefix, int value) in entries)
        {
            int node = 0;
            foreach (byte b in prefix.Span)
            {
                int slot = (node * width) + classes[b] - 1;
                if (children[slot] == 0)
                {
                    children[slot] = values.Count;
                    values.Add([]);
                    CollectionsMarshal.SetCount(children, children.Count + width);
                    CollectionsMarshal.AsSpan(children)[^width..].Clear();
                }
                node = children[slot];
            }
            values[node].Add(value);
        }
        int[] starts = new int[values.Count + 1];
        for (int i = 0; i < values.Count; i++) starts[i + 1] = starts[i] + values[i].Count;
        return new PrefixTree(classes, width, [.. children], starts, [.. values.SelectMany(static v => v)]);
    }

    /// <summary>The root: the empty prefix.</summary>
    public const int Root = 0;

    /// <summary>Steps from a node along one character; false where no prefix goes on.</summary>
    public bool TryStep(int node, byte character, out int next)
    {
        int column = _class[character];
        next = column == 0 ? 0 : _children[(node * _width) + column - 1];
        return next != 0;
    }

    /// <summary>Some prefix of the number is in the tree.</summary>
    public bool HasPrefixOf(in DialString number)
    {
        int node = Root, depth = 0;
        ReadOnlySpan<byte> digits = number.Bytes;
        do
        {
            if (_starts[node] != _starts[node + 1]) return true;
        }
        while (depth < digits.Length && TryStep(node, digits[depth++], out node));
        return false;
    }

    /// <summary>The first value of the longest prefix of the number; −1: none.</summary>
    public int LongestOf(in DialString number)
    {
        int node = Root, depth = 0, found = -1;
        ReadOnlySpan<byte> digits = number.Bytes;
        do
        {
            if (_starts[node] != _starts[node + 1]) found = _values[_starts[node]];
        }
        while (depth < digits.Length && TryStep(node, digits[depth++], out node));
        return found;
    }

    /// <summary>The values put under exactly this node's prefix.</summary>
    public ReadOnlySpan<int> Values(int node) => _values.AsSpan(_starts[node], _starts[node + 1] - _starts[node]);
}
