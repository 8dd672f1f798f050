using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Hosting;

// Cards: a stock card is used up by one change of the configuration and one payment, both in one turn of the ledger, or not at all.
public sealed partial class SwitchControl
{
    private static readonly Fault NoSuchCard = new(FaultKind.NotFound, "There is no such card, or its password is another.");

    public async Task<Answer<CardUsedView>> UseCardAsync(CardUse use, string by, CancellationToken stop)
    {
        await _oneChange.WaitAsync(stop);
        try
        {
            SwitchConfiguration said = host.Configuration.Current.Configuration;
            Instant now = host.Clock.Now();
            if (!said.StockCards.TryGetValue(use.Pin, out StockCardConfig? card) || !card.IsPassword(use.Password)) return NoSuchCard;
            if (Unusable(said, card, use, now) is { } says) return new Fault(FaultKind.Conflict, says);
            string account = use.Account ?? card.Pin;
            ApplyResult prepared = host.Configuration.Prepare(Document(said, card, use, account, now), by, now);
            if (Refused(prepared) is { } fault) return fault;
            bool pays = card.PaysNanos > 0;
            Fault? unable = await Enact(prepared, (ledger, at) =>
            {
                if (!pays) return LedgerOutcome.Done;
                if (!ledger.TryFindAccount(account, out LedgerAccount? held)) return LedgerOutcome.AccountMissing;
                return ledger.Pay(StockCardConfig.PaymentOf(card.Pin), held.Id, card.MoneyNanos, "", by, at, use.Account is null ? PaymentKind.Opening : PaymentKind.Recharge, PaymentMeans.RechargeCard, card.Pin);
            });
            if (unable is not null) return unable;
            long balance = await OnLedger((ledger, _) => ledger.TryFindAccount(account, out LedgerAccount? held) ? held.BalanceNanos : 0);
            return new CardUsedView(card.Pin, account, use.Account is null, pays ? new Money(card.MoneyNanos, card.Currency) : null, new Money(balance, card.Currency));
        }
        finally
        {
            _oneChange.Release();
        }
    }

    public async Task<Answer<CardsMadeView>> MakeCardsAsync(CardBatch batch, string by, CancellationToken stop)
    {
        await _oneChange.WaitAsync(stop);
        try
        {
            ImmutableSortedDictionary<string, StockCardConfig> known = host.Configuration.Current.Configuration.StockCards;
            HashSet<string> pins = [];
            while (pins.Count < batch.Count)
            {
                string pin = batch.Prefix + RandomNumberGenerator.GetString("0123456789", batch.Digits - batch.Prefix.Length);
                if (!known.ContainsKey(pin)) pins.Add(pin);
            }
            CardMadeView[] cards = [.. pins.Select(pin => new CardMadeView(pin, RandomNumberGenerator.GetString("0123456789", batch.PasswordDigits)))];
            JsonObject document = new() { ["stockCards"] = new JsonArray([.. cards.Select(card => Statement(batch, card))]) };
            ApplyResult prepared = host.Configuration.Prepare(Encoding.UTF8.GetBytes(document.ToJsonString()), by, host.Clock.Now());
            // What is wrong with one is wrong with all.
            if (!prepared.Succeeded) return new Fault(FaultKind.Invalid, "The cards cannot be as they are asked for; none was made.", [.. prepared.Errors.DistinctBy(static e => e.Says)]);
            return await Enact(prepared, static (_, _) => LedgerOutcome.Done) is { } unable ? unable : new CardsMadeView(prepared.Revision, cards);
        }
        finally
        {
            _oneChange.Release();
        }
    }

    private static JsonObject Statement(CardBatch batch, CardMadeView card)
    {
        JsonObject statement = new() { ["pin"] = card.Pin, ["password"] = card.Password };
        foreach ((string field, string value) in batch.Card)
        {
            statement[field] = field switch
            {
                "bitsOfConfig" when int.TryParse(value, out int bits) => bits,
                "suiteNames" => new JsonArray([.. value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static n => (JsonNode)n)]),
                _ => value,
            };
        }
        return statement;
    }

    private static string? Unusable(SwitchConfiguration said, StockCardConfig card, CardUse use, Instant now)
    {
        if (card.UsedBy.Length > 0) return $"The card {card.Pin} was used on {card.UsedAt} for account {card.UsedBy}.";
        if (now >= card.ValidUntil) return $"The card {card.Pin} expired on {card.ValidUntil}.";
        if (use.Account is null)
        {
            if ((card.Uses & CardUses.OpensAccount) == 0) return $"The card {card.Pin} may not open an account.";
            if (said.Accounts.ContainsKey(card.Pin)) return $"There is an account {card.Pin} already.";
            if (use.BoundNumber is not null && (card.Uses & CardUses.OpensActiveCard) == 0) return $"The card {card.Pin} opens no active card a number could be bound to.";
            return null;
        }
        if ((card.Uses & CardUses.Recharges) == 0) return $"The card {card.Pin} may not recharge an account.";
        if (!said.Accounts.TryGetValue(use.Account, out AccountConfig? account) || account.Canceled) return $"There is no account {use.Account}.";
        return account.Currency != card.Currency ? $"The card is in {card.Currency}, the account in {account.Currency}." : null;
    }

    // The card used, and what it brings: a document as an operator would apply it.
    private static byte[] Document(SwitchConfiguration said, StockCardConfig card, CardUse use, string account, Instant now)
    {
        static JsonNode Node<T>(EntityKind<T> kind, T entity)
            where T : class => JsonNode.Parse(ConfigurationJson.Show(kind, entity))!;

        JsonObject document = new() { ["stockCards"] = new JsonArray(Node(MoneyKinds.StockCards, card with { UsedBy = account, UsedAt = now })) };
        if (use.Account is null)
        {
            document["accounts"] = new JsonArray(Node(EntityKinds.Accounts, new AccountConfig
            {
                Number = account, Name = $"card {card.Pin}", Currency = card.Currency, Kind = AccountKind.PhoneCard, CreditLimitNanos = card.CreditLimitNanos, Deck = card.Deck, Agent = card.Agent,
            }));
            if ((card.Uses & CardUses.OpensActiveCard) != 0)
            {
                JsonNode active = Node(MoneyKinds.ActiveCards, new ActiveCardConfig { Pin = card.Pin, Account = account });
                active["password"] = card.Password;
                document["activeCards"] = new JsonArray(active);
            }
            if (use.BoundNumber is { } number) document["boundNumbers"] = new JsonArray(Node(MoneyKinds.BoundNumbers, new BoundNumberConfig { E164 = number, Pin = card.Pin }));
            if ((card.Uses & CardUses.OpensPhone) != 0)
            {
                JsonNode phone = Node(EntityKinds.Phones, new PhoneConfig { E164 = card.Pin, Password = card.Password, Account = account });
                phone["password"] = card.Password;
                document["phones"] = new JsonArray(phone);
            }
        }
        else if ((card.Uses & CardUses.ReplacesDeck) != 0 && card.Deck is { } deck)
        {
            document["accounts"] = new JsonArray(Node(EntityKinds.Accounts, said.Accounts[account] with { Deck = deck }));
        }
        if ((card.Uses & CardUses.AddsPackages) != 0 && card.Packages.Length > 0)
            document["packageOrders"] = new JsonArray([.. card.Packages.Select((package, i) => Node(MoneyKinds.PackageOrders, new PackageOrderConfig { Id = $"card-{card.Pin}-{i + 1}", Package = package, Account = account }))]);
        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }
}
