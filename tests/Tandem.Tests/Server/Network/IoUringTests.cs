using Tandem.Primitives;
using Tandem.Server.Network;

namespace Tandem.Tests.Server.Network;

public sealed class IoUringTests
{
    [Fact]
    public void The_ring_knows_sockets_by_themselves_up_to_what_the_process_may_open()
    {
        IoUring ring;
        try
        {
            ring = new IoUring(8, 8, 2048);
        }
        catch (IoUringException e)
        {
            Assert.Skip($"io_uring cannot be had here: {e.Message}");
            return;
        }
        using (ring)
        {
            ring.Enable();
            int fd = UdpSocket.Open(NetAddress.V4(0x7f000001, 0), sharedPort: false, trafficClass: 0, bufferBytes: 0);
            Assert.True(ring.Fix(fd));
            Assert.True(ring.Fix(fd)); // again: it takes its own place
            Assert.False(ring.Fix(int.MaxValue));
            _ = LibC.Close(fd);
        }
    }
}
