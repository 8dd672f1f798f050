using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Sip.Messages;

/// <summary>
/// Writes one message in canonical form: CRLF, full header names, one space after the colon, Content-Length always and last.
/// It never throws: what does not fit sets <see cref="Overflowed"/>, to be asked once at the end. Whatever a value holds, no line
/// end and no NUL gets out (they become a space), so a peer's text cannot start a header of its own; folds become one space.
/// </summary>
public ref struct SipWriter(Span<byte> room)
{
    private ByteWriter _out = new(room);

    /// <summary>The message is then useless: <see cref="Written"/> holds a torn one.</summary>
    public readonly bool Overflowed => _out.Overflowed;

    public readonly int Length => _out.Length;

    public readonly ReadOnlySpan<byte> Written => _out.Written;

    public void Request(SipMethod method, scoped ReadOnlySpan<byte> uri) => Request(method.Token(), uri);

    /// <param name="method">The token, for methods without a name here.</param>
    /// <param name="uri">White space in it, which would break the line, is written as "%20".</param>
    public void Request(scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri)
    {
        _out.Text(method);
        _out.Text((byte)' ');
        Unbroken(uri);
        _out.Text(" SIP/2.0\r\n"u8);
    }

    /// <param name="code">100 to 699.</param>
    /// <param name="reason">Empty: the standard phrase.</param>
    public void Status(int code, scoped ReadOnlySpan<byte> reason)
    {
        _out.Text("SIP/2.0 "u8);
        _out.Decimal(code);
        _out.Text((byte)' ');
        Text(reason.IsEmpty ? ReasonPhrases.Of(code) : reason);
        _out.Text("\r\n"u8);
    }

    public void Header(HeaderName name, scoped ReadOnlySpan<byte> value)
    {
        OpenHeader(name);
        Text(value);
        CloseHeader();
    }

    public void Header(HeaderName name, long value)
    {
        OpenHeader(name);
        _out.Decimal(value);
        CloseHeader();
    }

    /// <summary>A header without a name here. A name that is no token writes nothing.</summary>
    public void Header(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        if (!Grammar.IsToken(name)) return;
        _out.Text(name);
        _out.Text(": "u8);
        Text(value);
        CloseHeader();
    }

    /// <summary>Begins a value that is written in pieces, up to <see cref="CloseHeader"/>.</summary>
    public void OpenHeader(HeaderName name)
    {
        _out.Text(name.Spelling());
        _out.Text(": "u8);
    }

    public void CloseHeader() => _out.Text("\r\n"u8);

    public void Text(scoped ReadOnlySpan<byte> text)
    {
        if (text.ContainsAny((byte)'\r', (byte)'\n', (byte)0)) Flattened(text);
        else _out.Text(text);
    }

    public void Text(byte one) => _out.Text(one is (byte)'\r' or (byte)'\n' or 0 ? (byte)' ' : one);

    public void Decimal(long value) => _out.Decimal(value);

    public void HostPort(in NetAddress address) => _out.HostPort(address);

    public void Host(in NetAddress address) => _out.Host(address);

    /// <summary>Ends a message without a body.</summary>
    public void End() => _out.Text("Content-Length: 0\r\n\r\n"u8);

    /// <summary>Ends a message with its body.</summary>
    public void Body(scoped ReadOnlySpan<byte> contentType, scoped ReadOnlySpan<byte> body)
    {
        Header(HeaderName.ContentType, contentType);
        Header(HeaderName.ContentLength, body.Length);
        _out.Text("\r\n"u8);
        _out.Text(body);
    }

    // A run of white space that holds a line end is a fold: one space (RFC 3261 §7.3.1). A lone CR, LF or NUL: one space too.
    private void Flattened(scoped ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int at = text.IndexOfAny((byte)'\r', (byte)'\n', (byte)0);
            if (at < 0)
            {
                _out.Text(text);
                return;
            }
            int before = at;
            while (before > 0 && text[before - 1] is (byte)' ' or (byte)'\t') before--;
            _out.Text(text[..before]);
            _out.Text((byte)' ');
            while (at < text.Length && (Grammar.IsLws(text[at]) || text[at] == 0)) at++;
            text = text[at..];
        }
    }

    private void Unbroken(scoped ReadOnlySpan<byte> uri)
    {
        while (!uri.IsEmpty)
        {
            int at = uri.IndexOfAnyInRange((byte)0, (byte)' ');
            if (at < 0)
            {
                _out.Text(uri);
                return;
            }
            _out.Text(uri[..at]);
            _out.Text("%20"u8);
            uri = uri[(at + 1)..];
        }
    }
}
