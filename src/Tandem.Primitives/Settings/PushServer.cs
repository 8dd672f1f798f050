using System.Diagnostics.CodeAnalysis;

namespace Tandem.Primitives.Settings;

/// <summary>The web server that events are pushed to: an http:// or https:// address to which a page's name is added; or none. Never changes.</summary>
public sealed record PushServer
{
    public static readonly PushServer None = new();

    /// <summary>As the operator wrote it; empty for none.</summary>
    public string Text { get; private init; } = "";

    private Uri? Base { get; init; }

    public bool IsNone => Base is null;

    /// <summary>Where a page of it is.</summary>
    public Uri Page(string name) => new(Base!, name);

    public static bool TryParse(string text, [NotNullWhen(true)] out PushServer? server)
    {
        text = text.Trim();
        server = text.Length == 0 ? None : null;
        if (server is not null) return true;
        bool good = Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;
        if (good) server = new PushServer { Text = text, Base = url };
        return good;
    }

    public override string ToString() => Text;
}
