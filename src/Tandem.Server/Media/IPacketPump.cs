using Tandem.Primitives;
using Tandem.Server.Network;

namespace Tandem.Server.Media;

/// <summary>A datagram that came to a watched port. The bytes are valid until the next call of the pump.</summary>
internal unsafe struct Arrival
{
    /// <summary>As the port was watched.</summary>
    public ulong Tag;
    public NetAddress Source;
    public byte* Bytes;

    /// <summary>Of what came, which may be more than <see cref="PacketPump.Room"/>: then it was cut off.</summary>
    public int Length;
}

/// <summary>
/// How a media thread meets the kernel: by io_uring where kernel and policy permit it, by epoll everywhere else. Made by any thread; all
/// else by the one thread that owns it. Nothing is allocated per packet.
/// </summary>
internal interface IPacketPump : IDisposable
{
    /// <summary>For the operator: "io_uring", "epoll".</summary>
    string Name { get; }

    /// <summary>Datagrams the kernel would not send.</summary>
    long SendErrors { get; }

    /// <summary>What comes to the socket is taken from now on. Sockets stay watched until the pump is stopped.</summary>
    void Watch(int fd, ulong tag);

    /// <summary>Sends what was given to <see cref="Send(int, int, in NetAddress)"/>, and sleeps until something comes.</summary>
    /// <param name="millis">At most; −1 without end, 0 not at all.</param>
    void Wait(int millis);

    /// <summary>The next of what came until <see cref="Wait"/> returned; false when all is taken.</summary>
    bool TryNext(out Arrival arrival);

    /// <summary>Sends the arrival last taken on, from another socket, at the length it has now.</summary>
    void Send(int fd, int length, in NetAddress to);

    /// <summary>Sends a packet of our own; it is copied.</summary>
    void Send(int fd, ReadOnlySpan<byte> packet, in NetAddress to);

    /// <summary>Lets go of all sockets: they may be closed. Called by the owning thread as it ends.</summary>
    void Stop();
}

/// <summary>Chooses one.</summary>
internal static class PacketPump
{
    /// <summary>Bytes of a datagram that can be relayed: no media packet is larger than an Ethernet frame. There is room behind it for what SRTP adds.</summary>
    public const int Room = 1984;

    /// <param name="choice">Null: io_uring if it can be had.</param>
    /// <param name="whyNot">Why it could not, when that was asked; otherwise null.</param>
    public static IPacketPump Open(PumpChoice choice, out string? whyNot)
    {
        whyNot = null;
        if (choice == PumpChoice.Epoll) return new EpollPump();
        try
        {
            UringPump.Try();
            return new UringPump();
        }
        catch (IoUringException e)
        {
            whyNot = e.Message;
            return new EpollPump();
        }
    }
}

/// <summary>How media threads meet the kernel.</summary>
public enum PumpChoice
{
    /// <summary>io_uring where it can be had, else epoll.</summary>
    Best,

    /// <summary>epoll, as where io_uring is forbidden.</summary>
    Epoll,
}
