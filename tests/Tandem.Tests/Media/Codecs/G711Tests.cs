using Tandem.Media.Codecs;

namespace Tandem.Tests.Media.Codecs;

public sealed class G711Tests
{
    // ITU-T G.711 tables 1a and 2a: the decision values of one sign, upwards. Slow and plain: the intervals one by one.
    // A-law on a scale of 4,096: 32 intervals of 2, then 16 each of 4, 8, 16, 32, 64, 128.
    private static readonly int[] ALawDecisions = Decisions([.. Enumerable.Repeat(2, 32), .. Segments(4, 128)]);

    // µ-law on a scale of 8,159: one interval of 1, 15 of 2, then 16 each of 4 ... 256.
    private static readonly int[] MuLawDecisions = Decisions([1, .. Enumerable.Repeat(2, 15), .. Segments(4, 256)]);

    [Fact]
    public void The_tables_end_where_the_recommendation_ends_them()
    {
        Assert.Equal((129, 4_096), (ALawDecisions.Length, ALawDecisions[^1]));
        Assert.Equal((129, 8_159), (MuLawDecisions.Length, MuLawDecisions[^1]));
    }

    [Fact]
    public void Every_sample_has_the_code_of_its_interval_in_A_law() =>
        EverySample(static (sample, magnitude, positive) => Assert.Equal((byte)((Interval(ALawDecisions, magnitude, 8, positive) | (positive ? 0x80 : 0)) ^ 0x55), G711.EncodeALaw(sample)));

    [Fact]
    public void Every_sample_has_the_code_of_its_interval_in_mu_law() =>
        EverySample(static (sample, magnitude, positive) => Assert.Equal((byte)~(Interval(MuLawDecisions, magnitude, 4, positive) | (positive ? 0 : 0x80)), G711.EncodeMuLaw(sample)));

    [Fact]
    public void Every_A_law_code_is_the_middle_of_its_interval()
    {
        for (int i = 0; i < 128; i++)
        {
            int middle = (ALawDecisions[i] + ALawDecisions[i + 1]) / 2 * 8;
            Assert.Equal(middle, G711.DecodeALaw((byte)((i | 0x80) ^ 0x55)));
            Assert.Equal(-middle, G711.DecodeALaw((byte)(i ^ 0x55)));
        }
    }

    [Fact]
    public void Every_mu_law_code_is_the_middle_of_its_interval_and_the_first_is_zero()
    {
        for (int i = 0; i < 128; i++)
        {
            int middle = i == 0 ? 0 : (MuLawDecisions[i] + MuLawDecisions[i + 1]) / 2 * 4;
            Assert.Equal(middle, G711.DecodeMuLaw((byte)~i));
            Assert.Equal(-middle, G711.DecodeMuLaw((byte)~(i | 0x80)));
        }
    }

    [Theory]
    [InlineData(0, 0xd5, 0xff)]
    [InlineData(-1, 0x55, 0x7f)]
    [InlineData(short.MaxValue, 0xaa, 0x80)]
    [InlineData(short.MinValue, 0x2a, 0x00)]
    public void The_corners_are_the_known_ones(short sample, byte aLaw, byte muLaw) => Assert.Equal((aLaw, muLaw), (G711.EncodeALaw(sample), G711.EncodeMuLaw(sample)));

    [Fact]
    public void A_code_decoded_and_encoded_is_itself()
    {
        for (int code = 0; code < 256; code++)
        {
            Assert.Equal(code, G711.EncodeALaw(G711.DecodeALaw((byte)code)));
            Assert.Equal(code == 0x7f ? 0xff : code, G711.EncodeMuLaw(G711.DecodeMuLaw((byte)code))); // minus zero is zero
        }
    }

    [Fact]
    public void Of_every_sample_and_every_code_the_vectors_say_what_the_tables_say()
    {
        short[] samples = [.. Enumerable.Range(short.MinValue, 65_536).Select(static s => (short)s), 5]; // and one beyond the last whole vector
        byte[] codes = new byte[samples.Length];
        G711.EncodeALaw(samples, codes);
        for (int i = 0; i < samples.Length; i++) Assert.Equal(G711.EncodeALaw(samples[i]), codes[i]);
        G711.EncodeMuLaw(samples, codes);
        for (int i = 0; i < samples.Length; i++) Assert.Equal(G711.EncodeMuLaw(samples[i]), codes[i]);

        byte[] all = [.. Enumerable.Range(0, 256).Select(static c => (byte)c), 7];
        short[] decoded = new short[all.Length];
        G711.DecodeALaw(all, decoded);
        for (int i = 0; i < all.Length; i++) Assert.Equal(G711.DecodeALaw(all[i]), decoded[i]);
        G711.DecodeMuLaw(all, decoded);
        for (int i = 0; i < all.Length; i++) Assert.Equal(G711.DecodeMuLaw(all[i]), decoded[i]);
    }

    [Fact]
    public void Spans_are_the_samples_one_by_one()
    {
        short[] samples = [0, 1, -1, 1_000, -1_000, short.MaxValue, short.MinValue];
        byte[] codes = new byte[samples.Length];
        short[] back = new short[samples.Length];
        G711.EncodeALaw(samples, codes);
        G711.DecodeALaw(codes, back);
        Assert.Equal(samples.Select(static s => G711.DecodeALaw(G711.EncodeALaw(s))), back);
        G711.EncodeMuLaw(samples, codes);
        G711.DecodeMuLaw(codes, back);
        Assert.Equal(samples.Select(static s => G711.DecodeMuLaw(G711.EncodeMuLaw(s))), back);
    }

    private static void EverySample(Action<short, int, bool> check)
    {
        for (int sample = short.MinValue; sample <= short.MaxValue; sample++) check((short)sample, Math.Abs(sample), sample >= 0);
    }

    // A positive value on a boundary belongs to the upper interval, a negative one to the lower (G.191 complements).
    private static int Interval(int[] decisions, int magnitude, int scale, bool positive)
    {
        for (int i = 0; i < 127; i++)
        {
            int upper = decisions[i + 1] * scale;
            if (positive ? magnitude < upper : magnitude <= upper) return i;
        }
        return 127;
    }

    private static IEnumerable<int> Segments(int first, int last)
    {
        for (int width = first; width <= last; width *= 2)
        {
            for (int i = 0; i < 16; i++) yield return width;
        }
    }

    private static int[] Decisions(int[] widths)
    {
        int[] decisions = new int[widths.Length + 1];
        for (int i = 0; i < widths.Length; i++) decisions[i + 1] = decisions[i] + widths[i];
        return decisions;
    }
}
