using System.Text;
using Tandem.Primitives;

namespace Tandem.Simulation;

/// <summary>What happened, line by line; kept only when somebody wants to read it.</summary>
internal sealed class Story(TextWriter? to)
{
    private Instant _begin;

    public bool IsTold => to is not null;

    public Instant Now { get; set; }

    public void Begin(Instant at) => _begin = Now = at;

    public void Tell(string line) => to?.WriteLine($"{(Now - _begin).TotalSeconds,12:0.000000}  {line}");

    /// <summary>A message by its first line, and what tells it from others.</summary>
    public void Message(string from, string to, ReadOnlySpan<byte> bytes, string remark)
    {
        if (IsTold) Tell($"{from,-12} -> {to,-12} {Sketch(bytes)}{remark}");
    }

    private static string Sketch(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.Latin1.GetString(bytes);
        int end = text.IndexOf('\r');
        string first = end < 0 ? text[..Math.Min(text.Length, 60)] : text[..end];
        return $"{Printable(first),-62} {Value(text, "\r\nCSeq: "),-12} {Value(text, "\r\nCall-ID: ")}";
    }

    private static string Value(string text, string header)
    {
        int at = text.IndexOf(header, StringComparison.Ordinal);
        if (at < 0) return "";
        at += header.Length;
        int end = text.IndexOf('\r', at);
        return Printable(end < 0 ? text[at..] : text[at..end]);
    }

    private static string Printable(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (int i = 0; i < to.Length; i++) to[i] = from[i] is >= ' ' and <= '~' ? from[i] : '.';
    });
}
