using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Network.Streams;

namespace Tandem.Tests.Server.Network.Streams;

public sealed class StreamEdgeTests
{
    private static readonly byte[] Request = Encoding.UTF8.GetBytes(StreamBench.Request());

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public void Pipelined_and_broken_up_messages_come_out_whole_and_the_answer_goes_back_on_their_connection(string bind)
    {
        using StreamBench bench = new(bind: bind);
        Socket client = bench.Connect(bench.Tcp);
        byte[] three = Encoding.UTF8.GetBytes(StreamBench.Request("INVITE", "a body") + StreamBench.Request() + StreamBench.Request("BYE"));
        client.Send(three.AsSpan(0, 40));
        client.Send(three.AsSpan(40, 120));
        client.Send(three.AsSpan(160));
        (int listener, NetAddress source, string text) = bench.Next();
        Assert.Equal((0, NetAddress.From((IPEndPoint)client.LocalEndPoint!), StreamBench.Request("INVITE", "a body")), (listener, source, text));
        Assert.Equal(StreamBench.Request(), bench.Next().Text);
        Assert.Equal(StreamBench.Request("BYE"), bench.Next().Text);
        Assert.True(bench.Edge.IsConnected(0, source));
        bench.Edge.Send(0, source, "SIP/2.0 200 OK\r\n\r\n"u8);
        Assert.Equal("SIP/2.0 200 OK\r\n\r\n", StreamBench.Receive(client));
        Assert.Equal((1, 1L), (bench.Edge.Count, bench.Edge.Counters.Accepted));
        client.Dispose();
        StreamBench.Until(() => bench.Edge.Count == 0);
        Assert.Empty(bench.Broken); // no request of ours was lost with it
    }

    [Fact]
    public void A_ping_is_answered_with_one_line_end()
    {
        using StreamBench bench = new();
        Socket client = bench.Connect(bench.Tcp);
        client.Send("\r\n\r\n"u8);
        Assert.Equal("\r\n", StreamBench.Receive(client));
        Assert.Equal(1, bench.Edge.Counters.Pings);
    }

    [Fact]
    public void Requests_to_a_peer_share_one_connection_and_its_answers_come_from_there()
    {
        using StreamBench bench = new();
        Socket listener = bench.ListenOn();
        NetAddress peer = NetAddress.From((IPEndPoint)listener.LocalEndPoint!);
        for (int i = 0; i < 50; i++) bench.Edge.Send(0, peer, Request);
        Socket accepted = bench.Accept(listener);
        Assert.Equal(bench.Tcp.HostString(), ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString());
        int bytes = 0;
        while (bytes < 50 * Request.Length) bytes += StreamBench.Receive(accepted).Length;
        accepted.Send(Request);
        Assert.Equal((0, peer, StreamBench.Request()), bench.Next());
        Assert.Equal((1, 1L), (bench.Edge.Count, bench.Edge.Counters.Opened));
        accepted.Dispose();
        Assert.Equal((0, peer), bench.NextBroken());
        StreamBench.Until(() => bench.LastWasOpen);
        bench.Edge.Send(0, peer, Request); // anew
        Assert.Equal(StreamBench.Request(), StreamBench.Receive(bench.Accept(listener)));
    }

    [Fact]
    public void A_connection_that_cannot_be_opened_is_told_at_once()
    {
        using StreamBench bench = new();
        Socket closed = bench.ListenOn();
        NetAddress peer = NetAddress.From((IPEndPoint)closed.LocalEndPoint!);
        closed.Dispose();
        bench.Edge.Send(0, peer, Request);
        Assert.Equal((0, peer), bench.NextBroken());
        StreamBench.Until(() => bench.Edge.Count == 0);
        Assert.Equal(1, bench.Edge.Counters.ConnectsFailed);
    }

