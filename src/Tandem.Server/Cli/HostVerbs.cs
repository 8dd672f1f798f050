using System.Net;
using System.Runtime.InteropServices;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Demo;
using Tandem.Server.Hosting;
using Tandem.Server.Storage;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Snapshots;

namespace Tandem.Server.Cli;

/// <summary>The verbs that start a switch in this process, or read its journal without one.</summary>
internal static class HostVerbs
{
    public static readonly LocalVerbs All = new() { Run = RunAsync, Demo = DemoAsync, CheckOffline = CheckOffline };

    private static async Task<int> RunAsync(RunRequest request, TextWriter output, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true; // politely: calls get their BYE, the journal its last records
            ended.Cancel();
        }
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        void Say(string sentence) => output.WriteLine(sentence);

        await using SwitchHost host = await SwitchHost.Start(request.Switch, Say);
        await using ApiServer api = await ServeAsync(host, request.Http, request.Https, Say);
        Say($"SIP: {string.Join(", ", host.SipBindings)}   API: {api.Address}{(api.SecureAddress is { } secure ? $", {secure}" : "")}   data: {Path.GetFullPath(request.Switch.DataFolder)}");
        if (request.Demo)
        {
            await using var demo = new DemoRun(host, output);
            await demo.ApplyAsync(ended.Token);
            bool carried = await demo.CarryAsync(ended.Token);
            Say(demo.HowToGoOn(api.Address, request.Switch.DataFolder));
            await EndedAsync(ended.Token);
            return carried ? CommandLine.Done : CommandLine.Failed;
        }
        await EndedAsync(ended.Token);
        return CommandLine.Done;
    }

    private static async Task<int> DemoAsync(TextWriter output, CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("tandem-demo-").FullName;
        try
        {
            var options = new SwitchOptions { DataFolder = folder, Sip = [NetAddress.Parse("127.0.0.1:0")] };
            await using SwitchHost host = await SwitchHost.Start(options, output.WriteLine);
            await using var demo = new DemoRun(host, output);
            await demo.ApplyAsync(stop);
            bool carried = await demo.CarryAsync(stop);
            CheckView check = await host.Control.CheckAsync(stop);
            foreach (string difference in check.Differences) await output.WriteLineAsync($"WRONG: {difference}");
            return carried && check.Passed ? CommandLine.Done : CommandLine.Failed;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <exception cref="RefusedException">There is no journal in the folder.</exception>
    /// <exception cref="DataFolderException">The journal is damaged in the middle.</exception>
    private static CheckView CheckOffline(string dataFolder)
    {
        string folder = Path.Combine(dataFolder, Books.JournalFolder);
        if (!Directory.Exists(folder)) throw new RefusedException($"no switch answers, and there is no journal in {dataFolder}");
        using JournalReader reader = JournalReader.InOnePass(folder);
        using BooksFold fold = BooksFold.Whole(reader);
        fold.ReadTo(long.MaxValue);
        BooksReport report = fold.Report();
        return new CheckView(report.IsGreen, reader.Position, report.Records, report.Totals.Sum(static t => t.Accounts), report.OpenCalls, [.. report.Faults, .. report.Differences]);
    }

    internal static Task<ApiServer> ServeAsync(SwitchHost host, IPEndPoint listen, IPEndPoint? https, Action<string> say)
    {
        var parts = new ApiParts
        {
            Control = host.Control,
            Cdrs = host.Cdrs,
            Projector = host.Projector,
            QueryLimits = () => host.Tables.Current.Settings.Query,
            Profit = () => host.Tables.Current.Settings.Billing.Profit,
            Now = host.Clock.Now,
            Authentication = () => host.Tables.Current.Settings.Authentication,
            Audio = new AudioStore(Path.Combine(host.Options.DataFolder, AudioStore.Folder)),
            Money = host.Control,
            Decks = host.Control,
            Alarms = host.Alarms,
            Events = host.Events,
        };
        return ApiServer.StartAsync(listen, host.Options.DataFolder, TokenBook.Open(host.Options.DataFolder, say), parts, say, https, https is null ? null : HttpsCertificate.Of(host.Options, https, say));
    }

    private static async Task EndedAsync(CancellationToken ended)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = ended.Register(() => done.TrySetResult());
        await done.Task;
    }
}
