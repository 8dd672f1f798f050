using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.WebApi;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.WebApi;

/// <summary>CallBack, ReserveCalleeE164 and DisconnectIvrCall on a running switch (docs/callbacks.md).</summary>
public sealed class WebCallbackTests : IAsyncLifetime
{
    private const string Order = """{"callerDisplayNumber":"","callerE164":"442079460123","calleeE164s":"15551234","accessE164":"800","accessE164Password":"secret-800","transactionId":"t1"}""";

    private readonly UdpClient _carrier = new(new IPEndPoint(IPAddress.Loopback, 0));
    private WebApiSwitch _switch = null!;

    public async ValueTask InitializeAsync()
    {
        _switch = await WebApiSwitch.StartAsync();
        await _switch.ApplyAsync($$"""
            {
              "accounts":[{"account":"1001","currency":"USD","limitMoney":"100"}],
              "phones":[{"e164":"800","account":"1001","password":"secret-800"},{"e164":"801","account":"1001","password":"secret-801"}],
              "routingGateways":[{"name":"carrier","remoteIp":"127.0.0.1:{{((IPEndPoint)_carrier.Client.LocalEndPoint!).Port}}","prefix":"44,1"}],
              "settings":{"SERVER_BILLING_FREE_E164S":"442079460123,15551234"}
            }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        _carrier.Dispose();
        await _switch.DisposeAsync();
    }

    [Fact]
    public async Task CallBack_calls_the_caller_gives_its_handle_and_echoes_the_transaction_and_DisconnectIvrCall_ends_it()
    {
        JsonObject reply = await _switch.CallAsync("CallBack", Order);
        Assert.Equal((0, "t1"), ((int)reply["retCode"]!, (string?)reply["transactionId"]));
        string invite = System.Text.Encoding.ASCII.GetString((await _carrier.ReceiveAsync(TestContext.Current.CancellationToken)).Buffer);
        Assert.StartsWith("INVITE sip:442079460123@127.0.0.1", invite, StringComparison.Ordinal);
        Assert.Contains("From: <sip:800@", invite, StringComparison.Ordinal);
        var handle = (string)reply["callIdentifier"]!;
        JsonNode call = Assert.Single((await _switch.CallAsync("GetCurrentCall"))["infoCurrentCalls"]!.AsArray())!;
        Assert.Equal("442079460123", (string?)call["calleeE164"]);
        Assert.Equal("""{"retCode":0}""", (await _switch.CallAsync("DisconnectIvrCall", $$"""{"callIdentifiers":["{{handle}}"]}""")).ToJsonString());
        JsonObject over = await _switch.CallAsync("DisconnectIvrCall", """{"callIdentifiers":["nonsense"]}""");
        Assert.Equal(((int)WebCode.NotFound, "the call nonsense is not in progress"), ((int)over["retCode"]!, (string?)over["exception"]));
    }

    [Fact]
    public async Task Each_phone_that_is_named_shows_its_password()
    {
        await Refused(WebCode.Forbidden, "accessE164Password", Order.Replace("secret-800", "guess", StringComparison.Ordinal));
        await Refused(WebCode.Forbidden, "accessE164Password", Order.Replace("\"800\"", "\"899\"", StringComparison.Ordinal));
        await Refused(WebCode.Forbidden, "callbackBillingPassword", Order[..^1] + ""","callbackBillingE164":"801"}""");
        await Refused(WebCode.Forbidden, "calloutBillingPassword", Order[..^1] + ""","calloutBillingE164":"801","calloutBillingPassword":"secret-800"}""");
        JsonObject reply = await _switch.CallAsync("ReserveCalleeE164", """{"callerE164":"4930","calleeE164":"15551234","accessE164":"800","accessE164Password":"guess"}""");
        Assert.Equal((int)WebCode.Forbidden, (int)reply["retCode"]!);
    }

    [Fact]
    public async Task A_number_that_is_none_and_a_call_that_is_refused_are_told_with_the_reason()
    {
        await Refused(WebCode.WrongParameter, "'' is no number", Order.Replace("15551234", "15551234,", StringComparison.Ordinal));
        await Refused(WebCode.WrongParameter, "at most 10 numbers", Order.Replace("15551234", "1,1,1,1,1,1,1,1,1,1,1", StringComparison.Ordinal));
        await Refused(WebCode.Conflict, "The call to 442079460124 was refused", Order.Replace("442079460123", "442079460124", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_callee_that_is_reserved_is_where_the_next_call_goes()
    {
        Assert.Equal("""{"retCode":0}""", (await _switch.CallAsync("ReserveCalleeE164", """{"callerE164":"801","calleeE164":"15551234","accessE164":"800","accessE164Password":"secret-800"}""")).ToJsonString());
        Answer<RouteView> route = await _switch.Host.Control.RouteAsync(new RouteOrder("800", "801"), TestContext.Current.CancellationToken);
        Assert.Contains(route.Value!.Steps, static s => s.Says == "Phone 800 has a callee reserved for this caller and forwards the call to 15551234.");
        Assert.Equal(1, _switch.Host.World.Reserved.Count);
    }

    private async Task Refused(WebCode code, string says, string body)
    {
        JsonObject reply = await _switch.CallAsync("CallBack", body);
        Assert.Equal((int)code, (int)reply["retCode"]!);
        Assert.Contains(says, (string?)reply["exception"], StringComparison.Ordinal);
    }
}
