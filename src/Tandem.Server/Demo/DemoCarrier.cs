using System.Globalization;
using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Server.Demo;

/// <summary>
/// A simulated carrier: answers every call after a moment of ringing and talks back with an 880 Hz tone until it is hung up.
/// Numbers ending in 486 or 503 are refused with that status, so that failover can be seen.
/// </summary>
internal sealed class DemoCarrier : IAsyncDisposable
{
    public const double Hertz = 880;

    private static readonly TimeSpan RingTime = TimeSpan.FromMilliseconds(300);

    private readonly DemoSocket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, CancellationTokenSource> _calls = new(StringComparer.Ordinal);
    private readonly Task _running;

    public DemoCarrier(NetAddress bind)
    {
        _socket = new DemoSocket(bind);
        _running = RunAsync();
    }

    public NetAddress Local => _socket.Local;

    /// <summary>RTP packets heard in all calls, and how loud the caller's tone was in the last.</summary>
    public int PacketsHeard { get; private set; }

    public double ToneDbm0 { get; private set; } = double.NegativeInfinity;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                DemoMessage message = await _socket.ReceiveAsync(_stop.Token);
                if (!message.Sip.IsRequest) continue;
                string call = DemoMessage.Text(message.Sip.CallId);
                switch (message.Sip.Method)
                {
                    case SipMethod.Invite when !_calls.ContainsKey(call):
                        var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                        _calls[call] = ended;
                        talks.Add(TalkAsync(message, ended.Token));
                        break;
                    case SipMethod.Bye or SipMethod.Cancel:
                        if (_calls.Remove(call, out CancellationTokenSource? talk)) await talk.CancelAsync();
                        await RespondAsync(message, 200, "");
                        break;
                    case SipMethod.Options:
                        await RespondAsync(message, 200, "");
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(DemoMessage invite, CancellationToken ended)
    {
        string number = SipUri.TryParse(invite.Sip.RequestUri, out SipUri uri) ? DemoMessage.Text(uri.User) : "";
        if (number.EndsWith("486", StringComparison.Ordinal) || number.EndsWith("503", StringComparison.Ordinal))
        {
            await RespondAsync(invite, int.Parse(number[^3..], CultureInfo.InvariantCulture), "");
            return;
        }
        using var audio = new DemoAudio(Local, Hertz);
        try
        {
            await RespondAsync(invite, 100, "");
            await RespondAsync(invite, 180, "");
            await Task.Delay(RingTime, ended);
            await RespondAsync(invite, 200, DemoSocket.Sdp(audio.Local));
            await audio.TalkAsync(invite.Audio(), ended);
        }
        catch (OperationCanceledException)
        {
            await RespondAsync(invite, 487, ""); // cancelled while it rang
            return;
        }
        PacketsHeard += audio.Received;
        ToneDbm0 = audio.HeardDbm0(DemoCaller.Hertz);
    }

    private Task RespondAsync(DemoMessage request, int status, string sdp)
    {
        byte[] room = new byte[4096];
        var w = new SipWriter(room);
        Responses.Write(ref w, request.Sip, request.Source, status, [], status == 100 ? [] : "demo"u8);
        w.OpenHeader(HeaderName.Contact);
        w.Text("<sip:"u8);
        w.HostPort(Local);
        w.Text(">"u8);
        w.CloseHeader();
        if (sdp.Length > 0) w.Body("application/sdp"u8, Encoding.ASCII.GetBytes(sdp));
        else w.End();
        return _socket.SendAsync(Encoding.UTF8.GetString(w.Written), request.Source);
    }
}
