using System.CommandLine;
using Tandem.Client;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.Cli;

/// <summary>One use of a verb: the API, where to write, what was typed.</summary>
internal sealed record ApiCall(TandemClient Api, Terminal Terminal, ParseResult Typed, string DataFolder, CancellationToken Stop)
{
    public string Of(Argument<string> argument) => Typed.GetRequiredValue(argument);

    public string? Maybe(Argument<string?> argument) => Typed.GetValue(argument);

    public string? Of(Option<string?> option) => Typed.GetValue(option);

    public bool Of(Option<bool> option) => Typed.GetValue(option);

    /// <summary>A time in the API's forms.</summary>
    /// <exception cref="RefusedException">It is none; this, as all of these, in the words the API has for it.</exception>
    public DateTimeOffset? Time(Option<string?> option, string field) => Read(option, (reader, text) => reader.Time(field, text)) is { } at ? At(at) : null;

    /// <summary>A time as decks write it.</summary>
    public DateTimeOffset? Date(Option<string?> option, string field) => Read(option, (reader, text) => reader.Date(field, text)) is { Micros: not 0 } at ? At(at) : null;

    public int? Number(Option<string?> option, string field) => Read(option, (reader, text) => reader.Integer(field, text));

    public bool? Flag(Option<string?> option, string field) => Read(option, (reader, text) => reader.Boolean(field, text));

    private static DateTimeOffset At(Instant at) => new(at.ToUtc(), TimeSpan.Zero);

    private T Read<T>(Option<string?> option, Func<RequestReader, string?, T> read)
    {
        var reader = new RequestReader();
        T value = read(reader, Of(option));
        return reader.Fault is { } fault ? throw new RefusedException(fault.Says, Problems.Document(fault)) : value;
    }
}

/// <summary>A verb that asks the API; answers with the exit code.</summary>
internal sealed record ApiVerb(Command Command, Func<ApiCall, Task<int>> DoAsync);
