using System.Text;
using Tandem.Primitives;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Server.Configuration;

public sealed class ApplyDocumentTests
{
    internal const string Good = """
        {
          "accounts": [
            { "account": "1001", "name": "Älpha", "currency": "USD", "limitMoney": 50.000000001, "feeRateGroup": "retail" },
            { "account": "9001", "currency": "USD", "type": 2, "feeRateGroup": "cost", "lockType": "none" },
          ],
          "decks": [
            { "name": "retail", "currency": "USD", "rates": [
              { "prefix": "49", "area": "Germany", "ratePerMinute": "0.02", "connectFee": 0.01, "firstInterval": 30, "nextInterval": 6 },
              { "prefix": "491", "ratePerMinute": 0.05, "lockType": "locked" } ] },
            { "name": "cost", "currency": "USD", "rates": [ { "prefix": "4", "ratePerMinute": "0.01" } ] }
          ],
          // who calls
          "mappingGateways": [
            { "name": "alpha", "remoteIps": ["192.0.2.10", "198.51.100.0/28"], "account": "1001", "capacity": 100, "rewriteRulesOutCallee": "00:,+:" }
          ],
          "routingGateways": [
            { "name": "one", "remoteIp": "203.0.113.5", "prefix": "49,43", "priority": 1, "clearingAccount": "9001", "gatewayGroups": ["premium"] },
            { "name": "two", "remoteIp": "[2001:db8::5]:5070", "prefixStyle": "carryOn", "lockType": 3 }
          ],
          "phones": [ { "e164": "100", "account": "1001", "password": "se\"cret", "lockType": "incoming", "lineCapacity": 2 } ],
          "settings": { "SS_SIP_INVITE_TIMEOUT": 15, "SS_CDR_RECORD_TO_FILE": true, "SS_GATEWAY_SWITCH_LIMIT": "3" }
        }
        """;

    private readonly DeckShelf _shelf = new();

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    public void An_empty_document_is_called_empty(string document)
    {
        var faults = new FaultList();
        Assert.Null(DocumentNode.Read(Encoding.UTF8.GetBytes(document), faults));
        Assert.Equal("line 1: the document is empty", Assert.Single(faults.ToList()).ToString());
    }

    [Fact]
    public void A_rate_of_a_document_has_every_term_a_deck_can_have()
    {
        var faults = new FaultList();
        DocumentNode? document = DocumentNode.Read(Encoding.UTF8.GetBytes("""
            { "name": "d", "currency": "USD", "zone": "Europe/Berlin", "rates": [ { "prefix": "44", "fee": "0.003", "cycle": 6, "firstInterval": 60, "firstFee": 0.1, "sections": ["300: 0.02/60"],
              "graceSeconds": 3, "taxPercent": 7.5, "type": 5, "until": "2027-01-01", "periods": ["sat+sun 00:00-24:00 = 0.01"] } ] }
            """), faults);
        DeckRef? read = DeckStatement.Read(document!, "decks[0]", _shelf, static _ => null, default, faults, out Deck? deck);
        Assert.Empty(faults.ToList());
        Rate rate = deck!.Rates[0];
        Assert.Equal((deck.Version, "Europe/Berlin", 75_000, 300), (read!.Version, deck.Zone, rate.Tariff.Terms!.TaxMillionths, rate.Tariff.Terms.Stages[0].AfterSeconds));
        Assert.Equal((10_000_000, 60, 6), (rate.Details!.Periods[0].Tariff.RatePerMinuteNanos, rate.Details.Periods[0].Tariff.FirstSeconds, rate.Details.Periods[0].Tariff.NextSeconds));
    }

