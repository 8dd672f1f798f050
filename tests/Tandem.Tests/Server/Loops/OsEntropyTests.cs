using Tandem.Server.Loops;

namespace Tandem.Tests.Server.Loops;

public sealed class OsEntropyTests
{
    [Fact]
    public void No_bytes_are_given_twice_across_many_blocks()
    {
        OsEntropy entropy = new();
        HashSet<ulong> seen = [];
        for (int i = 0; i < 5_000; i++) Assert.True(seen.Add(entropy.NextUInt64()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4_095)]
    [InlineData(4_096)]
    [InlineData(10_000)]
    public void Any_length_is_filled(int length)
    {
        OsEntropy entropy = new();
        byte[] first = new byte[length], second = new byte[length];
        entropy.Fill(first);
        entropy.Fill(second);
        if (length >= 16) Assert.NotEqual(first, second);
        if (length >= 4_000) Assert.InRange(first.Distinct().Count(), 250, 256); // a byte is missing from 4,000 draws with p < 1e-4
    }
}
