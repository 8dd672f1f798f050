using System.Net;
using System.Net.Sockets;
using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Interop.Transports;
using Tandem.Primitives;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;
using Tandem.Sip.Transports;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Floods;

/// <summary>Strangers who open connections and say nothing, or little: they cost what the bounds say, and calls go on.</summary>
public sealed class StreamFloodTests
{
    private const int Sources = 10, EachWay = 150;

    // The beginnings of an INVITE and of a TLS ClientHello of 512 bytes.
    private static readonly byte[] Invite = [.. "INVITE sip:4930@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKslow\r\n"u8];
    private static readonly byte[] Hello = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, .. new byte[64]];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Half_open_TLS_and_messages_that_come_drop_by_drop_cost_little_and_calls_over_UDP_and_TCP_go_on()
    {
        int[] ports = LoopbackPorts.Take(3);
        SipBinding[] listeners = [NetAddress.Parse("127.0.0.1:0"), new SipBinding(NetAddress.Parse("127.0.0.1:0"), SipTransport.Tcp), new SipBinding(NetAddress.Parse("127.0.0.1:0"), SipTransport.Tls)];
        await using RunningSwitch running = await RunningSwitch.StartAsync(new TlsOptions(), 1, listeners);
        await SippTransportTests.SetUpAsync(running, v6: false, ports[1], SipTransport.Udp);
        NetAddress tcp = running.Host.SipAddresses[1], tls = running.Host.SipAddresses[2];
        using SippRun callee = await SippRun.CalleeAsync("callee", ports[1], 200, Stop);
        long before = Environment.WorkingSet;

        using var flood = new CancellationTokenSource();
        Task[] dripping = [.. Enumerable.Range(0, Sources).SelectMany(i => new[] { DripAsync(IPAddress.Parse($"127.0.1.{i + 1}"), tcp, Invite, flood.Token), DripAsync(IPAddress.Parse($"127.0.1.{i + 1}"), tls, Hello, flood.Token) })];
        await Eventually.BeAsync(async () => await running.CounterAsync("streams.refused") > 200, "connections refused at a bound", Patience, Stop);
        string[] lines = [.. Enumerable.Range(0, 100).Select(static i => $"4930{i:D4};4920;300")];
        using SippRun overUdp = SippRun.Caller("caller", ports[0], running.Sip, lines, 20);
        using SippRun overTcp = SippRun.Caller("caller", ports[2], tcp, lines, 20, "-t", "t1");
        await overUdp.AllWellAsync(Patience, Stop);
        await overTcp.AllWellAsync(Patience, Stop);
        long open = await running.CounterAsync("streams.open"), grown = Environment.WorkingSet - before;
        await flood.CancelAsync();
        await Task.WhenAll(dripping);

        Assert.All(await running.CdrsAsync(200), static c => Assert.Equal((true, EndDirection.Caller), (c.WasAnswered, c.EndDirection)));
        Assert.InRange(open, 1, Sources * 128);
        Assert.InRange(grown, long.MinValue, 300L << 20); // the flood's own sockets and buffers are in this process too
        Assert.True(await running.CounterAsync("streams.closedSlow") + await running.CounterAsync("streams.handshakesFailed") > 0, "nobody was closed for being slow");
        await Eventually.BeAsync(async () => await running.CounterAsync("streams.open") == 0, "every connection is gone", Patience, Stop);
        await running.AtRestAsync();
    }

    // From one address: so many connections at once, each saying a byte every half second, again and again.
    private static async Task DripAsync(IPAddress from, NetAddress to, byte[] text, CancellationToken stop)
    {
        var open = new List<(Socket Socket, int Said)>();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                while (open.Count < EachWay)
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    socket.Bind(new IPEndPoint(from, 0));
                    open.Add((socket, 0));
                    await socket.ConnectAsync(to.ToIPEndPoint(), stop);
                }
                for (int i = open.Count - 1; i >= 0; i--)
                {
                    (Socket socket, int said) = open[i];
                    try
                    {
                        await socket.SendAsync(text.AsMemory(said % text.Length, 1), stop);
                        open[i] = (socket, said + 1);
                    }
                    catch (SocketException)
                    {
                        socket.Dispose();
                        open.RemoveAt(i);
                    }
                }
                await Eventually.PassAsync(TimeSpan.FromMilliseconds(500), stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The flood is over.
        }
        foreach ((Socket socket, _) in open) socket.Dispose();
    }
}
