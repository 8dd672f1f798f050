using System.Globalization;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;

namespace Tandem.Switching.Calls;

/// <summary>
/// Where the redirections of one gateway's attempt lead: the URIs of its 3xx, each once, taken in the order of their q (RFC 3261 §8.1.3.4). Bounded, so that
/// redirections that lead on for ever end.
/// </summary>
internal sealed class RedirectList(BytePool pool)
{
    /// <summary>Contacts of one gateway's attempt, those of redirections of redirections included.</summary>
    public const int Most = 5;

    /// <summary>A longer URI is passed over.</summary>
    public const int LongestUri = 256;

    private readonly (byte[]? Bytes, int Length, int Q, bool Taken)[] _entries = new (byte[]?, int, int, bool)[Most];
    private int _count;

    public int Count => _count;

    /// <summary>True while one is left.</summary>
    public bool Any
    {
        get
        {
            foreach (ref (byte[]? Bytes, int Length, int Q, bool Taken) entry in _entries.AsSpan(0, _count))
            {
                if (!entry.Taken) return true;
            }
            return false;
        }
    }

    /// <summary>A contact of a 3xx; one known already, too long or too many is passed over.</summary>
    public void Add(in NameAddress contact)
    {
        if (_count == Most || contact.Uri.Length > LongestUri || Knows(contact.Uri)) return;
        _entries[_count++] = (pool.Copy(contact.Uri), contact.Uri.Length, contact.TryGetParam("q"u8, out ReadOnlySpan<byte> q) ? Thousandths(q) : 1000, false);
    }

    /// <summary>The URI already tried when the attempt began.</summary>
    public void Begin(scoped ReadOnlySpan<byte> target)
    {
        Release();
        if (target.Length <= LongestUri) _entries[_count++] = (pool.Copy(target), target.Length, 0, true);
    }

    /// <summary>The best of those left, first come among equals; valid until <see cref="Release"/>.</summary>
    public bool TryTake(out ReadOnlySpan<byte> uri)
    {
        int best = -1;
        for (int i = 0; i < _count; i++)
        {
            if (!_entries[i].Taken && (best < 0 || _entries[i].Q > _entries[best].Q)) best = i;
        }
        uri = default;
        if (best < 0) return false;
        _entries[best].Taken = true;
        uri = _entries[best].Bytes.AsSpan(0, _entries[best].Length);
        return true;
    }

    public void Release()
    {
        for (int i = 0; i < _count; i++)
        {
            pool.Return(_entries[i].Bytes!);
            _entries[i] = default;
        }
        _count = 0;
    }

    private bool Knows(ReadOnlySpan<byte> uri)
    {
        for (int i = 0; i < _count; i++)
        {
            if (uri.SequenceEqual(_entries[i].Bytes.AsSpan(0, _entries[i].Length))) return true;
        }
        return false;
    }

    // qvalue (RFC 3261 §25.1): 0 to 1 with at most three decimals; what is none counts as 1, as if it were not there.
    private static int Thousandths(ReadOnlySpan<byte> q) =>
        decimal.TryParse(q, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) && value is >= 0 and <= 1 ? (int)(value * 1000) : 1000;
}
