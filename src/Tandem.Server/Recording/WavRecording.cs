using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tandem.Media.Streams;
using Tandem.Media.Wav;
using Tandem.Primitives;
using Tandem.Switching.Calls;

namespace Tandem.Server.Recording;

/// <summary>One recording: the shard begins and ends it, the media thread fills its ring, the writer's thread does all the rest.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The writer closes the file when the recording is over.")]
internal sealed class WavRecording : IRecording
{
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(500); // later than that no packet is waited for

    private readonly RecordingRing _ring = new();
    private readonly StereoTrack _track;
    private readonly byte[] _codes = new byte[4_096];
    private readonly Action<ReadOnlyMemory<short>> _write;
    private FileStream? _stream;
    private long _dataBytes;
    private volatile bool _ended;

    public WavRecording(string file, Instant begin)
    {
        File = file;
        _track = new StereoTrack(begin);
        _write = Write;
    }

    public string File { get; }

    public IAudioTap Tap => _ring;

    /// <summary>Bytes in the file so far.</summary>
    public long Bytes => WavFile.HeaderSize + _dataBytes;

    public long Lost => _ring.Lost;

    public void End() => _ended = true;

    /// <summary>Opens the file if need be and writes what is settled. True: it is complete, and the file is closed.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public bool Advance(string folder, Instant now)
    {
        bool last = _ended;
        if (_stream is null)
        {
            string path = Path.Combine(folder, File);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            _stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 15);
            WriteHeader();
        }
        while (_ring.TryTake(_codes, out RecordedPacket packet)) _track.Put(packet, _codes.AsSpan(0, packet.Length), _write);
        _track.Flush(last ? _track.At(now) : _track.At(now - Settled), _write);
        if (!last) return false;
        WriteHeader();
        Close();
        return true;
    }

    /// <summary>Lets go of the file; what is in it stays.</summary>
    public void Close()
    {
        _stream?.Dispose();
        _stream = null;
    }

    private void Write(ReadOnlyMemory<short> samples)
    {
        if (_dataBytes > WavFile.MostDataBytes - (2 * samples.Length)) return; // thirty-seven hours: the format's end
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(samples.Span);
        if (BitConverter.IsLittleEndian)
        {
            _stream!.Write(bytes);
        }
        else
        {
            Span<byte> two = stackalloc byte[2];
            foreach (short sample in samples.Span)
            {
                BinaryPrimitives.WriteInt16LittleEndian(two, sample);
                _stream!.Write(two);
            }
        }
        _dataBytes += bytes.Length;
    }

    private void WriteHeader()
    {
        Span<byte> header = stackalloc byte[WavFile.HeaderSize];
        WavFile.WriteHeader(header, channels: 2, _dataBytes);
        _stream!.Position = 0;
        _stream.Write(header);
        _stream.Seek(0, SeekOrigin.End);
    }
}
