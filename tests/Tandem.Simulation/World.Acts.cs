using Tandem.Primitives;
using Tandem.Simulation.Books;
using Tandem.Simulation.Peers;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Simulation;

/// <summary>Where in a turn the power fails.</summary>
internal enum CrashMoment { BeforeTheJournal, BeforeTheMessages, AmongTheMessages }

// What happens to the switch from outside: calls, operators, power cuts; and the reckoning when all is quiet.
internal sealed partial class World
{
    private SwitchConfiguration? _configuration;
    private int _revision;
    private int _payments;
    private int _serial;
    private CrashMoment? _crashWanted;
    private readonly List<Publisher> _publishers = [];

    public bool Corrupts => Plan.Network.Corrupt > 0;

    public RateTable RatesOf(string version, Instant at) => new(_operator.DeckOf(version), at);

    /// <summary>What the operator last said; at the very first start the accounts are opened too.</summary>
    public (SwitchConfiguration Configuration, int Revision) ConfigurationFor(Ledger ledger)
    {
        if (_configuration is null) NewRevision();
        foreach (AccountConfig account in _configuration!.Accounts.Values)
        {
            LedgerOutcome outcome = ledger.OpenAccount(account.Number, account.Currency, account.Kind, account.CreditLimitNanos, account.Locked, Now, out _);
            if (outcome is not (LedgerOutcome.Done or LedgerOutcome.AlreadyDone)) Fail($"account {account.Number} is not opened: {outcome}");
        }
        return (_configuration, _revision);
    }

    private void NewRevision()
    {
        _configuration = _operator.Draw(_configuration, Now);
        Revisions.Add(++_revision, _operator.TermsOf(_configuration));
        MayBeDirect |= Operator.PermitsDirect(_configuration);
    }

    private void OpenForBusiness()
    {
        foreach (LedgerAccount account in Ledger.Accounts)
        {
            if (account.Kind == AccountKind.Clearing) continue;
            long nanos = _chance.Below(4) switch
            {
                0 => 1 + (long)(_chance.NextUInt64() % 500_000_000),
                1 => 1_000_000_000,
                2 => 3_000_000_000,
                _ => 40_000_000_000,
            };
            if (Ledger.Pay($"opening {account.Number}", account.Id, nanos, "", "operator", Now) != LedgerOutcome.Done) Fail("the opening payment was refused");
        }
        Journal.WriteOut();
    }

    private void PeoplePlaces()
    {
        for (int i = 0; i < Operator.Customers; i++) _peers.Add(new Peer(this, 1 + i, $"customer {i}", Operator.CustomerAddress(i), null, null));
        for (int i = 0; i < Operator.Carriers; i++) _peers.Add(new Peer(this, 11 + i, $"carrier {i}", Operator.CarrierAddress(i), null, null));
        for (int i = 0; i < Operator.PhoneCount; i++) _peers.Add(new Peer(this, 21 + i, $"phone {i}", Operator.PhoneAddress(i), Operator.PhoneNumber(i), Operator.PhonePassword(i)));
        SeededEntropy publishing = new(Plan.Seed ^ 0x9b115);
        _publishers.Add(new Publisher(_peers[1], () => _switch.States.Mapping("m1"), publishing));
        _publishers.Add(new Publisher(_peers[Operator.Customers], () => _switch.States.Routing("r0"), publishing));
        foreach (Publisher publisher in _publishers) In(TimeSpan.FromMilliseconds(publishing.Below(3000)), publisher.Live);
        for (int i = 0; i < Operator.PhoneCount; i += 2)
        {
            string number = Operator.PhoneNumber(i);
            Vanishing vanishing = new(_peers[Operator.Customers + Operator.Carriers + i], () => _switch.States.Phone(number), () => _switch.Locations, new SeededEntropy(Plan.Seed ^ 0xa3a9 ^ (ulong)i));
            In(TimeSpan.FromSeconds(1), vanishing.Live);
        }
        foreach (Peer phone in _peers.Where(static p => p.PhoneNumber is not null)) In(TimeSpan.FromMilliseconds(_chance.Below(3000)), phone.KeepRegistered);
    }

