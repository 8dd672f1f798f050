using System.Globalization;
using System.Text;
using System.Text.Json;
using Tandem.Interop.Peers;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Switches;

/// <summary>
/// A whole switch on loopback with a data folder of its own, asked and changed as an operator would. One customer ("customer",
/// account 1001, deck "sale") and carriers "one", "two" ... (accounts 9001 ..., deck "cost") unless the test says otherwise.
/// </summary>
internal sealed class RunningSwitch : IAsyncDisposable
{
    public const string Customer = "1001";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ScratchFolder _folder = new();

    /// <summary>Where a switch that was given no folder keeps what it knows.</summary>
    public string DataFolder => _folder.File("data");
    private readonly List<string> _said = [];
    private int _payments;

    private RunningSwitch() { }

    public SwitchHost Host { get; private set; } = null!;

    public NetAddress Sip => Host.SipAddresses[0];

    /// <summary>What the switch told its operator.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (_said) return [.. _said];
        }
    }

    public static Task<RunningSwitch> StartAsync(int shards = 1) => StartAsync(data: null, shards);

    /// <summary>With these listeners.</summary>
    public static Task<RunningSwitch> StartAsync(TlsOptions tls, int shards, params SipBinding[] sip) => StartAsync(null, shards, sip, tls);

    /// <summary>On a data folder that stays, or (null) on one of its own that goes.</summary>
    public static async Task<RunningSwitch> StartAsync(string? data, int shards = 1, IReadOnlyList<SipBinding>? sip = null, TlsOptions? tls = null, string? cdrDatabase = null)
    {
        var running = new RunningSwitch();
        try
        {
            running.Host = await SwitchHost.Start(
                new SwitchOptions { DataFolder = data ?? running._folder.File("data"), Sip = sip ?? [NetAddress.Parse("127.0.0.1:0")], Tls = tls ?? new TlsOptions(), Shards = shards, CdrDatabase = cdrDatabase },
                sentence =>
                {
                    lock (running._said) running._said.Add(sentence);
                });
            await running.ApplyAsync(new { settings = new { SS_MEDIA_PROXY_MODE = "On" } }); // of most tests the relay is a part
            return running;
        }
        catch
        {
            running._folder.Dispose();
            throw;
        }
    }

    /// <summary>Customer and carriers at these ports; priority as given; the sale deck and one cost deck, and money.</summary>
    public async Task SetUpAsync(int customerPort, string saleCsv, string costCsv, string money, params (string Name, int Port)[] carriers)
    {
        await ImportDeckAsync("sale", saleCsv);
        await ImportDeckAsync("cost", costCsv);
        await ApplyAsync(new
        {
            accounts = new object[] { new { account = Customer, name = "Customer", currency = "USD", feeRateGroup = "sale" } }
                .Concat(carriers.Select((c, i) => (object)new { account = Clearing(i), name = c.Name, currency = "USD", type = "clearing", feeRateGroup = "cost" })).ToArray(),
            mappingGateways = new[] { new { name = "customer", remoteIps = new[] { $"127.0.0.1:{customerPort}" }, account = Customer } },
            routingGateways = carriers.Select((c, i) => new { name = c.Name, remoteIp = $"127.0.0.1:{c.Port}", priority = i + 1, clearingAccount = Clearing(i) }).ToArray(),
        });
        await PayAsync(Customer, money);
    }

    public static string Clearing(int carrier) => (9001 + carrier).ToString(CultureInfo.InvariantCulture);

    public async Task ApplyAsync(object document)
    {
        Answer<ApplyView> answer = await Host.Control.ApplyAsync(JsonSerializer.SerializeToUtf8Bytes(document), dryRun: false, "test", CancellationToken.None);
        Assert.True(answer.Fault is null, answer.Fault is { } fault ? $"{fault.Says} {string.Join("; ", fault.Errors)}" : "");
    }

    public async Task ImportDeckAsync(string name, string csv)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        Answer<DeckImportView> answer = await Host.Control.ImportDeckAsync(new DeckImportOrder(name, Currency.Usd, DryRun: false), stream, "test", CancellationToken.None);
        Assert.True(answer.Fault is null, answer.Fault is { } fault ? $"{fault.Says} {string.Join("; ", fault.Errors)}" : "");
    }

    public async Task PayAsync(string account, string amount)
    {
        Assert.True(Money.TryParseNanos(amount, out long nanos));
        Answer<PaymentView> answer = await Host.Control.PayAsync(new PaymentOrder($"test-{++_payments}", account, nanos, ""), "test", CancellationToken.None);
        Assert.True(answer.Fault is null, answer.Fault?.Says);
    }

    public async Task<AccountView> AccountAsync(string number)
    {
        Answer<AccountView> answer = await Host.Control.AccountAsync(number, CancellationToken.None);
        Assert.True(answer.Fault is null, answer.Fault?.Says);
        return answer.Value!;
    }

    public async Task<long> CounterAsync(string name) => (await Host.Control.StatusAsync(CancellationToken.None)).Counters[name];

    /// <summary>All CDRs, once there are as many as expected; more is a failure.</summary>
    public async Task<IReadOnlyList<Cdr>> CdrsAsync(int expected)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        IReadOnlyList<Cdr> cdrs = [];
        try
        {
            await Eventually.BeAsync(async () => (cdrs = await AllCdrsAsync(stop)).Count >= expected, $"{expected} CDRs", Patience, stop);
        }
        catch (TimeoutException)
        {
            // The count below says it better.
        }
        Assert.Equal(expected, cdrs.Count);
        return cdrs;
    }

    /// <summary>All CDRs of the data folder, once the database has taken what the journal has.</summary>
    public async Task<IReadOnlyList<Cdr>> SettledCdrsAsync()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        long position = await CounterAsync("journal.position");
        await Eventually.BeAsync(() => Host.Cdrs.Position >= position, "the CDR database has caught up", Patience, stop);
        return await AllCdrsAsync(stop);
    }

    /// <summary>Nothing is held any more, and what is live equals what the journal says.</summary>
    public async Task AtRestAsync()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        StatusView status = await Host.Control.StatusAsync(stop);
        try
        {
            await Eventually.BeAsync(async () => (status = await Host.Control.StatusAsync(stop)) is { CallsOpen: 0, PortsLent: 0 }, "no call and no port", Patience, stop);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{status.CallsOpen} calls and {status.PortsLent} media ports are still held.");
        }
        Assert.Equal(0, status.Counters["loop.faults"]);
        foreach (AccountView account in await Host.Control.AccountsAsync(stop)) Assert.Equal(0, account.Reserved.Nanos);
        await CheckAsync();
    }

    public async Task CheckAsync()
    {
        CheckView check = await Host.Control.CheckAsync(TestContext.Current.CancellationToken);
        Assert.True(check.Passed, string.Join("\n", check.Differences));
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<IReadOnlyList<Cdr>> AllCdrsAsync(CancellationToken stop)
    {
        CdrPage page = await Host.Cdrs.QueryAsync(new CdrQuery { Limit = 100_000 }, Host.Clock.Now(), stop);
        return page.Cdrs;
    }
}
