using System.Text;
using System.Text.Json.Nodes;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>
/// Changes of the configuration by the Web API. A request becomes a document made from the revision in force; when another change came between, it is
/// made again from the new one, so that two writers never lose each other's fields.
/// </summary>
internal sealed class WebConfiguration(ISwitchControl control)
{
    private const int MostTries = 20;

    public SwitchConfiguration Current => control.InForce.Configuration;

    public Task<WebReply> CreateAsync<T>(WebEntity<T> entity, WebShape shape, WebRequest request, CancellationToken stop, Func<SwitchConfiguration, JsonObject, WebReply?>? adjust = null)
        where T : class =>
        ChangeAsync(c => entity.Kind.Of(c).ContainsKey(Key(entity, request))
            ? (null, WebReply.Refuse(WebCode.Conflict, $"the {entity.Kind.Noun} {Key(entity, request)} is there already"))
            : Statement(entity, shape, request, c, null, adjust), request.By, stop);

    public Task<WebReply> ModifyAsync<T>(WebEntity<T> entity, WebShape shape, WebRequest request, CancellationToken stop, Func<SwitchConfiguration, JsonObject, WebReply?>? adjust = null)
        where T : class =>
        ChangeAsync(c => entity.Kind.Of(c).TryGetValue(Key(entity, request), out T? known)
            ? Statement(entity, shape, request, c, known, adjust)
            : (null, Unknown(entity, Key(entity, request))), request.By, stop);

    public Task<WebReply> DeleteAsync<T>(WebEntity<T> entity, WebRequest request, CancellationToken stop)
        where T : class =>
        ChangeAsync(c => entity.Kind.Of(c).ContainsKey(Key(entity, request))
            ? (new JsonObject { ["remove"] = new JsonObject { [entity.Kind.List] = new JsonArray(Key(entity, request)) } }, null)
            : (null, Unknown(entity, Key(entity, request))), request.By, stop);

    /// <summary>Makes a document of the configuration in force and applies it on condition that it still is.</summary>
    public async Task<WebReply> ChangeAsync(Func<SwitchConfiguration, (JsonObject? Document, WebReply? Refused)> make, string by, CancellationToken stop)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            (SwitchConfiguration configuration, int revision) = control.InForce;
            (JsonObject? document, WebReply? refused) = make(configuration);
            if (document is null) return refused!;
            Answer<ApplyView> answer = await control.ApplyAsync(Encoding.UTF8.GetBytes(document.ToJsonString()), dryRun: false, by, stop, revision);
            if (answer.Fault is null) return WebReply.Done;
            if (answer.Fault.Kind != FaultKind.Stale) return WebReply.Of(answer.Fault);
        }
        return WebReply.Refuse(WebCode.Unavailable, "the configuration is being changed by others without pause; send it again");
    }

    /// <summary>Entities by the names asked for, or all; a name that does not exist is passed over.</summary>
    public IEnumerable<T> Select<T>(WebEntity<T> entity, IReadOnlyList<string>? names)
        where T : class =>
        names is null ? entity.Kind.Of(Current).Values : names.Distinct(StringComparer.Ordinal).Select(n => entity.Kind.Of(Current).GetValueOrDefault(n)).OfType<T>();

    public static WebReply Unknown<T>(WebEntity<T> entity, string key)
        where T : class => WebReply.Refuse(WebCode.NotFound, $"there is no {entity.Kind.Noun} {key}");

    private static string Key<T>(WebEntity<T> entity, WebRequest request)
        where T : class => request.Text(entity.Kind.Key.Name)!;

    private static (JsonObject?, WebReply?) Statement<T>(WebEntity<T> entity, WebShape shape, WebRequest request, SwitchConfiguration configuration, T? known, Func<SwitchConfiguration, JsonObject, WebReply?>? adjust)
        where T : class
    {
        JsonObject statement = entity.StatementOf(known);
        if (entity.Overlay(request.Body, shape, statement, known) is { } refused) return (null, refused);
        if (adjust?.Invoke(configuration, statement) is { } unfit) return (null, unfit);
        return (new JsonObject { [entity.Kind.List] = new JsonArray(statement) }, null);
    }
}
