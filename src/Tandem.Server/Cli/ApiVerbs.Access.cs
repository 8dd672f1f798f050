using System.CommandLine;
using System.Text;
using Tandem.Client;

namespace Tandem.Server.Cli;

// Users, keys, sessions, logins, the audit, payments that wait.
internal sealed partial class ApiVerbs
{
    private void Access()
    {
        Login();
        Simple(new Command("whoami", "Who the command line is for the switch"), static call => call.Api.GetMeAsync(stop: call.Stop), static (t, a) => t.Say($"{a.Name}, {a.Role}{(a.Account is { } account ? $" of account {account}" : "")}"));
        Users();
        Keys();
        Sessions();
        Audit();
        Pending();
        Simple(new Command("password", "A password for a phone or gateway, made by chance and kept nowhere"), static call => call.Api.PostPasswordsAsync(stop: call.Stop), static (t, a) => t.Say(a.Password));
    }

    private void Login()
    {
        var user = new Argument<string>("USER");
        Option<string?> code = Text("--code", "DIGITS", "Of the authenticator program, where one is set up");
        Add(new Command("login", "Log in; the password is asked for, or read from the input") { user, code }, async call =>
        {
            LoginView answer = await call.Api.PostLoginAsync(new LoginRequest { User = call.Of(user), Password = await PasswordAsync(call, "password: "), Code = call.Of(code) }, stop: call.Stop);
            ApiSession.Keep(call.DataFolder, answer.Token);
            answer = answer with { Token = null! }; // it stands in its file, and in no terminal's history
            call.Terminal.Show(answer, a => call.Terminal.Say($"logged in as {a.Name}, {a.Role}, until {Terminal.Words(a.Expires)}"));
            return CommandLine.Done;
        });
        Add(new Command("logout", "End the session of the command line"), async call =>
        {
            SessionView answer;
            try
            {
                answer = await call.Api.PostLogoutAsync(stop: call.Stop);
            }
            finally
            {
                ApiSession.Forget(call.DataFolder); // one that is over, too, or it stood in the way of the admin's token for ever
            }
            call.Terminal.Show(answer, a => call.Terminal.Say($"{a.User} is logged out"));
            return CommandLine.Done;
        });
        Option<bool> show = new("--totp") { Description = "Set up an authenticator program instead" };
        Option<string?> confirm = Text("--confirm", "DIGITS", "Confirm it by a code"), remove = Text("--remove", "DIGITS", "Do without, by a last code");
        Add(new Command("passwd", "Change one's own password, or set up codes of the time") { show, confirm, remove }, async call =>
        {
            if (call.Of(show))
            {
                call.Terminal.Show(await call.Api.PostMeTotpAsync(stop: call.Stop), a => call.Terminal.Say($"secret {a.Secret}\n{a.Uri}\nput it into the authenticator program, then: tandem passwd --confirm CODE"));
                return CommandLine.Done;
            }
            MeView done = (call.Of(confirm), call.Of(remove)) switch
            {
                ({ } digits, _) => await call.Api.PostMeTotpConfirmAsync(new CodeRequest { Code = digits }, stop: call.Stop),
                (_, { } digits) => await call.Api.PostMeTotpRemovalAsync(new CodeRequest { Code = digits }, stop: call.Stop),
                _ => await call.Api.PostMePasswordAsync(new PasswordRequest { Password = await PasswordAsync(call, "password in use: "), Next = await PasswordAsync(call, "new password: ") }, stop: call.Stop),
            };
            call.Terminal.Show(done, _ => call.Terminal.Say("done"));
            return CommandLine.Done;
        });
    }

