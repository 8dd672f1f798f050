using System.Text;

namespace Tandem.Sip.Messages;

/// <summary>The parser: one pass over the lines, then the few headers every message needs. It never throws on what was received.</summary>
public sealed partial class SipMessage
{
    /// <summary>
    /// Header fields that hold one value (no comma list in RFC 3261 §25.1 and the RFCs that add them) and that the switch decides by: given twice, they
    /// leave it open what is meant, and two programs could read two things (RFC 4475 §3.3.8, §3.3.9). The table stands in docs/identity.md.
    /// </summary>
    public static readonly HeaderName[] GivenOnceOnly =
    [
        HeaderName.From, HeaderName.To, HeaderName.CallId, HeaderName.CSeq, HeaderName.MaxForwards, HeaderName.ContentLength, HeaderName.ContentType,
        HeaderName.Expires, HeaderName.MinExpires, HeaderName.SessionExpires, HeaderName.MinSE, HeaderName.RSeq, HeaderName.RAck,
        HeaderName.ReferTo, HeaderName.ReferredBy, HeaderName.Replaces, HeaderName.Event, HeaderName.SipIfMatch,
    ];

    private static readonly ulong GivenOnce = GivenOnceOnly.Aggregate(0UL, static (bits, name) => bits | (1UL << (int)name));

