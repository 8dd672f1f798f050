using System.Net;
using System.Net.Sockets;
using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>Counts wrong tokens by address, of IPv6 by /64: whoever tries too many is told only that for a while (SERVER_LOGIN_FAILED_DISABLE_TIME, docs/api.md). Any thread may call it.</summary>
public sealed class LoginGuard
{
    /// <summary>Wrong tries an address has.</summary>
    public const int MostTries = 5;

    /// <summary>Addresses that are remembered; of those beyond, the ones whose tries are oldest are forgotten.</summary>
    public const int MostAddresses = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (int Tries, Instant Until)> _tries = [];

    /// <summary>How long the address is still not listened to; zero: it is.</summary>
    public TimeSpan Blocked(IPAddress address, Instant now)
    {
        address = Network(address);
        lock (_lock) return _tries.TryGetValue(address, out (int Tries, Instant Until) had) && had.Tries >= MostTries && had.Until > now ? had.Until - now : TimeSpan.Zero;
    }

    /// <summary>A wrong token came from the address.</summary>
    public void Failed(IPAddress address, TimeSpan disable, Instant now)
    {
        address = Network(address);
        lock (_lock)
        {
            if (_tries.Count >= MostAddresses && !_tries.ContainsKey(address)) Forget(now);
            int tries = _tries.TryGetValue(address, out (int Tries, Instant Until) had) && had.Until > now ? had.Tries : 0;
            _tries[address] = (tries + 1, now + disable);
        }
    }

    /// <summary>A right one did: what was wrong before is forgotten, but for who is blocked: his neighbour's token does not free him.</summary>
    public void Passed(IPAddress address)
    {
        address = Network(address);
        lock (_lock)
        {
            if (_tries.TryGetValue(address, out (int Tries, Instant Until) had) && had.Tries < MostTries) _tries.Remove(address);
        }
    }

    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private void Forget(Instant now)
    {
        foreach (IPAddress old in _tries.Where(t => t.Value.Until <= now).Select(static t => t.Key).ToList()) _tries.Remove(old);
        if (_tries.Count >= MostAddresses) _tries.Remove(_tries.MinBy(static t => t.Value.Until).Key);
    }
}
