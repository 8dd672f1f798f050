using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tandem.Interop.Peers;
using Tandem.Media.Tones;
using Tandem.Media.Wav;
using Tandem.Primitives;

namespace Tandem.Interop.Linphone;

/// <summary>One linphone on its console: registers with digest, answers by itself, plays a tone from a WAV file and records what it hears. No sound card is touched.</summary>
internal sealed class LinphonePhone : IDisposable
{
    private const int ToneSeconds = 30;

    private readonly ScratchFolder _folder = new();

    private LinphonePhone(string number, string password, int hertz, NetAddress registrar)
    {
        string program = PeerProgram.Linphone;
        short[] samples = new short[ToneSeconds * WavFile.SampleRate];
        new ToneGenerator(hertz).Fill(samples);
        File.WriteAllBytes(_folder.File("tone.wav"), WavFile.Write(samples));
        _folder.Folder(Path.Combine(".local", "share", "linphone"));
        int[] ports = LoopbackPorts.Take(3);
        // linphone shares a port that another linphone has, so each is told ports of its own for media too. G.711 alone: a pure tone comes through it as it was.
        File.WriteAllText(_folder.File("linphonerc"), $"""
            [sip]
            sip_port={ports[0]}
            sip_tcp_port=0
            sip_tls_port=0
            default_proxy=0
            register_only_when_network_is_up=0
            use_ipv6=0
            contact=sip:{number}@127.0.0.1
            [rtp]
            audio_rtp_port={ports[1]}
            audio_rtcp_port={ports[2]}
            [sound]
            echocancellation=0
            [audio_codec_0]
            mime=PCMA
            rate=8000
            channels=1
            enabled=1
            [audio_codec_1]
            mime=PCMU
            rate=8000
            channels=1
            enabled=0
            [proxy_0]
            reg_proxy=<sip:{registrar};transport=udp>
            reg_identity=sip:{number}@{registrar}
            reg_expires=120
            reg_sendregister=1
            publish=0
            [auth_info_0]
            username={number}
            passwd={password}
            realm=tandem

            """);
        Number = number;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = _folder.Path, ["XDG_CONFIG_HOME"] = _folder.Path, ["XDG_DATA_HOME"] = Path.Combine(_folder.Path, ".local", "share") };
        Process = PeerProcess.Start(program, ["-c", _folder.File("linphonerc"), "-a", "-d", "0"], [], environment);
        Process.Tell("soundcard use files");
    }

    public string Number { get; }

    public PeerProcess Process { get; }

    public static LinphonePhone Start(string number, string password, int hertz, NetAddress registrar) => new(number, password, hertz, registrar);

    public void Call(string uri) => Process.Tell($"call {uri}");

    public void HangUp() => Process.Tell("terminate");

    /// <summary>Within a call: the tone is played, what comes is recorded.</summary>
    public void PlayAndRecord()
    {
        Process.Tell($"play {_folder.File("tone.wav")}");
        Process.Tell($"record {_folder.File("heard.wav")}");
    }

    /// <summary>True once it has written out what it heard, which it does some time after the call.</summary>
    public bool HasRecorded => Heard().Length >= 2 * WavFile.SampleRate;

    /// <summary>How loud a tone was in the middle second of what this phone heard; -infinity when it heard less than two.</summary>
    public double HeardDbm0(int hertz)
    {
        short[] samples = Heard();
        int second = WavFile.SampleRate;
        return samples.Length < 2 * second ? double.NegativeInfinity : ToneMeter.LevelDbm0(samples.AsSpan((samples.Length - second) / 2, second), hertz);
    }

    public void Dispose()
    {
        Process.Dispose();
        _folder.Dispose();
    }

    /// <summary>What there is of a recording, for failure messages.</summary>
    public string Recording => File.Exists(_folder.File("heard.wav")) ? $"a file of {new FileInfo(_folder.File("heard.wav")).Length} bytes, {Heard().Length} samples, the loudest {Heard().Select(static s => Math.Abs((int)s)).DefaultIfEmpty().Max()}" : "no file";

    // It records at a rate of its own, a multiple of ours, and writes no length before it ends: the header is 44 bytes, the rest is samples.
    private short[] Heard()
    {
        const int Header = 44, RateAt = 24;
        string file = _folder.File("heard.wav");
        if (!File.Exists(file)) return [];
        byte[] bytes = File.ReadAllBytes(file);
        if (bytes.Length <= Header) return [];
        int step = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(RateAt)) / WavFile.SampleRate;
        Assert.InRange(step, 1, 12);
        ReadOnlySpan<short> all = MemoryMarshal.Cast<byte, short>(bytes.AsSpan(Header, (bytes.Length - Header) & ~1));
        short[] ours = new short[all.Length / step];
        for (int i = 0; i < ours.Length; i++) ours[i] = all[i * step];
        return ours;
    }
}
