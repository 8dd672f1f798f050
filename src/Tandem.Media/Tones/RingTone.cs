using Tandem.Media.Streams;

namespace Tandem.Media.Tones;

/// <summary>What a caller hears while the far end rings, by country (after the tables telephone equipment follows for ITU-T E.180 Supplement 2).</summary>
/// <param name="Country">Two letters (ISO 3166-1), in lower case.</param>
/// <param name="Hertz">The first frequency.</param>
/// <param name="SecondHertz">The second; 0: none.</param>
/// <param name="Cadence">On, off, on, off ... in ms, from the top again and again.</param>
public sealed record RingTone(string Country, double Hertz, double SecondHertz, params int[] Cadence)
{
    private static readonly int[] Double = [400, 200, 400, 2_000];
    private static readonly int[] Long = [1_000, 4_000];

    private static readonly RingTone[] Table =
    [
        new("ae", 400, 450, Double), new("ar", 425, 0, 1_000, 4_500), new("at", 420, 0, 1_000, 5_000), new("au", 400, 425, Double), new("bd", 400, 450, Double),
        new("be", 425, 0, 1_000, 3_000), new("br", 425, 0, Long), new("ca", 440, 480, 2_000, 4_000), new("ch", 425, 0, Long), new("cl", 400, 0, 1_000, 3_000),
        new("cn", 450, 0, Long), new("co", 425, 0, 1_000, 4_500), new("cz", 425, 0, Long), new("de", 425, 0, Long), new("dk", 425, 0, Long), new("eg", 425, 0, 2_000, 1_000),
        new("es", 425, 0, 1_500, 3_000), new("fi", 425, 0, Long), new("fr", 440, 0, 1_500, 3_500), new("gb", 400, 450, Double), new("gr", 425, 0, Long),
        new("hk", 440, 480, 400, 200, 400, 3_000), new("hu", 425, 0, 1_250, 3_750), new("id", 425, 0, Long), new("ie", 400, 450, Double), new("il", 400, 0, 1_000, 3_000),
        new("in", 400, 0, Double), new("it", 425, 0, Long), new("jp", 400, 0, 1_000, 2_000), new("kr", 440, 480, 1_000, 2_000), new("lk", 425, 0, Double),
        new("mx", 425, 0, Long), new("my", 425, 0, Double), new("nl", 425, 0, Long), new("no", 425, 0, Long), new("nz", 400, 450, Double), new("pe", 425, 0, Long),
        new("ph", 425, 480, Long), new("pk", 400, 0, 1_000, 2_000), new("pl", 425, 0, Long), new("pt", 425, 0, 1_000, 5_000), new("ro", 450, 0, 1_850, 4_150),
        new("ru", 425, 0, 800, 3_200), new("sa", 425, 0, 1_200, 4_600), new("se", 425, 0, 1_000, 5_000), new("sg", 425, 0, Double), new("th", 400, 0, Long),
        new("tr", 450, 0, 2_000, 4_000), new("tw", 440, 480, 1_000, 2_000), new("ua", 425, 0, Long), new("us", 440, 480, 2_000, 4_000), new("ve", 425, 0, Long),
        new("vn", 425, 0, Long), new("za", 400, 0, Double),
    ];

    public static IReadOnlyList<RingTone> All => Table;

    /// <summary>Null where there is no tone of that country.</summary>
    public static RingTone? Of(string country)
    {
        foreach (RingTone tone in Table)
        {
            if (tone.Country == country) return tone;
        }
        return null;
    }

    /// <summary>The tone from its beginning, for ever.</summary>
    public IAudioSource Play() => new Player(this);

    private sealed class Player(RingTone tone) : IAudioSource
    {
        private const int SamplesPerMilli = 8;

        private readonly ToneGenerator _generator = new(tone.Hertz, tone.SecondHertz, levelDbm0: tone.SecondHertz > 0 ? -13 : -10);
        private int _part;
        private int _left = tone.Cadence[0] * SamplesPerMilli;

        public bool Read(Span<short> samples)
        {
            while (!samples.IsEmpty)
            {
                int take = Math.Min(samples.Length, _left);
                if (_part % 2 == 0) _generator.Fill(samples[..take]);
                else samples[..take].Clear();
                samples = samples[take..];
                _left -= take;
                if (_left > 0) continue;
                _part = (_part + 1) % tone.Cadence.Length;
                _left = tone.Cadence[_part] * SamplesPerMilli;
            }
            return true;
        }
    }
}