    [Fact]
    public void A_good_document_says_what_it_says()
    {
        SwitchConfiguration said = Applied(Good);
        Assert.Equal(50_000_000_001, said.Accounts["1001"].CreditLimitNanos);
        Assert.Equal(("Älpha", "retail", AccountKind.Ordinary, false), (said.Accounts["1001"].Name, said.Accounts["1001"].Deck, said.Accounts["1001"].Kind, said.Accounts["1001"].Locked));
        Assert.Equal(AccountKind.Clearing, said.Accounts["9001"].Kind);
        Assert.Equal(["192.0.2.10", "198.51.100.0/28"], said.MappingGateways["alpha"].RemoteIps);
        Assert.True(said.MappingGateways["alpha"].RoutingGatewayGroupsAllow);
        Assert.Equal(["49", "43"], said.RoutingGateways["one"].Prefixes);
        Assert.Equal([""], said.RoutingGateways["two"].Prefixes);
        Assert.Equal((PrefixStyle.CarryOn, true), (said.RoutingGateways["two"].PrefixStyle, said.RoutingGateways["two"].Locked));
        Assert.Equal(("se\"cret", PhoneLock.Incoming, 2), (said.Phones["100"].Password, said.Phones["100"].Lock, said.Phones["100"].LineCapacity));
        Assert.Equal(TimeSpan.FromSeconds(15), said.Settings.Sip.TimeoutInvite);
        Assert.True(said.Settings.Cdr.RecordToFile);
        Assert.Equal(3, said.Settings.Calls.GatewaySwitchLimit);
        Assert.Equal(64, said.Decks["retail"].Version.Length);
    }