    private Instant Sometime() => Now + TimeSpan.FromMicroseconds((long)(_chance.NextUInt64() % (ulong)(Plan.Arrivals.Ticks / 10)));

    private void ScheduleActs()
    {
        for (int i = 0; i < Plan.Calls; i++) At(Sometime(), MakeCall);
        for (int i = 0; i < Plan.Floods; i++) At(Sometime(), Flood);
        Stranger stranger = new(this);
        for (int i = 0; i < Plan.Strangers; i++) At(Sometime(), stranger.Trouble);
        // From a chance of his own: what the others of a seed do stays what it was.
        SeededEntropy guessing = new(Plan.Seed ^ 0x6e55e5);
        Guesser guesser = new(this, guessing);
        for (int i = 0; i < Plan.Guesses; i++) At(Begin + TimeSpan.FromMicroseconds((long)(guessing.NextUInt64() % (ulong)(Plan.Arrivals.Ticks / 10))), i % 8 == 7 ? guesser.Flood : guesser.Guess);
        SeededEntropy rating = new(Plan.Seed ^ 0x4e4a7e);
        for (int i = 0; i < Plan.OperatorActs; i++) At(Begin + TimeSpan.FromMicroseconds((long)(rating.NextUInt64() % (ulong)(Plan.Arrivals.Ticks / 5))), () => RateAgain(rating));
        SeededEntropy calling = new(Plan.Seed ^ 0xca11bac);
        for (int i = calling.Below(3) == 0 ? 0 : calling.Below(12); i > 0; i--) At(Begin + TimeSpan.FromMicroseconds((long)(calling.NextUInt64() % (ulong)(Plan.Arrivals.Ticks / 10))), () => CallBack(calling));
        for (int i = 0; i < Plan.OperatorActs; i++) At(Sometime(), OperatorAct);
        for (int i = 0; i < Plan.Reconfigurations; i++) At(Sometime(), Reconfigure);
        for (int i = 0; i < Plan.LedgerStalls; i++) At(Sometime(), StallLedger);
        for (int i = 0; i < Plan.Crashes; i++) At(Sometime(), WantCrash);
    }

    private void MakeCall()
    {
        int serial = _serial++;
        Peer caller = _chance.Below(4) == 0 ? _peers[Operator.Customers + Operator.Carriers + _chance.Below(Operator.PhoneCount)] : _peers[_chance.Below(Operator.Customers)];
        string to = Operator.DrawNumber(_chance, serial);
        if (caller.PhoneNumber is { } own)
        {
            bool toPhone = _chance.Below(2) == 0;
            if (toPhone) to = Operator.PhoneNumber(_chance.Below(Operator.PhoneCount));
            caller.Call(CallIntent.Draw(caller, own, to, toPhone ? "" : to));
            return;
        }
        if (_chance.Below(6) == 0) to = Operator.PhoneNumber(_chance.Below(Operator.PhoneCount));
        string from = $"4989{100_000 + serial}";
        caller.Call(CallIntent.Draw(caller, from, to, from));
    }

    // A portal has two ends called, or says for whom a call to a phone will be.
    private void CallBack(SeededEntropy chance)
    {
        if (_downtime > 0) return;
        CallbacksMade = true;
        DialString Phone() => DialString.Parse(Operator.PhoneNumber(chance.Below(Operator.PhoneCount)));
        DialString Anybody() => chance.Below(4) == 0 ? Phone() : DialString.Parse(DrawTransferTarget(chance));
        DialString caller = Anybody(), access = Phone();
        DialString[] callees = [.. Enumerable.Range(0, 1 + chance.Below(3)).Select(_ => Anybody())];
        if (chance.Below(4) == 0)
        {
            _switch.Shards[0].World.Reserved.TryReserve(access, chance.Below(2) == 0 ? Phone() : DialString.Parse($"4989{100_000 + _serial + chance.Below(4)}"), callees[0], Now);
            return;
        }
        var order = new CallbackOrder(caller, callees, access, Phone(), Phone(), access, caller);
        Story.Tell($"a callback of {caller} to {string.Join(", ", callees)} for {access}");
        _switch.Shards[chance.Below(_switch.Shards.Count)].TryPost((shard, now) => shard.CallBack(order, now, out _));
    }

