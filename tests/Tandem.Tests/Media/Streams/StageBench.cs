using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Relay;
using Tandem.Media.Rtp;
using Tandem.Media.Streams;
using Tandem.Primitives;

namespace Tandem.Tests.Media.Streams;

/// <summary>A packet as the stage sent it.</summary>
internal sealed record Sent(FlowSide To, byte Type, bool Marker, ushort Sequence, uint Timestamp, uint Ssrc, byte[] Payload, bool AsItCame)
{
    public static Sent Of(FlowSide to, ReadOnlySpan<byte> packet, bool asItCame)
    {
        Assert.True(RtpHeader.TryParse(packet, out RtpHeader rtp));
        return new Sent(to, rtp.PayloadType, rtp.Marker, rtp.Sequence, rtp.Timestamp, rtp.Ssrc, rtp.Payload.ToArray(), asItCame);
    }
}

/// <summary>A stage, a clock and a note of all it says.</summary>
internal sealed class StageBench : IStageSink
{
    private byte[] _given = [];

    public AudioStage Stage { get; } = new(new StageScratch(), 0x1234_5678_9abc_def1);

    public List<Sent> Out { get; } = [];

    public List<(FlowSide From, DtmfDigit Digit)> Digits { get; } = [];

    public Instant Now { get; set; } = new(1_700_000_000_000_000);

    public static byte[] Packet(byte type, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, bool marker = false, uint ssrc = 7)
    {
        byte[] packet = new byte[RtpHeader.FixedSize + payload.Length];
        RtpHeader.Write(packet, type, marker, sequence, timestamp, ssrc);
        payload.CopyTo(packet.AsSpan(RtpHeader.FixedSize));
        return packet;
    }

    public void Give(FlowSide from, byte[] packet)
    {
        _given = packet;
        Stage.On(from, packet, Now, this);
        _given = [];
    }

    /// <summary>So many packets of 20 ms, one each 20 ms.</summary>
    public void GiveSpeech(FlowSide from, short[] samples, bool aLaw, ushort sequence = 100, uint timestamp = 5_000, int packet = 160)
    {
        byte[] codes = new byte[samples.Length];
        if (aLaw) G711.EncodeALaw(samples, codes);
        else G711.EncodeMuLaw(samples, codes);
        for (int at = 0; at + packet <= codes.Length; at += packet)
        {
            Give(from, Packet(aLaw ? (byte)8 : (byte)0, sequence++, timestamp + (uint)at, codes.AsSpan(at, packet)));
            Advance(packet / 8);
        }
    }

    /// <summary>Time passes; what is due is said.</summary>
    public void Advance(int millis)
    {
        Instant end = Now + TimeSpan.FromMilliseconds(millis);
        while (Stage.TickAt <= end)
        {
            Now = Instant.Max(Now, Stage.TickAt);
            Stage.Tick(Now, this);
        }
        Now = end;
    }

    public void Forward(FlowSide towards) => Out.Add(Sent.Of(towards, _given, asItCame: true));

    public void Send(FlowSide towards, ReadOnlySpan<byte> packet) => Out.Add(Sent.Of(towards, packet, asItCame: false));

    public void Digit(FlowSide from, in DtmfDigit digit) => Digits.Add((from, digit));
}
