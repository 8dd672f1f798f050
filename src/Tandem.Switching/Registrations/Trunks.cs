using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Calls;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Registrations;

/// <summary>
/// The switch as a user agent of carriers: registers at every routing gateway that asks for it, keeps the registrations alive, ends them
/// (RFC 3261 §10.2; docs/trunks.md). By the table of <see cref="TrunkMachine"/>, on the first shard's thread.
/// </summary>
internal sealed partial class Trunks(int shard, TransactionLayer transactions, SipListeners listeners, ISipSender sender, BytePool pool, EntropySource entropy)
{
    /// <summary>Asked for where the registrar decides: what it usually grants.</summary>
    private const int AutoSeconds = 3600;

    private static readonly TimeSpan RefreshAhead = TimeSpan.FromSeconds(60);

    private readonly List<Trunk?> _trunks = [];
    private readonly Dictionary<string, Trunk> _byGateway = new(StringComparer.Ordinal);
    private readonly DeadlineQueue _deadlines = new();
    private readonly byte[] _text = new byte[8192];
    private SwitchTables? _tables;
    private bool _stopped;

    /// <summary>Told, in a sentence, when a registration begins to fail and when it is there again.</summary>
    public Action<string>? Say { get; set; }

    /// <summary>Registrations that still have something to send or to wait for.</summary>
    public int Open => _trunks.Count(static t => t is not null);

    public Instant NextDeadline => _deadlines.Earliest;

    /// <summary>New tables are looked at, and what is due is done. True if there was anything.</summary>
    public bool Turn(SwitchTables tables, Instant now)
    {
        bool any = false;
        if (!ReferenceEquals(tables, _tables))
        {
            any = true;
            Follow(tables, now);
        }
        while (_deadlines.TryTakeExpired(now, out int slot))
        {
            any = true;
            if (_trunks[slot] is not { } trunk) continue;
            if (trunk.Status.IsUp && trunk.Status.Expires <= now) RunOut(trunk, now);
            if (trunk.DueAt <= now)
            {
                trunk.DueAt = Instant.Never;
                Step(trunk, TrunkInput.Due, now);
            }
            Reschedule(trunk);
        }
        return any;
    }

    /// <summary>A carrier's name leads somewhere now: who waited for that goes on.</summary>
    public void OnNamesChanged(Instant now)
    {
        foreach (Trunk? trunk in _trunks)
        {
            if (trunk is not { State: TrunkState.Idle or TrunkState.Waiting } || trunk.Hops.Count > 0 || trunk.Gateway.Hops.Count == 0) continue;
            trunk.DueAt = now;
            Reschedule(trunk);
        }
    }

    /// <summary>The switch stops: every registration is ended, with a word if SS_SIP_USER_AGENT_SEND_UNREGISTER says so.</summary>
    public void Stop(Instant now)
    {
        _stopped = true;
        foreach (Trunk? trunk in _trunks.ToArray())
        {
            if (trunk is not null) End(trunk, now);
        }
    }

    public void OnResponse(SipMessage response, ClientTransaction transaction, Instant now)
    {
        if (response.Status < 200 || OwnerOf(transaction) is not { } trunk) return;
        trunk.Out = null;
        Step(trunk, Judge(trunk, response, now), now);
        Reschedule(trunk);
    }

    /// <summary>No answer came, or the network refused.</summary>
    public void OnUndelivered(ClientTransaction transaction, bool refused, Instant now)
    {
        if (OwnerOf(transaction) is not { } trunk) return;
        trunk.Out = null;
        trunk.Trouble = refused ? $"no way to {trunk.Hop.Address} by {TransportOf(trunk)}" : $"no answer from {trunk.Hop.Address}";
        Step(trunk, HasMoreHops(trunk) ? TrunkInput.HopFailed : TrunkInput.Failed, now);
        Reschedule(trunk);
    }

    // ---- what is to be registered

    private void Follow(SwitchTables tables, Instant now)
    {
        _tables = tables;
        if (_stopped) return;
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (RoutingGateway gateway in tables.Trunks)
        {
            if (gateway.Locked) continue;
            wanted.Add(gateway.Name);
            if (_byGateway.TryGetValue(gateway.Name, out Trunk? known))
            {
                if (known.IsFor(gateway))
                {
                    known.Gateway = gateway;
                    continue;
                }
                End(known, now);
            }
            Begin(gateway, now);
        }
        foreach (Trunk gone in _byGateway.Values.Where(t => !wanted.Contains(t.Gateway.Name)).ToArray()) End(gone, now);
    }

