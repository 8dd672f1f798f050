using System.Globalization;
using Tandem.Interop.Peers;
using Tandem.Primitives;

namespace Tandem.Interop.Kamailio;

/// <summary>A kamailio as a carrier: its registrar and its proxy ask for digest ("tandem-7", "open sesame"); its network is one port behind it.</summary>
internal sealed class KamailioCarrier : IDisposable
{
    private readonly ScratchFolder _folder = new();

    /// <summary>Returns once it listens.</summary>
    /// <param name="port">Where it listens.</param>
    /// <param name="switchPort">Whose INVITEs are challenged, and go to the network.</param>
    /// <param name="networkPort">The called ends.</param>
    /// <param name="grantedSeconds">The longest registration it grants.</param>
    /// <param name="stop">Of the test.</param>
    public static async Task<KamailioCarrier> StartAsync(int port, int switchPort, int networkPort, int grantedSeconds, CancellationToken stop)
    {
        var carrier = new KamailioCarrier(port, switchPort, networkPort, grantedSeconds);
        string bound = $":{port:X4} ";
        await Eventually.BeAsync(() => carrier.Process.HasExited || File.ReadLines("/proc/net/udp").Any(line => line.Contains(bound, StringComparison.Ordinal)), "kamailio listens", TimeSpan.FromSeconds(30), stop);
        return carrier;
    }

    private KamailioCarrier(int port, int switchPort, int networkPort, int grantedSeconds)
    {
        string program = PeerProgram.Kamailio;
        Port = port;
        File.WriteAllText(_folder.File("carrier.cfg"), File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kamailio", "carrier.cfg"))
            .Replace("CARRIER_PORT", Text(port), StringComparison.Ordinal)
            .Replace("SWITCH_PORT", Text(switchPort), StringComparison.Ordinal)
            .Replace("NETWORK_PORT", Text(networkPort), StringComparison.Ordinal)
            .Replace("GRANTED_SECONDS", Text(grantedSeconds), StringComparison.Ordinal));
        Process = PeerProcess.Start(program, ["-f", _folder.File("carrier.cfg"), "-DD", "-E", "-m", "64", "-M", "8", "-Y", _folder.Folder("run"), "-P", _folder.File("pid")], []);
    }

    public int Port { get; }

    public PeerProcess Process { get; }

    public NetAddress Address => NetAddress.Parse($"127.0.0.1:{Text(Port)}");

    public void Dispose()
    {
        Process.Dispose();
        _folder.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
