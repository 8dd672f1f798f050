namespace Tandem.Switching.Routing.Selection;

/// <summary>A gateway's rank as one number of 128 bits, the smaller the earlier: so that ordering three hundred is a few thousand comparisons of integers.</summary>
internal ref struct RankKey
{
    private UInt128 _key;

    public readonly UInt128 Value => _key;

    public void Flag(bool behind) => Put(behind ? 1u : 0u, 1);

    /// <summary>Longer first.</summary>
    public void Prefix(int length) => Put((uint)(63 - length), 6);

    /// <summary>Nanos; below 0: not known, and last.</summary>
    public void Cost(long nanos) => Put(nanos < 0 ? int.MaxValue : BitConverter.SingleToUInt32Bits(nanos), 31);

    /// <summary>Thousandths, the highest first.</summary>
    public void AnswerRate(int permille) => Put((uint)(1000 - Math.Clamp(permille, 0, 1000)), 10);

    /// <summary>The place among all priorities of the table.</summary>
    public void Priority(int place) => Put((uint)place, 16);

    /// <summary>To one in 2,048; beyond eight times the lines all are alike.</summary>
    public void Load(int calls, int capacity) => Put(capacity <= 0 ? 0 : (uint)Math.Min(16_383, (long)calls * 2_048 / capacity), 14);

    /// <summary>Calls taken since the start: exact to sixteen million, then to one in as many.</summary>
    public void History(long calls) => Put(BitConverter.SingleToUInt32Bits(calls), 31);

    public void Id(int id) => Put((uint)Math.Min(id, 65_535), 16);

    private void Put(uint value, int bits) => _key = (_key << bits) | value;
}
