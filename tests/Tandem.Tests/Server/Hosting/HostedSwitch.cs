using Tandem.Primitives;
using Tandem.Server.Hosting;

namespace Tandem.Tests.Server.Hosting;

/// <summary>A running switch in a folder of its own, for a test; both go with it.</summary>
public abstract class HostedSwitch : IAsyncDisposable
{
    private protected readonly string _folder = Directory.CreateTempSubdirectory("tandem-host-").FullName;
    private protected SwitchHost? _host;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected SwitchOptions Options => new() { DataFolder = _folder, Sip = [NetAddress.Parse("127.0.0.1:0")] };

    public virtual async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts it, also where it ran before.</summary>
    private protected async Task<SwitchHost> HostAsync() => _host = await SwitchHost.Start(Options, static _ => { });
}
