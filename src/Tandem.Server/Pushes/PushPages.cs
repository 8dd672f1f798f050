using System.Buffers;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Alarms;
using Tandem.Server.WebApi;
using Tandem.Switching.Registrations;

namespace Tandem.Server.Pushes;

/// <summary>The pages of the operator's web server and what is posted to each (docs/pushes.md).</summary>
internal static class PushPages
{
    public const string PhoneOnline = "PhoneOnline", CallStateReport = "CallStateReport", CustomerMoneyChange = "CustomerMoneyChange", AlarmCurrentReport = "AlarmCurrentReport";

    public static byte[] Phone(Binding phone, bool online, IEnumerable<string> dids, NetAddress local, Instant at) => Write(to =>
    {
        to.WriteString("e164", phone.Phone.ToString());
        WebJson.Texts(to, "dids", dids);
        to.WriteBoolean("online", online);
        WebJson.Time(to, "eventTime", at);
        to.WriteString("localIp", local.HostString());
        to.WriteNumber("localPort", local.Port);
        to.WriteString("remoteIp", phone.Source.ToString());
        to.WriteString("productId", phone.UserAgent);
    });

    public static byte[] CallState(in CallStateFacts call) => Write(call, static (to, call) =>
    {
        to.WriteNumber("callId", CallMethods.NumberOf(call.Call));
        to.WriteNumber("callState", call.State);
        WebJson.Time(to, "eventTime", call.At);
        to.WriteString("callerE164", call.Caller);
        to.WriteString("calleeE164", call.Callee);
        to.WriteString("callerGatewayId", call.CallerGateway);
        to.WriteString("calleeGatewayId", call.CalleeGateway);
        to.WriteString("callerIp", Host(call.CallerAddress));
        to.WriteString("calleeIp", Host(call.CalleeAddress));
        to.WriteString("callerLocalIp", Host(call.Local));
        to.WriteString("calleeLocalIp", Host(call.Local));
        to.WriteString("transactionId", "");
        to.WriteString("callIdentifier", call.Identifier);
    });

    public static byte[] Money(string account, Money balance) => Write(to =>
    {
        to.WriteString("account", account);
        WebJson.Amount(to, "money", balance.Nanos);
    });

    public static byte[] Alarms(IReadOnlyList<Alarm> alarms) => Write(to =>
    {
        to.WriteStartArray("infoAlarmCurrents");
        foreach (Alarm alarm in alarms)
        {
            to.WriteStartObject();
            AlarmMethods.WriteFields(to, alarm);
            to.WriteEndObject();
        }
        to.WriteEndArray();
    });

    private static string Host(NetAddress address) => address.IsNone ? "" : address.HostString();

    private static byte[] Write(Action<Utf8JsonWriter> fields) => Write(fields, static (to, fields) => fields(to));

    private static byte[] Write<T>(T facts, Action<Utf8JsonWriter, T> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var to = new Utf8JsonWriter(buffer))
        {
            to.WriteStartObject();
            fields(to, facts);
            to.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>What is told of a call's state. The state is the incumbent's number: −18 authenticating, −7 invited, −11 ringing, −12 answered, −13 released; Local is where the switch took the call, the identifier the Call-ID of the caller's leg.</summary>
internal readonly record struct CallStateFacts(CallId Call, int State, Instant At, string Caller, string Callee, string CallerGateway, string CalleeGateway, NetAddress CallerAddress, NetAddress CalleeAddress, NetAddress Local, string Identifier);