    /// <summary>
    /// Reads one datagram. The first defect is returned and the rest still read as far as possible, so that a
    /// request can be refused properly; a response with a defect is to be dropped (RFC 3261 §18.1.2).
    /// </summary>
    public SipDefect Parse(byte[] buffer, int offset, int length)
    {
        ReadOnlySpan<byte> s = new(buffer, offset, length);
        Reset(buffer, offset);
        if (length > SipLimits.MessageBytes) return Note(SipDefect.MessageTooLarge);

        // Line ends before the start line are passed over (RFC 3261 §7.5).
        int skipped = 0;
        while (skipped < s.Length && s[skipped] is (byte)'\r' or (byte)'\n') skipped++;
        if (skipped == s.Length) return Note(SipDefect.Empty);
        s = s[skipped..];
        _offset += skipped;
        _length = s.Length;

        int lineEnd = s.IndexOf((byte)'\n');
        if (lineEnd < 0) return Note(SipDefect.NotSip);
        ReadStartLine(s[..(lineEnd > 0 && s[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd)]);
        if (Defect == SipDefect.NotSip) return Defect;

        int bodyStart = ReadHeaders(s, lineEnd + 1);
        CheckNuls(s[..bodyStart]);
        ReadBody(s, bodyStart);
        ReadVia();
        ReadFromAndTo();
        ReadCallId();
        ReadCSeq();
        ReadMaxForwards();
        CheckRoutes();
        if (Has(HeaderName.Contact)) CheckParameters(Header(HeaderName.Contact));
        CanBeAnswered = IsRequest && Method != SipMethod.Ack && _viaSentBy.Length > 0
            && !From.IsEmpty && !To.IsEmpty && !CallId.IsEmpty && !Header(HeaderName.CSeq).IsEmpty;
        return Defect;
    }

    private void Reset(byte[] buffer, int offset)
    {
        _buffer = buffer;
        _offset = offset;
        _length = 0;
        _count = 0;
        _present = 0;
        _methodToken = _requestUri = _reasonPhrase = _body = _topVia = _viaBranch = _viaSentBy = _fromTag = _toTag = _partType = default;
        Defect = SipDefect.None;
        IsRequest = false;
        Method = SipMethod.Unknown;
        Status = 0;
        CSeqNumber = 0;
        CSeqMethod = SipMethod.Unknown;
        MaxForwards = -1;
        CanBeAnswered = false;
    }

    private SipDefect Note(SipDefect defect)
    {
        if (Defect == SipDefect.None) Defect = defect;
        return Defect;
    }

    private Piece At(ReadOnlySpan<byte> part)
    {
        if (part.IsEmpty || !Bytes.Overlaps(part, out int start)) return default;
        return new Piece((ushort)start, (ushort)part.Length);
    }

    private void ReadStartLine(ReadOnlySpan<byte> line)
    {
        if (line.Length > SipLimits.LineBytes) Note(SipDefect.LineTooLong);
        if (line.StartsWith("SIP/"u8))
        {
            ReadStatusLine(line);
            return;
        }
        int space = line.IndexOf((byte)' ');
        if (space <= 0 || !Grammar.IsToken(line[..space]))
        {
            Note(SipDefect.NotSip);
            return;
        }
        ReadOnlySpan<byte> token = line[..space];
        ReadOnlySpan<byte> rest = line[(space + 1)..];
        int version = rest.LastIndexOf(" SIP/"u8);
        // The version's letters may be of either case (RFC 3261 §7.1).
        if (version < 0 && rest.Length > 8 && Ascii.EqualsIgnoreCase(rest[^8..], " SIP/2.0"u8)) version = rest.Length - 8;
        if (version < 0)
        {
            // Another protocol, or a line so broken that nobody would understand the answer.
            Note(SipDefect.NotSip);
            return;
        }
        IsRequest = true;
        _methodToken = At(token);
        Method = SipMethods.Of(token);
        ReadOnlySpan<byte> uri = rest[..version];
        ReadOnlySpan<byte> versionText = rest[(version + 5)..];
        if (!versionText.SequenceEqual("2.0"u8))
        {
            // A space after the version is a bad line (RFC 4475 §3.1.2.10), another number another version (§3.1.2.16).
            Note(Grammar.Trim(versionText).SequenceEqual("2.0"u8) ? SipDefect.BadStartLine : SipDefect.UnsupportedVersion);
        }
        if (uri.IsEmpty || Grammar.ContainsLws(uri))
        {
            Note(SipDefect.BadStartLine);
            return;
        }
        _requestUri = At(uri);
        if (uri.Length > SipLimits.UriBytes) Note(SipDefect.UriTooLong);
        CheckParameters(uri);
        // A name the rest of which nobody here can read (RFC 3261 §8.2.2.1) is another thing than a name that is wrong (RFC 5118 §4.2).
        if (uri.ContainsAny((byte)'<', (byte)'>', (byte)'"') || !SipUri.TryParse(uri, out SipUri parsed)) Note(SipDefect.BadRequestUri);
        else if (parsed.Scheme == UriScheme.Other) Note(SipDefect.UnknownScheme);
    }

    private void ReadStatusLine(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("SIP/2.0 "u8))
        {
            Note(SipDefect.UnsupportedVersion);
            return;
        }
        ReadOnlySpan<byte> rest = line[8..];
        if (rest.Length < 3 || (rest.Length > 3 && rest[3] != ' ') || !Grammar.TryNumber(rest[..3], 699, out uint status) || status < 100)
        {
            Note(SipDefect.BadStatus);
            return;
        }
        Status = (int)status;
        // "SIP/2.0 100" without the space that the grammar wants before an empty phrase is common enough.
        _reasonPhrase = rest.Length > 4 ? At(rest[4..]) : default;
    }

    /// <returns>Where the body starts.</returns>
    private int ReadHeaders(ReadOnlySpan<byte> s, int at)
    {
        while (at < s.Length)
        {
            if (s[at] == '\n') return at + 1;
            if (s[at] == '\r' && at + 1 < s.Length && s[at + 1] == '\n') return at + 2;
            int start = at;
            int end;
            do
            {
                int step = s[at..].IndexOf((byte)'\n');
                if (step < 0)
                {
                    Note(SipDefect.HeadersUnterminated);
                    return s.Length;
                }
                end = at + step;
                at = end + 1;
            }
            while (at < s.Length && s[at] is (byte)' ' or (byte)'\t');
            if (s[end - 1] == '\r' && end - 1 > start) end--;
            ReadHeader(s[start..end], start);
        }
        // A datagram cut short must not be taken for a whole one.
        Note(SipDefect.HeadersUnterminated);
        return s.Length;
    }

