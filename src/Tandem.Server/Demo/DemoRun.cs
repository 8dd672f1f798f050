using System.Security.Cryptography;
using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.Api;
using Tandem.Server.Cli;
using Tandem.Server.Configuration;
using Tandem.Server.Hosting;
using Tandem.Server.Storage.Cdrs;
using Tandem.Server.Storage.Decks;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Demo;

/// <summary>
/// The sample call: demo data applied, one call carried from a built-in customer through the switch to a simulated carrier, with a tone
/// each way, then everything shown and checked: was it carried, recorded, and charged exactly.
/// </summary>
internal sealed class DemoRun : IAsyncDisposable
{
    // From the range Ofcom keeps for drama, so nobody's telephone.
    private const string Dialled = "00442079460958";
    private const string CallerNumber = "12025550143";
    private const double LoudEnoughDbm0 = -20;

    private static readonly TimeSpan Talk = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SwitchHost _host;
    private readonly TextWriter _out;
    private readonly DemoCaller _caller;
    private readonly List<DemoCarrier> _carriers = [];
    private readonly string _firstPassword = NewPassword();
    private readonly string _secondPassword = NewPassword();

    public DemoRun(SwitchHost host, TextWriter output)
    {
        _host = host;
        _out = output;
        NetAddress loopback = NetAddress.Parse("127.0.0.1", 0);
        _caller = new DemoCaller(loopback);
        for (int i = 0; i < DemoDeck.Carriers; i++) _carriers.Add(new DemoCarrier(loopback));
    }

    /// <summary>Decks, accounts, gateways, phones, and 100.00 on each customer's account; harmless when repeated.</summary>
    public async Task ApplyAsync(CancellationToken stop)
    {
        foreach (Deck deck in DemoConfiguration.Decks())
        {
            using var csv = new MemoryStream();
            await using (var text = new StreamWriter(csv, leaveOpen: true)) DeckCsv.Write(text, deck);
            csv.Position = 0;
            DeckImportView imported = Value(await _host.Control.ImportDeckAsync(new DeckImportOrder(deck.Name, deck.Currency, DryRun: false), csv, "demo", stop));
            await _out.WriteLineAsync($"deck {imported.Name}: {imported.Rates} rates");
        }
        // The second customer has no built-in endpoint: its address is the next port, for a softswitch or sipp of your own.
        NetAddress second = _caller.Local.WithPort(_caller.Local.Port == 65535 ? 65534 : _caller.Local.Port + 1);
        byte[] document = DemoConfiguration.Document(_caller.Local, second, [.. _carriers.Select(static c => c.Local)], _firstPassword, _secondPassword);
        ApplyView applied = Value(await _host.Control.ApplyAsync(document, dryRun: false, "demo", stop));
        await _out.WriteLineAsync($"configuration: revision {applied.Revision}, {applied.Changes.Count} changes");
        foreach (string account in (string[])[DemoConfiguration.CustomerAccount, "2002"])
        {
            Value(await _host.Control.PayAsync(new PaymentOrder($"demo-opening-{account}", account, 100 * Money.NanosPerUnit, "demo opening balance"), "demo", stop));
        }
    }

    /// <summary>Carries the call and prints ladder, CDR line and charge. True only if it was carried, recorded and charged exactly.</summary>
    public async Task<bool> CarryAsync(CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        Instant since = _host.Clock.Now();
        Money before = await BalanceAsync(patience.Token);
        await _out.WriteLineAsync($"\n{CallerNumber} at {DemoConfiguration.Customer} dials {Dialled} ...\n");

        DemoCallResult call = await _caller.CallAsync(_host.SipAddresses[0], CallerNumber, Dialled, Talk, patience.Token);
        Cdr cdr = await FindCdrAsync(since, patience.Token);
        Money after = await BalanceAsync(patience.Token);

        await _out.WriteLineAsync(WhyText.Of(WhyStory.Of(cdr)));
        await _out.WriteLineAsync($"CDR line\n  {CdrLineOf(cdr)}\n");
        await _out.WriteLineAsync($"balance of account {DemoConfiguration.CustomerAccount}: {before} before, {after} after");

        List<string> faults = Check(call, cdr, before - after);
        foreach (string fault in faults) await _out.WriteLineAsync($"WRONG: {fault}");
        if (faults.Count == 0) await _out.WriteLineAsync("The call was carried with audio both ways, recorded, and charged exactly.");
        return faults.Count == 0;
    }

