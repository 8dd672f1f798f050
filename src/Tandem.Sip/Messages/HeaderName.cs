using System.Text;

namespace Tandem.Sip.Messages;

/// <summary>The header fields the switch knows by name; <see cref="Other"/> is any other token.</summary>
public enum HeaderName : byte
{
    Other, Via, From, To, CallId, CSeq, Contact, MaxForwards, ContentLength, ContentType, Route, RecordRoute, Require, ProxyRequire,
    Supported, Unsupported, Allow, Accept, Authorization, ProxyAuthorization, WwwAuthenticate, ProxyAuthenticate, Expires, MinExpires,
    UserAgent, Server, Reason, RetryAfter, SessionExpires, MinSE, RSeq, RAck, Diversion, PAssertedIdentity, PPreferredIdentity,
    RemotePartyId, Privacy, ReferTo, ReferredBy, Replaces, Event, Date, Timestamp, ContentEncoding, Subject, Warning, HistoryInfo,
    InfoPackage, ContentDisposition, SubscriptionState, AllowEvents, AcceptEncoding, ServiceRoute, ReferSub,
    SipETag, SipIfMatch,
}

/// <summary>Header names both ways: the full spelling, and the lookup with compact forms (RFC 3261 §7.3.3), case-insensitive.</summary>
public static class HeaderNames
{
    public const int Count = (int)HeaderName.SipIfMatch + 1;

    private static readonly byte[][] Spellings =
    [
        [], [.. "Via"u8], [.. "From"u8], [.. "To"u8], [.. "Call-ID"u8], [.. "CSeq"u8], [.. "Contact"u8], [.. "Max-Forwards"u8],
        [.. "Content-Length"u8], [.. "Content-Type"u8], [.. "Route"u8], [.. "Record-Route"u8], [.. "Require"u8], [.. "Proxy-Require"u8],
        [.. "Supported"u8], [.. "Unsupported"u8], [.. "Allow"u8], [.. "Accept"u8], [.. "Authorization"u8], [.. "Proxy-Authorization"u8],
        [.. "WWW-Authenticate"u8], [.. "Proxy-Authenticate"u8], [.. "Expires"u8], [.. "Min-Expires"u8], [.. "User-Agent"u8], [.. "Server"u8],
        [.. "Reason"u8], [.. "Retry-After"u8], [.. "Session-Expires"u8], [.. "Min-SE"u8], [.. "RSeq"u8], [.. "RAck"u8], [.. "Diversion"u8],
        [.. "P-Asserted-Identity"u8], [.. "P-Preferred-Identity"u8], [.. "Remote-Party-ID"u8], [.. "Privacy"u8], [.. "Refer-To"u8],
        [.. "Referred-By"u8], [.. "Replaces"u8], [.. "Event"u8], [.. "Date"u8], [.. "Timestamp"u8], [.. "Content-Encoding"u8],
        [.. "Subject"u8], [.. "Warning"u8], [.. "History-Info"u8],
        [.. "Info-Package"u8], [.. "Content-Disposition"u8], [.. "Subscription-State"u8], [.. "Allow-Events"u8], [.. "Accept-Encoding"u8], [.. "Service-Route"u8], [.. "Refer-Sub"u8],
        [.. "SIP-ETag"u8], [.. "SIP-If-Match"u8],
    ];

    // RFC 3261 §7.3.3, and x (RFC 4028), o (RFC 6665), r (RFC 3515), b (RFC 3892).
    private static readonly (byte Letter, HeaderName Name)[] CompactForms =
    [
        ((byte)'v', HeaderName.Via), ((byte)'f', HeaderName.From), ((byte)'t', HeaderName.To), ((byte)'i', HeaderName.CallId),
        ((byte)'m', HeaderName.Contact), ((byte)'l', HeaderName.ContentLength), ((byte)'c', HeaderName.ContentType),
        ((byte)'e', HeaderName.ContentEncoding), ((byte)'k', HeaderName.Supported), ((byte)'s', HeaderName.Subject),
        ((byte)'x', HeaderName.SessionExpires), ((byte)'o', HeaderName.Event), ((byte)'r', HeaderName.ReferTo), ((byte)'b', HeaderName.ReferredBy),
        ((byte)'u', HeaderName.AllowEvents),
    ];

    // A closed hash table of 256 places; the few names that share a place lie in the next free one.
    private static readonly HeaderName[] Places = BuildPlaces();
    private static readonly HeaderName[] Letters = BuildLetters();

    /// <summary>The full spelling; empty for <see cref="HeaderName.Other"/>.</summary>
    public static ReadOnlySpan<byte> Spelling(this HeaderName name) => Spellings[(int)name];

    public static HeaderName Of(ReadOnlySpan<byte> spelling)
    {
        if (spelling.Length < 2) return spelling.IsEmpty ? HeaderName.Other : Letters[spelling[0]];
        for (int place = Hash(spelling); ; place = (place + 1) & 255)
        {
            HeaderName name = Places[place];
            if (name == HeaderName.Other) return HeaderName.Other;
            byte[] known = Spellings[(int)name];
            if (spelling.SequenceEqual(known) || Ascii.EqualsIgnoreCase(spelling, known)) return name;
        }
    }

    private static int Hash(ReadOnlySpan<byte> spelling) =>
        ((spelling.Length * 29) + ((spelling[0] | 0x20) * 7) + ((spelling[spelling.Length >> 1] | 0x20) * 13) + (spelling[^1] | 0x20)) & 255;

    private static HeaderName[] BuildPlaces()
    {
        var places = new HeaderName[256];
        for (int name = 1; name < Count; name++)
        {
            int place = Hash(Spellings[name]);
            while (places[place] != HeaderName.Other) place = (place + 1) & 255;
            places[place] = (HeaderName)name;
        }
        return places;
    }

    private static HeaderName[] BuildLetters()
    {
        var letters = new HeaderName[256];
        foreach ((byte letter, HeaderName name) in CompactForms)
        {
            letters[letter] = name;
            letters[letter & ~0x20] = name;
        }
        return letters;
    }
}
