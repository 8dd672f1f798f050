using System.Diagnostics.CodeAnalysis;

namespace Tandem.Primitives.Settings;

/// <summary>Where finished calls are reported: <c>IP:port</c>, lines over TCP; an address of HTTP, a webhook; or nowhere. Never changes.</summary>
public sealed record ReportServer
{
    public static readonly ReportServer None = new();

    /// <summary>As the operator wrote it; empty for none.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Of lines over TCP.</summary>
    public NetAddress Address { get; private init; }

    /// <summary>Of a webhook.</summary>
    public Uri? Webhook { get; private init; }

    public bool IsNone => Text.Length == 0;

    public static bool TryParse(string text, [NotNullWhen(true)] out ReportServer? server)
    {
        text = text.Trim();
        server = null;
        if (text.Length == 0) server = None;
        else if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.UserInfo.Length == 0 && url.Fragment.Length == 0) server = new ReportServer { Text = text, Webhook = url };
        }
        else if (NetAddress.TryParse(text, 0, out NetAddress address) && address.Port != 0) server = new ReportServer { Text = text, Address = address };
        return server is not null;
    }

    public override string ToString() => Text;
}