    /// <summary>How to go on by hand.</summary>
    public string HowToGoOn(Uri api, string dataFolder) => $"""

        The switch is up. SIP: {_host.SipAddresses[0]} (UDP)   API: {api}   browsable reference: {api}docs
        Admin token: in {Path.Combine(dataFolder, "admin.token")}

        Register a softphone:  server {_host.SipAddresses[0]}, user {DemoConfiguration.FirstPhone}, password {_firstPassword}
        and a second one:      server {_host.SipAddresses[0]}, user {DemoConfiguration.SecondPhone}, password {_secondPassword}
        Call the other, or any number abroad (442079460958): a simulated carrier answers with a tone; numbers ending in 486 are busy.

        Ask it:  tandem calls | cdr | why ID | route 442079460958 --from {DemoConfiguration.Customer} | accounts   (with --data {dataFolder})
        Ctrl-C stops it.
        """;

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        foreach (DemoCarrier carrier in _carriers) await carrier.DisposeAsync();
    }

    private List<string> Check(DemoCallResult call, Cdr cdr, Money paid)
    {
        var faults = new List<string>();
        void Must(bool holds, string fault)
        {
            if (!holds) faults.Add(fault);
        }
        Must(call.Status == 200, $"the call was answered with {call.Status}");
        Must(call.PacketsHeard > 50 && call.ToneDbm0 > LoudEnoughDbm0, $"the caller heard {call.PacketsHeard} packets, the carrier's tone at {call.ToneDbm0:0.0} dBm0");
        DemoCarrier carrier = _carriers[0];
        Must(carrier.PacketsHeard > 50 && carrier.ToneDbm0 > LoudEnoughDbm0, $"the carrier heard {carrier.PacketsHeard} packets, the caller's tone at {carrier.ToneDbm0:0.0} dBm0");
        Must(cdr.WasAnswered && cdr.EndDirection == EndDirection.Caller && cdr.EndReason == 200, "the CDR does not say that the call was answered and that the caller hung up");
        long expected = ExpectedNanos(cdr);
        Must(cdr.Sale?.Nanos == expected, $"charged {cdr.Sale?.Nanos} nanos, by hand it is {expected}");
        Must(paid.Nanos == expected, $"the balance fell by {paid}");
        return faults;
    }

    // The charge once more, by a different way of counting: second by second, in decimals.
    private static long ExpectedNanos(Cdr cdr)
    {
        Deck deck = DemoDeck.Customer(1);
        Rate rate = deck.Rates.Where(r => cdr.CalleeE164.StartsWith(r.Prefix.ToString(), StringComparison.Ordinal)).MaxBy(static r => r.Prefix.Length);
        int talked = (int)Math.Floor(cdr.HoldTime.TotalSeconds);
        if (talked == 0) return 0;
        int billed = rate.Tariff.FirstSeconds;
        while (billed < talked) billed += rate.Tariff.NextSeconds;
        decimal talk = Math.Round((decimal)rate.Tariff.RatePerMinuteNanos * billed / 60m, MidpointRounding.AwayFromZero);
        return (long)talk + rate.Tariff.ConnectFeeNanos;
    }

    private async Task<Money> BalanceAsync(CancellationToken stop) => Value(await _host.Control.AccountAsync(DemoConfiguration.CustomerAccount, stop)).Balance;

    private async Task<Cdr> FindCdrAsync(Instant since, CancellationToken stop)
    {
        while (true)
        {
            await _host.Projector.CaughtUpAsync(Patience, stop);
            CdrPage page = await _host.Cdrs.QueryAsync(new CdrQuery { Since = since, CallerPrefix = CallerNumber }, _host.Clock.Now(), stop);
            if (page.Cdrs.Count > 0) return page.Cdrs[0];
            await Task.Delay(20, stop);
        }
    }

    private static string CdrLineOf(Cdr cdr)
    {
        byte[] room = new byte[2048];
        var w = new ByteWriter(room);
        CdrText.Write(ref w, cdr, TimeZoneInfo.Local);
        return Encoding.UTF8.GetString(w.Written).TrimEnd();
    }

    private static string NewPassword() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 14);

    private static T Value<T>(Answer<T> answer) where T : class =>
        answer.Value ?? throw new RefusedException($"the demo data cannot be applied: {answer.Fault!.Says} {string.Join("; ", answer.Fault.Errors)}".TrimEnd());
}
