using Tandem.Sip.Sdp;
using Tandem.Sip.Transports;

namespace Tandem.Sip.Messages;

/// <summary>One hard limit: what is counted, how much of it is read, what goes beyond is answered with, and why it is there and so large.</summary>
/// <param name="Name">Short, without spaces.</param>
/// <param name="Value">The most that is read.</param>
/// <param name="Of">What is counted.</param>
/// <param name="Answer">Of a request beyond it; a response beyond it is dropped, unless this says otherwise.</param>
/// <param name="Why">One sentence or two.</param>
public sealed record SipLimit(string Name, int Value, string Of, string Answer, string Why)
{
    /// <summary>Its name in the status.</summary>
    public string Counter { get; private init; } = $"limits.{Name}";

    /// <summary>How the message parser reports it; None for the limits of something else.</summary>
    public SipDefect Message { get; private init; }

    /// <summary>How the parser of session descriptions reports it; None for the limits of something else.</summary>
    public SdpDefect Session { get; private init; }

    private const string Streams = "streams.closedBroken";
    private const string Description = "400; in a response or an ACK the attempt or the call ends";

    public static readonly IReadOnlyList<SipLimit> All =
    [
        new("message", SipLimits.MessageBytes, "bytes of a message", "silence; over TCP and TLS the connection is closed", "The largest UDP datagram; positions in a message are 16 bits wide.") { Message = SipDefect.MessageTooLarge },
        new("streamHead", StreamFramer.MostHead, "bytes of start line and headers over TCP and TLS", "the connection is closed", "A peer that never ends its headers would fill memory. It is four lines of the longest kind, and half of the largest message.") { Counter = Streams },
        new("streamBody", StreamFramer.MostBody, "bytes of a body over TCP and TLS, as Content-Length says", "the connection is closed", "Head and body together fit the largest message; behind a length that is not believed nothing can be understood.") { Counter = Streams },
        new("line", SipLimits.LineBytes, "bytes of the start line or of a header field, folds included", "400", "The longest that real proxies add (Identity headers, long Via lists) is half of it.") { Message = SipDefect.LineTooLong },
        new("headers", SipLimits.Headers, "header fields of a message", "400", "A table of this size stands ready in every shard. Seventy hops that write a Via field each leave room for all that a request says besides.") { Message = SipDefect.TooManyHeaders },
        new("uri", SipLimits.UriBytes, "bytes of a Request-URI", "414", "RFC 3261 §21.4.12. A number, a host and their parameters need a tenth of it.") { Message = SipDefect.UriTooLong },
        new("vias", SipLimits.Vias, "hops in the Via fields", "400", "A request starts with Max-Forwards 70 (RFC 3261 §8.1.1.6): no honest one has passed more.") { Message = SipDefect.TooManyVias },
        new("routes", SipLimits.Routes, "routes in the Route fields, and in the Record-Route fields", "400; a response with more of them ends its attempt", "A dialog keeps its route set as long as it lives. Sixteen proxies on one way is far beyond what anyone runs.") { Message = SipDefect.TooManyRoutes },
        new("parameters", SipLimits.Parameters, "parameters of the Request-URI, the first Via, From, To and the Contact field, each by itself", "400", "They are walked each time one is looked up. The richest contacts of RFC 5626 and RFC 3840 have about twenty.") { Message = SipDefect.TooManyParameters },
        new("parts", SipLimits.Parts, "parts of a multipart body; a multipart within is a part like any other and not looked into", "400; a response with more is read as if it had no SDP", "SDP beside ISUP, a location and a picture are four. One level is all that RFC 5621 asks of those who look for SDP.") { Message = SipDefect.TooManyParts },
        new("partHead", SipLimits.PartHeadBytes, "bytes of the headers of one part", "400; a response with more is read as if it had no SDP", "Three short fields are all that a part has.") { Message = SipDefect.PartHeadTooLong },
        new("answer", SipLimits.AnswerBytes, "bytes of what every response to a request repeats: its Via, From, To, Call-ID and CSeq", "513", "Each open transaction keeps them to answer repeats; a response must also fit a datagram with what it adds."),
        new("sdpBytes", SdpLimits.Bytes, "bytes of a session description", Description, "Sixteen media with every codec known and their candidates fit.") { Session = SdpDefect.TooLarge },
        new("sdpLines", SdpLimits.Lines, "lines of a session description", Description, "A table of this size stands ready in every shard.") { Session = SdpDefect.TooManyLines },
        new("sdpMedia", SdpLimits.Media, "m-lines of a session description", Description, "One is relayed; the others must be kept in their places and rejected (RFC 3264 §6).") { Session = SdpDefect.TooManyMedia },
        new("sdpFormats", SdpLimits.Formats, "formats of an m-line", Description, "RTP may use 96 payload types (RFC 5761 §4); the longest offers met have some thirty.") { Session = SdpDefect.TooManyFormats },
    ];
}
