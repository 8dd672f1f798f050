using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.Hosting;

/// <summary>What operators do with money on a running switch: a real journal, ledger and configuration.</summary>
public sealed class MoneyControlTests : HostedSwitch
{
    private const string Standard = """
        {
          "decks": [
            { "name": "retail", "currency": "USD", "rates": [ { "prefix": "44", "area": "UK", "ratePerMinute": "0.60", "firstInterval": 1, "nextInterval": 1 } ] },
            { "name": "agents", "currency": "USD", "rates": [ { "prefix": "44", "area": "UK", "ratePerMinute": "0.30", "firstInterval": 1, "nextInterval": 1 } ] },
            { "name": "euro", "currency": "EUR", "rates": [ { "prefix": "44", "area": "UK", "ratePerMinute": "0.30", "firstInterval": 1, "nextInterval": 1 } ] }
          ],
          "accounts": [
            { "account": "agent", "currency": "USD", "feeRateGroup": "agents", "limitMoney": "100" },
            { "account": "1001", "currency": "USD", "feeRateGroup": "retail", "agentAccount": "agent" },
            { "account": "carrier", "currency": "USD", "type": "clearing", "feeRateGroup": "agents" },
            { "account": "eur", "currency": "EUR", "feeRateGroup": "euro" }
          ],
          "mappingGateways": [ { "name": "cust", "remoteIps": ["192.0.2.1"], "account": "1001" } ],
          "routingGateways": [ { "name": "out", "remoteIp": "192.0.2.9", "prefix": ["44"], "clearingAccount": "carrier" } ],
          "packages": [ { "name": "talk", "rentFee": "1", "infoGiftTimes": [ { "prefix": ["44"], "giftTime": 600, "billingTime": 60 } ] } ],
          "stockCards": [
            { "pin": "5001", "password": "secret one", "currency": "USD", "money": "10", "bitsOfConfig": 208, "suiteNames": ["talk"] },
            { "pin": "5002", "password": "secret two", "currency": "USD", "money": "3", "bitsOfConfig": 142, "feeRateGroup": "retail", "agentAccount": "agent" },
            { "pin": "5003", "password": "secret", "currency": "USD", "money": "3", "expireTime": "2020-01-01T00:00:00Z" }
          ]
        }
        """;

    [Fact]
    public async Task Cards_are_made_all_or_none_with_PINs_of_their_own_and_each_can_be_used()
    {
        IMoneyControl money = await StartAsync();
        CardBatch batch = new(300, 12, "77", 8, new Dictionary<string, string> { ["currency"] = "USD", ["money"] = "5", ["bitsOfConfig"] = "144", ["memo"] = "spring" });
        CardsMadeView made = (await money.MakeCardsAsync(batch, "op", Stop)).Value!;
        Assert.Equal(300, made.Cards.Select(static c => c.Pin).Distinct().Count());
        Assert.All(made.Cards, static c => Assert.Matches("^77[0-9]{10}$", c.Pin));
        Assert.All(made.Cards, static c => Assert.Matches("^[0-9]{8}$", c.Password));
        CardUsedView used = (await money.UseCardAsync(new CardUse(made.Cards[0].Pin, made.Cards[0].Password, "1001", null), "op", Stop)).Value!;
        Assert.Equal("5.00", used.Amount!.Value.ToDecimalString());
        Assert.Equal("spring", _host!.Configuration.Current.Configuration.StockCards[made.Cards[1].Pin].Memo);

        Fault wrong = (await money.MakeCardsAsync(batch with { Card = new Dictionary<string, string> { ["currency"] = "USD", ["money"] = "five", ["feeRateGroup"] = "none" } }, "op", Stop)).Fault!;
        Assert.Equal(FaultKind.Invalid, wrong.Kind);
        Assert.InRange(wrong.Errors.Count, 1, 2);
        Assert.Equal(made.Revision + 1, _host.Configuration.Revision); // the card that was used; nothing of the second batch
    }

    [Fact]
    public async Task A_payment_is_taken_back_once_and_the_history_tells_it()
    {
        IMoneyControl money = await StartAsync();
        await PayAsync("p1", "1001", 5);
        Assert.Equal("-5.00", (await money.ReverseAsync("r1", "p1", "a mistake", "op", Stop)).Value!.Amount.ToDecimalString());
        Assert.Equal("-5.00", (await money.ReverseAsync("r1", "p1", "a mistake", "op", Stop)).Value!.Amount.ToDecimalString()); // sent twice
        Assert.Equal(FaultKind.Conflict, (await money.ReverseAsync("r2", "p1", "", "op", Stop)).Fault!.Kind);
        Assert.Equal(FaultKind.Conflict, (await money.ReverseAsync("r3", "none", "", "op", Stop)).Fault!.Kind);
        await PayAsync("p2", "1001", 7);
        Assert.Equal("0.00", (await money.MakeZeroAsync("z", "1001", "", "op", Stop)).Value!.BalanceAfter.ToDecimalString());
        Assert.Equal(FaultKind.NotFound, (await money.MakeZeroAsync("z2", "nobody", "", "op", Stop)).Fault!.Kind);
        PaymentHistoryView history = (await money.PaymentsAsync(new MoneyQuery("1001", null, null, 100), Stop)).Value!;
        Assert.Equal(["z Zero ", "p2 Recharge ", "r1 Reversal p1", "p1 Recharge "], history.Payments.Select(static p => $"{p.Id} {p.Kind} {p.Reference}"));
        Assert.True(history.Payments[3].Reversed);
        Assert.Equal(FaultKind.NotFound, (await money.PaymentsAsync(new MoneyQuery("nobody", null, null, 1), Stop)).Fault!.Kind);
    }

