using System.Globalization;

namespace Tandem.Client;

/// <summary>An answer of any length, read as it comes.</summary>
public sealed class TandemDownload : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;

    internal TandemDownload(HttpResponseMessage answer, Stream content)
    {
        _answer = answer;
        Content = content;
    }

    /// <summary>Reading it throws an IOException when the switch breaks it off.</summary>
    public Stream Content { get; }

    /// <summary>How many rows come; null: the switch does not say.</summary>
    public long? Rows => _answer.Headers.TryGetValues("X-Total-Count", out IEnumerable<string>? counts) && long.TryParse(counts.First(), NumberStyles.None, CultureInfo.InvariantCulture, out long rows) ? rows : null;

    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync().ConfigureAwait(false);
        _answer.Dispose();
    }
}
