namespace Tandem.Sip.Messages;

/// <summary>What is wrong with a received message; the first thing found. <see cref="SipDefects"/> gives each its words and its answer.</summary>
public enum SipDefect : byte
{
    None,

    /// <summary>Nothing but line ends: a keep-alive (RFC 5626 §3.5.1), to be ignored.</summary>
    Empty,
    NotSip, MessageTooLarge, BadStartLine, UnsupportedVersion, BadRequestUri, UnknownScheme, UriTooLong, BadStatus,
    HeadersUnterminated, BadHeader, LineTooLong, TooManyHeaders, DuplicateHeader,
    MissingVia, BadVia, TooManyVias, TooManyRoutes, TooManyParameters, MissingFrom, BadFrom, MissingTo, BadTo, MissingCallId, BadCallId,
    MissingCSeq, BadCSeq, CSeqMethodMismatch, BadMaxForwards, BadContentLength, TooManyParts, PartHeadTooLong, BodyCutShort,
}

public static class SipDefects
{
    public const int Count = (int)SipDefect.BodyCutShort + 1;

    private static readonly (int Status, string Words)[] Table = BuildTable();

    /// <summary>The status that answers a request with this defect, if it can be answered at all; 0 where silence is right.</summary>
    public static int AnswerStatus(this SipDefect defect) => Table[(int)defect].Status;

    /// <summary>The defect in words, fit for a reason phrase (RFC 3261 §21.4.1 asks that the phrase names the fault).</summary>
    public static string ReasonText(this SipDefect defect) => Table[(int)defect].Words;

    /// <summary>The same as bytes of a reason phrase.</summary>
    public static ReadOnlySpan<byte> ReasonBytes(this SipDefect defect) => Bytes[(int)defect];

    private static (int Status, string Words)[] BuildTable()
    {
        var table = new (int, string)[Count];
        table[(int)SipDefect.None] = (0, "Well formed");
        table[(int)SipDefect.Empty] = (0, "Empty");
        table[(int)SipDefect.NotSip] = (0, "Not SIP");
        table[(int)SipDefect.MessageTooLarge] = (0, "Message Too Large");
        table[(int)SipDefect.BadStartLine] = (400, "Bad Start Line");
        table[(int)SipDefect.UnsupportedVersion] = (505, "Version Not Supported");
        table[(int)SipDefect.BadRequestUri] = (400, "Bad Request-URI");
        table[(int)SipDefect.UnknownScheme] = (416, "Unsupported URI Scheme");
        table[(int)SipDefect.UriTooLong] = (414, "Request-URI Too Long");
        table[(int)SipDefect.BadStatus] = (0, "Bad Status Code");
        table[(int)SipDefect.HeadersUnterminated] = (400, "Missing Empty Line After Headers");
        table[(int)SipDefect.BadHeader] = (400, "Bad Header Field");
        table[(int)SipDefect.LineTooLong] = (400, "Header Field Too Long");
        table[(int)SipDefect.TooManyHeaders] = (400, "Too Many Header Fields");
        table[(int)SipDefect.DuplicateHeader] = (400, "Header Field Given Twice");
        table[(int)SipDefect.MissingVia] = (0, "Missing Via");
        table[(int)SipDefect.BadVia] = (400, "Bad Via");
        table[(int)SipDefect.TooManyVias] = (400, "Too Many Vias");
        table[(int)SipDefect.TooManyRoutes] = (400, "Too Many Routes");
        table[(int)SipDefect.TooManyParameters] = (400, "Too Many Parameters");
        table[(int)SipDefect.MissingFrom] = (0, "Missing From");
        table[(int)SipDefect.BadFrom] = (400, "Bad From");
        table[(int)SipDefect.MissingTo] = (0, "Missing To");
        table[(int)SipDefect.BadTo] = (400, "Bad To");
        table[(int)SipDefect.MissingCallId] = (0, "Missing Call-ID");
        table[(int)SipDefect.BadCallId] = (400, "Bad Call-ID");
        table[(int)SipDefect.MissingCSeq] = (0, "Missing CSeq");
        table[(int)SipDefect.BadCSeq] = (400, "Bad CSeq");
        table[(int)SipDefect.CSeqMethodMismatch] = (400, "CSeq Method Differs From Request");
        table[(int)SipDefect.BadMaxForwards] = (400, "Bad Max-Forwards");
        table[(int)SipDefect.BadContentLength] = (400, "Bad Content-Length");
        table[(int)SipDefect.TooManyParts] = (400, "Too Many Body Parts");
        table[(int)SipDefect.PartHeadTooLong] = (400, "Body Part Headers Too Long");
        table[(int)SipDefect.BodyCutShort] = (400, "Body Shorter Than Content-Length");
        return table;
    }

    private static readonly byte[][] Bytes = [.. Table.Select(static row => System.Text.Encoding.ASCII.GetBytes(row.Words))];
}
