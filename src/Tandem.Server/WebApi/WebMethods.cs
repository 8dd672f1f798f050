using System.Collections.Frozen;
using System.Collections.Immutable;
using static Tandem.Server.WebApi.WebShapes;

namespace Tandem.Server.WebApi;

/// <summary>The methods of the Web API, each declared once. The endpoint, the contract tests and docs/webapi.md are made from this table.</summary>
internal static class WebMethods
{
    private const int AudioBytes = 32 * 1024 * 1024;

    private static readonly WebShape None = WebShape.Empty;
    private static readonly WebShape NewId = WebShape.Of("id:i");
    private static readonly WebShape CallStarted = WebShape.Of("transactionId callIdentifier");

    public static ImmutableArray<WebMethod> All { get; } =
    [
        new("CreateCustomer", "opens an account", CustomerWrite, None),
        new("ModifyCustomer", "changes an account", CustomerWrite.Without("money").Requiring("account"), None),
        new("DeleteCustomer", "cancels an account", WebShape.Of("account*"), None),
        new("GetCustomer", "accounts", WebShape.Of("accounts[] e164s[] filterAgentAccount:AgentFilter type:i", ("AgentFilter", AgentFilter)), ListOf("infoCustomers", Customer)),
        new("GetAllCustomers", "numbers of all accounts, or what they have", WebShape.Of("type:i"), WebShape.Of("accounts[] infoCustomerBriefs:CustomerBrief[]", ("CustomerBrief", CustomerBrief))),

        new("Pay", "books a payment", WebShape.Of("ownerName* ownerType:i* money:d* memo"), ObjectOf("infoPay", WebShapes.Pay)),
        new("GetPayHistory", "payments of some days", WebShape.Of("account agentAccount beginTime* endTime*"), ListOf("infoPayHistorys", PayHistory)),
        new("GetConsumption", "charges that are not calls", WebShape.Of("account agentAccount beginTime* endTime*"), ListOf("infoConsumptions", Consumption)),
        new("PayByPhoneCard", "books the worth of a phone card", WebShape.Of("ownerName* ownerType:i* pin* password memo"), ObjectOf("infoPay", WebShapes.Pay)),
        new("PhoneCardActive", "activates a phone card", WebShape.Of("pin* password bindedE164"), None),

        new("CreatePhone", "creates a phone", WebShape.Of("autoCreateAccount:b*").And(Phone), WebShape.Of("password")),
        new("ModifyPhone", "changes a phone", Phone, None),
        new("DeletePhone", "removes a phone", WebShape.Of("e164*"), None),
        new("GetPhone", "phones", WebShape.Of("e164s[] accounts[]"), ListOf("infoPhones", Phone)),
        new("GetPhoneOnline", "phones that are registered", WebShape.Of("e164s[]"), ListOf("infoPhoneOnlines", PhoneOnline)),
        new("GetAllPhoneOnline", "numbers of all phones that are registered", None, WebShape.Of("e164s[]")),

        new("CreateGatewayMapping", "creates a mapping gateway", MappingGateway.And(WebShape.Of("account")), None),
        new("ModifyGatewayMapping", "changes a mapping gateway", MappingGateway.Without("softswitchName").And(WebShape.Of("account accountName")), None),
        new("DeleteGatewayMapping", "removes a mapping gateway", WebShape.Of("name*"), None),
        new("GetGatewayMapping", "mapping gateways", WebShape.Of("names[]"), ListOf("infoGatewayMappings", MappingGateway.And(WebShape.Of("account accountName")))),
        new("GetGatewayMappingOnline", "mapping gateways as they stand", WebShape.Of("names[] softswitchName"), ListOf("infoGatewayMappingOnlines", MappingGatewayOnline)),

        new("CreateGatewayRouting", "creates a routing gateway", RoutingGateway, None),
        new("ModifyGatewayRouting", "changes a routing gateway", RoutingGateway, None),
        new("DeleteGatewayRouting", "removes a routing gateway", WebShape.Of("name*"), None),
        new("GetGatewayRouting", "routing gateways", WebShape.Of("names[]"), ListOf("infoGatewayRoutings", RoutingGateway)),
        new("GetGatewayRoutingOnline", "routing gateways as they stand", WebShape.Of("names[] softswitchName"), ListOf("infoGatewayRoutingOnlines", RoutingGatewayOnline)),

        new("GetCurrentCall", "calls in progress", WebShape.Of("callerE164s[] calleeE164s[] gatewayMappingName gatewayRoutingName"), ListOf("infoCurrentCalls", CurrentCall)),
        new("DisconnectCurrentCall", "ends calls", WebShape.Of("callIds:i[]*"), None),
        new("DisconnectIvrCall", "ends callbacks", WebShape.Of("callIdentifiers[]*"), None),
        new("CallBack", "calls one end, then the other, and joins them", WebShape.Of("""
            callerE164* callerDisplayNumber calleeE164s* accessE164* accessE164Password* callbackBillingE164 callbackBillingPassword calloutBillingE164
            calloutBillingPassword calloutDisplayInFrom transactionId
            """), CallStarted),
        new("PlayAudio", "calls a number and plays to it", WebShape.Of("""
            audioes* language callerDisplayNumber callee* accessE164* accessE164Password* billingNumber billingNumberType:i transactionId
            """), CallStarted),
        new("ReserveCalleeE164", "tells whom the caller's next call to an access number is for", WebShape.Of("callerE164* calleeE164* accessE164* accessE164Password*"), None),

        new("CreateSuite", "creates a package", SuiteWrite, NewId),
        new("DeleteSuite", "removes a package", WebShape.Of("id:i* force:i"), None),
        new("GetSuite", "packages", WebShape.Of("ids:i[]"), ListOf("infoSuites", Suite)),
        new("CreateSuiteOrder", "orders a package", WebShape.Of("""
            ownerName* ownerType:i* suiteId:i* availableTime:l* expireTime:l priority:i failedProcessMode:i rentPercent:d memo
            """), NewId),
        new("ModifySuiteOrder", "changes an order", WebShape.Of("id:i* expireTime:l priority:i failedProcessMode:i rentPercent:d memo"), None),
        new("DeleteSuiteOrder", "ends an order", WebShape.Of("id:i*"), None),
        new("GetSuiteOrder", "orders of an owner", WebShape.Of("ownerName* ownerType:i*"), ListOf("infoSuiteOrders", SuiteOrder)),
        new("GetCurrentSuite", "packages an owner has now", WebShape.Of("ownerName* ownerType:i*"), ListOf("infoCurrentSuites", CurrentSuite)),
        new("DeleteCurrentSuite", "ends a package an owner has now", WebShape.Of("id:i*"), None),

        new("CreateActivePhoneCard", "creates an active phone card", WebShape.Of("pin* account* password displayE164 bindLimit:i memo"), WebShape.Of("password:i")),
        new("ModifyActivePhoneCard", "changes an active phone card", WebShape.Of("pin* account password displayE164 bindLimit:i memo"), None),
        new("DeleteActivePhoneCard", "removes an active phone card", WebShape.Of("pin*"), None),
        new("GetActivePhoneCard", "active phone cards", WebShape.Of("pins[] accounts[]"), ListOf("infoActivePhoneCards", ActivePhoneCard)),
        new("GetPhoneCard", "a phone card in stock", WebShape.Of("pin* password"), ObjectOf("infoPhoneCard", PhoneCard)),
        new("CreateBindedE164", "binds a number to a card", WebShape.Of("e164* pin* displayE164 rewriteRulesOutCallee:t language memo"), None),
        new("ModifyBindedE164", "changes a bound number", WebShape.Of("e164* pin displayE164 rewriteRulesOutCallee:t language memo"), None),
        new("DeleteBindedE164", "frees a bound number", WebShape.Of("e164*"), None),
        new("GetBindedE164", "bound numbers", WebShape.Of("e164s[] pin account"), ListOf("infoBindedE164s", BindedE164)),

        new("GetFeeRateGroup", "rate groups", WebShape.Of("names[]"), ListOf("infoFeeRateGroups", WebShape.Of("name memo"))),
        new("CreateFeeRateGroup", "creates an empty rate group", WebShape.Of("name* fakeMinute:i memo"), None),
        new("ModifyFeeRateGroup", "changes a rate group", WebShape.Of("name* fakeMinute:i memo"), None),
        new("DeleteFeeRateGroup", "removes a rate group", WebShape.Of("name*"), None),
        new("GetFeeRate", "rates of a group", WebShape.Of("feeRateGroup* areaCodes[]"), ListOf("infoFeeRates", FeeRate)),

        new("GetE164Convert", "rows of the number transform table", WebShape.Of("account e164"), ListOf("infoE164Converts", E164Convert)),
        new("CreateE164Convert", "adds a row", WebShape.Of("mappingGatewayCallerE164* e164* routingGatewayCalleeE164* memo"), NewId),
        new("ModifyE164Convert", "changes a row", WebShape.Of("id:i* mappingGatewayCallerE164 routingGatewayCalleeE164 memo"), None),
        new("DeleteE164Convert", "removes a row", WebShape.Of("id:i*"), None),
        new("CreateLimitE164Group", "creates a number group", WebShape.Of("name* memo"), None),
        new("ModifyLimitE164Group", "changes a number group", WebShape.Of("name* memo"), None),
        new("DeleteLimitE164Group", "removes a number group", WebShape.Of("name*"), None),
        new("GetLimitE164Group", "number groups", WebShape.Of("names[]"), ListOf("infoLimitE164Groups", WebShape.Of("name memo"))),
        new("CreateLimitE164", "adds numbers to a group", WebShape.Of("limitE164GroupName* infoLimitE164s:LimitE164[]*", ("LimitE164", LimitE164)), None),
        new("DeleteLimitE164", "takes numbers out of a group", WebShape.Of("limitE164GroupName* e164s[]*"), None),
        new("GetLimitE164", "numbers of a group", WebShape.Of("limitE164GroupName* e164"), ListOf("infoLimitE164s", LimitE164)),

        new("GetCdr", "finished calls of some days", WebShape.Of("accounts[]* callerE164 calleeE164 callerGateway calleeGateway beginTime* endTime*"), ListOf("infoCdrs", WebShapes.Cdr)),
        new("CreateCdr", "bills a call that was made elsewhere", WebShape.Of("""
            billingMode:i* account callerE164 calleeE164 callerIp callerGatewayId callerProductId callerToGatewayE164 calleeIp calleeGatewayId calleeProductId
            calleeToGatewayE164 startTime:l stopTime:l billingTime:i* endDirection:i endReason:i flowNo:l
            """), None),
        new("GetReportCustomerFee", "what accounts were charged", WebShape.Of("accounts[]* period:i* beginTime* endTime*"), ListOf("infoReportCustomerFees", ReportCustomerFee)),
        new("GetReportPhoneFee", "what phones were charged", WebShape.Of("account* e164s[] period:i* beginTime* endTime*"), ListOf("infoReportPhoneFees", ReportPhoneFee)),
        new("GetReportCustomerLocationFee", "what an account was charged by area", WebShape.Of("account* areaCode period:i* beginTime* endTime*"), ListOf("infoReportCustomerLocationFees", ReportCustomerLocationFee)),

        new("GetCustomerPhoneBook", "an account's phone book", WebShape.Of("account e164"), ListOf("infoCustomerPhoneBooks", PhoneBook)),
        new("CreateCustomerPhoneBook", "adds an entry", WebShape.Of("""
            account* e164 infoCustomerPhoneBookOverWrite:PhoneBookOverWrite shortE164s[] name department deviceType:i addressType:i type:i memo
            """, ("PhoneBookOverWrite", PhoneBookOverWrite)), None),
        new("ModifyCustomerPhoneBook", "changes an entry", WebShape.Of("account* e164* newE164 shortE164s[] name department deviceType:i addressType:i type:i memo"), None),
        new("DeleteCustomerPhoneBook", "removes entries", WebShape.Of("account* e164s[]*"), None),

        new("CreateIvrAudio", "creates an audio", WebShape.Of("type:i* name* language ivrServiceName memo"), NewId),
        new("ModifyIvrAudio", "changes an audio", WebShape.Of("id:i* language ivrServiceName memo"), None),
        new("DeleteIvrAudio", "removes an audio", WebShape.Of("id:i*"), None),
        new("GetIvrAudio", "audios", WebShape.Of("type:i ids:i[]"), ListOf("infoIvrAudios", IvrAudio)),
        new("ModifyIvrAudioData", "brings an audio's sound: a WAV of 8 kHz, 16 bits, mono, in hex", WebShape.Of("id:i* data:x*"), None) { MostBytes = AudioBytes },
        new("GetAvailableTime", "how long a call could last", WebShape.Of("billingName* billingMode:i* calleeE164* calleeEndpointType:i routingGateway calleeToGatewayE164"), ObjectOf("InfoAvailableTime", AvailableTime)),
        new("GetIvrSecondAvailableTime", "how long a second leg could last", WebShape.Of("""
            billingNumber* billingType:i* calleeE164* accessE164 mergeBillingType:i mergeE164 firstE164* firstConnectTime:l firstStopTime:l
            """), ObjectOf("infoIvrSecondAvailableTime", IvrSecondAvailableTime)),

        new("GetSoftSwitch", "the softswitches of this server", None, ListOf("infoSoftSwitches", SoftSwitch)),
        new("GetPerformance", "calls in progress and CDRs that wait for the database", None, ObjectOf("infoPerformance", Performance)),
        new("CreateAlarm", "raises an alarm", WebShape.Of("name* level:i value:d alarmInfo startTime:l stopTime:l upper:d lower:d"), None),
        new("GetAlarmCurrent", "alarms that stand", None, ListOf("infoAlarmCurrents", AlarmCurrent)),
        new("CreateIpLimit", "adds a range of addresses to the geofence", WebShape.Of("area ip* count:i memo"), None),
        new("DeleteIpLimit", "takes ranges out of the geofence", WebShape.Of("ips*"), None),
        new("CreateMobileArea", "adds mobile areas", WebShape.Of("infoMobileAreas:MobileArea[]*", ("MobileArea", MobileArea)), None),
        new("DeleteMobileArea", "removes mobile areas", WebShape.Of("mobilePrefixes[]*"), None),
        new("GetMobileArea", "mobile areas", WebShape.Of("mobilePrefix"), ListOf("infoMobileAreas", MobileArea)),
    ];

    private static readonly FrozenDictionary<string, WebMethod> ByName = All.ToFrozenDictionary(static m => m.Name, StringComparer.Ordinal);

    /// <summary>By the last part of the path; a blank that one printing of the manual has in a name is passed over.</summary>
    public static WebMethod? Find(string name) => ByName.GetValueOrDefault(name.Replace(" ", "", StringComparison.Ordinal));

    private static WebShape ListOf(string name, WebShape shape) => WebShape.Of($"{name}:One[]", ("One", shape));

    private static WebShape ObjectOf(string name, WebShape shape) => WebShape.Of($"{name}:One", ("One", shape));
}
