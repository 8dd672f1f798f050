using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Server.Configuration;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>Packages and their orders.</summary>
internal sealed class PackageMethods
{
    internal const int OwnerAccount = 2;
    internal const int OwnerPhone = 6;

    private readonly WebConfiguration _configuration;
    private readonly WebEntity<PackageConfig> _packages = Packages();
    private readonly WebEntity<PackageOrderConfig> _orders = Orders();

    public PackageMethods(WebConfiguration configuration) => _configuration = configuration;

    public IEnumerable<(string, WebHandler)> All =>
    [
        ("CreateSuite", CreateAsync), ("DeleteSuite", DeleteAsync), ("GetSuite", Get),
        ("CreateSuiteOrder", OrderAsync), ("ModifySuiteOrder", ModifyOrderAsync), ("DeleteSuiteOrder", DeleteOrderAsync), ("GetSuiteOrder", GetOrders),
    ];

    public static WebEntity<PackageConfig> Packages() => new(MoneyKinds.Packages, FrozenDictionary<string, string>.Empty, FrozenDictionary<string, string>.Empty)
    {
        Own = new Dictionary<string, Action<Utf8JsonWriter, string, PackageConfig>>(StringComparer.Ordinal)
        {
            ["id"] = static (to, name, p) => to.WriteNumber(name, WebIds.Of(p.Name)),
        }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    public static WebEntity<PackageOrderConfig> Orders() => new(MoneyKinds.PackageOrders, FrozenDictionary<string, string>.Empty, FrozenDictionary<string, string>.Empty)
    {
        Own = new Dictionary<string, Action<Utf8JsonWriter, string, PackageOrderConfig>>(StringComparer.Ordinal)
        {
            ["id"] = static (to, name, o) => to.WriteNumber(name, WebIds.Of(o.Id)),
            ["suiteId"] = static (to, name, o) => to.WriteNumber(name, WebIds.Of(o.Package)),
            ["ownerName"] = static (to, name, o) => to.WriteString(name, o.Account ?? o.Phone),
            ["ownerType"] = static (to, name, o) => to.WriteNumber(name, o.Account is null ? OwnerPhone : OwnerAccount),
        }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    /// <summary>The account or phone that has packages, as a test of orders; null when there is none of that name and type.</summary>
    internal static (Func<PackageOrderConfig, bool>? Owns, WebReply? Refused) Owner(SwitchConfiguration configuration, WebRequest request)
    {
        string name = request.Text("ownerName")!;
        return request.Integer("ownerType") switch
        {
            OwnerAccount => configuration.Accounts.ContainsKey(name) ? (o => o.Account == name, null) : (null, WebReply.Refuse(WebCode.NotFound, $"there is no account {name}")),
            OwnerPhone => configuration.Phones.ContainsKey(name) ? (o => o.Phone == name, null) : (null, WebReply.Refuse(WebCode.NotFound, $"there is no phone {name}")),
            _ => (null, WebReply.Refuse(WebCode.WrongParameter, $"ownerType: '{request.Integer("ownerType")}' is not 2 (account) or 6 (phone)")),
        };
    }

    private async Task<WebReply> CreateAsync(WebRequest request, CancellationToken stop)
    {
        string name = request.Text("name")!;
        WebReply done = await _configuration.CreateAsync(_packages, WebMethods.Find("CreateSuite")!.Request, request, stop, (c, _) =>
            WebIds.Find(c.Packages, WebIds.Of(name)) is { } other ? WebReply.Refuse(WebCode.Conflict, $"name: the number of '{name}' is that of the package '{other.Name}'; another name is needed") : null);
        return done.Code == WebCode.Success ? WebReply.With(to => to.WriteNumber("id", WebIds.Of(name))) : done;
    }

    private Task<WebReply> DeleteAsync(WebRequest request, CancellationToken stop) => _configuration.ChangeAsync(c =>
    {
        if (WebIds.Find(c.Packages, request.Integer("id")!.Value) is not { } package) return (null, NoPackage(request.Integer("id")!.Value));
        PackageOrderConfig[] orders = [.. c.PackageOrders.Values.Where(o => o.Package == package.Name)];
        if (orders.Length > 0 && request.Integer("force") is not 1) return (null, WebReply.Refuse(WebCode.Conflict, $"{orders.Length} orders are of the package {package.Name}; with force 1 they are ended too"));
        JsonObject remove = new() { ["packages"] = new JsonArray(package.Name) };
        if (orders.Length > 0) remove["packageOrders"] = new JsonArray([.. orders.Select(static o => (JsonNode)JsonValue.Create(o.Id))]);
        return (new JsonObject { ["remove"] = remove }, null);
    }, request.By, stop);

    private Task<WebReply> Get(WebRequest request, CancellationToken stop)
    {
        IReadOnlyList<string>? ids = request.Names("ids");
        return Task.FromResult(_packages.List("GetSuite", _configuration.Current.Packages.Values.Where(p => ids?.Contains(WebIds.Of(p.Name).ToString(CultureInfo.InvariantCulture)) != false)));
    }

    private async Task<WebReply> OrderAsync(WebRequest request, CancellationToken stop)
    {
        int id = 0;
        WebReply done = await _configuration.ChangeAsync(c =>
        {
            if (Owner(c, request).Refused is { } refused) return (null, refused);
            if (WebIds.Find(c.Packages, request.Integer("suiteId")!.Value) is not { } package) return (null, NoPackage(request.Integer("suiteId")!.Value));
            JsonObject statement = [];
            if (_orders.Overlay(request.Body, WebMethods.Find("CreateSuiteOrder")!.Request, statement) is { } unfit) return (null, unfit);
            id = WebIds.Next(c.PackageOrders.Keys);
            statement["id"] = id.ToString(CultureInfo.InvariantCulture);
            statement["suite"] = package.Name;
            statement[request.Integer("ownerType") == OwnerPhone ? "phone" : "account"] = request.Text("ownerName");
            return (new JsonObject { ["packageOrders"] = new JsonArray(statement) }, null);
        }, request.By, stop);
        return done.Code == WebCode.Success ? WebReply.With(to => to.WriteNumber("id", id)) : done;
    }

    private Task<WebReply> ModifyOrderAsync(WebRequest request, CancellationToken stop) => _configuration.ChangeAsync(c =>
    {
        if (WebIds.Find(c.PackageOrders, request.Integer("id")!.Value) is not { } order) return (null, NoOrder(request));
        JsonObject statement = _orders.StatementOf(order);
        return _orders.Overlay(request.Body, WebMethods.Find("ModifySuiteOrder")!.Request, statement, order) is { } refused ? (null, refused) : (new JsonObject { ["packageOrders"] = new JsonArray(statement) }, null);
    }, request.By, stop);

    private Task<WebReply> DeleteOrderAsync(WebRequest request, CancellationToken stop) => _configuration.ChangeAsync(c =>
        WebIds.Find(c.PackageOrders, request.Integer("id")!.Value) is { } order
            ? (new JsonObject { ["remove"] = new JsonObject { ["packageOrders"] = new JsonArray(order.Id) } }, null)
            : (null, NoOrder(request)), request.By, stop);

    private Task<WebReply> GetOrders(WebRequest request, CancellationToken stop)
    {
        (Func<PackageOrderConfig, bool>? owns, WebReply? refused) = Owner(_configuration.Current, request);
        return Task.FromResult(owns is null ? refused! : _orders.List("GetSuiteOrder", _configuration.Current.PackageOrders.Values.Where(owns)));
    }

    private static WebReply NoPackage(int id) => WebReply.Refuse(WebCode.NotFound, $"there is no package {id}");

    private static WebReply NoOrder(WebRequest request) => WebReply.Refuse(WebCode.NotFound, $"there is no order {request.Integer("id")}");
}
