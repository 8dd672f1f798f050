using System.Diagnostics.CodeAnalysis;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.Storage.Ported;

/// <summary>
/// Reads ported numbers as CSV, "number,routing" a line, in any order, a heading in the first line permitted: bytes, without a text per line. Where the second column is
/// empty the number is known not to be ported.
/// </summary>
internal sealed class PortedCsv(Stream source)
{
    private const int MostErrors = 100;
    private const int LongestLine = 256;

    private readonly byte[] _buffer = new byte[1 << 20];
    private readonly List<FieldFault> _errors = [];
    private readonly Dictionary<DialString, int> _places = [];
    private int _start, _end;
    private bool _over;

    /// <summary>Lines read so far.</summary>
    public int Line { get; private set; }

    public IReadOnlyList<FieldFault> Errors => _errors;

    public int ErrorCount { get; private set; }

    /// <summary>The routing numbers met, by their place.</summary>
    public IReadOnlyCollection<DialString> Routings => _places.Keys;

    /// <summary>The next number; false at the end. Lines that are wrong are reported and passed over.</summary>
    public bool TryRead(out ulong key, out int routing)
    {
        while (TryReadLine(out ReadOnlySpan<byte> line))
        {
            line = line.Trim(" \t\r"u8);
            if (line.IsEmpty || (Line == 1 && !line.ContainsAnyInRange((byte)'0', (byte)'9'))) continue;
            if (TryParse(line, out key, out routing, out string error)) return true;
            Fault(Line, error);
        }
        (key, routing) = (0, 0);
        return false;
    }

    public void Fault(int line, string says)
    {
        ErrorCount++;
        if (_errors.Count < MostErrors) _errors.Add(new FieldFault(line, "", says));
    }

    private bool TryParse(ReadOnlySpan<byte> line, out ulong key, out int routing, out string error)
    {
        (key, routing, error) = (0, 0, "");
        int comma = line.IndexOfAny((byte)',', (byte)';', (byte)'\t');
        if (comma < 0)
        {
            error = $"'{Shown(line)}' has no comma; a line is number,routing";
            return false;
        }
        ReadOnlySpan<byte> number = Bare(line[..comma]);
        if (number is [(byte)'+', .. var rest]) number = rest;
        key = PortedKey.Of(number);
        if (key == 0)
        {
            error = $"'{Shown(number)}' is no number of 1 to {PortedKey.MostDigits} digits";
            return false;
        }
        ReadOnlySpan<byte> where = Bare(line[(comma + 1)..]);
        if (where is [(byte)'+', .. var digits]) where = digits;
        if (!DialString.TryParse(where, out DialString to))
        {
            error = $"'{Shown(where)}' is no routing number: at most {DialString.MaxLength} of 0-9 * # + - . _ and letters";
            return false;
        }
        if (!_places.TryGetValue(to, out routing)) _places.Add(to, routing = _places.Count);
        return true;
    }

    private static ReadOnlySpan<byte> Bare(ReadOnlySpan<byte> text) => text.Trim(" \t\""u8);

    private static string Shown(ReadOnlySpan<byte> text) => Configuration.DocumentNode.Printable(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 60)]));

    private bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            int end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (end >= 0)
            {
                Line++;
                line = _buffer.AsSpan(_start, end);
                _start += end + 1;
                return true;
            }
            if (_over)
            {
                line = _buffer.AsSpan(_start, _end - _start);
                _start = _end;
                if (!line.IsEmpty) Line++;
                return !line.IsEmpty;
            }
            if (_end - _start > LongestLine && _start == 0 && _end == _buffer.Length)
            {
                Fault(Line + 1, "the line is endless; this is no CSV file");
                _start = _end;
                _over = true;
                line = default;
                return false;
            }
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            int read = source.Read(_buffer, _end, _buffer.Length - _end);
            _over = read == 0;
            _end += read;
        }
    }
}
