using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Client;

namespace Tandem.Server.Cli;

// Money beyond tandem pay.
internal sealed partial class ApiVerbs
{
    private void Money()
    {
        Timed("payments", "Payments, newest first", static (call, of) => call.Api.GetPaymentsAsync(of.Account, of.Since, of.Until, of.Limit, of.Cursor, stop: call.Stop), static (t, a) => t.Table(a.Payments, "there is no payment",
            ("id", static r => r.Id), ("account", static r => r.Account), ("kind", static r => r.Kind), ("amount", static r => r.Amount), ("", static r => r.Currency), ("balance", static r => r.BalanceAfter), ("at", static r => r.At), ("by", static r => r.By),
            ("refers to", static r => r.Reference), ("taken back", static r => r.Reversed), ("memo", static r => r.Memo)));
        Timed("rents", "Rents and shortfalls, newest first", static (call, of) => call.Api.GetConsumptionsAsync(of.Account, of.Since, of.Until, of.Limit, of.Cursor, stop: call.Stop), static (t, a) => t.Table(a.Consumptions, "nothing was charged but calls",
            ("account", static r => r.Account), ("kind", static r => r.Kind), ("of", static r => r.Name), ("amount", static r => r.Amount), ("balance", static r => r.BalanceAfter), ("at", static r => r.At)));
        Packages();
        PayMany();
        Book("reverse", "PAYMENT", "Take a payment back, whole, once", static (call, what, order) => call.Api.PostPaymentsByPaymentReversalAsync(what, order, stop: call.Stop));
        Book("zero", "ACCOUNT", "Bring an account's balance to zero", static (call, what, order) => call.Api.PostAccountsByNumberZeroAsync(what, order, stop: call.Stop));
        Card();
        Cards();
        TalkTime();
    }

