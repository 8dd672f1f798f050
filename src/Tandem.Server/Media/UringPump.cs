using System.Runtime.InteropServices;
using Tandem.Primitives;
using Tandem.Server.Network;

namespace Tandem.Server.Media;

/// <summary>
/// io_uring: one request a port receives for ever, into buffers the kernel takes as packets come; a turn's packets are sent by one
/// system call, which also sleeps. Under load a first packet waits a little for others, so that one wake serves many.
/// </summary>
internal sealed unsafe class UringPump : IPacketPump
{
    private const int Entries = 1024, Buffers = 1024, BufferBytes = 2048;

    // struct io_uring_recvmsg_out, then the sender's address, then the packet.
    private const int HeadBytes = 16, PacketAt = HeadBytes + SockAddr.Size;

    private const int Batch = 64;
    private const ulong SendTag = ulong.MaxValue - 1;

    // A turn that had this many packets is one of a busy thread: the next may gather. Below, each packet is sent on at once.
    private const int BusyTurn = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMicroseconds(500);
    private static readonly TimeSpan Forever = TimeSpan.FromHours(1);

    private readonly IoUring _ring = new(Entries, Buffers, BufferBytes);
    private readonly LibC.MMsgHdr* _shape = (LibC.MMsgHdr*)NativeMemory.AllocZeroed((nuint)sizeof(LibC.MMsgHdr));
    private readonly byte* _addresses = (byte*)NativeMemory.AllocZeroed(Entries, SockAddr.Size);
    private byte* _own; // packets we made ourselves; null until the first
    private readonly List<int> _sockets = [];
    private readonly List<ulong> _tags = [];
    private byte _fixed = IoUring.Entry.FixedFile; // of sends: every socket is known to the ring, until one could not be
    private readonly Queue<int> _toArm = new();
    private readonly int[] _used = new int[Buffers];
    private int _usedCount;
    private int _toTake;
    private int _taken;
    private int _current = -1;
    private long _sendErrors;
    private bool _enabled;
    private bool _disposed;

    public UringPump() => _shape->NameLength = SockAddr.Size;

    public string Name => "io_uring";

    public long SendErrors => Volatile.Read(ref _sendErrors);

    /// <summary>Receives one packet on a socket of its own: kernels differ in parts that only use shows.</summary>
    /// <exception cref="IoUringException">It cannot be had; the message says why.</exception>
    public static void Try()
    {
        int fd = UdpSocket.Open(NetAddress.V4(0x7f000001, 0), sharedPort: false, trafficClass: 0, bufferBytes: 0);
        if (fd < 0) throw new IoUringException($"no socket to try it with: {LibC.Says(-fd)}");
        try
        {
            using var pump = new UringPump();
            pump.Watch(fd, 1);
            byte* address = stackalloc byte[SockAddr.Size];
            uint length = (uint)SockAddr.Write(UdpSocket.LocalAddress(fd), new Span<byte>(address, SockAddr.Size));
            byte probe = 0x80;
            _ = LibC.SendTo(fd, &probe, 1, LibC.MSG_DONTWAIT, address, length);
            bool came = false;
            for (int i = 0; i < 10 && !came; i++)
            {
                pump.Wait(20);
                while (pump.TryNext(out Arrival arrival)) came |= arrival is { Tag: 1, Length: 1 };
            }
            pump.Stop();
            if (!came) throw new IoUringException("a packet sent to try it did not come (multishot receive needs kernel 6.0)");
        }
        finally
        {
            _ = LibC.Close(fd);
        }
    }

    public void Watch(int fd, ulong tag)
    {
        _toArm.Enqueue(_sockets.Count);
        _sockets.Add(fd);
        _tags.Add(tag);
    }

    public void Wait(int millis)
    {
        if (!_enabled) _ring.Enable();
        _enabled = true;
        LetGo();
        while (_toArm.TryDequeue(out int watched)) Arm(watched);
        Recycle();
        bool busy = _taken >= BusyTurn;
        _taken = 0;
        _ring.SubmitAndWait(millis < 0 ? Forever : TimeSpan.FromMilliseconds(millis), Batch, busy ? Patience : TimeSpan.Zero);
        _toTake = _ring.Completed;
    }

