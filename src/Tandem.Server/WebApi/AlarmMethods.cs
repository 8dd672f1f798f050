using System.Globalization;
using Tandem.Primitives;
using Tandem.Server.Alarms;
using Tandem.Server.Api;

namespace Tandem.Server.WebApi;

/// <summary>CreateAlarm and GetAlarmCurrent.</summary>
internal sealed class AlarmMethods(ApiParts parts)
{
    public IEnumerable<(string, WebHandler)> All => [("CreateAlarm", Create), ("GetAlarmCurrent", Get)];

    private Task<WebReply> Create(WebRequest request, CancellationToken stop)
    {
        int level = request.Integer("level") ?? 0;
        if (level is < 0 or > 3) return Task.FromResult(WebReply.Refuse(WebCode.WrongParameter, $"level: '{level}' is not 0 (general), 1 (minor), 2 (major) or 3 (critical)"));
        Instant now = parts.Now();
        string name = request.Text("name")!;
        AlarmCondition condition = new(AlarmKind.Stated, name, request.Wanted("alarmInfo") ?? name, Number("value"), Number("upper"), Number("lower"));
        string? wrong = parts.Alarms.State(condition, (AlarmLevel)level, Moment("startTime") ?? now, Moment("stopTime") ?? Instant.Never, now);
        return Task.FromResult(wrong is null ? WebReply.Done : WebReply.Refuse(WebCode.Conflict, wrong));

        double? Number(string field) => request[field] is { } node ? double.Parse(node.Text, CultureInfo.InvariantCulture) : null;

        Instant? Moment(string field) => request.Long(field) is { } millis and > 0 ? new Instant(millis * 1000) : null;
    }

    private Task<WebReply> Get(WebRequest request, CancellationToken stop) => Task.FromResult(WebReply.List("infoAlarmCurrents", parts.Alarms.Standing, WriteFields));

    /// <summary>The fields of one alarm; the push of alarms has the same.</summary>
    internal static void WriteFields(System.Text.Json.Utf8JsonWriter to, Alarm alarm)
    {
        to.WriteNumber("id", alarm.Id);
        to.WriteNumber("type", (int)alarm.Kind);
        to.WriteNumber("level", (int)alarm.Level);
        to.WriteString("name", alarm.Name.Length > 0 ? alarm.Name : alarm.Kind.ToString());
        WebJson.Time(to, "startTime", alarm.Raised);
        WebJson.Time(to, "stopTime", alarm.Cleared ?? Instant.Never);
        to.WriteNumber("value", alarm.Value ?? 0);
        to.WriteNumber("upper", alarm.Upper ?? 0);
        to.WriteNumber("lower", alarm.Lower ?? 0);
        to.WriteString("confirmUser", alarm.ConfirmedBy);
        WebJson.Time(to, "confirmTime", alarm.Confirmed ?? Instant.Never);
        to.WriteString("memo", alarm.Says);
    }
}
