using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;

namespace Tandem.Server.Access;

/// <summary>Logins, users, keys, sessions over HTTP (docs/users.md).</summary>
internal sealed partial class AccessEndpoints(ApiParts parts, AccessBook book, LoginGuard guard)
{
    private const int MostWaiting = 16;
    private static readonly string[] LoginFields = ["user", "password", "code"];
    private static readonly string[] UserFields = ["name", "role", "account", "device", "password", "disabled", "totp"];
    private static readonly string[] KeyFields = ["name", "role", "account", "device", "expires"];
    private static readonly string[] PasswordFields = ["password", "next"];
    private static readonly string[] CodeFields = ["code"];

    private readonly SemaphoreSlim _hashing = new(1);
    private int _waiting;

    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(Endpoints.RefuseUnknownQuery).WithTags("access");
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        v1.MapPost("/login", (Delegate)LoginAsync).Accepts<object>("application/json").Produces<LoginView>().ProducesProblem(429).WithSummary("Begin a session by user and password; needs no token");
        v1.MapPost("/logout", Logout).Produces<SessionView>().ProducesProblem(409).WithSummary("End this session");
        v1.MapGet("/me", Me).Produces<MeView>().WithSummary("Who asks");
        v1.MapPost("/me/password", (Delegate)PasswordAsync).Accepts<object>("application/json").Produces<MeView>().ProducesProblem(409).WithSummary("Change one's password; other sessions end");
        v1.MapPost("/me/totp", OfferTotp).Produces<TotpView>().ProducesProblem(409).WithSummary("A secret for an authenticator program; asked for after it was confirmed");
        v1.MapPost("/me/totp/confirm", (Delegate)ConfirmTotpAsync).Accepts<object>("application/json").Produces<MeView>().ProducesProblem(409).WithSummary("Confirm it by a code");
        v1.MapPost("/me/totp/removal", (Delegate)RemoveTotpAsync).Accepts<object>("application/json").Produces<MeView>().ProducesProblem(409).WithSummary("Do without, by a last code");
        v1.MapGet("/sessions", Sessions).Produces<SessionsView>().WithSummary("Sessions: one's own, of an administrator everybody's");
        v1.MapDelete("/sessions/{id}", EndSession).Produces<SessionView>().ProducesProblem(404).WithSummary("End a session");
        v1.MapGet("/users", Users).Produces<UsersView>().WithSummary("Users");
        v1.MapPost("/users", (Delegate)AddUserAsync).Accepts<object>("application/json").Produces<UserView>(201).ProducesProblem(409).WithSummary("Add a user; without a password one is made and shown once");
        v1.MapPut("/users/{name}", ChangeUserAsync).Accepts<object>("application/json").Produces<UserView>().ProducesProblem(404).WithSummary("Change a user; what is left out stays").WithDescription("Another role, account or password, and 'disabled', end his sessions. 'totp' can only be set to false, when his authenticator is lost.");
        v1.MapDelete("/users/{name}", RemoveUser).Produces<UserView>().ProducesProblem(404).WithSummary("Remove a user, his sessions and the keys he made");
        v1.MapGet("/keys", Keys).Produces<KeysView>().WithSummary("API keys, never what they are");
        v1.MapPost("/keys", (Delegate)AddKeyAsync).Accepts<object>("application/json").Produces<KeyView>(201).ProducesProblem(409).WithSummary("Make a key; it is shown once");
        v1.MapDelete("/keys/{id}", RemoveKey).Produces<KeyView>().ProducesProblem(404).WithSummary("Revoke a key");
        v1.MapPost("/passwords", MakePassword).Produces<MadePasswordView>().WithSummary("A password for a phone or gateway, as SERVER_PASSWORD_… say");
    }

    private async Task<IResult> LoginAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object(await Endpoints.BodyAsync(http), LoginFields);
        string name = reader.Required("user", body.GetValueOrDefault("user")), password = reader.Required("password", body.GetValueOrDefault("password"));
        if (reader.Fault is { } fault) return Problems.Of(fault);
        IPAddress from = http.Connection.RemoteIpAddress ?? IPAddress.None;
        Instant now = parts.Now();
        if (guard.Blocked(from, now) is { Ticks: > 0 } left) return new Blocked(from, left); // before the password is looked at: a right one would tell the guesser so
        UserRecord? user = book.State.Users.GetValueOrDefault(name);
        (bool good, bool isOld) = await HashedAsync(() => (PasswordHash.Verify(user?.PasswordHash, password, out bool old), old), http.RequestAborted);
        if (!good || user is not { Disabled: false } || !CodeHolds(user, body.GetValueOrDefault("code") ?? "", now))
        {
            guard.Failed(from, parts.Authentication().LoginFailedDisable, now);
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return new Refused(StatusCodes.Status401Unauthorized, "user, password or code is wrong");
        }
        if (isOld)
        {
            string anew = await HashedAsync(() => PasswordHash.Make(password), http.RequestAborted);
            book.Change(state => state.Users.TryGetValue(name, out UserRecord? still) && still.PasswordHash == user.PasswordHash ? state with { Users = state.Users.SetItem(name, still with { PasswordHash = anew }) } : null);
        }
        guard.Passed(from);
        (string token, SessionRecord session) = book.Begin(name, from, now);
        return Results.Ok(new LoginView(token, new Instant(session.ExpiresMicros), name, user.Role));
    }

    // The step is used up in the same change that finds it good: of two logins by one code one is refused.
    private bool CodeHolds(UserRecord user, string code, Instant now) => user.TotpSecret is null || book.Change(state =>
        state.Users.TryGetValue(user.Name, out UserRecord? still) && still.TotpSecret is { } secret && Totp.Step(Convert.FromBase64String(secret), code, now, still.TotpLastStep) is { } step
            ? state with { Users = state.Users.SetItem(user.Name, still with { TotpLastStep = step }) }
            : null);

    private IResult Logout(HttpContext http) => Asker.Of(http) is { Session: { } session } ? End(http, session) : OnlyUsers();

    private IResult Me(HttpContext http) => Results.Ok(MeOf(Asker.Of(http)!));

    private MeView MeOf(Asker asker) => new(asker.Name, asker.Role, asker.Account, asker.IsUser && book.State.Users.GetValueOrDefault(asker.Name)?.TotpSecret is not null, asker.Session);

    private async Task<IResult> PasswordAsync(HttpContext http)
    {
        Asker asker = Asker.Of(http)!;
        if (!asker.IsUser) return OnlyUsers();
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object(await Endpoints.BodyAsync(http), PasswordFields);
        string password = reader.Required("password", body.GetValueOrDefault("password")), next = reader.Required("next", body.GetValueOrDefault("next"));
        if (next.Length > 0 && PasswordMaker.Fault(next, asker.Name, parts.Authentication()) is { } poor) reader.Wrong("next", poor);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        IPAddress from = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (guard.Blocked(from, parts.Now()) is { Ticks: > 0 } left) return new Blocked(from, left);
        string? had = book.State.Users.GetValueOrDefault(asker.Name)?.PasswordHash;
        if (!await HashedAsync(() => PasswordHash.Verify(had, password, out _), http.RequestAborted))
        {
            guard.Failed(from, parts.Authentication().LoginFailedDisable, parts.Now());
            return Problems.Of(new Fault(FaultKind.Invalid, "password: is not the one in use", [new FieldFault(0, "password", "is not the one in use")]));
        }
        string hash = await HashedAsync(() => PasswordHash.Make(next), http.RequestAborted);
        bool changed = book.Change(state => state.Users.TryGetValue(asker.Name, out UserRecord? still) && still.PasswordHash == had ? state with
        {
            Users = state.Users.SetItem(asker.Name, still with { PasswordHash = hash }),
            Sessions = state.Sessions.RemoveAll(s => s.User == asker.Name && s.Id != asker.Session),
            Changes = state.Changes.Add(Note(asker.Name, $"users[{asker.Name}].password", "(secret)", "(another secret)")),
        } : null);
        return changed ? Me(http) : Problems.Of(new Fault(FaultKind.Conflict, "the password was changed meanwhile"));
    }

    private IResult OfferTotp(HttpContext http)
    {
        Asker asker = Asker.Of(http)!;
        if (!asker.IsUser) return OnlyUsers();
        byte[] secret = RandomNumberGenerator.GetBytes(Totp.SecretBytes);
        bool offered = book.Change(state => state.Users.TryGetValue(asker.Name, out UserRecord? user) && user.TotpSecret is null ? state with { Users = state.Users.SetItem(asker.Name, user with { TotpOffered = Convert.ToBase64String(secret) }) } : null);
        string text = Totp.ToBase32(secret);
        return offered ? Results.Ok(new TotpView(text, $"otpauth://totp/Tandem:{Uri.EscapeDataString(asker.Name)}?secret={text}&issuer=Tandem")) : Problems.Of(new Fault(FaultKind.Conflict, "a code is asked for already: remove that first"));
    }

    private async Task<IResult> ConfirmTotpAsync(HttpContext http) => await TotpAsync(http, static u => u.TotpSecret is null ? u.TotpOffered : null, static (u, step) => u with { TotpSecret = u.TotpOffered, TotpOffered = null, TotpLastStep = step }, "on");

    private async Task<IResult> RemoveTotpAsync(HttpContext http) => await TotpAsync(http, static u => u.TotpSecret, static (u, _) => u with { TotpSecret = null, TotpLastStep = 0 }, "off");

    private async Task<IResult> TotpAsync(HttpContext http, Func<UserRecord, string?> of, Func<UserRecord, long, UserRecord> next, string to)
    {
        Asker asker = Asker.Of(http)!;
        if (!asker.IsUser) return OnlyUsers();
        var reader = new RequestReader();
        string code = reader.Required("code", reader.Object(await Endpoints.BodyAsync(http), CodeFields).GetValueOrDefault("code"));
        if (reader.Fault is { } fault) return Problems.Of(fault);
        IPAddress from = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (guard.Blocked(from, parts.Now()) is { Ticks: > 0 } left) return new Blocked(from, left);
        bool has = false;
        bool done = book.Change(state =>
        {
            if (!state.Users.TryGetValue(asker.Name, out UserRecord? user) || of(user) is not { } secret) return null;
            has = true;
            if (Totp.Step(Convert.FromBase64String(secret), code, parts.Now(), user.TotpLastStep) is not { } step) return null;
            return state with { Users = state.Users.SetItem(asker.Name, next(user, step)), Changes = state.Changes.Add(Note(asker.Name, $"users[{asker.Name}].totp", null, to)) };
        });
        if (done) return Me(http);
        if (!has) return Problems.Of(new Fault(FaultKind.Conflict, "there is no secret this code could be of"));
        guard.Failed(from, parts.Authentication().LoginFailedDisable, parts.Now());
        return Problems.Of(new Fault(FaultKind.Invalid, "code: is not the one of now", [new FieldFault(0, "code", "is not the one of now")]));
    }

    private IResult Sessions(HttpContext http)
    {
        Asker asker = Asker.Of(http)!;
        long now = parts.Now().Micros;
        return Results.Ok(new SessionsView([.. book.State.Sessions.Where(s => s.ExpiresMicros > now && Owns(asker, s)).Reverse().Select(s => View(s, asker))]));
    }

    private IResult EndSession(HttpContext http, string id) => End(http, id);

    private IResult End(HttpContext http, string id)
    {
        Asker asker = Asker.Of(http)!;
        SessionRecord? ended = null;
        book.Change(state => (ended = state.Sessions.Find(s => s.Id == id && Owns(asker, s))) is null ? null : state with
        {
            Sessions = state.Sessions.Remove(ended),
            Changes = ended.Id == asker.Session ? state.Changes : state.Changes.Add(Note(asker.Name, $"sessions[{id}]", ended.User, null)),
        });
        return ended is not null ? Results.Ok(View(ended, asker)) : Problems.Of(new Fault(FaultKind.NotFound, $"There is no session {id}."));
    }

    private static bool Owns(Asker asker, SessionRecord session) => (asker.Role.May() & Permission.Users) != 0 || (asker.IsUser && session.User == asker.Name);

    private IResult Users() => Results.Ok(new UsersView([.. book.State.Users.Values.Select(View)]));

    private async Task<IResult> AddUserAsync(HttpContext http)
    {
        Asker asker = Asker.Of(http)!;
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object(await Endpoints.BodyAsync(http), UserFields[..5]);
        string name = Name(reader, body.GetValueOrDefault("name"));
        Role role = RoleOf(reader, reader.Required("role", body.GetValueOrDefault("role")));
        (string? account, string? device) = Scope(reader, role, body.GetValueOrDefault("account"), body.GetValueOrDefault("device"));
        string? chosen = body.GetValueOrDefault("password");
        if (chosen is not null && PasswordMaker.Fault(chosen, name, parts.Authentication()) is { } poor) reader.Wrong("password", poor);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        string password = chosen ?? PasswordMaker.ForUser(parts.Authentication());
        string hash = await HashedAsync(() => PasswordHash.Make(password), http.RequestAborted);
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
        IReadOnlyDictionary<string, string> body = reader.Object(await Endpoints.BodyAsync(http), UserFields[1..], UserFields[5..]);
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
        string? hash = password is null ? null : await HashedAsync(() => PasswordHash.Make(password), http.RequestAborted);
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
        IReadOnlyDictionary<string, string> body = reader.Object(await Endpoints.BodyAsync(http), KeyFields);
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
        return gone is not null ? Results.Ok(View(gone)) : Problems.Of(new Fault(FaultKind.NotFound, $"There is no key {id}."));
    }

    private IResult MakePassword() => Results.Ok(new MadePasswordView(PasswordMaker.ForTerminal(parts.Authentication())));

    private AccessChange Note(string by, string what, string? from, string? to) => AccessBook.Note(parts.Now(), by, what, from, to);

    /// <summary>Hashing a password is a core's work for a tenth of a second, and anybody may ask for it: one at a time, and few may wait.</summary>
    private async Task<T> HashedAsync<T>(Func<T> work, CancellationToken stop)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new Hosting.UnavailableException("too many passwords are being checked: try again in a moment");
        }
        try
        {
            await _hashing.WaitAsync(stop);
            try
            {
                return await Task.Run(work, stop);
            }
            finally
            {
                _hashing.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static string Name(RequestReader reader, string? text)
    {
        string name = reader.Required("name", text);
        if (name.Length > 0 && !Names().IsMatch(name)) reader.Wrong("name", "must be 1 to 64 letters, digits, dots, dashes, underscores or @");
        if (name.Equals("admin", StringComparison.OrdinalIgnoreCase)) reader.Wrong("name", "is that of the token in the data folder");
        return name;
    }

    private static Role RoleOf(RequestReader reader, string text)
    {
        foreach (Role role in Enum.GetValues<Role>())
        {
            if (text.Equals(role.ToString(), StringComparison.OrdinalIgnoreCase)) return role;
        }
        if (text.Length > 0) reader.Wrong("role", $"'{text}' is none of {string.Join(", ", Enum.GetNames<Role>().Select(static n => char.ToLowerInvariant(n[0]) + n[1..]))}");
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

    private static SessionView View(SessionRecord session, Asker asker) => new(session.Id, session.User, new Instant(session.CreatedMicros), new Instant(session.ExpiresMicros), session.From, session.Id == asker.Session);

    private static IResult NoUser(string name) => Problems.Of(new Fault(FaultKind.NotFound, $"There is no user {name}."));

    private static IResult OnlyUsers() => Problems.Of(new Fault(FaultKind.Conflict, "this is for a user who logged in: a key and the admin's token have no password and no session"));

    [GeneratedRegex("^[A-Za-z0-9._@-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Names();

    private sealed class Blocked(IPAddress from, TimeSpan left) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => AccessGate.TellBlockedAsync(httpContext, from, left);
    }

    private sealed class Refused(int status, string says) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Problems.WriteAsync(httpContext, status, says);
    }
}
