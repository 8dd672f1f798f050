using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Tandem.Server.WebApi;

namespace Tandem.Tests.Server.WebApi;

/// <summary>Packages, cards, phone books and sounds by the Web API.</summary>
public sealed class WebMoneyTests : IAsyncLifetime
{
    private WebApiSwitch _switch = null!;

    public async ValueTask InitializeAsync()
    {
        _switch = await WebApiSwitch.StartAsync();
        await _switch.ApplyAsync("""{"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.012"}]}]}""");
        await DoneAsync("CreateCustomer", """{"account":"1001","name":"Acme","money":100,"feeRateGroup":"retail"}""");
        await DoneAsync("CreatePhone", """{"autoCreateAccount":false,"e164":"5001","account":"1001"}""");
    }

    public async ValueTask DisposeAsync() => await _switch.DisposeAsync();

    [Fact]
    public async Task A_package_is_created_ordered_by_an_account_and_a_phone_and_read_back()
    {
        const string suite = """{"name":"evening","rentPeriod":1,"rentType":1,"nonholonomicOrder":false,"rentFee":9.9,"minConsumption":0,"lowerConsumption":0,"giftMoney":2,"infoGiftTimes":[{"prefix":"44,49","startTime":"64800","endTime":86400,"giftTime":3600,"billingTime":60,"memo":"after six"}],"memo":"m"}""";
        int id = (int)(await DoneAsync("CreateSuite", suite))["id"]!;
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("CreateSuite", suite));
        JsonObject read = (await DoneAsync("GetSuite", $$"""{"ids":[{{id}}]}"""))["infoSuites"]!.AsArray().Single()!.AsObject();
        Assert.Equal(("evening", 9.9m, 2m), ((string?)read["name"], (decimal)read["rentFee"]!, (decimal)read["giftMoney"]!));
        Assert.Equal("""{"prefix":"44,49","startTime":64800,"endTime":86400,"giftTime":3600,"billingTime":60,"memo":"after six"}""", read["infoGiftTimes"]!.AsArray().Single()!.ToJsonString());

        int first = (int)(await DoneAsync("CreateSuiteOrder", $$"""{"ownerName":"1001","ownerType":2,"suiteId":{{id}},"availableTime":0,"rentPercent":50}"""))["id"]!;
        int second = (int)(await DoneAsync("CreateSuiteOrder", $$"""{"ownerName":"5001","ownerType":6,"suiteId":{{id}},"availableTime":1893456000000,"expireTime":{{long.MaxValue}},"priority":3,"failedProcessMode":2}"""))["id"]!;
        Assert.NotEqual(first, second);
        JsonObject order = (await DoneAsync("GetSuiteOrder", """{"ownerName":"5001","ownerType":6}"""))["infoSuiteOrders"]!.AsArray().Single()!.AsObject();
        Assert.Equal((second, id, 1893456000000, long.MaxValue, 3, 100m), ((int)order["id"]!, (int)order["suiteId"]!, (long)order["availableTime"]!, (long)order["expireTime"]!, (int)order["priority"]!, (decimal)order["rentPercent"]!));
        await DoneAsync("ModifySuiteOrder", $$"""{"id":{{second}},"priority":1}""");
        Assert.Equal(1, (int)(await DoneAsync("GetSuiteOrder", """{"ownerName":"5001","ownerType":6}"""))["infoSuiteOrders"]![0]!["priority"]!);

