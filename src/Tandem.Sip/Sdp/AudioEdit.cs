using Tandem.Primitives.Bytes;

namespace Tandem.Sip.Sdp;

/// <summary>How the audio line of a description is told otherwise than its end said it: which formats, in which order, which more. One is used over and over.</summary>
public sealed class AudioEdit
{
    // Sixty-four formats of three digits, and what a handful of formats of ours are called.
    private readonly byte[] _formats = new byte[SdpLimits.Formats * 4];
    private readonly byte[] _added = new byte[512];
    private int _formatsLength;
    private int _addedLength;

    /// <summary>Which m-line.</summary>
    public int Line { get; set; }

    /// <summary>The format list, separated by spaces. What its end said of a format stays with it.</summary>
    public ReadOnlySpan<byte> Formats => _formats.AsSpan(0, _formatsLength);

    /// <summary>The formats one by one.</summary>
    public MediaDescription.FormatEnumerator Each => new(Formats);

    /// <summary>Whole a= lines of the formats that are ours.</summary>
    public ReadOnlySpan<byte> Added => _added.AsSpan(0, _addedLength);

    /// <summary>In place of a=ptime, ms; 0: as it was said.</summary>
    public int Ptime { get; set; }

    /// <summary>Begins anew.</summary>
    public void Clear(int line)
    {
        Line = line;
        _formatsLength = _addedLength = Ptime = 0;
    }

    /// <summary>One more format. False: the list is full.</summary>
    public bool Add(ReadOnlySpan<byte> format)
    {
        int space = _formatsLength == 0 ? 0 : 1;
        if (_formatsLength + space + format.Length > _formats.Length) return false;
        if (space == 1) _formats[_formatsLength++] = (byte)' ';
        format.CopyTo(_formats.AsSpan(_formatsLength));
        _formatsLength += format.Length;
        return true;
    }

    /// <summary>One more format, of ours.</summary>
    /// <param name="payload">0 to 127.</param>
    /// <param name="rtpMap">"PCMU/8000".</param>
    /// <param name="parameters">Of a=fmtp; empty: none.</param>
    public bool AddOwn(int payload, ReadOnlySpan<byte> rtpMap, ReadOnlySpan<byte> parameters = default)
    {
        Span<byte> number = stackalloc byte[4];
        if (!System.Buffers.Text.Utf8Formatter.TryFormat(payload, number, out int digits) || !Add(number[..digits])) return false;
        var w = new ByteWriter(_added.AsSpan(_addedLength));
        w.Text("a=rtpmap:"u8);
        w.Text(number[..digits]);
        w.Text((byte)' ');
        w.Text(rtpMap);
        w.Text("\r\n"u8);
        if (!parameters.IsEmpty)
        {
            w.Text("a=fmtp:"u8);
            w.Text(number[..digits]);
            w.Text((byte)' ');
            w.Text(parameters);
            w.Text("\r\n"u8);
        }
        if (w.Overflowed) return false;
        _addedLength += w.Length;
        return true;
    }

    /// <summary>Whether a format is in the list.</summary>
    public bool Has(ReadOnlySpan<byte> format)
    {
        foreach (ReadOnlySpan<byte> one in Each)
        {
            if (one.SequenceEqual(format)) return true;
        }
        return false;
    }
}