    private void ReadHeader(ReadOnlySpan<byte> line, int start)
    {
        if (line.Length > SipLimits.LineBytes)
        {
            Note(SipDefect.LineTooLong);
            return;
        }
        int colon = line.IndexOf((byte)':');
        int nameEnd = colon;
        while (nameEnd > 0 && Grammar.IsLws(line[nameEnd - 1])) nameEnd--;
        if (nameEnd <= 0)
        {
            Note(SipDefect.BadHeader);
            return;
        }
        ReadOnlySpan<byte> name = line[..nameEnd];
        HeaderName known = HeaderNames.Of(name);
        if (known == HeaderName.Other && !Grammar.IsToken(name))
        {
            Note(SipDefect.BadHeader);
            return;
        }
        if (_count == SipLimits.Headers)
        {
            Note(SipDefect.TooManyHeaders);
            return;
        }
        int valueStart = colon + 1;
        int valueEnd = line.Length;
        while (valueStart < valueEnd && Grammar.IsLws(line[valueStart])) valueStart++;
        while (valueEnd > valueStart && Grammar.IsLws(line[valueEnd - 1])) valueEnd--;

        ref Slot slot = ref _slots[_count];
        slot.Known = known;
        slot.Name = new Piece((ushort)start, (ushort)nameEnd);
        slot.Value = new Piece((ushort)(start + valueStart), (ushort)(valueEnd - valueStart));
        ulong bit = 1UL << (int)known;
        if ((_present & bit) == 0)
        {
            _present |= bit;
            _first[(int)known] = (byte)_count;
        }
        else if ((GivenOnce & bit) != 0)
        {
            Note(SipDefect.DuplicateHeader);
        }
        _count++;
    }

    // A NUL is only ever legal behind a backslash in a quoted-string (RFC 3261 §25.1, quoted-pair).
    private void CheckNuls(ReadOnlySpan<byte> head)
    {
        while (true)
        {
            int nul = head.IndexOf((byte)0);
            if (nul < 0) return;
            if (nul == 0 || head[nul - 1] != '\\') Note(SipDefect.BadHeader);
            head = head[(nul + 1)..];
        }
    }

    private void ReadBody(ReadOnlySpan<byte> s, int bodyStart)
    {
        int available = s.Length - bodyStart;
        int length = available;
        if (Has(HeaderName.ContentLength))
        {
            if (!Grammar.TryNumber(Header(HeaderName.ContentLength), int.MaxValue, out uint declared))
            {
                Note(SipDefect.BadContentLength);
            }
            else if (declared > available)
            {
                Note(SipDefect.BodyCutShort);
            }
            else
            {
                length = (int)declared;
            }
        }
        _body = new Piece((ushort)bodyStart, (ushort)length);
        _length = bodyStart + length;
        if (!MultipartBody.IsMultipart(Header(HeaderName.ContentType))) return;
        bool found = MultipartBody.TryFindSdp(Header(HeaderName.ContentType), Body, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> sdp, out SipDefect beyond);
        if (IsRequest && beyond != SipDefect.None) Note(beyond);
        if (!found) return;
        _partType = At(type);
        _body = At(sdp);
    }

    private void ReadVia()
    {
        if (!Has(HeaderName.Via))
        {
            Note(SipDefect.MissingVia);
            return;
        }
        int vias = 0;
        for (int i = _first[(int)HeaderName.Via]; i < _count; i++)
        {
            if (_slots[i].Known != HeaderName.Via) continue;
            ReadOnlySpan<byte> rest = Of(_slots[i].Value);
            while (true)
            {
                int end = Grammar.ElementEnd(rest);
                ReadOnlySpan<byte> one = Grammar.Trim(rest[..end]);
                if (vias++ == 0) ReadTopVia(one);
                else if (!ViaParm.LooksLikeOne(one)) Note(SipDefect.BadVia);
                if (end == rest.Length) break;
                rest = rest[(end + 1)..];
            }
        }
        if (vias > SipLimits.Vias) Note(SipDefect.TooManyVias);
    }

