using System.Globalization;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Server.Demo;

/// <summary>What a demo call came to, as its caller saw it.</summary>
/// <param name="Status">Final SIP status of the INVITE.</param>
/// <param name="PacketsHeard">RTP packets that came from the other end.</param>
/// <param name="ToneDbm0">How loud the other end's tone was.</param>
internal sealed record DemoCallResult(int Status, int PacketsHeard, double ToneDbm0);

/// <summary>A customer's gateway that makes one call: rings, talks with a 440 Hz tone, hangs up.</summary>
internal sealed class DemoCaller(NetAddress bind) : IDisposable
{
    public const double Hertz = 440;

    private readonly DemoSocket _socket = new(bind);

    public NetAddress Local => _socket.Local;

    /// <exception cref="OperationCanceledException">The switch did not answer in time.</exception>
    public async Task<DemoCallResult> CallAsync(NetAddress to, string caller, string callee, TimeSpan talk, CancellationToken stop)
    {
        using var audio = new DemoAudio(Local, Hertz);
        string id = Guid.NewGuid().ToString("N");
        string from = $"<sip:{caller}@{Local.HostString()}>;tag={id[..8]}";
        string uri = $"sip:{callee}@{to}";
        string Request(string method, int cseq, string target, string remote, string body) => string.Create(CultureInfo.InvariantCulture, $"""
            {method} {target} SIP/2.0
            Via: SIP/2.0/UDP {Local};branch=z9hG4bK{id}{cseq}{(method == "ACK" ? "a" : "")};rport
            Max-Forwards: 70
            From: {from}
            To: {remote}
            Call-ID: {id}@demo
            CSeq: {cseq} {method}
            Contact: <sip:{Local}>
            {(body.Length > 0 ? "Content-Type: application/sdp\n" : "")}Content-Length: {body.Length}


            """).ReplaceLineEndings("\r\n") + body;

        await _socket.SendAsync(Request("INVITE", 1, uri, $"<{uri}>", DemoSocket.Sdp(audio.Local)), to);
        DemoMessage answer = await FinalAsync(stop);
        string remote = DemoMessage.Text(answer.Sip.To);
        if (answer.Sip.Status >= 300)
        {
            await _socket.SendAsync(Request("ACK", 1, uri, remote, ""), to);
            return new DemoCallResult(answer.Sip.Status, 0, double.NegativeInfinity);
        }
        string target = NameAddress.TryParse(answer.Sip.Contact, out NameAddress contact) ? DemoMessage.Text(contact.Uri) : uri;
        await _socket.SendAsync(Request("ACK", 1, target, remote, ""), to);

        using var talking = CancellationTokenSource.CreateLinkedTokenSource(stop);
        talking.CancelAfter(talk);
        await audio.TalkAsync(answer.Audio(), talking.Token);

        await _socket.SendAsync(Request("BYE", 2, target, remote, ""), to);
        await FinalAsync(stop);
        return new DemoCallResult(answer.Sip.Status, audio.Received, audio.HeardDbm0(DemoCarrier.Hertz));
    }

    public void Dispose() => _socket.Dispose();

    private async Task<DemoMessage> FinalAsync(CancellationToken stop)
    {
        while (true)
        {
            DemoMessage message = await _socket.ReceiveAsync(stop);
            if (!message.Sip.IsRequest && message.Sip.Status >= 200) return message;
        }
    }
}
