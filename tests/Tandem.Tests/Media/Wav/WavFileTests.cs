using Tandem.Media.Wav;
using Tandem.Primitives;

namespace Tandem.Tests.Media.Wav;

public sealed class WavFileTests
{
    private static readonly short[] Samples = [0, 1, -1, short.MaxValue, short.MinValue];

    [Fact]
    public void What_is_written_is_read()
    {
        byte[] file = WavFile.Write(Samples);
        Assert.Equal(44 + 10, file.Length);
        Assert.Equal("524946462E00000057415645666D74201000000001000100401F0000803E00000200100064617461" + "0A000000", Convert.ToHexString(file, 0, 44));
        Assert.Equal(WavDefect.None, WavFile.TryRead(file, out short[] back));
        Assert.Equal(Samples, back);
    }

    [Fact]
    public void Unknown_chunks_are_skipped_odd_ones_with_their_padding()
    {
        byte[] file = WavFile.Write(Samples);
        byte[] withList = [.. file[..36], .. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. file[36..]];
        Assert.Equal(WavDefect.None, WavFile.TryRead(withList, out short[] back));
        Assert.Equal(Samples, back);
    }

    [Fact]
    public void A_recording_that_was_not_closed_gives_what_is_there()
    {
        byte[] file = WavFile.Write(Samples);
        file.AsSpan(40, 4).Fill(0xff);
        Assert.Equal(WavDefect.None, WavFile.TryRead(file.AsSpan(0, 51), out short[] back));
        Assert.Equal(Samples[..3], back);
    }

    [Theory]
    [InlineData(0, 0x00, WavDefect.NotWave)]
    [InlineData(8, 0x00, WavDefect.NotWave)]
    [InlineData(12, 0x00, WavDefect.NoFormat)]
    [InlineData(20, 0x06, WavDefect.NotLinear)]
    [InlineData(22, 0x02, WavDefect.NotMono)]
    [InlineData(25, 0x3e, WavDefect.WrongRate)]
    [InlineData(34, 0x08, WavDefect.Not16Bit)]
    [InlineData(36, 0x00, WavDefect.NoSamples)]
    public void What_the_switch_cannot_play_is_said(int at, byte value, WavDefect defect)
    {
        byte[] file = WavFile.Write(Samples);
        file[at] = value;
        Assert.Equal(defect, WavFile.TryRead(file, out short[] samples));
        Assert.Empty(samples);
    }

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        SeededEntropy entropy = new(44);
        byte[] file = WavFile.Write(Samples);
        int read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutated = [.. file];
            for (int m = entropy.Below(4); m >= 0; m--) mutated[entropy.Below(mutated.Length)] = (byte)entropy.NextUInt32();
            if (WavFile.TryRead(mutated.AsSpan(0, entropy.Below(mutated.Length + 1)), out short[] samples) == WavDefect.None) read++;
            Assert.InRange(samples.Length, 0, 27);
        }
        Assert.InRange(read, 1, 20_000);
    }
}
