using System.Text.Json;
using Tandem.Interop.Peers;

namespace Tandem.Interop.Crashes;

/// <summary>The program as an operator types it: a switch is set up, filled and asked with its own verbs, and nothing else.</summary>
public sealed class OperatorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_switch_is_set_up_and_asked_with_its_own_verbs_alone()
    {
        using var folder = new ScratchFolder();
        string data = folder.File("data");
        int[] ports = LoopbackPorts.Take(2);
        using PeerProcess running = await TandemProgram.RunAsync(data, ports[0], ports[1], Stop);

        string deck = folder.File("deck.csv"), document = folder.File("document.json");
        await File.WriteAllTextAsync(deck, "prefix,area,rate_per_min\n44,United Kingdom,0.02\n4420,London,0.01\n", Stop);
        await File.WriteAllTextAsync(document, """
            {
              "accounts": [ { "account": "1001", "currency": "USD", "feeRateGroup": "sale" } ],
              "mappingGateways": [ { "name": "office", "remoteIps": ["192.0.2.7"], "account": "1001" } ],
              "routingGateways": [ { "name": "carrier", "remoteIp": "192.0.2.8" } ]
            }
            """, Stop);
        Assert.Contains("deck sale: 2 rates, 2 added", await DoneAsync(data, "deck", "import", deck, "--name", "sale", "--currency", "USD"), StringComparison.Ordinal);
        Assert.Contains("revision 2", await DoneAsync(data, "apply", document), StringComparison.Ordinal);
        Assert.Contains("nothing to change", await DoneAsync(data, "apply", document), StringComparison.Ordinal);
        Assert.Contains("the balance is 12.50", await DoneAsync(data, "pay", "1001", "12.50"), StringComparison.Ordinal);
        Assert.Contains("United Kingdom, prefix 44 of deck sale", await DoneAsync(data, "route", "441234567", "--from", "office"), StringComparison.Ordinal);
        Assert.Contains("London, prefix 4420 of deck sale", await DoneAsync(data, "route", "442071234567", "--from", "office"), StringComparison.Ordinal);
        Assert.Contains("= 33", await DoneAsync(data, "settings", "SS_SIP_TIMEOUT_RINGING", "33"), StringComparison.Ordinal);
        Assert.Contains("everything agrees", await DoneAsync(data, "check"), StringComparison.Ordinal);

        await File.WriteAllTextAsync(deck, "prefix,rate_per_min\n44,0.02\n45,cheap\n", Stop);
        (int code, string said) = await TandemProgram.DoAsync(Stop, "deck", "import", deck, "--name", "sale", "--currency", "USD", "--data", data);
        Assert.Equal(1, code);
        Assert.Contains("line 3", said, StringComparison.Ordinal);
        string json = await DoneAsync(data, "deck", "list", "--json");
        using JsonDocument decks = JsonDocument.Parse(json[json.IndexOf('{', StringComparison.Ordinal)..]);
        Assert.Equal(2, decks.RootElement.GetProperty("decks")[0].GetProperty("rates").GetInt32());
    }

    private static async Task<string> DoneAsync(string data, params string[] verb)
    {
        (int code, string said) = await TandemProgram.DoAsync(Stop, [.. verb, "--data", data]);
        Assert.True(code == 0, said);
        return said;
    }
}