    public bool TryNext(out Arrival arrival)
    {
        LetGo();
        while (_toTake > 0)
        {
            _toTake--;
            IoUring.Completion done = _ring.Take();
            if (done.Tag == SendTag)
            {
                Volatile.Write(ref _sendErrors, _sendErrors + 1); // only failures are told
                continue;
            }
            int watched = (int)done.Tag;
            if ((done.Flags & IoUring.More) == 0) _toArm.Enqueue(watched); // an error about an earlier send, or no buffer was free
            arrival = new Arrival { Tag = _tags[watched] };
            if (arrival.Tag == RelayLoop.SignalTag) return true;
            if (!done.HasBuffer) continue;
            _current = done.BufferId;
            byte* buffer = _ring.Buffer(_current);
            if (done.Result < PacketAt)
            {
                LetGo();
                continue;
            }
            _taken++;
            arrival.Length = Math.Max(done.Result - PacketAt, (int)*(uint*)(buffer + 8)); // what came, also where it did not fit
            arrival.Source = SockAddr.Read(new ReadOnlySpan<byte>(buffer + HeadBytes, SockAddr.Size));
            arrival.Bytes = buffer + PacketAt;
            return true;
        }
        arrival = default;
        return false;
    }

    public void Send(int fd, int length, in NetAddress to)
    {
        ref IoUring.Entry entry = ref NextSend(fd, to, out _);
        entry.Address = (ulong)(_ring.Buffer(_current) + PacketAt);
        entry.Length = (uint)length;
    }

    public void Send(int fd, ReadOnlySpan<byte> packet, in NetAddress to)
    {
        ref IoUring.Entry entry = ref NextSend(fd, to, out uint slot);
        if (_own is null) _own = (byte*)NativeMemory.Alloc((nuint)_ring.Capacity, BufferBytes);
        byte* copy = _own + (slot * BufferBytes); // a place for each entry of the ring: free again when the entry is
        packet.CopyTo(new Span<byte>(copy, BufferBytes));
        entry.Address = (ulong)copy;
        entry.Length = (uint)packet.Length;
    }

    private ref IoUring.Entry NextSend(int fd, in NetAddress to, out uint slot)
    {
        if (_ring.Pending == _ring.Capacity) Recycle();
        ref IoUring.Entry entry = ref _ring.Next(out slot);
        byte* address = _addresses + (slot * SockAddr.Size);
        entry.Operation = IoUring.Entry.SendTo;
        entry.Flags = (byte)(IoUring.Entry.SilentSuccess | _fixed);
        entry.Fd = fd;
        entry.OperationFlags = LibC.MSG_DONTWAIT; // carried out as it is submitted, or not at all: then the buffer is free again
        entry.Address2 = (ulong)address;
        entry.AddressLength = (ushort)SockAddr.Write(to, new Span<byte>(address, SockAddr.Size));
        entry.Tag = SendTag;
        return ref entry;
    }

    public void Stop()
    {
        if (!_enabled) return;
        _ring.CancelAllRequests();
        _ring.SubmitAndWait(TimeSpan.Zero, 0, TimeSpan.Zero); // what they still hold is let go of by their owner, in the kernel
        _ring.Forget();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _ring.Dispose();
        NativeMemory.Free(_shape);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_own);
    }

    // The packet last taken was dealt with: its buffer is free once what sends it was submitted.
    private void LetGo()
    {
        if (_current >= 0) _used[_usedCount++] = _current;
        _current = -1;
    }

    private void Recycle()
    {
        _ring.Submit();
        for (int i = 0; i < _usedCount; i++) _ring.ReturnBuffer(_used[i]);
        if (_usedCount > 0) _ring.PublishBuffers();
        _usedCount = 0;
    }

    private void Arm(int watched)
    {
        if (_ring.Pending == _ring.Capacity) _ring.Submit();
        bool known = _ring.Fix(_sockets[watched]);
        if (!known) _fixed = 0;
        ref IoUring.Entry entry = ref _ring.Next(out _);
        entry.Fd = _sockets[watched];
        entry.Tag = (ulong)watched;
        if (_tags[watched] == RelayLoop.SignalTag)
        {
            entry.Operation = IoUring.Entry.PollAdd;
            if (known) entry.Flags = IoUring.Entry.FixedFile;
            entry.Length = IoUring.Entry.PollMultishot;
            entry.OperationFlags = (uint)LibC.POLLIN;
            return;
        }
        entry.Operation = IoUring.Entry.ReceiveMessage;
        entry.Flags = known ? (byte)(IoUring.Entry.BufferSelect | IoUring.Entry.FixedFile) : IoUring.Entry.BufferSelect;
        entry.IoPriority = IoUring.Entry.ReceiveMultishot;
        entry.Address = (ulong)_shape;
        entry.Length = 1;
    }
}
