using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tandem.Primitives;
using Tandem.Server.Loops;
using Tandem.Server.Portability;
using Tandem.Switching.Numbers;

namespace Tandem.Tests.Server.Portability;

/// <summary>The asker against a server on loopback.</summary>
public sealed class LrnClientTests : IAsyncLifetime
{
    private readonly LoopClock _clock = new();
    private readonly BlockingCollection<(int Shard, LrnReply Reply)> _replies = [];
    private WebApplication _server = null!;
    private LrnClient _client = null!;
    private int _port;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(static async http =>
        {
            string number = http.Request.Query["number"].ToString();
            (http.Response.StatusCode, string body) = number switch
            {
                "1" => (200, "12015550000\n"),
                "2" => (200, "{\"lrn\": \"+12025550000\", \"spid\": 7}"),
                "3" => (200, ""),
                "4" => (404, "no"),
                "5" => (500, "broken"),
                "6" => (200, "<html>"),
                "7" => (200, "{\"other\": 1}"),
                "8" => (200, new string('1', 9000)),
                _ => (0, ""),
            };
            if (number == "9") await Task.Delay(Timeout.Infinite, http.RequestAborted);
            await http.Response.WriteAsync(body, http.RequestAborted);
        });
        await _server.StartAsync(TestContext.Current.CancellationToken);
        _port = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        _client = new LrnClient(_clock, (shard, reply) => _replies.Add((shard, reply)));
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        _replies.Dispose();
    }

    [Theory]
    [InlineData("1", true, "12015550000")]
    [InlineData("2", true, "12025550000")]
    [InlineData("3", true, "")]
    [InlineData("4", true, "")]
    [InlineData("5", false, "said 500")]
    [InlineData("6", false, "something that is no number")]
    [InlineData("7", false, "something that is no number")]
    [InlineData("8", false, "could not be asked")]
    public void What_the_server_says_is_read(string number, bool known, string expected)
    {
        LrnReply reply = Ask(number, TimeSpan.FromSeconds(20));
        Assert.Equal((known, number), (reply.Answer.Known, reply.Answer.Number.ToString()));
        if (known) Assert.Equal(expected, reply.Answer.Routing.ToString());
        else Assert.Contains(expected, reply.Answer.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_is_silent_is_given_up_in_time_and_one_that_is_not_there_at_once()
    {
        Assert.Contains("did not answer in time", Ask("9", TimeSpan.FromMilliseconds(200)).Answer.Trouble, StringComparison.Ordinal);
        Assert.True(_client.TryAsk(new LrnQuestion(0, 1, 2, DialString.Parse("1"), "127.0.0.1", 9, _clock.Now() + TimeSpan.FromSeconds(20))));
        Assert.Contains("could not be asked", Take().Answer.Trouble, StringComparison.Ordinal);
        Assert.True(_client.TryAsk(new LrnQuestion(0, 1, 2, DialString.Parse("1"), "nowhere", 9, _clock.Now() + TimeSpan.FromSeconds(20))));
        Assert.Contains("'nowhere' is no address", Take().Answer.Trouble, StringComparison.Ordinal);
        Assert.Equal(3, _client.Failed);
    }

    private LrnReply Ask(string number, TimeSpan patience)
    {
        Assert.True(_client.TryAsk(new LrnQuestion(3, 5, 8, DialString.Parse(number), "127.0.0.1", _port, _clock.Now() + patience)));
        LrnReply reply = Take();
        Assert.Equal((5, 8L), (reply.Slot, reply.Stamp));
        return reply;
    }

    private LrnReply Take()
    {
        Assert.True(_replies.TryTake(out (int Shard, LrnReply Reply) taken, TimeSpan.FromSeconds(30)));
        return taken.Reply;
    }
}
