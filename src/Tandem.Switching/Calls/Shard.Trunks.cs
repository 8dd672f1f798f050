using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Identity;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Calls;

// Trunks: registrations at carriers, and the calls over them (docs/trunks.md). They are the first shard's; every shard reads how they stand.
public sealed partial class Shard
{
    /// <summary>Told, in a sentence, when a registration at a carrier begins to fail and when it is there again.</summary>
    public Action<string>? Say
    {
        get => _trunks?.Say;
        set
        {
            if (_trunks is not null) _trunks.Say = value;
        }
    }

    /// <summary>Registrations at carriers that still have something to send or to wait for.</summary>
    public int OpenTrunks => _trunks?.Open ?? 0;

    /// <summary>Every registration at a carrier is ended, as the switch stops.</summary>
    public void LeaveTrunks(Instant now) => _trunks?.Stop(now);

    /// <summary>Host names of carriers lead elsewhere.</summary>
    public void OnNamesChanged(Instant now) => _trunks?.OnNamesChanged(now);

    private void OnRegisterAnswered(SipMessage response, ClientTransaction transaction, Instant now) => _trunks?.OnResponse(response, transaction, now);

    private void OnRegisterFailed(ClientTransaction transaction, bool refused, Instant now) => _trunks?.OnUndelivered(transaction, refused, now);

    /// <summary>The trunk an INVITE comes in over: to the contact registered, from the registrar's addresses.</summary>
    private static RoutingGateway? TrunkOf(SwitchTables tables, SipMessage request, in NetAddress source)
    {
        if (request.Method != SipMethod.Invite || tables.Trunks.Count == 0 || !SipUri.TryParse(request.RequestUri, out SipUri uri) || uri.User.IsEmpty) return null;
        foreach (RoutingGateway gateway in tables.Trunks)
        {
            if (!uri.User.SequenceEqual(gateway.RegisterName) || gateway.State.Trunk is not { IsUp: true } trunk) continue;
            if (trunk.Registrar.Address.SameHost(source) || gateway.Hops.HasHost(source)) return gateway;
        }
        return null;
    }

    // The Request-URI is our contact; who is called stands in To, unless that is our name too.
    private static void ReadTrunkCallee(Call call, RoutingGateway trunk, SipMessage invite)
    {
        if (!NameAddress.TryParse(invite.To, out NameAddress to) || !SipUri.TryParse(to.Uri, out SipUri uri) || uri.User.SequenceEqual(trunk.RegisterName)) return;
        if (NumberReader.TryNumberOf(invite.To, out DialString number) && !number.IsEmpty) call.Callee = number;
    }

    // A trunk's calls begin where it is registered: there the carrier expects them.
    private static void PreferRegistrar(Call call, RoutingGateway gateway)
    {
        if (gateway.Registers && gateway.State.Trunk is { IsUp: true } trunk) call.Hops.PutFirst(trunk.Registrar, call.HopOrder);
    }

    // RFC 3608 §5: along the Service-Route, where its first hop is stated by address.
    private bool TryServiceHop(Call call, RoutingGateway gateway, ref Hop hop, ref int listener)
    {
        if (call.HopsTried > 0 || !gateway.Registers || gateway.State.Trunk is not { IsUp: true } trunk || trunk.ServiceHop.Address.IsNone) return false;
        if (!_listeners.TryChoose(call.CallerDialog.Listener, trunk.ServiceHop.Address, trunk.ServiceHop.Transport, out int along)) return false;
        (hop, listener) = (trunk.ServiceHop, along);
        return true;
    }

    private static TrunkPrivacy PrivacyOverTrunk(Call call) => call.Target is { Registers: true } ? call.Tables.Settings.Trunks.Privacy : TrunkPrivacy.Ignore;
}
