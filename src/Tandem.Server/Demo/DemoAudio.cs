using System.Net;
using System.Net.Sockets;
using Tandem.Media.Codecs;
using Tandem.Media.Rtp;
using Tandem.Media.Tones;
using Tandem.Primitives;

namespace Tandem.Server.Demo;

/// <summary>One end's audio: sends a tone as G.711 A-law every 20 ms, and listens for the tone of the other end.</summary>
internal sealed class DemoAudio : IDisposable
{
    private const int SamplesPerPacket = 160;
    private static readonly TimeSpan PacketTime = TimeSpan.FromMilliseconds(20);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly ToneGenerator _tone;
    private readonly List<short> _heard = [];
    private readonly uint _ssrc;

    public DemoAudio(NetAddress host, double hertz)
    {
        _socket.Bind(host.WithPort(0).ToIPEndPoint());
        _tone = new ToneGenerator(hertz);
        _ssrc = (uint)hertz;
        Local = NetAddress.From((IPEndPoint)_socket.LocalEndPoint!);
    }

    public NetAddress Local { get; }

    /// <summary>Packets that came.</summary>
    public int Received { get; private set; }

    /// <summary>Talks and listens until told to stop.</summary>
    public async Task TalkAsync(NetAddress to, CancellationToken stop)
    {
        Task listening = ListenAsync(stop);
        byte[] packet = new byte[RtpHeader.FixedSize + SamplesPerPacket];
        short[] samples = new short[SamplesPerPacket];
        using var timer = new PeriodicTimer(PacketTime);
        try
        {
            for (ushort sequence = 0; await timer.WaitForNextTickAsync(stop); sequence++)
            {
                _tone.Fill(samples);
                int header = RtpHeader.Write(packet, payloadType: 8, marker: sequence == 0, sequence, (uint)(sequence * SamplesPerPacket), _ssrc);
                G711.EncodeALaw(samples, packet.AsSpan(header));
                await _socket.SendToAsync(packet, SocketFlags.None, to.ToIPEndPoint(), stop);
            }
        }
        catch (OperationCanceledException)
        {
            // the call is over
        }
        await listening;
    }

    /// <summary>How loud a tone was in what came, dBm0; silence is far below −40.</summary>
    public double HeardDbm0(double hertz)
    {
        // The first tenth of a second may hold the start of the tone only.
        short[] heard = [.. _heard.Skip(800).Take(8000)];
        return heard.Length < 800 ? double.NegativeInfinity : ToneMeter.LevelDbm0(heard, hertz);
    }

    public void Dispose() => _socket.Dispose();

    private async Task ListenAsync(CancellationToken stop)
    {
        byte[] packet = new byte[2048];
        short[] samples = new short[2048];
        var any = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _socket.ReceiveFromAsync(packet, SocketFlags.None, any, stop);
                Keep(packet.AsSpan(0, received.ReceivedBytes), samples);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // the call is over
        }
    }

    private void Keep(ReadOnlySpan<byte> packet, Span<short> samples)
    {
        if (!RtpHeader.TryParse(packet, out RtpHeader header) || header.PayloadType != 8) return;
        Received++;
        G711.DecodeALaw(header.Payload, samples);
        foreach (short sample in samples[..header.Payload.Length]) _heard.Add(sample);
    }
}
