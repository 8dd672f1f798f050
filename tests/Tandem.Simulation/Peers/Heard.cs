using System.Text;
using Tandem.Sip.Messages;

namespace Tandem.Simulation.Peers;

/// <summary>A message as a peer understood it: texts of its own, so that nothing is shared with the switch.</summary>
internal sealed class Heard
{
    private readonly List<(HeaderName Name, string Value)> _headers = [];

    public bool IsRequest { get; private init; }

    public SipMethod Method { get; private init; }

    public int Status { get; private init; }

    public string RequestUri { get; private init; } = "";

    public string CallId { get; private init; } = "";

    public string From { get; private init; } = "";

    public string To { get; private init; } = "";

    public string FromTag { get; private init; } = "";

    public string ToTag { get; private init; } = "";

    public string Branch { get; private init; } = "";

    public uint CSeq { get; private init; }

    public SipMethod CSeqMethod { get; private init; }

    public string Contact { get; private init; } = "";

    public string Body { get; private init; } = "";

    public IEnumerable<string> All(HeaderName name) => _headers.Where(h => h.Name == name).Select(static h => h.Value);

    /// <summary>Null for what is no SIP, as far as the peer can tell.</summary>
    public static Heard? Read(byte[] bytes)
    {
        SipMessage message = new();
        if (message.Parse(bytes, 0, bytes.Length) != SipDefect.None) return null;
        string contact = NameAddress.TryParse(message.Contact, out NameAddress address) ? Text(address.Uri) : "";
        Heard heard = new()
        {
            IsRequest = message.IsRequest,
            Method = message.Method,
            Status = message.Status,
            RequestUri = Text(message.RequestUri),
            CallId = Text(message.CallId),
            From = Text(message.From),
            To = Text(message.To),
            FromTag = Text(message.FromTag),
            ToTag = Text(message.ToTag),
            Branch = Text(message.ViaBranch),
            CSeq = message.CSeqNumber,
            CSeqMethod = message.CSeqMethod,
            Contact = contact,
            Body = Text(message.Body),
        };
        foreach (SipMessage.HeaderSlot header in message.Headers) heard._headers.Add((header.Name, Text(header.Value)));
        return heard;
    }

    /// <summary>The user part of a URI or address.</summary>
    public static string UserOf(string address)
    {
        int colon = address.IndexOf("sip:", StringComparison.Ordinal);
        int at = address.IndexOf('@', StringComparison.Ordinal);
        return colon >= 0 && at > colon ? address[(colon + 4)..at] : "";
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
