using Tandem.Media.Relay;
using Tandem.Media.Rtp;
using Tandem.Primitives;

namespace Tandem.Tests.Media.Relay;

/// <summary>
/// A stranger sends 10,000 packets/s over every port of the range 10000 to 39999 from before a call's first SDP until five seconds into its talk. How many packets of
/// the call does he get? Virtual time, a thousand calls.
/// </summary>
public sealed class SprayTests
{
    private const int Ports = 30_000, PerSecond = 10_000;
    private static readonly NetAddress Alice = NetAddress.Parse("192.0.2.1:4000"), AliceNat = NetAddress.Parse("198.51.100.7:61234");
    private static readonly NetAddress Bob = NetAddress.Parse("203.0.113.2:5000"), BobNat = NetAddress.Parse("198.51.100.8:42000");
    private static readonly NetAddress Mallory = NetAddress.Parse("203.0.113.66:6666");

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 1)]
    [InlineData(true, true, 1)]
    [InlineData(true, true, 3)] // bursts of three to each port
    [InlineData(true, true, 12)]
    public void Who_sprays_every_port_gets_no_packet_and_keeps_nobody_from_being_heard(bool callerBehindNat, bool calleeBehindNat, int burst)
    {
        for (ulong seed = 1; seed <= 170; seed++)
        {
            (int diverted, int injected, int heard) = Call(seed, callerBehindNat ? AliceNat : Alice, calleeBehindNat ? BobNat : Bob, burst);
            Assert.Equal((seed, 0, 0), (seed, diverted, injected));
            Assert.True(heard > 2 * 240, $"of 500 packets {heard} were heard in the call of seed {seed}");
        }
    }

    private static (int Diverted, int Injected, int Heard) Call(ulong seed, NetAddress caller, NetAddress callee, int burst)
    {
        SeededEntropy chance = new(seed);
        RelayFlow flow = new(LatchRules.Default);
        Instant begin = new(1_700_000_000_000_000);
        byte[] packet = new byte[172];
        int portA = (int)(chance.NextUInt64() % (Ports / 2)) * 2, portB = (portA + 8642) % Ports, at = (int)(chance.NextUInt64() % Ports);
        long answer = 500_000 + (long)(chance.NextUInt64() % 4_000_000), phaseA = (long)(chance.NextUInt64() % 20_000), phaseB = (long)(chance.NextUInt64() % 20_000), jitterFor = 20_000;
        ushort toA = 0, toB = 0, ofA = 0, ofB = 0;
        int diverted = 0, injected = 0, heard = 0;
        flow.Signal(FlowSide.A, Alice, default, begin);
        bool answered = false;
        for (long micros = 0; micros < answer + 5_000_000; micros += 1_000_000 / PerSecond)
        {
            Instant now = new(begin.Micros + micros);
            if (micros >= answer && !answered)
            {
                answered = true;
                flow.Signal(FlowSide.B, Bob, default, now);
            }
            // Mallory: as if each port had its own stream, so that his packets of one port are in sequence.
            if (at == portA) Spray(FlowSide.A, MediaChannel.Rtp, toA++);
            if (at == portA + 1) Spray(FlowSide.A, MediaChannel.Rtcp, 0);
            if (at == portB) Spray(FlowSide.B, MediaChannel.Rtp, toB++);
            if (micros / (1_000_000 / PerSecond) % burst == burst - 1) at = (at + 1) % Ports;
            if (!answered || micros < answer + jitterFor) continue;
            if ((micros - answer - phaseA) % 20_000 is >= 0 and < 100) Speak(FlowSide.A, caller, ofA++, callee);
            if ((micros - answer - phaseB) % 20_000 is >= 0 and < 100) Speak(FlowSide.B, callee, ofB++, caller);

            void Spray(FlowSide side, MediaChannel channel, ushort sequence)
            {
                RtpHeader.Write(packet, 0, marker: false, sequence, (uint)sequence * 160, 0x666);
                if (flow.On(side, channel, Mallory, packet, now, out _) is RelayVerdict.ToRtp or RelayVerdict.ToRtcp) injected++;
            }

            void Speak(FlowSide side, NetAddress from, ushort sequence, NetAddress partner)
            {
                RtpHeader.Write(packet, 8, marker: false, sequence, (uint)sequence * 160, 7);
                if (flow.On(side, MediaChannel.Rtp, from, packet, now, out NetAddress to) != RelayVerdict.ToRtp) return;
                if (to == Mallory) diverted++;
                if (to == partner) heard++;
            }
        }
        return (diverted, injected, heard);
    }
}
