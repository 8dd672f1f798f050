using System.Diagnostics;

namespace Tandem.Primitives.Bytes;

/// <summary>
/// Byte arrays lent and taken back, by powers of two from 128 B to 64 KiB. One owner, no lock: every shard has its own.
/// At most <c>keepBytesPerSize</c> of free arrays of a size are kept; what comes back beyond that goes to the collector. The
/// default holds what 32 s of transactions (RFC 3261 Timer J) at 1,000 calls/s give back.
/// </summary>
public sealed class BytePool(int keepBytesPerSize = 32 << 20)
{
    private const int Smallest = 7; // 128 B
    private const int Largest = 16; // 64 KiB

    private readonly Stack<byte[]>[] _free = [.. Enumerable.Range(Smallest, Largest - Smallest + 1).Select(static _ => new Stack<byte[]>())];

    /// <summary>Arrays lent and not yet returned: zero when every call is over.</summary>
    public int Outstanding { get; private set; }

    public byte[] Rent(int atLeast)
    {
        Debug.Assert(atLeast <= 1 << Largest);
        int size = Index(atLeast);
        Outstanding++;
        return _free[size].TryPop(out byte[]? array) ? array : GC.AllocateUninitializedArray<byte>(1 << (size + Smallest));
    }

    /// <summary>A rented copy of <paramref name="bytes"/>; its length is the caller's to remember.</summary>
    public byte[] Copy(ReadOnlySpan<byte> bytes)
    {
        byte[] array = Rent(bytes.Length);
        bytes.CopyTo(array);
        return array;
    }

    public void Return(byte[] array)
    {
        int size = Index(array.Length);
        Debug.Assert(array.Length == 1 << (size + Smallest));
        Outstanding--;
        Stack<byte[]> stack = _free[size];
        if (stack.Count < keepBytesPerSize >> (size + Smallest)) stack.Push(array);
    }

    private static int Index(int bytes) => bytes <= 1 << Smallest ? 0 : 32 - int.LeadingZeroCount(bytes - 1) - Smallest;
}
