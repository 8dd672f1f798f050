using Tandem.Primitives;

namespace Tandem.Server.Network;

/// <summary>Opens and binds the non-blocking UDP sockets of the loops, by descriptor.</summary>
internal static unsafe class UdpSocket
{
    /// <returns>The descriptor, or minus the errno that says why not.</returns>
    public static int Open(in NetAddress bind, bool sharedPort, byte trafficClass, int bufferBytes)
    {
        int fd = LibC.Socket(bind.IsV6 ? LibC.AF_INET6 : LibC.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, 0);
        if (fd < 0) return -LibC.Errno;
        if (bind.IsV6) Set(fd, LibC.IPPROTO_IPV6, LibC.IPV6_V6ONLY, 1);
        if (sharedPort) Set(fd, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, 1);
        if (trafficClass != 0)
        {
            // A network that forbids marking still carries the call: not checked.
            if (bind.IsV6) Set(fd, LibC.IPPROTO_IPV6, LibC.IPV6_TCLASS, trafficClass);
            else Set(fd, LibC.IPPROTO_IP, LibC.IP_TOS, trafficClass);
        }
        if (bufferBytes > 0)
        {
            // FORCE passes net.core.rmem_max but needs CAP_NET_ADMIN; without it the kernel gives what it allows.
            if (!Set(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, bufferBytes)) Set(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUF, bufferBytes);
            if (!Set(fd, LibC.SOL_SOCKET, LibC.SO_SNDBUFFORCE, bufferBytes)) Set(fd, LibC.SOL_SOCKET, LibC.SO_SNDBUF, bufferBytes);
        }
        byte* address = stackalloc byte[SockAddr.Size];
        int length = SockAddr.Write(bind, new Span<byte>(address, SockAddr.Size));
        if (LibC.Bind(fd, address, (uint)length) == 0) return fd;
        int errno = LibC.Errno;
        _ = LibC.Close(fd);
        return -errno;
    }

    /// <summary>Where the socket is bound, with the port the kernel chose where 0 was asked.</summary>
    public static NetAddress LocalAddress(int fd)
    {
        byte* address = stackalloc byte[SockAddr.Size];
        uint length = SockAddr.Size;
        return LibC.GetSockName(fd, address, &length) == 0 ? SockAddr.Read(new ReadOnlySpan<byte>(address, SockAddr.Size)) : default;
    }

    public static bool Set(int fd, int level, int name, int value) => LibC.SetSockOpt(fd, level, name, &value, sizeof(int)) == 0;

    /// <summary>Datagrams the kernel threw away because the socket's receive queue was full (SO_MEMINFO, SK_MEMINFO_DROPS).</summary>
    public static long QueueDrops(int fd)
    {
        const int Drops = 8;
        uint* info = stackalloc uint[16];
        uint length = 16 * sizeof(uint);
        return LibC.GetSockOpt(fd, LibC.SOL_SOCKET, LibC.SO_MEMINFO, info, &length) == 0 && length > Drops * sizeof(uint) ? info[Drops] : 0;
    }
}
