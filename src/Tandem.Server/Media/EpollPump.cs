using System.Runtime.InteropServices;
using Tandem.Primitives;
using Tandem.Server.Network;

namespace Tandem.Server.Media;

/// <summary>epoll over the ports, and a non-blocking recvfrom and sendto for each packet.</summary>
internal sealed unsafe class EpollPump : IPacketPump
{
    private const int EventsPerTurn = 256;

    private readonly int _epoll;
    private readonly byte* _packet = (byte*)NativeMemory.Alloc(PacketPump.Room + Tandem.Media.Srtp.SrtpSuites.MostGrowth);
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed(EventsPerTurn, (nuint)EpollEvents.Size);
    private readonly List<int> _sockets = [];
    private readonly List<ulong> _tags = [];
    private int _ready;
    private int _taken;
    private long _sendErrors;
    private bool _disposed;

    public EpollPump()
    {
        _epoll = LibC.EpollCreate1(LibC.EPOLL_CLOEXEC);
        if (_epoll < 0) throw new InvalidOperationException($"No epoll: {LibC.Says(LibC.Errno)}.");
    }

    public string Name => "epoll";

    public long SendErrors => Volatile.Read(ref _sendErrors);

    public void Watch(int fd, ulong tag)
    {
        byte* watched = stackalloc byte[16];
        EpollEvents.Write(watched, LibC.EPOLLIN, (ulong)_sockets.Count);
        _sockets.Add(fd);
        _tags.Add(tag);
        if (LibC.EpollCtl(_epoll, LibC.EPOLL_CTL_ADD, fd, watched) != 0) throw new InvalidOperationException($"epoll_ctl: {LibC.Says(LibC.Errno)}.");
    }

    public void Wait(int millis)
    {
        _taken = 0;
        _ready = Math.Max(LibC.EpollWait(_epoll, _events, EventsPerTurn, millis), 0);
    }

    public bool TryNext(out Arrival arrival)
    {
        byte* address = stackalloc byte[SockAddr.Size];
        while (_taken < _ready)
        {
            int watched = (int)EpollEvents.Data(_events, _taken++);
            arrival = new Arrival { Tag = _tags[watched], Bytes = _packet };
            if (arrival.Tag == RelayLoop.SignalTag) return true;
            uint addressLength = SockAddr.Size;
            nint length = LibC.RecvFrom(_sockets[watched], _packet, PacketPump.Room, LibC.MSG_DONTWAIT | LibC.MSG_TRUNC, address, &addressLength);
            if (length < 0) continue; // nothing there after all, or an error about an earlier send
            arrival.Length = (int)length;
            arrival.Source = SockAddr.Read(new ReadOnlySpan<byte>(address, SockAddr.Size));
            return true;
        }
        arrival = default;
        return false;
    }

    public void Send(int fd, int length, in NetAddress to)
    {
        byte* address = stackalloc byte[SockAddr.Size];
        uint addressLength = (uint)SockAddr.Write(to, new Span<byte>(address, SockAddr.Size));
        if (LibC.SendTo(fd, _packet, (nuint)length, LibC.MSG_DONTWAIT, address, addressLength) < 0) Volatile.Write(ref _sendErrors, _sendErrors + 1);
    }

    public void Send(int fd, ReadOnlySpan<byte> packet, in NetAddress to)
    {
        byte* address = stackalloc byte[SockAddr.Size];
        uint length = (uint)SockAddr.Write(to, new Span<byte>(address, SockAddr.Size));
        fixed (byte* bytes = packet)
        {
            if (LibC.SendTo(fd, bytes, (nuint)packet.Length, LibC.MSG_DONTWAIT, address, length) < 0) Volatile.Write(ref _sendErrors, _sendErrors + 1);
        }
    }

    public void Stop()
    {
        // epoll forgets a socket that is closed
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _ = LibC.Close(_epoll);
        NativeMemory.Free(_packet);
        NativeMemory.Free(_events);
    }
}
