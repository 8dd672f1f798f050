using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Tandem.Primitives;
using Tandem.Server.Hosting;
using Tandem.Server.Media;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;

namespace Tandem.Server.Cli;

/// <summary><c>tandem run</c> and its options.</summary>
internal static class RunVerb
{
    public static Command Make(Option<string> data, Func<RunRequest, CancellationToken, Task<int>> run, Action<string> refuse)
    {
        var sip = new Option<SipBinding[]>("--sip")
        {
            Description = "Listen for SIP here: udp:, tcp: or tls: and an address, UDP without a word; may be given several times [default: 127.0.0.1:5060]",
            HelpName = "[udp:|tcp:|tls:]ADDR:PORT",
            CustomParser = result => [.. result.Tokens.Select(t => Binding(result, t.Value))],
        };
        Option<NetAddress> http = One("--http", "ADDR:PORT", "Listen for the API here [default: 127.0.0.1:8080]", 8080);
        Option<NetAddress> https = One("--https", "ADDR:PORT", "Listen for the API encrypted here, too, with the first certificate of --tls-cert or a self-made one [default: not]", 8443);
        var media = new Option<RelayAddress[]>("--media")
        {
            Description = "Relay media on this local address; =TOLD: ends are told that one (1:1 NAT); @NETWORK: it is for ends seen in these networks. May be given several times [default: the addresses of SIP]",
            HelpName = "ADDR[=TOLD][@NETWORK,...]",
            CustomParser = result => [.. result.Tokens.Select(t => MediaAddress(result, t.Value))],
        };
        Option<NetAddress[]> dns = Several("--dns", "ADDR:PORT", "Ask this name server; may be given several times [default: those of the machine]", 53);
        Option<NetAddress[]> advertise = Several("--advertise", "ADDR", "Tell peers this address instead of the one listened on; one for IPv4, one for IPv6", 0);
        var certificates = new Option<(string, string)[]>("--tls-cert")
        {
            Description = "PEM file of a TLS certificate with its chain, and of its key if that is in another file; may be given several times, for several names [default: a self-made one]",
            HelpName = "CERT[,KEY]",
            CustomParser = result => [.. result.Tokens.Select(t => CertificateFiles(t.Value))],
        };
        var authorities = new Option<string?>("--tls-ca") { Description = "PEM file of the authorities whose certificates are believed over TLS [default: those of the machine]", HelpName = "FILE" };
        var clients = new Option<ClientCertificates>("--tls-clients")
        {
            Description = "Whether peers that connect over TLS are asked for a certificate: none, request, require [default: none]",
            HelpName = "WORD",
            CustomParser = static result => Clients(result, result.Tokens[0].Value),
        };
        var mediaIo = new Option<PumpChoice>("--media-io")
        {
            Description = "How media threads meet the kernel: best (io_uring where it can be had) or epoll [default: best]",
            HelpName = "best|epoll",
            CustomParser = static result => Pump(result, result.Tokens[0].Value),
        };
        var set = new Option<(string, string)[]>("--set")
        {
            Description = "Set a setting at the start; may be given several times",
            HelpName = "NAME=VALUE",
            CustomParser = result => [.. result.Tokens.Select(t => Setting(result, t.Value))],
        };
        var shards = new Option<int>("--shards")
        {
            Description = "Call loops, each with a thread of its own [default: 1]",
            HelpName = "N",
            DefaultValueFactory = static _ => 1,
            CustomParser = static result => Shards(result, result.Tokens[0].Value),
        };
        var cdrDatabase = new Option<string?>("--cdr-database")
        {
            Description = "Keep CDRs in this PostgreSQL database; the variable TANDEM_CDR_DATABASE sets it too [default: SQLite in the data folder]",
            HelpName = "postgres://USER@HOST/DB",
            DefaultValueFactory = static _ => Environment.GetEnvironmentVariable("TANDEM_CDR_DATABASE") is { Length: > 0 } set ? set : null,
        };
        var cdrKeep = new Option<int>("--cdr-keep") { Description = "Days of CDRs the database keeps [default: all]", HelpName = "DAYS", CustomParser = static result => Days(result, result.Tokens[0].Value) };
        var cdrArchive = new Option<string?>("--cdr-archive") { Description = "Write closed days of CDRs to this folder as Parquet files [default: none]", HelpName = "DIR" };
        var recordings = new Option<int>("--recordings")
        {
            Description = "GiB of the disk that all recordings together may take; the oldest make room [default: 10]",
            HelpName = "GIB",
            DefaultValueFactory = static _ => 10,
            CustomParser = static result => Gibibytes(result, result.Tokens[0].Value),
        };
        Option<NetAddress> smtp = One("--smtp", "ADDR:PORT", "Give alarm mails to the mail server there [default: 127.0.0.1:25]", 25);
        var demo = new Option<bool>("--demo") { Description = "With demo data; one sample call is carried first" };
        var command = new Command("run", "Run the switch") { sip, http, https, media, advertise, certificates, authorities, clients, mediaIo, recordings, dns, set, shards, cdrDatabase, cdrKeep, cdrArchive, smtp, demo };
        command.SetAction((result, stop) =>
        {
            SipBinding[] listen = result.GetValue(sip) is { Length: > 0 } given ? given : [NetAddress.Parse("127.0.0.1:5060")];
            NetAddress api = result.GetValue(http);
            NetAddress[] told = result.GetValue(advertise) ?? [];
            SipBinding vague = listen.FirstOrDefault(l => l.Address.IsAny && !told.Any(t => t.IsV6 == l.Address.IsV6));
            if (!vague.Address.IsNone)
            {
                refuse($"--sip {vague} listens on every address: say with --advertise which one peers are told");
                return Task.FromResult(CommandLine.WrongUse);
            }
            var options = new SwitchOptions
            {
                DataFolder = result.GetValue(data)!,
                Sip = listen,
                Media = result.GetValue(media) ?? [],
                Advertise = told,
                Tls = new TlsOptions { Certificates = result.GetValue(certificates) ?? [], Authorities = result.GetValue(authorities), Clients = result.GetValue(clients) },
                MediaPump = result.GetValue(mediaIo),
                RecordingBytes = (long)result.GetValue(recordings) << 30,
                NameServers = result.GetValue(dns) ?? [],
                Shards = result.GetValue(shards),
                Settings = result.GetValue(set) ?? [],
                CdrDatabase = result.GetValue(cdrDatabase),
                CdrKeepDays = result.GetValue(cdrKeep),
                CdrArchive = result.GetValue(cdrArchive),
                Smtp = result.GetValue(smtp) is { IsNone: false } mail ? (mail.ToIPEndPoint().Address.ToString(), mail.Port) : ("127.0.0.1", 25),
            };
            return run(new RunRequest(options, api.IsNone ? new IPEndPoint(IPAddress.Loopback, 8080) : api.ToIPEndPoint(), result.GetValue(https) is { IsNone: false } secure ? secure.ToIPEndPoint() : null, result.GetValue(demo)), stop);
        });
        return command;
    }

