using System.Security.Cryptography;
using Tandem.Primitives;

namespace Tandem.Server.Loops;

/// <summary>
/// The operating system's random numbers, fetched 4 KiB at a time. One thread's own: every loop has its own. Bytes handed out
/// are wiped, so a look at the memory later does not tell a nonce or a tag that was given.
/// </summary>
public sealed class OsEntropy : EntropySource
{
    private readonly byte[] _block = new byte[4096];
    private int _used = 4096;

    public override void Fill(Span<byte> bytes)
    {
        if (bytes.Length > _block.Length)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }
        if (bytes.Length > _block.Length - _used)
        {
            RandomNumberGenerator.Fill(_block);
            _used = 0;
        }
        Span<byte> taken = _block.AsSpan(_used, bytes.Length);
        taken.CopyTo(bytes);
        taken.Clear();
        _used += bytes.Length;
    }
}
