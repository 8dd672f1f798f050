using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Routing;

public sealed class TableCompilerTests
{
    private static readonly SwitchConfiguration Said = new()
    {
        Accounts = SwitchConfiguration.Empty.Accounts
            .Add("1001", new AccountConfig { Number = "1001", Currency = Currency.Usd, Deck = "retail" })
            .Add("1002", new AccountConfig { Number = "1002", Currency = Currency.Usd, Deck = "retail", Locked = true })
            .Add("9001", new AccountConfig { Number = "9001", Currency = Currency.Usd, Kind = AccountKind.Clearing }),
        Decks = SwitchConfiguration.Empty.Decks.Add("retail", new DeckRef("retail", Currency.Usd, "v1")),
        MappingGateways = SwitchConfiguration.Empty.MappingGateways
            .Add("alpha", new MappingGatewayConfig { Name = "alpha", RemoteIps = ["192.0.2.10"], Account = "1001", Capacity = 5, RoutingGatewayGroups = ["gold"], RewriteRulesOutCallee = "00:" }),
        RoutingGateways = SwitchConfiguration.Empty.RoutingGateways
            .Add("one", new RoutingGatewayConfig { Name = "one", RemoteIp = "203.0.113.5", Prefixes = ["49"], ClearingAccount = "9001", GatewayGroups = ["gold"] })
            .Add("two", new RoutingGatewayConfig { Name = "two", RemoteIp = "203.0.113.6:5070", GatewayGroups = ["silver"] }),
        Phones = SwitchConfiguration.Empty.Phones
            .Add("100", new PhoneConfig { E164 = "100", Account = "1001", Password = "pä", DisplayNumber = "4930" })
            .Add("101", new PhoneConfig { E164 = "101", Password = "x" }),
    };

    private readonly GatewayStates _states = new();
    private int _ratesAsked;

    [Fact]
    public void What_was_said_is_found_where_calls_look_for_it()
    {
        SwitchTables tables = Compile(Said, 7);
        Assert.Equal(7, tables.Revision);
        Assert.True(tables.TryIdentify(NetAddress.Parse("192.0.2.10:5066"), out MappingGateway? alpha));
        Assert.False(tables.TryIdentify(NetAddress.Parse("192.0.2.11:5066"), out _));
        Assert.Equal(("alpha", 5, "1001"), (alpha.Name, alpha.Capacity, alpha.Account?.Number));
        Assert.Equal("49", alpha.CalleeRules.Rewrite(DialString.Parse("0049"), 0, out _).ToString());
        Assert.True(tables.TryFindPhone(DialString.Parse("100"), out Phone? phone));
        Assert.Equal(("100", "4930"), (phone.NumberText, phone.DisplayNumber.ToString()));
        Assert.Equal("pä"u8.ToArray(), phone.Password);
        Assert.True(tables.TryFindPhone(DialString.Parse("101"), out phone));
        Assert.Equal("101", phone.DisplayNumber.ToString());
        Assert.Null(phone.Account);
        Assert.False(tables.TryFindPhone(DialString.Parse("102"), out _));
        Assert.True(tables.TryFindAccount("1002", out Account? account));
        Assert.True(tables.TryFindAccount(account.Id, out Account? same));
        Assert.Same(account, same);
        Assert.Equal((true, "retail", "v1"), (account.Locked, account.DeckName, account.DeckVersion));
        CandidateList list = new();
        tables.Routes.Select(DialString.Parse("4930"), alpha.Groups, alpha.GroupsAllow, list);
        Assert.Equal([("one", RouteVerdict.Eligible), ("two", RouteVerdict.GroupNotAllowed)], list.All.ToArray().Select(static c => (c.Gateway.Name, c.Verdict)));
        Assert.Equal(("203.0.113.5:5060", "9001"), (list[0].Gateway.Hops[0].Address.ToString(), list[0].Gateway.ClearingAccount?.Number));
    }

    [Fact]
    public void A_deck_version_is_compiled_once_however_many_accounts_share_it()
    {
        SwitchTables tables = Compile(Said, 1);
        Assert.Equal(1, _ratesAsked);
        Assert.True(tables.TryFindAccount("1001", out Account? a) && tables.TryFindAccount("1002", out Account? b) && ReferenceEquals(a.Rates, b.Rates) && a.Rates is not null);
        Assert.True(tables.TryFindAccount("9001", out Account? clearing));
        Assert.Null(clearing.Rates);
    }

    [Fact]
    public void Lines_in_use_survive_a_new_revision()
    {
        RoutingGateway before = Compile(Said, 1).Routes.Gateways[0], after;
        Assert.True(before.State.TryTakeLine(1));
        after = Compile(Said with { RoutingGateways = Said.RoutingGateways.SetItem("one", Said.RoutingGateways["one"] with { Capacity = 1 }) }, 2).Routes.Gateways[0];
        Assert.NotSame(before, after);
        Assert.False(after.State.TryTakeLine(after.Capacity));
        before.State.ReleaseLine();
        Assert.True(after.State.TryTakeLine(after.Capacity));
    }

    [Fact]
    public void A_configuration_that_does_not_hold_gives_no_tables()
    {
        Assert.Throws<InvalidOperationException>(() => Compile(Said with { Decks = Said.Decks.Clear() }, 1));
        Assert.Throws<InvalidOperationException>(() => Compile(Said with { Accounts = Said.Accounts.Remove("9001") }, 1));
        Assert.Throws<InvalidOperationException>(() => Compile(Said with { MappingGateways = Said.MappingGateways.Add("beta", Said.MappingGateways["alpha"] with { Name = "beta" }) }, 1));
        Assert.Throws<InvalidOperationException>(() => TableCompiler.Compile(Said, 1, static _ => Rates(), static _ => AccountId.None, _states));
    }

    [Fact]
    public void A_change_is_checked_before_the_ledger_has_its_accounts()
    {
        TableCompiler.Check(Said, static _ => Rates());
        Assert.Throws<InvalidOperationException>(() => TableCompiler.Check(Said with { Decks = Said.Decks.Clear() }, static _ => Rates()));
    }

    [Fact]
    public async Task A_reader_sees_whole_revisions_while_another_thread_publishes()
    {
        SwitchConfiguration Revision(int n) => Said with { RoutingGateways = Said.RoutingGateways.SetItem("one", Said.RoutingGateways["one"] with { Priority = n }) };
        TableBook book = new(Compile(Revision(1), 1));
        Task writer = Task.Run(() =>
        {
            for (int n = 2; n <= 300; n++) book.Publish(Compile(Revision(n), n));
        }, TestContext.Current.CancellationToken);
        CandidateList list = new();
        DialString number = DialString.Parse("4930");
        int last = 0;
        do
        {
            SwitchTables tables = book.Current;
            tables.Routes.Select(number, default, true, list);
            Assert.InRange(tables.Revision, last, 300);
            Assert.Equal(tables.Revision, list[0].Gateway.Priority);
            last = tables.Revision;
        }
        while (last < 300 && !writer.IsFaulted);
        await writer;
        Assert.Equal(300, last);
    }

    private SwitchTables Compile(SwitchConfiguration said, int revision) => TableCompiler.Compile(said, revision, _ =>
    {
        _ratesAsked++;
        return Rates();
    }, static number => new AccountId(int.Parse(number)), _states);

    private static RateTable Rates()
    {
        Assert.True(Deck.TryCreate("retail", Currency.Usd, [new Rate(DialString.Parse("49"), "", new Tariff(1, 0, 1, 1, Currency.Usd), false)], out Deck? deck, out string? error), error);
        return new RateTable(deck);
    }
}
