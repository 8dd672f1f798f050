using System.Buffers.Binary;
using Tandem.Primitives;
using Tandem.Server.Network;

namespace Tandem.Tests.Server.Network;

/// <summary>A loopback UDP socket that is told of the TOS or traffic class byte of what comes.</summary>
internal sealed unsafe class MarkedPeer : IDisposable
{
    private const int IpRecvTos = 13, Ipv6RecvTrafficClass = 66;

    private readonly int _fd;

    public MarkedPeer(bool v6)
    {
        _fd = UdpSocket.Open(NetAddress.Parse(v6 ? "[::1]:0" : "127.0.0.1:0"), sharedPort: false, trafficClass: 0, bufferBytes: 0);
        Assert.True(_fd >= 0);
        int on = 1;
        Assert.Equal(0, v6 ? LibC.SetSockOpt(_fd, LibC.IPPROTO_IPV6, Ipv6RecvTrafficClass, &on, sizeof(int)) : LibC.SetSockOpt(_fd, LibC.IPPROTO_IP, IpRecvTos, &on, sizeof(int)));
        Address = UdpSocket.LocalAddress(_fd);
    }

    public NetAddress Address { get; }

    /// <summary>Of the next packet, within ten seconds.</summary>
    public byte ReceiveTrafficClass()
    {
        byte* data = stackalloc byte[2_000];
        byte* control = stackalloc byte[64];
        LibC.IoVec vector = new() { Base = data, Length = 2_000 };
        LibC.MMsgHdr message = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 64 };
        var waiting = System.Diagnostics.Stopwatch.StartNew();
        while (LibC.RecvMMsg(_fd, &message, 1, LibC.MSG_DONTWAIT, null) != 1)
        {
            Assert.True(waiting.Elapsed < TimeSpan.FromSeconds(10), "nothing came");
            Thread.Yield();
        }
        // struct cmsghdr: length (8), level (4), type (4), then the byte or int.
        return new ReadOnlySpan<byte>(control, 64) is var c && BinaryPrimitives.ReadUInt64LittleEndian(c) > 16 ? c[16] : (byte)0;
    }

    public void Dispose() => _ = LibC.Close(_fd);
}
