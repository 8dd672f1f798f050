using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;
using Tandem.Server.Storage.Cdrs;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.Hosting;

/// <summary>A deck that was wrong, put right (docs/rerating.md): through a running switch, its journal and its CDRs.</summary>
public sealed class RerateTests : HostedSwitch
{
    private static readonly Instant March = Instant.FromUtc(new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc)), June = Instant.FromUtc(new DateTime(2026, 6, 1, 0, 0, 0, DateTimeKind.Utc));

    [Fact]
    public async Task A_wrong_deck_is_put_right_after_a_dry_run_and_a_second_run_does_nothing()
    {
        await StartAsync();
        CallId[] calls = [await CallAsync("44123", 60), await CallAsync("44124", 30), await CallAsync("33123", 60)];
        Assert.Equal(("8.50", "-0.90"), (await BalanceAsync("1001"), await BalanceAsync("carrier"))); // 0.60 + 0.30 + 0.60; the carrier takes half for 44, and nothing is known of 33
        await ApplyAsync("""{"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.40"},{"prefix":"33","ratePerMinute":"0.60"}]}]}""");

        RerateView dry = await RerateAsync(apply: false);
        Assert.Equal((false, 3L, 3L, 1L, 2L), (dry.Applied, dry.Calls, dry.Charges, dry.Right, dry.Wrong));
        RerateAccountView account = Assert.Single(dry.Accounts);
        Assert.Equal(("1001", 2, "0.90", "0.60", "-0.30"), (account.Account, account.Charges, account.Before.ToDecimalString(), account.After.ToDecimalString(), account.Difference.ToDecimalString()));
        Assert.Equal("8.50", await BalanceAsync("1001"));

        RerateView done = await RerateAsync(apply: true);
        Assert.Equal((true, 2L, "-0.30"), (done.Applied, done.Wrong, Assert.Single(done.Accounts).Difference.ToDecimalString()));
        Assert.Equal("8.80", await BalanceAsync("1001"));
        RerateView again = await RerateAsync(apply: true);
        Assert.Equal((3L, 0L), (again.Right, again.Wrong));
        Assert.Empty(again.Accounts);
        Assert.Equal("8.80", await BalanceAsync("1001"));

        // In the books: given back and taken anew, each naming the call; the CDR is what it was and shows both.
        PaymentEntryView[] entries = [.. (await ((IMoneyControl)_host!.Control).PaymentsAsync(new MoneyQuery("1001", null, null, 100), Stop)).Value!.Payments.Where(static p => p.Kind == "Adjustment")];
        Assert.Equal(4, entries.Length);
        Assert.Equal(2, entries.Count(e => e.Reference == calls[0].ToString()));
        CdrPage page = await _host.Cdrs.QueryAsync(new CdrQuery { Since = March, Until = June }, June, Stop);
        CdrView view = (await _host.Control.WithCorrectionsAsync(page.Cdrs, Stop)).Single(c => c.Id == calls[0]);
        Assert.Equal(("0.60", "0.40"), (view.Sale!.Amount.ToDecimalString(), view.Sale.Corrected!.Value.ToDecimalString()));
        Assert.Null(view.Cost!.Corrected);
        Assert.True((await _host.Control.CheckAsync(Stop)).Passed);

        // All of it is there after a restart, and the day is proved.
        await _host.DisposeAsync();
        await HostAsync();
        Assert.Equal("8.80", await BalanceAsync("1001"));
        Assert.Equal(0L, (await RerateAsync(apply: true)).Wrong);
        await _host.DisposeAsync();
        _host = null;
        Proof proof = JournalProof.Run(Path.Combine(_folder, "journal"), default, Instant.Never, 1);
        Assert.True(proof.Holds, string.Join("; ", proof.Faults));
        Assert.Equal("8.80", proof.Balances.First(static b => b.Number == "1001").Balance.ToDecimalString());
    }

    [Fact]
    public async Task A_deck_put_right_twice_is_charged_as_the_last_says_and_a_carriers_too()
    {
        await StartAsync();
        CallId call = await CallAsync("44123", 60);
        foreach ((string price, string balance) in new[] { ("0.90", "9.10"), ("0", "10.00"), ("12.00", "-2.00"), ("0.60", "9.40") })
        {
            await ApplyAsync($$"""{"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"{{price}}"}]}]}""");
            Assert.Equal(1L, (await RerateAsync(apply: true)).Wrong);
            Assert.Equal(balance, await BalanceAsync("1001")); // owed, whatever the balance
        }
        Cdr cdr = (await _host!.Cdrs.FindAsync(call, Stop))!;
        WhyStep[] corrected = [.. (await ((ISwitchControl)_host.Control).WhyAsync(cdr, Stop)).Steps.Where(static s => s.Kind == "corrected")];
        Assert.Equal(6, corrected.Length); // given back and charged anew; nothing charged where it was free, nothing given back after
        Assert.Matches(@"^On .* 1001 was given back .* USD \(rated again by retail [0-9a-f]{12}, by test\)\.$", corrected[0].Says);
        Assert.Contains(" 1001 was charged 0.60 USD ", corrected[^1].Says, StringComparison.Ordinal);
        await ApplyAsync("""{"decks":[{"name":"carriers","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.10"}]}]}""");
        Assert.Equal("-0.50", Assert.Single((await RerateAsync(apply: true, "carriers")).Accounts).Difference.ToDecimalString());
        Assert.Equal("-0.10", await BalanceAsync("carrier"));
        Assert.True((await _host!.Control.CheckAsync(Stop)).Passed);
    }

    [Fact]
    public async Task Only_the_charges_of_the_version_and_the_time_that_are_asked_for_are_touched_and_what_cannot_be_rated_is_left_and_told()
    {
        await StartAsync();
        await CallAsync("44123", 60);
        string first = _host!.Configuration.Current.Configuration.Decks["retail"].Version;
        await ApplyAsync("""{"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"33","ratePerMinute":"0.60"}]}]}""");
        RerateView none = await RerateAsync(apply: true);
        Assert.Equal((0L, 1L), (none.Wrong, none.Left["the deck has no rate for the number, or it is locked"]));
        await ApplyAsync("""{"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.70"}]}]}""");
        string now = _host.Configuration.Current.Configuration.Decks["retail"].Version;
        Assert.Equal(0L, (await RerateAsync(apply: false, pricedBy: now)).Charges);
        Assert.Equal(1L, (await RerateAsync(apply: false, pricedBy: first[..12])).Wrong);
        Assert.Equal(1L, (await RerateAsync(apply: false, version: first)).Right);
        Assert.Equal(0L, (await RerateAsync(apply: false, since: June)).Calls);
        Assert.Equal(FaultKind.NotFound, (await _host.Control.RerateAsync(new RerateOrder("nothing", March, June, null, null, false), "test", Stop)).Fault!.Kind);
        Assert.Equal(FaultKind.NotFound, (await _host.Control.RerateAsync(new RerateOrder("retail", March, June, "0000", null, false), "test", Stop)).Fault!.Kind);
        Assert.Equal(FaultKind.Invalid, (await _host.Control.RerateAsync(new RerateOrder("retail", June, March, null, null, false), "test", Stop)).Fault!.Kind);
    }

    private async Task StartAsync()
    {
        await HostAsync();
        await ApplyAsync("""
            {"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.60"},{"prefix":"33","ratePerMinute":"0.60"}]},{"name":"carriers","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.60"}]}],
            "accounts":[{"account":"1001","currency":"USD","feeRateGroup":"retail"},{"account":"carrier","currency":"USD","type":"clearing","feeRateGroup":"carriers"}],
            "mappingGateways":[{"name":"cust","remoteIps":["192.0.2.1"],"account":"1001"}],"routingGateways":[{"name":"out","remoteIp":"192.0.2.9","clearingAccount":"carrier"}]}
            """);
        Assert.Null((await _host!.Control.PayAsync(new PaymentOrder("p1", "1001", 10 * Money.NanosPerUnit, ""), "test", Stop)).Fault);
    }

    private async Task<CallId> CallAsync(string callee, int seconds) => (await ((IMoneyControl)_host!.Control).ChargeAsync(
        new ExternalCall { Mode = BillingMode.MappingGateway, Payer = "cust", Caller = "4930", Callee = callee, Start = March + TimeSpan.FromDays(30), Seconds = seconds, CalleeGateway = "out" }, "op", Stop)).Value!.Call;

    private async Task ApplyAsync(string document) => Assert.Null((await _host!.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "test", Stop)).Fault);

    private async Task<string> BalanceAsync(string account) => (await _host!.Control.AccountAsync(account, Stop)).Value!.Balance.ToDecimalString();

    private async Task<RerateView> RerateAsync(bool apply, string deck = "retail", string? version = null, string? pricedBy = null, Instant since = default)
    {
        JobView job = (await _host!.Control.RerateAsync(new RerateOrder(deck, since == default ? March : since, June + TimeSpan.FromDays(1), version, pricedBy, apply), "test", Stop)).Value!;
        while (job.State == JobState.Running)
        {
            await Task.Yield();
            job = (await _host.Control.JobAsync(job.Id, Stop)).Value!;
        }
        Assert.True(job.State == JobState.Done, job.Says);
        return Assert.IsType<RerateView>(job.Result);
    }
}
