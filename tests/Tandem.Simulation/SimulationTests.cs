using Xunit;

namespace Tandem.Simulation;

/// <summary>Runs of the whole switch in virtual time. A failure names the seed; ./dev simulate SEED --verbose tells its story.</summary>
public class SimulationTests
{
    private const int SeedsPerBlock = 25;

    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, 10)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Every_invariant_holds_in_a_block_of_seeds(int block)
    {
        List<string> broken = [];
        for (int i = 0; i < SeedsPerBlock; i++)
        {
            Outcome outcome = World.Run((ulong)((block * SeedsPerBlock) + i + 1));
            if (!outcome.Held) broken.Add($"seed {outcome.Seed} {outcome.Broken} (replay: ./dev simulate {outcome.Seed} --verbose)");
        }
        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(64)]
    public void The_same_seed_gives_the_same_run(int seed)
    {
        Outcome first = World.Run((ulong)seed), second = World.Run((ulong)seed);
        Assert.Equal((first.Hash, first.Figures, first.Broken), (second.Hash, second.Figures, second.Broken));
        Assert.NotEqual(first.Hash, World.Run((ulong)seed + 1).Hash);
    }

    [Theory]
    [InlineData("PostedTwice", "is closed twice")]
    [InlineData("PortForgotten", "ports are lent")]
    [InlineData("LegShown", "shows in a message to")]
    public void A_planted_bug_is_caught(string bug, string complaint)
    {
        // Not every run gets to where the bug is: within a few seeds one does.
        Outcome[] outcomes = [.. Enumerable.Range(1, 8).Select(seed => World.Run((ulong)seed, planted: Enum.Parse<PlantedBug>(bug)))];
        Assert.Contains(outcomes, o => o.Broken is { } broken && broken.Contains(complaint, StringComparison.Ordinal));
    }
}
