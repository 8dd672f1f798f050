using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Primitives.Settings;
using Tandem.Server.CdrDelivery;
using Tandem.Server.CdrDelivery.Reports;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.CdrDelivery;

public sealed class CdrReporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];
    private ReportServer _server = ReportServer.None;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_go_out_in_order_are_acknowledged_and_a_restart_goes_on_behind_them()
    {
        using var peer = new LinePeer(static _ => "OK");
        _server = peer.Server;
        Calls(0, 1200, Reporter());
        CdrReporter again = Reporter(journalEnd: 5000);
        Assert.Equal(1200, again.Position);
        Calls(1200, 1300, again);
        Assert.Equal(1300, peer.Lines.Count);
        Assert.Equal(Enumerable.Range(1, 1300).Select(Number), peer.Lines.Select(static l => l.Split('|')[0]));
        Assert.All(peer.Lines, static l => Assert.Equal(19, l.Split('|').Length));
        Assert.Equal(100, again.Reported);
        Assert.Empty(_said);
    }

    [Fact]
    public void A_server_that_dies_in_the_middle_gets_the_rest_once_it_is_back_and_nothing_acknowledged_twice()
    {
        using var peer = new LinePeer(static n => n == 6 ? null : "OK");
        _server = peer.Server;
        CdrReporter reporter = Reporter();
        IOException broken = Assert.Throws<IOException>(() => Calls(0, 10, reporter));
        Assert.Contains("closed the connection before it had acknowledged everything", broken.Message, StringComparison.Ordinal);
        Assert.Equal(0, reporter.Position);
        Calls(0, 12, reporter); // the same batch, grown meanwhile
        Assert.Equal(Enumerable.Range(1, 5).Concat([6, .. Enumerable.Range(6, 7)]).Select(Number), peer.Lines.Select(static l => l.Split('|')[0]));
        Assert.Equal(12, reporter.Position);
    }

    [Fact]
    public void A_kill_between_the_acknowledgement_and_the_position_sends_again_rather_than_not_at_all()
    {
        using var peer = new LinePeer(static _ => "OK");
        _server = peer.Server;
        Calls(0, 3, Reporter());
        Directory.Delete(_folder["report"], recursive: true);
        Calls(0, 3, Reporter());
        Assert.Equal(6, peer.Lines.Count);
    }

    [Theory]
    [InlineData("ERR disk full", "refused a line: ERR disk full")]
    [InlineData("OK\nOK", "acknowledged more lines than it was sent")]
    public void What_is_no_acknowledgement_is_told_in_words(string answer, string says)
    {
        using var peer = new LinePeer(n => n == 2 ? answer : "OK");
        _server = peer.Server;
        CdrReporter reporter = Reporter();
        Assert.Contains(says, Assert.Throws<IOException>(() => Calls(0, 2, reporter)).Message, StringComparison.Ordinal);
        Assert.Equal(0, reporter.Position);
    }

    [Fact]
    public void A_server_that_takes_the_connection_and_answers_nothing_is_given_up_after_a_while()
    {
        using var peer = new LinePeer(static _ => "");
        _server = peer.Server;
        CdrReporter reporter = Reporter(patience: TimeSpan.FromMilliseconds(50));
        Assert.EndsWith("did not acknowledge anything for 0.05 s", Assert.Throws<IOException>(() => Calls(0, 1, reporter)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_is_not_there_is_said_so()
    {
        using (var peer = new LinePeer(static _ => "OK")) _server = peer.Server;
        Assert.Contains(_server.Text, Assert.Throws<IOException>(() => Calls(0, 1, Reporter())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_hangs_holds_up_no_other_consumer_and_no_stop()
    {
        using var peer = new LinePeer(static _ => "");
        _server = peer.Server;
        var journal = new CallsInMemory();
        var pending = new PendingCalls(journal, static () => 10_000);
        journal.Calls.AddRange(Enumerable.Range(1, 2000).Select(n => CdrSamples.Call(n)));
        var files = new CdrTextFiles(_folder["cdr"], CdrFilePlan.Hourly(TimeZoneInfo.Utc, static () => new() { RecordToFile = true }), 0, _said.Add);
        CdrReporter reporter = Reporter(patience: TimeSpan.FromMinutes(10));
        using (var projector = new CdrProjector(pending, [files, reporter], TimeProvider.System, _said.Add))
        {
            projector.Start();
            await peer.FirstLine.WaitAsync(TestContext.Current.CancellationToken);
            Assert.True(await projector.CaughtUpAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
            Assert.Equal([("the CDR text files", 0L), ("the report of CDRs", 2000L)], projector.Backlog.Select(static b => (b.Consumer, b.Bytes)));
        }
        Assert.Equal((2000, 0), (files.Position, reporter.Position));
    }

    [Fact]
    public async Task A_slow_server_is_waited_for_while_it_acknowledges_anything_and_the_files_do_not_wait_with_it()
    {
        using var gate = new SemaphoreSlim(0);
        using var peer = new LinePeer(_ =>
        {
            gate.Wait(TestContext.Current.CancellationToken);
            return "OK";
        });
        _server = peer.Server;
        var journal = new CallsInMemory();
        journal.Calls.AddRange(Enumerable.Range(1, 40).Select(n => CdrSamples.Call(n)));
        var pending = new PendingCalls(journal, static () => 10_000);
        var files = new CdrTextFiles(_folder["cdr"], CdrFilePlan.Hourly(TimeZoneInfo.Utc, static () => new() { RecordToFile = true }), 0, _said.Add);
        CdrReporter reporter = Reporter();
        using var projector = new CdrProjector(pending, [files, reporter], TimeProvider.System, _said.Add);
        projector.Start();
        await peer.FirstLine.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(await projector.CaughtUpAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(0, reporter.Position);
        gate.Release(39);
        gate.Release();
        while (reporter.Position < 40) await Task.Delay(1, TestContext.Current.CancellationToken);
        Assert.Equal(40, peer.Lines.Count);
        Assert.Empty(projector.Warnings);
    }

    [Fact]
    public void Without_a_server_the_position_moves_on_and_what_ended_then_is_not_reported_later()
    {
        CdrReporter reporter = Reporter();
        Calls(0, 5, reporter);
        using var peer = new LinePeer(static _ => "OK");
        _server = peer.Server;
        Calls(5, 7, reporter);
        _server = ReportServer.None;
        Calls(7, 9, reporter);
        Assert.Equal(9, reporter.Position);
        Assert.Equal([Number(6), Number(7)], peer.Lines.Select(static l => l.Split('|')[0]));
    }

    [Fact]
    public void Numbers_that_leave_no_CDR_are_not_reported()
    {
        using var peer = new LinePeer(static _ => "OK");
        _server = peer.Server;
        Reporter().Take([CdrSamples.Call(1, static c => c.Hidden = HiddenFrom.Database | HiddenFrom.Files), CdrSamples.Call(2)], 2);
        Assert.Equal([Number(2)], peer.Lines.Select(static l => l.Split('|')[0]));
    }

    [Fact]
    public void A_webhook_gets_json_as_the_api_shows_calls_and_any_2xx_acknowledges_the_batch()
    {
        int asked = 0;
        using var peer = new WebPeer(() => ++asked switch { 2 => 503, _ => 204 });
        _server = peer.Server;
        CdrReporter reporter = Reporter();
        IOException refused = Assert.Throws<IOException>(() => Calls(0, 700, reporter));
        Assert.EndsWith("answered 503", refused.Message, StringComparison.Ordinal);
        Calls(0, 700, reporter);
        Assert.Equal([500, 200, 200], peer.Bodies.Select(static b => ((JsonArray)b["cdrs"]!).Count));
        Assert.Equal(CdrSamples.Call(1).Call.ToString(), (string?)peer.Bodies[0]["cdrs"]![0]!["id"]);
        Assert.Equal("0.007000001", (string?)peer.Bodies[0]["cdrs"]![0]!["sale"]!["amount"]);
        Assert.Equal(CdrSamples.Call(501).Call.ToString(), (string?)peer.Bodies[2]["cdrs"]![0]!["id"]);
        Assert.Equal(700, reporter.Reported);
    }

    [Fact]
    public void A_webhook_that_does_not_answer_is_given_up_after_a_while()
    {
        using var peer = new LinePeer(static _ => "");
        Assert.True(ReportServer.TryParse($"http://{peer.Server.Text}/calls", out ReportServer? webhook));
        _server = webhook;
        Assert.EndsWith("did not answer within 0.05 s", Assert.Throws<IOException>(() => Calls(0, 1, Reporter(patience: TimeSpan.FromMilliseconds(50)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_position_is_said_and_reports_go_on_from_now()
    {
        using var peer = new LinePeer(static _ => "OK");
        _server = peer.Server;
        Calls(0, 3, Reporter());
        File.WriteAllText(Path.Combine(_folder["report"], "position.state"), "position 2\ncheck 0\n");
        Assert.Equal(9, Reporter(journalEnd: 9).Position);
        Assert.Contains("is damaged: calls are reported from now on", Assert.Single(_said), StringComparison.Ordinal);
        Calls(9, 12, Reporter(journalEnd: 9));
        Assert.Equal(4, Reporter(journalEnd: 4).Position);
        Assert.Contains("the journal ends at 4: it goes on from there", _said[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("192.0.2.1:9000", true)]
    [InlineData("[2001:db8::1]:9000", true)]
    [InlineData("https://cdr.example/in?key=1", true)]
    [InlineData("192.0.2.1", false)]
    [InlineData("collector.example:9000", false)]
    [InlineData("http://user:secret@cdr.example/", false)]
    [InlineData("ftp://cdr.example/", false)]
    public void The_setting_is_an_address_a_webhook_or_nothing(string text, bool good)
    {
        Assert.Equal(good, ReportServer.TryParse(text, out ReportServer? server));
        if (good) Assert.Equal(text, server!.ToString());
    }

    private CdrReporter Reporter(long journalEnd = 0, TimeSpan? patience = null) => new(_folder["report"], () => _server, TimeZoneInfo.Utc, journalEnd, _said.Add, patience ?? TimeSpan.FromSeconds(30));

    private static void Calls(int after, int to, CdrReporter reporter) => reporter.Take([.. Enumerable.Range(after + 1, to - after).Select(n => CdrSamples.Call(n))], to);

    private static string Number(int n) => CdrSamples.Call(n).CallerE164;

    /// <summary>Takes lines; the nth line it ever saw is answered as told: null closes, "" says nothing.</summary>
    private sealed class LinePeer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Func<int, string?> _answer;
        private readonly List<string> _lines = [];

        public LinePeer(Func<int, string?> answer)
        {
            _answer = answer;
            _listener.Start();
            Assert.True(ReportServer.TryParse(_listener.LocalEndpoint.ToString()!, out ReportServer? server));
            Server = server;
            _ = WorkAsync();
        }

        public ReportServer Server { get; }

        public Task FirstLine => _first.Task;

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public void Dispose() => _listener.Stop();

        private async Task WorkAsync()
        {
            try
            {
                while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync()); // a switch that was killed leaves its connection behind
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using (client)
            {
                using var reader = new StreamReader(client.GetStream());
                try
                {
                    while (await reader.ReadLineAsync() is { } line)
                    {
                        int n;
                        lock (_lines)
                        {
                            _lines.Add(line);
                            n = _lines.Count;
                        }
                        _first.TrySetResult();
                        if (_answer(n) is not { } answer) return;
                        if (answer.Length > 0) await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer + "\n"));
                    }
                }
                catch (IOException)
                {
                }
            }
        }
    }

    private sealed class WebPeer : IDisposable
    {
        private readonly HttpListener _listener = new();

        public WebPeer(Func<int> status)
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                _listener.Prefixes.Add($"http://{free.LocalEndpoint}/");
            }
            _listener.Start();
            Assert.True(ReportServer.TryParse(_listener.Prefixes.First() + "calls", out ReportServer? server));
            Server = server;
            _ = WorkAsync(status);
        }

        public ReportServer Server { get; }

        public List<JsonNode> Bodies { get; } = [];

        public void Dispose() => _listener.Close();

        private async Task WorkAsync(Func<int> status)
        {
            try
            {
                while (true)
                {
                    HttpListenerContext context = await _listener.GetContextAsync();
                    Bodies.Add((await JsonNode.ParseAsync(context.Request.InputStream))!);
                    context.Response.StatusCode = status();
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
            }
        }
    }
}
