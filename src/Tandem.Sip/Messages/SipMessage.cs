namespace Tandem.Sip.Messages;

/// <summary>
/// A parsed SIP message: the received bytes, and where things are in them. One instance is used over and over
/// (<see cref="Parse(byte[], int, int)"/> starts afresh and allocates nothing); every span is valid until the buffer is written to
/// or the next parse. Line ends may be CRLF or LF alone: gateways that send bare LF exist, and as the switch writes every message
/// anew nothing can be smuggled behind one. Header values are trimmed; a folded value holds its folds as received.
/// </summary>
public sealed partial class SipMessage
{
    private readonly Slot[] _slots = new Slot[SipLimits.Headers];
    private readonly byte[] _first = new byte[HeaderNames.Count];
    private byte[] _buffer = [];
    private int _offset;
    private int _length;
    private int _count;
    private ulong _present;
    private Piece _methodToken, _requestUri, _reasonPhrase, _body, _topVia, _viaBranch, _viaSentBy, _fromTag, _toTag, _partType;

    /// <summary>The first defect found, as <see cref="Parse(byte[], int, int)"/> returned it.</summary>
    public SipDefect Defect { get; private set; }

    public bool IsRequest { get; private set; }

    public SipMethod Method { get; private set; }

    public ReadOnlySpan<byte> MethodToken => Of(_methodToken);

    public ReadOnlySpan<byte> RequestUri => Of(_requestUri);

    /// <summary>100 to 699; 0 in a request.</summary>
    public int Status { get; private set; }

    public ReadOnlySpan<byte> ReasonPhrase => Of(_reasonPhrase);

    /// <summary>The whole message, without line ends before it and bytes behind its body.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_offset, _length);

    public ReadOnlySpan<byte> CallId => Header(HeaderName.CallId);

    public ReadOnlySpan<byte> From => Header(HeaderName.From);

    public ReadOnlySpan<byte> To => Header(HeaderName.To);

    /// <summary>Empty when there is none, as in a request of an RFC 2543 caller.</summary>
    public ReadOnlySpan<byte> FromTag => Of(_fromTag);

    public ReadOnlySpan<byte> ToTag => Of(_toTag);

    /// <summary>The first via-parm, raw. <see cref="ViaParm.TryParse"/> takes it apart.</summary>
    public ReadOnlySpan<byte> TopVia => Of(_topVia);

    /// <summary>The branch of the first via; empty when there is none (RFC 2543).</summary>
    public ReadOnlySpan<byte> ViaBranch => Of(_viaBranch);

    /// <summary>host[:port] of the first via.</summary>
    public ReadOnlySpan<byte> ViaSentBy => Of(_viaSentBy);

    /// <summary>True when the branch begins with the magic cookie and says something beyond it (RFC 3261 §17.2.3); else match by RFC 2543.</summary>
    public bool HasUniqueBranch => ViaBranch.Length > 7 && ViaBranch.StartsWith("z9hG4bK"u8);

    public uint CSeqNumber { get; private set; }

    public SipMethod CSeqMethod { get; private set; }

    /// <summary>-1 when absent.</summary>
    public int MaxForwards { get; private set; }

    /// <summary>The first contact, raw; empty when there is none.</summary>
    public ReadOnlySpan<byte> Contact => FirstElement(Header(HeaderName.Contact));

    /// <summary>Of <see cref="Body"/>.</summary>
    public ReadOnlySpan<byte> ContentType => _partType.Length > 0 ? Of(_partType) : Header(HeaderName.ContentType);

    /// <summary>
    /// Cut to Content-Length; without one, all that follows the headers (RFC 3261 §18.3). Of a multipart body that holds a session description
    /// it is that part alone, as if nothing had stood beside it.
    /// </summary>
    public ReadOnlySpan<byte> Body => Of(_body);

    /// <summary>The received buffer itself and where in it the body starts, for views over the body (SDP).</summary>
    internal byte[] Buffer => _buffer;

    internal int BodyOffset => _offset + _body.Start;

    /// <summary>
    /// True for a request whose Via, From, To, Call-ID and CSeq are there and whose first via names a place: a defect can be
    /// answered with <see cref="SipDefects.AnswerStatus"/>. Never true for ACK, which has no response.
    /// </summary>
    public bool CanBeAnswered { get; private set; }

