using System.Text;
using Tandem.Primitives;

namespace Tandem.Tests.Switching.Calls;

/// <summary>A message the switch sent, read back by plain text means: none of the parser under test.</summary>
internal sealed class WireMessage
{
    public WireMessage(NetAddress to, Instant at, ReadOnlySpan<byte> bytes, int listener = 0)
    {
        To = to;
        Listener = listener;
        At = at;
        Text = Encoding.UTF8.GetString(bytes);
        int end = Text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, "no end of headers:\n" + Text);
        string[] lines = Text[..end].Split("\r\n");
        Start = lines[0];
        Headers = [.. lines.Skip(1).Select(static l => (l[..l.IndexOf(':', StringComparison.Ordinal)], l[(l.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()))];
        Body = Text[(end + 4)..];
        Assert.Equal(Body.Length.ToString(), this["Content-Length"]);
    }

    public NetAddress To { get; }

    public int Listener { get; }

    public Instant At { get; }

    public string Text { get; }

    public string Start { get; }

    public (string Name, string Value)[] Headers { get; }

    public string Body { get; }

    public bool IsResponse => Start.StartsWith("SIP/2.0 ", StringComparison.Ordinal);

    public int Status => IsResponse ? int.Parse(Start.AsSpan(8, 3)) : 0;

    public string Method => IsResponse ? this["CSeq"].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1) ?? "" : Start.Split(' ')[0];

    public string Uri => Start.Split(' ')[1];

    public string CallId => this["Call-ID"];

    public int CSeq => int.Parse(this["CSeq"].Split(' ')[0]);

    public string Branch => After(this["Via"], "branch=");

    public string ToTag => After(this["To"], ";tag=");

    public string FromTag => After(this["From"], ";tag=");

    public string Contact => this["Contact"].Trim('<', '>');

    /// <summary>What stands first under a name; empty when there is none.</summary>
    public string this[string name] => Array.Find(Headers, h => h.Name == name).Value ?? "";

    public string[] All(string name) => [.. Headers.Where(h => h.Name == name).Select(static h => h.Value)];

    public override string ToString() => $"{(IsResponse ? $"{Start[8..]} ({Method})" : Method)} -> {To}";

    private static string After(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? "" : text[(at + mark.Length)..].Split(';', ' ')[0];
    }
}
