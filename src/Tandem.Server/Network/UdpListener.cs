using System.Runtime.InteropServices;
using Tandem.Primitives;

namespace Tandem.Server.Network;

/// <summary>How a <see cref="UdpListener"/> is opened.</summary>
/// <param name="SharedPort">SO_REUSEPORT: several shards bind the same port and the kernel spreads the sources over them.</param>
/// <param name="TrafficClass">The whole TOS / traffic class byte; 0x60 is CS3, 0xa0 CS5 (RFC 4594 §4.2), 0 leaves packets unmarked.</param>
/// <param name="SocketBufferBytes">Asked of the kernel for either direction; a turn that takes 20 ms at 10,000 messages/s holds 200 of them.</param>
public sealed record UdpListenerOptions(bool SharedPort = false, byte TrafficClass = 0, int SocketBufferBytes = 4 << 20);

/// <summary>
/// A UDP port read and written in batches (recvmmsg, sendmmsg) by the one thread that owns it. Nothing is allocated per message.
/// What <see cref="Send"/> is given leaves at <see cref="Flush"/>, never before: the journal is written in between.
/// </summary>
public sealed unsafe class UdpListener : IDisposable
{
    /// <summary>Datagrams taken by one system call.</summary>
    public const int BatchSize = 32;

    /// <summary>The largest UDP payload over IPv4 (IPv6 allows 20 bytes more, which nobody sends).</summary>
    public const int LargestPayload = 65_507;

    /// <summary>What may wait for one flush; beyond it a message is dropped and counted, and its retransmission tries again.</summary>
    public const int MostPending = 8_192, MostPendingBytes = 16 << 20;

    // A slot takes any datagram whole: only the pages written to are ever resident. The odd 17 cache lines keep
    // the starts of the slots from falling into the same cache sets.
    private const int SlotBytes = 65_536 + (17 * 64);

    private const int SendBatch = 64;

    private readonly int _fd;
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(BatchSize * SlotBytes, pinned: true);
    private readonly LibC.MMsgHdr* _receiveHeaders;
    private readonly LibC.MMsgHdr* _sendHeaders;
    private byte[] _pendingBytes = GC.AllocateUninitializedArray<byte>(256 << 10, pinned: true);
    private Pending[] _pending = new Pending[256];
    private int _pendingCount;
    private int _pendingUsed;
    private long _datagramsIn;
    private long _datagramsOut;
    private long _sendErrors;
    private long _receiveErrors;
    private bool _disposed;

