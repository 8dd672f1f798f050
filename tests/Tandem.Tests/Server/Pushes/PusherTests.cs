using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Alarms;
using Tandem.Server.Hosting;
using Tandem.Server.Pushes;
using Tandem.Switching.Billing;
using Tandem.Switching.Registrations;
using Tandem.Tests.Server.Hosting;

namespace Tandem.Tests.Server.Pushes;

/// <summary>A switch and a web server that it pushes to, over HTTP (docs/pushes.md).</summary>
public sealed class PusherTests : HostedSwitch
{
    private readonly BlockingCollection<(string Path, string Type, JsonNode Body)> _got = [];

    [Fact]
    public async Task Phones_alarms_and_balances_are_pushed_as_the_incumbent_does()
    {
        await using Receiver receiver = new(_got);
        SwitchHost host = await StartAsync(receiver);
        await host.Control.OnLedger((ledger, now) => ledger.Pay("p1", new AccountId(1), 12_500_000_000, "", "op", now));
        JsonNode money = Next("CustomerMoneyChange");
        Assert.Equal(("1001", 12.5m), ((string?)money["account"], (decimal)money["money"]!));

        var phone = new Binding(DialString.Parse("5551"), "sip:5551@192.0.2.7:5062"u8.ToArray(), NetAddress.Parse("192.0.2.7:5062"), host.Clock.Now(), host.Clock.Now() + TimeSpan.FromHours(1), "Snom/1");
        host.Locations.Set(phone);
        host.Locations.Set(phone with { Expires = phone.Expires + TimeSpan.FromHours(1) }); // refreshed: no news
        host.Locations.Remove(phone.Phone);
        JsonNode online = Next("PhoneOnline"), offline = Next("PhoneOnline");
        Assert.Equal(("5551", true, "192.0.2.7:5062", "Snom/1", "127.0.0.1"), ((string?)online["e164"], (bool)online["online"]!, (string?)online["remoteIp"], (string?)online["productId"], (string?)online["localIp"]));
        Assert.Equal(["49301"], online["dids"]!.AsArray().Select(static d => (string?)d));
        Assert.False((bool)offline["online"]!);

        host.Alarms.State(new AlarmCondition(AlarmKind.Stated, "door", "somebody rang"), AlarmLevel.Minor, host.Clock.Now(), Instant.Never, host.Clock.Now());
        JsonNode alarm = Assert.Single(Next("AlarmCurrentReport")["infoAlarmCurrents"]!.AsArray())!;
        Assert.Equal(("door", 0L), ((string?)alarm["name"], (long)alarm["stopTime"]!));
    }

    [Fact]
    public async Task Balances_that_changed_while_the_receiver_was_away_and_the_switch_down_are_pushed_once_both_are_back()
    {
        int port;
        await using (Receiver first = new(_got))
        {
            port = first.Port;
            SwitchHost host = await StartAsync(first);
            await host.Control.OnLedger((ledger, now) => ledger.Pay("p1", new AccountId(1), Money.NanosPerUnit, "", "op", now));
            Assert.Equal(1m, (decimal)Next("CustomerMoneyChange")["money"]!);
            while (!File.Exists(Path.Combine(_folder, "push", "position.state"))) await Task.Yield();
        }
        await _host!.Control.OnLedger((ledger, now) => ledger.Pay("p2", new AccountId(1), Money.NanosPerUnit, "", "op", now));
        await _host.DisposeAsync();
        await using Receiver second = new(_got, port);
        await HostAsync();
        await _host.Control.OnLedger((ledger, now) => ledger.Pay("p3", new AccountId(1), Money.NanosPerUnit, "", "op", now));
        List<decimal> seen = [];
        while (!seen.Contains(3)) seen.Add((decimal)Next("CustomerMoneyChange")["money"]!);
        Assert.Equal([2m, 3m], seen.Where(static m => m > 1)); // the first may come again: at least once
    }

    private async Task<SwitchHost> StartAsync(Receiver receiver)
    {
        await HostAsync();
        Assert.Null((await _host!.Control.ApplyAsync(Encoding.UTF8.GetBytes($$"""
            {"accounts":[{"account":"1001","currency":"USD"}],"phones":[{"e164":"5551","password":"secret word","account":"1001","dids":["49301"]}],"settings":{"OUT_POST_URL":"http://127.0.0.1:{{receiver.Port}}/vos"} }
            """), dryRun: false, "op", Stop)).Fault);
        return _host;
    }

    private JsonNode Next(string page)
    {
        Assert.True(_got.TryTake(out (string Path, string Type, JsonNode Body) got, TimeSpan.FromSeconds(30)), $"nothing came to {page}");
        Assert.Equal(($"/vos/{page}", "application/json; charset=utf-8"), (got.Path, got.Type));
        return got.Body;
    }

    /// <summary>A web server that takes everything.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly HttpListener _http = new();
        private readonly Task _run;

        public Receiver(BlockingCollection<(string, string, JsonNode)> got, int port = 0)
        {
            Port = port > 0 ? port : FreePort();
            _http.Prefixes.Add($"http://127.0.0.1:{Port}/");
            _http.Start();
            _run = RunAsync(got);
        }

        public int Port { get; }

        public async ValueTask DisposeAsync()
        {
            _http.Stop();
            await _run;
            _http.Close();
        }

        private async Task RunAsync(BlockingCollection<(string, string, JsonNode)> got)
        {
            try
            {
                while (true)
                {
                    HttpListenerContext asked = await _http.GetContextAsync();
                    JsonNode body = JsonNode.Parse(asked.Request.InputStream)!;
                    byte[] answer = "{\"retCode\":0}"u8.ToArray();
                    await asked.Response.OutputStream.WriteAsync(answer);
                    asked.Response.Close();
                    got.Add((asked.Request.Url!.AbsolutePath, asked.Request.ContentType!, body));
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // it stops
            }
        }

        private static int FreePort()
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }
    }
}
