using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Server.Api;
using Tandem.Server.Events;
using Tandem.Tests.Server.Api;

namespace Tandem.Tests.Server.Events;

/// <summary>Server-sent events over HTTP (docs/events.md).</summary>
public sealed class EventEndpointsTests : IAsyncLifetime
{
    private readonly EventBook _events = new();
    private ApiInMemory _api = null!;
    private bool _stopped;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiInMemory.StartAsync(parts => parts with { Events = _events });

    public ValueTask DisposeAsync() => _stopped ? ValueTask.CompletedTask : _api.DisposeAsync();

    [Fact]
    public async Task A_reader_hears_what_it_is_told_first_then_counters_then_what_happens()
    {
        await using EventStream stream = await OpenAsync(_api.Http, "calls,counters");
        Assert.Equal("calls,counters", (string?)(await stream.NextAsync("hello"))["topics"]);
        Assert.NotNull((await stream.NextAsync("counters"))["counters"]);
        _events.Tell(EventTopics.Calls, new CallEventView(Call("1001"), null));
        JsonNode call = await stream.NextAsync("call");
        Assert.Equal(("answered", "1001", null), ((string?)call["call"]!["state"], (string?)call["call"]!["account"], call["endReason"]));
        Assert.Equal("1", stream.LastId);
    }

    [Fact]
    public async Task A_reader_that_comes_back_goes_on_where_it_was()
    {
        await using (EventStream first = await OpenAsync(_api.Http, "calls"))
        {
            await first.NextAsync("hello");
            _events.Tell(EventTopics.Calls, new CallEventView(Call("1001"), null));
            await first.NextAsync("call");
            _events.Tell(EventTopics.Calls, new CallEventView(Call("2001"), 200));
        }
        await using EventStream second = await OpenAsync(_api.Http, "calls", after: "1");
        await second.NextAsync("hello");
        Assert.Equal("2001", (string?)(await second.NextAsync("call"))["call"]!["account"]);
    }

    [Fact]
    public async Task A_tenant_hears_of_his_calls_alone_and_nothing_of_carriers()
    {
        using HttpClient tenant = await KeyAsync("1001");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(tenant, "?topics=alarms"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(tenant, "?topics=calls,counters"));
        await using EventStream stream = await OpenAsync(tenant, "calls");
        await stream.NextAsync("hello");
        _events.Tell(EventTopics.Calls, new CallEventView(Call("2001"), null));
        _events.Tell(EventTopics.Calls, new CallEventView(Call("1001"), null));
        JsonNode call = (await stream.NextAsync("call"))["call"]!;
        Assert.Equal(("1001", "", 0), ((string?)call["account"], (string?)call["calleeGateway"], (int?)call["attempts"]));
    }

    [Theory]
    [InlineData("", "is missing")]
    [InlineData("?topics=", "is missing")]
    [InlineData("?topics=calls,weather", "'weather' is no topic")]
    [InlineData("?topic=calls", "topic")]
    public async Task What_is_wrong_is_told_before_anything_is_streamed(string query, string says)
    {
        using HttpResponseMessage response = await _api.Http.GetAsync("/v1/events" + query, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(says, await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(EventTopics.None, _events.Wanted);
    }

    [Fact]
    public async Task More_readers_than_may_be_are_refused_and_a_server_that_stops_ends_the_streams()
    {
        EventReader[] others = [.. Enumerable.Range(0, EventBook.MostReaders - 1).Select(_ => _events.Open(EventTopics.Alarms)!)];
        await using EventStream stream = await OpenAsync(_api.Http, "alarms");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(_api.Http, "?topics=alarms"));
        foreach (EventReader other in others) other.Dispose();
        await stream.NextAsync("hello");
        await _api.DisposeAsync();
        _stopped = true;
        Assert.False(await stream.MoreAsync());
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string query)
    {
        using HttpResponseMessage response = await http.GetAsync("/v1/events" + query, HttpCompletionOption.ResponseHeadersRead, Stop);
        return response.StatusCode;
    }

    private async Task<HttpClient> KeyAsync(string account)
    {
        using var body = new StringContent($$"""{"name":"tenant","role":"customer","account":"{{account}}"}""", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage made = await _api.Http.PostAsync("/v1/keys", body, Stop);
        string token = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync(Stop))!["key"]!;
        return new HttpClient { BaseAddress = _api.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    private static CallView Call(string account) => new()
    {
        Id = new CallId(7), State = "answered", Arrived = new Instant(1), TalkSeconds = 1, Caller = "4930", Callee = "44", CallerGateway = "customer", CalleeGateway = "carrier", Account = account, Attempts = 2,
    };

    private static async Task<EventStream> OpenAsync(HttpClient http, string topics, string? after = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/events?topics={topics}");
        if (after is not null) request.Headers.Add("Last-Event-ID", after);
        HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new EventStream(response, SseParser.Create(await response.Content.ReadAsStreamAsync(Stop)).EnumerateAsync(Stop).GetAsyncEnumerator(Stop));
    }

    private sealed record EventStream(HttpResponseMessage Response, IAsyncEnumerator<SseItem<string>> Items) : IAsyncDisposable
    {
        public string? LastId => Items.Current.EventId;

        public async Task<JsonNode> NextAsync(string kind)
        {
            do Assert.True(await Items.MoveNextAsync());
            while (Items.Current.EventType == "beat" && kind != "beat");
            Assert.Equal(kind, Items.Current.EventType);
            return JsonNode.Parse(Items.Current.Data)!;
        }

        public async Task<bool> MoreAsync()
        {
            try
            {
                return await Items.MoveNextAsync();
            }
            catch (HttpIOException)
            {
                return false;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Items.DisposeAsync();
            Response.Dispose();
        }
    }
}