    /// <summary>Who has a place in a call lets another of its account take it, or asks for it by another dialog of its own.</summary>
    public void Replace(Peer who, string dialog)
    {
        Peer[] phones = [.. _peers.Where(static p => p.PhoneNumber is not null)];
        Peer newcomer = who.PhoneNumber is null || _chance.Below(3) == 0 ? who : phones[_chance.Below(phones.Length)];
        if (_chance.Below(15) == 0) newcomer = _peers[_chance.Below(_peers.Count)]; // anybody may try
        string from = newcomer.PhoneNumber ?? $"4989{100_000 + _serial++}";
        string flags = _chance.Below(20) == 0 ? ";early-only" : "";
        newcomer.Call(CallIntent.Draw(newcomer, from, DrawTransferTarget(), "") with { Replaces = $"Replaces: {dialog}{flags}\r\n" });
    }

    /// <summary>A number of its own for a transfer.</summary>
    public string DrawTransferTarget() => DrawTransferTarget(_chance);

    private string DrawTransferTarget(SeededEntropy chance)
    {
        string number = Operator.DrawNumber(chance, 100_000 + _serial++);
        TransferTargets.Add(number);
        return number;
    }

    // Many at once on one small balance: together they must never be charged more than it.
    private void Flood()
    {
        Story.Tell("a flood of calls");
        Peer caller = _peers[0];
        for (int i = 0; i < 60; i++)
        {
            int serial = _serial++;
            string from = $"4989{100_000 + serial}", to = Operator.DrawNumber(_chance, serial);
            In(TimeSpan.FromMicroseconds(_chance.Below(20_000)), () => caller.Call(CallIntent.Draw(caller, from, to, from)));
        }
    }

    private void OperatorAct()
    {
        if (_downtime > 0) return;
        switch (_chance.Below(6))
        {
            case < 3:
                Pay();
                break;
            case 3:
                CallId[] up = [.. _switch.Shards.SelectMany(static s => s.LiveCalls).Select(static c => c.Id)];
                if (up.Length == 0) return;
                CallId one = up[_chance.Below(up.Length)];
                Story.Tell($"an operator drops {one}");
                _switch.Shards[one.Shard].TryPost((shard, now) => shard.Drop(one, Refusal.OperatorDropped, now));
                break;
            case 4:
                Story.Tell("the disk is full");
                Journal.Full = true;
                In(TimeSpan.FromSeconds(1 + _chance.Below(20)), () => Journal.Full = false);
                break;
            default:
                AccountId account = new(1 + _chance.Below(Operator.Customers));
                long credit = _chance.Below(4) * Money.NanosPerUnit / 4;
                bool locked = _chance.Below(4) == 0;
                Story.Tell($"account {account}: credit {credit}, locked {locked}");
                _switch.Desk.TryPost(new LedgerRequest { Kind = LedgerRequestKind.Run, Slot = -1, Run = (ledger, now) => ledger.SetTerms(account, credit, locked, now) });
                if (locked) In(TimeSpan.FromSeconds(_chance.Below(60)), () => Unlock(account, credit));
                break;
        }
    }