    private void Begin(RoutingGateway gateway, Instant now)
    {
        int slot = _trunks.IndexOf(null);
        if (slot < 0)
        {
            slot = _trunks.Count;
            _trunks.Add(null);
        }
        var trunk = new Trunk(slot, gateway, pool, entropy) { Tag = entropy.NextUInt64(), DueAt = now };
        OwnCallId.Write(shard, entropy.NextUInt64(), trunk.CallId);
        trunk.Signer.SignAs(gateway.RegisterName, gateway.Password);
        _trunks[slot] = trunk;
        _byGateway[gateway.Name] = trunk;
        Publish(trunk, new TrunkStatus { State = TrunkState.Idle, IsUp = false, Since = now });
        Reschedule(trunk);
    }

    private void End(Trunk trunk, Instant now)
    {
        // Calls find it gone at once; its farewell is its own business. A successor under the same gateway publishes for itself from here on.
        if (trunk.Status.IsUp) Publish(trunk, trunk.Status with { IsUp = false, Since = now, Expires = Instant.Never });
        bool said = trunk.Status.Registrar != default || trunk.State != TrunkState.Waiting; // one that was never granted has nothing to end
        _byGateway.Remove(trunk.Gateway.Name);
        Step(trunk, _tables!.Settings.Trunks.SendUnregister && said ? TrunkInput.Stop : TrunkInput.StopSilently, now);
        Reschedule(trunk);
    }

    // ---- the table, and what it asks for

    private void Step(Trunk trunk, TrunkInput input, Instant now)
    {
        while (true)
        {
            TrunkMachine.Step step = TrunkMachine.On(trunk.State, input);
            trunk.State = step.Next;
            TrunkEffects effects = step.Effects;
            if ((effects & TrunkEffects.NoteGranted) != 0) NoteGranted(trunk, now);
            if ((effects & TrunkEffects.NoteFailure) != 0) NoteFailure(trunk, now);
            if ((effects & TrunkEffects.Release) != 0) Release(trunk);
            bool sent = true;
            if ((effects & TrunkEffects.SendFirst) != 0) sent = SendFirst(trunk, now);
            if ((effects & TrunkEffects.SendAgain) != 0) sent = Send(trunk, now);
            if ((effects & TrunkEffects.SendToNextHop) != 0) sent = SendToNextHop(trunk, now);
            if ((effects & TrunkEffects.SendFarewell) != 0) sent = SendFarewell(trunk, now);
            if (trunk.State != trunk.Status.State && trunk.State != TrunkState.Left) Publish(trunk, trunk.Status with { State = trunk.State, Next = trunk.DueAt });
            if (sent) return;
            input = TrunkInput.Failed; // nothing could be sent: Trouble says why
        }
    }

    private bool SendFirst(Trunk trunk, Instant now)
    {
        trunk.Rounds = 0;
        trunk.RetryAfter = default;
        trunk.AskedSeconds = Math.Max(trunk.LeastSeconds, SecondsToAsk());
        trunk.Hops = trunk.Gateway.Hops;
        trunk.NextHop = 0;
        if (trunk.Hops.Count == 0)
        {
            trunk.Trouble = trunk.Gateway.Unresolved;
            return false;
        }
        trunk.Hops.Draw(entropy, trunk.Order);
        trunk.Hops.PutFirst(trunk.Status.Registrar, trunk.Order); // where it is registered the refresh is known
        return SendToNextHop(trunk, now);
    }

    private int SecondsToAsk()
    {
        int said = (int)_tables!.Settings.Trunks.Expire.TotalSeconds;
        return said == 0 ? AutoSeconds : said;
    }

    private bool HasMoreHops(Trunk trunk)
    {
        for (; trunk.NextHop < trunk.Hops.Count; trunk.NextHop++)
        {
            Hop hop = trunk.Hops[trunk.Order[trunk.NextHop]];
            if (listeners.TryChoose(0, hop.Address, hop.Transport, out _)) return true;
        }
        return false;
    }

    private bool SendToNextHop(Trunk trunk, Instant now)
    {
        if (!HasMoreHops(trunk))
        {
            trunk.Trouble = "no listener of the transport and IP version the carrier is reached by";
            return false;
        }
        Hop next = trunk.Hops[trunk.Order[trunk.NextHop++]];
        if (next != trunk.Hop) trunk.Signer.Release(); // what one address asked is not another's to see
        trunk.Hop = next;
        listeners.TryChoose(0, trunk.Hop.Address, trunk.Hop.Transport, out trunk.Listener);
        return Send(trunk, now);
    }