    private void ReadTopVia(ReadOnlySpan<byte> one)
    {
        _topVia = At(one);
        CheckParameters(one);
        if (!ViaParm.TryParse(one, out ViaParm via))
        {
            Note(SipDefect.BadVia);
            return;
        }
        _viaSentBy = At(via.SentBy);
        if (!via.TryGetParam("branch"u8, out ReadOnlySpan<byte> branch)) return;
        if (Grammar.IsOneWord(branch)) _viaBranch = At(branch);
        else Note(SipDefect.BadVia);
    }

    private void ReadFromAndTo()
    {
        _fromTag = ReadTag(HeaderName.From, SipDefect.MissingFrom, SipDefect.BadFrom);
        _toTag = ReadTag(HeaderName.To, SipDefect.MissingTo, SipDefect.BadTo);
    }

    private Piece ReadTag(HeaderName name, SipDefect missing, SipDefect bad)
    {
        if (!Has(name))
        {
            Note(missing);
            return default;
        }
        CheckParameters(Header(name));
        if (!NameAddress.TryParse(Header(name), out NameAddress address))
        {
            Note(bad);
            return default;
        }
        if (!address.TryGetParam("tag"u8, out ReadOnlySpan<byte> tag)) return default;
        if (Grammar.IsOneWord(tag)) return At(tag);
        Note(bad);
        return default;
    }

    // A semicolon in quotes counts too: this is a bound on work, not a reading.
    private void CheckParameters(ReadOnlySpan<byte> text)
    {
        if (text.Count((byte)';') > SipLimits.Parameters) Note(SipDefect.TooManyParameters);
    }

    // A response with too many is left to its dialog: dropped here, it would only be sent again.
    private void CheckRoutes()
    {
        if (!IsRequest) return;
        if (CountOf(HeaderName.Route) > SipLimits.Routes || CountOf(HeaderName.RecordRoute) > SipLimits.Routes) Note(SipDefect.TooManyRoutes);
    }

    private int CountOf(HeaderName name)
    {
        int count = 0;
        foreach (ReadOnlySpan<byte> _ in Values(name)) count++;
        return count;
    }

    private void ReadCallId()
    {
        if (!Has(HeaderName.CallId)) Note(SipDefect.MissingCallId);
        else if (!Grammar.IsOneWord(CallId)) Note(SipDefect.BadCallId);
    }

    private void ReadCSeq()
    {
        if (!Has(HeaderName.CSeq))
        {
            Note(SipDefect.MissingCSeq);
            return;
        }
        ReadOnlySpan<byte> value = Header(HeaderName.CSeq);
        int end = value.IndexOfAny(" \t\r\n"u8);
        // Less than 2**31 (RFC 3261 §8.1.1.5).
        if (end <= 0 || !Grammar.TryNumber(value[..end], int.MaxValue, out uint number))
        {
            Note(SipDefect.BadCSeq);
            return;
        }
        ReadOnlySpan<byte> token = Grammar.TrimStart(value[end..]);
        if (!Grammar.IsToken(token))
        {
            Note(SipDefect.BadCSeq);
            return;
        }
        CSeqNumber = number;
        CSeqMethod = SipMethods.Of(token);
        if (IsRequest && !token.SequenceEqual(MethodToken)) Note(SipDefect.CSeqMethodMismatch);
    }

    private void ReadMaxForwards()
    {
        if (!Has(HeaderName.MaxForwards)) return; // mandatory since RFC 3261, but RFC 2543 callers have none
        if (Grammar.TryNumber(Header(HeaderName.MaxForwards), 255, out uint hops)) MaxForwards = (int)hops;
        else Note(SipDefect.BadMaxForwards);
    }
}
