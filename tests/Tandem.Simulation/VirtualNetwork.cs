using Tandem.Primitives;

namespace Tandem.Simulation;

/// <summary>How bad the network of one run is. Delays stay below T4 (RFC 3261 §17.1.1.1: 5 s), which the transactions rely on.</summary>
internal sealed record NetworkProfile(double Loss, double Duplicate, TimeSpan LeastDelay, TimeSpan MostDelay, double Corrupt)
{
    public static NetworkProfile Draw(SeededEntropy chance) => chance.Below(6) switch
    {
        0 => new(0, 0, Millis(1), Millis(2), 0), // a laboratory
        1 => new(0.01, 0.01, Millis(5), Millis(60), 0),
        2 => new(0.05, 0.05, Millis(20), Millis(400), 0), // reorders much
        3 => new(0.25, 0.10, Millis(5), Millis(200), 0), // loses much
        4 => new(0.02, 0.30, Millis(1), Millis(2500), 0), // everything twice, and late
        _ => new(0.05, 0.05, Millis(5), Millis(200), 0.03), // a broken router
    };

    private static TimeSpan Millis(int ms) => TimeSpan.FromMilliseconds(ms);
}

/// <summary>
/// UDP in virtual time: loses, repeats, delays (and so reorders) and in some runs corrupts, all by the seed. What goes by TCP is only delayed, and
/// comes in order.
/// </summary>
internal sealed class VirtualNetwork(World world, NetworkProfile profile, SeededEntropy chance)
{
    private readonly Dictionary<NetAddress, (string Name, Action<NetAddress, byte[]> Receive)> _places = [];

    // When the last message of a connection arrives: the next one does not before it.
    private readonly Dictionary<(NetAddress From, NetAddress To), Instant> _streams = [];

    public NetworkProfile Profile => profile;

    public long Carried { get; private set; }

    public long Lost { get; private set; }

    public long Corrupted { get; private set; }

    public void Attach(in NetAddress address, string name, Action<NetAddress, byte[]> receive) => _places.Add(address, (name, receive));

    public string NameOf(in NetAddress address) => _places.TryGetValue(address, out (string Name, Action<NetAddress, byte[]>) place) ? place.Name : address.ToString();

    public void Send(NetAddress from, NetAddress to, byte[] bytes, bool reliable = false)
    {
        if (reliable)
        {
            Deliver(from, to, bytes, "  (TCP)", inOrder: true);
            return;
        }
        if (chance.Chance(profile.Loss))
        {
            Lost++;
            world.Story.Message(NameOf(from), NameOf(to), bytes, "  (lost)");
            return;
        }
        string remark = "";
        if (chance.Chance(profile.Corrupt))
        {
            Corrupted++;
            remark = "  (corrupted)";
            bytes = Corrupt(bytes);
        }
        Deliver(from, to, bytes, remark);
        if (chance.Chance(profile.Duplicate)) Deliver(from, to, bytes, "  (again)");
    }

    private void Deliver(NetAddress from, NetAddress to, byte[] bytes, string remark, bool inOrder = false)
    {
        long span = (profile.MostDelay - profile.LeastDelay).Ticks / TimeSpan.TicksPerMicrosecond;
        TimeSpan delay = profile.LeastDelay + TimeSpan.FromMicroseconds(chance.Below((int)span + 1));
        Instant at = world.Now + delay;
        if (inOrder)
        {
            if (_streams.TryGetValue((from, to), out Instant last) && last > at) at = last;
            _streams[(from, to)] = at;
        }
        world.At(at, () =>
        {
            if (!_places.TryGetValue(to, out (string Name, Action<NetAddress, byte[]> Receive) place))
            {
                world.Story.Message(NameOf(from), to.ToString(), bytes, remark + "  (nobody there)");
                return;
            }
            Carried++;
            world.Story.Message(NameOf(from), place.Name, bytes, remark);
            place.Receive(from, bytes);
        });
    }

    private byte[] Corrupt(byte[] bytes)
    {
        byte[] copy = [.. bytes];
        if (copy.Length == 0) return copy;
        if (chance.Below(8) == 0) return copy[..chance.Below(copy.Length)];
        for (int i = 1 + chance.Below(3); i > 0; i--) copy[chance.Below(copy.Length)] = (byte)chance.Below(256);
        return copy;
    }
}
