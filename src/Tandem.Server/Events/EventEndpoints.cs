using System.ComponentModel;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Mvc;
using Tandem.Server.Access;
using Tandem.Server.Api;

namespace Tandem.Server.Events;

/// <summary>Events as they happen, by server-sent events (HTML Living Standard §9.2; docs/events.md).</summary>
/// <param name="parts">What is read.</param>
/// <param name="events">Where it is told.</param>
/// <param name="isGood">Whether a token still lets somebody in.</param>
internal sealed class EventEndpoints(ApiParts parts, EventBook events, Func<string, bool> isGood)
{
    /// <summary>So often a reader hears something, were it only that there is nothing.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    private static readonly (string Word, EventTopics Topic)[] Topics = [("calls", EventTopics.Calls), ("alarms", EventTopics.Alarms), ("counters", EventTopics.Counters)];

    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(Endpoints.RefuseUnknownQuery).WithTags("watching");
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        v1.MapGet("/events", Events).Produces<string>(200, "text/event-stream").WithSummary("Calls, alarms and counters as they change")
            .WithDescription("Server-sent events. A slow reader is told how many it lost; with Last-Event-ID it goes on where it was, as far as the switch remembers. Tenants read their calls.");
    }

    private IResult Events(HttpContext http, IHostApplicationLifetime life, [FromQuery, Description("calls, alarms, counters, with commas between")] string? topics, [FromHeader(Name = "Last-Event-ID")] string? lastEventId)
    {
        var reader = new RequestReader();
        EventTopics wanted = EventTopics.None;
        foreach (string word in reader.Required("topics", topics).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            EventTopics topic = Array.Find(Topics, t => t.Word == word).Topic;
            if (topic == EventTopics.None) reader.Wrong("topics", $"'{Configuration.DocumentNode.Printable(word)}' is no topic; there are {string.Join(", ", Topics.Select(static t => t.Word))}");
            wanted |= topic;
        }
        long? after = null;
        if (!string.IsNullOrEmpty(lastEventId))
        {
            if (long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out long id)) after = id;
            else reader.Wrong("Last-Event-ID", "it is the number of an event");
        }
        if (reader.Fault is { } fault) return Problems.Of(fault);
        Asker asker = Asker.Of(http)!;
        if (asker.Role.IsTenant() && wanted != EventTopics.Calls) return Problems.Of(new Fault(FaultKind.Forbidden, $"{asker.Name} may read the calls of account {asker.Account}, and no other events"));
        if (events.Open(wanted, after) is not { } opened) return Problems.Of(new Fault(FaultKind.Unavailable, $"{EventBook.MostReaders} others read events already"));
        string token = http.Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        http.Response.OnCompleted(() =>
        {
            opened.Dispose();
            stop.Dispose();
            return Task.CompletedTask;
        });
        return TypedResults.ServerSentEvents(ReadAsync(opened, asker, token, stop.Token));
    }

    private async IAsyncEnumerable<SseItem<object>> ReadAsync(EventReader reader, Asker asker, string token, [EnumeratorCancellation] CancellationToken stop)
    {
        yield return Item("hello", new HelloEventView(reader.From, string.Join(',', Topics.Where(t => (reader.Topics & t.Topic) != 0).Select(static t => t.Word))));
        Task<bool> more = reader.WaitAsync(stop).AsTask();
        bool counts = (reader.Topics & EventTopics.Counters) != 0;
        if (counts) yield return Item("counters", await parts.Control.StatusAsync(stop));
        while (true)
        {
            Task beat = Task.Delay(Beat, stop);
            Task first = await Task.WhenAny(more, beat);
            if (stop.IsCancellationRequested) yield break;
            if (reader.TakeLost() is > 0 and var lost) yield return Item("lost", new LostEventView(lost));
            if (first == beat)
            {
                if (!isGood(token))
                {
                    yield return Item("over", new OverEventView("the token is not good any more"));
                    yield break;
                }
                yield return counts ? Item("counters", await parts.Control.StatusAsync(stop)) : Item("beat", new object());
                continue;
            }
            while (reader.TryRead(out SwitchEvent? told))
            {
                if (Of(told!, asker) is { } item) yield return item;
            }
            more = reader.WaitAsync(stop).AsTask();
        }
    }

    private SseItem<object>? Of(SwitchEvent told, Asker asker)
    {
        string id = told.Id.ToString(CultureInfo.InvariantCulture);
        switch (told.Data)
        {
            case CallEventView call:
                return TenantViews.Of([call.Call], asker, parts.Control.InForce.Configuration) is [var his] ? new SseItem<object>(call with { Call = his }, "call") { EventId = id } : null;
            default:
                return new SseItem<object>(told.Data, "alarm") { EventId = id };
        }
    }

    private static SseItem<object> Item(string kind, object data) => new(data, kind);
}