    private void Timed<T>(string name, string says, Func<ApiCall, TimedAsk, Task<T>> askAsync, Action<Terminal, T> show)
        where T : class, IPage<T>
    {
        var account = new Argument<string?>("ACCOUNT") { Description = "Of one account", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> since = Text("--since", "TIME", "At or after"), until = Text("--until", "TIME", "Before");
        var command = new Command(name, says) { account, since, until };
        Add(Paging.Verb(command, (call, limit, cursor) => askAsync(call, new TimedAsk(call.Maybe(account), call.Time(since, "since"), call.Time(until, "until"), limit, cursor)), show));
    }

    private void Packages()
    {
        var account = new Argument<string?>("ACCOUNT") { Description = "Of one account", Arity = ArgumentArity.ZeroOrOne };
        Simple(new Command("packages", "Current packages, and how orders stand") { account }, call => call.Api.GetPackagesAsync(call.Maybe(account), stop: call.Stop), static (t, a) =>
        {
            t.Table(a.Packages, "no package is current", ("id", static r => r.Id), ("account", static r => r.Account), ("package", static r => r.Package), ("order", static r => r.Order), ("from", static r => r.From), ("until", static r => r.Until),
                ("rent", static r => r.Rent), ("spent", static r => r.Spent), ("gift money", static r => r.GiftMoneyLeft), ("gift s", static r => r.SecondsLeft));
            t.Table(a.Orders, "nothing is ordered", ("order", static r => r.Id), ("package", static r => r.Package), ("paid until", static r => r.PaidUntil), ("state", static r => r.State));
        });
    }

    private void Book(string name, string of, string says, Func<ApiCall, string, ReversalRequest, Task<JsonNode>> bookAsync)
    {
        var what = new Argument<string>(of);
        Option<string?> id = Text("--id", "ID", "Its own id: the same id is booked once [default: a new one]"), memo = Text("--memo", "TEXT", "Kept with it");
        Simple(new Command(name, says) { what, id, memo }, call => bookAsync(call, call.Of(what), new ReversalRequest { Id = call.Of(id) ?? NewId(), Memo = call.Of(memo) }),
            static (t, a) => t.Say(Booked(a)));
    }

    private void PayMany()
    {
        var file = new Argument<string>("FILE") { Description = "CSV with the columns id, account, amount and, if you like, memo; - reads it from the input" };
        Add(new Command("pay-many", "Book the payments of a file, each once: what cannot be booked is told and keeps no other") { file }, async call =>
        {
            var batch = new BatchRequest { Payments = PaymentFile.Read(Encoding.UTF8.GetString(await ReadAsync(call.Of(file), call.Stop))) };
            JobView job = await WhatIfVerb.WaitAsync(call, await call.Api.PostPaymentsBatchAsync(batch, stop: call.Stop));
            if (job.State != JobState.Done) throw new RefusedException($"the batch was {(job.State == JobState.Cancelled ? "cancelled" : "not finished")}; what was booked stays so, and the same file again books the rest: {job.Says}", TandemClient.ToJson(job));
            BatchPaidView paid = TandemClient.Read<BatchPaidView>(job.Result!);
            call.Terminal.Show(paid, _ =>
            {
                if (paid.NotBooked.Count > 0) call.Terminal.Table(paid.NotBooked, "", ("row", static r => r.Row), ("id", static r => r.Id), ("account", static r => r.Account), ("", static r => r.Outcome), ("why", static r => r.Says));
                call.Terminal.Say($"{paid.Rows} payments: {paid.Booked} booked, {paid.Repeated} booked before, {paid.Waiting} wait for a second person, {paid.Refused} refused{string.Concat(paid.Sums.Select(static s => $"; {s.Amount} {s.Currency}"))}");
            });
            return paid.Refused == 0 ? CommandLine.Done : CommandLine.Failed;
        });
    }

    private void Card()
    {
        var pin = new Argument<string>("PIN");
        var password = new Argument<string>("PASSWORD") { Description = "- reads it from the input" };
        Option<string?> account = Text("--account", "NUMBER", "Recharge this account; without it the card opens one of its own"), number = Text("--bind", "NUMBER", "Bind this calling number to the active card it opens");
        Add(new Command("card", "Use a stock card up") { pin, password, account, number }, async call =>
        {
            string secret = call.Of(password);
            if (secret == "-") secret = Encoding.UTF8.GetString(await ReadAsync("-", call.Stop)).TrimEnd('\r', '\n');
            var use = new CardUseRequest { Pin = call.Of(pin), Password = secret, Account = call.Of(account), BoundNumber = call.Of(number) };
            call.Terminal.Show(await call.Api.PostCardsUseAsync(use, stop: call.Stop), a =>
            {
                if (a["pin"] is null) call.Terminal.Say(Waits(a));
                else if (TandemClient.Read<CardUsedView>(a) is var used) call.Terminal.Say($"card {used.Pin} {(used.Opened ? "opened" : "recharged")} account {used.Account}; the balance is {used.Balance}");
            });
            return CommandLine.Done;
        });
    }

    private void Cards()
    {
        var count = new Option<int>("--count") { Description = "How many, up to 10,000", HelpName = "N", Required = true };
        var currency = new Option<string>("--currency") { Description = "As in USD", HelpName = "CODE", Required = true };
        var to = new Option<string>("--to") { Description = "CSV file of PINs and passwords, which are told this once", HelpName = "FILE", Required = true };
        Option<string?> digits = Text("--digits", "N", "Of a PIN [default: 12]"), prefix = Text("--prefix", "DIGITS", "What every PIN begins with"), passwordDigits = Text("--password-digits", "N", "Of a password [default: 8]"),
            money = Text("--money", "AMOUNT", "Face value"), limitMoney = Text("--limit", "AMOUNT", "Credit limit of an account it opens"), bits = Text("--bits", "N", "What it may do: the sum of the bits of docs/cards.md"),
            deck = Text("--deck", "NAME", "Deck of an account it opens or recharges"), agent = Text("--agent", "NUMBER", "Agent of an account it opens"), expires = Text("--expires", "TIME", "From when it cannot be used"),
            packages = Text("--packages", "NAMES", "Packages it orders, with commas between"), memo = Text("--memo", "TEXT", "Kept with each");
        var make = new Command("make", "Make stock cards with PINs and passwords drawn at random: all of them, or none") { count, currency, to, digits, prefix, passwordDigits, money, limitMoney, bits, deck, agent, expires, packages, memo };
        _tree.Add(new Command("cards", "Stock cards") { make });
        _all.Add(new ApiVerb(make, async call =>
        {
            var batch = new CardsRequest
            {
                Count = call.Typed.GetValue(count), Currency = call.Typed.GetRequiredValue(currency), Digits = call.Number(digits, "digits"), Prefix = call.Of(prefix), PasswordDigits = call.Number(passwordDigits, "passwordDigits"),
                Money = call.Of(money), LimitMoney = call.Of(limitMoney), BitsOfConfig = call.Of(bits), FeeRateGroup = call.Of(deck), AgentAccount = call.Of(agent), ExpireTime = call.Of(expires), SuiteNames = call.Of(packages), Memo = call.Of(memo),
            };
            // The file is opened first: passwords that could not be written down would be lost.
            string file = call.Typed.GetRequiredValue(to);
            CardsMadeView? made = null;
            await WholeFile.WriteAsync(file, async stream =>
            {
                made = await call.Api.PostCardsAsync(batch, stop: call.Stop);
                await using var text = new StreamWriter(stream, leaveOpen: true);
                await text.WriteLineAsync("pin,password");
                foreach (CardMadeView card in made.Cards) await text.WriteLineAsync($"{card.Pin},{card.Password}");
            });
            call.Terminal.Show(new JsonObject { ["revision"] = made!.Revision, ["cards"] = made.Cards.Count }, _ => call.Terminal.Say($"{made.Cards.Count} cards made by revision {made.Revision}; their PINs and passwords are in {file}"));
            return CommandLine.Done;
        }));
    }

    private void TalkTime()
    {
        var mode = new Argument<string>("MODE") { Description = "Who pays: phone, gateway, boundNumber or card" };
        var payer = new Argument<string>("PAYER") { Description = "Its number, name or PIN" };
        var callee = new Argument<string>("NUMBER") { Description = "The called number as it is billed" };
        Simple(new Command("talk-time", "How long a call could talk now") { mode, payer, callee }, call => call.Api.GetAvailableTimeAsync(call.Of(mode), call.Of(payer), call.Of(callee), stop: call.Stop),
            static (t, a) => t.Say($"account {a.Account} with {a.Balance}: {a.Says}"));
    }

    private sealed record TimedAsk(string? Account, DateTimeOffset? Since, DateTimeOffset? Until, int? Limit, string? Cursor);
}
