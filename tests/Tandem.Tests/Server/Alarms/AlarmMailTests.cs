using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Alarms;
using Tandem.Server.Hosting;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Server.Alarms;

public sealed class AlarmMailTests
{
    private static readonly AlarmSettings On = new() { Mailed = true, MailTo = "night@example.net, day@example.net", MailEvery = TimeSpan.FromSeconds(300) };
    private static readonly Instant Start = new(1_000_000_000_000);

    private readonly List<(string To, string Subject, string Body)> _sent = [];
    private readonly List<string> _said = [];
    private bool _refuses;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_within_the_delay_stands_in_one_later_mail()
    {
        AlarmMail mail = Mail();
        mail.Note([Of(1)]);
        await mail.SendAsync(On, Start, Stop);
        mail.Note([Of(2)]);
        mail.Note([Of(1) with { Cleared = Start }]);
        await mail.SendAsync(On, Start + TimeSpan.FromSeconds(299), Stop);
        Assert.Single(_sent);
        await mail.SendAsync(On, Start + TimeSpan.FromSeconds(300), Stop);
        await mail.SendAsync(On, Start + TimeSpan.FromSeconds(600), Stop); // nothing is left
        Assert.Equal(2, _sent.Count);
        Assert.Equal("night@example.net, day@example.net", _sent[0].To);
        Assert.Contains("alarm 1, Major: trouble 1", _sent[0].Subject, StringComparison.Ordinal);
        Assert.Contains("alarm 2, Major: trouble 2", _sent[1].Body, StringComparison.Ordinal);
        Assert.Contains("alarm 1 is over: trouble 1", _sent[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_the_server_does_not_take_is_tried_again_with_what_came_meanwhile()
    {
        AlarmMail mail = Mail();
        _refuses = true;
        mail.Note([Of(1)]);
        await mail.SendAsync(On, Start, Stop);
        Assert.Contains("cannot be mailed to night@example.net", Assert.Single(_said), StringComparison.Ordinal);
        _refuses = false;
        mail.Note([Of(2)]);
        await mail.SendAsync(On, Start + TimeSpan.FromSeconds(300), Stop);
        Assert.Contains("trouble 1", Assert.Single(_sent).Body, StringComparison.Ordinal);
        Assert.Contains("trouble 2", _sent[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_mailed_while_it_is_off_nor_what_was_then_later()
    {
        AlarmMail mail = Mail();
        mail.Note([Of(1)]);
        await mail.SendAsync(On with { Mailed = false }, Start, Stop);
        await mail.SendAsync(On with { MailTo = "" }, Start, Stop);
        await mail.SendAsync(On, Start, Stop);
        mail.Note([Of(2) with { ConfirmedBy = "ann", Confirmed = Start }]); // somebody has seen it
        await mail.SendAsync(On, Start + TimeSpan.FromSeconds(300), Stop);
        Assert.Empty(_sent);
    }

    [Fact]
    public async Task An_alarm_of_the_running_switch_reaches_a_mail_server()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        Task<string> taken = TakeMailAsync(server);
        string folder = Directory.CreateTempSubdirectory("tandem-mail-").FullName;
        try
        {
            var options = new SwitchOptions
            {
                DataFolder = folder, Sip = [NetAddress.Parse("127.0.0.1:0")], Smtp = ("127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port),
                Settings = [("SERVER_ALARM_ENABLE_EMAIL", "On"), ("SERVER_ALARM_EMAIL", "night@example.net")],
            };
            await using SwitchHost host = await SwitchHost.Start(options, static _ => { });
            Assert.Null(host.Alarms.State(new AlarmCondition(AlarmKind.Stated, "disk", "the array lost a disk"), AlarmLevel.Major, host.Clock.Now(), Instant.Never, host.Clock.Now()));
            host.AlarmWatch!.Look();
            string mail = await taken.WaitAsync(TimeSpan.FromSeconds(20), Stop);
            Assert.Contains("RCPT TO:<night@example.net>", mail, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("the array lost a disk", mail, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // One mail as RFC 5321 has it; what the client said.
    private static async Task<string> TakeMailAsync(TcpListener server)
    {
        using TcpClient client = await server.AcceptTcpClientAsync(Stop);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { AutoFlush = true, NewLine = "\r\n" };
        await writer.WriteLineAsync("220 mail ready");
        var said = new StringBuilder();
        bool data = false;
        while (await reader.ReadLineAsync(Stop) is { } line)
        {
            said.Append(line).Append('\n');
            if (data && line != ".") continue;
            if (data)
            {
                await writer.WriteLineAsync("250 taken");
                break;
            }
            data = line == "DATA";
            await writer.WriteLineAsync(data ? "354 go on" : "250 ok");
        }
        return said.ToString();
    }

    private AlarmMail Mail() => new((mail, _) =>
    {
        if (_refuses) throw new SmtpException("no");
        _sent.Add((string.Join(", ", mail.To.Select(static t => t.Address)), mail.Subject, mail.Body));
        return Task.CompletedTask;
    }, _said.Add);

    private static Alarm Of(int id) => new() { Id = id, Kind = AlarmKind.Stated, Level = AlarmLevel.Major, Name = $"a{id}", Says = $"trouble {id}", Raised = Start };
}
