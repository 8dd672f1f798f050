using Tandem.Switching.Identity;

namespace Tandem.Tests.Switching.Identity;

public sealed class CodeMapTests
{
    [Theory]
    [InlineData("", 503, 503)]
    [InlineData("503:480", 503, 480)]
    [InlineData("503:480", 486, 486)]
    [InlineData(" 486:600, 0:503 ", 486, 600)]
    [InlineData("486:600,0:503", 404, 503)]
    [InlineData("486:0,0:503", 486, 486)]
    [InlineData("0:0", 404, 404)]
    public void A_status_becomes_what_its_pair_says_or_the_pair_of_all_others(string map, int status, int told)
    {
        Assert.True(CodeMap.TryParseStatuses(map, out CodeMap? parsed, out string error), error);
        Assert.Equal(told, parsed.Of(status));
    }

    [Theory]
    [InlineData("486", "'486' is no pair original:target of two statuses, each 400 to 699 or 0, as in 503:480")]
    [InlineData("200:480", "'200:480' is no pair original:target of two statuses, each 400 to 699 or 0, as in 503:480")]
    [InlineData("486:200", "'486:200' is no pair original:target of two statuses, each 400 to 699 or 0, as in 503:480")]
    [InlineData("486:302", "'486:302' is no pair original:target of two statuses, each 400 to 699 or 0, as in 503:480")]
    [InlineData("+486:500", "'+486:500' is no pair original:target of two statuses, each 400 to 699 or 0, as in 503:480")]
    [InlineData("403:407", "407 asks a customer for credentials nobody would check; another target is needed")]
    [InlineData("486:480,486:481", "486 is mapped twice")]
    public void A_wrong_map_is_refused_in_a_sentence(string map, string says)
    {
        Assert.False(CodeMap.TryParseStatuses(map, out _, out string error));
        Assert.Equal(says, error);
    }

    [Theory]
    [InlineData("34:41", 34, 41)]
    [InlineData("34:41", 17, 17)]
    [InlineData("34:41,0:31", 17, 31)]
    [InlineData("17:0,0:31", 17, 17)]
    public void A_cause_becomes_what_its_pair_says(string map, int cause, int told)
    {
        Assert.True(CodeMap.TryParseCauses(map, out CodeMap? parsed, out string error), error);
        Assert.Equal(told, parsed.Of(cause));
    }

    [Theory]
    [InlineData("128:41", "'128:41' is no pair original:target of two Q.850 causes, each 1 to 127 or 0, as in 34:41")]
    [InlineData("503:480", "'503:480' is no pair original:target of two Q.850 causes, each 1 to 127 or 0, as in 34:41")]
    public void A_wrong_map_of_causes_is_refused_in_a_sentence(string map, string says)
    {
        Assert.False(CodeMap.TryParseCauses(map, out _, out string error));
        Assert.Equal(says, error);
    }
}
