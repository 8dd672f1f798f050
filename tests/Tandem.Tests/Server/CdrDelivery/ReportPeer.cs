using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives.Settings;

namespace Tandem.Tests.Server.CdrDelivery;

/// <summary>A report server of lines that can be made to die or refuse; it remembers what it acknowledged.</summary>
internal sealed class ReportPeer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _accepted = [];
    private volatile int _dies = -1;
    private volatile bool _refuses;

    public ReportPeer()
    {
        _listener.Start();
        Assert.True(ReportServer.TryParse(_listener.LocalEndpoint.ToString()!, out ReportServer? server));
        Server = server;
        _ = WorkAsync();
    }

    public ReportServer Server { get; }

    /// <summary>After so many lines more it closes the connection without an answer; negative: it does not.</summary>
    public int Dies { set => _dies = value; }

    public bool Refuses { get => _refuses; set => _refuses = value; }

    public IReadOnlyList<string> Accepted
    {
        get
        {
            lock (_accepted) return [.. _accepted];
        }
    }

    public void Dispose() => _listener.Stop();

    private async Task WorkAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            using var reader = new StreamReader(client.GetStream());
            try
            {
                while (await reader.ReadLineAsync() is { } line)
                {
                    if (_dies >= 0 && _dies-- == 0) return;
                    if (!_refuses)
                    {
                        lock (_accepted) _accepted.Add(line);
                    }
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(_refuses ? "NO\n" : "OK\n"));
                }
            }
            catch (IOException)
            {
            }
        }
    }
}
