using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Configuration;

namespace Tandem.Switching.Numbers;

/// <summary>Address ranges to areas: sorted, none overlapping another; a look-up is a binary search, no allocation.</summary>
public sealed class Geofence
{
    public static readonly Geofence Empty = new([]);

    public const int Nowhere = -1;

    private readonly UInt128[] _firsts;
    private readonly UInt128[] _lasts;
    private readonly int[] _areas;
    private readonly List<string> _names = [];

    /// <exception cref="InvalidOperationException">Two ranges share an address.</exception>
    public Geofence(IReadOnlyCollection<IpLimitConfig> ranges)
    {
        IpRange[] sorted = [.. ranges.Select(static r => IpRange.TryRead(r, out IpRange? range, out string error) ? range : throw new InvalidOperationException(error)).OrderBy(static r => r.First)];
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].First <= sorted[i - 1].Last) throw new InvalidOperationException($"The addresses of {sorted[i].Said.Ip} and {sorted[i - 1].Said.Ip} overlap.");
        }
        _firsts = [.. sorted.Select(static r => r.First)];
        _lasts = [.. sorted.Select(static r => r.Last)];
        _areas = [.. sorted.Select(r => IndexOf(r.Said.Area, add: true))];
    }

    /// <summary>By their index.</summary>
    public IReadOnlyList<string> Areas => _names;

    /// <summary>The area's index; <see cref="Nowhere"/>: in none.</summary>
    public int Find(in NetAddress address)
    {
        int at = Array.BinarySearch(_firsts, IpRange.BitsOf(address));
        if (at < 0) at = ~at - 1;
        return at >= 0 && IpRange.BitsOf(address) <= _lasts[at] ? _areas[at] : Nowhere;
    }

    /// <summary>The areas of a device, by index; null where it names none.</summary>
    public bool[]? Select(IReadOnlyCollection<string> names)
    {
        if (names.Count == 0) return null;
        bool[] named = new bool[_names.Count];
        foreach (string name in names) named[IndexOf(name, add: false)] = true;
        return named;
    }

    /// <summary>Whether a device of these limits may call from an area.</summary>
    public static bool Permits(NumberLimits limits, int area) => limits.Areas is not { } areas || (area >= 0 && areas[area]) == limits.AreasAllow;

    private int IndexOf(string name, bool add)
    {
        int index = _names.IndexOf(name);
        if (index >= 0) return index;
        if (!add) throw new InvalidOperationException($"No address range is of the area '{name}'.");
        _names.Add(name);
        return _names.Count - 1;
    }
}

/// <summary>The addresses of one <see cref="IpLimitConfig"/>, first and last as bits; IPv4 among IPv6 as RFC 4291 §2.5.5.2 maps it.</summary>
public sealed record IpRange(UInt128 First, UInt128 Last, IpLimitConfig Said)
{
    public static bool TryRead(IpLimitConfig said, [NotNullWhen(true)] out IpRange? range, out string error)
    {
        range = null;
        error = $"'{said.Ip}' is neither an address nor a network";
        if (said.Ip.Contains('/'))
        {
            if (!SourcePattern.TryParse(said.Ip, out SourcePattern network, out error)) return false;
            if (said.Count != 1)
            {
                error = $"'{said.Ip}' is a network; a count goes with an address";
                return false;
            }
            int free = (network.Address.IsV6 ? 128 : 32) - network.PrefixLength;
            range = new IpRange(BitsOf(network.Address), BitsOf(network.Address) | (free == 128 ? UInt128.MaxValue : (UInt128.One << free) - UInt128.One), said);
            return true;
        }
        if (!NetAddress.TryParse(said.Ip, 0, out NetAddress first) || first.Port != 0) return false;
        UInt128 last = BitsOf(first) + (uint)(said.Count - 1);
        if (!first.IsV6 && first.V4Bits + (said.Count - 1L) > uint.MaxValue)
        {
            error = $"{said.Count} addresses from '{said.Ip}' on are more than there are";
            return false;
        }
        range = new IpRange(BitsOf(first), last, said);
        return true;
    }

    public static UInt128 BitsOf(in NetAddress address)
    {
        if (!address.IsV6) return new UInt128(0, 0xffff_0000_0000UL | address.V4Bits);
        Span<byte> bytes = stackalloc byte[16];
        address.WriteAddressBytes(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
