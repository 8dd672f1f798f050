using System.Buffers.Text;
using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Publishing: a gateway says by PUBLISH how many calls it carries outside this switch (RFC 3903; docs/routing.md, Published calls).
public sealed partial class Shard
{
    private const int TagLength = 16;

    /// <summary>Whose publication a PUBLISH from there is; null: nobody's, and the door refuses it.</summary>
    private static GatewayState? PublisherOf(SwitchTables tables, in Visitor visitor, in NetAddress source) =>
        visitor.Gateway is { AllowPublish: true } customer ? customer.State : tables.TryFindPublisher(source, out RoutingGateway? carrier) ? carrier.State : null;

    private void OnPublish(SipMessage request, ServerTransaction transaction, Instant now)
    {
        GatewayState state = _visitor.Publisher!; // the door has let nobody else in
        // Until somebody else's PUBLISH came between: shards share the gateway.
        while (true)
        {
            Publication? held = state.Published;
            int status = Judge(request, held, _book.Current.Settings.Sip.PublishExpire, now, out int calls, out int seconds);
            if (status != 200)
            {
                RefusePublish(transaction, status, now);
                return;
            }
            var granted = new Publication(_entropy.NextUInt64(), calls, now + TimeSpan.FromSeconds(seconds));
            if (!state.TryPublish(held, seconds == 0 ? null : granted)) continue;
            Counters.Publications++;
            GrantPublish(transaction, granted.Tag, seconds, now);
            return;
        }
    }

    // The order of RFC 3903 §6.
    private static int Judge(SipMessage request, Publication? held, TimeSpan longest, Instant now, out int calls, out int seconds)
    {
        calls = 0;
        seconds = (int)longest.TotalSeconds;
        if (request.Has(HeaderName.Require)) return 420;
        if (!IsConcurrency(request.Header(HeaderName.Event))) return 489;
        bool follows = request.Has(HeaderName.SipIfMatch);
        if (follows && (held is null || held.Until <= now || !IsTag(request.Header(HeaderName.SipIfMatch), held.Tag))) return 412;
        if (request.Has(HeaderName.Expires))
        {
            if (!TryReadExpires(request.Header(HeaderName.Expires), out int asked)) return 400;
            if (asked is > 0 and < Publication.ShortestSeconds) return 423;
            seconds = Math.Min(asked, seconds);
        }
        if (follows && (seconds == 0 || request.Body.IsEmpty))
        {
            calls = held!.Calls;
            return 200;
        }
        if (request.Has(HeaderName.ContentEncoding)) return 415;
        if (request.Body.IsEmpty) return 400;
        if (!IsPlainText(request.ContentType)) return 415;
        return Publication.TryReadBody(request.Body, out calls) ? 200 : 400;
    }

    private static bool IsConcurrency(ReadOnlySpan<byte> package) => Ascii.EqualsIgnoreCase(BeforeParameters(package), "tandem-concurrency"u8);

    private static bool IsPlainText(ReadOnlySpan<byte> type) => Ascii.EqualsIgnoreCase(BeforeParameters(type), "text/plain"u8);

    private static ReadOnlySpan<byte> BeforeParameters(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOf((byte)';');
        return (end < 0 ? value : value[..end]).Trim(" \t"u8);
    }

    private static bool IsTag(ReadOnlySpan<byte> text, ulong tag)
    {
        Span<byte> ours = stackalloc byte[TagLength];
        WriteTag(tag, ours);
        return text.Trim(" \t"u8).SequenceEqual(ours);
    }

    private static void WriteTag(ulong tag, Span<byte> into) => Utf8Formatter.TryFormat(tag, into, out _, new System.Buffers.StandardFormat('x', TagLength));

    // More than an int holds is as good as for ever.
    private static bool TryReadExpires(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        text = text.Trim(" \t"u8);
        if (text.IsEmpty || text.Length > 10 || text.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        long value = 0;
        foreach (byte b in text) value = (value * 10) + (b - '0');
        seconds = (int)Math.Min(value, int.MaxValue);
        return true;
    }

    private void GrantPublish(ServerTransaction transaction, ulong tag, int seconds, Instant now)
    {
        Span<byte> text = stackalloc byte[TagLength];
        WriteTag(tag, text);
        SipWriter w = _transactions.BeginResponse(transaction, 200, []);
        w.Header(HeaderName.SipETag, text);
        w.Header(HeaderName.Expires, seconds);
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }

    private void RefusePublish(ServerTransaction transaction, int status, Instant now)
    {
        SipWriter w = _transactions.BeginResponse(transaction, status, []);
        if (status == 423) w.Header(HeaderName.MinExpires, Publication.ShortestSeconds);
        if (status == 489) w.Header(HeaderName.AllowEvents, "tandem-concurrency"u8);
        if (status == 415)
        {
            w.Header(HeaderName.Accept, "text/plain"u8);
            w.Header(HeaderName.AcceptEncoding, "identity"u8);
        }
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }
}
