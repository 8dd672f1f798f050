using System.Text;
using Tandem.Primitives;
using Tandem.Server.Network;

namespace Tandem.Tests.Server.Network;

public sealed class UdpListenerTests
{
    private static readonly NetAddress AnyPort = NetAddress.Parse("127.0.0.1:0");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public void A_datagram_arrives_with_its_source_and_the_answer_goes_back(string bind)
    {
        NetAddress address = NetAddress.Parse(bind);
        using UdpListener listener = Open(address);
        using Peer peer = new(address.IsV6);
        peer.Send(listener.Local, "OPTIONS"u8);

        Assert.True(listener.WaitReadable(Patience));
        Assert.Equal(1, listener.ReceiveBatch());
        Assert.Equal(peer.Address, listener.Source(0));
        Assert.Equal("OPTIONS", Encoding.ASCII.GetString(listener.Buffer, UdpListener.Offset(0), listener.Length(0)));

        listener.Send(listener.Source(0), "200"u8);
        Assert.True(peer.IsSilent); // nothing leaves before the flush
        Assert.Equal(1, listener.Flush());
        Assert.Equal("200"u8, peer.Receive());
        Assert.Equal(listener.Local, peer.LastSource);
        Assert.Equal((1, 1, 0), (listener.DatagramsIn, listener.DatagramsOut, listener.SendErrors));
    }

    [Fact]
    public void Many_datagrams_come_in_batches_and_in_order()
    {
        using UdpListener listener = Open(AnyPort);
        using Peer peer = new();
        const int Sent = UdpListener.BatchSize + 5;
        for (int i = 0; i < Sent; i++) peer.Send(listener.Local, [(byte)i, .. new byte[i]]);

        List<(byte First, int Length)> got = [];
        while (got.Count < Sent && listener.WaitReadable(Patience))
        {
            int n = listener.ReceiveBatch();
            for (int i = 0; i < n; i++) got.Add((listener.Buffer[UdpListener.Offset(i)], listener.Length(i)));
        }
        Assert.Equal(Enumerable.Range(0, Sent).Select(static i => ((byte)i, i + 1)), got);
        Assert.Equal(0, listener.ReceiveBatch());
    }

    [Fact]
    public void The_largest_datagram_of_IPv4_passes_whole_both_ways()
    {
        using UdpListener listener = Open(AnyPort);
        using Peer peer = new();
        byte[] large = new byte[UdpListener.LargestPayload];
        new SeededEntropy(7).Fill(large);
        peer.Send(listener.Local, large);
        Assert.True(listener.WaitReadable(Patience));
        Assert.Equal(1, listener.ReceiveBatch());
        ReadOnlySpan<byte> received = listener.Buffer.AsSpan(UdpListener.Offset(0), listener.Length(0));
        Assert.True(received.SequenceEqual(large));

        listener.Send(peer.Address, received);
        listener.Flush();
        Assert.Equal(large, peer.Receive());
    }

    [Fact]
    public void A_flush_of_more_than_one_batch_sends_everything_in_order()
    {
        using UdpListener listener = Open(AnyPort);
        using Peer peer = new();
        byte[] message = new byte[2_000];
        for (int i = 0; i < 300; i++) // more bytes and more messages than there was room for at first
        {
            message[0] = (byte)i;
            message[1] = (byte)(i >> 8);
            listener.Send(peer.Address, message);
        }
        Assert.Equal(300, listener.Flush());
        for (int i = 0; i < 300; i++)
        {
            byte[] got = peer.Receive();
            Assert.Equal((i, 2_000), (got[0] | (got[1] << 8), got.Length));
        }
        Assert.Equal(0, listener.Flush());
    }

    [Fact]
    public void What_cannot_be_sent_is_counted_and_the_rest_goes_out()
    {
        using UdpListener listener = Open(AnyPort);
        using Peer peer = new();
        listener.Send(peer.Address, "one"u8);
        listener.Send(NetAddress.Parse("[::1]:5060"), "wrong family"u8);
        listener.Send(peer.Address.WithPort(0), "no port"u8);
        listener.Send(peer.Address, new byte[UdpListener.LargestPayload + 1]);
        listener.Send(NetAddress.Parse("255.255.255.255:5060"), "broadcast is forbidden by the kernel"u8);
        listener.Send(peer.Address, "two"u8);
        Assert.Equal(2, listener.Flush());
        Assert.Equal("one"u8, peer.Receive());
        Assert.Equal("two"u8, peer.Receive());
        Assert.Equal((2, 4), (listener.DatagramsOut, listener.SendErrors));
    }

    [Fact]
    public void More_than_may_wait_is_dropped_and_counted()
    {
        using UdpListener listener = Open(AnyPort);
        using Peer peer = new();
        for (int i = 0; i < UdpListener.MostPending + 3; i++) listener.Send(peer.Address, "x"u8);
        Assert.Equal(3, listener.SendErrors);
        Assert.Equal(UdpListener.MostPending, listener.Flush());
    }

    [Fact]
    public void A_taken_port_is_said_in_one_sentence()
    {
        using UdpListener first = Open(AnyPort);
        PortUnavailableException refused = Assert.Throws<PortUnavailableException>(() => new UdpListener("the SIP port", first.Local));
        Assert.StartsWith($"the SIP port {first.Local} is in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_foreign_address_is_said_in_one_sentence()
    {
        PortUnavailableException refused = Assert.Throws<PortUnavailableException>(static () => new UdpListener("the SIP port", NetAddress.Parse("192.0.2.1:5060")));
        Assert.Contains("no such address", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_share_a_port_only_when_asked()
    {
        UdpListenerOptions shared = new(SharedPort: true);
        using UdpListener first = new("the SIP port", AnyPort, shared);
        using UdpListener second = new("the SIP port", first.Local, shared);
        Assert.Equal(first.Local, second.Local);
        Assert.Throws<PortUnavailableException>(() => new UdpListener("the SIP port", first.Local));
    }

    [Fact]
    public void What_the_kernel_dropped_is_known()
    {
        using UdpListener listener = new("the SIP port", AnyPort, new UdpListenerOptions(SocketBufferBytes: 4_096));
        using Peer peer = new();
        Assert.Equal(0, listener.QueueDrops);
        for (int i = 0; i < 500; i++) peer.Send(listener.Local, new byte[1_000]);
        Assert.InRange(listener.QueueDrops, 1, 500);
    }

    [Fact]
    public void Receiving_and_answering_allocates_nothing()
    {
        using UdpListener listener = Open(AnyPort);
        byte[] message = new byte[860];
        int received = 0;
        NetAddress last = default;
        long allocated = Allocations.Least(() =>
        {
            listener.Send(listener.Local, message); // to itself: a peer would allocate
            listener.Flush();
            listener.WaitReadable(Patience);
            received += listener.ReceiveBatch();
            last = listener.Source(0);
        });
        Assert.Equal((0, 6, listener.Local), (allocated, received, last));
    }

    [Fact]
    public void The_descriptor_limit_is_raised_to_the_hard_one()
    {
        long limit = DescriptorLimit.Raise();
        Assert.InRange(limit, 256, int.MaxValue);
        Assert.Equal(limit, DescriptorLimit.Raise());
    }

    private static UdpListener Open(in NetAddress bind) => new("the SIP port", bind);
}
