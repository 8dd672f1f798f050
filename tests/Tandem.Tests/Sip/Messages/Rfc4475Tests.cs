using Tandem.Primitives;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;

namespace Tandem.Tests.Sip.Messages;

/// <summary>The 49 messages of RFC 4475, where they lie beside the checkout. Where the RFC leaves a choice, the row says which was taken.</summary>
public sealed class Rfc4475Tests
{
    public static readonly TheoryData<string, SipDefect, bool> Expected = new()
    {
        // §3.1.1 valid messages
        { "wsinv", SipDefect.None, true },
        { "intmeth", SipDefect.None, true },
        { "esc01", SipDefect.None, true },
        { "escnull", SipDefect.None, true },
        { "esc02", SipDefect.None, true },
        { "lwsdisp", SipDefect.None, true },
        { "longreq", SipDefect.None, true },
        { "dblreq", SipDefect.None, true },
        { "semiuri", SipDefect.None, true },
        { "transports", SipDefect.None, true },
        { "mpart01", SipDefect.None, true },
        { "unreason", SipDefect.None, false }, // a response
        { "noreason", SipDefect.None, false },

        // §3.1.2 invalid messages
        { "badinv01", SipDefect.BadVia, true },
        { "clerr", SipDefect.BodyCutShort, true },
        { "ncl", SipDefect.BadContentLength, true },
        { "scalar02", SipDefect.BadCSeq, true },
        { "scalarlg", SipDefect.BadCSeq, false }, // a response: dropped
        { "quotbal", SipDefect.BadTo, true },
        { "ltgtruri", SipDefect.BadRequestUri, true },
        { "lwsruri", SipDefect.BadStartLine, true },
        { "lwsstart", SipDefect.BadStartLine, true },
        { "trws", SipDefect.BadStartLine, true },
        { "escruri", SipDefect.None, true }, // liberal: the header part of a Request-URI is never looked at
        { "baddate", SipDefect.None, true }, // liberal: Date is not used
        { "regbadct", SipDefect.None, true }, // the contact is the registrar's to judge
        { "badaspec", SipDefect.None, true }, // liberal: spaces inside the brackets are trimmed
        { "baddn", SipDefect.HeadersUnterminated, true }, // the name would pass; this copy lacks its empty line
        { "badvers", SipDefect.UnsupportedVersion, true },
        { "mismatch01", SipDefect.CSeqMethodMismatch, true },
        { "mismatch02", SipDefect.CSeqMethodMismatch, true },
        { "bigcode", SipDefect.BadStatus, false },

        // §3.2 transaction layer
        { "badbranch", SipDefect.None, true }, // HasUniqueBranch is false

        // §3.3 application layer
        { "insuf", SipDefect.MissingFrom, false }, // nothing to copy into an answer
        { "unkscm", SipDefect.UnknownScheme, true },
        { "novelsc", SipDefect.UnknownScheme, true },
        { "unksm2", SipDefect.None, true },
        { "bext01", SipDefect.None, true }, // 420 likewise
        { "invut", SipDefect.None, true }, // 415 likewise
        { "regaut01", SipDefect.None, true },
        { "multi01", SipDefect.DuplicateHeader, true },
        { "mcl01", SipDefect.DuplicateHeader, true },
        { "bcast", SipDefect.None, false },
        { "zeromf", SipDefect.None, true }, // 483 is the caller's answer
        { "cparam01", SipDefect.None, true },
        { "cparam02", SipDefect.None, true },
        { "regescrt", SipDefect.None, true },
        { "sdp01", SipDefect.None, true },

        // §3.4 backward compatibility
        { "inv2543", SipDefect.None, true },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public void An_RFC_4475_message_meets_its_fate(string file, SipDefect defect, bool answerable)
    {
        SipMessage message = Read(file, defect);
        Assert.Equal(answerable, message.CanBeAnswered);
        if (defect == SipDefect.None && message.ContentType.SequenceEqual("application/sdp"u8)) Assert.Equal(SdpDefect.None, new SessionDescription().Parse(message));
        if (!answerable) return;
        var writer = new SipWriter(new byte[16_384]);
        Responses.Write(ref writer, message, NetAddress.Parse("192.0.2.1:5060"), 400, default, "t"u8);
        writer.End();
        Assert.False(writer.Overflowed);
    }

    [Fact]
    public void All_forty_nine_have_a_row() =>
        Assert.Equal(
            Directory.GetFiles(SharedData.Path("rfc4475"), "*.dat").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            Expected.Select(static row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void The_short_tortuous_INVITE_is_read_as_meant()
    {
        SipMessage m = Read("wsinv");
        Assert.Equal("1918181833n", SipText.Text(m.ToTag));
        Assert.Equal("98asjd8", SipText.Text(m.FromTag));
        Assert.Equal(68, m.MaxForwards);
        Assert.Equal(9u, m.CSeqNumber);
        Assert.Equal("390skdjuw", SipText.Text(m.ViaBranch));
        Assert.Equal("192.0.2.2", SipText.Text(m.ViaSentBy));
        int vias = 0;
        foreach (ReadOnlySpan<byte> via in m.Values(HeaderName.Via))
        {
            Assert.True(ViaParm.TryParse(via, out _));
            vias++;
        }
        Assert.Equal(3, vias);
        Assert.True(NameAddress.TryParse(m.Contact, out NameAddress contact));
        Assert.Equal("Quoted string \\\"\\\"", SipText.Text(contact.DisplayName));
        Assert.True(contact.TryGetParam("q"u8, out ReadOnlySpan<byte> q));
        Assert.Equal("0.33", SipText.Text(q));
        Assert.True(contact.TryGetParam("newparam"u8, out ReadOnlySpan<byte> value));
        Assert.Equal("newvalue", SipText.Text(value));
        Assert.True(contact.TryGetParam("secondparam"u8, out _));
    }

    [Fact]
    public void The_wide_range_of_characters_is_read_as_meant()
    {
        SipMessage m = Read("intmeth");
        Assert.Equal(SipMethod.Unknown, m.Method);
        Assert.Equal("!interesting-Method0123456789_*+`.%indeed'~", SipText.Text(m.MethodToken));
        Assert.Equal("_token~1'+`*%!-.", SipText.Text(m.FromTag));
        Assert.Equal(255, m.MaxForwards);
        Assert.True(SipUri.TryParse(m.RequestUri, out SipUri uri));
        Assert.Equal("example.com", SipText.Text(uri.Host));
    }

    [Fact]
    public void Escapes_stay_in_the_view_and_resolve_in_the_number()
    {
        Assert.True(SipUri.TryParse(Read("esc01").RequestUri, out SipUri uri));
        Assert.Equal("sips%3Auser%40example.com", SipText.Text(uri.User));
        Assert.False(uri.TryGetDialString(out _));
        Assert.True(NameAddress.TryParse(Read("esc01").To, out NameAddress to));
        Assert.True(SipUri.TryParse(to.Uri, out SipUri toUri));
        Assert.True(toUri.TryGetDialString(out DialString user));
        Assert.Equal("user", user.ToString());
        Assert.True(SipUri.TryParse("sip:null-%00-null@example.com"u8, out SipUri nul));
        Assert.False(nul.TryGetDialString(out _));
    }

    [Fact]
    public void A_header_named_with_escapes_is_not_the_one_it_spells() // §3.1.1.5
    {
        int contacts = 0;
        foreach (ReadOnlySpan<byte> _ in Read("esc02").Values(HeaderName.Contact)) contacts++;
        Assert.Equal(2, contacts);
    }

    [Fact]
    public void The_second_request_in_a_datagram_is_not_looked_at() => // §3.1.1.8
        Assert.EndsWith("Content-Length: 0\r\n\r\n", SipText.Text(Read("dblreq").Bytes));

    [Fact]
    public void Semicolons_in_the_user_part_are_the_users() // §3.1.1.9
    {
        Assert.True(SipUri.TryParse(Read("semiuri").RequestUri, out SipUri uri));
        Assert.Equal("user", SipText.Text(uri.User));
        Assert.Equal("par=u%40example.net", SipText.Text(uri.UserParams));
        Assert.Equal("example.com", SipText.Text(uri.Host));
        Assert.True(uri.Params.IsEmpty);
    }

    [Fact]
    public void A_bare_magic_cookie_is_no_unique_branch() => Assert.False(Read("badbranch").HasUniqueBranch); // §3.2.1

    [Fact]
    public void Parameters_without_brackets_are_the_headers_and_within_them_the_URIs() // §3.3.12, §3.3.13
    {
        Assert.True(NameAddress.TryParse(Read("cparam01").Contact, out NameAddress bare));
        Assert.True(bare.TryGetParam("unknownparam"u8, out _));
        Assert.True(NameAddress.TryParse(Read("cparam02").Contact, out NameAddress bracketed));
        Assert.False(bracketed.TryGetParam("unknownparam"u8, out _));
        Assert.True(SipUri.TryParse(bracketed.Uri, out SipUri uri));
        Assert.True(uri.TryGetParam("unknownparam"u8, out _));
        Assert.True(uri.TryGetDialString(out DialString number));
        Assert.Equal("19725552222", number.ToString());
    }

    [Fact]
    public void An_unknown_authorization_scheme_is_no_digest() => // §3.3.7
        Assert.False(DigestCredentials.TryParse(Read("regaut01").Header(HeaderName.Authorization), out _));

    private static SipMessage Read(string file, SipDefect expected = SipDefect.None)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(SharedData.Path("rfc4475"), file + ".dat"));
        var message = new SipMessage();
        Assert.Equal(expected, message.Parse(bytes, 0, bytes.Length));
        return message;
    }
}
