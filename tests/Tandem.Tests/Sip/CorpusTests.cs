using Tandem.Fuzz;

namespace Tandem.Tests.Sip;

/// <summary>Every input that fuzzing found worth keeping, and every one that once broke something, keeps what its parser owes (docs/fuzzing.md).</summary>
public sealed class CorpusTests
{
    private static readonly string Corpus = Checkout.Path("tests", "Tandem.Tests", "Data", "corpus");

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(static t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void What_fuzzing_found_keeps_every_invariant(string target)
    {
        string[] files = Directory.GetFiles(Path.Combine(Corpus, target));
        Assert.True(files.Length > 5, $"the corpus of {target} is as good as empty");
        FuzzTarget fuzz = FuzzTarget.Find(target)!;
        foreach (string file in files)
        {
            try
            {
                fuzz.Check(File.ReadAllBytes(file));
            }
            catch (BrokenInvariantException e)
            {
                Assert.Fail($"{Path.GetFileName(file)}: {e.Message}");
            }
        }
    }

    [Fact]
    public void Every_target_has_a_corpus_and_all_of_it_is_small()
    {
        Assert.Equal(FuzzTarget.All.Select(static t => t.Name).Order(StringComparer.Ordinal), Directory.GetDirectories(Corpus).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.InRange(Directory.GetFiles(Corpus, "*", SearchOption.AllDirectories).Sum(static f => new FileInfo(f).Length), 10_000, 1_000_000);
    }
}
