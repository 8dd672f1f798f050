using Tandem.Media.Rtp;
using Tandem.Primitives;
using Tandem.Server.Loops;
using Tandem.Server.Media;
using Tandem.Server.Network;
using Tandem.Switching.Calls;

namespace Tandem.Tests.Server.Media;

/// <summary>Alone, because it counts what the whole process allocates.</summary>
[CollectionDefinition(nameof(MediaRelayAllocationTests), DisableParallelization = true)]
[Collection(nameof(MediaRelayAllocationTests))]
public sealed class MediaRelayAllocationTests
{
    private static readonly NetAddress Loopback = NetAddress.Parse("127.0.0.1:0");

    [Theory]
    [InlineData(PumpChoice.Epoll)]
    [InlineData(PumpChoice.Best)]
    public void Relaying_allocates_less_than_a_byte_a_packet(PumpChoice choice)
    {
        const int Rounds = 500, Burst = 32;
        using MediaRelay relay = new(new RelayOptions { Addresses = [new RelayAddress(Loopback)], FirstPort = 10_000, LastPort = 39_999, Reserve = 8, Pump = choice }, new LoopClock());
        relay.Start();
        using UdpListener caller = new("the caller", Loopback), callee = new("the callee", Loopback);
        Assert.True(relay.TryLend(new CallId(1), caller.Local, callee.Local, out MediaLease lease));
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = caller.Local });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Local });
        byte[] packet = new byte[172];
        long before = 0;
        int received = 0;
        for (int round = 0; round < 2 * Rounds; round++)
        {
            if (round == Rounds) before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Burst; i++)
            {
                int sequence = (round * Burst) + i;
                RtpHeader.Write(packet, 8, marker: false, (ushort)sequence, (uint)sequence * 160, 1);
                caller.Send(lease.TowardsCaller, packet);
            }
            caller.Flush();
            for (int got = 0; got < Burst;)
            {
                if (!callee.WaitReadable(TimeSpan.FromSeconds(10))) break;
                int batch = callee.ReceiveBatch();
                got += batch;
                received += batch;
            }
        }
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal(2 * Rounds * Burst, received);
        Assert.InRange(allocated, 0, Rounds * Burst);
        Assert.True(relay.TryReport(lease, out Tandem.Media.Relay.SideReport fromCaller, out _));
        Assert.Equal((2L * Rounds * Burst, 0L), (fromCaller.Packets, fromCaller.Lost));
    }
}
