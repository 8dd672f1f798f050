using System.Text;
using Tandem.Primitives;

namespace Tandem.Sip.Messages;

/// <summary>One via-parm: "SIP/2.0/UDP host:port;branch=..." (RFC 3261 §20.42), white space and folds allowed wherever the grammar has them.</summary>
public readonly ref struct ViaParm
{
    /// <summary>UDP, TCP, TLS, SCTP, WS or any other token, as received.</summary>
    public ReadOnlySpan<byte> Transport { get; private init; }

    /// <summary>host [":" port] as received.</summary>
    public ReadOnlySpan<byte> SentBy { get; private init; }

    /// <summary>IPv6 in its brackets.</summary>
    public ReadOnlySpan<byte> Host { get; private init; }

    /// <summary>0 when absent: then 5060, for TLS 5061.</summary>
    public int Port { get; private init; }

    /// <summary>From the first semicolon on; empty when there is none.</summary>
    public ReadOnlySpan<byte> Params { get; private init; }

    public bool TryGetParam(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Parameters.TryGet(Params, name, out value);

    /// <summary>True when sent-by names exactly the host of <paramref name="source"/> (a domain name never does).</summary>
    public bool IsSentBy(in NetAddress source) => NetAddress.TryParseHost(Host, 0, out NetAddress host) && host.SameHost(source);

    public static bool TryParse(ReadOnlySpan<byte> text, out ViaParm via)
    {
        via = default;
        text = Grammar.Trim(text);
        if (!TrySkipProtocol(text, out ReadOnlySpan<byte> rest)) return false;
        int end = rest.IndexOfAny(" \t\r\n"u8);
        if (end <= 0) return false;
        ReadOnlySpan<byte> transport = rest[..end];
        if (!Grammar.IsToken(transport)) return false;
        rest = Grammar.TrimStart(rest[end..]);
        int semicolon = rest.IndexOf((byte)';');
        ReadOnlySpan<byte> sentBy = Grammar.Trim(semicolon < 0 ? rest : rest[..semicolon]);
        if (!HostPort.TryParse(sentBy, out ReadOnlySpan<byte> host, out int port)) return false;
        ReadOnlySpan<byte> parameters = semicolon < 0 ? default : rest[semicolon..];
        if (!Grammar.QuotesClose(parameters)) return false;
        via = new ViaParm { Transport = transport, SentBy = sentBy, Host = host, Port = port, Params = parameters };
        return true;
    }

    /// <summary>True when it begins as a via-parm does. Of the vias below the first no more is asked: they are only copied, and it is their writers who read them.</summary>
    internal static bool LooksLikeOne(ReadOnlySpan<byte> text) => TrySkipProtocol(Grammar.Trim(text), out ReadOnlySpan<byte> rest) && !rest.IsEmpty && Grammar.QuotesClose(rest);

    // sent-protocol = "SIP" SLASH "2.0" SLASH transport, and SLASH may have white space on both sides.
    private static bool TrySkipProtocol(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> rest)
    {
        rest = default;
        if (text.StartsWith("SIP/2.0/"u8))
        {
            rest = Grammar.TrimStart(text[8..]);
            return true;
        }
        if (text.Length < 3 || !Ascii.EqualsIgnoreCase(text[..3], "SIP"u8)) return false;
        text = Grammar.TrimStart(text[3..]);
        if (text.IsEmpty || text[0] != '/') return false;
        text = Grammar.TrimStart(text[1..]);
        int end = text.IndexOfAny(" \t\r\n/"u8);
        // The version is the start line's affair: a via of another one is still a place to answer to.
        if (end <= 0 || !Grammar.IsToken(text[..end])) return false;
        text = Grammar.TrimStart(text[end..]);
        if (text.IsEmpty || text[0] != '/') return false;
        rest = Grammar.TrimStart(text[1..]);
        return true;
    }
}