    [Fact]
    public void A_peer_that_answers_no_handshake_of_TCP_is_given_up_after_the_time_to_connect()
    {
        using StreamBench bench = new(new StreamLimits { Connect = TimeSpan.FromMilliseconds(100) });
        Socket full = bench.ListenOn(); // a backlog that is full drops what comes
        full.Listen(0);
        for (int i = 0; i < 3; i++)
        {
            Socket waiting = bench.Own(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
            Assert.ThrowsAny<SocketException>(() => waiting.Connect(full.LocalEndPoint!));
        }
        NetAddress peer = NetAddress.From((IPEndPoint)full.LocalEndPoint!);
        bench.Edge.Send(0, peer, Request);
        Assert.Equal((0, peer), bench.NextBroken());
        Assert.Equal(1, bench.Edge.Counters.ConnectsFailed);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n")]
    [InlineData("\u0001\u0002")]
    public void What_is_no_SIP_ends_the_connection(string text)
    {
        using StreamBench bench = new();
        Socket client = bench.Connect(bench.Tcp);
        client.Send(Encoding.UTF8.GetBytes(text));
        Assert.True(StreamBench.Ends(client));
        Assert.Equal(1, bench.Edge.Counters.Broken);
    }

    [Fact]
    public void A_message_that_comes_drop_by_drop_ends_the_connection_and_whole_messages_in_between_do_not_help_it()
    {
        using StreamBench bench = new(new StreamLimits { Partial = TimeSpan.FromMilliseconds(200) });
        Socket client = bench.Connect(bench.Tcp);
        client.Send(Request);
        bench.Next();
        client.Send("INVITE sip:x SIP/2.0\r\n"u8);
        long began = Environment.TickCount64;
        Assert.True(StreamBench.Ends(client));
        Assert.InRange(Environment.TickCount64 - began, 150, 5_000);
        Assert.Equal(1, bench.Edge.Counters.Slow);
    }

    [Fact]
    public void Who_says_nothing_is_closed_after_the_time_for_a_first_message_and_who_falls_silent_after_the_idle_time()
    {
        using StreamBench bench = new(new StreamLimits { FirstMessage = TimeSpan.FromMilliseconds(100), Idle = TimeSpan.FromMilliseconds(400) });
        Socket silent = bench.Connect(bench.Tcp), talker = bench.Connect(bench.Tcp);
        talker.Send(Request);
        Assert.True(StreamBench.Ends(silent));
        Assert.Equal((1L, 0L), (bench.Edge.Counters.Slow, bench.Edge.Counters.Idle));
        Assert.True(StreamBench.Ends(talker));
        Assert.Equal(1, bench.Edge.Counters.Idle);
    }

    [Fact]
    public void A_peer_that_does_not_read_is_cut_off_and_nobody_waits_for_it()
    {
        using StreamBench bench = new(new StreamLimits { Outgoing = 100_000 });
        Socket client = bench.Connect(bench.Tcp);
        client.Send(Request);
        NetAddress source = bench.Next().Source;
        byte[] large = Encoding.UTF8.GetBytes("SIP/2.0 200 OK\r\n" + new string('x', 20_000));
        long began = Environment.TickCount64;
        for (int i = 0; i < 2_000 && bench.Edge.IsConnected(0, source); i++) bench.Edge.Send(0, source, large);
        Assert.InRange(Environment.TickCount64 - began, 0, 5_000);
        Assert.False(bench.Edge.IsConnected(0, source));
        Assert.Equal(1, bench.Edge.Counters.Stalled);
    }

    [Fact]
    public void Strangers_are_bounded_by_address_and_in_all_and_known_peers_still_find_room()
    {
        using StreamBench bench = new(new StreamLimits { Connections = 16, PerStranger = 10 });
        for (int i = 0; i < 10; i++) bench.Connect(bench.Tcp);
        StreamBench.Until(() => bench.Edge.Count == 10);
        Assert.True(StreamBench.Ends(bench.Connect(bench.Tcp)));
        bench.Known.Add(NetAddress.Parse("127.0.0.1"));
        for (int i = 0; i < 6; i++) bench.Connect(bench.Tcp).Send(Request);
        for (int i = 0; i < 6; i++) bench.Next();
        Assert.True(StreamBench.Ends(bench.Connect(bench.Tcp)));
        Assert.Equal((16, 2L), (bench.Edge.Count, bench.Edge.Counters.Refused));
    }

    [Fact]
    public void A_shard_without_room_slows_its_peer_and_loses_nothing()
    {
        using StreamBench bench = new() { NoRoomFor = 3 };
        Socket client = bench.Connect(bench.Tcp);
        client.Send(Encoding.UTF8.GetBytes(StreamBench.Request("INVITE") + StreamBench.Request("BYE")));
        Assert.Equal(StreamBench.Request("INVITE"), bench.Next().Text);
        Assert.Equal(StreamBench.Request("BYE"), bench.Next().Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Connections_are_closed_by_FIN_or_by_RST_as_SS_TCP_CLOSE_RESET_says(bool reset)
    {
        using StreamBench bench = new(new StreamLimits { Partial = TimeSpan.FromMilliseconds(50) }, closeByReset: reset);
        Socket client = bench.Connect(bench.Tcp);
        client.Send("INVITE"u8);
        byte[] buffer = new byte[16];
        if (reset) Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => client.Receive(buffer)).SocketErrorCode);
        else Assert.Equal(0, client.Receive(buffer));
    }

    [Fact]
    public void Packets_carry_the_type_of_service()
    {
        // What the other end received last, as the kernel saw it (IP_RECVTOS on a stream: getsockopt IP_PKTOPTIONS) is not to be had; the sender's own socket is asked.
        using StreamBench bench = new(trafficClass: 0xa0);
        Socket listener = bench.ListenOn();
        bench.Edge.Send(0, NetAddress.From((IPEndPoint)listener.LocalEndPoint!), Request);
        Socket accepted = bench.Accept(listener);
        Assert.Equal(StreamBench.Request(), StreamBench.Receive(accepted));
        string ss = Ss(((IPEndPoint)accepted.RemoteEndPoint!).Port);
        if (ss.Length == 0) Assert.Skip("ss (iproute2) is not here to ask.");
        Assert.Contains("tos:0xa0", ss);
    }

    private static string Ss(int port)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("ss", ["-tinH", "state", "established", $"( sport = :{port} )", "--tos"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
            return process!.StandardOutput.ReadToEnd();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }
}
