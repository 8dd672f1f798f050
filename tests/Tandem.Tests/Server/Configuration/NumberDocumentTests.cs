using System.Text;
using Tandem.Primitives;
using Tandem.Server.Configuration;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;

namespace Tandem.Tests.Server.Configuration;

/// <summary>Groups, lists, areas, transforms, ranges and limits as documents state them.</summary>
public sealed class NumberDocumentTests
{
    private const string Good = """
        {
          "numberGroups": [ { "name": "pool", "numbers": ["1001", "1002"] }, { "name": "home", "numbers": "49*,43*" } ],
          "numberLists": [ { "name": "fraud", "numbers": ["88*"], "scope": "system", "end": 2 }, { "name": "vip", "kind": "white", "numbers": ["4930"] } ],
          "areas": [ { "areaCode": "4930", "areaName": "Berlin", "type": "local" }, { "areaCode": "49", "areaName": "Germany", "type": 3 } ],
          "mobileAreas": [ { "mobilePrefix": "49171", "areaCode": "4930" } ],
          "numberTransforms": [ { "e164": "2000", "mappingGatewayCallerE164": ["4930111", "4930112"], "routingGatewayCalleeE164": "4930110" } ],
          "ipLimits": [ { "ip": "192.0.2.0/25", "area": "office" }, { "ip": "192.0.2.128", "count": 16, "area": "lab" }, { "ip": "2001:db8::/32", "area": "office" } ],
          "accounts": [ { "account": "1", "currency": "USD" } ],
          "mappingGateways": [ { "name": "m", "remoteIps": ["192.0.2.1"], "account": "1", "callLevel": 3, "calloutCalleePrefixes": "00,011", "calloutCalleePrefixesAllow": true,
              "callerAllowLength": 3072, "calleeLimitE164Groups": ["home"], "callerNumberLists": ["vip", "fraud"], "ipLimitAreas": ["office"], "lrnEnable": true, "lrnFailureAction": 1,
              "lrnInterstateBillingPrefix": "9", "groupE164Change": true, "dynamicBlackListInStandalone": true, "calleeE164Restrict": "noPhone" } ],
          "routingGateways": [ { "name": "r", "remoteIp": "192.0.2.2", "rewriteRulesInCallerUseE164GroupEnable": true, "rewriteRulesInCallerUseE164Group": "pool", "rewriteRulesInCallerUseE164GroupLine": 3,
              "callinCallerPrefixes": ["49"], "callinCallerPrefixesAllow": true } ],
          "phones": [ { "e164": "55", "password": "x", "callLevel": "local", "calleeLimitE164Groups": ["home"], "calleeLimitE164Allow": true } ]
        }
        """;

    [Fact]
    public void Everything_said_of_numbers_is_read_and_written_again_as_it_was()
    {
        var book = new ConfigurationBook(new DeckShelf());
        Assert.Equal([], book.Apply(Encoding.UTF8.GetBytes(Good), "test", default).Errors);
        SwitchConfiguration said = book.Current.Configuration;
        MappingGatewayConfig m = said.MappingGateways["m"];
        Assert.Equal((CallLevel.National, 3072, true, true, "9", CalleeRestriction.NoPhone), (m.Numbers.Level, m.Numbers.Caller.Lengths, m.Lrn.Enable, m.Lrn.ContinueOnFailure, m.Lrn.InterstateBillingPrefix, m.Numbers.CalleeMust));
        Assert.Equal((true, "pool", 3), (said.RoutingGateways["r"].Pool.Enable, said.RoutingGateways["r"].Pool.Group, said.RoutingGateways["r"].Pool.Lines));
        Assert.Equal((true, CallLevel.Local), (said.Phones["55"].Numbers.Callee.GroupsAllow, said.Phones["55"].Numbers.Level));

        var again = new ConfigurationBook(new DeckShelf());
        Assert.True(again.TryRestore(book.ToSnapshot(), out string error), error);
        Assert.Equal(Encoding.UTF8.GetString(book.ToDocument()), Encoding.UTF8.GetString(again.ToDocument()));
        Assert.False(again.Apply(Encoding.UTF8.GetBytes(Good), "test", default).Changed);
    }

