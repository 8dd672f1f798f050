using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Tandem.Server.Cli;

// Money beyond tandem pay.
internal sealed partial class ApiVerbs
{
    private void Money()
    {
        Listed("payments", "Payments, newest first", "/v1/payments", (t, a) => t.Table(a["payments"], "there is no payment",
            ("id", "id"), ("account", "account"), ("kind", "kind"), ("amount", "amount"), ("", "currency"), ("balance", "balanceAfter"), ("at", "at"), ("by", "by"), ("refers to", "reference"), ("taken back", "reversed"), ("memo", "memo")));
        Listed("rents", "Rents and shortfalls, newest first", "/v1/consumptions", (t, a) => t.Table(a["consumptions"], "nothing was charged but calls",
            ("account", "account"), ("kind", "kind"), ("of", "name"), ("amount", "amount"), ("balance", "balanceAfter"), ("at", "at")));
        Listed("packages", "Current packages, and how orders stand", "/v1/packages", (t, a) =>
        {
            t.Table(a["packages"], "no package is current", ("id", "id"), ("account", "account"), ("package", "package"), ("order", "order"), ("from", "from"), ("until", "until"), ("rent", "rent"), ("spent", "spent"), ("gift money", "giftMoneyLeft"), ("gift s", "secondsLeft"));
            t.Table(a["orders"], "nothing is ordered", ("order", "id"), ("package", "package"), ("paid until", "paidUntil"), ("state", "state"));
        }, times: false);
        Book("reverse", "PAYMENT", "Take a payment back, whole, once", static what => $"/v1/payments/{what}/reversal");
        Book("zero", "ACCOUNT", "Bring an account's balance to zero", static what => $"/v1/accounts/{what}/zero");
        Card();
        Cards();
        TalkTime();
    }

