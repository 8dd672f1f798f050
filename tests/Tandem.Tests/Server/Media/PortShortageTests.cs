using Tandem.Primitives;
using Tandem.Server.Media;

namespace Tandem.Tests.Server.Media;

public sealed class PortShortageTests
{
    private readonly Instant _start = Instant.FromUtc(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc));
    private readonly List<string> _said = [];

    [Fact]
    public void A_shortage_is_said_once_an_episode_and_each_refusal_is_counted()
    {
        var shortage = new PortShortage("the ports 10000 to 10007", _said.Add);
        Assert.Null(shortage.Warning(0, _start));
        for (int second = 0; second < 300; second += 50) shortage.Refuse(8, At(second));
        Assert.Equal("No media port is free (8 of the ports 10000 to 10007 are lent): relayed calls are refused. Widen SS_MEDIA_PROXY_PORT_RANGE, or let media go from end to end (SS_MEDIA_PROXY_MODE).", Assert.Single(_said));
        Assert.Equal(6, shortage.Refused);
        Assert.Equal(_said[0], shortage.Warning(8, At(309)));
        Assert.Null(shortage.Warning(8, At(310)));
        shortage.Refuse(8, At(311));
        Assert.Equal(2, _said.Count);
    }

    private Instant At(int seconds) => _start + TimeSpan.FromSeconds(seconds);
}
