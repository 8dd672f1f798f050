using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Transports;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Registrations;

// The REGISTER itself (RFC 3261 §10.2).
internal sealed partial class Trunks
{
    private void Write(ref SipWriter w, Trunk trunk, scoped ReadOnlySpan<byte> branch, uint cseq)
    {
        RoutingGateway gateway = trunk.Gateway;
        SipListener listener = listeners[trunk.Listener];
        Span<byte> uri = stackalloc byte[300];
        Span<byte> tag = stackalloc byte[Base32.Length];
        Base32.Write(trunk.Tag, tag);
        uri = uri[..WriteRegistrar(uri, trunk)];
        w.Request(SipMethod.Register, uri);
        w.OpenHeader(HeaderName.Via);
        listener.WriteVia(ref w);
        w.Text(";branch="u8);
        w.Text(branch);
        w.Text(";rport"u8);
        w.CloseHeader();
        w.Header(HeaderName.MaxForwards, 70);
        WriteAddress(ref w, HeaderName.From, trunk, gateway.LocalDomain, tag);
        WriteAddress(ref w, HeaderName.To, trunk, null, []);
        w.Header(HeaderName.CallId, trunk.CallId);
        w.OpenHeader(HeaderName.CSeq);
        w.Decimal(cseq);
        w.Text(" REGISTER"u8);
        w.CloseHeader();
        w.OpenHeader(HeaderName.Contact);
        listener.WriteContactUri(ref w, gateway.RegisterName, gateway.LocalDomain);
        w.Text(";expires="u8);
        w.Decimal(trunk.AskedSeconds);
        w.CloseHeader();
        w.Header(HeaderName.Expires, trunk.AskedSeconds);
        WritePrivacy(ref w, _tables!.Settings.Trunks.Privacy);
        trunk.Signer.Write(ref w, SipMethod.Register.Token(), uri);
        w.End();
    }

    /// <summary>SS_SIP_USER_AGENT_PRIVACY, on REGISTER and on the calls of a registered gateway (RFC 3323, RFC 3325).</summary>
    public static void WritePrivacy(ref SipWriter w, TrunkPrivacy privacy)
    {
        if (privacy == TrunkPrivacy.Id) w.Header(HeaderName.Privacy, "id"u8);
        else if (privacy == TrunkPrivacy.None) w.Header(HeaderName.Privacy, "none"u8);
    }

    // RFC 3261 §10.2: the domain, without a user.
    private static int WriteRegistrar(Span<byte> room, Trunk trunk)
    {
        var w = new ByteWriter(room);
        w.Text("sip:"u8);
        WriteDomain(ref w, trunk);
        w.Text((trunk.Gateway.Host.IsEmpty ? trunk.Hop.Transport : trunk.Gateway.Target.Transport ?? SipTransport.Udp).UriParameter());
        return w.Length;
    }

    private static void WriteDomain(ref ByteWriter w, Trunk trunk)
    {
        NetAddress address = trunk.Hop.Address;
        if (!trunk.Gateway.Host.IsEmpty) w.Text(trunk.Gateway.Host);
        else if (address.Port == trunk.Hop.Transport.DefaultPort()) w.Host(address);
        else w.HostPort(address);
    }

    private static void WriteAddress(ref SipWriter w, HeaderName name, Trunk trunk, byte[]? domain, scoped ReadOnlySpan<byte> tag)
    {
        Span<byte> registrar = stackalloc byte[300];
        var host = new ByteWriter(registrar);
        WriteDomain(ref host, trunk);
        w.OpenHeader(name);
        w.Text("<sip:"u8);
        w.Text(trunk.Gateway.RegisterName);
        w.Text((byte)'@');
        w.Text(domain ?? host.Written);
        w.Text((byte)'>');
        if (!tag.IsEmpty)
        {
            w.Text(";tag="u8);
            w.Text(tag);
        }
        w.CloseHeader();
    }
}
