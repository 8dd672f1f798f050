using System.CommandLine;
using Tandem.Client;

namespace Tandem.Server.Cli;

/// <summary>The options of a verb that lists: so many, the page after another, or every page.</summary>
internal sealed class Paging
{
    private readonly Option<string?> _limit = new("--limit") { Description = "At most so many", HelpName = "N" };
    private readonly Option<string?> _cursor = new("--cursor") { Description = "The page after this one", HelpName = "NEXT" };
    private readonly Option<bool> _all = new("--all") { Description = "Every page" };

    /// <summary>A verb that lists by these options.</summary>
    public static ApiVerb Verb<T>(Command command, Func<ApiCall, int?, string?, Task<T>> askAsync, Action<Terminal, T> show)
        where T : class, IPage<T>
    {
        var paging = new Paging();
        paging.AddTo(command);
        return new ApiVerb(command, call => paging.ListAsync(call, askAsync, show));
    }

    public void AddTo(Command command)
    {
        command.Add(_limit);
        command.Add(_cursor);
        command.Add(_all);
    }

    /// <summary>Asks for the page, or all, shows it, and says where it goes on.</summary>
    public async Task<int> ListAsync<T>(ApiCall call, Func<ApiCall, int?, string?, Task<T>> askAsync, Action<Terminal, T> show)
        where T : class, IPage<T>
    {
        int? limit = call.Number(_limit, "limit");
        string? after = call.Of(_cursor);
        T list = call.Of(_all) ? await TandemClient.AllAsync(next => askAsync(call, limit, next ?? after)) : await askAsync(call, limit, after);
        call.Terminal.Show(list, a =>
        {
            show(call.Terminal, a);
            if (a.Next is { } next) call.Terminal.Say($"more: --cursor {next}");
        });
        return CommandLine.Done;
    }
}