    /// <summary>The value of the first such header field, commas and all; empty when there is none.</summary>
    public ReadOnlySpan<byte> Header(HeaderName name)
    {
        if (!Has(name) || name == HeaderName.Other) return default;
        ref Slot slot = ref _slots[_first[(int)name]];
        return _buffer.AsSpan(_offset + slot.Value.Start, slot.Value.Length);
    }

    public bool Has(HeaderName name) => (_present & (1UL << (int)name)) != 0;

    /// <summary>Every header field in the order received.</summary>
    public HeaderEnumerator Headers => new(this);

    /// <summary>
    /// The elements of every such header field in order, comma lists split (outside quotes and angle brackets), empty elements
    /// passed over: for Via, Route, Record-Route, Contact, Supported, Require, Allow and their like. Not for
    /// headers whose commas are part of one value (Authorization, Date): those are read with <see cref="Headers"/>.
    /// </summary>
    public ValueEnumerator Values(HeaderName name) => new(this, name);

    /// <summary>True when the comma lists of <paramref name="name"/> hold <paramref name="token"/>, case-insensitively: Supported: 100rel, Require, Allow.</summary>
    public bool Lists(HeaderName name, ReadOnlySpan<byte> token)
    {
        foreach (ReadOnlySpan<byte> value in Values(name))
        {
            if (System.Text.Ascii.EqualsIgnoreCase(value, token)) return true;
        }
        return false;
    }

    private ReadOnlySpan<byte> Of(Piece piece) => _buffer.AsSpan(_offset + piece.Start, piece.Length);

    private static ReadOnlySpan<byte> FirstElement(ReadOnlySpan<byte> list) => Grammar.Trim(list[..Grammar.ElementEnd(list)]);

    // Offsets are into the message; 65,535 bytes fit sixteen bits.
    private readonly record struct Piece(ushort Start, ushort Length);

    private struct Slot
    {
        public Piece Name;
        public Piece Value;
        public HeaderName Known;
    }

    /// <summary>One header field.</summary>
    public readonly ref struct HeaderSlot
    {
        internal HeaderSlot(SipMessage message, int index)
        {
            ref Slot slot = ref message._slots[index];
            Name = slot.Known;
            NameBytes = message.Of(slot.Name);
            Value = message.Of(slot.Value);
        }

        public HeaderName Name { get; }

        /// <summary>As received, without the white space before the colon.</summary>
        public ReadOnlySpan<byte> NameBytes { get; }

        public ReadOnlySpan<byte> Value { get; }
    }

    /// <summary>For foreach.</summary>
    public ref struct HeaderEnumerator
    {
        private readonly SipMessage _message;
        private int _at;

        internal HeaderEnumerator(SipMessage message)
        {
            _message = message;
            _at = -1;
        }

        public readonly HeaderSlot Current => new(_message, _at);

        public bool MoveNext() => ++_at < _message._count;

        public readonly HeaderEnumerator GetEnumerator() => this;
    }

    /// <summary>For foreach.</summary>
    public ref struct ValueEnumerator
    {
        private readonly SipMessage _message;
        private readonly HeaderName _name;
        private ReadOnlySpan<byte> _rest;
        private int _next;

        internal ValueEnumerator(SipMessage message, HeaderName name)
        {
            _message = message;
            _name = name;
            _next = message.Has(name) ? message._first[(int)name] : message._count;
        }

        public ReadOnlySpan<byte> Current { get; private set; }

        public bool MoveNext()
        {
            while (true)
            {
                while (!_rest.IsEmpty)
                {
                    int end = Grammar.ElementEnd(_rest);
                    Current = Grammar.Trim(_rest[..end]);
                    _rest = end < _rest.Length ? _rest[(end + 1)..] : default;
                    if (!Current.IsEmpty) return true;
                }
                while (_next < _message._count && _message._slots[_next].Known != _name) _next++;
                if (_next >= _message._count) return false;
                _rest = _message.Of(_message._slots[_next++].Value);
            }
        }

        public readonly ValueEnumerator GetEnumerator() => this;
    }
}
