using System.Diagnostics;
using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;

namespace Tandem.Bench.Micro;

/// <summary>An INVITE as a customer's switch sends it.</summary>
internal static class Invites
{
    public static readonly byte[] Bytes = Encoding.ASCII.GetBytes(string.Join("\r\n",
        "INVITE sip:442079460123@198.51.100.7:5060 SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK00000000;rport", "Max-Forwards: 70",
        "From: \"Load caller\" <sip:4930123456@192.0.2.10:5060>;tag=00000000", "To: <sip:442079460123@198.51.100.7:5060>", "Call-ID: 00000000@192.0.2.10", "CSeq: 1 INVITE",
        "Contact: <sip:4930123456@192.0.2.10:5060>", "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS", "Supported: timer, 100rel", "User-Agent: load kit, caller",
        "P-Asserted-Identity: <sip:4930123456@192.0.2.10:5060>", "Content-Type: application/sdp", "Content-Length: 296", "",
        "v=0", "o=caller 53655765 2353687637 IN IP4 192.0.2.99", "s=load", "c=IN IP4 192.0.2.99", "t=0 0", "m=audio 18200 RTP/AVP 8 0 18 101",
        "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:18 G729/8000", "a=fmtp:18 annexb=no", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", "a=ptime:20", "a=sendrecv", ""));

    static Invites()
    {
        // The length the body really has.
        int body = Bytes.Length - Bytes.AsSpan().IndexOf("\r\n\r\n"u8) - 4;
        Encoding.ASCII.GetBytes(body.ToString("D3")).CopyTo(Bytes.AsSpan(Bytes.AsSpan().IndexOf("Content-Length: "u8) + 16));
    }
}

internal sealed class ParseInvite : IMicro
{
    private readonly SipMessage _message = new();

    public string Name => $"parse an INVITE of {Invites.Bytes.Length} bytes";

    public TimeSpan Run(int count)
    {
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            if (_message.Parse(Invites.Bytes, 0, Invites.Bytes.Length) != SipDefect.None) throw new BenchException("the INVITE does not parse.");
        }
        return Stopwatch.GetElapsedTime(began);
    }
}

/// <summary>The INVITE of the second leg: dialog opened, SDP parsed and written again with our ports, all headers.</summary>
internal sealed class RewriteInvite : IMicro
{
    private static readonly NetAddress Us = NetAddress.Parse("198.51.100.7:5060"), Them = NetAddress.Parse("203.0.113.1:5060"), Media = NetAddress.Parse("198.51.100.7:20000");

    private readonly SipMessage _message = new();
    private readonly SessionDescription _sdp = new();
    private readonly Dialog _dialog = new(new BytePool(), new SipListeners([new SipListener(Us)]));
    private readonly byte[] _text = new byte[8192];
    private readonly byte[] _body = new byte[4096];

    private static readonly RelayedLine[] Lines = [new RelayedLine { Port = 20_000 }];

    public string Name => "rewrite it to the second leg: new dialog, SDP, headers";

    public TimeSpan Run(int count)
    {
        _message.Parse(Invites.Bytes, 0, Invites.Bytes.Length);
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            _dialog.OpenAsClient("abcdefghijklmnop"u8, "<sip:4930123456@198.51.100.7>"u8, "<sip:442079460123@203.0.113.1>"u8, "sip:442079460123@203.0.113.1"u8, (ulong)i, Them, 0);
            var w = new SipWriter(_text);
            _dialog.WriteRequest(ref w, SipMethod.Invite, "z9hG4bKabcdefghijklm"u8[..TransactionLayer.BranchLength], 1, 69);
            w.Header(HeaderName.Contact, "<sip:198.51.100.7:5060>"u8);
            if (_sdp.Parse(_message) != SdpDefect.None) throw new BenchException("the SDP does not parse.");
            var body = new ByteWriter(_body);
            SdpWriter.Relay(ref body, _sdp, 1, 1, Media, Lines);
            w.Body("application/sdp"u8, body.Written);
            if (w.Overflowed) throw new BenchException("the INVITE is too long.");
            _dialog.Release();
        }
        return Stopwatch.GetElapsedTime(began);
    }
}
