using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Server.Storage;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>Sounds of voice menus.</summary>
internal sealed class IvrAudioMethods(ApiParts parts, WebConfiguration configuration)
{
    private readonly WebEntity<IvrAudioConfig> _audios = Audios();

    public IEnumerable<(string, WebHandler)> All =>
    [
        ("CreateIvrAudio", CreateAsync), ("ModifyIvrAudio", ModifyAsync), ("DeleteIvrAudio", DeleteAsync), ("GetIvrAudio", Get), ("ModifyIvrAudioData", SetDataAsync),
    ];

    public static WebEntity<IvrAudioConfig> Audios() => new(ServiceKinds.IvrAudios, FrozenDictionary<string, string>.Empty, FrozenDictionary<string, string>.Empty);

    private async Task<WebReply> CreateAsync(WebRequest request, CancellationToken stop)
    {
        int id = 0;
        WebReply done = await configuration.ChangeAsync(c =>
        {
            string name = request.Text("name")!;
            int type = request.Integer("type")!.Value;
            string language = request.Text("language") ?? "";
            if (c.IvrAudios.Values.Any(a => a.Name == name && a.Type == type && a.Language == language)) return (null, WebReply.Refuse(WebCode.Conflict, $"there is an audio '{name}' of type {type} and language '{language}' already"));
            JsonObject statement = [];
            if (_audios.Overlay(request.Body, WebMethods.Find("CreateIvrAudio")!.Request, statement) is { } refused) return (null, refused);
            id = WebIds.Next(c.IvrAudios.Keys);
            statement["id"] = id.ToString(CultureInfo.InvariantCulture);
            return (Document(statement), null);
        }, request.By, stop);
        return done.Code == WebCode.Success ? WebReply.With(to => to.WriteNumber("id", id)) : done;
    }

    private Task<WebReply> ModifyAsync(WebRequest request, CancellationToken stop) => ChangeAsync(request, (audio, statement) =>
        _audios.Overlay(request.Body, WebMethods.Find("ModifyIvrAudio")!.Request.Without("id"), statement, audio), stop);

    private Task<WebReply> DeleteAsync(WebRequest request, CancellationToken stop) => configuration.ChangeAsync(c =>
        WebIds.Find(c.IvrAudios, request.Integer("id")!.Value) is { } audio
            ? (new JsonObject { ["remove"] = new JsonObject { [ServiceKinds.IvrAudios.List] = new JsonArray(audio.Id) } }, null)
            : (null, None(request)), request.By, stop);

    private Task<WebReply> Get(WebRequest request, CancellationToken stop)
    {
        IReadOnlyList<string>? ids = request.Names("ids");
        int? type = request.Integer("type");
        return Task.FromResult(_audios.List("GetIvrAudio", configuration.Current.IvrAudios.Values.Where(a => ids?.Contains(a.Id) != false && (type is null || a.Type == type))));
    }

    private async Task<WebReply> SetDataAsync(WebRequest request, CancellationToken stop)
    {
        byte[] wav;
        try
        {
            wav = Convert.FromHexString(request.Text("data")!);
        }
        catch (FormatException)
        {
            return WebReply.Refuse(WebCode.WrongParameter, "data: it is not hex");
        }
        if (AudioStore.Wrong(wav) is { } wrong) return WebReply.Refuse(WebCode.WrongParameter, $"data: {wrong}");
        if (WebIds.Find(configuration.Current.IvrAudios, request.Integer("id")!.Value) is null) return None(request);
        string content = parts.Audio.Save(wav);
        return await ChangeAsync(request, (_, statement) =>
        {
            statement["content"] = content;
            statement["size"] = wav.Length;
            return null;
        }, stop);
    }

    private Task<WebReply> ChangeAsync(WebRequest request, Func<IvrAudioConfig, JsonObject, WebReply?> change, CancellationToken stop) => configuration.ChangeAsync(c =>
    {
        if (WebIds.Find(c.IvrAudios, request.Integer("id")!.Value) is not { } audio) return (null, None(request));
        JsonObject statement = _audios.StatementOf(audio);
        return change(audio, statement) is { } refused ? (null, refused) : (Document(statement), null);
    }, request.By, stop);

    private static JsonObject Document(JsonObject statement) => new() { [ServiceKinds.IvrAudios.List] = new JsonArray(statement) };

    private static WebReply None(WebRequest request) => WebReply.Refuse(WebCode.NotFound, $"there is no audio {request.Integer("id")}");
}
