using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Server.WebApi;

namespace Tandem.Tests.Server.WebApi;

/// <summary>What a portal does all day: open accounts, create gateways and phones, change one field, look.</summary>
public sealed class WebEntityTests : IAsyncLifetime
{
    private WebApiSwitch _switch = null!;

    public async ValueTask InitializeAsync()
    {
        _switch = await WebApiSwitch.StartAsync();
        await _switch.ApplyAsync("""{"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.012"}]}]}""");
    }

    public async ValueTask DisposeAsync() => await _switch.DisposeAsync();

    [Fact]
    public async Task An_account_is_opened_with_money_and_read_back()
    {
        await DoneAsync("CreateCustomer", """{"account":"1001","name":"Acme","money":12.5,"limitMoney":"3","feeRateGroup":"retail","lockType":0,"infoCustomerAdditional":{"linkMan":"Ann","email":"a@example.com"}}""");
        JsonObject customer = (await DoneAsync("GetCustomer", """{"accounts":["1001"]}"""))["infoCustomers"]!.AsArray().Single()!.AsObject();
        Assert.Equal("12.5", customer["money"]!.ToJsonString().TrimEnd('0'));
        Assert.Equal(3m, (decimal)customer["limitMoney"]!);
        Assert.Equal("retail", (string?)customer["feeRateGroup"]);
        Assert.Equal("Ann", (string?)customer["infoCustomerAdditional"]!["linkMan"]);
        Assert.Equal(["1001"], (await DoneAsync("GetAllCustomers"))["accounts"]!.AsArray().Select(static a => (string?)a));
        JsonObject brief = (await DoneAsync("GetAllCustomers", """{"type":1}"""))["infoCustomerBriefs"]!.AsArray().Single()!.AsObject();
        Assert.Equal(["account", "money", "limitMoney"], brief.Select(static p => p.Key));
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("CreateCustomer", """{"account":"1001","name":"Acme","feeRateGroup":"retail"}"""));
    }

    [Fact]
    public async Task Agents_are_seen_by_those_below_them_and_a_deleted_account_is_cancelled()
    {
        await DoneAsync("CreateCustomer", """{"account":"1","name":"Top","feeRateGroup":"retail"}""");
        await DoneAsync("CreateCustomer", """{"account":"11","name":"Middle","feeRateGroup":"retail","agentAccount":"1"}""");
        await DoneAsync("CreateCustomer", """{"account":"111","name":"Low","feeRateGroup":"retail","agentAccount":"11","validTime":1893456000000}""");
        Assert.Equal(["11", "111"], await BelowAsync("1", 0));
        Assert.Equal(["11"], await BelowAsync("1", 1));
        Assert.Empty(await BelowAsync("111", 0));
        JsonArray all = (await DoneAsync("GetCustomer"))["infoCustomers"]!.AsArray();
        Assert.Equal([1, 1, 0], all.Select(static c => (int)c!["category"]!));
        Assert.Equal(1893456000000, (long)all[2]!["validTime"]!);
        Assert.True((long)all[0]!["startTime"]! > 1_700_000_000_000);
        await DoneAsync("DeleteCustomer", """{"account":"111"}""");
        Assert.True((bool)(await DoneAsync("GetCustomer", """{"accounts":["111"]}"""))["infoCustomers"]![0]!["canceled"]!);
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("DeleteCustomer", """{"account":"112"}"""));

        async Task<IEnumerable<string?>> BelowAsync(string agent, int mode) =>
            (await DoneAsync("GetCustomer", $$$"""{"filterAgentAccount":{"filterAgentAccount":"{{{agent}}}","querySonMode":{{{mode}}}}}"""))["infoCustomers"]!.AsArray().Select(static c => (string?)c!["account"]);
    }

    [Fact]
    public async Task An_alarm_a_program_states_stands_until_it_says_it_is_over()
    {
        await DoneAsync("CreateAlarm", """{"name":"fan","level":2,"value":1200.5,"lower":1500,"alarmInfo":"the fan is slow"}""");
        JsonObject alarm = (await DoneAsync("GetAlarmCurrent"))["infoAlarmCurrents"]!.AsArray().Single()!.AsObject();
        Assert.Equal(("fan", 2, 1200.5, "the fan is slow", 0), ((string?)alarm["name"], (int)alarm["level"]!, (double)alarm["value"]!, (string?)alarm["memo"], (long)alarm["stopTime"]!));
        _switch.Host.AlarmWatch!.Look();
        Assert.Single((await DoneAsync("GetAlarmCurrent"))["infoAlarmCurrents"]!.AsArray(), static a => (string?)a!["name"] == "fan");
        await DoneAsync("CreateAlarm", """{"name":"fan","stopTime":1700000000000}""");
        Assert.DoesNotContain((await DoneAsync("GetAlarmCurrent"))["infoAlarmCurrents"]!.AsArray(), static a => (string?)a!["name"] == "fan");
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("CreateAlarm", """{"name":"fan","stopTime":1700000000000}"""));
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("CreateAlarm", """{"name":"fan","level":4}"""));
    }

    [Fact]
    public async Task A_field_left_out_of_a_modify_keeps_its_value()
    {
        await DoneAsync("CreateCustomer", """{"account":"1001","name":"Acme","limitMoney":3,"feeRateGroup":"retail"}""");
        await DoneAsync("ModifyCustomer", """{"account":"1001","lockType":1}""");
        JsonObject customer = (await DoneAsync("GetCustomer", """{"accounts":["1001"]}"""))["infoCustomers"]![0]!.AsObject();
        Assert.Equal(1, (int)customer["lockType"]!);
        Assert.Equal("Acme", (string?)customer["name"]);
        Assert.Equal(3m, (decimal)customer["limitMoney"]!);
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("ModifyCustomer", """{"account":"1002","lockType":1}"""));
    }

    [Fact]
    public async Task Two_writers_at_once_lose_none_of_their_fields()
    {
        await DoneAsync("CreateGatewayRouting", """{"name":"carrier","remoteIp":"192.0.2.9","prefix":"44"}""");
        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => DoneAsync("ModifyGatewayRouting", i % 2 == 0 ? """{"name":"carrier","capacity":77}""" : """{"name":"carrier","priority":5}""")));
        JsonObject gateway = (await DoneAsync("GetGatewayRouting", """{"names":["carrier"]}"""))["infoGatewayRoutings"]![0]!.AsObject();
        Assert.Equal((77, 5, "44"), ((int)gateway["capacity"]!, (int)gateway["priority"]!, (string?)gateway["prefix"]));
    }

    [Fact]
    public async Task A_routing_gateway_s_address_and_port_stand_apart()
    {
        await DoneAsync("CreateGatewayRouting", """{"name":"carrier","remoteIp":"192.0.2.9","signalPort":5070,"prefix":"44,49","prefixStyle":1,"lockType":3,"h323FastStart":true}""");
        JsonObject gateway = (await DoneAsync("GetGatewayRouting", "{}"))["infoGatewayRoutings"]![0]!.AsObject();
        Assert.Equal(("192.0.2.9", 5070, "44,49", 1, 3, true), ((string?)gateway["remoteIp"], (int)gateway["signalPort"]!, (string?)gateway["prefix"], (int)gateway["prefixStyle"]!, (int)gateway["lockType"]!, (bool)gateway["h323FastStart"]!));
        Assert.Equal("192.0.2.9:5070", _switch.Host.Configuration.Current.Configuration.RoutingGateways["carrier"].RemoteIp);
        await DoneAsync("ModifyGatewayRouting", """{"name":"carrier","remoteIp":"192.0.2.10"}""");
        Assert.Equal("192.0.2.10:5070", _switch.Host.Configuration.Current.Configuration.RoutingGateways["carrier"].RemoteIp);
        WebContractTests.WebShapes_are_kept(await DoneAsync("GetGatewayRoutingOnline"), WebMethods.Find("GetGatewayRoutingOnline")!.Reply);
        await DoneAsync("DeleteGatewayRouting", """{"name":"carrier"}""");
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("DeleteGatewayRouting", """{"name":"carrier"}"""));
    }

    [Fact]
    public async Task What_was_read_can_be_written_back_whole()
    {
        await DoneAsync("CreateCustomer", """{"account":"1001","name":"Acme","feeRateGroup":"retail"}""");
        await DoneAsync("CreateGatewayMapping", """{"name":"cust","remoteIps":"192.0.2.1,192.0.2.2","eaccount":"1001","capacity":30,"rewriteRulesOutCallee":"00:,0:44"}""");
        await DoneAsync("CreateGatewayRouting", """{"name":"carrier","remoteIp":"sip.example.com","prefix":"44","sipPrivacy":2}""");
        await DoneAsync("CreatePhone", """{"autoCreateAccount":false,"e164":"5001","account":"1001","password":"secret-1","lineCapacity":2}""");
        foreach ((string get, string list, string modify) in ((string, string, string)[])[("GetGatewayMapping", "infoGatewayMappings", "ModifyGatewayMapping"), ("GetGatewayRouting", "infoGatewayRoutings", "ModifyGatewayRouting"), ("GetPhone", "infoPhones", "ModifyPhone")])
        {
            int revision = _switch.Host.Configuration.Revision;
            JsonObject read = (await DoneAsync(get))[list]![0]!.AsObject();
            WebContractTests.WebShapes_are_kept(read, WebMethods.Find(get)!.Reply.Fields[0].Shape!);
            JsonObject back = read.DeepClone().AsObject();
            if (modify == "ModifyGatewayMapping") back.Remove("softswitchName");
            await DoneAsync(modify, back.ToJsonString());
            Assert.Equal(read.ToJsonString(), (await DoneAsync(get))[list]![0]!.ToJsonString());
            Assert.True(revision == _switch.Host.Configuration.Revision, $"{modify}: {_switch.Host.Configuration.Audit[^1]}");
        }
        Assert.Equal("secret-1", _switch.Host.Configuration.Current.Configuration.Phones["5001"].Password);
    }

    [Fact]
    public async Task A_phone_without_a_password_gets_one_and_its_account_with_it()
    {
        await DoneAsync("CreateCustomer", """{"account":"1001","name":"Acme","feeRateGroup":"retail"}""");
        JsonObject reply = await DoneAsync("CreatePhone", """{"autoCreateAccount":true,"e164":"5001"}""");
        string password = (string)reply["password"]!;
        Assert.True(password.Length >= 12);
        Assert.Equal((password, "5001"), (_switch.Host.Configuration.Current.Configuration.Phones["5001"].Password, _switch.Host.Configuration.Current.Configuration.Phones["5001"].Account));
        Assert.Equal("", (string?)(await DoneAsync("GetPhone", """{"e164s":["5001"]}"""))["infoPhones"]![0]!["password"]);
        Assert.Empty((await DoneAsync("GetPhoneOnline", """{"e164s":["5001"]}"""))["infoPhoneOnlines"]!.AsArray());
    }

    [Fact]
    public async Task Numbers_are_grouped_transformed_and_fenced()
    {
        await DoneAsync("CreateLimitE164Group", """{"name":"vip"}""");
        await DoneAsync("CreateLimitE164", """{"limitE164GroupName":"vip","infoLimitE164s":[{"e164":"441"},{"e164":"442"},{"e164":"441"}]}""");
        await DoneAsync("DeleteLimitE164", """{"limitE164GroupName":"vip","e164s":["442","999"]}""");
        Assert.Equal("""{"retCode":0,"infoLimitE164s":[{"e164":"441","memo":""}]}""", (await DoneAsync("GetLimitE164", """{"limitE164GroupName":"vip"}""")).ToJsonString());
        Assert.Equal("""{"retCode":0,"infoLimitE164Groups":[{"name":"vip","memo":""}]}""", (await DoneAsync("GetLimitE164Group")).ToJsonString());

        int id = (int)(await DoneAsync("CreateE164Convert", """{"mappingGatewayCallerE164":"5551","e164":"5001","routingGatewayCalleeE164":"5552","memo":"x"}"""))["id"]!;
        await DoneAsync("ModifyE164Convert", $$"""{"id":{{id}},"memo":"y"}""");
        Assert.Equal($$"""[{"id":{{id}},"account":"","e164":"5001","mappingGatewayCallerE164":"5551","routingGatewayCalleeE164":"5552","memo":"y"}]""", (await DoneAsync("GetE164Convert"))["infoE164Converts"]!.ToJsonString());
        await DoneAsync("DeleteE164Convert", $$"""{"id":{{id}}}""");
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("DeleteE164Convert", $$"""{"id":{{id}}}"""));

        await DoneAsync("CreateMobileArea", """{"infoMobileAreas":[{"mobilePrefix":"1380000","areaCode":"010","areaName":"North"},{"mobilePrefix":"1390000","areaCode":"021"}]}""");
        await DoneAsync("DeleteMobileArea", """{"mobilePrefixes":["1390000"]}""");
        Assert.Equal("""[{"mobilePrefix":"1380000","areaCode":"010","areaName":"North","memo":""}]""", (await DoneAsync("GetMobileArea"))["infoMobileAreas"]!.ToJsonString());

        await DoneAsync("CreateIpLimit", """{"ip":"198.51.100.0","count":256}""");
        Assert.Equal(256, _switch.Host.Configuration.Current.Configuration.IpLimits["198.51.100.0"].Count);
        await DoneAsync("DeleteIpLimit", """{"ips":"198.51.100.0"}""");
        Assert.Empty(_switch.Host.Configuration.Current.Configuration.IpLimits);
    }

    [Fact]
    public async Task A_payment_reaches_the_account_behind_its_owner()
    {
        await DoneAsync("CreateCustomer", """{"account":"1001","name":"Acme","feeRateGroup":"retail"}""");
        await DoneAsync("CreateGatewayMapping", """{"name":"cust","remoteIps":"192.0.2.1","account":"1001"}""");
        await DoneAsync("Pay", """{"ownerName":"1001","ownerType":2,"money":10}""");
        JsonObject paid = (await DoneAsync("Pay", """{"ownerName":"cust","ownerType":44,"money":5E-1}"""))["infoPay"]!.AsObject();
        Assert.True((long)paid["validTime"]! > 1_700_000_000_000); // a payment extends it
        paid.Remove("validTime");
        Assert.Equal("""{"account":"1001","money":10.50,"payMoney":0.50}""", paid.ToJsonString());
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("Pay", """{"ownerName":"nobody","ownerType":2,"money":1}"""));
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("Pay", """{"ownerName":"1001","ownerType":9,"money":1}"""));
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("Pay", """{"ownerName":"1001","ownerType":2,"money":0.0000000001}"""));
    }

    [Fact]
    public async Task Calls_of_too_many_days_are_not_searched()
    {
        Assert.Equal((int)WebCode.IntervalTooLong, await CodeAsync("GetCdr", """{"accounts":["1001"],"beginTime":"20200101","endTime":"20261231"}"""));
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("GetCdr", """{"accounts":["1001"],"beginTime":"1 January","endTime":"20261231"}"""));
        Assert.Equal("""{"retCode":0,"infoCdrs":[]}""", (await DoneAsync("GetCdr", """{"accounts":["1001"],"beginTime":"20261101","endTime":"20261102"}""")).ToJsonString());
    }

    [Fact]
    public async Task A_value_that_would_have_no_effect_is_refused_and_nothing_changes()
    {
        int revision = _switch.Host.Configuration.Revision;
        JsonObject reply = await _switch.CallAsync("CreateGatewayRouting", """{"name":"carrier","remoteIp":"192.0.2.9","protocol":2}""");
        Assert.Equal((int)WebCode.NotServed, (int)reply["retCode"]!);
        Assert.Contains("protocol", (string?)reply["exception"], StringComparison.Ordinal);
        Assert.Equal(revision, _switch.Host.Configuration.Revision);
    }

    [Theory]
    [InlineData("text/html;charset=UTF-8")]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task The_content_type_says_nothing(string? type) => Assert.Equal(0, (int)(await _switch.CallAsync("GetPerformance", "{}", type))["retCode"]!);

    [Fact]
    public async Task Both_paths_and_the_blank_of_one_printing_lead_to_the_method()
    {
        Assert.Equal(HttpStatusCode.OK, (await _switch.SendAsync("/external_new/server/GetPerformance", "{}"u8.ToArray())).Status);
        Assert.NotEqual(HttpStatusCode.NotFound, (await _switch.SendAsync("/external/server/Delete%20IpLimit", "{}"u8.ToArray())).Status);
        (HttpStatusCode status, JsonObject reply) = await _switch.SendAsync("/external/server/GetNothing", "{}"u8.ToArray());
        Assert.Equal((HttpStatusCode.NotFound, (int)WebCode.NoSuchMethod), (status, (int)reply["retCode"]!));
    }

    [Fact]
    public async Task An_answer_is_zipped_for_who_asks()
    {
        using var http = new HttpClient { BaseAddress = _switch.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/external/server/GetCurrentCall") { Content = new StringContent("{}") };
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await using var unzipped = new GZipStream(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped, Encoding.UTF8);
        Assert.Equal("""{"retCode":0,"infoCurrentCalls":[]}""", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_larger_than_a_method_takes_is_refused()
    {
        (HttpStatusCode status, JsonObject reply) = await _switch.SendAsync("/external/server/GetPerformance", new byte[2 * 1024 * 1024]);
        Assert.Equal((HttpStatusCode.OK, (int)WebCode.WrongBody), (status, (int)reply["retCode"]!));
    }

    private async Task<JsonObject> DoneAsync(string method, string body = "{}")
    {
        JsonObject reply = await _switch.CallAsync(method, body);
        Assert.True((int)reply["retCode"]! == 0, $"{method}: {reply.ToJsonString()}");
        return reply;
    }

    private async Task<int> CodeAsync(string method, string body) => (int)(await _switch.CallAsync(method, body))["retCode"]!;
}
