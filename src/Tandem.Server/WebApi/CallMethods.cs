using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.WebApi;

/// <summary>GetCurrentCall and DisconnectCurrentCall.</summary>
internal sealed class CallMethods(ApiParts parts)
{
    public IEnumerable<(string, WebHandler)> All => [("GetCurrentCall", GetCurrentCallAsync), ("DisconnectCurrentCall", DisconnectAsync)];

    /// <summary>The Web API has 32 bits for a call; of two calls in progress with the same number neither is ended by it.</summary>
    public static int NumberOf(CallId call) => (int)(call.Value & int.MaxValue);

    private async Task<WebReply> GetCurrentCallAsync(WebRequest request, CancellationToken stop)
    {
        IReadOnlyList<CallView> calls = await parts.Control.CallsAsync(stop);
        IReadOnlyList<string>? callers = request.Names("callerE164s"), callees = request.Names("calleeE164s");
        string? mapping = request.Text("gatewayMappingName"), routing = request.Text("gatewayRoutingName");
        Instant now = parts.Now();
        return WebReply.With(to =>
        {
            to.WriteStartArray("infoCurrentCalls");
            foreach (CallView call in calls)
            {
                if (callers?.Contains(call.Caller) == false || callees?.Contains(call.Callee) == false) continue;
                if (mapping is { Length: > 0 } && call.CallerGateway != mapping) continue;
                if (routing is { Length: > 0 } && call.CalleeGateway != routing) continue;
                Write(to, call, now);
            }
            to.WriteEndArray();
        });
    }

    private static void Write(Utf8JsonWriter to, CallView call, Instant now)
    {
        to.WriteStartObject();
        to.WriteString("callerE164", call.Caller);
        to.WriteString("calleeE164", call.Callee);
        to.WriteString("callerGatewayId", call.CallerGateway);
        to.WriteString("calleeGatewayId", call.CalleeGateway);
        WebJson.Time(to, "connectedTime", call.Answered ?? default);
        to.WriteNumber("keepTime", call.Answered is { } answered ? (now.Micros - answered.Micros) / 1000 : State(call.State));
        to.WriteString("callCodec", "");
        to.WriteString("callerCodec", "");
        to.WriteString("calleeCodec", "");
        to.WriteString("callerRtpIp", "");
        to.WriteString("calleeRtpIp", "");
        to.WriteNumber("callerReceiveDtmf", 0);
        to.WriteNumber("callerSendDtmf", 0);
        to.WriteNumber("calleeReceiveDtmf", 0);
        to.WriteNumber("calleeSendDtmf", 0);
        Flow(to, "callerInfoRtpFlowAudio", call.CallerMedia);
        Flow(to, "calleeInfoRtpFlowAudio", call.CalleeMedia);
        Flow(to, "callerInfoRtpFlowVideo", null);
        Flow(to, "calleeInfoRtpFlowVideo", null);
        to.WriteString("callerTerminal", "");
        to.WriteString("calleeTerminal", "");
        to.WriteNumber("callerCryptoType", 0);
        to.WriteNumber("calleeCryptoType", 0);
        to.WriteString("callerLocalIp", "");
        to.WriteString("calleeLocalIp", "");
        to.WriteNumber("callId", NumberOf(call.Id));
        to.WriteEndObject();
    }

    private static void Flow(Utf8JsonWriter to, string name, MediaView? media)
    {
        to.WriteStartObject(name);
        to.WriteNumber("rtpPackets", media?.Packets ?? 0);
        to.WriteNumber("rtpBytes", media?.Bytes ?? 0);
        to.WriteNumber("rtpDuration", media is { First: { } first, Last: { } last } ? last.Micros - first.Micros : 0);
        to.WriteEndObject();
    }

    // The states a call has before it is answered, as clients know them.
    private static int State(string state) => state switch
    {
        "arrived" or "authorising" => -7,
        "dialling" => -8,
        "ringing" => -11,
        "ending" => -13,
        _ => -12,
    };

    private async Task<WebReply> DisconnectAsync(WebRequest request, CancellationToken stop)
    {
        ILookup<int, CallId> live = (await parts.Control.CallsAsync(stop)).ToLookup(static c => NumberOf(c.Id), static c => c.Id);
        List<string> faults = [];
        foreach (string id in request.Names("callIds") ?? [])
        {
            CallId[] calls = [.. live[int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)]];
            if (calls.Length == 1 && (await parts.Control.DropAsync(calls[0], request.By, stop)).Fault is null) continue;
            faults.Add(calls.Length > 1 ? $"callId {id} is that of {calls.Length} calls; none of them was ended" : $"callId {id} is not in progress");
        }
        return faults.Count == 0 ? WebReply.Done : WebReply.Refuse(WebCode.NotFound, string.Join("; ", faults));
    }
}
