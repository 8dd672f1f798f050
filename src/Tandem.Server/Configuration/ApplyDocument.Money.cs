using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

// What must hold among accounts, packages and cards.
internal sealed partial class ApplyDocument
{
    private void CheckMoney()
    {
        foreach (ExchangeRateConfig rate in _after.ExchangeRates.Values)
        {
            if (rate.RateNanos is < 1 or > Exchange.MaxRateNanos) Fault("exchangeRates", rate.Exchange, "rate", "it must be 0.000000001 to 1000000");
        }
        foreach (AccountConfig account in _after.Accounts.Values)
        {
            if (account.Agent is not null) CheckAgent(account);
        }
        foreach (PackageOrderConfig order in _after.PackageOrders.Values) CheckOrder(order);
        foreach (PackageConfig package in _after.Packages.Values)
        {
            if (package.RentNanos > Ledger.MaxAmountNanos || package.GiftNanos > Ledger.MaxAmountNanos || package.MinConsumptionNanos > Ledger.MaxAmountNanos)
                Fault("packages", package.Name, "rentFee", "amounts are at most a thousand million units");
        }
        foreach (StockCardConfig card in _after.StockCards.Values)
        {
            CheckAccount("stockCards", card.Pin, "agentAccount", card.Agent);
            if (card.MoneyNanos > Ledger.MaxAmountNanos) Fault("stockCards", card.Pin, "money", "it is at most a thousand million units");
            if (card.Deck is { } deck && (!_after.Decks.TryGetValue(deck, out DeckRef? known) || known.Currency != card.Currency))
                Fault("stockCards", card.Pin, "feeRateGroup", $"there is no deck '{DocumentNode.Printable(deck)}' in {card.Currency}");
            foreach (string package in card.Packages)
            {
                if (!_after.Packages.ContainsKey(package) && !_wrong.Contains($"packages/{package}")) Fault("stockCards", card.Pin, "suiteNames", $"there is no package '{DocumentNode.Printable(package)}'");
            }
        }
        foreach (ActiveCardConfig card in _after.ActiveCards.Values)
        {
            CheckAccount("activeCards", card.Pin, "account", card.Account);
            int bound = card.BindLimit < 0 ? 0 : _after.BoundNumbers.Values.Count(b => b.Pin == card.Pin);
            if (card.BindLimit >= 0 && bound > card.BindLimit) Fault("activeCards", card.Pin, "bindLimit", $"{bound} numbers are bound to the card; it permits {card.BindLimit}");
        }
        foreach (BoundNumberConfig bound in _after.BoundNumbers.Values)
        {
            if (!_after.ActiveCards.ContainsKey(bound.Pin) && !_wrong.Contains($"activeCards/{bound.Pin}")) Fault("boundNumbers", bound.E164, "pin", $"there is no active card '{DocumentNode.Printable(bound.Pin)}'");
        }
        foreach (PhoneBookConfig entry in _after.PhoneBook.Values)
        {
            CheckAccount("phoneBook", entry.Id, "account", entry.Account);
            if (entry.Id != PhoneBookConfig.IdOf(entry.Account, entry.E164)) Fault("phoneBook", entry.Id, "id", $"it must be '{PhoneBookConfig.IdOf(entry.Account, entry.E164)}', its account and its number");
        }
    }

    private void CheckAgent(AccountConfig account)
    {
        if (CheckAccount("accounts", account.Number, "agentAccount", account.Agent) is not { } agent) return;
        if (agent.Currency != account.Currency) Fault("accounts", account.Number, "agentAccount", $"the agent is in {agent.Currency}, the account in {account.Currency}; they must be in one currency");
        else if (agent.Kind == AccountKind.Clearing) Fault("accounts", account.Number, "agentAccount", "a clearing account cannot be an agent");
        else if (account.Kind == AccountKind.Clearing) Fault("accounts", account.Number, "agentAccount", "a clearing account has no agent");
        int steps = 0;
        for (AccountConfig? above = agent; above is not null; steps++)
        {
            if (above.Number == account.Number || steps > MostAgentsAbove)
            {
                Fault("accounts", account.Number, "agentAccount", above.Number == account.Number ? "the account would be above itself" : $"more than {MostAgentsAbove} agents stand above it");
                return;
            }
            above = above.Agent is { } next && _after.Accounts.TryGetValue(next, out AccountConfig? found) ? found : null;
        }
    }

    // A record names them all, and each holds money for each call.
    private const int MostAgentsAbove = 64;

    private void CheckOrder(PackageOrderConfig order)
    {
        if (!_after.Packages.ContainsKey(order.Package) && !_wrong.Contains($"packages/{order.Package}")) Fault("packageOrders", order.Id, "suite", $"there is no package '{DocumentNode.Printable(order.Package)}'");
        if ((order.Account is null) == (order.Phone is null))
        {
            Fault("packageOrders", order.Id, "account", "an order is an account's or a phone's: one of 'account' and 'phone' must be stated");
            return;
        }
        CheckAccount("packageOrders", order.Id, "account", order.Account);
        if (order.Phone is not { } number || _wrong.Contains($"phones/{number}")) return;
        if (!_after.Phones.TryGetValue(number, out PhoneConfig? phone)) Fault("packageOrders", order.Id, "phone", $"there is no phone '{DocumentNode.Printable(number)}'");
        else if (phone.Account is null) Fault("packageOrders", order.Id, "phone", $"the phone '{number}' has no account that could pay");
    }
}