    private bool SendFarewell(Trunk trunk, Instant now)
    {
        trunk.Rounds = 0;
        trunk.AskedSeconds = 0;
        trunk.DueAt = Instant.Never;
        if (trunk.Out is { } under) under.Owner = -1;
        trunk.Out = null;
        if (trunk.Status.Registrar != default)
        {
            trunk.Hop = trunk.Status.Registrar;
            if (!listeners.TryChoose(0, trunk.Hop.Address, trunk.Hop.Transport, out trunk.Listener)) return false;
        }
        return Send(trunk, now);
    }

    private bool Send(Trunk trunk, Instant now)
    {
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        if ((trunk.Gateway.TlsName ?? trunk.Hop.ServerName) is { } name) sender.Expect(trunk.Hop.Address, name);
        ClientTransaction transaction = transactions.Begin(SipMethod.Register, trunk.Listener, trunk.Hop.Address, branch);
        uint cseq = ++trunk.CSeq;
        var w = new SipWriter(_text);
        Write(ref w, trunk, branch, cseq);
        if (w.Overflowed)
        {
            transactions.Discard(transaction);
            trunk.Trouble = "the REGISTER would be too large: the carrier's challenge is longer than any in use";
            return false;
        }
        transaction.Owner = trunk.Slot;
        transaction.OwnerStamp = (long)trunk.Tag;
        transaction.MayGrow = trunk.Gateway.LargeRequestsByTcp;
        trunk.Out = transaction;
        transactions.Start(transaction, w.Written, cseq, now);
        return true;
    }

    // ---- what becomes of it

    private void NoteGranted(Trunk trunk, Instant now)
    {
        bool wasUp = trunk.Status.IsUp;
        TimeSpan granted = trunk.Status.Expires - now;
        // Half the time for short ones, else a minute ahead: time enough for the other hops.
        trunk.DueAt = trunk.Status.Expires - (granted / 2 < RefreshAhead ? granted / 2 : RefreshAhead);
        bool failed = trunk.Status.LastError.Length > 0;
        Publish(trunk, trunk.Status with { State = TrunkState.Registered, IsUp = true, Since = wasUp ? trunk.Status.Since : now, Next = trunk.DueAt, LastError = "" });
        if (failed) Say?.Invoke($"Trunk {trunk.Gateway.Name}: registered again at {trunk.Hop.Address}.");
    }

    private void NoteFailure(Trunk trunk, Instant now)
    {
        TimeSpan delay = _tables!.Settings.Trunks.RetryDelay;
        if (trunk.RetryAfter > delay) delay = trunk.RetryAfter;
        trunk.DueAt = now + delay;
        trunk.Signer.SignAs(trunk.Gateway.RegisterName, trunk.Gateway.Password);
        bool first = trunk.Status.LastError.Length == 0;
        Publish(trunk, trunk.Status with { State = TrunkState.Waiting, Next = trunk.DueAt, LastError = trunk.Trouble, LastErrorAt = now });
        if (first) Say?.Invoke($"Trunk {trunk.Gateway.Name}: {(trunk.Status.IsUp ? "its registration could not be refreshed" : "not registered")}: {trunk.Trouble}; tried again in {delay.TotalSeconds:0} s.");
    }

    private void RunOut(Trunk trunk, Instant now)
    {
        Publish(trunk, trunk.Status with { IsUp = false, Since = now, Expires = Instant.Never });
        Say?.Invoke($"Trunk {trunk.Gateway.Name}: its registration has run out; no calls go there until it is registered again.");
    }

    private void Release(Trunk trunk)
    {
        if (trunk.Out is { } under) under.Owner = -1;
        trunk.Out = null;
        trunk.DueAt = Instant.Never;
        trunk.Signer.Release();
        _trunks[trunk.Slot] = null;
    }

    private void Publish(Trunk trunk, TrunkStatus status)
    {
        trunk.Status = status;
        if (!_byGateway.TryGetValue(trunk.Gateway.Name, out Trunk? current) || ReferenceEquals(current, trunk)) trunk.Gateway.State.Trunk = status;
    }

    private void Reschedule(Trunk trunk) => _deadlines.Set(trunk.Slot, trunk.State == TrunkState.Left ? Instant.Never : trunk.NextDeadline);

    private Trunk? OwnerOf(ClientTransaction transaction) =>
        transaction.Owner >= 0 && transaction.Owner < _trunks.Count && _trunks[transaction.Owner] is { } trunk && (long)trunk.Tag == transaction.OwnerStamp && ReferenceEquals(trunk.Out, transaction) ? trunk : null;

    private static string TransportOf(Trunk trunk) => trunk.Hop.Transport.ToString().ToUpperInvariant();
}