    // Some call that is over is due something else now, and is so for the second time too. Of a payer never more, since that is owed below every credit limit, which is held here.
    private void RateAgain(SeededEntropy chance)
    {
        if (_downtime > 0 || Journal.Books.Cdrs.Count == 0) return;
        Cdr cdr = Journal.Books.Cdrs[chance.Below(Journal.Books.Cdrs.Count)];
        bool cost = chance.Below(2) == 0;
        if ((cost ? cdr.Cost : cdr.Sale) is not { } charge || charge.Account == AccountId.None) return;
        long drawn = chance.Below(4) == 0 ? 0 : (long)(chance.NextUInt64() % 400_000_000);
        int role = cost ? Ledger.CostRole : 0;
        _switch.Desk.TryPost(new LedgerRequest
        {
            Kind = LedgerRequestKind.Run,
            Slot = -1,
            Run = (ledger, now) =>
            {
                LedgerAccount account = ledger.Accounts[charge.Account.Value - 1];
                long before = ledger.ChargeOf(cdr.Call, role, charge.Nanos), balance = account.BalanceNanos, due = cost ? drawn : Math.Min(drawn, before);
                LedgerOutcome outcome = ledger.Recharge(cdr.Call, role, charge.Account, charge.Nanos, due, "", "operator", now);
                Story.Tell($"call {cdr.Call}, {(cost ? "cost" : "sale")} of {before} is rated again: {due}, {outcome}");
                if (outcome is not (LedgerOutcome.Done or LedgerOutcome.AlreadyDone)) return;
                if (ledger.ChargeOf(cdr.Call, role, charge.Nanos) != due || account.BalanceNanos != balance + before - due) Fail($"call {cdr.Call} was charged {before}, is due {due}, stands at {ledger.ChargeOf(cdr.Call, role, charge.Nanos)}; the balance went from {balance} to {account.BalanceNanos}");
                if (ledger.Recharge(cdr.Call, role, charge.Account, charge.Nanos, due, "", "operator", now) != LedgerOutcome.AlreadyDone) Fail($"call {cdr.Call} was rated again twice");
            },
        });
    }

    private void Unlock(AccountId account, long credit)
    {
        if (_downtime == 0) _switch.Desk.TryPost(new LedgerRequest { Kind = LedgerRequestKind.Run, Slot = -1, Run = (ledger, now) => ledger.SetTerms(account, credit, locked: false, now) });
    }

    private void Pay()
    {
        AccountId account = new(1 + _chance.Below(Operator.Customers + 1));
        long nanos = (long)(_chance.NextUInt64() % 4_000_000_000) - 1_500_000_000;
        string id = _chance.Below(5) == 0 && _payments > 0 ? $"payment {_payments}" : $"payment {++_payments}";
        _switch.Desk.TryPost(new LedgerRequest
        {
            Kind = LedgerRequestKind.Run,
            Slot = -1,
            Run = (ledger, now) =>
            {
                LedgerOutcome outcome = ledger.Pay(id, account, nanos, "", "operator", now);
                Story.Tell($"{id} of {nanos} to account {account}: {outcome}");
            },
        });
    }

    private void Reconfigure()
    {
        if (_downtime > 0) return;
        NewRevision();
        (SwitchConfiguration configuration, int revision) = (_configuration!, _revision);
        Story.Tell($"revision {revision} comes into force");
        _switch.Desk.TryPost(new LedgerRequest { Kind = LedgerRequestKind.Run, Slot = -1, Run = (_, _) => _switch.Publish(configuration, revision) });
    }

    private void StallLedger()
    {
        TimeSpan length = TimeSpan.FromMilliseconds(_chance.Below(4_000));
        Story.Tell($"the ledger is slow: {length.TotalSeconds} s");
        LedgerStalls.Add((Now, Now + length));
        _deskStalledUntil = Now + length;
    }

    // ---- crashes

    private void WantCrash()
    {
        _crashWanted = (CrashMoment)_chance.Below(3);
        Story.Tell($"the power will fail {_crashWanted}");
    }

    /// <summary>True when the power has failed here: nothing of the turn that was not written out or sent has happened.</summary>
    private bool TakeCrash(CrashMoment moment)
    {
        if (_crashWanted != moment) return false;
        if (moment == CrashMoment.BeforeTheJournal && Journal.Staged == 0) return false;
        if (moment == CrashMoment.AmongTheMessages && _chance.Below(3) > 0) return false;
        _crashWanted = null;
        CrashesSoFar++;
        Story.Tell($"--- the power fails, {moment}: {Journal.Staged} records are lost, {_switch.OpenCalls} calls end");
        Journal.Crash();
        Journal.Full = false;
        _deskStalledUntil = default;
        _downtime++;
        In(TimeSpan.FromMilliseconds(200 + _chance.Below(5_000)), Restart);
        return true;
    }

