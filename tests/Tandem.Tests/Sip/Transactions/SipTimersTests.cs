using Tandem.Sip.Transactions;

namespace Tandem.Tests.Sip.Transactions;

public sealed class SipTimersTests
{
    private static readonly SipTimers Timers = SipTimers.Default;

    [Fact]
    public void The_lengths_are_those_of_RFC_3261_Table_4()
    {
        Assert.Equal([500, 4000, 5000], new[] { Timers.T1, Timers.T2, Timers.T4 }.Select(Millis));
        Assert.Equal([500, 500, 500], new[] { Timers.A, Timers.E, Timers.G }.Select(Millis));
        Assert.All(new[] { Timers.B, Timers.D, Timers.F, Timers.H, Timers.J, Timers.L, Timers.M }, static t => Assert.Equal(32_000, Millis(t)));
        Assert.Equal([5000, 5000], new[] { Timers.I, Timers.K }.Select(Millis));
    }

    [Fact]
    public void Timer_D_follows_a_longer_T1_but_never_falls_below_32_seconds()
    {
        Assert.Equal(32_000, Millis((Timers with { T1 = TimeSpan.FromMilliseconds(100) }).D));
        Assert.Equal(128_000, Millis((Timers with { T1 = TimeSpan.FromSeconds(2) }).D));
    }

    [Fact]
    public void Retransmissions_double_up_to_T2_eleven_sendings_before_Timer_F()
    {
        var pauses = new List<int>();
        TimeSpan at = Timers.E;
        for (TimeSpan pause = Timers.E; at < Timers.F; at += pause)
        {
            pauses.Add(Millis(pause));
            pause = Timers.NextUpToT2(pause);
        }
        Assert.Equal([500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000], pauses); // RFC 3261 §17.1.2.2: ten retransmissions
    }

    private static int Millis(TimeSpan length) => (int)length.TotalMilliseconds;
}
