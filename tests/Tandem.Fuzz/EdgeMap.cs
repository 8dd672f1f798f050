using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Tandem.Fuzz;

/// <summary>The edges an input reaches in an instrumented parser: SharpFuzz counts each in one byte of a map of 65,536.</summary>
internal sealed unsafe class EdgeMap
{
    private const int Size = 1 << 16;

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _seen = new byte[Size];

    public EdgeMap() => Trace.SharedMem = _map;

    /// <summary>Edges reached since the start, however often.</summary>
    public int Edges => _seen.Count(static s => s != 0);

    /// <summary>Runs it; true when it went where no input before it did, or clearly more often.</summary>
    public bool Reaches(Action run)
    {
        new Span<byte>(_map, Size).Clear();
        Trace.PrevLocation = 0;
        run();
        bool isNew = false;
        for (int i = 0; i < Size; i++)
        {
            byte times = Bucket(_map[i]);
            if ((_seen[i] | times) == _seen[i]) continue;
            _seen[i] |= times;
            isNew = true;
        }
        return isNew;
    }

    // As AFL does: once, twice, thrice, and then in steps that double.
    private static byte Bucket(byte times) => times switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