    /// <param name="what">What the port is for, as an operator's sentence begins: "the SIP port".</param>
    /// <param name="bind">Address and port; port 0 lets the kernel choose.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="PortUnavailableException">The port is taken, forbidden, or not of this machine; the message says which.</exception>
    public UdpListener(string what, in NetAddress bind, UdpListenerOptions? options = null)
    {
        options ??= new UdpListenerOptions();
        _fd = UdpSocket.Open(bind, options.SharedPort, options.TrafficClass, options.SocketBufferBytes);
        if (_fd < 0) throw PortUnavailableException.For(what, bind, -_fd);
        Local = UdpSocket.LocalAddress(_fd);
        _receiveHeaders = Headers(BatchSize);
        _sendHeaders = Headers(SendBatch);
        byte* slots = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_received, 0);
        for (int i = 0; i < BatchSize; i++)
        {
            _receiveHeaders[i].Vectors->Base = slots + (i * SlotBytes);
            _receiveHeaders[i].Vectors->Length = SlotBytes;
        }
    }

    /// <summary>Where it is bound, the port as the kernel gave it.</summary>
    public NetAddress Local { get; }

    /// <summary>The slab all received datagrams lie in until the next <see cref="ReceiveBatch"/>.</summary>
    public byte[] Buffer => _received;

    public long DatagramsIn => Volatile.Read(ref _datagramsIn);

    public long DatagramsOut => Volatile.Read(ref _datagramsOut);

    /// <summary>Messages that could not be sent: no room, no route, wrong family, too long, or refused by the kernel.</summary>
    public long SendErrors => Volatile.Read(ref _sendErrors);

    public long ReceiveErrors => Volatile.Read(ref _receiveErrors);

    /// <summary>Datagrams the kernel dropped because this port was not read fast enough.</summary>
    public long QueueDrops => UdpSocket.QueueDrops(_fd);

    internal int Descriptor => _fd;

    /// <summary>Takes what is there, at most <see cref="BatchSize"/> datagrams, without waiting. Fewer means the socket was emptied.</summary>
    public int ReceiveBatch()
    {
        for (int i = 0; i < BatchSize; i++) _receiveHeaders[i].NameLength = SockAddr.Size;
        int count = LibC.RecvMMsg(_fd, _receiveHeaders, BatchSize, LibC.MSG_DONTWAIT, null);
        if (count < 0)
        {
            if (LibC.Errno is not (LibC.EAGAIN or LibC.EINTR)) Volatile.Write(ref _receiveErrors, _receiveErrors + 1);
            return 0;
        }
        Volatile.Write(ref _datagramsIn, _datagramsIn + count);
        return count;
    }

    /// <summary>Who sent the datagram of this place in the batch.</summary>
    public NetAddress Source(int index) => SockAddr.Read(new ReadOnlySpan<byte>(_receiveHeaders[index].Name, SockAddr.Size));

    /// <summary>Where it begins in <see cref="Buffer"/>.</summary>
    public static int Offset(int index) => index * SlotBytes;

    public int Length(int index) => (int)_receiveHeaders[index].Length;

    /// <summary>Copies the datagram and keeps it for <see cref="Flush"/>. What cannot be sent is dropped and counted.</summary>
    public void Send(in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > LargestPayload || to.IsV6 != Local.IsV6 || to.Port == 0 || !MakeRoom(datagram.Length))
        {
            Volatile.Write(ref _sendErrors, _sendErrors + 1);
            return;
        }
        datagram.CopyTo(_pendingBytes.AsSpan(_pendingUsed));
        _pending[_pendingCount++] = new Pending(to, _pendingUsed, datagram.Length);
        _pendingUsed += datagram.Length;
    }

    /// <summary>Sends everything kept since the last flush, in order. Returns how many datagrams the kernel took.</summary>
    public int Flush()
    {
        if (_pendingCount == 0) return 0;
        int sent = 0;
        bool open = true;
        for (int at = 0; at < _pendingCount && open; at += SendBatch)
        {
            int batch = Math.Min(SendBatch, _pendingCount - at);
            Fill(at, batch);
            open = SendFilled(batch, ref sent);
        }
        Volatile.Write(ref _datagramsOut, _datagramsOut + sent);
        if (sent < _pendingCount) Volatile.Write(ref _sendErrors, _sendErrors + (_pendingCount - sent));
        _pendingCount = 0;
        _pendingUsed = 0;
        return sent;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _ = LibC.Close(_fd);
        NativeMemory.Free(_receiveHeaders);
        NativeMemory.Free(_sendHeaders);
    }

    /// <summary>Waits until a datagram is there. For those who own a listener without a loop.</summary>
    internal bool WaitReadable(TimeSpan atMost) => Wait(LibC.POLLIN, atMost);

    /// <summary>False when the network card takes no more: the rest is left to retransmission, a shard never waits long.</summary>
    private bool SendFilled(int batch, ref int sent)
    {
        int at = 0, waits = 0, refusals = 0;
        while (at < batch)
        {
            int taken = LibC.SendMMsg(_fd, _sendHeaders + at, (uint)(batch - at), LibC.MSG_DONTWAIT);
            if (taken > 0)
            {
                sent += taken;
                at += taken;
                continue;
            }
            switch (LibC.Errno)
            {
                case LibC.EINTR:
                case LibC.ECONNREFUSED when refusals++ < batch: // tells of an earlier datagram, not of this one
                    break;
                case LibC.EAGAIN or LibC.ENOBUFS:
                    if (waits++ == 2) return false;
                    Wait(LibC.POLLOUT, TimeSpan.FromMilliseconds(2));
                    break;
                default: // this one cannot be sent (no route, forbidden); the others can
                    at++;
                    break;
            }
        }
        return true;
    }

    private void Fill(int from, int count)
    {
        byte* bytes = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_pendingBytes, 0);
        for (int i = 0; i < count; i++)
        {
            ref readonly Pending message = ref _pending[from + i];
            LibC.MMsgHdr* header = _sendHeaders + i;
            header->NameLength = (uint)SockAddr.Write(message.To, new Span<byte>(header->Name, SockAddr.Size));
            header->Vectors->Base = bytes + message.Offset;
            header->Vectors->Length = (nuint)message.Length;
        }
    }

    private bool MakeRoom(int length)
    {
        if (_pendingCount == _pending.Length)
        {
            if (_pendingCount == MostPending) return false;
            Array.Resize(ref _pending, _pendingCount * 2);
        }
        if (length <= _pendingBytes.Length - _pendingUsed) return true;
        if (_pendingBytes.Length == MostPendingBytes) return false;
        byte[] larger = GC.AllocateUninitializedArray<byte>(_pendingBytes.Length * 2, pinned: true);
        _pendingBytes.AsSpan(0, _pendingUsed).CopyTo(larger);
        _pendingBytes = larger;
        return true;
    }

    private bool Wait(short events, TimeSpan atMost)
    {
        LibC.PollFd poll = new() { Fd = _fd, Events = events };
        LibC.TimeSpec timeout = new() { Seconds = atMost.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = atMost.Ticks % TimeSpan.TicksPerSecond * 100 };
        return LibC.PPoll(&poll, 1, &timeout, null) > 0;
    }

    // One block: the headers, their vectors, their socket addresses.
    private static LibC.MMsgHdr* Headers(int count)
    {
        int each = sizeof(LibC.MMsgHdr) + sizeof(LibC.IoVec) + SockAddr.Size;
        byte* block = (byte*)NativeMemory.AllocZeroed((nuint)(count * each));
        LibC.MMsgHdr* headers = (LibC.MMsgHdr*)block;
        LibC.IoVec* vectors = (LibC.IoVec*)(headers + count);
        byte* names = (byte*)(vectors + count);
        for (int i = 0; i < count; i++)
        {
            headers[i].Name = names + (i * SockAddr.Size);
            headers[i].Vectors = vectors + i;
            headers[i].VectorCount = 1;
        }
        return headers;
    }

    private readonly record struct Pending(NetAddress To, int Offset, int Length);
}