    private void Users()
    {
        static string Said(UserView a) => $"user {a.Name}: {a.Role}{(a.Account is { } account ? $" of account {account}" : "")}{(a.Device is { } device ? $" of {device}" : "")}{(a.Password is { } made ? $"; password {made} (shown now and never again)" : "")}";
        var users = new Command("users", "Who may log in");
        Under(users, Paging.Verb(new Command("list", "Users"), static (call, limit, cursor) => call.Api.GetUsersAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Users, "there is no user but the admin's token",
            ("user", static r => r.Name), ("role", static r => r.Role), ("account", static r => r.Account), ("device", static r => r.Device), ("codes", static r => r.Totp), ("disabled", static r => r.Disabled), ("sessions", static r => r.Sessions),
            ("since", static r => r.Created), ("by", static r => r.By))));
        var added = new Argument<string>("USER");
        var addedRole = new Option<string>("--role") { HelpName = "ROLE", Description = "administrator, finance, routing, support, readOnly, agent or customer", Required = true };
        Option<string?> addedAccount = Text("--account", "NUMBER", "Of an agent or customer"), addedDevice = Text("--device", "DEVICE", "Of a customer who is one device: phone:NUMBER or gateway:NAME");
        Option<bool> own = new("--password") { Description = "Read its password from the input, instead of having one made" };
        Under(users, Asking(new Command("add", "Add a user; a password is made and shown once") { added, addedRole, addedAccount, addedDevice, own }, async call =>
        {
            string? password = call.Of(own) ? await PasswordAsync(call, "password: ") : null;
            return await call.Api.PostUsersAsync(new UserRequest { Name = call.Of(added), Role = call.Typed.GetRequiredValue(addedRole), Account = call.Of(addedAccount), Device = call.Of(addedDevice), Password = password }, stop: call.Stop);
        }, static (t, a) => t.Say(Said(a))));
        var changed = new Argument<string>("USER");
        Option<string?> role = Text("--role", "ROLE", "Another role"), accountNow = Text("--account", "NUMBER", "Another account");
        Option<bool> password = new("--password") { Description = "Read a new password from the input" };
        Option<bool> disable = new("--disable") { Description = "He cannot log in any more" }, enable = new("--enable") { Description = "He can again" }, noCodes = new("--no-totp") { Description = "His authenticator is lost" };
        Under(users, Asking(new Command("set", "Change a user; his sessions end") { changed, role, accountNow, password, disable, enable, noCodes }, async call =>
        {
            var asked = new UserChangeRequest
            {
                Role = call.Of(role), Account = call.Of(accountNow), Password = call.Of(password) ? await PasswordAsync(call, "password: ") : null,
                Disabled = call.Of(enable) ? false : call.Of(disable) ? true : null, Totp = call.Of(noCodes) ? false : null,
            };
            return await call.Api.PutUsersByNameAsync(call.Of(changed), asked, ifMatch: "*", stop: call.Stop);
        }, static (t, a) => t.Say(Said(a))));
        Removal(users, "USER", "Remove a user, his sessions and the keys he made", static (call, who) => call.Api.DeleteUsersByNameAsync(who, stop: call.Stop), static a => a.Name);
        _tree.Add(users);
    }

    private void Keys()
    {
        var keys = new Command("keys", "API keys of programs");
        Under(keys, Paging.Verb(new Command("list", "Keys, never what they are"), static (call, limit, cursor) => call.Api.GetKeysAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Keys, "there is no key",
            ("id", static r => r.Id), ("name", static r => r.Name), ("role", static r => r.Role), ("account", static r => r.Account), ("since", static r => r.Created), ("until", static r => r.Expires), ("by", static r => r.By))));
        var name = new Argument<string>("NAME");
        var role = new Option<string>("--role") { HelpName = "ROLE", Description = "What it may, as a user of that role", Required = true };
        Option<string?> account = Text("--account", "NUMBER", "Of an agent or customer"), device = Text("--device", "DEVICE", "Of a customer who is one device: phone:NUMBER or gateway:NAME"), expires = Text("--expires", "TIME", "When it ends by itself [default: never]");
        Under(keys, Asking(new Command("add", "Make a key; it is shown once") { name, role, account, device, expires },
            call => call.Api.PostKeysAsync(new KeyRequest { Name = call.Of(name), Role = call.Typed.GetRequiredValue(role), Account = call.Of(account), Device = call.Of(device), Expires = call.Of(expires) }, stop: call.Stop),
            static (t, a) => t.Say($"key {a.Name} ({a.Role}): {a.Key} (shown now and never again)")));
        Removal(keys, "KEY", "Revoke a key, by name or id", static (call, which) => call.Api.DeleteKeysByIdAsync(which, stop: call.Stop), static a => a.Name);
        _tree.Add(keys);
    }

    private void Sessions()
    {
        var sessions = new Command("sessions", "Who is logged in");
        Under(sessions, Paging.Verb(new Command("list", "Sessions: one's own, of an administrator everybody's"), static (call, limit, cursor) => call.Api.GetSessionsAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) =>
            t.Table(a.Sessions, "nobody is logged in", ("id", static r => r.Id), ("user", static r => r.User), ("since", static r => r.Created), ("until", static r => r.Expires), ("from", static r => r.From), ("this one", static r => r.Own))));
        Removal(sessions, "ID", "End a session", static (call, id) => call.Api.DeleteSessionsByIdAsync(id, stop: call.Stop), static a => a.Id);
        _tree.Add(sessions);
    }

    private void Audit()
    {
        Option<string?> by = Text("--by", "USER", "Only of this user or key"), what = Text("--what", "TEXT", "How what was changed begins: settings, accounts[1001], users"), since = Text("--since", "TIME", "At or after"), until = Text("--until", "TIME", "Before");
        Add(Paging.Verb(new Command("audit", "Who changed what when, from what to what, newest first") { by, what, since, until },
            (call, limit, cursor) => call.Api.GetAuditAsync(call.Of(by), call.Of(what), call.Time(since, "since"), call.Time(until, "until"), limit, cursor, stop: call.Stop), static (t, a) => ShowChanges(t, a.Changes)));
        var revision = new Argument<string>("REVISION") { Description = "As tandem audit shows it" };
        Add(new Command("undo", "Take the changes of one revision back, by a new one") { revision }, async call =>
        {
            call.Terminal.Show(await call.Api.PostAuditByRevisionUndoAsync(call.Of(revision), stop: call.Stop), a => call.Terminal.Say($"revision {call.Of(revision)} is taken back by revision {a.Revision}"));
            return CommandLine.Done;
        });
    }

    // A line each: what was changed may be long.
    private static void ShowChanges(Terminal terminal, IReadOnlyList<ChangeEntryView> changes)
    {
        if (changes.Count == 0) terminal.Say("nothing was changed");
        foreach (ChangeEntryView change in changes)
        {
            string text = (change.From, change.To) switch
            {
                (null, { } to) => $"added: {to}",
                ({ } from, null) => $"removed: {from}",
                ({ } from, { } to) => $"from '{from}' to '{to}'",
                _ => "changed",
            };
            terminal.Say($"{Terminal.Words(change.At)} {change.By}{(change.Revision is { } revision ? $" revision {revision}" : "")}: {change.What} {text}");
        }
    }

    private void Pending()
    {
        var pending = new Command("pending", "Payments that wait for a second person");
        Under(pending, Paging.Verb(new Command("list", "Those that wait"), static (call, limit, cursor) => call.Api.GetPendingPaymentsAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Payments, "no payment waits",
            ("id", static r => r.Id), ("account", static r => r.Account), ("amount", static r => r.Amount), ("at", static r => r.At), ("by", static r => r.By), ("memo", static r => r.Memo))));
        Argument<string> good = new("ID"), bad = new("ID");
        Under(pending, Asking(new Command("confirm", "Book it; not one's own") { good }, call => call.Api.PostPendingPaymentsByIdConfirmAsync(call.Of(good), stop: call.Stop), static (t, a) => t.Say(a.Job is { } job ? $"job {job.Id} has begun" : a.Amount is null ? $"{a.Id} is done" : $"payment {a.Id} of {a.Amount} to account {a.Account} is booked")));
        Under(pending, Asking(new Command("refuse", "Do not; or withdraw one's own") { bad }, call => call.Api.PostPendingPaymentsByIdRefuseAsync(call.Of(bad), stop: call.Stop), static (t, a) => t.Say($"payment {a.Id} of {a.Amount} to account {a.Account} is refused")));
        _tree.Add(pending);
    }

    private void Removal<T>(Command parent, string of, string says, Func<ApiCall, string, Task<T>> removeAsync, Func<T, string> name)
        where T : notnull
    {
        var who = new Argument<string>(of);
        Under(parent, Asking(new Command("remove", says) { who }, call => removeAsync(call, call.Of(who)), (t, a) => t.Say($"{name(a)} is gone")));
    }

    private void Under(Command parent, ApiVerb verb)
    {
        parent.Add(verb.Command);
        _all.Add(verb);
        if (verb.Command.Name != "list") return;
        foreach (Option option in verb.Command.Options) parent.Add(option);
        _all.Add(new ApiVerb(parent, verb.DoAsync)); // 'tandem users' alone
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
