using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Dialogs;

namespace Tandem.Sip.Messages;

/// <summary>What every response copies from its request (RFC 3261 §8.2.6.2), and where it goes (§18.2, RFC 3581).</summary>
public static class Responses
{
    /// <summary>
    /// Writes the status line, every Via (the first with received and rport as §18.2.1 and RFC 3581 §4 want), From, To, Call-ID, CSeq
    /// and for 100 the Timestamp. More headers may follow; then <see cref="SipWriter.End"/> or <see cref="SipWriter.Body"/>.
    /// </summary>
    /// <param name="writer">Where to.</param>
    /// <param name="request">What is answered; <see cref="SipMessage.CanBeAnswered"/> is enough, defects do not matter.</param>
    /// <param name="source">Where the request came from.</param>
    /// <param name="status">100 to 699.</param>
    /// <param name="reason">Empty: the standard phrase.</param>
    /// <param name="toTag">Added to a To that has no tag and was understood; empty: none (as for 100).</param>
    public static void Write(ref SipWriter writer, SipMessage request, in NetAddress source, int status, scoped ReadOnlySpan<byte> reason, scoped ReadOnlySpan<byte> toTag)
    {
        writer.Status(status, reason);
        bool first = true;
        foreach (SipMessage.HeaderSlot header in request.Headers)
        {
            if (header.Name != HeaderName.Via) continue;
            writer.OpenHeader(HeaderName.Via);
            ReadOnlySpan<byte> value = header.Value;
            if (first)
            {
                WriteTopVia(ref writer, request.TopVia, source);
                value = value[Grammar.ElementEnd(value)..];
                first = false;
            }
            writer.Text(value);
            writer.CloseHeader();
        }
        writer.Header(HeaderName.From, request.From);
        writer.OpenHeader(HeaderName.To);
        writer.Text(request.To);
        if (!toTag.IsEmpty && NameAddress.TryParse(request.To, out NameAddress to) && !to.TryGetParam("tag"u8, out _))
        {
            writer.Text(";tag="u8);
            writer.Text(toTag);
        }
        writer.CloseHeader();
        writer.Header(HeaderName.CallId, request.CallId);
        writer.Header(HeaderName.CSeq, request.Header(HeaderName.CSeq));
        if (status == 100 && request.Has(HeaderName.Timestamp)) writer.Header(HeaderName.Timestamp, request.Header(HeaderName.Timestamp));
    }

    /// <summary>
    /// Where the response to a request received over UDP goes: with rport to exactly where it came from (RFC 3581 §4), else to
    /// the address it came from at the port of sent-by, 5060 without one (RFC 3261 §18.2.2). A maddr is not followed: it would let anyone aim the
    /// switch's answers at a third party, and no carrier peer multicasts. A "received" the sender wrote himself counts for nothing.
    /// </summary>
    public static NetAddress Destination(SipMessage request, in NetAddress source)
    {
        if (!ViaParm.TryParse(request.TopVia, out ViaParm via) || via.TryGetParam("rport"u8, out _)) return source;
        return source.WithPort(via.Port == 0 ? 5060 : via.Port);
    }

    /// <summary>
    /// Where the response to a request received over TCP or TLS goes when its connection is gone: to the address the request came from, at the
    /// port of sent-by (RFC 3261 §18.2.2).
    /// </summary>
    public static NetAddress DestinationAfterBreak(SipMessage request, in NetAddress source) =>
        !ViaParm.TryParse(request.TopVia, out ViaParm via) ? source
        : source.WithPort(via.Port > 0 ? via.Port : Ascii.EqualsIgnoreCase(via.Transport, "TLS"u8) ? 5061 : 5060);

    /// <summary>The same where the operator says which of the peer's addresses to use.</summary>
    public static NetAddress Destination(SipMessage request, in NetAddress source, AddressMethod method)
    {
        if (method == AddressMethod.Socket) return source;
        if (method == AddressMethod.Standard || !ViaParm.TryParse(request.TopVia, out ViaParm via)) return Destination(request, source);
        int port = via.Port == 0 ? 5060 : via.Port;
        return method == AddressMethod.Stated && NetAddress.TryParseHost(via.Host, port, out NetAddress stated) && stated.IsV6 == source.IsV6 && !stated.IsAny
            ? stated
            : source.WithPort(port);
    }

    private static void WriteTopVia(ref SipWriter writer, ReadOnlySpan<byte> top, in NetAddress source)
    {
        if (!ViaParm.TryParse(top, out ViaParm via))
        {
            writer.Text(top);
            return;
        }
        bool rport = via.TryGetParam("rport"u8, out _);
        writer.Text("SIP/2.0/"u8);
        writer.Text(via.Transport);
        writer.Text((byte)' ');
        writer.Text(via.SentBy);
        Parameters each = new(via.Params);
        while (each.MoveNext())
        {
            bool isRport = Ascii.EqualsIgnoreCase(each.Name, "rport"u8);
            if (!isRport && Ascii.EqualsIgnoreCase(each.Name, "received"u8)) continue;
            writer.Text((byte)';');
            writer.Text(each.Name);
            if (isRport)
            {
                writer.Text((byte)'=');
                writer.Decimal(source.Port);
                continue;
            }
            if (each.Value.IsEmpty) continue;
            writer.Text((byte)'=');
            writer.Text(each.Value);
        }
        // With rport, received goes in even where sent-by is right (RFC 3581 §4).
        if (!rport && via.IsSentBy(source)) return;
        writer.Text(";received="u8);
        Span<byte> host = stackalloc byte[48];
        int length = source.FormatHost(host, bracketed: false);
        writer.Text(host[..length]);
    }
}