    [Theory]
    [InlineData("\"numberGroups\": [ { \"name\": \"g\", \"numbers\": [\"4 4\", \"49*\", \"\"] } ]", "numberGroups[0].numbers: '4 4' is no number", "numberGroups[0].numbers: '' is no number")]
    [InlineData("\"numberGroups\": [ { \"name\": \"g\", \"numbers\": [\"49\", \"49\"] } ]", "'49' is in the list twice")]
    [InlineData("\"numberLists\": [ { \"name\": \"l\", \"kind\": \"grey\" } ]", "numberLists[0].kind: 'grey' is not 'black' (0) or 'white' (1)")]
    [InlineData("\"phones\": [ { \"e164\": \"1\", \"password\": \"x\", \"callerNumberLists\": [\"nobody\"] } ]", "phones[0].callerNumberLists: there is no number list 'nobody'")]
    [InlineData("\"phones\": [ { \"e164\": \"1\", \"password\": \"x\", \"calleeLimitE164Groups\": [\"nobody\"] } ]", "phones[0].calleeLimitE164Groups: there is no number group 'nobody'")]
    [InlineData("\"phones\": [ { \"e164\": \"1\", \"password\": \"x\", \"ipLimitAreas\": [\"moon\"] } ]", "phones[0].ipLimitAreas: no address range is of the area 'moon'")]
    [InlineData("\"routingGateways\": [ { \"name\": \"r\", \"remoteIp\": \"192.0.2.2\", \"rewriteRulesInCallerUseE164GroupEnable\": true } ]", "rewriteRulesInCallerUseE164Group: a pool of calling numbers needs a number group")]
    [InlineData("\"numberGroups\": [ { \"name\": \"g\", \"numbers\": [\"49*\"] } ], \"routingGateways\": [ { \"name\": \"r\", \"remoteIp\": \"192.0.2.2\", \"rewriteRulesInCallerUseE164GroupEnable\": true, \"rewriteRulesInCallerUseE164Group\": \"g\" } ]", "the number group 'g' has a beginning of numbers ('49*')")]
    [InlineData("\"numberTransforms\": [ { \"e164\": \"1\", \"mappingGatewayCallerE164\": [\"7\"] }, { \"e164\": \"2\", \"mappingGatewayCallerE164\": [\"7\"] } ]", "numberTransforms[1].mappingGatewayCallerE164: '7' becomes 1 already")]
    [InlineData("\"ipLimits\": [ { \"ip\": \"192.0.2.0/24\", \"area\": \"a\" }, { \"ip\": \"192.0.2.200\", \"count\": 2, \"area\": \"b\" } ]", "ipLimits[1].ip: its addresses overlap those of '192.0.2.0/24' (a)")]
    [InlineData("\"ipLimits\": [ { \"ip\": \"192.0.2.1/24\", \"area\": \"a\" } ]", "ipLimits[0].ip: '192.0.2.1/24' has bits beyond its length")]
    [InlineData("\"ipLimits\": [ { \"ip\": \"255.255.255.0\", \"count\": 257, \"area\": \"a\" } ]", "257 addresses from '255.255.255.0' on are more than there are")]
    public void What_does_not_hold_is_refused_with_its_place_and_reason_and_nothing_is_applied(string sections, params string[] says)
    {
        FaultList faults = new();
        SwitchConfiguration after = ApplyDocument.Read(SwitchConfiguration.Empty, Encoding.UTF8.GetBytes("{" + sections + "}"), new DeckShelf(), faults, out _);
        Assert.Same(SwitchConfiguration.Empty, after);
        string all = string.Join('\n', faults.ToList());
        foreach (string one in says) Assert.Contains(one, all, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dial_plan_that_does_not_say_what_is_to_be_done_is_refused_when_it_is_stated_and_works_on_where_it_was_in_force()
    {
        const string Document = """{ "phones": [ { "e164": "1", "password": "x", "rewriteRulesOutCallee": "0?5:1,05?:2" } ] }""";
        FaultList faults = new();
        ApplyDocument.Read(SwitchConfiguration.Empty, Encoding.UTF8.GetBytes(Document), new DeckShelf(), faults, out _);
        Assert.Equal("line 1, phones[0].rewriteRulesOutCallee: rule 2 '05?:2' and rule 1 '0?5:1' claim the same numbers with the same right; make one longer or give it a length test", Assert.Single(faults.ToList()).ToString());
        FaultList folding = new();
        SwitchConfiguration folded = ApplyDocument.Read(SwitchConfiguration.Empty, Encoding.UTF8.GetBytes(Document), null, folding, out _); // as the journal of an earlier release has it
        Assert.True(folding.IsEmpty);
        Assert.Single(folded.Phones);
    }

    [Fact]
    public void A_group_that_is_named_is_not_removed_alone()
    {
        var book = new ConfigurationBook(new DeckShelf());
        Assert.Equal([], book.Apply(Encoding.UTF8.GetBytes(Good), "test", default).Errors);
        ApplyResult refused = book.Apply("""{ "remove": { "numberGroups": ["pool"] } }"""u8, "test", default);
        Assert.Contains("there is no number group 'pool'", Assert.Single(refused.Errors).ToString(), StringComparison.Ordinal);
        Assert.True(book.Current.Configuration.NumberGroups.ContainsKey("pool"));
        Assert.Equal([], book.Apply("""{ "remove": { "numberGroups": ["pool"], "routingGateways": ["r"] } }"""u8, "test", default).Errors);
    }
}