    private void Restart()
    {
        LedgerFold fold = new(new Ledger(Journal));
        foreach (JournalEntry entry in Journal.Entries.ToArray()) fold.Apply(entry.Type, entry.At, entry.Payload);
        if (fold.Faults.Count > 0) Fail($"the fold at the restart finds faults: {fold.Faults[0]}");
        (int precision, int free) = (Revisions[_revision].Precision, Revisions[_revision].Free);
        int lost = fold.Ledger.Recover(Now, precision, free);
        Story.Tell($"--- the switch starts again; {lost} calls are closed");
        if (fold.Ledger.OpenCalls != 0) Fail("calls are open after the recovery");
        Journal.WriteOut();
        _downtime--;
        _switch = new Switch(this, Child(), Journal, fold.Ledger);
        if (Closing) DropEverything();
    }

    // ---- the end

    private void Close()
    {
        Closing = true;
        Story.Tell("no more calls; an operator drops what is left");
        DropEverything();
        for (int i = 1; i <= 3; i++) In(TimeSpan.FromSeconds(60 * i), DropEverything);
    }

    private void DropEverything()
    {
        if (_downtime > 0) return;
        foreach (Shard shard in _switch.Shards) shard.TryPost(static (s, now) =>
        {
            s.DropAll(Refusal.OperatorDropped, now);
            s.LeaveTrunks(now);
        });
    }

    private void AtRest()
    {
        Story.Tell("all is quiet");
        Must(_downtime == 0, "the switch is down at the end");
        Must(Ledger.OpenCalls == 0, $"{Ledger.OpenCalls} calls are open in the ledger");
        Must(_switch.OpenCalls == 0, $"{_switch.OpenCalls} calls keep their slots");
        Must(_switch.Relay.PortsLent == 0, $"{_switch.Relay.PortsLent} ports are lent");
        foreach (Shard shard in _switch.Shards)
        {
            Must(shard.Transactions.OpenServers == 0, $"{shard.Transactions.OpenServers} server transactions are open");
            Must(shard.Transactions.OpenClients == 0, $"{shard.Transactions.OpenClients} client transactions are open");
            Must(shard.OpenTrunks == 0, $"{shard.OpenTrunks} registrations at carriers are not over");
            Must(shard.BuffersOutstanding == 0, $"{shard.BuffersOutstanding} buffers are lent");
        }
        foreach (string name in _configuration!.MappingGateways.Keys) NoLines(name, _switch.States.Mapping(name));
        foreach (string name in _configuration.RoutingGateways.Keys)
        {
            NoLines(name, _switch.States.Routing(name));
            Must(_switch.States.Routing(name).Pool.CallsInAll == 0, $"{_switch.States.Routing(name).Pool.CallsInAll} calls hold pool numbers of {name}");
        }
        foreach (string number in _configuration.Phones.Keys) NoLines(number, _switch.States.Phone(number));
        foreach (Publisher publisher in _publishers) publisher.Check();
        foreach (LedgerAccount account in Ledger.Accounts) Must(account.ReservedNanos == 0, $"account {account.Number} still holds {account.ReservedNanos}");
        Journal.Books.Compare(Ledger);
        Journal.Books.CheckWhole();

        LedgerFold fold = LedgerFold.FromNothing(provePrices: true);
        foreach (JournalEntry entry in Journal.Entries) fold.Apply(entry.Type, entry.At, entry.Payload);
        Must(fold.Faults.Count == 0, $"the fold of the journal finds faults: {string.Join("; ", fold.Faults.Take(3))}");
        IReadOnlyList<string> differences = LedgerCheck.Compare(fold.Ledger, Ledger);
        Must(differences.Count == 0, $"the fold of the journal is not the ledger: {string.Join("; ", differences.Take(3))}");
        Agreement.Check(this);
    }

    private void NoLines(string name, GatewayState state) => Must(state.CurrentCalls == 0, $"{state.CurrentCalls} lines of {name} are taken");

    internal void Must(bool holds, string otherwise)
    {
        if (!holds) Fail(otherwise);
    }
}
