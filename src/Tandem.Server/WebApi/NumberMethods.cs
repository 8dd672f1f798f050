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
        ("GetLimitE164Group", (request, _) => List(_groups, _configuration.Select(_groups, request.Names("names")), "GetLimitE164Group")),
        ("CreateLimitE164", AddNumbersAsync), ("DeleteLimitE164", TakeNumbersAsync), ("GetLimitE164", GetNumbers),
        ("CreateE164Convert", CreateTransformAsync), ("ModifyE164Convert", ModifyTransformAsync), ("DeleteE164Convert", DeleteTransformAsync), ("GetE164Convert", GetTransforms),
        ("CreateMobileArea", CreateAreasAsync), ("DeleteMobileArea", DeleteAreasAsync),
        ("GetMobileArea", (request, _) => List(_areas, Wanted(request, "mobilePrefix") is { } prefix ? _configuration.Select(_areas, [prefix]) : _configuration.Select(_areas, null), "GetMobileArea")),
        ("CreateIpLimit", CreateRangeAsync), ("DeleteIpLimit", DeleteRangesAsync),
    ];

    /// <summary>The Web API numbers the rows; ours are known by their platform number. Stable, and the same on every start.</summary>
    public static int IdOf(string e164)
    {
        uint hash = 2166136261;
        foreach (char c in e164) hash = (hash ^ c) * 16777619;
        return (int)(hash & int.MaxValue);
    }

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
        string? wanted = Wanted(request, "e164");
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
        return done.Code == WebCode.Success ? WebReply.With(to => to.WriteNumber("id", IdOf(request.Text("e164")!))) : done;
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
        NumberTransformConfig[] rows = [.. configuration.NumberTransforms.Values.Where(t => IdOf(t.E164) == id).Take(2)];
        return rows.Length == 1 ? rows[0] : null;
    }

    private static WebReply NoRow(WebRequest request) => WebReply.Refuse(WebCode.NotFound, $"there is no row {request.Integer("id")} in the number transform table");

    private Task<WebReply> GetTransforms(WebRequest request, CancellationToken stop)
    {
        SwitchConfiguration configuration = _configuration.Current;
        string? number = Wanted(request, "e164"), account = Wanted(request, "account");
        return Task.FromResult(WebReply.With(to =>
        {
            to.WriteStartArray("infoE164Converts");
            foreach (NumberTransformConfig row in configuration.NumberTransforms.Values)
            {
                string owner = configuration.Phones.GetValueOrDefault(row.E164)?.Account ?? "";
                if ((number is not null && row.E164 != number) || (account is not null && owner != account)) continue;
                to.WriteStartObject();
                to.WriteNumber("id", IdOf(row.E164));
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

    private static Task<WebReply> List<T>(WebEntity<T> entity, IEnumerable<T> found, string method)
        where T : class
    {
        WebField list = WebMethods.Find(method)!.Reply.Fields[0];
        return Task.FromResult(WebReply.With(to =>
        {
            to.WriteStartArray(list.Name);
            foreach (T one in found)
            {
                to.WriteStartObject();
                entity.Write(to, list.Shape!, one);
                to.WriteEndObject();
            }
            to.WriteEndArray();
        }));
    }

    private static JsonObject Document<T>(WebEntity<T> entity, JsonObject statement)
        where T : class => new() { [entity.Kind.List] = new JsonArray(statement) };

    private static JsonObject Removal<T>(WebEntity<T> entity, IEnumerable<string> keys)
        where T : class => new() { ["remove"] = new JsonObject { [entity.Kind.List] = new JsonArray([.. keys.Distinct(StringComparer.Ordinal).Select(static k => (JsonNode)JsonValue.Create(k))]) } };

    private static string? Wanted(WebRequest request, string name) => request.Text(name) is { Length: > 0 } text ? text : null;
}
