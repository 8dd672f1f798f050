using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Net;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;
using TandemException = Tandem.Client.TandemException;

namespace Tandem.Server.Cli;

/// <summary>How <c>tandem run</c> was asked.</summary>
/// <param name="Switch">The switch itself.</param>
/// <param name="Http">Where the API listens.</param>
/// <param name="Https">Where the API listens encrypted; null: nowhere.</param>
/// <param name="Demo">Carry the sample call with demo data first.</param>
public sealed record RunRequest(SwitchOptions Switch, IPEndPoint Http, IPEndPoint? Https, bool Demo);

/// <summary>The verbs that need no running switch: what the host does for them.</summary>
public sealed record LocalVerbs
{
    /// <summary>Runs the switch until stopped; the exit code.</summary>
    public required Func<RunRequest, TextWriter, CancellationToken, Task<int>> Run { get; init; }

    /// <summary>The sample call alone in a temporary folder; 0 only if it was carried, recorded and charged exactly.</summary>
    public required Func<TextWriter, CancellationToken, Task<int>> Demo { get; init; }

    /// <summary>Folds the journal of a data folder nobody runs on.</summary>
    public required Func<string, CheckView> CheckOffline { get; init; }
}

/// <summary>
/// What an operator types (docs/cli.md). Everything but run, demo and what proves from the journal goes through the HTTP API. Exit codes: 0 done, 1 refused or
/// failed, 2 wrong use; errors are one sentence on the error output.
/// </summary>
public static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUse = 2;

    public static async Task<int> RunAsync(string[] args, LocalVerbs local, TextWriter output, TextWriter error, CancellationToken stop)
    {
        var json = new Option<bool>("--json") { Description = "Answer in JSON, as the API does", Recursive = true };
        var url = new Option<string?>("--url") { Description = "Where the API is [default: what the data folder says, or http://127.0.0.1:8080]", HelpName = "URL", Recursive = true };
        var data = new Option<string>("--data") { Description = "The data folder of the switch; the variable TANDEM_DATA sets it too", HelpName = "DIR", Recursive = true, DefaultValueFactory = static _ => DefaultDataFolder };
        data.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value.Length: 0 }]) result.AddError("--data names no folder");
        });
        var root = new RootCommand("Tandem, a carrier softswitch.") { json, url, data };
        root.SetAction(result => new HelpAction().Invoke(result));

        Command run = RunVerb.Make(data, (request, token) => local.Run(request, output, token), (says) => error.WriteLine($"tandem: {says}"));
        root.Add(run);
        var demo = new Command("demo", "Carry one sample call in a temporary folder; exit 0 only if it was carried, recorded and charged exactly");
        demo.SetAction((_, token) => local.Demo(output, token));
        root.Add(demo);
        var verbs = new ApiVerbs(local.CheckOffline);
        foreach (ApiVerb verb in verbs.All)
        {
            verb.Command.SetAction(async (result, token) =>
            {
                var terminal = new Terminal(output, error, result.GetValue(json));
                using ApiSession session = ApiSession.Open(result.GetValue(url), result.GetValue(data)!);
                return await verb.DoAsync(new ApiCall(session.Api, terminal, result, result.GetValue(data)!, token));
            });
        }
        foreach (Command verb in verbs.Tree) root.Add(verb);
        foreach (Command verb in ProofVerbs.Make(data, result => new Terminal(output, error, result.GetValue(json)))) root.Add(verb);

        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await error.WriteLineAsync($"tandem: {parsed.Errors[0].Message.TrimEnd('.')}. 'tandem {Verb(parsed)}--help' says how it is used.");
            return WrongUse;
        }
        var terminalOfErrors = new Terminal(output, error, parsed.GetValue(json));
        try
        {
            var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, stop);
        }
        catch (RefusedException e)
        {
            terminalOfErrors.Refuse(e.Message, e.Problem);
            return Failed;
        }
        catch (TandemException e)
        {
            terminalOfErrors.Refuse(e.Message, e.Problem);
            return Failed;
        }
        catch (Exception e) when (e is NobodyThereException or HttpRequestException or IOException or UnauthorizedAccessException or Storage.Journal.DataFolderException or StartRefusedException or UnavailableException or Network.PortUnavailableException or Network.Streams.TlsRefusedException)
        {
            terminalOfErrors.Refuse(e.Message.TrimEnd('.'), null);
            return Failed;
        }
        catch (OperationCanceledException)
        {
            terminalOfErrors.Refuse("stopped", null);
            return Failed;
        }
    }

    private static string DefaultDataFolder => Environment.GetEnvironmentVariable("TANDEM_DATA") is { Length: > 0 } folder ? folder : "data";

    // With the verbs above it: "deck import ".
    private static string Verb(ParseResult parsed)
    {
        string verb = "";
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } result; at = at.Parent) verb = $"{result.Command.Name} {verb}";
        return verb;
    }
}
