using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Tandem.Bench.Load;
using Tandem.Server.Api;

namespace Tandem.Bench.Apis;

/// <summary>
/// What the API costs and whom it disturbs: calls in progress and accounts of a large switch by the Web API and by our own, and the post-dial delay of calls while somebody asks for all of it without pause.
/// </summary>
internal static class ApiBench
{
    private const int Accounts = 100_000, Open = 20_000, OpenPerSecond = 800, Rate = 200, Questions = 5;
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(110), RoundTime = TimeSpan.FromSeconds(12);

    public static async Task Run(CancellationToken stop)
    {
        var report = new Report("api");
        using Stage stage = await Stage.Open([async s => await s.Tandem(new SwitchSize(Accounts: Accounts, Relays: false, Api: true), stop)], stop);
        IPeer tandem = stage.Peers[0];
        string data = Path.Combine(stage.Folder, tandem.Name);
        using var http = new HttpClient { BaseAddress = new Uri((await File.ReadAllTextAsync(Path.Combine(data, ApiServer.AddressFile), stop)).Trim()), Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, TokenBook.AdminFile), stop)).Trim());
        await stage.Call(tandem, Rate, Rate * 5, TimeSpan.Zero, stop); // warm
        report.Line(string.Create(CultureInfo.InvariantCulture, $"a switch of {Accounts:N0} accounts; {Open:N0} calls open, media direct; asked over HTTP on loopback; medians of {Questions}"));
        report.Line($"{"",-58}{"ms",10}{"MB",10}");
        SippRun held = await stage.Call(tandem, OpenPerSecond, Open, Hold, stop, async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds((Open / (double)OpenPerSecond) + 3), stop);
            int open = (await ((TandemPeer)tandem).Ask(stop)).OpenCalls;
            foreach ((string what, Func<HttpRequestMessage> ask) in Asked())
            {
                (double millis, double bytes) = await Median(http, ask, stop);
                report.Line(string.Create(CultureInfo.InvariantCulture, $"{what,-58}{millis,10:F1}{bytes / 1e6,10:F2}"));
            }
            report.Line(string.Create(CultureInfo.InvariantCulture, $"({open:N0} calls were open)"));
            report.Line();
            report.Line($"{"post-dial delay of 50 calls/s beside them, ms",-58}{"p50",10}{"p99",10}");
            await Delays(report, stage, tandem, "nobody asks", null, http, stop);
            foreach ((string what, Func<HttpRequestMessage> ask) in Asked().Where(static a => a.What.Contains("whole", StringComparison.Ordinal))) await Delays(report, stage, tandem, what + ", again and again", ask, http, stop);
        });
        if (held.Failed > 0) report.Line(string.Create(CultureInfo.InvariantCulture, $"({held.Failed} of {Open:N0} calls failed)"));
        report.Save();
    }

    private static IEnumerable<(string What, Func<HttpRequestMessage> Ask)> Asked()
    {
        yield return ("GetCurrentCall, the whole", static () => Web("GetCurrentCall", "{}"));
        yield return ("GET /v1/calls, the whole", static () => new HttpRequestMessage(HttpMethod.Get, "/v1/calls"));
        yield return ("GetAllCustomers type 1, the whole", static () => Web("GetAllCustomers", """{"type":1}"""));
        yield return ("GetCustomer of one account", static () => Web("GetCustomer", """{"accounts":["10050000"]}"""));
        yield return ("GET /v1/accounts/10050000", static () => new HttpRequestMessage(HttpMethod.Get, "/v1/accounts/10050000"));
    }

    private static HttpRequestMessage Web(string method, string body) => new(HttpMethod.Post, "/external/server/" + method) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static async Task<(double Millis, double Bytes)> Median(HttpClient http, Func<HttpRequestMessage> ask, CancellationToken stop)
    {
        await Once(http, ask, stop);
        double[] millis = new double[Questions];
        double bytes = 0;
        for (int i = 0; i < millis.Length; i++)
        {
            long began = Stopwatch.GetTimestamp();
            bytes = await Once(http, ask, stop);
            millis[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        return (Report.Median(millis), bytes);
    }

    private static async Task<int> Once(HttpClient http, Func<HttpRequestMessage> ask, CancellationToken stop)
    {
        using HttpRequestMessage request = ask();
        using HttpResponseMessage response = await http.SendAsync(request, stop);
        byte[] body = await response.Content.ReadAsByteArrayAsync(stop);
        if (!response.IsSuccessStatusCode || body.AsSpan().IndexOf("\"retCode\":-"u8) >= 0) throw new BenchException($"{request.RequestUri} answered {(int)response.StatusCode}: {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(200, body.Length)))}");
        return body.Length;
    }

    private static async Task Delays(Report report, Stage stage, IPeer tandem, string what, Func<HttpRequestMessage>? ask, HttpClient http, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        int asked = 0;
        Task asking = ask is null ? Task.CompletedTask : Task.Run(async () =>
        {
            try
            {
                for (; ; asked++) await Once(http, ask, over.Token);
            }
            catch (OperationCanceledException)
            {
                // the round is over
            }
        }, stop);
        List<double> delays = await stage.Probe.Run(tandem.ProbePort, (int)RoundTime.TotalSeconds * Rate / 4, TimeSpan.FromSeconds(4.0 / Rate), stop);
        await over.CancelAsync();
        await asking;
        delays.Sort();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"{what,-58}{Report.Percentile([.. delays], 0.5),10:F2}{Report.Percentile([.. delays], 0.99),10:F2}{(ask is null ? "" : $"   {asked} times in {RoundTime.TotalSeconds:F0} s")}"));
    }
}
