using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Server.Configuration;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>Number groups and their numbers, the number transform table, mobile areas, the geofence.</summary>
internal sealed class NumberMethods
{
    private static readonly FrozenDictionary<string, string> Same = FrozenDictionary<string, string>.Empty;

    private readonly WebConfiguration _configuration;
    private readonly WebEntity<NumberGroupConfig> _groups = new(NumberKinds.NumberGroups, Same, Same);
    private readonly WebEntity<NumberTransformConfig> _transforms = new(NumberKinds.NumberTransforms, Same, Same);
    private readonly WebEntity<MobileAreaConfig> _areas = new(NumberKinds.MobileAreas, Same, Same);
    private readonly WebEntity<IpLimitConfig> _ranges = new(NumberKinds.IpLimits, Same, Same);

    public NumberMethods(WebConfiguration configuration) => _configuration = configuration;

    public IEnumerable<(string, WebHandler)> All =>
    [
        ("CreateLimitE164Group", (request, stop) => _configuration.CreateAsync(_groups, WebMethods.Find("CreateLimitE164Group")!.Request, request, stop)),
        ("ModifyLimitE164Group", (request, stop) => _configuration.ModifyAsync(_groups, WebMethods.Find("ModifyLimitE164Group")!.Request, request, stop)),
        ("DeleteLimitE164Group", (request, stop) => _configuration.DeleteAsync(_groups, request, stop)),
        ("GetLimitE164Group", (request, _) => Task.FromResult(_groups.List("GetLimitE164Group", _configuration.Select(_groups, request.Names("names"))))),
        ("CreateLimitE164", AddNumbersAsync), ("DeleteLimitE164", TakeNumbersAsync), ("GetLimitE164", GetNumbers),
        ("CreateE164Convert", CreateTransformAsync), ("ModifyE164Convert", ModifyTransformAsync), ("DeleteE164Convert", DeleteTransformAsync), ("GetE164Convert", GetTransforms),
        ("CreateMobileArea", CreateAreasAsync), ("DeleteMobileArea", DeleteAreasAsync),
        ("GetMobileArea", (request, _) => Task.FromResult(_areas.List("GetMobileArea", _configuration.Select(_areas, request.Wanted("mobilePrefix") is { } prefix ? [prefix] : null)))),
        ("CreateIpLimit", CreateRangeAsync), ("DeleteIpLimit", DeleteRangesAsync),
    ];

    private Task<WebReply> AddNumbersAsync(WebRequest request, CancellationToken stop) => ChangeNumbersAsync(request, numbers =>
    {
        List<string> added = [.. request.Objects("infoLimitE164s").Select(static n => n.Member("e164")!.Text)];
        return [.. numbers.Concat(added).Distinct(StringComparer.Ordinal)];
    }, stop);

    private Task<WebReply> TakeNumbersAsync(WebRequest request, CancellationToken stop)
    {
        HashSet<string> gone = [.. request.Names("e164s") ?? []];
        return ChangeNumbersAsync(request, numbers => [.. numbers.Where(n => !gone.Contains(n))], stop);
    }

    private Task<WebReply> ChangeNumbersAsync(WebRequest request, Func<IEnumerable<string>, IEnumerable<string>> change, CancellationToken stop) =>
        _configuration.ChangeAsync(c =>
        {
            string name = request.Text("limitE164GroupName")!;
            if (!c.NumberGroups.TryGetValue(name, out NumberGroupConfig? group)) return (null, WebConfiguration.Unknown(_groups, name));
            JsonObject statement = _groups.StatementOf(group);
            statement["numbers"] = new JsonArray([.. change(group.Numbers).Select(static n => (JsonNode)JsonValue.Create(n))]);
            return (Document(_groups, statement), null);
        }, request.By, stop);

    private Task<WebReply> GetNumbers(WebRequest request, CancellationToken stop)
    {
        string name = request.Text("limitE164GroupName")!;
        if (!_configuration.Current.NumberGroups.TryGetValue(name, out NumberGroupConfig? group)) return Task.FromResult(WebConfiguration.Unknown(_groups, name));
        string? wanted = request.Wanted("e164");
        return Task.FromResult(WebReply.With(to =>
        {
            to.WriteStartArray("infoLimitE164s");
            foreach (string number in group.Numbers)
            {
                if (wanted is not null && number != wanted) continue;
                to.WriteStartObject();
                to.WriteString("e164", number);
                to.WriteString("memo", "");
                to.WriteEndObject();
            }
            to.WriteEndArray();
        }));
    }

