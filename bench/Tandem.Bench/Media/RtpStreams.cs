using System.Buffers.Binary;
using System.Diagnostics;
using Tandem.Media.Rtp;
using Tandem.Media.Srtp;
using Tandem.Primitives;
using Tandem.Server.Network;

namespace Tandem.Bench.Media;

/// <summary>What a stretch of time brought.</summary>
/// <param name="Sent">Packets given to the relay.</param>
/// <param name="Received">Of those, packets that came out of it.</param>
/// <param name="DelaysMicros">Their delays, a count for each step of <see cref="RtpStreams.StepMicros"/>.</param>
/// <param name="JitterMicros">Mean difference of the delays of two packets of a stream that follow each other.</param>
internal sealed record RtpHeard(long Sent, long Received, long[] DelaysMicros, double JitterMicros)
{
    public double Percentile(double p)
    {
        long sought = (long)(p * DelaysMicros.Sum()), seen = 0;
        for (int i = 0; i < DelaysMicros.Length; i++)
        {
            seen += DelaysMicros[i];
            if (seen > sought) return (i + 1) * RtpStreams.StepMicros;
        }
        return double.NaN;
    }

    public double LostOf1000 => Sent == 0 ? 0 : 1000.0 * Math.Max(0, Sent - Received) / Sent;
}

/// <summary>
/// Two-way calls of G.711 as a phone sends it: each end a socket of its own, 172 bytes every 20 ms, spread evenly over the 20 ms. One thread sends,
/// one receives; a packet's number tells the moment it was sent. Callers may be encrypted: what they hear is counted without its delay.
/// </summary>
internal sealed class RtpStreams : IDisposable
{
    public const int StepMicros = 10;

    private const int PacketBytes = 172, SlotsPerPacket = 20, Remembered = 128;

    private readonly SrtpSender[] _senders = [];
    private readonly int[] _sockets;
    private readonly NetAddress[] _towards;
    private readonly long[] _lastDelay;
    private readonly long[] _sentAt;
    private readonly long[] _delays = new long[10_000];
    private readonly int _epoll = LibC.EpollCreate1(LibC.EPOLL_CLOEXEC);
    private long _sent, _received, _jitter, _jitterCount;
    private long _firstSequence; // goes on from run to run: numbers that come again are replays to SRTP
    private volatile bool _stop;

    /// <param name="calls">Each is two streams: 2i the caller's end, 2i + 1 the called's.</param>
    /// <param name="suite">Of the callers; null: nothing is encrypted.</param>
    /// <param name="calledFormat">The called ends' payload type; callers speak A-law.</param>
    public unsafe RtpStreams(int calls, SrtpSuite? suite = null, int calledFormat = MediaSdp.Alaw)
    {
        CalledFormat = calledFormat;
        _sentAt = new long[2 * calls * Remembered];
        if (suite is { } encrypted)
        {
            Key = new SrtpKey(encrypted, [.. Enumerable.Range(1, encrypted.KeyBytes() + encrypted.SaltBytes()).Select(static i => (byte)(i * 37))]);
            _senders = [.. Enumerable.Range(0, calls).Select(_ => new SrtpSender(Key))];
        }
        _sockets = new int[2 * calls];
        _towards = new NetAddress[2 * calls];
        _lastDelay = new long[2 * calls];
        byte* watched = stackalloc byte[16];
        for (int i = 0; i < _sockets.Length; i++)
        {
            _sockets[i] = UdpSocket.Open(NetAddress.Parse("127.0.0.1:0"), sharedPort: false, trafficClass: 0, bufferBytes: 0);
            if (_sockets[i] < 0) throw new BenchException($"no socket for stream {i}: {LibC.Says(-_sockets[i])} (raise 'ulimit -n')");
            EpollEvents.Write(watched, LibC.EPOLLIN, (ulong)i);
            _ = LibC.EpollCtl(_epoll, LibC.EPOLL_CTL_ADD, _sockets[i], watched);
        }
    }

    /// <summary>What callers send with; null: in the clear.</summary>
    public SrtpKey? Key { get; }

    public int CalledFormat { get; }

    public int Calls => _sockets.Length / 2;

    public NetAddress Local(int stream) => UdpSocket.LocalAddress(_sockets[stream]);

    /// <summary>Where the stream's packets go.</summary>
    public void Send(int stream, in NetAddress to) => _towards[stream] = to;

