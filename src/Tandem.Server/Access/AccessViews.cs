using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.Access;

/// <param name="Name">As it stands in histories.</param>
/// <param name="Role">What he may.</param>
/// <param name="Account">Of a tenant.</param>
/// <param name="Totp">Whether a code is asked for at the login.</param>
/// <param name="Session">The session's id; null: a key, or the admin's token.</param>
public sealed record MeView(string Name, Role Role, string? Account, bool Totp, string? Session);

/// <param name="Token">Shown now and never again.</param>
/// <param name="Expires">When the session ends by itself.</param>
/// <param name="Name">Whose.</param>
/// <param name="Role">What he may.</param>
public sealed record LoginView(string Token, Instant Expires, string Name, Role Role);

public sealed record UserView(string Name, Role Role, string? Account, bool Totp, bool Disabled, int Sessions, Instant Created, string By)
{
    /// <summary>Of a customer who is one device: phone:NUMBER or gateway:NAME.</summary>
    public string? Device { get; init; }

    /// <summary>The password the switch made; shown now and never again.</summary>
    public string? Password { get; init; }
}

public sealed record UsersView(IReadOnlyList<UserView> Users, string? Next = null);

public sealed record KeyView(string Id, string Name, Role Role, string? Account, Instant Created, Instant? Expires, string By)
{
    /// <summary>Of a customer who is one device: phone:NUMBER or gateway:NAME.</summary>
    public string? Device { get; init; }

    /// <summary>The key itself; shown now and never again.</summary>
    public string? Key { get; init; }
}

public sealed record KeysView(IReadOnlyList<KeyView> Keys, string? Next = null);

/// <param name="Id">Its id.</param>
/// <param name="User">Whose.</param>
/// <param name="Created">When he logged in.</param>
/// <param name="Expires">When it ends by itself.</param>
/// <param name="From">The address he came from.</param>
/// <param name="Own">It is the one that asks.</param>
public sealed record SessionView(string Id, string User, Instant Created, Instant Expires, string From, bool Own);

public sealed record SessionsView(IReadOnlyList<SessionView> Sessions, string? Next = null);

/// <param name="Secret">Base32, for the authenticator program; shown now and never again.</param>
/// <param name="Uri">The same as otpauth: URI.</param>
public sealed record TotpView(string Secret, string Uri);

/// <param name="Password">Made by chance; it is kept nowhere.</param>
public sealed record MadePasswordView(string Password);

/// <param name="Id">The payment's own id.</param>
/// <param name="Account">Whose balance it changes.</param>
/// <param name="Amount">In the account's currency.</param>
/// <param name="Memo">Kept with it.</param>
/// <param name="At">When it was asked for.</param>
/// <param name="By">Who asked; somebody else confirms.</param>
/// <param name="Kind">Payment, Reversal, or Zero: the balance is brought to zero, whatever it is when it is confirmed.</param>
/// <param name="Reference">The payment a reversal takes back; else empty.</param>
public sealed record PendingPaymentView(string Id, string Account, string Amount, string Memo, Instant At, string By, PendingKind Kind, string Reference)
{
    internal static PendingPaymentView Of(PendingPayment p) => new(p.Id, p.Account, p.Kind == PendingKind.Rerate ? "" : new Money(p.Nanos, default).ToDecimalString(), p.Memo, new Instant(p.AtMicros), p.By, p.Kind, p.Reference);
}

/// <summary>What a second person confirmed, as it was done.</summary>
public sealed record ConfirmedView
{
    public required string Id { get; init; }
    public required PendingKind Kind { get; init; }
    public required string Account { get; init; }
    /// <summary>What was booked; null: of re-rating, and where nothing was.</summary>
    public Money? Amount { get; init; }
    /// <summary>Of payments and cards.</summary>
    public Money? BalanceAfter { get; init; }
    /// <summary>It had been booked before.</summary>
    public bool Repeated { get; init; }
    /// <summary>Of re-rating: the job that does it.</summary>
    public JobView? Job { get; init; }
}

public sealed record PendingPaymentsView(IReadOnlyList<PendingPaymentView> Payments, string? Next = null);

/// <summary>One change, of the configuration or of who may.</summary>
/// <param name="Revision">The revision it began; null: it is of users, keys, sessions or waiting payments.</param>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="What">What: "settings.NAME", "routingGateways[NAME].FIELD", "users[NAME].role".</param>
/// <param name="From">Before; null: it is new.</param>
/// <param name="To">After; null: it is gone.</param>
public sealed record ChangeEntryView(int? Revision, Instant At, string By, string What, string? From, string? To);

/// <param name="Changes">Newest first.</param>
/// <param name="Next">The cursor of the page after; null: it is the last.</param>
public sealed record AuditListView(IReadOnlyList<ChangeEntryView> Changes, string? Next = null);
