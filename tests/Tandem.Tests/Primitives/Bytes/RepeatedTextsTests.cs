using System.Text;
using Tandem.Primitives.Bytes;

namespace Tandem.Tests.Primitives.Bytes;

public sealed class RepeatedTextsTests
{
    private readonly RepeatedTexts _texts = new();

    [Fact]
    public void The_same_text_is_the_same_object()
    {
        string first = _texts.Of("carrier-17"u8);
        Assert.Equal("carrier-17", first);
        Assert.Same(first, _texts.Of("carrier-17"u8));
        Assert.Same("", _texts.Of(""u8));
    }

    [Fact]
    public void Whatever_else_is_read_between_each_text_is_what_was_written()
    {
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 20_000; i++)
            {
                string text = i % 3 == 0 ? $"Zürich {i}" : i % 3 == 1 ? $"{i}" : new string((char)('a' + (i % 26)), i % 90);
                Assert.Equal(text, _texts.Of(Encoding.UTF8.GetBytes(text)));
            }
        }
    }

    [Fact]
    public void What_comes_again_costs_no_memory()
    {
        _texts.Of("cost-12"u8);
        Assert.Equal(0, Allocations.Least(() => _texts.Of("cost-12"u8)));
    }
}
