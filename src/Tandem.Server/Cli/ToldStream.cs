using System.Diagnostics;
using System.Globalization;

namespace Tandem.Server.Cli;

/// <summary>A file on its way: says on the error output every two seconds how much of it was sent.</summary>
internal sealed class ToldStream(Stream file, long length, Terminal terminal) : Stream
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _toldAt = Every;
    private long _sent;
    private bool _whole;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _sent;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Told(file.Read(buffer, offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Told(await file.ReadAsync(buffer, cancellationToken));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Told(int read)
    {
        _sent += read;
        if (read == 0 && !_whole && _watch.Elapsed >= Every)
        {
            _whole = true;
            terminal.Progress($"all {Megabytes(_sent)} MB sent; the switch sorts and writes them");
        }
        if (_watch.Elapsed < _toldAt || read == 0) return read;
        _toldAt = _watch.Elapsed + Every;
        terminal.Progress(length > 0 ? $"{Megabytes(_sent)} of {Megabytes(length)} MB sent" : $"{Megabytes(_sent)} MB sent");
        return read;
    }

    private static string Megabytes(long bytes) => (bytes / 1_000_000).ToString(CultureInfo.InvariantCulture);
}
