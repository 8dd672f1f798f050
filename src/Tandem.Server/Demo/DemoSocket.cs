using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;

namespace Tandem.Server.Demo;

/// <summary>A received SIP message of a demo endpoint: its own copy of the bytes, parsed.</summary>
internal sealed record DemoMessage(SipMessage Sip, NetAddress Source)
{
    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Where the other end wants its audio; none when there is no SDP.</summary>
    public NetAddress Audio()
    {
        var sdp = new SessionDescription();
        if (Sip.Body.IsEmpty || sdp.Parse(Sip) != SdpDefect.None || sdp.MediaCount == 0) return default;
        MediaDescription media = sdp.Media(0);
        return media.Remote.WithPort(media.Port);
    }
}

/// <summary>The UDP socket of a demo endpoint: plain and slow, and with nothing of the switch's own transactions in it, so that it tests them.</summary>
internal sealed class DemoSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public DemoSocket(NetAddress bind)
    {
        _socket.Bind(bind.ToIPEndPoint());
        Local = NetAddress.From((IPEndPoint)_socket.LocalEndPoint!);
    }

    public NetAddress Local { get; }

    public Task SendAsync(string message, NetAddress to) => _socket.SendToAsync(Encoding.UTF8.GetBytes(message), SocketFlags.None, to.ToIPEndPoint());

    /// <summary>The next message that parses.</summary>
    public async Task<DemoMessage> ReceiveAsync(CancellationToken stop)
    {
        byte[] buffer = new byte[65_536];
        while (true)
        {
            SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop);
            var message = new SipMessage();
            if (message.Parse([.. buffer.AsSpan(0, received.ReceivedBytes)], 0, received.ReceivedBytes) == SipDefect.None)
            {
                return new DemoMessage(message, NetAddress.From((IPEndPoint)received.RemoteEndPoint));
            }
        }
    }

    public static string Sdp(NetAddress audio) =>
        $"v=0\r\no=- 1 1 IN IP4 {audio.HostString()}\r\ns=-\r\nc=IN IP4 {audio.HostString()}\r\nt=0 0\r\nm=audio {audio.Port} RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n";

    public void Dispose() => _socket.Dispose();
}
