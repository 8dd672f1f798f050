using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;
using Tandem.Tests;

namespace Tandem.Interop.Floods;

/// <summary>What nobody should send, sent to a running switch by a known gateway and by a stranger.</summary>
public sealed class MalformedTests
{
    private const int Datagrams = 20_000;
    private const int Burst = 100;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Torture_messages_mutations_and_noise_leave_the_switch_alive_and_its_books_right()
    {
        List<byte[]> corpus = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Torture"), "*.sip").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        Assert.True(corpus.Count > 100);
        await ThrowAsync(corpus, seed: 5_060);
    }

    [Fact]
    public async Task The_messages_of_RFC_4475_and_their_mutations_leave_the_switch_alive()
    {
        List<byte[]> corpus = [.. Directory.GetFiles(SharedData.Path("rfc4475"), "*.dat").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        await ThrowAsync(corpus, seed: 4_475);
    }

    private static async Task ThrowAsync(List<byte[]> corpus, int seed)
    {
        int[] ports = LoopbackPorts.Take(4);
        await using RunningSwitch running = await SippTests.PlainSwitch(ports[..3]);
        // Messages that are good enough to be calls shall not wait long for carriers that are not there.
        await running.ApplyAsync(new { settings = new { SS_SIP_TIMEOUT_INVITE = 1 } });
        var random = new Random(seed);
        using (var known = new Thrower(ports[0], running))
        using (var stranger = new Thrower(ports[3], running))
        {
            int sent = 0;
            foreach (byte[] message in corpus)
            {
                await known.SendAsync(message);
                await stranger.SendAsync(message);
                sent += 2;
            }
            await known.IsAliveAsync(sent);
            while (sent < Datagrams)
            {
                for (int i = 0; i < Burst; i++, sent++) await (sent % 4 == 0 ? stranger : known).SendAsync(Mutate(corpus[random.Next(corpus.Count)], random));
                await known.IsAliveAsync(sent);
            }
        }
        StatusView status = await running.Host.Control.StatusAsync(Stop);
        Assert.True(status.Counters["sip.malformed"] > Datagrams / 20, $"only {status.Counters["sip.malformed"]} were found malformed");
        Assert.Equal(0, status.Counters["loop.faults"]);

        // A call as any other. The port is the known gateway's: what is left for the noise arrives here and is passed over.
        using (SippRun callee = await SippRun.CalleeAsync("callee", ports[1], 1, Stop))
        {
            using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, ["4930777888999;4915;1100"], 1);
            await caller.AllWellAsync(TimeSpan.FromSeconds(20), Stop);
        }
        await Eventually.BeAsync(async () => (await running.Host.Control.StatusAsync(Stop)).CallsOpen == 0, "calls of the noise are over", TimeSpan.FromSeconds(60), Stop);
        await running.AtRestAsync();
        Cdr cdr = Assert.Single(await running.SettledCdrsAsync(), static c => c.CalleeE164 == "4930777888999");
        Assert.Equal((true, 200, 1), (cdr.WasAnswered, cdr.EndReason, cdr.Sale!.BilledSeconds));
        Assert.Equal(100_000_000_000 - cdr.Sale.Nanos, (await running.AccountAsync(RunningSwitch.Customer)).Balance.Nanos);
    }

    private static byte[] Mutate(byte[] message, Random random)
    {
        byte[] bytes = [.. message];
        switch (random.Next(7))
        {
            case 0: // noise
                bytes = new byte[random.Next(1_400)];
                random.NextBytes(bytes);
                return bytes;
            case 1: // cut short
                return bytes[..random.Next(bytes.Length)];
            case 2: // a piece twice
                int from = random.Next(bytes.Length), length = random.Next(bytes.Length - from);
                return [.. bytes[..from], .. bytes.AsSpan(from, length), .. bytes[from..]];
            case 3: // a piece gone
                int at = random.Next(bytes.Length);
                return [.. bytes[..at], .. bytes[(at + random.Next(bytes.Length - at))..]];
            case 4: // a number made huge
                int digit = Array.FindIndex(bytes, random.Next(bytes.Length), static b => b is >= (byte)'0' and <= (byte)'9');
                return digit < 0 ? bytes : [.. bytes[..digit], .. Encoding.ASCII.GetBytes("99999999999999999999"), .. bytes[digit..]];
            default: // some bytes other ones
                for (int i = random.Next(1, 8); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
        }
    }

    /// <summary>One source of bad messages. A good OPTIONS between bursts shows that the switch lives, and keeps the sender from running ahead of it.</summary>
    private sealed class Thrower : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly IPEndPoint _to;
        private readonly int _port;

        public Thrower(int port, RunningSwitch running)
        {
            _port = port;
            _to = running.Sip.ToIPEndPoint();
            _socket.ReceiveBufferSize = 8 << 20;
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }

        public async Task SendAsync(byte[] datagram) => await _socket.SendToAsync(datagram, SocketFlags.None, _to, Stop);

        public async Task IsAliveAsync(int mark)
        {
            string branch = $"z9hG4bKalive{mark}x";
            byte[] options = Encoding.ASCII.GetBytes($"OPTIONS sip:{_to} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{_port};branch={branch}\r\nMax-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:{_to}>\r\nCall-ID: alive{mark}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
            byte[] buffer = new byte[65_536];
            for (int attempt = 0; attempt < 5; attempt++)
            {
                await SendAsync(options);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
                patience.CancelAfter(TimeSpan.FromSeconds(2));
                try
                {
                    while (true)
                    {
                        SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, _to, patience.Token);
                        string answer = Encoding.ASCII.GetString(buffer, 0, received.ReceivedBytes);
                        if (answer.StartsWith("SIP/2.0 200", StringComparison.Ordinal) && answer.Contains(branch, StringComparison.Ordinal)) return;
                    }
                }
                catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
                {
                    // Once more.
                }
            }
            Assert.Fail($"After {mark} datagrams the switch does not answer OPTIONS any more.");
        }

        public void Dispose() => _socket.Dispose();
    }
}
