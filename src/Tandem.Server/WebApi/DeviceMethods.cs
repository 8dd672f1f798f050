using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Sip.Locating;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>Phones, mapping gateways and routing gateways: created, changed, removed, shown as configured and as they stand.</summary>
internal sealed class DeviceMethods
{
    private const string SwitchName = "Tandem";
    private const int GeneratedPassword = 12;
    private const int DefaultPort = 5060;

    private readonly ApiParts _parts;
    private readonly WebConfiguration _configuration;
    private readonly WebEntity<PhoneConfig> _phones;
    private readonly WebEntity<MappingGatewayConfig> _mapping;
    private readonly WebEntity<RoutingGatewayConfig> _routing;

    public DeviceMethods(ApiParts parts, WebConfiguration configuration)
    {
        _parts = parts;
        _configuration = configuration;
        _phones = WebDevices.Phones();
        _mapping = WebDevices.MappingGateways(account => configuration.Current.Accounts.GetValueOrDefault(account)?.Name ?? "");
        _routing = WebDevices.RoutingGateways();
    }

    public IEnumerable<(string, WebHandler)> All =>
    [
        ("CreatePhone", CreatePhoneAsync), ("ModifyPhone", ModifyPhoneAsync),
        ("DeletePhone", (request, stop) => _configuration.DeleteAsync(_phones, request, stop)),
        ("GetPhone", GetPhone), ("GetPhoneOnline", GetPhoneOnlineAsync), ("GetAllPhoneOnline", GetAllPhoneOnlineAsync),
        ("CreateGatewayMapping", (request, stop) => _configuration.CreateAsync(_mapping, Request("CreateGatewayMapping"), request, stop)),
        ("ModifyGatewayMapping", (request, stop) => _configuration.ModifyAsync(_mapping, Request("ModifyGatewayMapping"), request, stop)),
        ("DeleteGatewayMapping", (request, stop) => _configuration.DeleteAsync(_mapping, request, stop)),
        ("GetGatewayMapping", (request, _) => Show(_mapping, request.Names("names"), "GetGatewayMapping")),
        ("GetGatewayMappingOnline", GetMappingOnlineAsync),
        ("CreateGatewayRouting", (request, stop) => _configuration.CreateAsync(_routing, Request("CreateGatewayRouting"), request, stop, (_, s) => Place(request, s))),
        ("ModifyGatewayRouting", (request, stop) => _configuration.ModifyAsync(_routing, Request("ModifyGatewayRouting"), request, stop, (_, s) => Place(request, s))),
        ("DeleteGatewayRouting", (request, stop) => _configuration.DeleteAsync(_routing, request, stop)),
        ("GetGatewayRouting", (request, _) => Show(_routing, request.Names("names"), "GetGatewayRouting")),
        ("GetGatewayRoutingOnline", GetRoutingOnlineAsync),
    ];

    private async Task<WebReply> CreatePhoneAsync(WebRequest request, CancellationToken stop)
    {
        string password = request.Text("password") is { Length: > 0 } given ? given : RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", GeneratedPassword);
        WebReply done = await _configuration.ChangeAsync(c =>
        {
            string number = request.Text("e164")!;
            if (c.Phones.ContainsKey(number)) return (null, WebReply.Refuse(WebCode.Conflict, $"the phone {number} is there already"));
            JsonObject statement = [];
            if (_phones.Overlay(request.Body, WebShapes.Phone, statement) is { } refused) return (null, refused);
            statement["password"] = password;
            var document = new JsonObject { ["phones"] = new JsonArray(statement) };
            if (request.Boolean("autoCreateAccount") != true) return (document, null);
            string account = request.Text("account") is { Length: > 0 } named ? named : number;
            statement["account"] = account;
            if (c.Accounts.ContainsKey(account)) return (document, null);
            JsonObject opened = new() { ["account"] = account, ["name"] = account };
            if (request.Text("feerateGroup") is { Length: > 0 } group) opened["feeRateGroup"] = group;
            if (CustomerMethods.Currency(c, opened) is { } unknown) return (null, unknown);
            document["accounts"] = new JsonArray(opened);
            return (document, null);
        }, request.By, stop);
        return done.Code == WebCode.Success ? WebReply.With(to => to.WriteString("password", password)) : done;
    }

    private Task<WebReply> ModifyPhoneAsync(WebRequest request, CancellationToken stop) => _configuration.ModifyAsync(_phones, WebShapes.Phone, request, stop);

    private Task<WebReply> GetPhone(WebRequest request, CancellationToken stop)
    {
        IEnumerable<PhoneConfig> found = _configuration.Select(_phones, request.Names("e164s"));
        if (request.Names("accounts") is { } accounts) found = found.Where(p => p.Account is { } account && accounts.Contains(account));
        return Task.FromResult(_phones.List("GetPhone", found));
    }

    private async Task<WebReply> GetPhoneOnlineAsync(WebRequest request, CancellationToken stop)
    {
        IEnumerable<RegistrationView> found = await _parts.Control.RegistrationsAsync(stop);
        if (request.Names("e164s") is { } numbers) found = found.Where(r => numbers.Contains(r.Phone));
        List<RegistrationView> phones = [.. found];
        Dictionary<string, int> calls = phones.Count == 0 ? [] : Count(await _parts.Control.CallsAsync(stop), static c => [c.Caller, c.Callee]);
        return WebReply.With(to =>
        {
            to.WriteStartArray("infoPhoneOnlines");
            foreach (RegistrationView phone in phones)
            {
                to.WriteStartObject();
                to.WriteString("e164", phone.Phone);
                to.WriteNumber("currentCall", calls.GetValueOrDefault(phone.Phone));
                to.WriteString("remoteIp", phone.Source.ToString());
                to.WriteString("localIp", "");
                WebJson.Time(to, "registerTime", phone.Registered);
                WebJson.Time(to, "updateTime", phone.Registered);
                to.WriteNumber("protocol", 1);
                to.WriteNumber("cryptoType", 0);
                to.WriteString("productId", phone.UserAgent);
                to.WriteEndObject();
            }
            to.WriteEndArray();
        });
    }