    private static Option<NetAddress[]> Several(string name, string helpName, string description, int defaultPort) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => [.. result.Tokens.Select(t => Address(result, t.Value, defaultPort))],
    };

    private static Option<NetAddress> One(string name, string helpName, string description, int defaultPort) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => Address(result, result.Tokens[0].Value, defaultPort),
    };

    private static NetAddress Address(ArgumentResult result, string text, int defaultPort)
    {
        if (NetAddress.TryParse(text, defaultPort, out NetAddress address)) return address;
        result.AddError($"'{text}' is no address: 192.0.2.1:5060 or [2001:db8::1]:5060 is needed");
        return default;
    }

    private static SipBinding Binding(ArgumentResult result, string text)
    {
        if (SipBinding.TryParse(text, out SipBinding binding)) return binding;
        result.AddError($"'{text}' is no place to listen: 192.0.2.1:5060, tcp:192.0.2.1:5060 or tls:[2001:db8::1]:5061 is needed");
        return default;
    }

    private static RelayAddress MediaAddress(ArgumentResult result, string text)
    {
        if (RelayAddress.TryParse(text, out RelayAddress? address)) return address!;
        result.AddError($"'{text}' is no address for media: 10.0.0.5, 10.0.0.5=203.0.113.9 or 10.0.0.5@10.0.0.0/8,192.168.0.0/16 is needed");
        return new RelayAddress(default);
    }

    private static (string, string) CertificateFiles(string text)
    {
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        return comma < 0 ? (text, text) : (text[..comma], text[(comma + 1)..]);
    }

    private static ClientCertificates Clients(ArgumentResult result, string text)
    {
        if (Enum.TryParse(text, ignoreCase: true, out ClientCertificates clients) && char.IsAsciiLetter(text[0])) return clients;
        result.AddError($"--tls-clients must be none, request or require; '{text}' is not");
        return default;
    }

    private static PumpChoice Pump(ArgumentResult result, string text)
    {
        if (text is "best" or "epoll") return text == "best" ? PumpChoice.Best : PumpChoice.Epoll;
        result.AddError($"--media-io must be best or epoll; '{text}' is not");
        return default;
    }

    private static int Shards(ArgumentResult result, string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is >= 1 and <= CallId.MaxShards) return n;
        result.AddError($"--shards must be 1 to {CallId.MaxShards}; '{text}' is not");
        return default;
    }

    private static int Days(ArgumentResult result, string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days is >= 1 and <= 36_500) return days;
        result.AddError($"--cdr-keep must be 1 to 36500 days; '{text}' is not");
        return default;
    }

    private static int Gibibytes(ArgumentResult result, string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is >= 1 and <= 1_000_000) return n;
        result.AddError($"--recordings must be 1 to 1000000 GiB; '{text}' is not");
        return default;
    }

    private static (string, string) Setting(ArgumentResult result, string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0) return (text[..equals], text[(equals + 1)..]);
        result.AddError($"'{text}' is no setting: NAME=VALUE is needed");
        return default;
    }
}
