using Tandem.Media.Quality;

namespace Tandem.Tests.Media.Quality;

public sealed class VoiceQualityTests
{
    [Theory]
    [InlineData(8, 0, 20, 440)]
    [InlineData(0, 0, 150, 434)]
    [InlineData(8, 0.01, 40, 432)]
    [InlineData(8, 0.05, 40, 388)]
    [InlineData(8, 0.05, 400, 223)] // beyond 177 ms talkers notice
    [InlineData(18, 0, 40, 407)]
    [InlineData(18, 0.03, 40, 359)]
    [InlineData(4, 0, 40, 392)]
    [InlineData(8, 1, 40, 115)]
    [InlineData(8, 0.9, 60_000, 100)]
    [InlineData(9, 0, 20, 0)] // G.722 is another scale
    [InlineData(111, 0, 20, 0)]
    [InlineData(255, 0, 20, 0)]
    public void The_score_follows_the_E_model(byte payloadType, double loss, double delayMillis, int hundredths) =>
        Assert.Equal(hundredths, VoiceQuality.MosHundredths(payloadType, loss, TimeSpan.FromMilliseconds(delayMillis)), 2.0);
}