        Assert.Equal((int)WebCode.Conflict, await CodeAsync("DeleteSuite", $$"""{"id":{{id}}}"""));
        await DoneAsync("DeleteSuiteOrder", $$"""{"id":{{second}}}""");
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("DeleteSuiteOrder", $$"""{"id":{{second}}}"""));
        await DoneAsync("DeleteSuite", $$"""{"id":{{id}},"force":1}""");
        Assert.Empty((await DoneAsync("GetSuite"))["infoSuites"]!.AsArray());
        Assert.Empty((await DoneAsync("GetSuiteOrder", """{"ownerName":"1001","ownerType":2}"""))["infoSuiteOrders"]!.AsArray());
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("CreateSuiteOrder", $$"""{"ownerName":"1001","ownerType":2,"suiteId":{{id}},"availableTime":0}"""));
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("GetSuiteOrder", """{"ownerName":"none","ownerType":2}"""));
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("GetSuiteOrder", """{"ownerName":"1001","ownerType":3}"""));
    }

    [Fact]
    public async Task What_would_need_a_second_person_is_refused_with_a_code_of_its_own_and_nothing_is_done()
    {
        await _switch.ApplyAsync("""{"settings":{"SERVER_PAYMENT_CONFIRM_ABOVE":"50"},"stockCards":[{"pin":"7001","password":"12345678","currency":"USD","money":"60","bitsOfConfig":144},{"pin":"7002","password":"12345678","currency":"USD","money":"60","bitsOfConfig":130}]}""");
        foreach ((string method, string body) in new[]
        {
            ("Pay", """{"ownerName":"1001","ownerType":2,"money":50.01}"""), ("Pay", """{"ownerName":"1001","ownerType":2,"money":-50.01}"""),
            ("CreateCustomer", """{"account":"1002","name":"Rich","money":50.01,"feeRateGroup":"retail"}"""),
            ("PayByPhoneCard", """{"ownerName":"1001","ownerType":2,"pin":"7001","password":"12345678"}"""),
            ("PhoneCardActive", """{"pin":"7002","password":"12345678"}"""),
            ("CreateCdr", """{"billingMode":0,"callerE164":"5001","calleeE164":"44123","billingTime":300000}"""),
        })
        {
            JsonObject reply = await _switch.CallAsync(method, body);
            Assert.True((int)reply["retCode"]! == (int)WebCode.NeedsSecondPerson, $"{method}: {reply.ToJsonString()}");
            Assert.Contains("SERVER_PAYMENT_CONFIRM_ABOVE", (string?)reply["exception"], StringComparison.Ordinal);
        }
        Assert.Equal(["1001"], (await DoneAsync("GetCustomer", """{"accounts":["1001","1002","7002"]}"""))["infoCustomers"]!.AsArray().Select(static c => (string?)c!["account"]));
        await DoneAsync("Pay", """{"ownerName":"1001","ownerType":2,"money":50}""");
        await DoneAsync("CreateCdr", """{"billingMode":0,"callerE164":"5001","calleeE164":"44123","billingTime":600}""");
        Assert.Equal(149.88m, (decimal)(await DoneAsync("GetCustomer", """{"accounts":["1001"]}"""))["infoCustomers"]![0]!["money"]!);
    }

    [Fact]
    public async Task A_package_that_spent_much_less_than_it_promised_is_not_ended_by_one_person()
    {
        await _switch.ApplyAsync("""{"settings":{"SERVER_PAYMENT_CONFIRM_ABOVE":"50"},"packages":[{"name":"talk","rentFee":"1","minConsumption":"60"}],"packageOrders":[{"id":"o1","suite":"talk","account":"1001"}]}""");
        JsonNode? current = null;
        while (current is null) current = (await DoneAsync("GetCurrentSuite", """{"ownerName":"1001","ownerType":2}"""))["infoCurrentSuites"]!.AsArray().FirstOrDefault();
        string ask = $$"""{"id":{{current["id"]}}}""";
        Assert.Equal((int)WebCode.NeedsSecondPerson, await CodeAsync("DeleteCurrentSuite", ask));
        await _switch.ApplyAsync("""{"settings":{"SERVER_PAYMENT_CONFIRM_ABOVE":"60"}}""");
        await DoneAsync("DeleteCurrentSuite", ask);
    }

    [Fact]
    public async Task A_card_gets_a_password_numbers_are_bound_to_it_and_go_with_it()
    {
        JsonObject made = await DoneAsync("CreateActivePhoneCard", """{"pin":"900100","account":"1001","bindLimit":1,"memo":"x"}""");
        Assert.InRange((int)made["password"]!, 10_000_000, 99_999_999);
        await DoneAsync("CreateBindedE164", """{"e164":"4915112345","pin":"900100","rewriteRulesOutCallee":"0:44"}""");
        Assert.NotEqual(0, await CodeAsync("CreateBindedE164", """{"e164":"4915112346","pin":"900100"}"""));
        Assert.NotEqual(0, await CodeAsync("CreateBindedE164", """{"e164":"4915112347","pin":"none"}"""));
        JsonObject bound = (await DoneAsync("GetBindedE164", """{"account":"1001"}"""))["infoBindedE164s"]!.AsArray().Single()!.AsObject();
        Assert.Equal(("4915112345", "900100", "1001", "0:44"), ((string?)bound["e164"], (string?)bound["pin"], (string?)bound["account"], (string?)bound["rewriteRulesOutCallee"]));
        Assert.True((long)bound["bindTime"]! > 1_700_000_000_000);
        JsonObject card = (await DoneAsync("GetActivePhoneCard", """{"accounts":["1001"]}"""))["infoActivePhoneCards"]!.AsArray().Single()!.AsObject();
        Assert.Equal(("900100", "", 1), ((string?)card["pin"], (string?)card["password"], (int)card["bindLimit"]!));
        Assert.Equal(["4915112345"], (await DoneAsync("GetCustomer", """{"accounts":["1001"]}"""))["infoCustomers"]![0]!["bindedE164s"]!.AsArray().Select(static n => (string?)n));
        await DoneAsync("ModifyActivePhoneCard", """{"pin":"900100","bindLimit":5}""");
        await DoneAsync("DeleteActivePhoneCard", """{"pin":"900100"}""");
        Assert.Empty((await DoneAsync("GetBindedE164"))["infoBindedE164s"]!.AsArray());
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("DeleteActivePhoneCard", """{"pin":"900100"}"""));
    }

    [Fact]
    public async Task What_was_paid_is_told_by_account_agent_and_time()
    {
        await DoneAsync("CreateCustomer", """{"account":"2001","name":"Below","feeRateGroup":"retail","agentAccount":"1001"}""");
        JsonObject paid = (await DoneAsync("Pay", """{"ownerName":"2001","ownerType":2,"money":12.5,"memo":"cash"}"""))["infoPay"]!.AsObject();
        Assert.Equal((12.5m, 12.5m), ((decimal)paid["money"]!, (decimal)paid["payMoney"]!));
        await DoneAsync("Pay", """{"ownerName":"2001","ownerType":2,"money":-2.5}""");
        Assert.Equal(["1:-2.5", "0:12.5"], Shown(await DoneAsync("GetPayHistory", $$"""{"account":"2001",{{Today}}}""")));
        Assert.Equal(["1:-2.5", "0:12.5"], Shown(await DoneAsync("GetPayHistory", $$"""{"agentAccount":"1001",{{Today}}}""")));
        Assert.Equal(["1:-2.5", "0:12.5", "2:100"], Shown(await DoneAsync("GetPayHistory", $"{{{Today}}}")));
        Assert.Empty(Shown(await DoneAsync("GetPayHistory", """{"beginTime":"20200101000000","endTime":"20200102000000"}""")));
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("GetPayHistory", """{"beginTime":"20200101","endTime":"20200102000000"}"""));
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("GetPayHistory", """{"beginTime":"20200103000000","endTime":"20200102000000"}"""));
        Assert.Equal((int)WebCode.IntervalTooLong, await CodeAsync("GetPayHistory", """{"beginTime":"20200103000000","endTime":"20240102000000"}"""));
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("GetPayHistory", $$"""{"account":"none",{{Today}}}"""));

        static IEnumerable<string> Shown(JsonObject reply) => reply["infoPayHistorys"]!.AsArray().Select(static p => $"{(int)p!["type"]!}:{(decimal)p["fee"]! / 1.000000000m}");
    }

    [Fact]
    public async Task A_stock_card_recharges_an_account_or_opens_one_and_is_used_once()
    {
        await _switch.ApplyAsync("""{"stockCards":[{"pin":"700","password":"11","currency":"USD","money":"5"},{"pin":"701","password":"12","currency":"USD","money":"7","bitsOfConfig":134,"feeRateGroup":"retail"}]}""");
        JsonObject card = (await DoneAsync("GetPhoneCard", """{"pin":"700","password":"11"}"""))["infoPhoneCard"]!.AsObject();
        Assert.Equal((5m, 144, 0, ""), ((decimal)card["money"]!, (int)card["bitsOfConfig"]!, (long)card["usedTime"]!, (string?)card["usedAccount"]));
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("GetPhoneCard", """{"pin":"700","password":"12"}"""));
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("PayByPhoneCard", """{"ownerName":"5001","ownerType":6,"pin":"700","password":"12"}"""));
        JsonObject paid = (await DoneAsync("PayByPhoneCard", """{"ownerName":"5001","ownerType":6,"pin":"700","password":"11"}"""))["infoPay"]!.AsObject();
        Assert.Equal(("1001", 105m, 5m), ((string?)paid["account"], (decimal)paid["money"]!, (decimal)paid["payMoney"]!));
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("PayByPhoneCard", """{"ownerName":"5001","ownerType":6,"pin":"700","password":"11"}"""));
        await DoneAsync("PhoneCardActive", """{"pin":"701","password":"12","bindedE164":"4915199"}""");
        Assert.Equal("701", (string?)(await DoneAsync("GetBindedE164", """{"pin":"701"}"""))["infoBindedE164s"]!.AsArray().Single()!["account"]);
        JsonObject time = (await DoneAsync("GetAvailableTime", """{"billingName":"4915199","billingMode":2,"calleeE164":"44123"}"""))["InfoAvailableTime"]!.AsObject();
        Assert.Equal(("701", 7m, 35_000), ((string?)time["account"], (decimal)time["accountMoney"]!, (int)time["timeRemain"]!));
        Assert.True((int)(await DoneAsync("GetAvailableTime", """{"billingName":"701","billingMode":4,"calleeE164":"33"}"""))["InfoAvailableTime"]!["timeRemain"]! < 0);
        Assert.Equal(35_000, (int)(await DoneAsync("GetIvrSecondAvailableTime", """{"billingNumber":"701","billingType":2,"calleeE164":"44123","firstE164":"1"}"""))["infoIvrSecondAvailableTime"]!["timeRemain"]!);
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("GetAvailableTime", """{"billingName":"none","billingMode":0,"calleeE164":"44123"}"""));
    }

    [Fact]
    public async Task A_rate_group_is_made_and_described_and_its_rates_are_read()
    {
        await DoneAsync("CreateFeeRateGroup", """{"name":"new","fakeMinute":55,"memo":"for cards"}""");
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("CreateFeeRateGroup", """{"name":"new"}"""));
        await DoneAsync("ModifyFeeRateGroup", """{"name":"new","memo":"for others"}""");
        Assert.Equal(["new:for others", "retail:"], (await DoneAsync("GetFeeRateGroup"))["infoFeeRateGroups"]!.AsArray().Select(static g => $"{(string?)g!["name"]}:{(string?)g["memo"]}"));
        Assert.Equal(55, _switch.Host.Configuration.Current.Configuration.Decks["new"].FakeMinute);
        Assert.Empty((await DoneAsync("GetFeeRate", """{"feeRateGroup":"new"}"""))["infoFeeRates"]!.AsArray());
        await DoneAsync("DeleteFeeRateGroup", """{"name":"new"}""");
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("DeleteFeeRateGroup", """{"name":"new"}"""));
        Assert.NotEqual(0, await CodeAsync("DeleteFeeRateGroup", """{"name":"retail"}"""));
        await _switch.ApplyAsync("""{"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.012"},{"prefix":"4420","area":"London","ratePerMinute":"0.06","connectFee":"0.01","firstInterval":30,"nextInterval":6}]}]}""");
        JsonObject london = (await DoneAsync("GetFeeRate", """{"feeRateGroup":"retail","areaCodes":["4420"]}"""))["infoFeeRates"]!.AsArray().Single()!.AsObject();
        Assert.Equal(("London", 0.006m, 6), ((string?)london["areaName"], (decimal)london["fee"]!, (int)london["period"]!));
        Assert.Equal((0.04m, 30), ((decimal)london["infoFeeRateSections"]![0]!["fee"]!, (int)london["infoFeeRateSections"]![0]!["time"]!));
    }

    [Fact]
    public async Task A_call_made_elsewhere_is_charged_once_and_stands_in_reports()
    {
        await _switch.ApplyAsync("""{"areas":[{"areaCode":"4420","areaName":"London","type":"national"}]}""");
        string start = $"\"startTime\":{DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeMilliseconds()}";
        string call = $$"""{"billingMode":0,"callerE164":"5001","calleeE164":"44201234","billingTime":60,{{start}},"flowNo":77,"calleeIp":"192.0.2.7","endDirection":1}""";
        await DoneAsync("CreateCdr", call);
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("CreateCdr", call));
        Assert.Equal((int)WebCode.MissingParameter, await CodeAsync("CreateCdr", """{"billingMode":1,"calleeE164":"44","billingTime":60}"""));
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("CreateCdr", """{"billingMode":7,"calleeE164":"44","billingTime":60}"""));
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("CreateCdr", """{"billingMode":0,"callerE164":"5001","calleeE164":"44","billingTime":60,"calleeIp":"x"}"""));
        JsonObject customer = (await DoneAsync("GetCustomer", """{"accounts":["1001"]}"""))["infoCustomers"]![0]!.AsObject();
        Assert.Equal((99.988m, 0.012m), ((decimal)customer["money"]!, (decimal)customer["todayConsumption"]!));
        await _switch.Host.Projector.CaughtUpAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        string days = $"\"beginTime\":\"{DateTime.Now.AddDays(-1):yyyyMMdd}\",\"endTime\":\"{DateTime.Now:yyyyMMdd}\"";
        JsonObject cdr = (await DoneAsync("GetCdr", $$"""{"accounts":["1001"],{{days}}}"""))["infoCdrs"]!.AsArray().Single()!.AsObject();
        Assert.Equal((77, 60, 0.012m, 2, 1, "192.0.2.7"), ((long)cdr["flowNo"]!, (int)cdr["feeTime"]!, (decimal)cdr["fee"]!, (int)cdr["calleeBilling"]!, (int)cdr["endDirection"]!, (string?)cdr["calleeip"]));
        JsonObject report = (await DoneAsync("GetReportCustomerFee", $$"""{"accounts":[],"period":-2,{{days}}}"""))["infoReportCustomerFees"]!.AsArray().Single()!.AsObject();
        Assert.Equal(("1001", 1, 0.012m, 60), ((string?)report["account"], (int)report["cdrCount"]!, (decimal)report["totalFee"]!, (int)report["totalTime"]!));
        JsonObject phone = (await DoneAsync("GetReportPhoneFee", $$"""{"account":"1001","e164s":["5001"],"period":30,{{days}}}"""))["infoReportPhoneFees"]!.AsArray().Single()!.AsObject();
        Assert.Equal(("5001", 0.012m), ((string?)phone["e164"], (decimal)phone["totalFee"]!));
        Assert.Single((await DoneAsync("GetReportCustomerLocationFee", $$"""{"account":"1001","period":30,{{days}}}"""))["infoReportCustomerLocationFees"]!.AsArray());
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("GetReportPhoneFee", $$"""{"account":"1001","period":0,{{days}}}"""));
        Assert.Equal((int)WebCode.IntervalTooLong, await CodeAsync("GetReportPhoneFee", """{"account":"1001","period":1,"beginTime":"20200101","endTime":"20250101"}"""));
    }

    [Fact]
    public async Task Package_rents_and_what_is_left_of_gifts_are_told()
    {
        int suite = (int)(await DoneAsync("CreateSuite", """{"name":"evening","rentPeriod":1,"rentType":1,"nonholonomicOrder":false,"rentFee":9.9,"minConsumption":0,"lowerConsumption":0,"giftMoney":2,"infoGiftTimes":[{"prefix":"44","startTime":0,"endTime":86400,"giftTime":3600,"billingTime":60}]}"""))["id"]!;
        int order = (int)(await DoneAsync("CreateSuiteOrder", $$"""{"ownerName":"1001","ownerType":2,"suiteId":{{suite}},"availableTime":0}"""))["id"]!;
        JsonObject current = (await DoneAsync("GetCurrentSuite", """{"ownerName":"1001","ownerType":2}"""))["infoCurrentSuites"]!.AsArray().Single()!.AsObject();
        Assert.Equal((suite, order, 9.9m, 2m, 3600), ((int)current["suiteId"]!, (int)current["suiteOrderId"]!, (decimal)current["rentFee"]!, (decimal)current["giftMoney"]!, (int)current["infoGiftTimes"]![0]!["giftTime"]!));
        Assert.Empty((await DoneAsync("GetCurrentSuite", """{"ownerName":"5001","ownerType":6}"""))["infoCurrentSuites"]!.AsArray());
        JsonObject rent = (await DoneAsync("GetConsumption", $$"""{"account":"1001",{{Today}}}"""))["infoConsumptions"]!.AsArray().Single()!.AsObject();
        Assert.Equal((0, "evening", 9.9m), ((int)rent["type"]!, (string?)rent["consumptionName"], (decimal)rent["money"]!));
        await DoneAsync("DeleteCurrentSuite", $$"""{"id":{{(int)current["id"]!}}}""");
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("DeleteCurrentSuite", $$"""{"id":{{(int)current["id"]!}}}"""));
    }

    private static string Today => $"\"beginTime\":\"{DateTime.Now.AddDays(-1):yyyyMMddHHmmss}\",\"endTime\":\"{DateTime.Now.AddMinutes(1):yyyyMMddHHmmss}\"";

    [Fact]
    public async Task A_phone_book_keeps_its_limit_and_gives_each_short_number_once()
    {
        await DoneAsync("ModifyCustomer", """{"account":"1001","phoneBookLimit":2}""");
        await DoneAsync("CreateCustomerPhoneBook", """{"account":"1001","e164":"4420","shortE164s":["11"],"name":"London","deviceType":2}""");
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("CreateCustomerPhoneBook", """{"account":"1001","e164":"4420","name":"again"}"""));
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("CreateCustomerPhoneBook", """{"account":"1001","e164":"4930","shortE164s":["11","12"]}"""));
        await DoneAsync("CreateCustomerPhoneBook", """{"account":"1001","e164":"4930","shortE164s":["11","12"],"infoCustomerPhoneBookOverWrite":{"e164":0,"shortE164":1}}""");
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("CreateCustomerPhoneBook", """{"account":"1001","e164":"4931"}"""));
        JsonArray book = (await DoneAsync("GetCustomerPhoneBook", """{"account":"1001"}"""))["infoCustomerPhoneBooks"]!.AsArray();
        Assert.Equal(["4420:", "4930:11 12"], book.Select(static e => $"{(string?)e!["e164"]}:{string.Join(' ', e["shortE164s"]!.AsArray().Select(static s => (string?)s))}"));
        Assert.Equal("4930", (string?)(await DoneAsync("GetCustomerPhoneBook", """{"account":"1001","e164":"12"}"""))["infoCustomerPhoneBooks"]!.AsArray().Single()!["e164"]);
        await DoneAsync("ModifyCustomerPhoneBook", """{"account":"1001","e164":"4420","newE164":"4421"}""");
        Assert.Equal("London", (string?)(await DoneAsync("GetCustomerPhoneBook", """{"account":"1001","e164":"4421"}"""))["infoCustomerPhoneBooks"]!.AsArray().Single()!["name"]);
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("DeleteCustomerPhoneBook", """{"account":"1001","e164s":["4421","4420"]}"""));
        await DoneAsync("DeleteCustomerPhoneBook", """{"account":"1001","e164s":["4421","4930"]}""");
        Assert.Empty((await DoneAsync("GetCustomerPhoneBook"))["infoCustomerPhoneBooks"]!.AsArray());
    }

    [Fact]
    public async Task A_sound_is_kept_when_it_is_a_wav_a_telephone_can_play()
    {
        int id = (int)(await DoneAsync("CreateIvrAudio", """{"type":4,"name":"welcome","language":"en"}"""))["id"]!;
        Assert.Equal((int)WebCode.Conflict, await CodeAsync("CreateIvrAudio", """{"type":4,"name":"welcome","language":"en"}"""));
        byte[] wav = Wav(8_000);
        await DoneAsync("ModifyIvrAudioData", $$"""{"id":{{id}},"data":"{{Convert.ToHexString(wav)}}"}""");
        JsonObject audio = (await DoneAsync("GetIvrAudio", $$"""{"ids":[{{id}}],"type":4}"""))["infoIvrAudios"]!.AsArray().Single()!.AsObject();
        Assert.Equal(("welcome", wav.Length), ((string?)audio["name"], (int)audio["size"]!));
        foreach (string data in (string[])["zz", "00", Convert.ToHexString(Wav(16_000)), Convert.ToHexString(wav[..^3])]) Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("ModifyIvrAudioData", $$"""{"id":{{id}},"data":"{{data}}"}"""));
        Assert.Equal((int)WebCode.NotFound, await CodeAsync("ModifyIvrAudioData", $$"""{"id":99,"data":"{{Convert.ToHexString(wav)}}"}"""));
        await DoneAsync("DeleteIvrAudio", $$"""{"id":{{id}}}""");
        Assert.Empty((await DoneAsync("GetIvrAudio"))["infoIvrAudios"]!.AsArray());
    }

    [Fact]
    public async Task Shares_and_periods_of_gateways_and_forwards_of_phones_are_the_objects_they_always_were()
    {
        await DoneAsync("CreateGatewayMapping", """{"name":"cust","remoteIps":"192.0.2.1","eaccount":"1001","proportionCalleePrefixs":[{"proportion":30,"addPrefix":"77"},{"proportion":"20","addPrefix":"78"}]}""");
        Assert.Equal("""[{"proportion":30,"addPrefix":"77"},{"proportion":20,"addPrefix":"78"}]""", (await DoneAsync("GetGatewayMapping"))["infoGatewayMappings"]![0]!["proportionCalleePrefixs"]!.ToJsonString());
        await DoneAsync("CreateGatewayRouting", """{"name":"carrier","remoteIp":"192.0.2.9","scheduledCallinPrefixes":[{"days":[0,6],"beginTime":28800,"endTime":64800,"action":0,"type":1,"prefixes":["44","49"]}]}""");
        Assert.Equal("""[{"days":[0,6],"beginTime":28800,"endTime":64800,"action":0,"type":1,"prefixes":["44","49"]}]""", (await DoneAsync("GetGatewayRouting"))["infoGatewayRoutings"]![0]!["scheduledCallinPrefixes"]!.ToJsonString());
        Assert.Equal((int)WebCode.WrongParameter, await CodeAsync("ModifyGatewayRouting", """{"name":"carrier","scheduledCallinPrefixes":[{"days":[9],"beginTime":1,"endTime":0,"action":0,"type":1,"prefixes":["44"]}]}"""));
        await DoneAsync("ModifyPhone", """{"e164":"5001","infoPhoneValueAdded":{"busyForward":true,"busyForwardE164":{"forwardMethod":3,"alertSecond":20,"e164":"5002,5003"},"periodForwarding":true,"infoPhoneValueAddedPeriodForwardings":[{"weekOfDay":"1,2","beginSecondInDay":0,"endSecondInDay":3600,"forwardE164":{"forwardMethod":0,"e164":"5004"}}]}}""");
        JsonNode value = (await DoneAsync("GetPhone"))["infoPhones"]![0]!["infoPhoneValueAdded"]!;
        Assert.Equal("""{"forwardMethod":3,"alertSecond":20,"e164":"5002,5003"}""", value["busyForwardE164"]!.ToJsonString());
        Assert.Equal("""[{"weekOfDay":"1,2","beginSecondInDay":0,"endSecondInDay":3600,"forwardE164":{"forwardMethod":0,"alertSecond":0,"e164":"5004"}}]""", value["infoPhoneValueAddedPeriodForwardings"]!.ToJsonString());
    }

    private static byte[] Wav(int rate)
    {
        byte[] wav = new byte[44 + 320];
        "RIFF"u8.CopyTo(wav);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(4), wav.Length - 8);
        "WAVEfmt "u8.CopyTo(wav.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(24), rate);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(28), rate * 2);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(34), 16);
        "data"u8.CopyTo(wav.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(40), 320);
        return wav;
    }

    private async Task<JsonObject> DoneAsync(string method, string body = "{}")
    {
        JsonObject reply = await _switch.CallAsync(method, body);
        Assert.True((int)reply["retCode"]! == 0, $"{method}: {reply.ToJsonString()}");
        WebContractTests.WebShapes_are_kept(reply, WebMethods.Find(method)!.Reply);
        return reply;
    }

    private async Task<int> CodeAsync(string method, string body) => (int)(await _switch.CallAsync(method, body))["retCode"]!;
}