    private async Task<WebReply> CreateTransformAsync(WebRequest request, CancellationToken stop)
    {
        WebReply done = await _configuration.CreateAsync(_transforms, WebMethods.Find("CreateE164Convert")!.Request, request, stop);
        return done.Code == WebCode.Success ? WebReply.With(to => to.WriteNumber("id", WebIds.Hash(request.Text("e164")!))) : done;
    }

    private Task<WebReply> ModifyTransformAsync(WebRequest request, CancellationToken stop) => _configuration.ChangeAsync(c =>
    {
        if (Transform(c, request) is not { } row) return (null, NoRow(request));
        JsonObject statement = _transforms.StatementOf(row);
        return _transforms.Overlay(request.Body, WebMethods.Find("ModifyE164Convert")!.Request.Without("id"), statement) is { } refused ? (null, refused) : (Document(_transforms, statement), null);
    }, request.By, stop);

    private Task<WebReply> DeleteTransformAsync(WebRequest request, CancellationToken stop) => _configuration.ChangeAsync(c =>
        Transform(c, request) is { } row ? (Removal(_transforms, [row.E164]), null) : (null, NoRow(request)), request.By, stop);

    private static NumberTransformConfig? Transform(SwitchConfiguration configuration, WebRequest request)
    {
        int id = request.Integer("id")!.Value;
        NumberTransformConfig[] rows = [.. configuration.NumberTransforms.Values.Where(t => WebIds.Hash(t.E164) == id).Take(2)];
        return rows.Length == 1 ? rows[0] : null;
    }

    private static WebReply NoRow(WebRequest request) => WebReply.Refuse(WebCode.NotFound, $"there is no row {request.Integer("id")} in the number transform table");

    private Task<WebReply> GetTransforms(WebRequest request, CancellationToken stop)
    {
        SwitchConfiguration configuration = _configuration.Current;
        string? number = request.Wanted("e164"), account = request.Wanted("account");
        return Task.FromResult(WebReply.With(to =>
        {
            to.WriteStartArray("infoE164Converts");
            foreach (NumberTransformConfig row in configuration.NumberTransforms.Values)
            {
                string owner = configuration.Phones.GetValueOrDefault(row.E164)?.Account ?? "";
                if ((number is not null && row.E164 != number) || (account is not null && owner != account)) continue;
                to.WriteStartObject();
                to.WriteNumber("id", WebIds.Hash(row.E164));
                to.WriteString("account", owner);
                _transforms.Write(to, WebShapes.E164Convert.Without("id", "account"), row);
                to.WriteEndObject();
            }
            to.WriteEndArray();
        }));
    }

    private Task<WebReply> CreateAreasAsync(WebRequest request, CancellationToken stop) => _configuration.ChangeAsync(_ =>
    {
        List<JsonNode> rows = [];
        foreach (DocumentNode row in request.Objects("infoMobileAreas"))
        {
            JsonObject statement = [];
            if (_areas.Overlay(row, WebShapes.MobileArea, statement) is { } refused) return (null, refused);
            rows.Add(statement);
        }
        return (new JsonObject { [_areas.Kind.List] = new JsonArray([.. rows]) }, null);
    }, request.By, stop);

    private Task<WebReply> DeleteAreasAsync(WebRequest request, CancellationToken stop) =>
        _configuration.ChangeAsync(_ => (Removal(_areas, request.Names("mobilePrefixes") ?? []), null), request.By, stop);

    private Task<WebReply> CreateRangeAsync(WebRequest request, CancellationToken stop) =>
        _configuration.CreateAsync(_ranges, WebMethods.Find("CreateIpLimit")!.Request, request, stop, static (_, statement) =>
        {
            if ((string?)statement["area"] is not { Length: > 0 }) statement["area"] = "default";
            return null;
        });

    private Task<WebReply> DeleteRangesAsync(WebRequest request, CancellationToken stop) =>
        _configuration.ChangeAsync(_ => (Removal(_ranges, request.Text("ips")!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)), null), request.By, stop);

    private static JsonObject Document<T>(WebEntity<T> entity, JsonObject statement)
        where T : class => new() { [entity.Kind.List] = new JsonArray(statement) };

    private static JsonObject Removal<T>(WebEntity<T> entity, IEnumerable<string> keys)
        where T : class => new() { ["remove"] = new JsonObject { [entity.Kind.List] = new JsonArray([.. keys.Distinct(StringComparer.Ordinal).Select(static k => (JsonNode)JsonValue.Create(k))]) } };
}
