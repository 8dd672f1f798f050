using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;

namespace Tandem.Server.Cli;

// Users, keys, sessions, logins, the audit, payments that wait.
internal sealed partial class ApiVerbs
{
    private void Access()
    {
        Login();
        Simple("whoami", "Who the command line is for the switch", "/v1/me", static t => t.Terminal.Say($"{t.Answer["name"]}, {t.Answer["role"]}{(t.Answer["account"] is { } account ? $" of account {account}" : "")}"));
        Users();
        Keys();
        Sessions();
        Audit();
        Pending();
        MadePassword();
    }

    private void Login()
    {
        var user = new Argument<string>("USER");
        Option<string?> code = Text("--code", "DIGITS", "Of the authenticator program, where one is set up");
        Add(new Command("login", "Log in; the password is asked for, or read from the input") { user, code }, async call =>
        {
            var asked = new JsonObject { ["user"] = call.Typed.GetRequiredValue(user), ["password"] = await PasswordAsync(call, "password: ") };
            if (call.Typed.GetValue(code) is { } digits) asked["code"] = digits;
            JsonNode answer = await SendAsync(call, "/v1/login", asked);
            ApiClient.Keep(call.DataFolder, (string)answer["token"]!);
            answer["token"] = null; // it stands in its file, and in no terminal's history
            call.Terminal.Show(answer, a => call.Terminal.Say($"logged in as {a["name"]}, {a["role"]}, until {a["expires"]}"));
            return CommandLine.Done;
        });
        Add(new Command("logout", "End the session of the command line"), async call =>
        {
            JsonNode answer;
            try
            {
                answer = await call.SendAsync(Post, "/v1/logout");
            }
            finally
            {
                ApiClient.Forget(call.DataFolder); // one that is over, too, or it stood in the way of the admin's token for ever
            }
            call.Terminal.Show(answer, a => call.Terminal.Say($"{a["user"]} is logged out"));
            return CommandLine.Done;
        });
        Option<bool> show = new("--totp") { Description = "Set up an authenticator program instead" };
        Option<string?> confirm = Text("--confirm", "DIGITS", "Confirm it by a code"), remove = Text("--remove", "DIGITS", "Do without, by a last code");
        Add(new Command("passwd", "Change one's own password, or set up codes of the time") { show, confirm, remove }, async call =>
        {
            if (call.Typed.GetValue(show))
            {
                call.Terminal.Show(await call.SendAsync(Post, "/v1/me/totp"), a => call.Terminal.Say($"secret {a["secret"]}\n{a["uri"]}\nput it into the authenticator program, then: tandem passwd --confirm CODE"));
                return CommandLine.Done;
            }
            (string path, JsonObject body) = (call.Typed.GetValue(confirm), call.Typed.GetValue(remove)) switch
            {
                ({ } digits, _) => ("/v1/me/totp/confirm", new JsonObject { ["code"] = digits }),
                (_, { } digits) => ("/v1/me/totp/removal", new JsonObject { ["code"] = digits }),
                _ => ("/v1/me/password", new JsonObject { ["password"] = await PasswordAsync(call, "password in use: "), ["next"] = await PasswordAsync(call, "new password: ") }),
            };
            call.Terminal.Show(await SendAsync(call, path, body), _ => call.Terminal.Say("done"));
            return CommandLine.Done;
        });
    }

