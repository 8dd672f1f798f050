using System.Globalization;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Server.Hosting;

/// <summary>Our registrations at carriers as they stand. Reads what the first shard writes; waits for nobody.</summary>
internal static class TrunkList
{
    public static TrunksView Of(SwitchTables tables) => new([.. tables.Trunks.Select(View)]);

    /// <summary>A sentence for each that fails now.</summary>
    public static IEnumerable<(string Trunk, string Says)> Warnings(SwitchTables tables)
    {
        foreach (RoutingGateway gateway in tables.Trunks)
        {
            if (gateway.Locked || gateway.State.Trunk is not { LastError.Length: > 0 } trunk) continue;
            string since = trunk.IsUp ? "could not be refreshed" : string.Create(CultureInfo.InvariantCulture, $"is not registered since {trunk.Since}");
            yield return (gateway.Name, $"Trunk {gateway.Name} {since}: {trunk.LastError}.");
        }
    }

    private static TrunkView View(RoutingGateway gateway)
    {
        TrunkStatus? trunk = gateway.Locked ? null : gateway.State.Trunk;
        return new TrunkView
        {
            Gateway = gateway.Name,
            RegisterName = Encoding.UTF8.GetString(gateway.RegisterName),
            Up = trunk?.IsUp ?? false,
            State = (trunk?.State ?? TrunkState.Idle).ToString().ToLowerInvariant(),
            Since = trunk?.Since,
            Expires = Known(trunk?.Expires),
            Next = Known(trunk?.Next),
            Registrar = trunk is null || trunk.Registrar == default ? "" : $"{trunk.Registrar.Transport.ToString().ToLowerInvariant()} {trunk.Registrar.Address}",
            LastError = gateway.Locked ? "the gateway is locked" : trunk?.LastError ?? "",
            LastErrorAt = trunk is { LastError.Length: > 0 } ? trunk.LastErrorAt : null,
        };
    }

    private static Instant? Known(Instant? at) => at == Instant.Never ? null : at;
}