    [Fact]
    public async Task A_card_recharges_once_with_its_packages_also_over_a_restart()
    {
        IMoneyControl money = await StartAsync();
        Assert.Equal(FaultKind.NotFound, (await money.UseCardAsync(new CardUse("5001", "wrong", "1001", null), "op", Stop)).Fault!.Kind);
        Assert.Equal(FaultKind.NotFound, (await money.UseCardAsync(new CardUse("9999", "secret one", "1001", null), "op", Stop)).Fault!.Kind);
        Assert.Contains("expired", (await money.UseCardAsync(new CardUse("5003", "secret", "1001", null), "op", Stop)).Fault!.Says);
        Assert.Contains("is in USD", (await money.UseCardAsync(new CardUse("5001", "secret one", "eur", null), "op", Stop)).Fault!.Says);
        Assert.Contains("may not open", (await money.UseCardAsync(new CardUse("5001", "secret one", null, null), "op", Stop)).Fault!.Says);
        Assert.Contains("may not recharge", (await money.UseCardAsync(new CardUse("5002", "secret two", "1001", null), "op", Stop)).Fault!.Says);

        CardUsedView used = (await money.UseCardAsync(new CardUse("5001", "secret one", "1001", null), "op", Stop)).Value!;
        Assert.Equal(("1001", false, "10.00"), (used.Account, used.Opened, used.Amount!.Value.ToDecimalString()));
        Assert.Contains("was used", (await money.UseCardAsync(new CardUse("5001", "secret one", "1001", null), "op", Stop)).Fault!.Says);
        PackagesView packages = await PackagesAsync(money, static p => p.Packages.Count == 1);
        Assert.Equal(("talk", "card-5001-1", 600, "current"), (packages.Packages[0].Package, packages.Packages[0].Order, packages.Packages[0].SecondsLeft[0], Assert.Single(packages.Orders).State));
        Assert.Equal("PackageRent 1.00 9.00", string.Join(", ", (await money.ConsumptionsAsync(new MoneyQuery("1001", null, null, 9), Stop)).Value!.Consumptions.Select(static c => $"{c.Kind} {c.Amount.ToDecimalString()} {c.BalanceAfter.ToDecimalString()}")));

        money = await RestartAsync();
        Assert.Contains("was used", (await money.UseCardAsync(new CardUse("5001", "secret one", "1001", null), "op", Stop)).Fault!.Says);
        Assert.Equal("9.00", await BalanceAsync("1001"));
        int id = (await money.PackagesAsync("1001", Stop)).Value!.Packages[0].Id;
        Assert.Null((await money.EndPackageAsync(id, Stop)).Fault);
        Assert.Equal(FaultKind.NotFound, (await money.EndPackageAsync(id, Stop)).Fault!.Kind);
        Assert.True((await _host!.Control.CheckAsync(Stop)).Passed);
    }

    [Fact]
    public async Task A_card_opens_an_account_with_an_active_card_a_bound_number_and_a_phone()
    {
        IMoneyControl money = await StartAsync();
        CardUsedView opened = (await money.UseCardAsync(new CardUse("5002", "secret two", null, "4930111"), "op", Stop)).Value!;
        Assert.Equal(("5002", true, "3.00"), (opened.Account, opened.Opened, opened.Balance.ToDecimalString()));
        var said = _host!.Configuration.Current.Configuration;
        Assert.Equal((AccountKind.PhoneCard, "agent", "retail"), (said.Accounts["5002"].Kind, said.Accounts["5002"].Agent, said.Accounts["5002"].Deck));
        Assert.Equal(("5002", "secret two", "5002", "secret two"), (said.BoundNumbers["4930111"].Pin, said.ActiveCards["5002"].Password, said.Phones["5002"].Account, said.Phones["5002"].Password));
        foreach ((BillingMode mode, string payer) in new[] { (BillingMode.BoundNumber, "4930111"), (BillingMode.PhoneCard, "5002"), (BillingMode.Phone, "5002") })
        {
            AvailableTimeView time = (await money.AvailableTimeAsync(payer, mode, "44123", null, Stop)).Value!;
            Assert.Equal(("5002", 300), (time.Account, time.Seconds)); // 3.00 at a cent a second
        }
        Assert.Equal(-20, (await money.AvailableTimeAsync("5002", BillingMode.Phone, "33", null, Stop)).Value!.Seconds); // no rate
        Assert.Equal(-21, (await money.AvailableTimeAsync("cust", BillingMode.MappingGateway, "44123", null, Stop)).Value!.Seconds); // no money
        Assert.Equal(FaultKind.NotFound, (await money.AvailableTimeAsync("nobody", BillingMode.Phone, "44", null, Stop)).Fault!.Kind);
    }

