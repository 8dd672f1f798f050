using System.Text;
using Tandem.Primitives;

namespace Tandem.Switching.Calls;

/// <summary>One entry of a decision log, read back: when it was written (from the call's start) and its arguments in order.</summary>
public sealed record DecisionEntry(DecisionKind Kind, TimeSpan At, IReadOnlyList<string> Texts, IReadOnlyList<long> Numbers);

/// <summary>Reads what <see cref="DecisionLog"/> wrote. For the edges: it makes strings. A cut log gives the entries before the cut.</summary>
public static class DecisionLogReader
{
    public static IReadOnlyList<DecisionEntry> Read(ReadOnlySpan<byte> log)
    {
        var entries = new List<DecisionEntry>();
        while (log.Length >= 6)
        {
            var kind = (DecisionKind)log[0];
            long tens = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(log[1..]);
            int length = log[5];
            if (log.Length < 6 + length) break;
            var texts = new List<string>(4);
            var numbers = new List<long>(4);
            ReadOnlySpan<byte> arguments = log.Slice(6, length);
            while (!arguments.IsEmpty)
            {
                int n = arguments[0] & 0x7f;
                if (arguments.Length < 1 + n) break;
                ReadOnlySpan<byte> bytes = arguments.Slice(1, n);
                if ((arguments[0] & 0x80) == 0) texts.Add(Encoding.UTF8.GetString(bytes));
                else numbers.Add(Number(bytes));
                arguments = arguments[(1 + n)..];
            }
            entries.Add(new DecisionEntry(kind, TimeSpan.FromMicroseconds(tens * 10), texts, numbers));
            log = log[(6 + length)..];
        }
        return entries;
    }

    private static long Number(ReadOnlySpan<byte> bytes)
    {
        long value = bytes.Length > 0 && bytes[0] >= 0x80 ? -1 : 0;
        foreach (byte b in bytes) value = (value << 8) | b;
        return value;
    }
}
