using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Transports;

/// <summary>A local address and transport SIP is listened for on. Its place in <see cref="SipListeners"/> is its identity.</summary>
/// <param name="Known">What peers are told: in Via and Contact.</param>
/// <param name="Transport">One of them; the same port may be listened on for several, each a listener.</param>
public readonly record struct SipListener(NetAddress Known, SipTransport Transport = SipTransport.Udp)
{
    /// <summary>transport, sent-by (RFC 3261 §20.42): "SIP/2.0/TCP 192.0.2.1:5060".</summary>
    public void WriteVia(ref SipWriter w)
    {
        w.Text("SIP/2.0/"u8);
        w.Text(Transport.Token());
        w.Text((byte)' ');
        w.HostPort(Known);
    }

    /// <summary>The Contact of this listener.</summary>
    /// <param name="w">Where to.</param>
    /// <param name="user">Escaped already; empty: none.</param>
    /// <param name="domain">Shown in place of the address; null: the address.</param>
    public void WriteContact(ref SipWriter w, scoped ReadOnlySpan<byte> user = default, byte[]? domain = null)
    {
        w.OpenHeader(HeaderName.Contact);
        WriteContactUri(ref w, user, domain);
        w.CloseHeader();
    }

    /// <summary>The same in angle brackets, for a Contact with parameters.</summary>
    public void WriteContactUri(ref SipWriter w, scoped ReadOnlySpan<byte> user, byte[]? domain)
    {
        w.Text("<sip:"u8);
        w.Text(user);
        if (!user.IsEmpty) w.Text((byte)'@');
        if (domain is null)
        {
            w.HostPort(Known);
        }
        else
        {
            w.Text(domain);
            if (Known.Port != Transport.DefaultPort())
            {
                w.Text((byte)':');
                w.Decimal(Known.Port);
            }
        }
        w.Text(Transport.UriParameter());
        w.Text((byte)'>');
    }
}

/// <summary>All listeners of the switch, the same in every shard; they do not change while it runs.</summary>
public sealed class SipListeners
{
    private readonly SipListener[] _all;

    public SipListeners(IReadOnlyList<SipListener> all)
    {
        if (all.Count == 0) throw new ArgumentException("A switch needs at least one listener.", nameof(all));
        _all = [.. all];
    }

    public int Count => _all.Length;

    public SipListener this[int listener] => _all[listener];

    public bool IsReliable(int listener) => _all[listener].Transport.IsReliable();

    /// <summary>
    /// The listener requests to a hop leave by: of its transport and IP version, <paramref name="preferred"/> if that fits, else the first; of
    /// several one on loopback only towards loopback. False when none fits.
    /// </summary>
    public bool TryChoose(int preferred, in NetAddress to, SipTransport transport, out int listener)
    {
        listener = -1;
        if (Fits(_all[preferred], to, transport) && _all[preferred].Known.IsLoopback == to.IsLoopback)
        {
            listener = preferred;
            return true;
        }
        for (int i = 0; i < _all.Length; i++)
        {
            if (!Fits(_all[i], to, transport)) continue;
            if (listener < 0 || (i == preferred && _all[listener].Known.IsLoopback != to.IsLoopback)) listener = i;
            if (_all[i].Known.IsLoopback != to.IsLoopback) continue;
            listener = i;
            return true;
        }
        return listener >= 0;
    }

    private static bool Fits(in SipListener listener, in NetAddress to, SipTransport transport) =>
        listener.Transport == transport && listener.Known.IsV6 == to.IsV6;
}