    public static TheoryData<string, string[]> BadDocuments => new()
    {
        { "", ["line 1: the document is empty"] },
        { "[]", ["line 1: the document must be one JSON object: {...}"] },
        { "{\n \"accounts\": [\n  {,}\n ]\n}", ["line 3: this is not JSON: "] },
        { "{}\n{}", ["line 2: this is not JSON: "] },
        { "{\n\"memo\": \"\\ud800\"}", ["line 2: this text is not Unicode"] },
        { "{\n \"acounts\": []\n}", [$"line 2, acounts: there is no such section; there are {Sections}, remove"] },
        { "{\n \"phones\": {}\n}", ["line 2, phones: {an object} is not a list"] },
        { "{\n \"phones\": [7]\n}", ["line 2, phones[0]: '7' is not an object"] },
        { "{\"phones\": [],\n\"phones\": []}", ["line 2, phones: this is stated twice"] },
        {
            """
            { "routingGateways": [
              { "name": "a", "remoteIp": "192.0.2.1" },
              { "name": "b", "remoteIp": "192.0.2.2",
                "priority": "x", "capacity": 1.5,
                "prefixStyle": "stop", "colour": "red" }
            ] }
            """,
            [
                "line 4, routingGateways[1].priority: 'x' is not a number",
                "line 4, routingGateways[1].capacity: '1.5' is not a whole number from 0 to 1000000",
                "line 5, routingGateways[1].colour: there is no such field; there are " + string.Join(", ", EntityKinds.RoutingGateways.Fields.Select(static f => f.Name)),
                "line 5, routingGateways[1].prefixStyle: 'stop' is not 'terminate' (0) or 'carryOn' (1)",
            ]
        },
        {
            """
            { "routingGateways": [
              { "remoteIp": "sip.carrier..example:5060" },
              { "name": "b|c", "remoteIp": "0.0.0.0" },
              { "name": "c", "remoteIp": "192.0.2.1:0", "prefix": ["49", 43] },
              { "name": "d", "remoteIp": "192.0.2.1:5060", "prefix": ["4 9", "43", "43"], "rewriteRulesInCallee": "0" }
            ] }
            """,
            [
                "line 2, routingGateways[0].name: it is missing",
                "line 2, routingGateways[0].remoteIp: 'sip.carrier..example:5060' is neither an address (192.0.2.1:5060, [2001:db8::1]:5060) nor a host name (sip.example.com, sip.example.com:5070)",
                "line 3, routingGateways[1].name: 'b|c' has one of | , \" \\ [ ] or a control character",
                "line 3, routingGateways[1].remoteIp: '0.0.0.0' is no address a call could be sent to",
                "line 4, routingGateways[2].remoteIp: '192.0.2.1:0' is no address a call could be sent to",
                "line 4, routingGateways[2].prefix: '43' is not a text; a list of texts is needed",
                "line 5, routingGateways[3].prefix: '4 9' is no prefix: at most 32 of 0-9 * # + - . _ and letters",
                "line 5, routingGateways[3].prefix: '43' is in the list twice",
                "line 5, routingGateways[3].rewriteRulesInCallee: rule 1 '0' must be original:target with one colon",
            ]
        },
        {
            """
            { "mappingGateways": [ { "name": "m", "remoteIps": "192.0.2.9", "maxCallDurationLower": 60 } ],
              "routingGateways": [
              { "name": "a", "remoteIp": "192.0.2.1", "maxCallDurationUpper": 0 },
              { "name": "b", "remoteIp": "192.0.2.2", "maxCallDurationLower": 90, "maxCallDurationUpper": 60, "timeoutRinging": 601 }
            ] }
            """,
            [
                "line 1, mappingGateways[0].maxCallDurationLower: maxCallDurationLower 60 and maxCallDurationUpper -1 do not go together: both -1 (system), both 0 (none), or two lengths of which the lower is the shorter",
                "line 3, routingGateways[0].maxCallDurationLower: maxCallDurationLower -1 and maxCallDurationUpper 0 do not go together: both -1 (system), both 0 (none), or two lengths of which the lower is the shorter",
                "line 4, routingGateways[1].timeoutRinging: '601' is not a whole number from 0 to 600",
            ]
        },
        {
            """
            { "accounts": [
              { "account": "1", "currency": "usd" },
              { "account": "2", "currency": "USD", "limitMoney": "1.0000000001" },
              { "account": "3", "currency": "USD", "limitMoney": -1 },
              { "account": "4", "currency": "USD", "limitMoney": 1e3 },
              { "account": "5", "currency": "USD", "feeRateGroup": "none" },
              { "account": "6", "currency": "USD" }, { "account": "6", "currency": "USD" }
            ], "phones": [ { "e164": "100", "password": "x", "account": "1" }, { "e164": "10 1", "account": "77" } ] }
            """,
            [
                "line 2, accounts[0].currency: 'usd' is not a currency of three capital letters, as in USD",
                "line 3, accounts[1].limitMoney: '1.0000000001' is not an amount such as 12.50, with at most nine decimals",
                "line 4, accounts[2].limitMoney: '-1' is negative",
                "line 5, accounts[3].limitMoney: '1e3' is not an amount such as 12.50, with at most nine decimals",
                "line 6, accounts[4].feeRateGroup: there is no deck 'none'",
                "line 7, accounts[6]: the account '6' is stated twice; first on line 7",
                "line 8, phones[1].e164: '10 1' is no number: at most 32 of 0-9 * # + - . _ and letters",
                "line 8, phones[1].password: it is missing",
            ]
        },
        {
            """
            { "accounts": [ { "account": "1", "currency": "EUR", "feeRateGroup": "usd" } ],
              "decks": [
                { "name": "usd", "currency": "USD", "rates": [] },
                { "name": "a", "currency": "USD" },
                { "name": "b", "currency": "USD", "version": "abc" },
                { "name": "c", "currency": "USD", "file": "c.csv" },
                { "name": "d", "currency": "USD", "rates": [
                  { "prefix": "49" },
                  { "prefix": "4x", "ratePerMinute": "0.1" },
                  { "prefix": "43", "ratePerMinute": "-0.1" },
                  { "prefix": "44", "ratePerMinute": "0.1" },
                  { "prefix": "44", "ratePerMinute": "0.1" },
                  { "prefix": "45", "ratePerMinute": "0.1", "firstInterval": 0 } ] }
              ] }
            """,
            [
                "line 1, accounts[0].feeRateGroup: the deck 'usd' is in USD, the account in EUR, and exchangeRates has no rate between them",
                "line 4, decks[1]: a deck needs exactly one of version, file and rates",
                "line 5, decks[2].version: 'abc' is no deck version: 64 lower-case hexadecimal digits",
                "line 6, decks[3].file: c.csv: line 3, rate_per_min: 'x' is not an amount",
                "line 8, decks[4].rates[0].ratePerMinute: it is missing",
                "line 9, decks[4].rates[1].prefix: '4x' is no prefix: 1 to 16 of 0-9 * #",
                "line 10, decks[4].rates[2]: the rate is negative",
                "line 12, decks[4].rates[4].prefix: '44' has a rate already, on line 11",
                "line 13, decks[4].rates[5]: the first interval must be 1 to 86400 seconds",
            ]
        },
        {
            """
            { "accounts": [ { "account": "1", "currency": "USD" } ],
              "mappingGateways": [
                { "name": "a", "remoteIps": ["192.0.2.1"], "account": "2" },
                { "name": "b",
                  "remoteIps": ["192.0.2.1"] },
                { "name": "c", "remoteIps": ["192.0.2.0/33"] },
                { "name": "d", "remoteIps": ["pbx.example", "PBX.example."] }
              ],
              "routingGateways": [ { "name": "r", "remoteIp": "192.0.2.9", "clearingAccount": "1" } ] }
            """,
            [
                "line 3, mappingGateways[0].account: there is no account '2'",
                "line 5, mappingGateways[1].remoteIps: '192.0.2.1' belongs to the mapping gateway 'a'",
                "line 6, mappingGateways[2].remoteIps: '192.0.2.0/33': the length after '/' must be 0 to 32",
                "line 7, mappingGateways[3].remoteIps: 'PBX.example.' is in the list twice",
                "line 9, routingGateways[0].clearingAccount: the account '1' is not of type 'clearing'",
            ]
        },
        {
            """
            { "routingGateways": [
                { "name": "a", "remoteIp": "192.0.2.9", "extraHeaders": "X-Trace, via",
                  "sipPrivacy": 4 } ],
              "mappingGateways": [
                { "name": "b", "remoteIps": ["192.0.2.1"], "extraHeaders": ["*", "v", "X Y"],
                  "sipCallerE164Domain": 5, "callFailedSipCode": "486:401" } ],
              "settings": { "SS_SIP_E164_DISPLAY_FROM": "Number" } }
            """,
            [
                "line 2, routingGateways[0].extraHeaders: Via never passes: the switch writes it itself, or leaves it out",
                "line 3, routingGateways[0].sipPrivacy: '4' is not 'none' (0) or 'pass' (1) or 'id' (2) or 'noneValue' (3)",
                "line 5, mappingGateways[0].extraHeaders: 'v' is a compact form; header fields are listed by their full names",
                "line 5, mappingGateways[0].extraHeaders: it is no header name: at most 64 letters, digits and -.!%*_+`'~",
                "line 6, mappingGateways[0].sipCallerE164Domain: '5' is not 'from' (0) or 'remotePartyId' (1) or 'display' (2) or 'pAssertedIdentity' (3) or 'pPreferredIdentity' (4)",
                "line 6, mappingGateways[0].callFailedSipCode: 401 asks a customer for credentials nobody would check; another target is needed",
                "line 7, settings.SS_SIP_E164_DISPLAY_FROM: SS_SIP_E164_DISPLAY_FROM must be Ignore or E164 or Name or Account; 'Number' is not",
            ]
        },
        {
            """
            { "settings": {
              "SS_SIP_TIMEOUT_INVITE": 0,
              "SS_RTP_PORT_RANGE": "10000,10999", "SS_MEDIA_PROXY_PORT_RANGE": "10000,10999",
              "SS_COLOUR": "red",
              "SS_QOS_RTP": null },
              "remove": { "accounts": ["1"], "trunks": [], "phones": [7], "settings": ["SS_COLOUR"] } }
            """,
            [
                "line 2, settings.SS_SIP_TIMEOUT_INVITE: SS_SIP_TIMEOUT_INVITE must be 1 to 600 s; '0' is not",
                "line 3, settings.SS_MEDIA_PROXY_PORT_RANGE: SS_MEDIA_PROXY_PORT_RANGE is stated twice",
                "line 4, settings.SS_COLOUR: there is no setting 'SS_COLOUR'",
                "line 5, settings.SS_QOS_RTP: null is not a setting's value",
                "line 6, remove.accounts[0]: an account is never removed, since its money and history stay; set its 'canceled' to true",
                $"line 6, remove.trunks: there is no such list; there are {Sections}",
                "line 6, remove.phones[0]: '7' is not a name",
                "line 6, remove.settings[0]: there is no setting 'SS_COLOUR'",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(BadDocuments))]
    public void Every_error_is_told_with_its_line_and_field_and_nothing_is_applied(string document, string[] says)
    {
        ConfigurationBook book = new(_shelf);
        ApplyResult result = book.Apply(Encoding.UTF8.GetBytes(document), "admin", default);
        Assert.False(result.Succeeded);
        string[] actual = [.. result.Errors.Select(static e => e.ToString())];
        Assert.Equal(says, actual.Zip(says.Concat(Enumerable.Repeat("", 100)), static (a, s) => s.EndsWith(": ", StringComparison.Ordinal) && a.StartsWith(s, StringComparison.Ordinal) ? s : a));
        Assert.Equal(0, book.Revision);
        Assert.Same(SwitchConfiguration.Empty, book.Current.Configuration);
    }

    [Fact]
    public void No_more_than_a_hundred_errors_are_told_and_the_rest_counted()
    {
        string document = "{\"phones\": [" + string.Join(',', Enumerable.Repeat("7", 250)) + "]}";
        FaultList faults = new();
        ApplyDocument.Read(SwitchConfiguration.Empty, Encoding.UTF8.GetBytes(document), _shelf, faults, out _);
        Assert.Equal(101, faults.ToList().Count);
        Assert.Equal("and 150 more errors", faults.ToList()[^1].ToString());
    }

    [Fact]
    public void No_cut_or_flipped_byte_of_a_document_is_an_exception()
    {
        byte[] good = Encoding.UTF8.GetBytes(Good);
        SeededEntropy entropy = new(17);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] broken = i % 2 == 0 ? good[..entropy.Below(good.Length)] : [.. good];
            if (broken.Length > 0) broken[entropy.Below(broken.Length)] ^= (byte)(1 << entropy.Below(8));
            FaultList faults = new();
            SwitchConfiguration after = ApplyDocument.Read(SwitchConfiguration.Empty, broken, _shelf, faults, out _);
            Assert.Equal(!faults.IsEmpty, ReferenceEquals(after, SwitchConfiguration.Empty));
        }
    }

    [Fact]
    public void What_is_deeply_nested_is_refused_before_it_costs_anything() =>
        Assert.Contains("depth", Errors(new string('[', 100_000).Insert(0, "{\"phones\":"))[0], StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void A_byte_order_mark_is_no_error()
    {
        FaultList faults = new();
        ApplyDocument.Read(SwitchConfiguration.Empty, [.. Encoding.UTF8.Preamble, .. "{}"u8], _shelf, faults, out _);
        Assert.True(faults.IsEmpty);
    }

    [Fact]
    public void The_manual_names_every_field_and_its_example_can_be_applied()
    {
        string page = File.ReadAllText(Checkout.Path("docs", "configuration.md"));
        foreach (string field in FieldNames()) Assert.Matches($@"\n\| (`\w+`, )*`{field}`(, `\w+`)* \|", page);
        string example = page.Split("```json\n")[1].Split("```")[0];
        _shelf.Files["retail.csv"] = DeckShelf.Deck("retail", "49", 20_000_000);
        Assert.Equal(2, Applied(example).Decks.Count);
    }

    private static string Sections => string.Join(", ", ["decks", .. EntityKinds.All.Select(static k => k.List), "settings"]);

    private static IEnumerable<string> FieldNames() =>
        [.. EntityKinds.Accounts.Fields.Select(static f => f.Name), .. EntityKinds.MappingGateways.Fields.Select(static f => f.Name), .. EntityKinds.RoutingGateways.Fields.Select(static f => f.Name), .. EntityKinds.Phones.Fields.Select(static f => f.Name), .. NumberKinds.NumberGroups.Fields.Select(static f => f.Name), .. NumberKinds.NumberLists.Fields.Select(static f => f.Name), .. NumberKinds.Areas.Fields.Select(static f => f.Name), .. NumberKinds.MobileAreas.Fields.Select(static f => f.Name), .. NumberKinds.NumberTransforms.Fields.Select(static f => f.Name), .. NumberKinds.IpLimits.Fields.Select(static f => f.Name),
            .. MoneyKinds.Packages.Fields.Select(static f => f.Name), .. MoneyKinds.PackageOrders.Fields.Select(static f => f.Name), .. MoneyKinds.StockCards.Fields.Select(static f => f.Name),
            .. MoneyKinds.ActiveCards.Fields.Select(static f => f.Name), .. MoneyKinds.BoundNumbers.Fields.Select(static f => f.Name)];

    private SwitchConfiguration Applied(string document)
    {
        FaultList faults = new();
        SwitchConfiguration after = ApplyDocument.Read(SwitchConfiguration.Empty, Encoding.UTF8.GetBytes(document), _shelf, faults, out _);
        Assert.Equal([], faults.ToList());
        return after;
    }

    private string[] Errors(string document)
    {
        FaultList faults = new();
        ApplyDocument.Read(SwitchConfiguration.Empty, Encoding.UTF8.GetBytes(document), _shelf, faults, out _);
        return [.. faults.ToList().Select(static f => f.ToString())];
    }
}
