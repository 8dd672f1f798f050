using System.Runtime.InteropServices;

namespace Tandem.Server.Network;

/// <summary>
/// The Linux calls the loops make, as libc names them. Layouts and constants are those of 64-bit little-endian Linux (x86-64
/// and arm64 agree on all but <see cref="EpollEvents"/>); glibc and musl both.
/// </summary>
internal static unsafe partial class LibC
{
    public const int AF_INET = 2, AF_INET6 = 10, SOCK_DGRAM = 2, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
    public const int IPPROTO_IP = 0, IPPROTO_IPV6 = 41, IP_TOS = 1, IPV6_V6ONLY = 26, IPV6_TCLASS = 67;
    public const int SOL_SOCKET = 1, SO_SNDBUF = 7, SO_RCVBUF = 8, SO_REUSEPORT = 15, SO_SNDBUFFORCE = 32, SO_RCVBUFFORCE = 33, SO_MEMINFO = 55;
    public const int MSG_DONTWAIT = 0x40, MSG_TRUNC = 0x20;
    public const int EPOLL_CLOEXEC = 0x80000, EPOLL_CTL_ADD = 1, EPOLLIN = 1;
    public const int EFD_NONBLOCK = 0x800, EFD_CLOEXEC = 0x80000;
    public const int RLIMIT_NOFILE = 7;
    public const short POLLIN = 1, POLLOUT = 4;
    public const int EINTR = 4, EAGAIN = 11, EACCES = 13, EINVAL = 22, EMFILE = 24, ENFILE = 23, ETIME = 62, EADDRINUSE = 98, EADDRNOTAVAIL = 99, ENOBUFS = 105, ECONNREFUSED = 111;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSockName(int fd, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSockOpt(int fd, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSockOpt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int RecvMMsg(int fd, MMsgHdr* messages, uint count, int flags, TimeSpec* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMMsg(int fd, MMsgHdr* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint RecvFrom(int fd, byte* buffer, nuint length, int flags, byte* address, uint* addressLength);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int fd, byte* buffer, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int PPoll(PollFd* fds, nuint count, TimeSpec* timeout, void* signalMask);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate1(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollCtl(int epoll, int operation, int fd, byte* epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int maxEvents, int timeoutMillis);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetRLimit(int resource, RLimit* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    public static partial int SetRLimit(int resource, RLimit* limit);

    public static int Errno => Marshal.GetLastPInvokeError();

    public static string Says(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct IoVec
    {
        [FieldOffset(0)] public byte* Base;
        [FieldOffset(8)] public nuint Length;
    }

    /// <summary>struct mmsghdr: a msghdr of 56 bytes and the length that went through.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct MMsgHdr
    {
        [FieldOffset(0)] public byte* Name;
        [FieldOffset(8)] public uint NameLength;
        [FieldOffset(16)] public IoVec* Vectors;
        [FieldOffset(24)] public nuint VectorCount;
        [FieldOffset(32)] public void* Control;
        [FieldOffset(40)] public nuint ControlLength;
        [FieldOffset(48)] public int Flags;
        [FieldOffset(56)] public uint Length;
    }

    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct TimeSpec
    {
        [FieldOffset(0)] public long Seconds;
        [FieldOffset(8)] public long Nanoseconds;
    }

    [StructLayout(LayoutKind.Explicit, Size = 8)]
    public struct PollFd
    {
        [FieldOffset(0)] public int Fd;
        [FieldOffset(4)] public short Events;
        [FieldOffset(6)] public short Returned;
    }

    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct RLimit
    {
        [FieldOffset(0)] public ulong Soft;
        [FieldOffset(8)] public ulong Hard;
    }
}

/// <summary>struct epoll_event: packed to 12 bytes on x86-64 and padded to 16 everywhere else, so it is read by offset.</summary>
internal static unsafe class EpollEvents
{
    public static readonly int Size = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static readonly int DataOffset = Size - 8;

    public static ulong Data(byte* events, int index) => *(ulong*)(events + ((nint)index * Size) + DataOffset);

    public static void Write(byte* target, uint flags, ulong data)
    {
        *(uint*)target = flags;
        *(ulong*)(target + DataOffset) = data;
    }
}
