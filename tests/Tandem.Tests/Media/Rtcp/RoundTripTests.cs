using System.Buffers.Binary;
using Tandem.Media.Rtcp;
using Tandem.Primitives;

namespace Tandem.Tests.Media.Rtcp;

public sealed class RoundTripTests
{
    private static readonly Instant Begin = new(1_700_000_000_000_000);

    [Fact]
    public void The_report_of_an_end_on_the_other_ends_sender_report_gives_the_round_trip_to_it()
    {
        RoundTrip caller = default, callee = default;
        callee.On(SenderReport(0x1234_5678_9abc_def0), caller, Begin);
        // 1.5 s after it heard that report, 30 ms away both ways.
        caller.On(ReceiverReport(0x5678_9abc, 65_536 * 3 / 2), callee, Begin + TimeSpan.FromMilliseconds(1_530));
        Assert.Equal((30.0, 0.0), (caller.Mean.TotalMilliseconds, callee.Mean.TotalMilliseconds));
        caller.On(ReceiverReport(0x5678_9abc, 65_536 * 2), callee, Begin + TimeSpan.FromMilliseconds(2_050));
        Assert.Equal(40.0, caller.Mean.TotalMilliseconds);
    }

    [Fact]
    public void Reports_on_another_report_with_impossible_delays_or_cut_off_measure_nothing()
    {
        RoundTrip caller = default, callee = default;
        caller.On(ReceiverReport(0, 0), callee, Begin);
        callee.On(SenderReport(0x1234_5678_9abc_def0), caller, Begin);
        caller.On(ReceiverReport(0x5678_9abd, 0), callee, Begin + TimeSpan.FromMilliseconds(30));
        caller.On(ReceiverReport(0x5678_9abc, uint.MaxValue), callee, Begin + TimeSpan.FromMilliseconds(30));
        caller.On(ReceiverReport(0x5678_9abc, 0), callee, Begin + TimeSpan.FromMinutes(1));
        byte[] bomb = ReceiverReport(0x5678_9abc, 0);
        for (int length = 0; length < bomb.Length; length++) caller.On(bomb.AsSpan(0, length), callee, Begin + TimeSpan.FromMilliseconds(30));
        bomb[0] = 0x9f; // says 31 blocks and has one
        BinaryPrimitives.WriteUInt16BigEndian(bomb.AsSpan(2), ushort.MaxValue);
        caller.On(bomb, callee, Begin + TimeSpan.FromMilliseconds(30));
        Assert.Equal(TimeSpan.Zero, caller.Mean);
    }

    private static byte[] SenderReport(ulong ntp)
    {
        byte[] report = new byte[28];
        (report[0], report[1]) = (0x80, 200);
        BinaryPrimitives.WriteUInt16BigEndian(report.AsSpan(2), 6);
        BinaryPrimitives.WriteUInt64BigEndian(report.AsSpan(8), ntp);
        return report;
    }

    private static byte[] ReceiverReport(uint lastReport, uint delay)
    {
        byte[] report = new byte[32];
        (report[0], report[1]) = (0x81, 201);
        BinaryPrimitives.WriteUInt16BigEndian(report.AsSpan(2), 7);
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(24), lastReport);
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(28), delay);
        return report;
    }
}
