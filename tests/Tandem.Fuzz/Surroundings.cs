namespace Tandem.Fuzz;

/// <summary>
/// An input where a datagram lies: in the middle of a larger buffer. Twice, with other bytes around it: whoever reads beyond the
/// input says something else of the two.
/// </summary>
internal static class Surroundings
{
    public const int Margin = 64;

    private static readonly byte[] Zeros = new byte[FuzzTarget.MaxBytes + (2 * Margin)];
    private static readonly byte[] Grammar = new byte[FuzzTarget.MaxBytes + (2 * Margin)];

    public static (byte[] Zeros, byte[] Grammar) Place(ReadOnlySpan<byte> input)
    {
        Zeros.AsSpan(0, Margin).Clear();
        Zeros.AsSpan(Margin + input.Length, Margin).Clear();
        // What would tempt a parser that looks too far: line ends, quotes, digits, folds.
        Fill(Grammar.AsSpan(0, Margin));
        Fill(Grammar.AsSpan(Margin + input.Length, Margin));
        input.CopyTo(Zeros.AsSpan(Margin));
        input.CopyTo(Grammar.AsSpan(Margin));
        return (Zeros, Grammar);
    }

    private static void Fill(Span<byte> room)
    {
        ReadOnlySpan<byte> piece = "9\">;,\r\n 7=@:]\n\t"u8;
        for (int i = 0; i < room.Length; i++) room[i] = piece[i % piece.Length];
    }
}
