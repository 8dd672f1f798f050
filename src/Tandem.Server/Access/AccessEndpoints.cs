using System.Net;
using System.Security.Cryptography;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.Access;

/// <summary>Logins, sessions and what a user does of himself over HTTP (docs/users.md).</summary>
internal sealed class AccessEndpoints(ApiParts parts, AccessBook book, LoginGuard guard)
{
    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(Endpoints.RefuseUnknownQuery).WithTags("access");
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        v1.MapPost("/login", (Delegate)LoginAsync).Accepts<LoginRequest>("application/json").Produces<LoginView>().ProducesProblem(429).WithSummary("Begin a session by user and password; needs no token");
        v1.MapPost("/logout", Logout).Produces<SessionView>().ProducesProblem(409).WithSummary("End this session");
        v1.MapGet("/me", Me).Produces<MeView>().WithSummary("Who asks");
        v1.MapPost("/me/password", (Delegate)PasswordAsync).Accepts<PasswordRequest>("application/json").Produces<MeView>().ProducesProblem(409).WithSummary("Change one's password; other sessions end");
        v1.MapPost("/me/totp", OfferTotp).Produces<TotpView>().ProducesProblem(409).WithSummary("A secret for an authenticator program; asked for after it was confirmed");
        v1.MapPost("/me/totp/confirm", (Delegate)ConfirmTotpAsync).Accepts<CodeRequest>("application/json").Produces<MeView>().ProducesProblem(409).WithSummary("Confirm it by a code");
        v1.MapPost("/me/totp/removal", (Delegate)RemoveTotpAsync).Accepts<CodeRequest>("application/json").Produces<MeView>().ProducesProblem(409).WithSummary("Do without, by a last code");
        v1.MapGet("/sessions", Sessions).Produces<SessionsView>().WithSummary("Sessions: one's own, of an administrator everybody's")
            .Paged(static (SessionsView v) => v.Sessions, static r => r.Id, static (v, rows, next) => v with { Sessions = rows, Next = next }, new ListFilter<SessionView>("user", static r => r.User));
        v1.MapDelete("/sessions/{id}", EndSession).Produces<SessionView>().ProducesProblem(404).WithSummary("End a session");
    }

    private async Task<IResult> LoginAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<LoginRequest>(await Endpoints.BodyAsync(http));
        string name = reader.Required("user", body.GetValueOrDefault("user")), password = reader.Required("password", body.GetValueOrDefault("password"));
        if (reader.Fault is { } fault) return Problems.Of(fault);
        IPAddress from = http.Connection.RemoteIpAddress ?? IPAddress.None;
        Instant now = parts.Now();
        if (guard.Blocked(from, now) is { Ticks: > 0 } left) return new Blocked(from, left); // before the password is looked at: a right one would tell the guesser so
        UserRecord? user = book.State.Users.GetValueOrDefault(name);
        (bool good, bool isOld) = await PasswordWork.DoAsync(() => (PasswordHash.Verify(user?.PasswordHash, password, out bool old), old), http.RequestAborted);
        if (!good || user is not { Disabled: false } || !CodeHolds(user, body.GetValueOrDefault("code") ?? "", now))
        {
            guard.Failed(from, parts.Authentication().LoginFailedDisable, now);
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return new Refused(StatusCodes.Status401Unauthorized, "user, password or code is wrong");
        }
        if (isOld)
        {
            string anew = await PasswordWork.DoAsync(() => PasswordHash.Make(password), http.RequestAborted);
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
        IReadOnlyDictionary<string, string> body = reader.Object<PasswordRequest>(await Endpoints.BodyAsync(http));
        string password = reader.Required("password", body.GetValueOrDefault("password")), next = reader.Required("next", body.GetValueOrDefault("next"));
        if (next.Length > 0 && PasswordMaker.Fault(next, asker.Name, parts.Authentication()) is { } poor) reader.Wrong("next", poor);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        IPAddress from = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (guard.Blocked(from, parts.Now()) is { Ticks: > 0 } left) return new Blocked(from, left);
        string? had = book.State.Users.GetValueOrDefault(asker.Name)?.PasswordHash;
        if (!await PasswordWork.DoAsync(() => PasswordHash.Verify(had, password, out _), http.RequestAborted))
        {
            guard.Failed(from, parts.Authentication().LoginFailedDisable, parts.Now());
            return Problems.Of(new Fault(FaultKind.Invalid, "password: is not the one in use", [new FieldFault(0, "password", "is not the one in use")]));
        }
        string hash = await PasswordWork.DoAsync(() => PasswordHash.Make(next), http.RequestAborted);
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
        string code = reader.Required("code", reader.Object<CodeRequest>(await Endpoints.BodyAsync(http)).GetValueOrDefault("code"));
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

    private AccessChange Note(string by, string what, string? from, string? to) => AccessBook.Note(parts.Now(), by, what, from, to);

    private static SessionView View(SessionRecord session, Asker asker) => new(session.Id, session.User, new Instant(session.CreatedMicros), new Instant(session.ExpiresMicros), session.From, session.Id == asker.Session);

    private static IResult OnlyUsers() => Problems.Of(new Fault(FaultKind.Conflict, "this is for a user who logged in: a key and the admin's token have no password and no session"));

    private sealed class Blocked(IPAddress from, TimeSpan left) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => AccessGate.TellBlockedAsync(httpContext, from, left);
    }

    private sealed class Refused(int status, string says) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Problems.WriteAsync(httpContext, status, says);
    }
}
