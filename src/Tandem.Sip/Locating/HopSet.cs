using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Sip.Locating;

/// <summary>A hop and its place in the order.</summary>
/// <param name="Hop">Where to.</param>
/// <param name="Group">The smaller, the earlier; inside a group the weights draw.</param>
/// <param name="Server">Hops of one server (its addresses) stay together, in their order.</param>
/// <param name="Weight">Of the server inside its group (RFC 2782).</param>
public readonly record struct HopChoice(Hop Hop, int Group, int Server, int Weight);

/// <summary>
/// The hops of one target, immutable. Every request draws its own order, so that weights share the load call by call and not
/// resolution by resolution.
/// </summary>
public sealed class HopSet
{
    /// <summary>More are left out: a request is not tried more often than this at one target.</summary>
    public const int MaxHops = 16;

    public static readonly HopSet Empty = new([]);

    private readonly ImmutableArray<HopChoice> _choices;

    /// <param name="choices">Sorted by group; the hops of one server side by side.</param>
    public HopSet(ImmutableArray<HopChoice> choices) => _choices = choices.Length > MaxHops ? choices[..MaxHops] : choices;

    public HopSet(in Hop only)
        : this([new HopChoice(only, 0, 0, 0)])
    {
    }

    public int Count => _choices.Length;

    public Hop this[int index] => _choices[index].Hop;

    public ImmutableArray<HopChoice> Choices => _choices;

    /// <summary>
    /// An order for one request: groups in turn, servers of a group by RFC 2782 (the running sum of weights against a random number, weight
    /// zero first), each server's hops in theirs. No allocation.
    /// </summary>
    /// <param name="entropy">For the weights.</param>
    /// <param name="order">Room for <see cref="Count"/> indices.</param>
    public void Draw(EntropySource entropy, Span<byte> order)
    {
        int drawn = 0;
        for (int start = 0, end; start < Count; start = end)
        {
            end = start + 1;
            while (end < Count && _choices[end].Group == _choices[start].Group) end++;
            DrawGroup(entropy, start, end, order, ref drawn);
        }
    }

    /// <summary>One of the hops is at this address, whatever the port.</summary>
    public bool HasHost(in NetAddress source)
    {
        foreach (ref readonly HopChoice choice in _choices.AsSpan())
        {
            if (choice.Hop.Address.SameHost(source)) return true;
        }
        return false;
    }

    /// <summary>Moves a hop to the front of an order, if it is one of these.</summary>
    public void PutFirst(in Hop first, Span<byte> order)
    {
        for (int i = 0; i < Count; i++)
        {
            byte index = order[i];
            if (_choices[index].Hop.Address != first.Address || _choices[index].Hop.Transport != first.Transport) continue;
            order[..i].CopyTo(order[1..]);
            order[0] = index;
            return;
        }
    }

    public bool SameAs(HopSet other) => _choices.AsSpan().SequenceEqual(other._choices.AsSpan());

    private void DrawGroup(EntropySource entropy, int start, int end, Span<byte> order, ref int drawn)
    {
        uint left = 0;
        for (int i = start; i < end; i++) left |= 1u << i;
        while (left != 0)
        {
            int server = Pick(entropy, start, end, left);
            for (int i = start; i < end; i++)
            {
                if (_choices[i].Server != server) continue;
                left &= ~(1u << i);
                order[drawn++] = (byte)i;
            }
        }
    }

    private int Pick(EntropySource entropy, int start, int end, uint left)
    {
        long total = 0;
        int only = -1, servers = 0;
        for (int i = start; i < end; i++)
        {
            if ((left & (1u << i)) == 0 || _choices[i].Server == only) continue;
            only = _choices[i].Server;
            servers++;
            total += _choices[i].Weight;
        }
        if (servers == 1) return only;
        long random = (long)(entropy.NextUInt64() % (ulong)(total + 1)), sum = 0;
        int last = -1;
        // Twice through: those of weight zero stand before the others (RFC 2782), so that they are picked only by the number zero.
        for (int round = 0; round < 2; round++)
        {
            for (int i = start; i < end; i++)
            {
                if ((left & (1u << i)) == 0 || _choices[i].Server == last || _choices[i].Weight == 0 != (round == 0)) continue;
                last = _choices[i].Server;
                sum += _choices[i].Weight;
                if (sum >= random) return last;
            }
        }
        return last;
    }
}
