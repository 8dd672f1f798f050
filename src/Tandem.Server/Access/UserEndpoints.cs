using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.Access;

/// <summary>Users and keys over HTTP (docs/users.md).</summary>
internal sealed class UserEndpoints(ApiParts parts, AccessBook book)
{
    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(Endpoints.RefuseUnknownQuery).WithTags("access");
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        v1.MapGet("/users", Users).Produces<UsersView>().WithSummary("Users")
            .Paged(static (UsersView v) => v.Users, static r => r.Name, static (v, rows, next) => v with { Users = rows, Next = next }, new("role", static r => r.Role.ToString()), new("account", static r => r.Account));
        v1.MapGet("/users/{name}", User).Produces<UserView>().ProducesProblem(404).WithSummary("One user");
        v1.MapPost("/users", (Delegate)AddUserAsync).Accepts<UserRequest>("application/json").Produces<UserView>(201).ProducesProblem(409).WithSummary("Add a user; without a password one is made and shown once");
        v1.MapPut("/users/{name}", ChangeUserAsync).Accepts<UserChangeRequest>("application/json").Produces<UserView>().ProducesProblem(404).WithSummary("Change a user; what is left out stays").WithDescription("Another role, account or password, and 'disabled', end his sessions. 'totp' can only be set to false, when his authenticator is lost.");
        v1.MapDelete("/users/{name}", RemoveUser).Produces<UserView>().ProducesProblem(404).WithSummary("Remove a user, his sessions and the keys he made");
        v1.MapGet("/keys", Keys).Produces<KeysView>().WithSummary("API keys, never what they are")
            .Paged(static (KeysView v) => v.Keys, static r => r.Id, static (v, rows, next) => v with { Keys = rows, Next = next }, new("role", static r => r.Role.ToString()), new("account", static r => r.Account));
        v1.MapGet("/keys/{id}", Key).Produces<KeyView>().ProducesProblem(404).WithSummary("One key, by id or name");
        v1.MapPost("/keys", (Delegate)AddKeyAsync).Accepts<KeyRequest>("application/json").Produces<KeyView>(201).ProducesProblem(409).WithSummary("Make a key; it is shown once");
        v1.MapDelete("/keys/{id}", RemoveKey).Produces<KeyView>().ProducesProblem(404).WithSummary("Revoke a key");
        v1.MapPost("/passwords", MakePassword).Produces<MadePasswordView>().WithSummary("A password for a phone or gateway, as SERVER_PASSWORD_… say");
    }

    private IResult Users() => Results.Ok(new UsersView([.. book.State.Users.Values.Select(View)]));

    private IResult User(string name) => book.State.Users.TryGetValue(name, out UserRecord? user) ? Results.Ok(View(user)) : NoUser(name);

    private IResult Key(string id) => book.State.Keys.Find(k => k.Id == id || k.Name == id) is { } key ? Results.Ok(View(key)) : NoKey(id);

    private async Task<IResult> AddUserAsync(HttpContext http)
    {
        Asker asker = Asker.Of(http)!;
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<UserRequest>(await Endpoints.BodyAsync(http));
        string name = Name(reader, body.GetValueOrDefault("name"));
        Role role = RoleOf(reader, reader.Required("role", body.GetValueOrDefault("role")));
        (string? account, string? device) = Scope(reader, role, body.GetValueOrDefault("account"), body.GetValueOrDefault("device"));
        string? chosen = body.GetValueOrDefault("password");
        if (chosen is not null && PasswordMaker.Fault(chosen, name, parts.Authentication()) is { } poor) reader.Wrong("password", poor);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        string password = chosen ?? PasswordMaker.ForUser(parts.Authentication());
        string hash = await PasswordWork.DoAsync(() => PasswordHash.Make(password), http.RequestAborted);
        var user = new UserRecord { Name = name, Role = role, Account = account, Device = device, PasswordHash = hash, CreatedMicros = parts.Now().Micros, By = asker.Name };
        bool full = false;
        bool added = book.Change(state => (full = state.Users.Count >= AccessBook.MostUsers) || state.Users.ContainsKey(name) ? null : state with
        {
            Users = state.Users.Add(name, user),
            Changes = state.Changes.Add(Note(asker.Name, $"users[{name}]", null, Words(role, account ?? device))),
        });
        if (added) return Results.Json(View(user) with { Password = chosen is null ? password : null }, ApiJson.Options, statusCode: StatusCodes.Status201Created);
        return Problems.Of(new Fault(FaultKind.Conflict, full ? $"there are {AccessBook.MostUsers} users already" : $"there is a user {name} already"));
    }

    private async Task<IResult> ChangeUserAsync(HttpContext http, string name)
    {
        Asker asker = Asker.Of(http)!;
        if (!book.State.Users.TryGetValue(name, out UserRecord? had)) return NoUser(name);
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<UserChangeRequest>(await Endpoints.BodyAsync(http));
        Role role = body.TryGetValue("role", out string? word) ? RoleOf(reader, word) : had.Role;
        (string? account, string? device) = !role.IsTenant() || body.ContainsKey("account") || body.ContainsKey("device")
            ? Scope(reader, role, body.GetValueOrDefault("account"), body.GetValueOrDefault("device"))
            : Scope(reader, role, had.Account, had.Device);
        bool disabled = body.TryGetValue("disabled", out string? off) ? reader.Boolean("disabled", off) ?? false : had.Disabled;
        bool keepsTotp = !body.TryGetValue("totp", out string? totp) || (reader.Boolean("totp", totp) ?? true);
        if (totp is not null && keepsTotp) reader.Wrong("totp", "can only be set to false: its user sets it up himself");
        string? password = body.GetValueOrDefault("password");
        if (password is not null && PasswordMaker.Fault(password, name, parts.Authentication()) is { } poor) reader.Wrong("password", poor);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        string? hash = password is null ? null : await PasswordWork.DoAsync(() => PasswordHash.Make(password), http.RequestAborted);
        UserRecord? now = null;
        book.Change(state =>
        {
            if (!state.Users.TryGetValue(name, out UserRecord? was)) return null;
            now = was with { Role = role, Account = account, Device = device, Disabled = disabled, PasswordHash = hash ?? was.PasswordHash, TotpSecret = keepsTotp ? was.TotpSecret : null, TotpOffered = keepsTotp ? was.TotpOffered : null };
            List<AccessChange> changes = [];
            void Changed(string field, string? from, string? to)
            {
                if (from != to) changes.Add(Note(asker.Name, $"users[{name}].{field}", from, to));
            }
            Changed("role", Words(was.Role, null), Words(role, null));
            Changed("account", was.Account ?? was.Device, account ?? device);
            Changed("disabled", was.Disabled ? "true" : "false", disabled ? "true" : "false");
            Changed("totp", was.TotpSecret is null ? "off" : "on", now.TotpSecret is null ? "off" : "on");
            if (hash is not null) changes.Add(Note(asker.Name, $"users[{name}].password", "(secret)", "(another secret)"));
            return changes.Count == 0 ? null : state with { Users = state.Users.SetItem(name, now), Sessions = state.Sessions.RemoveAll(s => s.User == name), Changes = state.Changes.AddRange(changes) };
        });
        return now is null ? NoUser(name) : Results.Ok(View(now));
    }

    private IResult RemoveUser(HttpContext http, string name)
    {
        UserRecord? gone = null;
        book.Change(state => !state.Users.TryGetValue(name, out gone) ? null : state with
        {
            Users = state.Users.Remove(name),
            Sessions = state.Sessions.RemoveAll(s => s.User == name),
            Keys = state.Keys.RemoveAll(k => k.By == name),
            Changes = state.Changes.Add(Note(Endpoints.By(http), $"users[{name}]", Words(gone.Role, gone.Account ?? gone.Device), null)),
        });
        return gone is null ? NoUser(name) : Results.Ok(View(gone));
    }

    private IResult Keys() => Results.Ok(new KeysView([.. book.State.Keys.Select(View)]));

    private async Task<IResult> AddKeyAsync(HttpContext http)
    {
        Asker asker = Asker.Of(http)!;
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<KeyRequest>(await Endpoints.BodyAsync(http));
        string name = Name(reader, body.GetValueOrDefault("name"));
        Role role = RoleOf(reader, reader.Required("role", body.GetValueOrDefault("role")));
        (string? account, string? device) = Scope(reader, role, body.GetValueOrDefault("account"), body.GetValueOrDefault("device"));
        Instant? expires = reader.Time("expires", body.GetValueOrDefault("expires"));
        if (expires <= parts.Now()) reader.Wrong("expires", "is over already");
        if (reader.Fault is { } fault) return Problems.Of(fault);
        (string token, string id, string hash) = AccessBook.NewKey();
        var key = new KeyRecord { Id = id, Name = name, Role = role, Account = account, Device = device, Hash = hash, CreatedMicros = parts.Now().Micros, ExpiresMicros = expires?.Micros ?? 0, By = asker.Person };
        bool full = false;
        bool added = book.Change(state => (full = state.Keys.Count >= AccessBook.MostKeys) || state.Keys.Exists(k => k.Name == name) ? null : state with
        {
            Keys = state.Keys.Add(key),
            Changes = state.Changes.Add(Note(asker.Name, $"keys[{name}]", null, Words(role, account ?? device))),
        });
        if (added) return Results.Json(View(key) with { Key = token }, ApiJson.Options, statusCode: StatusCodes.Status201Created);
        return Problems.Of(new Fault(FaultKind.Conflict, full ? $"there are {AccessBook.MostKeys} keys already" : $"there is a key {name} already"));
    }

    private IResult RemoveKey(HttpContext http, string id)
    {
        KeyRecord? gone = null;
        book.Change(state => (gone = state.Keys.Find(k => k.Id == id || k.Name == id)) is null ? null : state with
        {
            Keys = state.Keys.Remove(gone),
            Changes = state.Changes.Add(Note(Endpoints.By(http), $"keys[{gone.Name}]", Words(gone.Role, gone.Account ?? gone.Device), null)),
        });
        return gone is not null ? Results.Ok(View(gone)) : NoKey(id);
    }

    private IResult MakePassword() => Results.Ok(new MadePasswordView(PasswordMaker.ForTerminal(parts.Authentication())));

    private static string Name(RequestReader reader, string? text)
    {
        string name = reader.Required("name", text);
        if (name.Length > 0 && !IsName(name)) reader.Wrong("name", "must be 1 to 64 letters, digits, dots, dashes, underscores or @");
        if (name.Equals("admin", StringComparison.OrdinalIgnoreCase)) reader.Wrong("name", "is that of the token in the data folder");
        return name;
    }

    private static bool IsName(string text) => text.Length <= 64 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@');

    private static Role RoleOf(RequestReader reader, string text)
    {
        foreach (Role role in Enum.GetValues<Role>())
        {
            if (text.Equals(role.ToString(), StringComparison.OrdinalIgnoreCase)) return role;
        }
        if (text.Length > 0) reader.Wrong("role", $"'{text}' is none of {string.Join(", ", Enum.GetNames<Role>().Select(JsonNamingPolicy.CamelCase.ConvertName))}");
        return Role.ReadOnly;
    }

    /// <summary>What a tenant is: an account, or of a customer one device of an account.</summary>
    private (string? Account, string? Device) Scope(RequestReader reader, Role role, string? account, string? device)
    {
        Switching.Configuration.SwitchConfiguration configuration = parts.Control.InForce.Configuration;
        (account, device) = (string.IsNullOrEmpty(account) ? null : account, string.IsNullOrEmpty(device) ? null : device);
        if (!role.IsTenant())
        {
            if (account is not null) reader.Wrong("account", "is for agents and customers: an operator sees all");
            if (device is not null) reader.Wrong("device", "is for customers: an operator sees all");
            return default;
        }
        if (device is not null)
        {
            if (account is not null) reader.Wrong("account", "is the device's: only one of the two can be said");
            if (role != Role.Customer) reader.Wrong("device", "is for customers");
            if (Asker.AccountOf(device, configuration) is null) reader.Wrong("device", $"'{device}' is no phone:NUMBER or gateway:NAME (a mapping gateway) with an account");
            return (null, device);
        }
        if (reader.Required("account", account).Length > 0 && !configuration.Accounts.ContainsKey(account!)) reader.Wrong("account", $"there is no account {account}");
        return (account, null);
    }

    private static string Words(Role role, string? account) => account is null ? role.ToString() : $"{role} of {account}";

    private UserView View(UserRecord user) => new(user.Name, user.Role, user.Account, user.TotpSecret is not null, user.Disabled, book.State.Sessions.Count(s => s.User == user.Name && s.ExpiresMicros > parts.Now().Micros), new Instant(user.CreatedMicros), user.By) { Device = user.Device };

    private static KeyView View(KeyRecord key) => new(key.Id, key.Name, key.Role, key.Account, new Instant(key.CreatedMicros), key.ExpiresMicros == 0 ? null : new Instant(key.ExpiresMicros), key.By) { Device = key.Device };

    private AccessChange Note(string by, string what, string? from, string? to) => AccessBook.Note(parts.Now(), by, what, from, to);

    private static IResult NoKey(string id) => Problems.Of(new Fault(FaultKind.NotFound, $"There is no key {id}."));

    private static IResult NoUser(string name) => Problems.Of(new Fault(FaultKind.NotFound, $"There is no user {name}."));
}