    [Fact]
    public async Task A_call_made_elsewhere_is_charged_once_to_payer_agent_and_carrier_and_has_its_CDR()
    {
        IMoneyControl money = await StartAsync();
        await PayAsync("p1", "1001", 5);
        ExternalCall call = new() { FlowNumber = 77, Mode = BillingMode.MappingGateway, Payer = "cust", Caller = "4930", Callee = "44123", Start = Instant.FromUtc(new DateTime(2026, 4, 1, 0, 0, 0, DateTimeKind.Utc)), Seconds = 100, CalleeGateway = "out" };
        ExternalCallView charged = (await money.ChargeAsync(call, "op", Stop)).Value!;
        Assert.Equal(("1001", "1.00", 100, false), (charged.Account, charged.Amount!.Value.ToDecimalString(), charged.BilledSeconds, charged.Repeated));
        Assert.True((await money.ChargeAsync(call, "op", Stop)).Value!.Repeated);
        Assert.Equal(("4.00", "-0.50", "-0.50"), (await BalanceAsync("1001"), await BalanceAsync("agent"), await BalanceAsync("carrier")));
        Assert.Equal(FaultKind.Conflict, (await money.ChargeAsync(call with { FlowNumber = -1, Callee = "33" }, "op", Stop)).Fault!.Kind);
        Assert.Equal(FaultKind.NotFound, (await money.ChargeAsync(call with { FlowNumber = -1, CalleeGateway = "none" }, "op", Stop)).Fault!.Kind);
        Assert.False((await money.ChargeAsync(call with { FlowNumber = -1, Seconds = 1_000 }, "op", Stop)).Value!.Repeated);
        Assert.Equal("-6.00", await BalanceAsync("1001")); // a fact, whatever the balance
        Assert.True((await _host!.Control.CheckAsync(Stop)).Passed);
    }

    [Fact]
    public async Task An_account_is_valid_from_its_opening_as_the_setting_says_and_as_documents_state()
    {
        await StartAsync();
        Instant Valid(string number) => _host!.Books.Ledger.TryFindAccount(number, out LedgerAccount? account) ? account.ValidUntil : default;
        Assert.Equal((Instant.Never, 365), (Valid("carrier"), (int)Math.Round((Valid("1001") - _host!.Clock.Now()).TotalDays)));
        await ApplyAsync("""{"accounts":[{"account":"1001","currency":"USD","feeRateGroup":"retail","validTime":"2026-01-01T00:00:00Z"}]}""");
        Assert.Equal(Instant.FromUtc(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)), Valid("1001"));
        await PayAsync("p1", "1001", 5);
        Assert.Equal(365, (int)Math.Round((Valid("1001") - _host!.Clock.Now()).TotalDays));
        await ApplyAsync("""{"accounts":[{"account":"1001","currency":"USD","feeRateGroup":"retail","validTime":"2026-01-01T00:00:00Z","limitMoney":"1"}]}""");
        Assert.Equal(365, (int)Math.Round((Valid("1001") - _host!.Clock.Now()).TotalDays)); // what the payment gave is not taken away by saying the same again
    }

    private async Task<IMoneyControl> StartAsync()
    {
        await RestartAsync();
        await ApplyAsync(Standard);
        return _host!.Control;
    }

    private async Task<IMoneyControl> RestartAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        await HostAsync();
        return _host!.Control;
    }

    // Rents are worked off on the ledger's next turn.
    private static async Task<PackagesView> PackagesAsync(IMoneyControl money, Func<PackagesView, bool> until)
    {
        for (int i = 0; ; i++)
        {
            PackagesView view = (await money.PackagesAsync("1001", Stop)).Value!;
            if (until(view) || i == 1_000) return view;
        }
    }

    private async Task ApplyAsync(string document)
    {
        Answer<ApplyView> answer = await _host!.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "test", Stop);
        Assert.True(answer.Fault is null, answer.Fault is { } fault ? string.Join('\n', fault.Errors) + fault.Says : "");
    }

    private async Task PayAsync(string id, string account, int units) => Assert.Null((await _host!.Control.PayAsync(new PaymentOrder(id, account, units * Money.NanosPerUnit, ""), "op", Stop)).Fault);

    private async Task<string> BalanceAsync(string account) => (await _host!.Control.AccountAsync(account, Stop)).Value!.Balance.ToDecimalString();
}
