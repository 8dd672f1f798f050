using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Registrations;

/// <summary>
/// Keeps the NATs open before the phones one shard registered: a cycle each SS_SIP_NAT_KEEP_ALIVE_PERIOD, in bursts of at most
/// _SEND_ONE_TIME raw datagrams, _SEND_INTERVAL apart; over TCP and TLS an empty line. A cycle that the period ends too early is followed by one that begins with those it
/// left out, so that nobody is always the last. Time is handed in; the settings of the moment are obeyed.
/// </summary>
public sealed class NatKeepAlive
{
    private readonly LocationBook _book;
    private readonly int _shard;
    private readonly SipListeners _listeners;
    private readonly List<DialString> _phones = []; // in order of arrival; empty: gone, closed up as the next cycle begins
    private readonly HashSet<DialString> _known = [];
    private string _text = "";
    private byte[] _message = [];
    private int _next;
    private int _left;
    private Instant _cycleBegan;
    private Instant _lastBurst;

    /// <summary>What is in the book for this shard already is served at once: the switch may have been away for long.</summary>
    public NatKeepAlive(LocationBook book, int shard, SipListeners listeners)
    {
        _book = book;
        _shard = shard;
        _listeners = listeners;
        foreach (Binding binding in book.All)
        {
            if (IsOurs(binding) && _known.Add(binding.Phone)) _phones.Add(binding.Phone);
        }
    }

    /// <summary>Phones served, those not yet known to be gone included.</summary>
    public int Count => _known.Count;

    /// <summary>A phone registered: it is served if it is behind a NAT, from the next cycle on, for its REGISTER opened the NAT just now.</summary>
    public void Note(in DialString phone, Instant now)
    {
        if (!_book.TryFind(phone, now, out Binding? binding) || !IsOurs(binding) || !_known.Add(phone)) return;
        if (_known.Count == 1) (_cycleBegan, _left) = (now, 0);
        _phones.Add(phone);
    }

    /// <summary>When <see cref="Send"/> is due.</summary>
    public Instant Due(SipSettings settings)
    {
        if (_known.Count == 0) return Instant.Never;
        Instant cycle = _cycleBegan + settings.NatKeepAlivePeriod;
        return _left > 0 ? Instant.Min(cycle, _lastBurst + settings.NatKeepAliveSendInterval) : cycle;
    }

    /// <summary>One burst, if it is due. True when it was.</summary>
    public bool Send(SipSettings settings, ISipSender sender, Instant now)
    {
        if (now < Due(settings)) return false;
        if (now >= _cycleBegan + settings.NatKeepAlivePeriod) BeginCycle(now);
        ReadOnlySpan<byte> message = MessageOf(settings);
        for (int room = settings.NatKeepAliveSendOneTime; room > 0 && _left > 0; _left--)
        {
            if (_next >= _phones.Count) _next = 0;
            int at = _next++;
            if (_phones[at].IsEmpty) continue;
            if (!_book.TryFind(_phones[at], now, out Binding? binding) || !IsOurs(binding))
            {
                _known.Remove(_phones[at]);
                _phones[at] = DialString.Empty;
                continue;
            }
            if (!message.IsEmpty) KeepOpen(sender, binding, message);
            room--;
        }
        _lastBurst = now;
        return true;
    }

    // In a stream only a line end is no message (RFC 3261 §7.5); and nothing is opened by a keep-alive.
    private void KeepOpen(ISipSender sender, Binding binding, ReadOnlySpan<byte> message)
    {
        if (!_listeners.IsReliable(binding.Listener)) sender.Send(binding.Listener, binding.Source, message);
        else if (sender.IsConnected(binding.Listener, binding.Source)) sender.Send(binding.Listener, binding.Source, "\r\n"u8);
    }

    private void BeginCycle(Instant now)
    {
        int kept = 0, next = 0;
        for (int i = 0; i < _phones.Count; i++)
        {
            if (i == _next) next = kept;
            if (!_phones[i].IsEmpty) _phones[kept++] = _phones[i];
        }
        _phones.RemoveRange(kept, _phones.Count - kept);
        (_next, _left, _cycleBegan) = (next, kept, now);
    }

    private ReadOnlySpan<byte> MessageOf(SipSettings settings)
    {
        if (!ReferenceEquals(_text, settings.NatKeepAliveMessage))
        {
            _text = settings.NatKeepAliveMessage;
            _message = Encoding.UTF8.GetBytes(_text);
        }
        return _message;
    }

    private bool IsOurs(Binding binding) => binding.BehindNat && binding.Shard == _shard;
}