    /// <summary>Sends and receives for so long; <paramref name="begins"/> and <paramref name="ends"/> mark the part that counts, a second later.</summary>
    public async Task<RtpHeard> Run(TimeSpan time, Action begins, Action ends, CancellationToken stop)
    {
        _stop = false;
        Task sending = Task.Factory.StartNew(SendLoop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task receiving = Task.Factory.StartNew(ReceiveLoop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1), stop);
            Array.Clear(_delays);
            long sent = Volatile.Read(ref _sent), received = Volatile.Read(ref _received), jitter = _jitter, jitterCount = _jitterCount;
            begins();
            await Task.Delay(time, stop);
            ends();
            var heard = new RtpHeard(Volatile.Read(ref _sent) - sent, Volatile.Read(ref _received) - received, [.. _delays], (_jitter - jitter) / (double)Math.Max(1, _jitterCount - jitterCount));
            return heard;
        }
        finally
        {
            _stop = true;
            await sending;
            await receiving;
        }
    }

    public void Dispose()
    {
        foreach (SrtpSender sender in _senders) sender.Dispose();
        foreach (int socket in _sockets) _ = LibC.Close(socket);
        _ = LibC.Close(_epoll);
    }

    private unsafe void SendLoop()
    {
        byte* packet = stackalloc byte[PacketBytes + SrtpSuites.MostGrowth];
        byte* address = stackalloc byte[SockAddr.Size];
        var bytes = new Span<byte>(packet, PacketBytes + SrtpSuites.MostGrowth);
        long slot = 0, began = Stopwatch.GetTimestamp();
        LibC.PollFd nothing = default;
        while (!_stop)
        {
            long due = (Stopwatch.GetElapsedTime(began).Ticks / TimeSpan.TicksPerMillisecond) + 1;
            for (; slot < due; slot++)
            {
                int phase = (int)(slot % SlotsPerPacket);
                long sequence = _firstSequence + (slot / SlotsPerPacket);
                for (int i = phase; i < _sockets.Length; i += SlotsPerPacket)
                {
                    bytes.Fill(0xd5);
                    RtpHeader.Write(bytes, (byte)((i & 1) == 0 ? MediaSdp.Alaw : CalledFormat), marker: false, (ushort)sequence, (uint)(sequence * 160), (uint)i + 1);
                    Volatile.Write(ref _sentAt[((i ^ 1) * Remembered) + (int)(sequence % Remembered)], Stopwatch.GetTimestamp());
                    int size = PacketBytes;
                    if (_senders.Length > 0 && (i & 1) == 0) _senders[i / 2].SealRtp(bytes, ref size);
                    uint length = (uint)SockAddr.Write(_towards[i], new Span<byte>(address, SockAddr.Size));
                    if (LibC.SendTo(_sockets[i], packet, (nuint)size, LibC.MSG_DONTWAIT, address, length) > 0) Volatile.Write(ref _sent, _sent + 1);
                }
            }
            LibC.TimeSpec rest = new() { Nanoseconds = Math.Max(50_000, (long)(1_000_000 - (Stopwatch.GetElapsedTime(began).TotalNanoseconds % 1_000_000))) };
            _ = LibC.PPoll(&nothing, 0, &rest, null);
        }
        _firstSequence += (slot / SlotsPerPacket) + 1;
    }

    private unsafe void ReceiveLoop()
    {
        const int Events = 256;
        byte* events = stackalloc byte[Events * 16];
        byte* packet = stackalloc byte[2048];
        uint none = 0;
        while (!_stop)
        {
            int ready = LibC.EpollWait(_epoll, events, Events, 100);
            for (int e = 0; e < ready; e++)
            {
                int stream = (int)EpollEvents.Data(events, e);
                nint length = LibC.RecvFrom(_sockets[stream], packet, 2048, LibC.MSG_DONTWAIT, null, &none);
                if (length > PacketBytes && _senders.Length > 0 && (stream & 1) == 0) Volatile.Write(ref _received, _received + 1); // encrypted: counted without its delay
                if (length != PacketBytes) continue;
                long micros = Stopwatch.GetElapsedTime(Volatile.Read(ref _sentAt[(stream * Remembered) + (BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(packet + 2, 2)) % Remembered)])).Ticks / 10;
                _delays[(int)Math.Clamp(micros / StepMicros, 0, _delays.Length - 1)]++;
                if (_lastDelay[stream] > 0)
                {
                    _jitter += Math.Abs(micros - _lastDelay[stream]);
                    _jitterCount++;
                }
                _lastDelay[stream] = micros;
                Volatile.Write(ref _received, _received + 1);
            }
        }
    }
}
