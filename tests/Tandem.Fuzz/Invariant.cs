using System.Text;

namespace Tandem.Fuzz;

internal static class Invariant
{
    public static void Holds(bool held, string says)
    {
        if (!held) throw new BrokenInvariantException(says);
    }

    public static void Equal(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found, string says)
    {
        if (!expected.SequenceEqual(found)) throw new BrokenInvariantException($"{says}:\n{Encoding.Latin1.GetString(expected)}\nis not\n{Encoding.Latin1.GetString(found)}");
    }
}
