using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tandem.Interop.Peers;
using Tandem.Media.Tones;
using Tandem.Media.Wav;
using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Interop.Baresip;

/// <summary>One baresip: a phone that registers with digest, plays a tone from a WAV file, answers by itself and records what it hears.</summary>
internal sealed class BaresipPhone : IDisposable
{
    private const int ToneSeconds = 40;

    private readonly ScratchFolder _folder = new();
    private readonly PeerProcess _process;
    private readonly int _control;

    private BaresipPhone(string number, string password, int hertz, NetAddress registrar, SipTransport transport, string codec, bool encrypted, short[]? says)
    {
        string program = PeerProgram.Baresip;
        short[] samples = says ?? new short[ToneSeconds * WavFile.SampleRate];
        if (says is null) new ToneGenerator(hertz).Fill(samples);
        File.WriteAllBytes(_folder.File("tone.wav"), WavFile.Write(samples));
        int[] ports = LoopbackPorts.Take(3);
        _control = ports[1] == ports[0] + 1 ? ports[2] : ports[1]; // baresip listens for TLS beside its SIP port
        // Only what is needed: no sound card, no screen, no terminal.
        File.WriteAllText(_folder.File("config"), $"""
            sip_listen {(registrar.IsV6 ? "[::1]" : "127.0.0.1")}:{ports[0]}
            prefer_ipv6 {(registrar.IsV6 ? "yes" : "no")}
            audio_player aubridge,sink
            audio_source aufile,{_folder.File("tone.wav")}
            audio_alert aubridge,alert
            rtp_ports 50000-58000
            rtcp_mux no
            snd_path {_folder.Folder("heard")}
            ctrl_tcp_listen 127.0.0.1:{_control}
            module_path {ModulePath()}
            module g711.so
            module aufile.so
            module aubridge.so
            module sndfile.so
            module_tmp account.so
            {(encrypted ? "module srtp.so" : "# no SRTP")}
            module_app menu.so
            module_app ctrl_tcp.so

            """);
        string parameter = transport == SipTransport.Udp ? "" : ";transport=" + transport.ToString().ToLowerInvariant();
        File.WriteAllText(_folder.File("accounts"), $"<sip:{number}@{registrar}{parameter}>;auth_user={number};auth_pass={password};answermode=auto;regint=120;audio_codecs={codec}/8000/1;ptime=20{(encrypted ? ";mediaenc=srtp-mand" : "")}\n");
        File.WriteAllText(_folder.File("contacts"), "");
        Number = number;
        Port = ports[0];
        _process = PeerProcess.Start(program, ["-f", _folder.Path, "-v"], [], new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = _folder.Path });
    }

    public string Number { get; }

    public int Port { get; }

    public PeerProcess Process => _process;

    public static BaresipPhone Start(string number, string password, int hertz, NetAddress registrar, SipTransport transport = SipTransport.Udp, string codec = "PCMA", bool encrypted = false, short[]? says = null) => new(number, password, hertz, registrar, transport, codec, encrypted, says);

    /// <summary>Does as if somebody had typed it: <c>dial</c>, <c>hold</c>, <c>resume</c>, <c>transfer</c>, <c>hangup</c>.</summary>
    public async Task CommandAsync(string command, string parameters, CancellationToken stop)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _control, stop);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new { command, @params = parameters, token = "1" });
        // A netstring (length, colon, bytes, comma) in both directions.
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(json.Length.ToString(CultureInfo.InvariantCulture)), (byte)':', .. json, (byte)','], stop);
        byte[] answer = new byte[65_536];
        string text = "";
        while (!text.Contains("\"response\"", StringComparison.Ordinal))
        {
            int read = await stream.ReadAsync(answer, stop);
            Assert.True(read > 0, $"baresip closed its control connection.\n{_process.Story()}");
            text += Encoding.UTF8.GetString(answer, 0, read);
        }
    }

    /// <summary>Waits until the phone tells that an event (RFC 4733) of a key came to it; <paramref name="meanwhile"/> is done once it listens.</summary>
    public async Task<char> HearEventAsync(Func<Task> meanwhile, CancellationToken stop)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _control, stop);
        await meanwhile();
        byte[] told = new byte[65_536];
        string text = "";
        while (true)
        {
            int read = await client.GetStream().ReadAsync(told, stop);
            Assert.True(read > 0, $"baresip closed its control connection.\n{_process.Story()}");
            text += Encoding.UTF8.GetString(told, 0, read);
            int at = text.IndexOf("CALL_DTMF_START", StringComparison.Ordinal);
            int param = at < 0 ? -1 : text.IndexOf("\"param\":\"", at, StringComparison.Ordinal);
            if (param >= 0 && param + 9 < text.Length) return text[param + 9];
        }
    }

    /// <summary>How loud a key's two frequencies were together at their loudest, in anything this phone heard.</summary>
    public double HeardKeyDbm0(int low, int high)
    {
        const int Window = 160;
        short[] samples = Heard();
        double loudest = double.NegativeInfinity;
        for (int at = 0; at + Window <= samples.Length; at += Window / 2)
        {
            ReadOnlySpan<short> window = samples.AsSpan(at, Window);
            loudest = Math.Max(loudest, Math.Min(ToneMeter.LevelDbm0(window, low), ToneMeter.LevelDbm0(window, high)));
        }
        return loudest;
    }

    /// <summary>How loud a tone was in what this phone heard, in the middle second of it; -infinity when it heard nothing.</summary>
    public double HeardDbm0(int hertz)
    {
        short[] samples = Heard();
        int second = WavFile.SampleRate;
        return samples.Length < second ? double.NegativeInfinity : ToneMeter.LevelDbm0(samples.AsSpan((samples.Length - second) / 2, second), hertz);
    }

    /// <summary>What came out of the decoder.</summary>
    public short[] Heard()
    {
        string? file = Directory.GetFiles(_folder.File("heard"), "*-dec.wav").FirstOrDefault();
        if (file is null) return [];
        WavDefect defect = WavFile.TryRead(File.ReadAllBytes(file), out short[] samples);
        Assert.True(defect is WavDefect.None or WavDefect.NoSamples, $"the recording cannot be read: {defect}");
        return samples;
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    private static string ModulePath() =>
        new[] { "/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules" }.FirstOrDefault(Directory.Exists) ?? "/usr/lib/baresip/modules";
}
