using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Demo;
using Tandem.Server.Hosting;
using Tandem.Server.Storage;

namespace Tandem.Tests.Server.Api;

/// <summary>
/// The manual's examples of curl, run as they stand against a switch that carries a call: each block of a page that has one, with bash, in the order of the page. A command that fails, a status of 4xx or
/// 5xx, or a retCode that is not 0 fails the test. The variables URL, TOKEN, CALL and THEN are set; the address and the call the pages show stand for those of the switch.
/// </summary>
public sealed partial class ManualExamplesTests
{
    private const string ShownAddress = "http://127.0.0.1:8080", ShownCall = "01h2m3n4p5q6r";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_example_of_curl_in_the_manual_does_what_it_says()
    {
        List<(string Page, string Script)> examples = Examples();
        Assert.Superset(new HashSet<string> { "api.md", "recording.md", "settings-history.md", "webapi.md" }, examples.Select(static e => e.Page).ToHashSet());

        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-manual-");
        try
        {
            await using SwitchHost host = await SwitchHost.Start(new SwitchOptions { DataFolder = folder.FullName, Sip = [NetAddress.Parse("127.0.0.1:0")] }, static _ => { });
            await using ApiServer server = await ApiServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), folder.FullName, TokenBook.Open(folder.FullName, static _ => { }), Parts(host, folder.FullName), static _ => { });
            using var caller = new DemoCaller(NetAddress.Parse("127.0.0.1:0"));
            await using var carrier = new DemoCarrier(NetAddress.Parse("127.0.0.1:0"));
            Answer<ApplyView> applied = await host.Control.ApplyAsync(Encoding.UTF8.GetBytes(World(caller, carrier)), dryRun: false, "test", Stop);
            Assert.True(applied.Fault is null, applied.Fault is { } fault ? string.Join('\n', fault.Errors) : "");
            string then = host.Clock.Now().ToString();

            using var hangUp = new CancellationTokenSource();
            Task<DemoCallResult> talking = caller.CallAsync(host.SipAddresses[0], "12025550143", "442079460958", TimeSpan.FromMinutes(10), hangUp.Token);
            CallView call = await AnsweredAsync(host, talking);
            string token = (await File.ReadAllTextAsync(Path.Combine(folder.FullName, TokenBook.AdminFile), Stop)).Trim();
            (string, string)[] variables = [("URL", server.Address.ToString().TrimEnd('/')), ("TOKEN", token), ("CALL", call.Id.ToString()), ("THEN", then), ("TANDEM_DATA", folder.FullName), ("TANDEM_URL", server.Address.ToString())];
            foreach ((string page, string script) in examples)
            {
                (int exit, string output) = await BashAsync(script.Replace(ShownAddress, variables[0].Item2, StringComparison.Ordinal).Replace(ShownCall, call.Id.ToString(), StringComparison.Ordinal), variables);
                Assert.True(exit == 0 && !output.Contains("\"retCode\":-", StringComparison.Ordinal), $"docs/{page} has an example that fails:\n{script}\n{output}");
            }
            await hangUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => talking);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void No_example_of_curl_stands_where_it_would_not_be_run()
    {
        foreach (string file in Pages())
        {
            string outside = Block().Replace(File.ReadAllText(file), "");
            Assert.False(Command().IsMatch(outside), $"{Path.GetFileName(file)} has a line of curl outside a block of bash.");
        }
    }

    private static List<(string Page, string Script)> Examples() =>
        [.. Pages().SelectMany(static file => Block().Matches(File.ReadAllText(file)).Select(m => (Path.GetFileName(file), m.Groups["script"].Value))).Where(static e => Command().IsMatch(e.Value))];

    private static IEnumerable<string> Pages() => Directory.EnumerateFiles(Checkout.Path("docs"), "*.md", SearchOption.AllDirectories).Append(Checkout.Path("README.md")).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^```[a-z]*\n(?<script>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Block();

    [GeneratedRegex(@"^[ \t]*curl\s", RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Command();

    private static string World(DemoCaller caller, DemoCarrier carrier) => $$"""
        {"settings":{"SS_MEDIA_PROXY_MODE":"On"},
         "accounts":[{"account":"2001","name":"Customer","currency":"USD","limitMoney":"100","feeRateGroup":"retail"},{"account":"9001","name":"Carrier","currency":"USD","feeRateGroup":"retail","type":"clearing"}],
         "decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.01"}]}],
         "mappingGateways":[{"name":"customer-1","remoteIps":["{{caller.Local}}"],"account":"2001"}],
         "routingGateways":[{"name":"carrier-1","remoteIp":"{{carrier.Local}}","clearingAccount":"9001"}],
         "webAccess":[{"name":"portal","directories":["/external/server"],"allowedIps":["127.0.0.1"]}]}
        """;

    private static async Task<CallView> AnsweredAsync(SwitchHost host, Task<DemoCallResult> talking)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (talking.IsCompleted) Assert.Fail($"the call was refused: {(await talking).Status}");
            if ((await host.Control.CallsAsync(patience.Token)).FirstOrDefault(static c => c.Answered is not null) is { } call) return call;
            await Task.Yield();
        }
    }

    private static async Task<(int Exit, string Output)> BashAsync(string script, IEnumerable<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", $$"""
            curl() { command curl -sS --fail-with-body --max-time 30 "$@" && echo; }
            tandem() { dotnet "{{Path.Combine(AppContext.BaseDirectory, "tandem.dll")}}" "$@"; }
            {{script}}
            """]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        using Process bash = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        Task<string> output = bash.StandardOutput.ReadToEndAsync(patience.Token), error = bash.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await bash.WaitForExitAsync(patience.Token);
            return (bash.ExitCode, await output + await error);
        }
        finally
        {
            if (!bash.HasExited) bash.Kill(entireProcessTree: true);
        }
    }

    private static ApiParts Parts(SwitchHost host, string folder) => new()
    {
        Control = host.Control,
        Cdrs = host.Cdrs,
        Projector = host.Projector,
        QueryLimits = () => host.Tables.Current.Settings.Query,
        Now = host.Clock.Now,
        Audio = new AudioStore(Path.Combine(folder, "audio")),
        Money = host.Control,
        Decks = host.Control,
        Alarms = host.Alarms,
    };
}