    private void Listed(string name, string says, string path, Action<Terminal, JsonNode> show, bool times = true)
    {
        var account = new Argument<string?>("ACCOUNT") { Description = "Of one account", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> since = Text("--since", "TIME", "At or after"), until = Text("--until", "TIME", "Before"), limit = Text("--limit", "N", "At most so many [default: 100]");
        var command = new Command(name, says) { account };
        if (times) foreach (Option<string?> option in (Option<string?>[])[since, until, limit]) command.Add(option);
        Add(command, async call =>
        {
            List<(string Name, string? Value)> asked = [("account", call.Typed.GetValue(account))];
            if (times) asked.AddRange([("since", call.Typed.GetValue(since)), ("until", call.Typed.GetValue(until)), ("limit", call.Typed.GetValue(limit))]);
            string query = string.Join('&', asked.Where(static q => q.Value is not null).Select(static q => $"{q.Name}={Uri.EscapeDataString(q.Value!)}"));
            call.Terminal.Show(await call.GetAsync(query.Length == 0 ? path : $"{path}?{query}"), a => show(call.Terminal, a));
            return CommandLine.Done;
        });
    }

    private void Book(string name, string of, string says, Func<string, string> path)
    {
        var what = new Argument<string>(of);
        var id = new Option<string?>("--id") { Description = "Its own id: the same id is booked once [default: a new one]", HelpName = "ID" };
        Option<string?> memo = Text("--memo", "TEXT", "Kept with it");
        Add(new Command(name, says) { what, id, memo }, async call =>
        {
            var order = new JsonObject { ["id"] = call.Typed.GetValue(id) ?? "cli-" + RandomNumberGenerator.GetHexString(16, lowercase: true) };
            if (call.Typed.GetValue(memo) is { } text) order["memo"] = text;
            using var body = new StringContent(order.ToJsonString(), Encoding.UTF8, "application/json");
            JsonNode answer = await call.SendAsync(Post, path(Uri.EscapeDataString(call.Typed.GetRequiredValue(what))), body);
            call.Terminal.Show(answer, a => call.Terminal.Say($"payment {a["id"]} of {a["amount"]} {a["currency"]} to account {a["account"]} is booked; the balance after it is {a["balanceAfter"]}"));
            return CommandLine.Done;
        });
    }

    private void Card()
    {
        var pin = new Argument<string>("PIN");
        var password = new Argument<string>("PASSWORD") { Description = "- reads it from the input" };
        Option<string?> account = Text("--account", "NUMBER", "Recharge this account; without it the card opens one of its own"), number = Text("--bind", "NUMBER", "Bind this calling number to the active card it opens");
        Add(new Command("card", "Use a stock card up") { pin, password, account, number }, async call =>
        {
            string secret = call.Typed.GetRequiredValue(password);
            if (secret == "-") secret = Encoding.UTF8.GetString(await ReadAsync("-", call.Stop)).TrimEnd('\r', '\n');
            var use = new JsonObject { ["pin"] = call.Typed.GetRequiredValue(pin), ["password"] = secret };
            if (call.Typed.GetValue(account) is { } to) use["account"] = to;
            if (call.Typed.GetValue(number) is { } bound) use["boundNumber"] = bound;
            using var body = new StringContent(use.ToJsonString(), Encoding.UTF8, "application/json");
            JsonNode answer = await call.SendAsync(Post, "/v1/cards/use", body);
            call.Terminal.Show(answer, a => call.Terminal.Say($"card {a["pin"]} {((bool?)a["opened"] == true ? "opened" : "recharged")} account {a["account"]}; the balance is {a["balance"]}"));
            return CommandLine.Done;
        });
    }

    private void Cards()
    {
        var count = new Option<int>("--count") { Description = "How many, up to 10,000", HelpName = "N", Required = true };
        var currency = new Option<string>("--currency") { Description = "As in USD", HelpName = "CODE", Required = true };
        var to = new Option<string>("--to") { Description = "CSV file of PINs and passwords, which are told this once", HelpName = "FILE", Required = true };
        (string Field, Option<string?> Option)[] others =
        [
            ("digits", Text("--digits", "N", "Of a PIN [default: 12]")), ("prefix", Text("--prefix", "DIGITS", "What every PIN begins with")), ("passwordDigits", Text("--password-digits", "N", "Of a password [default: 8]")),
            ("money", Text("--money", "AMOUNT", "Face value")), ("limitMoney", Text("--limit", "AMOUNT", "Credit limit of an account it opens")), ("bitsOfConfig", Text("--bits", "N", "What it may do: the sum of the bits of docs/cards.md")),
            ("feeRateGroup", Text("--deck", "NAME", "Deck of an account it opens or recharges")), ("agentAccount", Text("--agent", "NUMBER", "Agent of an account it opens")), ("expireTime", Text("--expires", "TIME", "From when it cannot be used")),
            ("suiteNames", Text("--packages", "NAMES", "Packages it orders, with commas between")), ("memo", Text("--memo", "TEXT", "Kept with each")),
        ];
        var make = new Command("make", "Make stock cards with PINs and passwords drawn at random: all of them, or none") { count, currency, to };
        foreach ((_, Option<string?> option) in others) make.Add(option);
        _tree.Add(new Command("cards", "Stock cards") { make });
        _all.Add(new ApiVerb(make, async call =>
        {
            var batch = new JsonObject { ["count"] = call.Typed.GetValue(count), ["currency"] = call.Typed.GetRequiredValue(currency) };
            foreach ((string field, Option<string?> option) in others)
            {
                if (call.Typed.GetValue(option) is { } said) batch[field] = said;
            }
            // The file is opened first: passwords that could not be written down would be lost.
            JsonNode? made = null;
            await WholeFile.WriteAsync(call.Typed.GetRequiredValue(to), async file =>
            {
                using var body = new StringContent(batch.ToJsonString(), Encoding.UTF8, "application/json");
                made = await call.SendAsync(Post, "/v1/cards", body);
                await using var text = new StreamWriter(file, leaveOpen: true);
                await text.WriteLineAsync("pin,password");
                foreach (JsonNode? card in made["cards"]!.AsArray()) await text.WriteLineAsync($"{card!["pin"]},{card["password"]}");
            });
            call.Terminal.Show(new JsonObject { ["revision"] = (int)made!["revision"]!, ["cards"] = made["cards"]!.AsArray().Count }, a => call.Terminal.Say($"{a["cards"]} cards made by revision {a["revision"]}; their PINs and passwords are in {call.Typed.GetRequiredValue(to)}"));
            return CommandLine.Done;
        }));
    }

    private void TalkTime()
    {
        var mode = new Argument<string>("MODE") { Description = "Who pays: phone, gateway, boundNumber or card" };
        var payer = new Argument<string>("PAYER") { Description = "Its number, name or PIN" };
        var callee = new Argument<string>("NUMBER") { Description = "The called number as it is billed" };
        Add(new Command("talk-time", "How long a call could talk now") { mode, payer, callee }, async call =>
        {
            static string Of(ParseResult typed, Argument<string> argument) => Uri.EscapeDataString(typed.GetRequiredValue(argument));
            JsonNode answer = await call.GetAsync($"/v1/available-time?billingMode={Of(call.Typed, mode)}&payer={Of(call.Typed, payer)}&callee={Of(call.Typed, callee)}");
            call.Terminal.Show(answer, a => call.Terminal.Say($"account {a["account"]} with {a["balance"]}: {a["says"]}"));
            return CommandLine.Done;
        });
    }
}
