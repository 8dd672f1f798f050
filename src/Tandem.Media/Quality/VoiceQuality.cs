namespace Tandem.Media.Quality;

/// <summary>
/// How a stream of speech would be judged: the E-model of ITU-T G.107 with all but loss and delay at its defaults, so R = 93.2 − Id − Ie,eff, and from R the mean
/// opinion score (Annex B). An estimate for comparing routes, not a measurement of what was heard (docs/media.md).
/// </summary>
public static class VoiceQuality
{
    /// <summary>The score in hundredths, 100 to 450; zero for payloads whose equipment impairment nobody has published.</summary>
    /// <param name="payloadType">A static type of RFC 3551; 255: none.</param>
    /// <param name="loss">Of all packets, 0 to 1; taken as random.</param>
    /// <param name="delay">From mouth to ear.</param>
    public static int MosHundredths(byte payloadType, double loss, TimeSpan delay)
    {
        // Ie and Bpl of ITU-T G.113 Appendix I; G.711 with concealment of lost packets, which receivers have.
        (double ie, double bpl) = payloadType switch
        {
            0 or 8 => (0, 25.1),
            4 => (15, 16.1),
            18 => (11, 19),
            _ => (-1, 0.0),
        };
        if (ie < 0) return 0;
        double percent = 100 * Math.Clamp(loss, 0, 1), ms = delay.TotalMilliseconds;
        double ieEff = ie + ((95 - ie) * percent / (percent + bpl));
        double id = (0.024 * ms) + (ms > 177.3 ? 0.11 * (ms - 177.3) : 0);
        double r = Math.Clamp(93.2 - id - ieEff, 0, 100);
        double mos = 1 + (0.035 * r) + (r * (r - 60) * (100 - r) * 7e-6);
        return (int)Math.Round(100 * Math.Clamp(mos, 1, 4.5));
    }
}
