using System.Numerics;

namespace Tandem.Media.Codecs;

/// <summary>
/// G.711 of as many samples at once as the processor takes. Segments are shifts by a different count in each lane, which vectors of 16
/// bits have not everywhere: each lane is shifted by one until it has had its share, seven times at most.
/// </summary>
internal static class G711Vectors
{
    /// <summary>A-law codes with their even bits put right again, one a lane, to samples.</summary>
    public static Vector<short> ExpandALaw(Vector<short> bits)
    {
        Vector<short> segment = (bits >> 4) & new Vector<short>(7);
        Vector<short> magnitude = ((bits & new Vector<short>(0x0f)) << 4) + new Vector<short>(8);
        magnitude += Vector.GreaterThan(segment, Vector<short>.Zero) & new Vector<short>(0x100);
        for (short shift = 1; shift < 7; shift++) magnitude = Vector.ConditionalSelect(Vector.GreaterThan(segment, new Vector<short>(shift)), magnitude << 1, magnitude);
        return Vector.ConditionalSelect(Vector.Equals(bits & new Vector<short>(0x80), Vector<short>.Zero), -magnitude, magnitude);
    }

    /// <summary>µ-law codes, inverted, one a lane, to samples.</summary>
    public static Vector<short> ExpandMuLaw(Vector<short> bits)
    {
        Vector<short> bias = new(33);
        Vector<short> segment = (bits >> 4) & new Vector<short>(7);
        Vector<short> magnitude = ((bits & new Vector<short>(0x0f)) << 1) + bias;
        for (short shift = 0; shift < 7; shift++) magnitude = Vector.ConditionalSelect(Vector.GreaterThan(segment, new Vector<short>(shift)), magnitude << 1, magnitude);
        magnitude = (magnitude - bias) << 2;
        return Vector.ConditionalSelect(Vector.Equals(bits & new Vector<short>(0x80), Vector<short>.Zero), magnitude, -magnitude);
    }

    public static Vector<short> CompressALaw(Vector<short> samples)
    {
        Vector<short> sign = samples >> 15; // all ones where negative: magnitudes are complements
        Vector<short> magnitude = (samples ^ sign) >> 4, steps = Vector<short>.Zero;
        for (int i = 0; i < 6; i++)
        {
            Vector<short> more = Vector.GreaterThan(magnitude, new Vector<short>(31));
            magnitude = Vector.ConditionalSelect(more, magnitude >> 1, magnitude);
            steps -= more;
        }
        return ((steps << 4) + magnitude) ^ (new Vector<short>(0xd5) ^ (sign & new Vector<short>(0x80)));
    }

    public static Vector<short> CompressMuLaw(Vector<short> samples)
    {
        Vector<short> sign = samples >> 15;
        Vector<short> magnitude = Vector.Min(((samples ^ sign) >> 2) + new Vector<short>(33), new Vector<short>(0x1fff)), steps = Vector<short>.Zero;
        for (int i = 0; i < 7; i++)
        {
            Vector<short> more = Vector.GreaterThan(magnitude, new Vector<short>(63));
            magnitude = Vector.ConditionalSelect(more, magnitude >> 1, magnitude);
            steps -= more;
        }
        return ((steps << 4) + (magnitude >> 1) - new Vector<short>(16)) ^ (new Vector<short>(0xff) ^ (sign & new Vector<short>(0x80)));
    }
}
