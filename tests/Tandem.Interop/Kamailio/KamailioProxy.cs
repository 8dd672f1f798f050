using System.Globalization;
using Tandem.Interop.Peers;
using Tandem.Primitives;

namespace Tandem.Interop.Kamailio;

/// <summary>
/// A kamailio that stands between the switch and everybody else: what comes to its outer port goes to the switch, what comes to its inner port goes
/// to the carrier, and it stays in the way of each dialog by Record-Route.
/// </summary>
internal sealed class KamailioProxy : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private KamailioProxy(int outer, int inner, NetAddress @switch, int carrier, bool tcp)
    {
        string program = PeerProgram.Kamailio;
        Outer = outer;
        Inner = inner;
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kamailio", "edge.cfg"))
            .Replace("OUTER_PORT", outer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("INNER_PORT", inner.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("SWITCH_ADDRESS", @switch.ToString() + (tcp ? ";transport=tcp" : ""), StringComparison.Ordinal)
            .Replace("CARRIER_ADDRESS", $"127.0.0.1:{carrier.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal);
        if (tcp)
        {
            text = text.Replace("disable_tcp=yes", "disable_tcp=no", StringComparison.Ordinal)
                .Replace($"listen=udp:127.0.0.1:{outer}\n", $"listen=udp:127.0.0.1:{outer}\nlisten=tcp:127.0.0.1:{outer}\n", StringComparison.Ordinal)
                .Replace($"listen=udp:127.0.0.1:{inner}\n", $"listen=udp:127.0.0.1:{inner}\nlisten=tcp:127.0.0.1:{inner}\n", StringComparison.Ordinal);
        }
        File.WriteAllText(_folder.File("edge.cfg"), text);
        Process = PeerProcess.Start(program, ["-f", _folder.File("edge.cfg"), "-DD", "-E", "-m", "64", "-M", "8", "-Y", _folder.Folder("run"), "-P", _folder.File("pid")], []);
    }

    public int Outer { get; }

    public int Inner { get; }

    public PeerProcess Process { get; }

    public NetAddress OuterAddress => NetAddress.Parse($"127.0.0.1:{Outer.ToString(CultureInfo.InvariantCulture)}");

    public static KamailioProxy Start(int outer, int inner, NetAddress @switch, int carrier, bool tcp = false) => new(outer, inner, @switch, carrier, tcp);

    public void Dispose()
    {
        Process.Dispose();
        _folder.Dispose();
    }
}
