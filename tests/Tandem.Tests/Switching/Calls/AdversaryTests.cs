using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>
/// Somebody who wants to talk for more than he has: calls at once, carriers that fail over to dearer ones, transfers, payments, refunds, locks, decks and credit limits that change while calls run. The worst overdraft of
/// docs/billing.md is held to at every step, and no call that costs nothing is refused for want of money.
/// </summary>
public sealed class AdversaryTests
{
    private const string Usa = "15551234", Britain = "442079460123", Free = "33145";

    private static readonly NetAddress[] Carriers = [SwitchFixture.CarrierA, SwitchFixture.CarrierB, SwitchFixture.CarrierC];

    [Fact]
    public void Ten_thousand_INVITEs_at_once_on_one_unit_are_granted_what_one_unit_covers_and_not_a_call_more()
    {
        var game = new Game(new SwitchFixture(balance: 1.00m, maxCalls: 16_384, leases: 16_384, deskCapacity: 16_384), seed: 1, answers: 100, failures: 0);
        for (int i = 0; i < 10_000; i++) game.Invite(i % 10 == 0 ? Free : Usa);
        game.Pump();
        Assert.Equal(1_000, game.Talking(Free));
        Assert.Equal(8, game.Talking(Usa)); // 8 x 0.12 = 0.96
        Assert.Equal(8_992, game.Refused);
        game.End();
        Assert.Equal(SwitchFixture.Nanos(1.00m), game.World.Cdrs.Sum(static c => c.Sale?.Nanos ?? 0) + game.World.Account("1001").BalanceNanos);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Payments_refunds_dearer_decks_limits_locks_transfers_and_failovers_while_calls_run_never_lead_beyond_the_credit_limit(int seed)
    {
        var game = new Game(new SwitchFixture(TransferTests.Allowed, balance: 1.00m, maxCalls: 4_096, leases: 4_096, deskCapacity: 4_096), seed, answers: 55, failures: 35);
        for (int step = 0; step < 1_500; step++) game.Act(step);
        game.End();
        Assert.True(game.Granted > 100 && game.Refused > 100 && game.FailedOver > 20 && game.Reversed > 3 && game.Transfers > 10, $"{game.Granted} granted, {game.Refused} refused, {game.FailedOver} failed over, {game.Reversed} refunds, {game.Transfers} transfers: too little happened");
        Assert.Equal(game.Paid, game.World.Account("1001").BalanceNanos + game.World.Cdrs.Sum(static c => c.Sale?.Nanos ?? 0));
        Assert.Equal(0, game.World.Ledger.CappedPostings);
    }

    /// <summary>The adversary, the carriers, and an operator.</summary>
    private sealed class Game(SwitchFixture world, int seed, int answers, int failures)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<string, CallerLeg> _calling = new(StringComparer.Ordinal);
        private readonly Dictionary<string, CallerLeg> _talking = new(StringComparer.Ordinal);
        private readonly Dictionary<string, WireMessage> _asked = new(StringComparer.Ordinal); // INVITEs at carriers, by call and carrier
        private readonly List<string> _payments = [];
        private long _credit, _mostCredit;

        public SwitchFixture World => world;
        public int Refused { get; private set; }
        public int Granted { get; private set; }
        public int FailedOver { get; private set; }
        public int Reversed { get; private set; }
        public int Transfers { get; private set; }
        public long Paid { get; private set; } = SwitchFixture.Nanos(1.00m);

        private LedgerAccount Payer => world.Account("1001");

        public int Talking(string to) => _talking.Values.Count(c => c.To == to);

        public void Invite(string to)
        {
            CallerLeg caller = new CallerLeg(world, to: to);
            _calling[caller.CallId] = caller;
            caller.Invite();
            Hold();
        }

        public void Act(int step)
        {
            switch (_random.Next(22))
            {
                case < 9:
                    Invite(_random.Next(4) switch { 0 => Free, 1 => Britain, _ => Usa });
                    break;
                case 9 or 10:
                    Pay($"p{step}", _random.Next(1, 40) * 10_000_000L);
                    break;
                case 11:
                    Pay($"d{step}", -_random.Next(1, 60) * 10_000_000L); // an operator takes money out
                    break;
                case 12 when _payments.Count > 0:
                    string payment = _payments[_random.Next(_payments.Count)];
                    Assert.True(world.Ledger.TryFindPayment(payment, out PaymentEntry entry));
                    if (world.Ledger.Reverse($"r{step}", payment, "", "test", world.Now) == LedgerOutcome.Done)
                    {
                        Paid -= entry.Payment.Nanos;
                        Reversed++;
                    }
                    break;
                case 13:
                    _credit = _random.Next(3) * 200_000_000L;
                    _mostCredit = Math.Max(_mostCredit, _credit);
                    Assert.True(world.Ledger.SetTerms(Payer.Id, _credit, locked: false, world.Now) is LedgerOutcome.Done or LedgerOutcome.AlreadyDone);
                    break;
                case 14:
                    Dearer(step);
                    break;
                case 15 when _talking.Count > 0:
                    CallerLeg one = _talking.Values.ElementAt(_random.Next(_talking.Count));
                    _talking.Remove(one.CallId);
                    one.Request("BYE");
                    break;
                case 16 when _talking.Count > 0:
                    CallerLeg giver = _talking.Values.ElementAt(_random.Next(_talking.Count));
                    giver.Request("REFER", extra: $"Refer-To: <sip:{(_random.Next(2) == 0 ? Britain : Usa)}@{SwitchFixture.Us}>\r\n");
                    break;
                case 17:
                    // Locked or expired for a while: nothing new begins, nothing is extended.
                    bool locks = _random.Next(2) == 0;
                    world.Ledger.SetTerms(Payer.Id, _credit, locks, world.Now, locks ? null : world.Now - TimeSpan.FromSeconds(1));
                    Invite(Usa);
                    Pump();
                    world.Advance(_random.Next(1, 90));
                    world.Ledger.SetTerms(Payer.Id, _credit, locked: false, world.Now, Instant.Never);
                    break;
                case 18:
                    world.Jump(_random.Next(1, 15)); // late
                    break;
                default:
                    world.Advance(_random.Next(1, 30));
                    break;
            }
            Pump();
        }

        /// <summary>Everything comes to its end.</summary>
        public void End()
        {
            foreach (CallerLeg caller in _talking.Values.Where(static c => c.To == Free).ToList()) caller.Request("BYE");
            Pump();
            for (int i = 0; i < 400; i++)
            {
                world.Advance(30);
                Pump();
            }
            world.AssertEverythingReturned();
        }

        /// <summary>Reads and answers whatever waits for anybody, until nothing does.</summary>
        public void Pump()
        {
            for (bool any = true; any;)
            {
                any = false;
                foreach (NetAddress carrier in Carriers)
                {
                    while (world.Waiting(carrier) > 0)
                    {
                        any = true;
                        Carrier(carrier, world.Next(carrier));
                        Hold();
                    }
                }
                while (world.Waiting(SwitchFixture.Customer) > 0)
                {
                    any = true;
                    Caller(world.Next(SwitchFixture.Customer));
                    Hold();
                }
            }
            Hold();
        }

        // What must hold whatever happens: nothing was spent that was not there, and what is held is covered.
        private void Hold()
        {
            LedgerAccount payer = Payer;
            Assert.True(payer.BalanceNanos + _mostCredit >= 0, $"the balance is {payer.BalanceNanos} nanos, below the highest credit limit there was, {_mostCredit}");
            Assert.True(payer.ReservedNanos >= 0 && payer.ReservedNanos <= payer.BalanceNanos + _mostCredit, $"{payer.ReservedNanos} nanos are held, and there are {payer.BalanceNanos} with a credit of {_mostCredit}");
        }

        private void Pay(string id, long nanos)
        {
            long held = Payer.ReservedNanos;
            if (world.Ledger.Pay(id, Payer.Id, nanos, "", "test", world.Now) != LedgerOutcome.Done) return;
            Paid += nanos;
            Assert.True(nanos > 0 || Payer.BalanceNanos + _credit >= held || Payer.BalanceNanos + _mostCredit >= held, "a deduction took what calls hold");
            if (nanos > 0) _payments.Add(id);
        }

        // New prices for calls to come; those in progress keep theirs.
        private void Dearer(int step)
        {
            Rate Of(string prefix, decimal rate, decimal fee) => new(DialString.Parse(prefix), "", new Tariff(SwitchFixture.Nanos(rate), SwitchFixture.Nanos(fee), _random.Next(1, 61), _random.Next(1, 61), Currency.Usd), Locked: false);
            Assert.True(Deck.TryCreate("retail", Currency.Usd, [Of("1", _random.Next(1, 200) / 100m, 0), Of("44", _random.Next(1, 300) / 100m, 0.02m), Of("33", 0, 0)], out Deck? deck, out _));
            world.MoreDecks[deck.Version] = deck;
            // Costs far above what the customer pays: his money does not know of them.
            Assert.True(Deck.TryCreate("wholesale", Currency.Usd, [Of("1", step, 1), Of("44", step, 1)], out Deck? cost, out _));
            world.MoreDecks[cost.Version] = cost;
            world.Reconfigure(said => said with { Decks = said.Decks.SetItem("retail", new DeckRef("retail", Currency.Usd, deck.Version)).SetItem("wholesale", new DeckRef("wholesale", Currency.Usd, cost.Version)) });
        }

        private void Carrier(NetAddress carrier, WireMessage message)
        {
            if (message.IsResponse) return;
            string key = message.CallId + carrier;
            void Respond(WireMessage to, int status, bool sdp = false) => world.Deliver(carrier, Legs.Response(to, status, status == 100 ? "" : "et" + to.CallId.Length, status < 300 && to.Method == "INVITE" ? $"<sip:in@{carrier}>" : "", "", sdp ? SwitchFixture.Sdp("203.0.113.77", 30500) : ""), to.Listener);
            switch (message.Method)
            {
                case "ACK":
                    break;
                case "INVITE" when message.ToTag.Length == 0:
                    int dice = _random.Next(100);
                    if (dice < answers) Respond(message, 200, sdp: true);
                    else if (dice < answers + failures)
                    {
                        Respond(message, 503);
                        if (carrier != SwitchFixture.CarrierC) FailedOver++;
                    }
                    else
                    {
                        _asked[key] = message;
                        Respond(message, 180); // and is silent until the switch gives it up
                    }
                    break;
                case "INVITE":
                    Respond(message, 200, sdp: true);
                    break;
                case "CANCEL":
                    Respond(message, 200);
                    if (_asked.Remove(key, out WireMessage? ringing)) Respond(ringing, 487);
                    break;
                default:
                    Respond(message, 200);
                    break;
            }
        }

        private void Caller(WireMessage message)
        {
            if (!message.IsResponse)
            {
                if (message.Method == "ACK") return;
                if (message.Method == "BYE") _talking.Remove(message.CallId);
                world.Deliver(SwitchFixture.Customer, Legs.Response(message, 200, "", message.Method == "INVITE" ? $"<sip:x@{SwitchFixture.Customer}>" : "", "", message.Method == "INVITE" ? SwitchFixture.Sdp("192.0.2.99", 18200) : ""), message.Listener);
                return;
            }
            if (message is { Method: "REFER", Status: 202 }) Transfers++;
            if (message.Method != "INVITE" || message.Status < 200 || !_calling.Remove(message.CallId, out CallerLeg? caller)) return;
            caller.RemoteTag = message.ToTag;
            if (message.Status >= 300)
            {
                Assert.False(caller.To == Free && message.Status == 402, "a call that costs nothing was refused for want of money");
                if (message.Status == 402) Refused++;
                caller.AckFailure();
                return;
            }
            Granted++;
            caller.Ack();
            _talking[caller.CallId] = caller;
        }
    }
}
