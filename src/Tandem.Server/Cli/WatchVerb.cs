using System.CommandLine;
using System.Text.Json.Nodes;
using Tandem.Client;

namespace Tandem.Server.Cli;

/// <summary><c>tandem watch</c>: what happens, a line each, until it is broken off.</summary>
internal static class WatchVerb
{
    public static ApiVerb Create()
    {
        var topics = new Argument<string>("TOPICS") { Description = "calls, alarms, counters, with commas between", DefaultValueFactory = static _ => "calls,alarms" };
        return new ApiVerb(new Command("watch", "Calls, alarms and counters as they change, until Ctrl+C") { topics }, async call =>
        {
            try
            {
                await foreach (TandemEvent told in call.Api.GetEventsAsync(call.Of(topics), stop: call.Stop))
                {
                    if (told.Kind is "beat") continue;
                    call.Terminal.Show(new JsonObject { ["event"] = told.Kind, ["data"] = told.Data.DeepClone() }, _ => call.Terminal.Say(Line(told.Kind, told.Data)));
                    if (told.Kind is "over") return CommandLine.Failed;
                }
            }
            catch (HttpIOException)
            {
                // told below
            }
            throw new RefusedException("the switch ended the stream");
        });
    }

    private static string Line(string kind, JsonNode data) => kind switch
    {
        "hello" => $"reading {data["topics"]}",
        "call" when data["call"] is { } call => $"{call["id"]} {(string?)call["state"],-11} {call["caller"]} -> {call["callee"]}{(call["calleeGateway"]?.ToString() is { Length: > 0 } by ? $" by {by}" : "")}{(data["endReason"] is { } reason ? $" ({reason} after {call["talkSeconds"]} s)" : "")}",
        "alarm" => $"alarm {data["id"]} {data["level"]}{(data["cleared"] is null ? "" : ", over")}: {data["says"]}",
        "counters" => $"{data["counters"]?["calls.arrived"]} calls arrived, {data["counters"]?["calls.answered"]} answered",
        "lost" => $"{data["count"]} events were lost: this reader was too slow, or too long away",
        _ => $"{kind}: {data.ToJsonString()}",
    };
}