    private void Users()
    {
        static void Show(Terminal t, JsonNode a) => t.Table(a["users"], "there is no user but the admin's token", ("user", "name"), ("role", "role"), ("account", "account"), ("device", "device"), ("codes", "totp"), ("disabled", "disabled"), ("sessions", "sessions"), ("since", "created"), ("by", "by"));
        static void Said(Terminal t, JsonNode a) => t.Say($"user {a["name"]}: {a["role"]}{(a["account"] is { } account ? $" of account {account}" : "")}{(a["device"] is { } device ? $" of {device}" : "")}{(a["password"] is { } made ? $"; password {made} (shown now and never again)" : "")}");
        var users = new Command("users", "Who may log in");
        Under(users, new Command("list", "Users"), async call =>
        {
            call.Terminal.Show(await call.GetAsync("/v1/users"), a => Show(call.Terminal, a));
            return CommandLine.Done;
        });
        var added = new Argument<string>("USER");
        var addedRole = new Option<string>("--role") { HelpName = "ROLE", Description = "administrator, finance, routing, support, readOnly, agent or customer", Required = true };
        Option<string?> addedAccount = Text("--account", "NUMBER", "Of an agent or customer"), addedDevice = Text("--device", "DEVICE", "Of a customer who is one device: phone:NUMBER or gateway:NAME");
        Option<bool> own = new("--password") { Description = "Read its password from the input, instead of having one made" };
        Under(users, new Command("add", "Add a user; a password is made and shown once") { added, addedRole, addedAccount, addedDevice, own }, async call =>
        {
            var asked = new JsonObject { ["name"] = call.Typed.GetRequiredValue(added), ["role"] = call.Typed.GetRequiredValue(addedRole) };
            if (call.Typed.GetValue(addedAccount) is { } account) asked["account"] = account;
            if (call.Typed.GetValue(addedDevice) is { } device) asked["device"] = device;
            if (call.Typed.GetValue(own)) asked["password"] = await PasswordAsync(call, "password: ");
            call.Terminal.Show(await SendAsync(call, "/v1/users", asked), a => Said(call.Terminal, a));
            return CommandLine.Done;
        });
        var changed = new Argument<string>("USER");
        Option<string?> role = Text("--role", "ROLE", "Another role"), accountNow = Text("--account", "NUMBER", "Another account");
        Option<bool> password = new("--password") { Description = "Read a new password from the input" };
        Option<bool> disable = new("--disable") { Description = "He cannot log in any more" }, enable = new("--enable") { Description = "He can again" }, noCodes = new("--no-totp") { Description = "His authenticator is lost" };
        Under(users, new Command("set", "Change a user; his sessions end") { changed, role, accountNow, password, disable, enable, noCodes }, async call =>
        {
            var asked = new JsonObject();
            if (call.Typed.GetValue(role) is { } word) asked["role"] = word;
            if (call.Typed.GetValue(accountNow) is { } account) asked["account"] = account;
            if (call.Typed.GetValue(password)) asked["password"] = await PasswordAsync(call, "password: ");
            if (call.Typed.GetValue(disable)) asked["disabled"] = true;
            if (call.Typed.GetValue(enable)) asked["disabled"] = false;
            if (call.Typed.GetValue(noCodes)) asked["totp"] = false;
            call.Terminal.Show(await SendAsync(call, $"/v1/users/{Uri.EscapeDataString(call.Typed.GetRequiredValue(changed))}", asked, HttpMethod.Put), a => Said(call.Terminal, a));
            return CommandLine.Done;
        });
        Removal(users, "USER", "Remove a user, his sessions and the keys he made", "/v1/users/", "name");
        _tree.Add(users);
    }

    private void Keys()
    {
        var keys = new Command("keys", "API keys of programs");
        Under(keys, new Command("list", "Keys, never what they are"), async call =>
        {
            call.Terminal.Show(await call.GetAsync("/v1/keys"), a => call.Terminal.Table(a["keys"], "there is no key", ("id", "id"), ("name", "name"), ("role", "role"), ("account", "account"), ("since", "created"), ("until", "expires"), ("by", "by")));
            return CommandLine.Done;
        });
        var name = new Argument<string>("NAME");
        var role = new Option<string>("--role") { HelpName = "ROLE", Description = "What it may, as a user of that role", Required = true };
        Option<string?> account = Text("--account", "NUMBER", "Of an agent or customer"), keyDevice = Text("--device", "DEVICE", "Of a customer who is one device: phone:NUMBER or gateway:NAME"), expires = Text("--expires", "TIME", "When it ends by itself [default: never]");
        Under(keys, new Command("add", "Make a key; it is shown once") { name, role, account, keyDevice, expires }, async call =>
        {
            var asked = new JsonObject { ["name"] = call.Typed.GetRequiredValue(name), ["role"] = call.Typed.GetRequiredValue(role) };
            if (call.Typed.GetValue(account) is { } number) asked["account"] = number;
            if (call.Typed.GetValue(keyDevice) is { } device) asked["device"] = device;
            if (call.Typed.GetValue(expires) is { } until) asked["expires"] = until;
            call.Terminal.Show(await SendAsync(call, "/v1/keys", asked), a => call.Terminal.Say($"key {a["name"]} ({a["role"]}): {a["key"]} (shown now and never again)"));
            return CommandLine.Done;
        });
        Removal(keys, "KEY", "Revoke a key, by name or id", "/v1/keys/", "name");
        _tree.Add(keys);
    }

    private void Sessions()
    {
        var sessions = new Command("sessions", "Who is logged in");
        Under(sessions, new Command("list", "Sessions: one's own, of an administrator everybody's"), async call =>
        {
            call.Terminal.Show(await call.GetAsync("/v1/sessions"), a => call.Terminal.Table(a["sessions"], "nobody is logged in", ("id", "id"), ("user", "user"), ("since", "created"), ("until", "expires"), ("from", "from"), ("this one", "own")));
            return CommandLine.Done;
        });
        Removal(sessions, "ID", "End a session", "/v1/sessions/", "id");
        _tree.Add(sessions);
    }

