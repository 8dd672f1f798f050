using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.Hosting;

/// <summary>'tandem what-if' through a running switch: a job, over its own CDRs (docs/what-if.md).</summary>
public sealed class WhatIfTests
{
    private const string Standing = """
        {"decks":[{"name":"sale","currency":"USD","rates":[{"prefix":"44","area":"UK","ratePerMinute":"0.6"}]},{"name":"a","currency":"USD","rates":[{"prefix":"44","area":"UK","ratePerMinute":"0.3"}]},{"name":"b","currency":"USD","rates":[{"prefix":"44","area":"UK","ratePerMinute":"0.2"}]}],
        "accounts":[{"account":"1","currency":"USD","feeRateGroup":"sale"},{"account":"9001","currency":"USD","feeRateGroup":"a","type":"clearing"},{"account":"9002","currency":"USD","feeRateGroup":"b","type":"clearing"}],
        "mappingGateways":[{"name":"acme","remoteIps":["192.0.2.1"],"account":"1"}],
        "routingGateways":[{"name":"a","remoteIp":"203.0.113.1","clearingAccount":"9001","priority":1},{"name":"b","remoteIp":"b.carrier.example","clearingAccount":"9002","priority":2}]}
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_document_is_supposed_over_the_calls_of_the_last_days_and_nothing_is_changed()
    {
        await using Scene scene = await Scene.StartAsync((60, 3, 1), (60, 5, 9)); // the latter too old
        WhatIfView answer = await scene.AskAsync(new WhatIfOrder("""{"routingGateways":[{"name":"b","remoteIp":"b.carrier.example","clearingAccount":"9002","priority":0}]}"""u8.ToArray(), null, null, 7));
        Assert.Equal((3, 3, 3, 0, 0), (answer.Calls, answer.Answered, answer.Moved, answer.Lost, answer.Gained));
        WhatIfRowView total = Assert.Single(answer.Totals);
        Assert.Equal(("USD", "1.80", "0.90", "0.90", "0.60", "1.20", "0.30"), (total.Currency, total.SaleBefore, total.CostBefore, total.MarginBefore, total.CostAfter, total.MarginAfter, total.MarginChange));
        Assert.Contains(answer.Changes, static c => c.Key == "b");
        Assert.Equal(1, scene.Host.Configuration.Revision);
    }

    [Fact]
    public async Task A_deck_is_supposed_without_being_stored()
    {
        await using Scene scene = await Scene.StartAsync((60, 2, 0.5));
        WhatIfView answer = await scene.AskAsync(new WhatIfOrder(null, new DeckImportOrder("sale", Currency.Usd, DryRun: true), "prefix,area,rate_per_min\n44,UK,0.7\n", 1));
        Assert.Equal((2, 0), (answer.Calls, answer.Moved));
        Assert.Equal(("1.20", "1.40", "0.20"), (answer.Totals[0].SaleBefore, answer.Totals[0].SaleAfter, answer.Totals[0].MarginChange));
        Assert.Equal(1, scene.Host.Configuration.Revision);
        Assert.Equal("0.60 USD", (await scene.Host.Control.RouteAsync(new RouteOrder("44207", "acme"), Stop)).Value!.Sale!.RatePerMinute.ToString());
    }

    [Fact]
    public async Task An_empty_document_moves_nothing()
    {
        await using Scene scene = await Scene.StartAsync((7, 4, 1));
        WhatIfView answer = await scene.AskAsync(new WhatIfOrder("{}"u8.ToArray(), null, null, 3));
        Assert.Equal((4, 0, 0, 0), (answer.Calls, answer.Moved, answer.Lost, answer.Gained));
        Assert.Empty(answer.Changes);
        Assert.All(answer.Totals.Concat(answer.Customers).Concat(answer.Carriers), static r => Assert.Equal(r.MarginBefore, r.MarginAfter));
    }

    [Fact]
    public async Task What_apply_would_refuse_is_refused_with_its_lines_and_so_are_wrong_days()
    {
        await using Scene scene = await Scene.StartAsync();
        Fault wrong = (await scene.Host.Control.WhatIfAsync(new WhatIfOrder("{\n\"routingGateways\":[{\"name\":\"b\"}]}"u8.ToArray(), null, null, 1), "test", Stop)).Fault!;
        Assert.Equal("line 2, routingGateways[0].remoteIp: it is missing", Assert.Single(wrong.Errors).ToString());
        Fault deck = (await scene.Host.Control.WhatIfAsync(new WhatIfOrder(null, new DeckImportOrder("sale", Currency.Usd, true), "prefix,rate_per_min\n44,cheap\n", 1), "test", Stop)).Fault!;
        Assert.Equal(2, deck.Errors[0].Line);
        Assert.Equal("days", (await scene.Host.Control.WhatIfAsync(new WhatIfOrder("{}"u8.ToArray(), null, null, 0), "test", Stop)).Fault!.Errors[0].Field);
    }

    [Fact]
    public async Task A_job_is_told_of_cancelled_and_forgotten_only_after_sixteen_more()
    {
        var jobs = new Jobs(static () => new Instant(1), static _ => { });
        var gate = new TaskCompletionSource();
        JobView begun = jobs.Start("what-if", "test", async (progress, stop) =>
        {
            progress.Say(0.25, "a quarter");
            await gate.Task.WaitAsync(stop);
            return "answer";
        }).Value!;
        Answer<JobView> second = jobs.Start("what-if", "test", static async (_, stop) => { await Task.Delay(-1, stop); return ""; });
        Assert.Equal(FaultKind.Unavailable, jobs.Start("what-if", "test", static (_, _) => Task.FromResult<object>("")).Fault?.Kind);
        Assert.Equal(JobState.Cancelled, (await jobs.CancelAsync(second.Value!.Id)).Value!.State);
        gate.SetResult();
        JobView done = (await jobs.CancelAsync(begun.Id)).Value!; // waits; it may have been done already
        Assert.True(done.State is JobState.Done or JobState.Cancelled);
        for (int i = 0; i < Jobs.Kept; i++) await jobs.CancelAsync(jobs.Start("what-if", "test", static (_, _) => Task.FromException<object>(new IOException("the disk is gone"))).Value!.Id);
        Assert.All(jobs.List(), static j => Assert.True(j is { State: JobState.Failed, Says: "the disk is gone" }));
        Assert.Equal(FaultKind.NotFound, jobs.Find(begun.Id).Fault?.Kind);
    }

    private sealed class Scene(DirectoryInfo folder) : IAsyncDisposable
    {
        private int _calls;

        public SwitchHost Host { get; private set; } = null!;

        /// <summary>A switch over calls of its past: of each group so many seconds of talk, so many calls, so many days ago.</summary>
        public static async Task<Scene> StartAsync(params (int Talk, int Count, double DaysAgo)[] past)
        {
            var scene = new Scene(Directory.CreateTempSubdirectory("tandem-what-if-"));
            await scene.RunAsync();
            Assert.Null((await scene.Host.Control.ApplyAsync(Encoding.UTF8.GetBytes(Standing), dryRun: false, "test", Stop)).Fault);
            await scene.Host.DisposeAsync();
            scene.Remember(past); // while it stands: the projector is the only writer there may be
            await scene.RunAsync();
            return scene;
        }

        private async Task RunAsync() => Host = await SwitchHost.Start(new SwitchOptions { DataFolder = folder.FullName, Sip = [NetAddress.Parse("127.0.0.1:0")] }, static _ => { });

        private void Remember((int Talk, int Count, double DaysAgo)[] past)
        {
            using var store = CdrStore.Open(Path.Combine(folder.FullName, "cdr.db"), long.MaxValue, TimeProvider.System, static warning => Assert.Fail(warning));
            foreach ((int talk, int count, double daysAgo) in past)
            {
                Instant start = Instant.FromUtc(DateTime.UtcNow) - TimeSpan.FromDays(daysAgo);
                store.Take(
                [
                    .. Enumerable.Range(0, count).Select(i => new Cdr
                    {
                        Call = CallId.Mint(start, 0, ++_calls),
                        Start = start,
                        Answered = start,
                        Stop = start + TimeSpan.FromSeconds(talk),
                        EndReason = 200,
                        CallerGateway = "acme",
                        CallerAccessE164 = "4930",
                        CalleeAccessE164 = $"44207946{i:0000}",
                        CallerE164 = "4930",
                        CalleeE164 = $"44207946{i:0000}",
                    }),
                ], store.Position);
            }
        }

        public async Task<WhatIfView> AskAsync(WhatIfOrder order)
        {
            JobView job = (await Host.Control.WhatIfAsync(order, "test", Stop)).Value!;
            while (job.State == JobState.Running)
            {
                await Task.Yield();
                job = (await Host.Control.JobAsync(job.Id, Stop)).Value!;
            }
            Assert.True(job.State == JobState.Done, job.Says);
            return Assert.IsType<WhatIfView>(job.Result);
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }
}
