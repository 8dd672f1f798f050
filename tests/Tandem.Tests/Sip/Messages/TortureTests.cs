using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Tests.Sip.Messages;

/// <summary>One file for each way a message can be odd or wrong; a new bug adds a file and a row.</summary>
public sealed class TortureTests
{
    private static readonly NetAddress Source = NetAddress.Parse("192.0.2.20:5062");

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Sip", "Torture");

    /// <summary>File, what the parser says, and whether a request can be answered.</summary>
    public static readonly TheoryData<string, SipDefect, bool> Expected = new()
    {
        { "plain", SipDefect.None, true },
        { "leading-line-ends", SipDefect.None, true },
        { "bare-line-feeds", SipDefect.None, true },
        { "lower-case-version", SipDefect.None, true },
        { "compact-names", SipDefect.None, true },
        { "names-in-any-case", SipDefect.None, true },
        { "folded-everywhere", SipDefect.None, true },
        { "spaced-via", SipDefect.None, true },
        { "via-without-branch", SipDefect.None, true },
        { "via-ipv6", SipDefect.None, true },
        { "seventy-vias", SipDefect.None, true },
        { "no-max-forwards", SipDefect.None, true },
        { "hops-with-zeros", SipDefect.None, true },
        { "from-without-tag", SipDefect.None, true },
        { "display-name-with-escapes", SipDefect.None, true },
        { "display-name-with-brackets", SipDefect.None, true },
        { "display-name-utf8", SipDefect.None, true },
        { "unknown-method", SipDefect.None, true },
        { "unknown-scheme", SipDefect.UnknownScheme, true },
        { "unknown-headers", SipDefect.None, true },
        { "a-hundred-and-twenty-eight-headers", SipDefect.None, true },
        { "bytes-behind-the-body", SipDefect.None, true },
        { "no-content-length", SipDefect.None, true },
        { "response-without-phrase", SipDefect.None, false },
        { "response-with-bytes-in-phrase", SipDefect.None, false },
        { "ack", SipDefect.None, false },
        { "only-line-ends", SipDefect.Empty, false },
        { "one-nul", SipDefect.NotSip, false },
        { "http", SipDefect.NotSip, false },
        { "no-line-end", SipDefect.NotSip, false },
        { "no-version", SipDefect.NotSip, false },
        { "stun", SipDefect.NotSip, false },
        { "method-no-token", SipDefect.NotSip, false },
        { "two-spaces-before-uri", SipDefect.BadStartLine, true },
        { "space-in-uri", SipDefect.BadStartLine, true },
        { "space-after-version", SipDefect.BadStartLine, true },
        { "no-uri", SipDefect.BadStartLine, true },
        { "version-three", SipDefect.UnsupportedVersion, true },
        { "version-of-letters", SipDefect.UnsupportedVersion, true },
        { "response-version-one", SipDefect.UnsupportedVersion, false },
        { "uri-in-brackets", SipDefect.BadRequestUri, true },
        { "uri-without-scheme", SipDefect.BadRequestUri, true },
        { "status-099", SipDefect.BadStatus, false },
        { "status-700", SipDefect.BadStatus, false },
        { "status-of-four-digits", SipDefect.BadStatus, false },
        { "status-beyond-64-bits", SipDefect.BadStatus, false },
        { "status-of-letters", SipDefect.BadStatus, false },
        { "status-negative", SipDefect.BadStatus, false },
        { "no-empty-line", SipDefect.HeadersUnterminated, true },
        { "cut-in-a-header", SipDefect.HeadersUnterminated, false },
        { "line-without-colon", SipDefect.BadHeader, true },
        { "line-without-name", SipDefect.BadHeader, true },
        { "name-with-space", SipDefect.BadHeader, true },
        { "first-line-folded", SipDefect.BadHeader, true },
        { "line-too-long", SipDefect.LineTooLong, true },
        { "folded-line-too-long", SipDefect.LineTooLong, true },
        { "too-many-headers", SipDefect.TooManyHeaders, true },
        { "two-of-call-id", SipDefect.DuplicateHeader, true },
        { "two-of-cseq", SipDefect.DuplicateHeader, true },
        { "two-of-from", SipDefect.DuplicateHeader, true },
        { "two-of-to", SipDefect.DuplicateHeader, true },
        { "two-of-content-length", SipDefect.DuplicateHeader, true },
        { "two-of-max-forwards", SipDefect.DuplicateHeader, true },
        { "two-of-call-id-one-compact", SipDefect.DuplicateHeader, true },
        { "no-via", SipDefect.MissingVia, false },
        { "no-from", SipDefect.MissingFrom, false },
        { "no-to", SipDefect.MissingTo, false },
        { "no-call-id", SipDefect.MissingCallId, false },
        { "no-cseq", SipDefect.MissingCSeq, false },
        { "via-empty", SipDefect.BadVia, false },
        { "via-garbage", SipDefect.BadVia, false },
        { "via-without-host", SipDefect.BadVia, false },
        { "via-port-zero", SipDefect.BadVia, false },
        { "via-port-too-big", SipDefect.BadVia, false },
        { "via-host-with-odd-bytes", SipDefect.BadVia, false },
        { "via-open-ipv6", SipDefect.BadVia, false },
        { "via-empty-branch", SipDefect.BadVia, true },
        { "via-empty-element", SipDefect.BadVia, true },
        { "via-bad-second", SipDefect.BadVia, true },
        { "too-many-vias", SipDefect.TooManyVias, true },
        { "from-open-quote", SipDefect.BadFrom, true },
        { "from-open-bracket", SipDefect.BadFrom, true },
        { "from-empty-uri", SipDefect.BadFrom, true },
        { "from-empty-tag", SipDefect.BadFrom, true },
        { "from-text-behind-bracket", SipDefect.BadFrom, true },
        { "from-two-addresses", SipDefect.BadFrom, true },
        { "to-open-quote", SipDefect.BadTo, true },
        { "to-open-bracket", SipDefect.BadTo, true },
        { "to-empty-uri", SipDefect.BadTo, true },
        { "to-empty-tag", SipDefect.BadTo, true },
        { "to-text-behind-bracket", SipDefect.BadTo, true },
        { "to-two-addresses", SipDefect.BadTo, true },
        { "from-empty", SipDefect.BadFrom, false },
        { "to-empty", SipDefect.BadTo, false },
        { "call-id-empty", SipDefect.BadCallId, false },
        { "call-id-of-two-words", SipDefect.BadCallId, true },
        { "cseq-without-method", SipDefect.BadCSeq, true },
        { "cseq-without-number", SipDefect.BadCSeq, true },
        { "cseq-too-big", SipDefect.BadCSeq, true },
        { "cseq-beyond-64-bits", SipDefect.BadCSeq, true },
        { "cseq-negative", SipDefect.BadCSeq, true },
        { "cseq-hexadecimal", SipDefect.BadCSeq, true },
        { "cseq-three-words", SipDefect.BadCSeq, true },
        { "cseq-other-method", SipDefect.CSeqMethodMismatch, true },
        { "cseq-method-in-lower-case", SipDefect.CSeqMethodMismatch, true },
        { "hops-256", SipDefect.BadMaxForwards, true },
        { "hops-word", SipDefect.BadMaxForwards, true },
        { "hops-negative", SipDefect.BadMaxForwards, true },
        { "hops-empty", SipDefect.BadMaxForwards, true },
        { "length-negative", SipDefect.BadContentLength, true },
        { "length-word", SipDefect.BadContentLength, true },
        { "length-beyond-64-bits", SipDefect.BadContentLength, true },
        { "length-empty", SipDefect.BadContentLength, true },
        { "length-two-numbers", SipDefect.BadContentLength, true },
        { "length-beyond-the-datagram", SipDefect.BodyCutShort, true },
        { "response-length-beyond-the-datagram", SipDefect.BodyCutShort, false },
        { "via-branch-with-nul", SipDefect.BadHeader, true },
        { "from-tag-with-space", SipDefect.BadFrom, true },
        { "call-id-with-nul", SipDefect.BadHeader, true },
        { "via-open-quote", SipDefect.BadVia, false },
        { "odd-second-via", SipDefect.None, true },
        // RFC 5118, each in our own words
        { "v6-reference", SipDefect.None, true }, // §4.1
        { "v6-without-brackets", SipDefect.BadRequestUri, true }, // §4.2
        { "v6-port-inside", SipDefect.None, true }, // §4.3
        { "v6-port-outside", SipDefect.None, true }, // §4.4
        { "v6-received-in-brackets", SipDefect.None, true }, // §4.5
        { "v6-received-bare", SipDefect.None, true },
        { "v6-in-sdp", SipDefect.None, true }, // §4.6
        { "v6-and-v4-vias", SipDefect.None, true }, // §4.7
        { "v6-and-v4-media", SipDefect.None, true }, // §4.8
        { "v6-mapped-v4", SipDefect.None, true }, // §4.9
        { "v6-three-colons", SipDefect.None, true }, // §4.10

        // RFC 4475, what the messages above leave out
        { "method-of-every-token-byte", SipDefect.None, true }, // §3.1.1.2
        { "escapes-in-the-user-part", SipDefect.None, true }, // §3.1.1.3
        { "escaped-nul-in-the-user-part", SipDefect.None, true }, // §3.1.1.4
        { "percent-that-escapes-nothing", SipDefect.None, true }, // §3.1.1.5
        { "no-space-before-the-bracket", SipDefect.None, true }, // §3.1.1.6
        { "long-everything", SipDefect.None, true }, // §3.1.1.7
        { "semicolons-in-the-user-part", SipDefect.None, true }, // §3.1.1.9
        { "a-via-of-every-transport", SipDefect.None, true }, // §3.1.1.10
        { "multipart-body", SipDefect.None, true }, // §3.1.1.11
        { "separators-of-nothing", SipDefect.BadVia, true }, // §3.1.2.1
        { "uri-with-headers", SipDefect.None, true }, // §3.1.2.11: they are never looked at
        { "date-of-no-zone", SipDefect.None, true }, // §3.1.2.12: Date is not used
        { "register-contact-with-bare-question", SipDefect.None, true }, // §3.1.2.13
        { "spaces-inside-the-brackets", SipDefect.None, true }, // §3.1.2.14: trimmed
        { "display-name-of-no-token", SipDefect.None, true }, // §3.1.2.15: as common stacks do
        { "cookie-and-nothing-behind", SipDefect.None, true }, // §3.2.1
        { "scheme-nobody-knows", SipDefect.UnknownScheme, true }, // §3.3.2
        { "scheme-of-something-else", SipDefect.UnknownScheme, true }, // §3.3.3
        { "to-and-from-of-other-schemes", SipDefect.None, true }, // §3.3.4
        { "requires-what-nobody-knows", SipDefect.None, true }, // §3.3.5
        { "body-of-unknown-type", SipDefect.None, true }, // §3.3.6
        { "credentials-of-unknown-scheme", SipDefect.None, true }, // §3.3.7
        { "response-nobody-asked-for", SipDefect.None, false }, // §3.3.10
        { "no-hops-left", SipDefect.None, true }, // §3.3.11
        { "register-contact-parameters-bare", SipDefect.None, true }, // §3.3.12
        { "register-contact-parameters-inside", SipDefect.None, true }, // §3.3.13
        { "register-escaped-route", SipDefect.None, true }, // §3.3.14
        { "accepts-what-nobody-knows", SipDefect.None, true }, // §3.3.15
        { "of-rfc-2543", SipDefect.None, true }, // §3.4.1

        // docs/limits.md
        { "uri-too-long", SipDefect.UriTooLong, true },
        { "too-many-routes", SipDefect.TooManyRoutes, true },
        { "too-many-parts", SipDefect.TooManyParts, true },
        { "part-headers-too-long", SipDefect.PartHeadTooLong, true },
        { "too-many-parameters", SipDefect.TooManyParameters, true },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public void A_torture_message_meets_its_fate(string file, SipDefect defect, bool answerable)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, file + ".sip"));
        var message = new SipMessage();
        Assert.Equal(defect, message.Parse(bytes, 0, bytes.Length));
        Assert.Equal(answerable, message.CanBeAnswered);
        if (!answerable) return;

        // What answers a request is itself well formed, wherever the fault does not lie in what must be copied.
        int status = defect == SipDefect.None ? 200 : defect.AnswerStatus();
        var writer = new SipWriter(new byte[16_384]);
        Responses.Write(ref writer, message, Source, status, defect == SipDefect.None ? default : defect.ReasonBytes(), "mytag"u8);
        writer.End();
        Assert.False(writer.Overflowed);
        byte[] answer = writer.Written.ToArray();
        var response = new SipMessage();
        SipDefect found = response.Parse(answer, 0, answer.Length);
        bool copied = defect is SipDefect.BadVia or SipDefect.TooManyVias or SipDefect.TooManyParameters or SipDefect.BadFrom or SipDefect.BadTo or SipDefect.BadCallId or SipDefect.BadCSeq
            || file is "via-branch-with-nul" or "call-id-with-nul"; // the NUL comes back as a space
        if (copied) Assert.NotEqual(SipDefect.None, found);
        else Assert.Equal(SipDefect.None, found);
        Assert.Equal(status, response.Status);
        Assert.Equal(SipText.Text(message.ViaBranch), SipText.Text(response.ViaBranch));
        Assert.Equal(SipText.Text(message.FromTag), SipText.Text(response.FromTag));
        if (defect != SipDefect.BadTo) Assert.Equal("mytag", SipText.Text(response.ToTag));
    }

    [Fact]
    public void Every_file_has_its_row_and_every_defect_its_file()
    {
        List<string> rows = [.. Expected.Select(static row => row.Data.Item1).Order(StringComparer.Ordinal)];
        List<string> files = [.. Directory.GetFiles(Folder, "*.sip").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];
        Assert.Equal(files, rows);
        IEnumerable<SipDefect> missing = Enum.GetValues<SipDefect>().Except(Expected.Select(static row => row.Data.Item2));
        Assert.Equal([SipDefect.MessageTooLarge], missing); // no datagram can be: tested beside the parser
    }
}
