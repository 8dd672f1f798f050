using System.Buffers;
using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Primitives.Bytes;
using Tandem.Server.Loops;
using Tandem.Server.Storage.Journal;
using Tandem.Sip.Messages;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Registrations;

namespace Tandem.Server.Hosting;

/// <summary>
/// What one loop does: its shard, and on the first loop the ledger's desk and the journal. Datagrams of calls that another shard owns
/// are handed over by Call-ID; with one shard everything happens on this thread, without a hand-off or a wake-up.
/// </summary>
public sealed class SwitchWork : ILoopWork
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SealEvery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(1);

    private readonly Shard _shard;
    private readonly int _index;
    private readonly KeyedHash _spread;
    private readonly LedgerDesk? _desk;
    private readonly JournalFile? _journal;
    private readonly LocationBook? _locations;
    private readonly Inbox<Handed> _handed;
    private SwitchWork[] _all = [];
    private Action[] _wake = [];
    private Instant _sweepAt;

    /// <param name="index">Of the shard.</param>
    /// <param name="shard">The calls of this loop.</param>
    /// <param name="spread">The same for all loops.</param>
    /// <param name="desk">Given to the loop that keeps the ledger, with its journal and the registrations to sweep.</param>
    public SwitchWork(int index, Shard shard, KeyedHash spread, (LedgerDesk Desk, JournalFile Journal, LocationBook Locations)? desk)
    {
        _index = index;
        _shard = shard;
        _spread = spread;
        (_desk, _journal, _locations) = desk is { } d ? (d.Desk, d.Journal, d.Locations) : (null, null, null);
        _handed = new Inbox<Handed>(1 << 14);
    }

    /// <summary>Datagrams another loop had for us and could not leave: the inbox was full. Their senders send them again.</summary>
    public long HandOversRefused => _handed.Refused;

    /// <summary>Once, before the loops start.</summary>
    public void Connect(SwitchWork[] all, Action[] wake)
    {
        _all = all;
        _wake = wake;
    }

    public Instant NextDeadline
    {
        get
        {
            Instant next = _shard.NextDeadline;
            if (_desk is null) return next;
            if (_desk.Ledger.OpenCalls > 0) next = Instant.Min(next, _desk.Ledger.LastRecordAt + HeartbeatEvery);
            return Instant.Min(Instant.Min(next, _desk.NextDue), _sweepAt);
        }
    }

    public void NoteLag(TimeSpan lag) => _shard.NoteLag(lag);

    public void Receive(int listener, in NetAddress source, byte[] buffer, int offset, int length, Instant now)
    {
        int owner = _all.Length == 1 ? _index : OwnCallId.ShardOf(CallIdScan.Find(buffer.AsSpan(offset, length)), _all.Length, _spread);
        if (owner == _index)
        {
            _shard.Receive(listener, source, buffer, offset, length, now);
            return;
        }
        byte[] copy = ArrayPool<byte>.Shared.Rent(length);
        buffer.AsSpan(offset, length).CopyTo(copy);
        if (_all[owner]._handed.TryPost(new Handed(listener, source, copy, length))) _wake[owner]();
        else ArrayPool<byte>.Shared.Return(copy);
    }

    /// <summary>A message of a stream, for the shard that owns its call. Any thread. False when that has no room just now.</summary>
    public bool TryHandIn(int listener, in NetAddress source, ReadOnlySpan<byte> message)
    {
        int owner = _all.Length == 1 ? _index : OwnCallId.ShardOf(CallIdScan.Find(message), _all.Length, _spread);
        byte[] copy = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(copy);
        if (_all[owner]._handed.TryPost(new Handed(listener, source, copy, message.Length)))
        {
            _wake[owner]();
            return true;
        }
        ArrayPool<byte>.Shared.Return(copy);
        return false;
    }

    /// <summary>A connection is gone, or could not be opened. Any thread. False when there is no room just now.</summary>
    public bool TryTellBroken(int listener, in NetAddress peer, bool wasOpen)
    {
        if (!_handed.TryPost(new Handed(listener, peer, null, wasOpen ? 1 : 0))) return false;
        _wake[_index]();
        return true;
    }

    public bool Turn(Instant now)
    {
        bool any = false;
        while (_handed.TryTake(out Handed handed))
        {
            any = true;
            if (handed.Bytes is null)
            {
                _shard.OnTransportError(handed.Listener, handed.Source, wasOpen: handed.Length > 0, now);
                continue;
            }
            _shard.Receive(handed.Listener, handed.Source, handed.Bytes, 0, handed.Length, now);
            ArrayPool<byte>.Shared.Return(handed.Bytes);
        }
        any |= _shard.Turn(now);
        if (_desk is null) return any;
        any |= _desk.Turn(now);
        _journal!.SealIfDue(now, SealEvery);
        if (now < _sweepAt) return any;
        _locations!.Sweep(now);
        _sweepAt = now + SweepEvery;
        return any;
    }

    public bool BeforeFlush(Instant now)
    {
        if (_desk is null) return true;
        if (!_journal!.WriteOut()) return false;
        _desk.ReleaseReplies();
        return true;
    }

    // Without bytes: the connection to the source is gone; length 1: it had been open.
    private readonly record struct Handed(int Listener, NetAddress Source, byte[]? Bytes, int Length);
}