    private void Audit()
    {
        Option<string?> by = Text("--by", "USER", "Only of this user or key"), what = Text("--what", "TEXT", "How what was changed begins: settings, accounts[1001], users"), since = Text("--since", "TIME", "At or after"), until = Text("--until", "TIME", "Before"), limit = Text("--limit", "N", "At most so many [default: 100]");
        Add(new Command("audit", "Who changed what when, from what to what, newest first") { by, what, since, until, limit }, async call =>
        {
            string query = string.Join('&', new (string Name, string? Value)[] { ("by", call.Typed.GetValue(by)), ("what", call.Typed.GetValue(what)), ("since", call.Typed.GetValue(since)), ("until", call.Typed.GetValue(until)), ("limit", call.Typed.GetValue(limit)) }
                .Where(static q => q.Value is not null).Select(static q => $"{q.Name}={Uri.EscapeDataString(q.Value!)}"));
            call.Terminal.Show(await call.GetAsync(query.Length == 0 ? "/v1/audit" : $"/v1/audit?{query}"), a => ShowChanges(call.Terminal, (JsonArray)a["changes"]!));
            return CommandLine.Done;
        });
        var revision = new Argument<string>("REVISION") { Description = "As tandem audit shows it" };
        Add(new Command("undo", "Take the changes of one revision back, by a new one") { revision }, async call =>
        {
            call.Terminal.Show(await call.SendAsync(Post, $"/v1/audit/{Uri.EscapeDataString(call.Typed.GetRequiredValue(revision))}/undo"), a => call.Terminal.Say($"revision {call.Typed.GetRequiredValue(revision)} is taken back by revision {a["revision"]}"));
            return CommandLine.Done;
        });
    }

    // A line each: what was changed may be long.
    private static void ShowChanges(Terminal terminal, JsonArray changes)
    {
        if (changes.Count == 0) terminal.Say("nothing was changed");
        foreach (JsonNode? change in changes)
        {
            string text = (change!["from"], change["to"]) switch
            {
                (null, { } to) => $"added: {to}",
                ({ } from, null) => $"removed: {from}",
                ({ } from, { } to) => $"from '{from}' to '{to}'",
                _ => "changed",
            };
            terminal.Say($"{change["at"]} {change["by"]}{(change["revision"] is { } revision ? $" revision {revision}" : "")}: {change["what"]} {text}");
        }
    }

    private void Pending()
    {
        var pending = new Command("pending", "Payments that wait for a second person");
        Under(pending, new Command("list", "Those that wait"), async call =>
        {
            call.Terminal.Show(await call.GetAsync("/v1/pending-payments"), a => call.Terminal.Table(a["payments"], "no payment waits", ("id", "id"), ("account", "account"), ("amount", "amount"), ("at", "at"), ("by", "by"), ("memo", "memo")));
            return CommandLine.Done;
        });
        foreach ((string verb, string says) in new[] { ("confirm", "Book it; not one's own"), ("refuse", "Do not; or withdraw one's own") })
        {
            var id = new Argument<string>("ID");
            Under(pending, new Command(verb, says) { id }, async call =>
            {
                call.Terminal.Show(await call.SendAsync(Post, $"/v1/pending-payments/{Uri.EscapeDataString(call.Typed.GetRequiredValue(id))}/{verb}"), a => call.Terminal.Say($"payment {a["id"]} of {a["amount"]} to account {a["account"]} is {(verb == "confirm" ? "booked" : "refused")}"));
                return CommandLine.Done;
            });
        }
        _tree.Add(pending);
    }

    private void MadePassword() => Add(new Command("password", "A password for a phone or gateway, made by chance and kept nowhere"), async call =>
    {
        call.Terminal.Show(await call.SendAsync(Post, "/v1/passwords"), a => call.Terminal.Say((string)a["password"]!));
        return CommandLine.Done;
    });

    private void Removal(Command parent, string of, string says, string path, string shown)
    {
        var who = new Argument<string>(of);
        Under(parent, new Command("remove", says) { who }, async call =>
        {
            call.Terminal.Show(await call.SendAsync(HttpMethod.Delete, path + Uri.EscapeDataString(call.Typed.GetRequiredValue(who))), a => call.Terminal.Say($"{a[shown]} is gone"));
            return CommandLine.Done;
        });
    }

    private void Under(Command parent, Command command, Func<ApiCall, Task<int>> act)
    {
        parent.Add(command);
        _all.Add(new ApiVerb(command, act));
        if (command.Name == "list") _all.Add(new ApiVerb(parent, act)); // 'tandem users' alone
    }

    private static async Task<JsonNode> SendAsync(ApiCall call, string path, JsonObject asked, HttpMethod? method = null)
    {
        using var body = new StringContent(asked.ToJsonString(), Encoding.UTF8, "application/json");
        return await call.SendAsync(method ?? Post, path, body);
    }

    /// <summary>Without showing it where it is typed; a line of the input where that is no terminal.</summary>
    private static async Task<string> PasswordAsync(ApiCall call, string prompt)
    {
        if (Console.IsInputRedirected) return await Console.In.ReadLineAsync(call.Stop) ?? "";
        await Console.Error.WriteAsync(prompt);
        var typed = new StringBuilder();
        for (ConsoleKeyInfo key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }
        await Console.Error.WriteLineAsync();
        return typed.ToString();
    }
}