    private async Task<WebReply> GetAllPhoneOnlineAsync(WebRequest request, CancellationToken stop)
    {
        IReadOnlyList<RegistrationView> phones = await _parts.Control.RegistrationsAsync(stop);
        return WebReply.With(to => WebJson.Texts(to, "e164s", phones.Select(static p => p.Phone)));
    }

    private async Task<WebReply> GetMappingOnlineAsync(WebRequest request, CancellationToken stop)
    {
        GatewaysView gateways = await _parts.Control.GatewaysAsync(stop);
        IReadOnlyList<string>? names = request.Names("names");
        return WebReply.With(to =>
        {
            to.WriteStartArray("infoGatewayMappingOnlines");
            for (int id = 0; id < gateways.MappingGateways.Count; id++)
            {
                MappingGatewayView gateway = gateways.MappingGateways[id];
                if (names?.Contains(gateway.Name) == false) continue;
                to.WriteStartObject();
                to.WriteNumber("id", id + 1);
                to.WriteString("name", gateway.Name);
                to.WriteNumber("currentCall", gateway.CurrentCalls);
                to.WriteNumber("capacity", gateway.Capacity);
                WriteQuality(to, false);
                to.WriteString("remoteIps", string.Join(',', gateway.Addresses));
                WriteStanding(to);
                to.WriteEndObject();
            }
            to.WriteEndArray();
        });
    }

    private async Task<WebReply> GetRoutingOnlineAsync(WebRequest request, CancellationToken stop)
    {
        GatewaysView gateways = await _parts.Control.GatewaysAsync(stop);
        IReadOnlyList<string>? names = request.Names("names");
        SwitchConfiguration configuration = _configuration.Current;
        return WebReply.With(to =>
        {
            to.WriteStartArray("infoGatewayRoutingOnlines");
            for (int id = 0; id < gateways.RoutingGateways.Count; id++)
            {
                GatewayView gateway = gateways.RoutingGateways[id];
                if (names?.Contains(gateway.Name) == false) continue;
                RoutingGatewayConfig? config = configuration.RoutingGateways.GetValueOrDefault(gateway.Name);
                to.WriteStartObject();
                to.WriteNumber("id", id + 1);
                to.WriteString("name", gateway.Name);
                to.WriteString("prefix", config is null ? "" : string.Join(',', config.Prefixes));
                to.WriteNumber("currentCall", gateway.CurrentCalls);
                to.WriteNumber("capacity", gateway.Capacity);
                WriteQuality(to, true);
                to.WriteString("remoteIp", gateway.Addresses.Count > 0 ? gateway.Addresses[0].Split(' ')[^1] : gateway.RemoteIp);
                WriteStanding(to, () =>
                {
                    to.WriteString("registerName", config?.RegisterName ?? "");
                    to.WriteNumber("retryAfter", gateway.RetryAfter);
                });
                to.WriteEndObject();
            }
            to.WriteEndArray();
        });
    }

    private static void WriteQuality(Utf8JsonWriter to, bool routing)
    {
        to.WriteNumber("asr", 0);
        if (routing)
        {
            to.WriteNumber("responseRatio", 0);
            to.WriteNumber("connectedRatio", 0);
        }
        to.WriteNumber("acd", 0);
    }

    private static void WriteStanding(Utf8JsonWriter to, Action? between = null)
    {
        to.WriteString("natIp", "");
        to.WriteString("localIp", "");
        to.WriteNumber("registerTime", 0);
        to.WriteNumber("updateTime", 0);
        to.WriteNumber("keepTime", 0);
        to.WriteNumber("cryptoType", 0);
        between?.Invoke();
        to.WriteString("softswitchName", SwitchName);
        to.WriteString("softswitchIp", "");
    }

    private static WebShape Request(string method) => WebMethods.Find(method)!.Request;

    private Task<WebReply> Show<T>(WebEntity<T> entity, IReadOnlyList<string>? names, string method)
        where T : class =>
        Task.FromResult(entity.List(method, _configuration.Select(entity, names)));

    /// <summary>Address and port stand apart in the Web API and together here.</summary>
    private static WebReply? Place(WebRequest request, JsonObject statement)
    {
        string was = (string?)statement["remoteIp"] ?? "";
        (string host, int port) = WebDevices.Split(was);
        if (request.Text("remoteIp") is { Length: > 0 } given)
        {
            (host, int stated) = WebDevices.Split(given);
            if (stated != 0) port = stated;
        }
        if (request.Integer("signalPort") is { } wanted && wanted != 0) port = wanted;
        if (port is < 0 or > ushort.MaxValue) return WebReply.Refuse(WebCode.WrongParameter, $"signalPort: '{port}' is no port");
        if (host.Length == 0) return WebReply.Refuse(WebCode.MissingParameter, "remoteIp is missing: this switch sends calls to an address or a name");
        bool v6 = host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[');
        string shown = v6 ? $"[{host}]" : host;
        bool name = HostName.TryParse(host, out _, out _);
        statement["remoteIp"] = port == 0 || (name && port == DefaultPort) ? host : string.Create(CultureInfo.InvariantCulture, $"{shown}:{port}");
        return null;
    }

    private static Dictionary<string, int> Count(IEnumerable<CallView> calls, Func<CallView, string[]> keys)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string key in calls.SelectMany(keys)) counts[key] = counts.GetValueOrDefault(key) + 1;
        return counts;
    }
}
